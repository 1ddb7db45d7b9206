"""Writing changes into an .xlsx file: Results in its rectangle, Runs at the end, statuses in their cells."""

from datetime import UTC, datetime, timedelta, timezone

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets_sync.changes import (
    Changes,
    Chart,
    ChartKind,
    Formula,
    Highlight,
    Log,
    OutCell,
    Role,
    StatusColumn,
)
from sheets_sync.excel import ExcelWorkbook
from sheets_sync.looks import LOOKS
from sheets_sync.snapshot import Area, Cell, CellKind, WorkbookRefusedError
from tests.sheets_sync.excel_files import OWNED, all_tabs, cell, parts, results, sheet, shown


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "plan.xlsx"
    workbook = openpyxl.Workbook()
    workbook.active.title = "Initiatives"
    workbook.active.append(["key", "tokens"])
    workbook.active.append(["A", 5])
    workbook.active.append(["B", 7])
    workbook.save(path)
    return path


def write(path, changes):
    ExcelWorkbook(path).write(changes)


def edit(path, change):
    """What a person does between two runs (openpyxl is good enough a person for files without anything special)."""
    workbook = openpyxl.load_workbook(path)
    change(workbook)
    workbook.save(path)


# Values


def any_text():
    return st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)


@given(value=st.one_of(any_text(), st.floats(allow_nan=False, allow_infinity=False), st.integers(), st.booleans()))
def test_a_value_is_read_back_as_it_was_written(tmp_path_factory, value):
    if isinstance(value, int) and abs(value) >= 2**53:
        value = float(value) if abs(value) < 1e300 else 1.0
    path = tmp_path_factory.mktemp("value") / "plan.xlsx"
    openpyxl.Workbook().save(path)
    write(path, results([value]))
    read = cell(path, "Results", 1, 1)
    assert (read.value, read.formula) == (value, None)
    assert isinstance(read.value, bool) == isinstance(value, bool)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "'x", "=IMPORTXML(1)", "2026-03", "007", "TRUE", "#REF!"])
def test_text_stays_text_whatever_it_looks_like(path, text):
    write(path, results([text]))
    assert cell(path, "Results", 1, 1) == Cell(CellKind.TEXT, text, text)
    written = openpyxl.load_workbook(path)["Results"]["A1"]
    assert written.data_type == "s"
    assert bool(written.quotePrefix) == (text[0] in "=+-@'")


@pytest.mark.parametrize(
    "text", ["a\x00b\x0b", "_x0041_ is not A", "\ufffe", "line\r\nbreak\ttab ", " blanks ", "👍 ünï"]
)
def test_text_that_xml_cannot_hold_survives(path, text):
    write(path, results([text]))
    assert cell(path, "Results", 1, 1).value == text


def test_half_a_surrogate_becomes_the_replacement_character(path):
    write(path, results(["a\ud800b"]))
    assert cell(path, "Results", 1, 1).value == "a\ufffdb"


def test_text_beyond_what_a_cell_holds_ends_in_an_ellipsis(path):
    write(path, results(["x" * 32_767, "y" * 32_768, "👍" * 20_000]))
    exact, cut, wide = (c.value for c in all_tabs(path)["Results"].rows[0])
    assert exact == "x" * 32_767
    assert cut == "y" * 32_766 + "…"
    assert wide == "👍" * 16_383 + "…"


def test_a_moment_is_written_in_utc(path):
    local = datetime(2026, 3, 31, 11, 30, 15, tzinfo=timezone(timedelta(hours=2)))
    write(path, results([local, local.astimezone(UTC)]))
    first, second = all_tabs(path)["Results"].rows[0]
    assert first == second == Cell(CellKind.DATE, datetime(2026, 3, 31, 9, 30, 15), "2026-03-31 09:30:15")


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
def test_a_number_that_no_sheet_can_hold_is_an_error_value(path, number):
    write(path, results([number]))
    assert cell(path, "Results", 1, 1) == Cell(CellKind.ERROR, "#NUM!", "#NUM!")


@pytest.mark.parametrize("value", [3, 2.5, "OK", "", True])
def test_our_formulas_carry_the_values_that_we_know(path, value):
    write(path, results([Formula("=IF(B1>1,2,3)", value)]))
    read = cell(path, "Results", 1, 1)
    assert (read.value, read.formula) == (value, "=IF(B1>1,2,3)")


def test_later_functions_are_stored_with_the_prefix_that_excel_wants(path):
    write(path, results([Formula('=TEXTJOIN(",",TRUE,SUMIFS(B1:B2,A1:A2,"TEXTJOIN("))', "x")]))
    assert b'_xlfn.TEXTJOIN(",",TRUE,SUMIFS(B1:B2,A1:A2,"TEXTJOIN("))' in parts(path)["xl/worksheets/sheet2.xml"]


# Results


def test_writing_the_same_twice_gives_the_same_bytes(path):
    changes = Changes(
        statuses=[StatusColumn("Initiatives", "sync_status", 1, 3, True, {2: "OK", 3: "=odd"})],
        results=sheet(
            [[OutCell("T", Role.TITLE, note="why")], [OutCell("h", Role.HEADER), OutCell("n", Role.HEADER)]]
            + [[OutCell(key), OutCell(number, number_format="#,##0.00")] for key, number in (("a", 1), ("b", 2.5))],
            named_ranges={"sheetplan_block": Area("Results", 3, 1, 4, 2)},
            column_widths=[20, 10],
            frozen_rows=2,
            highlights=[Highlight(Area("Results", 3, 2, 4, 2), "=B3>1", Role.BAD)],
            charts=[bar_chart()],
        ),
        runs=Log("Runs", ["run_id", "n"], "run_id", [{"run_id": OutCell("r1"), "n": OutCell(1)}]),
    )
    write(path, changes)
    first = path.read_bytes()
    write(path, changes)
    assert path.read_bytes() == first


def bar_chart(title="Totals"):
    return Chart(title, ChartKind.BAR, Area("Results", 3, 1, 4, 1), [Area("Results", 2, 2, 4, 2)], (1, 5))


def test_results_are_written_in_place_and_what_stands_beside_stays(path):
    write(path, results(["old", "old"], ["old", "old"], ["old", "old"]))

    def add_own_cells(workbook):
        workbook.move_sheet("Results", -1)
        tab = workbook["Results"]
        tab["D2"], tab["A6"] = "=A1&B1", "my note"
        tab["D2"].number_format, tab["D2"].font = "0.000", openpyxl.styles.Font(bold=True)

    edit(path, add_own_cells)
    write(path, results(["new", 1], [None, "x"]))
    workbook = openpyxl.load_workbook(path)
    assert workbook.sheetnames == ["Results", "Initiatives"]
    tab = workbook["Results"]
    assert [[c.value for c in row] for row in tab["A1:D6"]] == [
        ["new", 1, None, None],
        [None, "x", None, "=A1&B1"],
        [None] * 4,
        [None] * 4,
        [None] * 4,
        ["my note", None, None, None],
    ]
    assert (tab["D2"].number_format, tab["D2"].font.b) == ("0.000", True)
    assert workbook.defined_names[OWNED].attr_text == "'Results'!$A$1:$B$2"


def test_a_cell_that_people_filled_where_results_grow_is_refused_and_nothing_is_written(path):
    write(path, results(["a"]))
    edit(path, lambda workbook: workbook["Results"].__setitem__("C2", "finance"))
    before = path.read_bytes()
    with pytest.raises(WorkbookRefusedError) as refused:
        write(path, results(["a", "b", "c"], ["d", "e", "f"]))
    assert str(refused.value) == (
        'Results!C2 holds "finance", where this run has to write. Move it to the right of column C or below row 2, '
        "then run again. Nothing was written."
    )
    with pytest.raises(WorkbookRefusedError):
        ExcelWorkbook(path).write(results(["a", "b", "c"], ["d", "e", "f"]), force=True)
    assert path.read_bytes() == before


def test_a_results_tab_of_someone_else_is_refused(path):
    edit(path, lambda workbook: workbook.create_sheet("RESULTS").__setitem__("C2", 5))
    with pytest.raises(WorkbookRefusedError) as refused:
        write(path, results(["a"]))
    assert str(refused.value) == (
        'There is a tab "RESULTS" that sheetplan did not write (its cell C2 holds "5"). Rename that tab, then run '
        "again; sheetplan makes its own. Nothing was written."
    )


def test_an_empty_tab_of_that_name_is_taken(path):
    edit(path, lambda workbook: workbook.create_sheet("results"))
    write(path, results(["a"], named_ranges={"sheetplan_x": Area("Results", 1, 1, 1, 1)}))
    workbook = openpyxl.load_workbook(path)
    assert workbook.sheetnames == ["Initiatives", "results"]
    assert workbook.defined_names["sheetplan_x"].attr_text == "'results'!$A$1:$A$1"


def test_a_renamed_results_tab_is_left_alone_and_a_new_one_made(path):
    write(path, results(["old"]))
    edit(path, lambda workbook: setattr(workbook["Results"], "title", "Results of March"))
    write(path, results(["new"]))
    assert [shown(path, title) for title in ("Results of March", "Results")] == [[["old"]], [["new"]]]


def test_a_table_that_people_made_of_results_is_refused_in_words(path):
    write(path, results(["h", "k"], ["a", "b"]))

    def make_table(workbook):
        workbook["Results"].add_table(openpyxl.worksheet.table.Table(displayName="Mine", ref="A1:B2"))

    edit(path, make_table)
    with pytest.raises(WorkbookRefusedError) as refused:
        write(path, results(["h", "k"], ["a", "b"]))
    assert str(refused.value) == (
        'The cells A1:B2 of the tab "Results" are formatted as the table "Mine", where this run has to write. Turn it '
        "into a plain range (in Excel: Table Design, Convert to Range), then run again. Nothing was written."
    )


def test_named_ranges_follow_the_blocks_and_names_of_others_stay(path):
    def add_name(workbook):
        workbook.defined_names["budget"] = openpyxl.workbook.defined_name.DefinedName("budget", attr_text="42")

    edit(path, add_name)
    first = {"sheetplan_a": Area("Results", 1, 1, 1, 2), "sheetplan_b": Area("Results", 2, 1, 2, 2)}
    write(path, results(["x", "y"], [1, 2], named_ranges=first))
    write(path, results(["x", "y"], [1, 2], named_ranges={"sheetplan_b": Area("Results", 1, 1, 2, 1)}))
    names = {name: item.attr_text for name, item in openpyxl.load_workbook(path).defined_names.items()}
    assert names == {"budget": "42", "sheetplan_b": "'Results'!$A$1:$A$2", OWNED: "'Results'!$A$1:$B$2"}


def test_looks_widths_panes_and_print_setup(path):
    cells = [[OutCell(role.value, role) for role in Role], [OutCell(0.25, number_format="0.0%", wrap=True)]]
    write(path, Changes(results=sheet(cells, column_widths=[30], frozen_rows=1, frozen_columns=2)))
    tab = openpyxl.load_workbook(path)["Results"]
    for written, role in zip(tab[1], Role, strict=True):
        look = LOOKS[role]
        assert (written.font.b, written.font.i) == (look.bold, look.italic)
        assert written.fill.fgColor.rgb == (f"FF{look.fill}" if look.fill else "00000000")
    assert (tab["A2"].number_format, tab["A2"].alignment.wrap_text) == ("0.0%", True)
    assert (round(tab.column_dimensions["A"].width), tab.freeze_panes) == (31, "C2")
    assert (tab.page_setup.orientation, tab.page_setup.paperSize, tab.page_setup.fitToHeight) == ("landscape", 9, 0)
    assert tab.sheet_properties.pageSetUpPr.fitToPage


def test_rows_are_tall_enough_for_large_and_wrapped_text_and_people_may_set_their_height(path):
    rows = [[OutCell("T", Role.TITLE)], [OutCell("x" * 50, wrap=True)], [OutCell("short", wrap=True)]]
    write(path, Changes(results=sheet(rows, column_widths=[20])))
    tab = openpyxl.load_workbook(path)["Results"]
    assert [tab.row_dimensions[row].height for row in (1, 2, 3)] == [pytest.approx(22.4), pytest.approx(46.2), None]

    def set_height(workbook):
        workbook["Results"].row_dimensions[2].height = 99

    edit(path, set_height)
    write(path, Changes(results=sheet(rows, column_widths=[20])))
    assert openpyxl.load_workbook(path)["Results"].row_dimensions[2].height == 99


def test_people_keep_their_page_setup_and_the_place_where_they_scrolled_to(path):
    write(path, Changes(results=sheet([[OutCell("a")]], frozen_rows=1)))

    def set_up(workbook):
        tab = workbook["Results"]
        tab.page_setup.orientation = "portrait"
        tab.sheet_view.pane.topLeftCell = "A40"

    edit(path, set_up)
    write(path, Changes(results=sheet([[OutCell("a")]], frozen_rows=1)))
    tab = openpyxl.load_workbook(path)["Results"]
    assert (tab.page_setup.orientation, tab.sheet_view.pane.topLeftCell) == ("portrait", "A40")


def test_our_highlights_are_replaced_and_those_of_people_stay(path):
    def written(formula):
        return Changes(
            results=sheet([[OutCell(1)], [OutCell(2)]], highlights=[Highlight(area("A1"), formula, Role.BAD)])
        )

    write(path, written("=A1>1"))

    def add_own(workbook):
        rule = openpyxl.formatting.rule.FormulaRule(formula=["D1=3"])
        workbook["Results"].conditional_formatting.add("A1:D9", rule)

    edit(path, add_own)
    write(path, written("=A1>2"))
    found = openpyxl.load_workbook(path)["Results"].conditional_formatting
    assert {str(item.sqref): [rule.formula for rule in item.rules] for item in found} == {
        "A1:D9": [["D1=3"]],
        "A1": [["A1>2"]],
    }


def area(_address):
    return Area("Results", 1, 1, 1, 1)


def test_our_notes_are_replaced_and_those_of_people_stay(path):
    def written(**notes):
        return Changes(results=sheet([[OutCell("a", note=notes.get("a")), OutCell("b", note=notes.get("b"))]]))

    write(path, written(a="first"))

    def discuss(workbook):
        workbook["Results"]["B1"].comment = openpyxl.comments.Comment("is that so?", "Finance")
        workbook["Results"]["D7"].comment = openpyxl.comments.Comment("far away", "Finance")

    edit(path, discuss)
    write(path, written(b="ours"))
    tab = openpyxl.load_workbook(path)["Results"]
    found = {c.coordinate: c.comment.text for row in tab["A1:D9"] for c in row if c.comment}
    assert found == {"B1": "is that so?", "D7": "far away"}


def test_our_charts_are_replaced_and_those_of_people_stay(path):
    def written(*titles):
        rows = [[OutCell("t")], [OutCell("h"), OutCell("n")], [OutCell("a"), OutCell(1)], [OutCell("b"), OutCell(2)]]
        return Changes(results=sheet(rows, charts=[bar_chart(title) for title in titles]))

    write(path, written("One", "Two"))

    def draw(workbook):
        chart = openpyxl.chart.LineChart()
        chart.title = "Finance"
        chart.add_data(openpyxl.chart.Reference(workbook["Results"], range_string="Results!$B$3:$B$4"))
        workbook["Results"].add_chart(chart, "K30")

    foreign = openpyxl.load_workbook(path)
    assert len(foreign["Results"]._charts) == 2
    write(path, written("Three"))
    assert titles(path) == ["Three"]
    edit(path, draw)
    # openpyxl gives frames new names, so for it our chart is one of the foreign ones from here on.
    write(path, written("Four"))
    assert titles(path) == ["Finance", "Four", "Three"]
    write(path, written())
    assert titles(path) == ["Finance", "Three"]
    assert sum(name.startswith("xl/charts/chart") for name in parts(path)) == 2


def titles(path):
    charts = openpyxl.load_workbook(path)["Results"]._charts
    return sorted("".join(run.t for run in chart.title.tx.rich.p[0].r) for chart in charts)


# Runs


def log(*rows, columns=("run_id", "scenario", "n")):
    cells = [{header: OutCell(value) for header, value in zip(columns, row, strict=True)} for row in rows]
    return Changes(runs=Log("Runs", columns, "run_id", cells))


def test_runs_are_created_with_a_frozen_header_and_appended(path):
    write(path, log(("r1", "s1", 1), ("r1", "s2", 2)))
    write(path, log(("r2", "s1", 3)))
    assert shown(path, "Runs") == [["run_id", "scenario", "n"], ["r1", "s1", "1"], ["r1", "s2", "2"], ["r2", "s1", "3"]]
    assert openpyxl.load_workbook(path)["Runs"].freeze_panes == "A2"


def test_a_run_that_stands_in_runs_is_not_appended_again(path):
    for _ in range(2):
        write(path, log(("r1", "s1", 1), ("r1", "s2", 2)))
    assert len(shown(path, "Runs")) == 3


def test_columns_of_runs_are_found_where_people_moved_them_and_new_ones_added_at_the_right(path):
    def rearrange(workbook):
        tab = workbook.create_sheet("runs")
        tab["A1"] = "Our runs"
        tab["B3"], tab["D3"], tab["E3"] = "Scenario", "RUN ID", "my remark"
        tab["B4"], tab["D4"], tab["E4"] = "s0", "r0", "fine"
        tab["G9"] = "a note far below"

    edit(path, rearrange)
    write(path, log(("r0", "s0", 0), ("r1", "s1", 1)))
    assert shown(path, "runs") == [
        ["Our runs"],
        [],
        ["", "Scenario", "", "RUN ID", "my remark", "", "", "n"],
        ["", "s0", "", "r0", "fine"],
        [], [], [], [],
        ["", "", "", "", "", "", "a note far below"],
        ["", "s1", "", "r1", "", "", "", "1"],
    ]  # fmt: skip


def test_runs_without_a_column_for_the_run_id_are_refused(path):
    edit(path, lambda workbook: workbook.create_sheet("Runs").append(["id", "scenario"]))
    with pytest.raises(WorkbookRefusedError) as refused:
        write(path, log(("r1", "s1", 1)))
    assert str(refused.value) == (
        'The tab "Runs" has no column headed "run_id" in its first 20 rows, so runs cannot be told apart. Give that '
        "column its header back, or rename the tab; sheetplan then makes a new one. Nothing was written."
    )


def test_a_table_of_runs_grows_with_them(path):
    write(path, log(("r1", "s1", 1)))

    def make_table(workbook):
        table = openpyxl.worksheet.table.Table(displayName="AllRuns", ref="A1:C2")
        workbook["Runs"].add_table(table)

    edit(path, make_table)
    write(path, log(("r2", "s1", 2)))
    table = openpyxl.load_workbook(path)["Runs"].tables["AllRuns"]
    assert (table.ref, table.autoFilter.ref) == ("A1:C3", "A1:C3")


# Statuses


def test_only_the_cells_of_the_status_column_change(path):
    def decorate(workbook):
        tab = workbook["Initiatives"]
        tab["B3"] = "=B2*2"
        tab["A1"].font = tab["B1"].font = openpyxl.styles.Font(bold=True, color="FF123456")
        tab["C3"].fill = openpyxl.styles.PatternFill("solid", fgColor="FFABCDEF")

    edit(path, decorate)
    write(path, Changes([StatusColumn("initiatives", "sync_status", 1, 3, True, {2: "OK", 3: "-1 is wrong"})]))
    tab = openpyxl.load_workbook(path)["Initiatives"]
    assert [[c.value for c in row] for row in tab["A1:C3"]] == [
        ["key", "tokens", "sync_status"],
        ["A", 5, "OK"],
        ["B", "=B2*2", "-1 is wrong"],
    ]
    assert (tab["C1"].font.b, tab["C1"].font.color.rgb) == (True, "FF123456")
    assert round(tab.column_dimensions["C"].width) == 41
    assert (tab["C3"].fill.fgColor.rgb, tab["C3"].quotePrefix) == ("FFABCDEF", True)
    write(path, Changes([StatusColumn("Initiatives", "sync_status", 1, 3, False, {2: "", 3: "OK"})]))
    assert shown(path, "Initiatives") == [["key", "tokens", "sync_status"], ["A", "5"], ["B", "", "OK"]]


def test_a_status_header_never_covers_what_people_wrote(path):
    with pytest.raises(WorkbookRefusedError) as refused:
        write(path, Changes([StatusColumn("Initiatives", "sync_status", 1, 2, True, {})]))
    assert str(refused.value) == (
        'Initiatives!B1 holds "tokens", where the header "sync_status" belongs. Move it, then run again. '
        "Nothing was written."
    )


def test_a_tab_that_is_gone_is_told(path):
    with pytest.raises(WorkbookRefusedError) as refused:
        write(path, Changes([StatusColumn("Scenarios", "run_status", 1, 2, True, {})]))
    assert str(refused.value) == 'The tab "Scenarios" is not in the workbook any more. Nothing was written.'
