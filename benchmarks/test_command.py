"""What a person waits for: the command from start to exit, imports included."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

EXAMPLE = Path(__file__).parent.parent / "examples" / "marketplace-q3.xlsx"


@pytest.mark.parametrize("arguments", [("--version",), ("check",), ("run",)], ids=lambda arguments: arguments[0])
def test_command(benchmark: BenchmarkFixture, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """`sheetplan` on a copy of the example workbook."""
    workbook = Path(shutil.copy(EXAMPLE, tmp_path))
    command = [Path(sys.executable).with_name("sheetplan"), *arguments]
    if arguments != ("--version",):
        command.append(workbook)
    benchmark.pedantic(
        subprocess.run, args=(command,), kwargs={"check": True, "capture_output": True}, rounds=3, iterations=1
    )
