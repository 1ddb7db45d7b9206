"""A workbook of a release with one tab of results: the next run brings it over, and people's formulas go on."""

import json
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.chart import BarChart
from openpyxl.drawing.spreadsheet_drawing import OneCellAnchor

from tests import office
from tests.end_to_end.cli import Sheetplan
from tests.workbooks import WORKED_EXAMPLE, named_range_values, write_workbook

EARLIER = Path(__file__).parent.parent / "data" / "earlier-results.xlsx"
"""The rich example after a run of a release that knew no details, as its writer left it."""
SAID = "Results is two tabs now: one page to read, and Results details with checks, bounds and inputs."
TOTAL = '=SUMIFS(INDEX(sheetplan_totals,0,4),INDEX(sheetplan_totals,0,1),"Stretch",INDEX(sheetplan_totals,0,2),"gmv")'
FORMULAS = (
    TOTAL,
    "=SUM(sheetplan_totals_stretch)",
    "=COUNTIF(INDEX(sheetplan_selection,0,4),1)",
    '=SUMIFS(INDEX(sheetplan_capacity,0,4),INDEX(sheetplan_capacity,0,1),"Stretch",INDEX(sheetplan_capacity,0,3),"all")',
    "=LEFT(sheetplan_check,2)",
    "=sheetplan_stale",
)


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """The earlier workbook, with a tab of finance's own over its named ranges."""
    path = Path(shutil.copy(EARLIER, tmp_path / "plan.xlsx"))
    book = openpyxl.load_workbook(path)
    finance = book.create_sheet("Finance")
    for row, text in enumerate(FORMULAS, start=1):
        finance.cell(row, 1).value = text
    book.save(path)
    return path


def chart_titles(path: Path) -> list[str]:
    """The title of each chart on Results."""
    charts = openpyxl.load_workbook(path)["Results"]._charts
    return sorted("".join(run.t for run in chart.title.tx.rich.p[0].r) for chart in charts)


OURS = ["Capacity: used, % of the limit", "Targets: achieved, % of what is asked"]


def test_it_is_brought_over_said_once_and_named_ranges_go_on(
    sheetplan: Sheetplan, earlier: Path, tmp_path: Path
) -> None:
    said = sheetplan("run", earlier, "--json")
    assert SAID in " ".join(said.document["notices"])
    book = openpyxl.load_workbook(earlier)
    assert [title for title in book.sheetnames if title.startswith("Results")] == ["Results", "Results details"]
    assert chart_titles(earlier) == OURS
    calculated = office.recalculated(earlier, tmp_path / "calculated")
    finance = openpyxl.load_workbook(calculated, data_only=True)["Finance"]
    stretch = next(item for item in said.document["scenarios"] if item["scenario"] == "Stretch")
    first = said.document["scenarios"][0]
    assert [finance.cell(row, 1).value for row in range(1, len(FORMULAS) + 1)] == [
        pytest.approx(stretch["kpi_totals"]["gmv"], rel=1e-9),
        pytest.approx(sum(stretch["kpi_totals"].values()), rel=1e-9),
        len(first["selected"]),
        pytest.approx(stretch["capacity"]["engineering_tokens"]["used"], rel=1e-9),
        "OK",
        "Inputs unchanged since this run",
    ]
    again = sheetplan("run", earlier, "--json")
    assert SAID not in json.dumps(again.document["notices"])


def test_a_tab_of_that_name_is_not_taken(sheetplan: Sheetplan, earlier: Path) -> None:
    book = openpyxl.load_workbook(earlier)
    book.create_sheet("Results details")["B2"].value = "our own"
    book.save(earlier)
    before = earlier.read_bytes()
    refusal = (
        'There is a tab "Results details" that sheetplan did not write (its cell B2 holds "our own"). Rename that tab, '
        "then run again; sheetplan makes its own."
    )
    said = sheetplan("run", earlier)
    assert (said.code, said.err) == (3, f"sheetplan: {refusal} Nothing was written.\n")
    assert earlier.read_bytes() == before
    issues = sheetplan("check", earlier, "--json").document["issues"]
    assert [issue["tab"] for issue in issues if refusal in issue["message"]] == ["Results details"]


def test_charts_are_drawn_once_whoever_saved_the_file_and_stay_where_people_put_them(
    sheetplan: Sheetplan, earlier: Path, tmp_path: Path
) -> None:
    for _ in range(2):
        sheetplan("run", earlier)
        openpyxl.load_workbook(earlier).save(earlier)
        assert chart_titles(earlier) == OURS
    book = openpyxl.load_workbook(earlier)
    targets = next(chart for chart in book["Results"]._charts if isinstance(chart.anchor, OneCellAnchor))
    moved = targets.title.tx.rich.p[0].r[0].t
    targets.anchor._from.row, targets.anchor._from.col = 90, 11
    targets.anchor.ext.width = 3_000_000
    own = BarChart()
    own.title = "Finance's own"
    own.add_data(openpyxl.chart.Reference(book["Finance"], min_col=1, min_row=1, max_row=2))
    book["Results"].add_chart(own, "A200")
    book.save(earlier)
    saved = office.recalculated(earlier, tmp_path / "saved")
    for path in (earlier, saved):
        sheetplan("run", path)
        assert chart_titles(path) == sorted([*OURS, "Finance's own"])
        chart = next(c for c in openpyxl.load_workbook(path)["Results"]._charts if c.title.tx.rich.p[0].r[0].t == moved)
        assert (chart.anchor._from.row, chart.anchor._from.col) == (90, 11)
    (kept,) = [
        chart.anchor.ext.width
        for chart in openpyxl.load_workbook(earlier)["Results"]._charts
        if chart.title.tx.rich.p[0].r[0].t == moved
    ]
    assert kept == 3_000_000


def test_packages_of_other_programs_name_frames_and_ranges_their_own_way(
    sheetplan: Sheetplan, earlier: Path, tmp_path: Path
) -> None:
    """As Excel keeps them (names with spaces) and as Google exports them: with their alternative text, and without."""
    sheetplan("run", earlier)
    for number, (name, text) in enumerate((("Diagramm 1", "descr"), ("Chart 1", "descr"), ("Chart 1", "title"))):
        changed = tmp_path / f"other{number}.xlsx"
        with zipfile.ZipFile(earlier) as before, zipfile.ZipFile(changed, "w") as after:
            for item in before.infolist():
                content = before.read(item)
                if item.filename.startswith("xl/drawings/drawing"):
                    content = content.replace(b'name="sheetplan chart', f'name="{name}'.encode())
                    content = content.replace(b"descr=", f"{text}=".encode())
                after.writestr(item, content)
        sheetplan("run", changed)
        assert chart_titles(changed) == OURS
        assert named_range_values(changed, "sheetplan_check")[0][0].startswith("OK: all ")


def test_a_filter_that_hid_rows_hides_none_of_the_next_run(sheetplan: Sheetplan, tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "filtered.xlsx", WORKED_EXAMPLE)
    sheetplan("run", path)
    book = openpyxl.load_workbook(path)
    sheet = book["Results"]
    top = int(sheet.auto_filter.ref.split(":")[0].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    sheet.auto_filter.add_filter_column(0, ["A"])
    sheet.row_dimensions[top + 2].hidden = True
    book.save(path)
    sheetplan("run", path)
    after = openpyxl.load_workbook(path)["Results"]
    assert not after.row_dimensions[top + 2].hidden
    assert after.auto_filter.ref.startswith(f"A{top}:")
    assert not after.auto_filter.filterColumn
