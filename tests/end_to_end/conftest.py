"""Fixtures of the end-to-end tests."""

from pathlib import Path

import pytest

from tests.end_to_end.cli import Sheetplan
from tests.workbooks import WORKED_EXAMPLE, write_workbook


@pytest.fixture
def sheetplan(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sheetplan:
    """The command line, called from an empty working directory."""
    monkeypatch.chdir(tmp_path)
    return Sheetplan(capsys)


@pytest.fixture
def worked_example(tmp_path: Path) -> Path:
    """The specification's worked example as a file."""
    return write_workbook(tmp_path / "plan.xlsx", WORKED_EXAMPLE)
