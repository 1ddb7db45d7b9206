"""Writing changes into an .xlsx file: Results in its rectangle, Runs at the end, statuses in their cells."""

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.workbook.backend import WorkbookRefusedError
from sheets_sync.workbook.cell_styles import LOOKS
from sheets_sync.workbook.changes import (
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
from sheets_sync.workbook.snapshot import Area, Cell, CellKind, a1
from tests.sheets_sync.excel_files import OWNED, all_tabs, cell, parts, repack, results, sheet, shown

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


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
    assert first == second
    assert (first.kind, first.value, first.shown) == (
        CellKind.DATE,
        datetime(2026, 3, 31, 9, 30, 15),
        "2026-03-31 09:30:15",
    )


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


def test_names_of_functions_in_texts_and_titles_are_left_alone(path):
    formula = """=XLOOKUP(A1,'It''s XLOOKUP(1)'!A1:A9,_xlfn.SORT(B1:B2),"IFS(",CEILING.MATH(2.5))+concat("a""b")"""
    write(path, results([Formula(formula, "x")]))
    stored = parts(path)["xl/worksheets/sheet2.xml"].decode()
    assert f"<f>{formula[1:].replace('XLOOKUP(A1', '_xlfn.XLOOKUP(A1').replace('concat', '_xlfn.concat')}</f>" in stored


def test_numbers_of_numpy_are_numbers(path):
    write(path, results([np.float64(0.1), Formula("=1", np.float64(2.0))]))
    assert [c.value for c in all_tabs(path)["Results"].rows[0]] == [0.1, 2]


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


def test_a_tab_with_inputs_is_never_results_whatever_a_name_says(path):
    before = shown(path, "Initiatives")

    def add_name(workbook):
        name = openpyxl.workbook.defined_name.DefinedName(OWNED, attr_text="Initiatives!$A$1:$B$3")
        workbook.defined_names[OWNED] = name

    edit(path, add_name)
    write(path, results(["new"]))
    assert shown(path, "Initiatives") == before
    assert shown(path, "Results") == [["new"]]


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
    rows = [[OutCell("T", Role.TITLE)], [OutCell("x" * 50, wrap=True)], [OutCell("just as wide as it is", wrap=True)]]
    write(path, Changes(results=sheet(rows, column_widths=[20])))
    tab = openpyxl.load_workbook(path)["Results"]
    assert [tab.row_dimensions[row].height for row in (1, 2, 3)] == [pytest.approx(22.4), pytest.approx(42.9), None]

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


def test_a_filter_over_runs_grows_with_them_and_another_one_stays(path):
    write(path, log(("r1", "s1", 1)))

    def set_filter(reference):
        def change(workbook):
            tab = workbook["Runs"]
            tab.auto_filter.ref = reference
            hidden = openpyxl.workbook.defined_name.DefinedName(
                "_xlnm._FilterDatabase", attr_text=f"Runs!{reference}", localSheetId=1, hidden=True
            )
            tab.defined_names["_xlnm._FilterDatabase"] = hidden

        return change

    edit(path, set_filter("$A$1:$C$2"))
    write(path, log(("r2", "s1", 2), ("r3", "s1", 3)))
    assert filters(path) == ("A1:C4", "'Runs'!$A$1:$C$4")
    edit(path, set_filter("$A$1:$C$3"))
    write(path, log(("r4", "s1", 4)))
    assert filters(path) == ("$A$1:$C$3", "Runs!$A$1:$C$3")


def filters(path):
    listed = parts(path)["xl/workbook.xml"].decode()
    hidden = re.search(r'name="_xlnm._FilterDatabase"[^>]*>([^<]*)<', listed)
    used = re.search(r'<autoFilter ref="([^"]*)"', parts(path)["xl/worksheets/sheet2.xml"].decode())
    return (used and used[1], hidden and hidden[1])


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


def test_a_new_status_takes_the_format_of_its_row_or_else_its_column(path):
    save_rows(
        path,
        '<row r="1"><c r="A1" t="inlineStr"><is><t>key</t></is></c></row><row r="2"><c r="A2"><v>1</v></c></row>'
        '<row r="3" s="2" customFormat="1"><c r="A3" s="2"><v>1</v></c></row><row r="4"/><row r="5" s="2"/>',
        before='<cols><col min="2" max="3" width="9" style="1"/></cols>',
        styles=3,
    )
    texts = {2: "OK", 3: "OK", 4: "=odd", 5: "", 6: "OK"}
    write(path, Changes([StatusColumn("Initiatives", "sync_status", 1, 3, True, texts)]))
    xml = parts(path)["xl/worksheets/sheet1.xml"].decode()
    styles = dict(re.findall(r'<c r="C(\d)"(?: s="(\d+)")?', xml))
    assert {row: styles.get(row) for row in "23456"} == {"2": "1", "3": "2", "4": styles["4"], "5": None, "6": "1"}
    tab = openpyxl.load_workbook(path)["Initiatives"]
    assert (tab["C4"].quotePrefix, tab["C4"].number_format) == (True, tab["C2"].number_format)


def save_rows(path, rows, *, before="", styles=1, prefix=""):
    """A first tab with these rows, and cell styles that each have a number format of their own."""
    content = parts(path)
    xml = f"<{prefix}sheetData>{rows}</{prefix}sheetData>"
    declared = f'xmlns{":" if prefix else ""}{prefix.rstrip(":")}="{MAIN}" xmlns:o="urn:other"'
    listed = "".join(f'<xf numFmtId="{n}" fontId="0" fillId="0" borderId="0" xfId="0"/>' for n in range(styles))
    style_sheet = re.sub(r"<cellXfs.*</cellXfs>", f"<cellXfs>{listed}</cellXfs>", content["xl/styles.xml"].decode())
    worksheet = f"<{prefix}worksheet {declared}>{before}{xml}<{prefix}pageMargins/></{prefix}worksheet>"
    repack(path, {"xl/worksheets/sheet1.xml": worksheet.encode(), "xl/styles.xml": style_sheet.encode()})


@pytest.mark.parametrize("prefix", ["", "x:"])
def test_a_status_is_put_among_the_cells_of_its_row(path, prefix):
    """Cells with and without addresses, rows with attributes and namespaces of their own, and what stands after."""
    rows = (
        '<row><c t="str"><v>key</v></c><c r="C1"><v>1</v></c><c><v>2</v></c></row>'
        '<row r="2" spans="1:4" o:height="3"><c r="A2"><v>1</v></c><c r="C2"><v>3</v></c></row>'
        '<row r="4" xmlns:p="urn:p" p:a="1"><c><v>1</v></c><c t="str"><v>old</v></c><c><v>3</v></c>'
        "<extLst><ext/></extLst></row>"
        '<row r="6" p:a="1" xmlns:p="urn:p"/>'
    )
    save_rows(path, re.sub(r"(</?)(?=\w)", rf"\1{prefix}", rows), prefix=prefix)
    texts = {2: "OK", 3: "new row", 4: "<&>", 5: "", 6: "empty row", 7: "last"}
    write(path, Changes([StatusColumn("Initiatives", "status", 1, 2, True, texts)]))
    assert shown(path, "Initiatives") == [
        ["key", "status", "1", "2"], ["1", "OK", "3"], ["", "new row"], ["1", "<&>", "3"], [], ["", "empty row"],
        ["", "last"],
    ]  # fmt: skip
    xml = parts(path)["xl/worksheets/sheet1.xml"].decode()
    for kept in (f'<{prefix}row r="2" o:height="3">', 'p:a="1"', f"<{prefix}extLst><{prefix}ext/></{prefix}extLst>"):
        assert kept in xml, kept
    assert (xml.count(MAIN), xml.count("urn:other"), xml.count("urn:p")) == (1, 1, 2)


def cells_of_a_row():
    return st.lists(st.sampled_from(["", '<c r="{}"/>', '<c r="{}" s="1"><v>7</v></c>', "<c/>"]), max_size=5)


@given(
    rows=st.dictionaries(st.integers(1, 9), cells_of_a_row(), max_size=5),
    column=st.integers(1, 6),
    texts=st.dictionaries(st.integers(2, 10), st.sampled_from(["", "OK", "=odd"]), max_size=5),
)
def test_only_the_addressed_cells_change_whatever_stands_around_them(tmp_path_factory, rows, column, texts):
    path = tmp_path_factory.mktemp("rows") / "plan.xlsx"
    workbook = openpyxl.Workbook()
    workbook.active.title = "Initiatives"
    workbook.save(path)
    xml, before = "", {}
    for row, cells in sorted(rows.items()):
        xml += f'<row r="{row}">'
        last = 0
        for position, element in enumerate(cells, start=1):
            if element:
                last = position if "{}" in element else last + 1
                address = a1(row, last)
                xml += element.format(address)
                before[address] = "7" if "<v>" in element else ""
        xml += "</row>"
    save_rows(path, xml, styles=2)
    write(path, Changes([StatusColumn("Initiatives", "status", 1, column, False, texts)]))
    expected = before | {a1(row, column): text for row, text in texts.items()}
    found = {
        a1(row, number): text
        for row, line in enumerate(shown(path, "Initiatives"), start=1)
        for number, text in enumerate(line, start=1)
    }
    assert {cell: text for cell, text in found.items() if text} == {cell: t for cell, t in expected.items() if t}


def test_a_formula_shared_from_a_status_cell_goes_on_elsewhere(path):
    shared = '<f t="shared" ref="B2:C3" si="0">A1+1</f><v>1</v>'
    user = '<f t="shared" si="0"/><v>2</v>'
    rows = f'<row r="2"><c r="B2">{shared}</c><c r="C2">{user}</c></row>'
    save_rows(path, rows + f'<row r="3"><c r="B3">{user}</c><c r="C3">{user}</c></row>')
    write(path, Changes([StatusColumn("Initiatives", "status", 1, 2, False, {2: "OK"})]))
    formulas = [[cell.formula for cell in row[1:]] for row in all_tabs(path)["Initiatives"].rows[1:]]
    assert formulas == [[None, "=B1+1"], ["=A2+1", "=B2+1"]]


@pytest.mark.parametrize("texts", [{2: "OK", 3: "OK"}, {3: ""}])
def test_a_status_inside_an_array_formula_is_refused_in_words(path, texts):
    array = '<f t="array" ref="B3:C4">A1:B2*2</f>'
    rows = f'<row r="3"><c r="B3">{array}<v>1</v></c><c r="C3"><v>1</v></c></row>'
    save_rows(path, rows)
    before = path.read_bytes()
    with pytest.raises(WorkbookRefusedError) as refused:
        write(path, Changes([StatusColumn("Initiatives", "sync_status", 1, 3, True, texts)]))
    assert str(refused.value) == (
        'Initiatives!C3 belongs to the array formula that fills B3:C4, where the column "sync_status" has to be '
        'written. Move that formula, or the header "sync_status" to an empty column, then run again. Nothing was '
        "written."
    )
    assert path.read_bytes() == before
    write(path, Changes([StatusColumn("Initiatives", "sync_status", 1, 4, True, texts)]))
    save_rows(path, rows.replace("B3:C4", "B3"))
    write(path, Changes([StatusColumn("Initiatives", "sync_status", 1, 2, True, texts)]))


def test_a_tab_that_is_gone_is_reported(path):
    with pytest.raises(WorkbookRefusedError) as refused:
        write(path, Changes([StatusColumn("Scenarios", "run_status", 1, 2, True, {})]))
    assert str(refused.value) == 'The tab "Scenarios" is not in the workbook any more. Nothing was written.'


# Size

LONG = """
import resource, sys
from sheets_sync.workbook.changes import Changes, OutCell, Sheet, StatusColumn
from sheets_sync.excel import ExcelWorkbook

size = int(sys.argv[2])
row = [OutCell(f"text {column}") for column in range(20)]
changes = Changes(
    statuses=[StatusColumn("Initiatives", "sync_status", 1, 21, True, dict.fromkeys(range(2, size + 2), "OK"))],
    results=Sheet("Results", [row] * size, "sheetplan_results", "sheetplan_"),
)
workbook = ExcelWorkbook(sys.argv[1])
workbook.write(Changes())
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for _ in range(2):
    workbook.write(changes)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


def test_writing_a_long_workbook_takes_little_memory(path):
    """As trees, the two tabs would take about 200 MB."""
    size = 4_000
    workbook = openpyxl.Workbook(write_only=True)
    tab = workbook.create_sheet("Initiatives")
    for row in range(size + 1):
        tab.append([f"{row}-{column}" for column in range(20)])
    workbook.save(path)
    reported = subprocess.run([sys.executable, "-c", LONG, path, str(size)], capture_output=True, text=True, check=True)
    assert float(reported.stdout) < 50
