"""Typed frames for notebooks: names and types are promises, and so is the code in the documentation."""

import re
from pathlib import Path

import pandas as pd
import pytest

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.run.read_frames import read_frames
from sheets_sync.workbook.backend import WorkbookUnreachableError
from tests.sheets_sync.sheets import snapshot

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "marketplace-q3.xlsx"


def test_a_path_a_workbook_and_a_snapshot_give_the_same_frames() -> None:
    workbook = ExcelWorkbook(EXAMPLE)
    read = [read_frames(given) for given in (str(EXAMPLE), EXAMPLE, workbook, workbook.read(lambda _: True))]
    for other in read[1:]:
        pd.testing.assert_frame_equal(read[0].contributions, other.contributions)
        pd.testing.assert_frame_equal(read[0].targets, other.targets)


def test_a_workbook_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(WorkbookUnreachableError, match="nowhere"):
        read_frames(tmp_path / "nowhere.xlsx")


def test_a_workbook_without_tabs_has_empty_frames_and_issues() -> None:
    frames = read_frames(snapshot({}))
    assert frames.initiatives.empty
    assert frames.initiatives["engineering_tokens"].dtype == "float64"
    assert {issue.code for issue in frames.issues} >= {"missing_tab"}


def test_the_code_of_the_documentation_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "notebooks.md").read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, object] = {}
    for block in blocks:
        exec(block, names)
    frames, per_token, share = names["frames"], names["per_token"], names["share"]
    assert isinstance(per_token, pd.Series)
    assert isinstance(share, pd.DataFrame)
    assert set(per_token.index) == set(frames.initiatives["department"].dropna())
    assert per_token.notna().all()
    assert share.shape == frames.capacities.shape
    assert (share["engineering_tokens"] > 1).all()
