"""LibreOffice as the judge of what we write: it opens it, calculates the same values, and draws what is meant."""

import openpyxl
import pytest

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.workbook.changes import Changes, Chart, ChartKind, Formula, Highlight, Log, OutCell, Role, StatusColumn
from sheets_sync.workbook.snapshot import Area
from tests.office import pictures, recalculated, recalculated_values
from tests.sheets_sync.excel_files import all_tabs, results, sheet, shown

ROWS = 40


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "plan.xlsx"
    workbook = openpyxl.Workbook()
    workbook.active.title = "Initiatives"
    workbook.active.append(["key", "tokens"])
    for row in range(1, ROWS + 1):
        workbook.active.append([f"I{row}", row])
    workbook.save(path)
    return path


def report():
    """Results with formulas of every kind of value, over our own cells and over people's."""
    rows = [
        [OutCell("Plan", Role.TITLE), None, None],
        [OutCell("key", Role.HEADER), OutCell("tokens", Role.HEADER, note="a note"), OutCell("share", Role.HEADER)],
    ]
    total = ROWS * (ROWS + 1) // 2
    rows += [
        [OutCell(f"I{n}"), OutCell(n), OutCell(Formula(f"=B{n + 2}/B${ROWS + 3}", n / total), number_format="0.0%")]
        for n in range(1, ROWS + 1)
    ]
    last = ROWS + 2
    rows.append([OutCell("Total", Role.TOTAL), OutCell(Formula(f"=SUM(B3:B{last})", total), Role.TOTAL), None])
    rows.append([OutCell("Check"), OutCell(Formula(f'=IF(ABS(B{last + 1}-{total})<1E-9,"OK","differs")', "OK")), None])
    rows.append([OutCell("Same"), OutCell(Formula(f"=B{last + 1}=SUM(Initiatives!B2:B{last - 1})", True)), None])
    return Changes(
        [StatusColumn("Initiatives", "sync_status", 1, 3, True, dict.fromkeys(range(2, ROWS + 2), "OK"))],
        sheet(
            rows,
            column_widths=[14, 10, 10],
            frozen_rows=2,
            highlights=[Highlight(Area("Results", 3, 2, last, 2), "=B3>35", Role.BAD)],
            charts=[
                Chart("Tokens", ChartKind.COLUMN, Area("Results", 3, 1, 9, 1), [Area("Results", 2, 2, 9, 2)], (2, 5)),
                Chart("Share", ChartKind.BAR, Area("Results", 3, 1, 9, 1), [Area("Results", 2, 3, 9, 3)], (20, 5)),
            ],
        ),
        runs=Log("Runs", ["run_id", "total"], "run_id", [{"run_id": OutCell("r1"), "total": OutCell(total)}]),
    )


def test_libreoffice_calculates_the_values_that_we_cached(path, tmp_path):
    ExcelWorkbook(path).write(report())
    calculated = recalculated_values(path, tmp_path / "office")
    formulas = 0
    for title, tab in all_tabs(path).items():
        for row, cells in enumerate(tab.rows, start=1):
            for column, cell in enumerate(cells, start=1):
                if cell.formula:
                    formulas += 1
                    theirs = calculated[title][openpyxl.utils.get_column_letter(column) + str(row)]
                    assert theirs == (pytest.approx(cell.value, rel=1e-12) if cell.kind == "number" else cell.value)
    assert formulas == ROWS + 3


def test_a_wrong_cached_value_is_found_by_recalculating(path, tmp_path):
    """The test above would be worth nothing if LibreOffice trusted our values."""
    ExcelWorkbook(path).write(results([Formula("=1+1", 3)]))
    assert recalculated_values(path, tmp_path / "office")["Results"]["A1"] == 2


def test_a_workbook_that_libreoffice_saved_is_written_in_place(path, tmp_path):
    ExcelWorkbook(path).write(report())
    again = recalculated(path, tmp_path / "office")
    for _ in range(2):
        ExcelWorkbook(again).write(report())
        assert shown(again, "Results") == shown(path, "Results")
        assert shown(again, "Runs") == shown(path, "Runs")
        tab = openpyxl.load_workbook(again)["Results"]
        assert sum(len(item.rules) for item in tab.conditional_formatting) == 1
        assert [c.coordinate for row in tab.iter_rows() for c in row if c.comment] == ["B2"]
        assert len(tab._charts) == 2


def test_a_picture_of_results_can_be_drawn(path, tmp_path):
    ExcelWorkbook(path).write(report())
    drawn = pictures(path, tmp_path / "pictures")
    assert drawn
    assert all(page.stat().st_size > 1000 for page in drawn)
