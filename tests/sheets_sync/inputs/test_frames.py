"""Frames: columns by canonical name, rows by their number in the sheet, and what was left over."""

from config.tabs import INITIATIVES
from sheets_sync.inputs.frames import Frame, read_frame
from sheets_sync.inputs.name_matching import Vocabulary
from sheets_sync.workbook.snapshot import CellKind
from tests.sheets_sync.sheets import Rows, snapshot

NAMES = Vocabulary(["gmv", "retention_30d"], [("Revenue", "gmv")], loose=True)


def frame(rows: Rows) -> Frame:
    return read_frame(snapshot({"Initiatives": rows}).tabs["Initiatives"], INITIATIVES, NAMES)


def test_values_stand_under_canonical_names_at_their_row_number() -> None:
    read = frame([["Backlog 2026"], [], ["Effort", "KEY", "revenue"], [5, "A", 1.5], [], [7, "B", None]])
    assert read.header_row == 3
    assert list(read.cells.columns) == ["engineering_tokens", "initiative_key", "contribution: gmv"]
    assert list(read.cells.index) == [4, 6]
    assert read.cells.loc[6, "engineering_tokens"].value == 7
    assert read.cells.loc[6, "contribution: gmv"].kind is CellKind.BLANK
    assert read.number_of("initiative_key") == 2
    assert read.width == 3


def test_what_is_not_ours_is_kept_as_stray() -> None:
    read = frame(
        [["key", "Reach", "contribution: nps", None, "Owner"], ["A", 1, 2, 3, "Kim"], [None, "x", None, None, None]]
    )
    assert [(s.header, s.number, s.member, s.is_numeric, s.filled) for s in read.strays] == [
        ("Reach", 2, None, True, (2, 3)),
        ("contribution: nps", 3, "nps", True, (2,)),
        ("", 4, None, True, (2,)),
        ("Owner", 5, None, False, (2,)),
    ]


def test_rows_count_when_they_hold_anything_of_ours() -> None:
    read = frame([["key", "is_candidate", "title", "Owner"], [None, False, "", "Kim"], [None, True], [None, None, "x"]])
    assert read.rows == [3, 4]


def test_the_status_column_is_no_input() -> None:
    read = frame([["key", "SYNC STATUS"], ["A", "OK"], [None, "left over"]])
    assert list(read.fields) == ["initiative_key"]
    assert len(read.written) == 1
    assert (read.written[0].field.number, list(read.written[0].cells)) == (2, [2, 3])
    assert read.rows == [2]
