"""The command line answers at once where nothing is read, and checking a workbook loads no solver."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CALL = "import sys; from sheets_sync.cli import main; main(sys.argv[1:])"


@pytest.mark.parametrize(
    ("arguments", "unneeded"),
    [
        (["--version"], {"pulp", "highspy", "pandas", "numpy", "openpyxl", "pydantic", "gspread"}),
        (["--help"], {"pulp", "highspy", "pandas", "numpy", "openpyxl", "pydantic", "gspread"}),
        (["run", "--help"], {"pulp", "highspy", "pandas", "numpy", "openpyxl", "pydantic", "gspread"}),
        (["check", "examples/marketplace-q3.xlsx"], {"pulp", "highspy", "gspread", "requests"}),
        (["run", "--dry-run", "examples/marketplace-q3.xlsx"], {"gspread", "requests"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_command_loads_only_what_it_needs(arguments: list[str], unneeded: set[str]) -> None:
    command = [sys.executable, "-X", "importtime", "-c", CALL, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "sheets_sync" in loaded
    assert not unneeded & loaded
