"""How a file prints: one page wide, what is repeated on each page, a foot that names the run; own setups stay."""

from pathlib import Path

import openpyxl

from tests.end_to_end.cli import Sheetplan


def named_rows(path: Path, name: str) -> tuple[int, int]:
    """First and last row of a named range."""
    ((_, area),) = openpyxl.load_workbook(path).defined_names[name].destinations
    first, last = area.replace("$", "").split(":")
    return int(first.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")), int(last.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))


def test_the_print_moves_with_the_report(sheetplan: Sheetplan, worked_example: Path) -> None:
    for title in ("A fifth", "A sixth"):
        run_id = sheetplan("run", worked_example, "--json").document["run_id"]
        sheet = openpyxl.load_workbook(worked_example)["Results"]
        last = named_rows(worked_example, "sheetplan_answer")[1]
        assert (sheet.print_title_cols, sheet.print_title_rows) == (None, "$1:$1")
        assert sheet.print_area.endswith(f"${last}")
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.oddFooter.left.text.startswith(f"Run {run_id}, inputs ")
        assert sheet.oddFooter.right.text == "Page &P of &N"
        book = openpyxl.load_workbook(worked_example)
        book["Scenarios"].append([title, "north_star", 90])
        book.save(worked_example)


def test_what_people_set_up_stays(sheetplan: Sheetplan, worked_example: Path) -> None:
    sheetplan("run", worked_example)
    book = openpyxl.load_workbook(worked_example)
    sheet = book["Results"]
    sheet.print_area, sheet.print_title_rows = "A1:F20", "1:1"
    sheet.oddFooter.left.text, sheet.oddFooter.right.text = "Board of July", None
    book.save(worked_example)
    sheetplan("run", worked_example)
    sheet = openpyxl.load_workbook(worked_example)["Results"]
    assert (sheet.print_area, sheet.print_title_rows) == ("'Results'!$A$1:$F$20", "$1:$1")
    assert (sheet.oddFooter.left.text, sheet.oddFooter.right.text) == ("Board of July", None)
