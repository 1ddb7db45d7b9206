"""One call writes everything: in place, typed, once, and never over what people wrote."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from sheets_sync.google.known_sizes import LARGE
from sheets_sync.google.write_plan import KEPT_MARKS
from sheets_sync.workbook.backend import (
    WorkbookBusyError,
    WorkbookChangedError,
    WorkbookRefusedError,
    WorkbookUnreachableError,
)
from sheets_sync.workbook.changes import Changes, Formula, Log, OutCell, Sheet, StatusColumn
from sheets_sync.workbook.snapshot import Area
from tests.sheets_sync.google_sheets import changes, inputs, log, results


def written(plan, *runs: str, **options):
    """Runs one after the other; what the last write said."""
    for run in runs:
        workbook = plan.open()
        workbook.read(inputs)
        said = workbook.write(changes(run, **options))
    return said


def test_a_run_is_one_read_and_one_write(plan):
    written(plan, "r1")
    assert plan.calls() == [("GET", 200), ("POST", 200)]


def test_a_write_without_a_read_makes_its_own(plan):
    plan.open().write(changes("r1"))
    assert plan.calls() == [("GET", 200), ("POST", 200)]
    assert plan.cells("Initiatives")[1][2] == "OK in r1"


def test_everything_is_where_it_belongs(plan):
    written(plan, "r1")
    assert plan.cells("Results") == [
        ["Results", "r1"],
        ["initiative", "gmv", "run"],
        ["I0", 0, "r1"],
        ["I1", 1000.5, "r1"],
        ["I2", 2001, "r1"],
        ["total", 3001.5],
    ]
    assert plan.cells("Runs") == [
        ["run_id", "started_utc", "scenario_name", "objective"],
        ["r1", 46027.375, "S0", 200000],
        ["r1", 46027.375, "S1", 200000],
    ]
    assert [row[2] for row in plan.cells("Initiatives")] == ["sync_status", "OK in r1", "OK in r1", "OK in r1"]


def test_looks_widths_frozen_rows_notes_and_protection_are_drawn(plan):
    written(plan, "r1")
    sheet = plan.sheet_json("Results")
    assert sheet["properties"]["gridProperties"]["frozenRowCount"] == 2
    assert sheet["properties"]["gridProperties"]["frozenColumnCount"] == 1
    title = plan.server.cell(plan.id, "Results!A1")
    assert title["userEnteredFormat"]["textFormat"]["bold"] is True
    header = plan.server.cell(plan.id, "Results!B2")
    assert header["note"] == "per year"
    assert header["userEnteredFormat"]["borders"]["bottom"]["style"] == "SOLID"
    number = plan.server.cell(plan.id, "Results!B4")
    assert number["userEnteredFormat"] == {"numberFormat": {"type": "NUMBER", "pattern": "#,##0.00"}}
    (lock,) = sheet["protectedRanges"]
    assert lock["warningOnly"] is True
    assert lock["range"]["endRowIndex"] == 6
    moment = plan.server.cell(plan.id, "Runs!B2")
    assert moment["formattedValue"] == "2026-01-05 09:00:00"
    assert sheet["data"][0]["columnMetadata"][0]["pixelSize"] == 152


def test_ids_and_what_points_at_them_survive_the_next_run(plan):
    written(plan, "r1")
    before = plan.sheet_json("Results")
    names = plan.server.workbook_json(plan.id)["namedRanges"]
    finance = plan.add_tab("Finance", [])
    finance.update([["=Results!B6", "=SUM(Results!B3:B5)"]], raw=False)
    said = written(plan, "r2", body=5)
    after = plan.sheet_json("Results")
    assert not said.changed_meanwhile
    assert after["properties"]["sheetId"] == before["properties"]["sheetId"]
    assert [chart["chartId"] for chart in after["charts"]] == [chart["chartId"] for chart in before["charts"]]
    kept = {item["name"]: item["namedRangeId"] for item in plan.server.workbook_json(plan.id)["namedRanges"]}
    assert kept == {item["name"]: item["namedRangeId"] for item in names}
    # Results grew by two rows: B6 is now the body's fourth initiative, and nothing says #REF!.
    assert plan.cells("Finance") == [[3001.5, 3001.5]]


def test_a_shorter_report_leaves_nothing_of_the_longer_one(plan):
    written(plan, "r1", body=9)
    written(plan, "r2", body=1)
    text = plan.cells("Results")
    assert len(text) == 4
    assert all("r1" not in row for row in text)
    sheet = plan.sheet_json("Results")
    assert len(sheet["conditionalFormats"]) == len(sheet["charts"]) == len(sheet["protectedRanges"]) == 1
    assert "userEnteredFormat" not in plan.server.cell(plan.id, "Results!B9")


def test_what_people_wrote_beside_the_report_stays(plan):
    written(plan, "r1")
    results_tab = plan.book.worksheet("Results")
    results_tab.update([["mine", "=B6*2"]], "E6", raw=False)
    results_tab.add_protected_range("E6:F6", ["me@example.com"], description="mine")
    rule = {"booleanRule": {"condition": {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": "=E6>0"}]},
                            "format": {"backgroundColor": {"green": 1}}},
            "ranges": [{"sheetId": results_tab.id, "startRowIndex": 5, "endRowIndex": 6}]}  # fmt: skip
    plan.book.batch_update({"requests": [{"addConditionalFormatRule": {"rule": rule, "index": 0}}]})
    written(plan, "r2")
    assert plan.cells("Results")[5] == ["total", 3001.5, "", "", "mine", 6003]
    sheet = plan.sheet_json("Results")
    assert len(sheet["conditionalFormats"]) == 2
    assert {item.get("description") for item in sheet["protectedRanges"]} > {"mine"}


def test_a_cell_in_the_way_is_named_and_nothing_is_written(plan):
    written(plan, "r1")
    plan.book.worksheet("Results").update([["mine"]], "A8", raw=True)
    workbook = plan.open()
    workbook.read(inputs)
    before = plan.server.workbook_json(plan.id)
    with pytest.raises(WorkbookRefusedError) as error:
        workbook.write(changes("r2", body=9))
    assert str(error.value) == (
        'Results!A8 holds "mine", where this run has to write. Move it to the right of column C or below row 12, then '
        "run again. Nothing was written."
    )
    assert plan.server.workbook_json(plan.id) == before


def test_a_tab_of_that_name_that_is_not_ours_is_left_alone(plan):
    plan.add_tab("results", [["", "my own results"]])
    workbook = plan.open()
    workbook.read(inputs)
    with pytest.raises(WorkbookRefusedError) as error:
        workbook.write(changes("r1"))
    assert str(error.value) == (
        'There is a tab "results" that sheetplan did not write (its cell B1 holds "my own results"). Rename that tab, '
        "then run again; sheetplan makes its own. Nothing was written."
    )


def test_a_grid_grows_as_needed(plan):
    written(plan, "r1")
    written(plan, "r2", body=1500, scenarios=2)
    assert len(plan.cells("Results")) == 1503
    plan.book.worksheet("Runs").resize(3, 4)
    written(plan, "r3", scenarios=50)
    assert len(plan.cells("Runs")) == 1 + 2 + 50


def test_a_tab_that_was_renamed_is_updated_with_what_people_wrote_beside_it(plan):
    """Its cells are read by its named range, also where only single tabs of a large workbook are read."""
    written(plan, "r1")
    sheet = plan.book.worksheet("Results")
    sheet.update_title("Ergebnisse")
    sheet.update([["ours"]], "H1", raw=True)
    plan.connection.sizes.note(plan.id, LARGE + 1)
    again = written(plan, "r2")
    assert again.changed_meanwhile is False
    assert again.results_url == f"https://docs.google.com/spreadsheets/d/{plan.id}/edit#gid={sheet.id}"
    assert plan.cells("Ergebnisse")[0] == ["Results", "r2", "", "", "", "", "", "ours"]
    assert "Results" not in [sheet.title for sheet in plan.book.worksheets()]
    sheet.update([["in the way"]], "A7", raw=True)
    with pytest.raises(WorkbookRefusedError, match=r'Ergebnisse!A7 holds "in the way"'):
        written(plan, "r3", body=9)


def test_after_results_was_deleted_its_names_are_taken_back(plan):
    written(plan, "r1")
    plan.book.del_worksheet(plan.book.worksheet("Results"))
    plan.server.log.clear()
    written(plan, "r2")
    assert plan.calls() == [("GET", 200), ("POST", 400), ("GET", 200), ("POST", 200)]
    assert plan.cells("Results")[0] == ["Results", "r2"]
    assert {item["name"] for item in plan.server.workbook_json(plan.id)["namedRanges"]} == {
        "sheetplan_results",
        "sheetplan_selection",
    }


def test_names_that_cannot_be_taken_back_are_reported_with_the_cure(plan):
    lost = {"name": "sheetplan_selection", "namedRangeId": "unknown", "range": {}}
    plan.server.book(plan.id).lost_names.append(lost)
    workbook = plan.open()
    workbook.read(inputs)
    with pytest.raises(WorkbookUnreachableError) as error:
        workbook.write(changes("r1"))
    assert (
        "(sheetplan_selection is one). Open Data > Named ranges, delete the entries that begin with sheetplan"
        in str(error.value)
    )


def test_names_that_are_no_longer_wanted_go_and_those_of_people_stay(plan):
    written(plan, "r1")
    plan.book.worksheet("Initiatives").define_named_range("B2:B4", "estimates")
    workbook = plan.open()
    workbook.read(inputs)
    sheet = replace(
        results("r2"), named_ranges={"sheetplan_other": Area("Results", 1, 1, 1, 1)}, charts=(), highlights=()
    )
    workbook.write(Changes(results=sheet, run_id="r2"))
    names = {item["name"] for item in plan.server.workbook_json(plan.id)["namedRanges"]}
    assert names == {"sheetplan_results", "sheetplan_other", "estimates"}
    assert "charts" not in plan.sheet_json("Results")
    assert "conditionalFormats" not in plan.sheet_json("Results")


HOSTILE = [
    '=IMPORTXML("http://evil","//a")',
    "+cmd|' /C calc'!A0",
    "@SUM(1)",
    "-2+3",
    "'apostrophe",
    "2026-03",
    "1.234,5",
    "TRUE",
    "مرحبا ‮abc",
    "👩‍👩‍👧‍👦",
    "line\nbreak",
    "#REF!",
    "007",
]


@pytest.mark.parametrize("locale", ["en_US", "de_DE"])
def test_text_from_people_never_becomes_anything_else(plan, locale):
    plan.book.update_locale(locale)
    sheet = Sheet("Results", [[OutCell(text, note=text)] for text in HOSTILE], "sheetplan_results", "sheetplan_")
    texts = dict(enumerate(HOSTILE, start=2))
    status = StatusColumn("Initiatives", "sync_status", 1, 3, False, texts)
    rows = [{"run_id": OutCell("r1"), "scenario_name": OutCell(text)} for text in HOSTILE]
    workbook = plan.open()
    workbook.read(inputs)
    workbook.write(Changes([status], sheet, Log("Runs", ["run_id", "scenario_name"], "run_id", rows), "r1"))
    for row, text in enumerate(HOSTILE, start=1):
        for place in (f"Results!A{row}", f"Initiatives!C{row + 1}", f"Runs!B{row + 1}"):
            assert plan.server.cell(plan.id, place)["userEnteredValue"] == {"stringValue": text}
        assert plan.server.cell(plan.id, f"Results!A{row}")["note"] == text


def test_what_no_cell_can_hold_is_cut_and_told(plan):
    sheet = Sheet("Results", [[OutCell("x" * 50_001)], [OutCell("\x00a\ud800b")]], "sheetplan_results", "sheetplan_")
    workbook = plan.open()
    workbook.read(inputs)
    said = workbook.write(Changes(results=sheet))
    assert said.notices == ("Results!A1: a text of 50,001 characters was cut to the 50,000 that a cell holds.",)
    text = plan.cells("Results")[0][0]
    assert (len(text), text[-2:]) == (50_000, "x…")
    assert plan.cells("Results")[1] == ["\ufffda\ufffdb"]


def test_values_keep_their_types(plan):
    zone = timezone(timedelta(hours=2))
    noon = datetime(2026, 1, 5, 12, 0, tzinfo=zone)
    row = [OutCell(True), OutCell(3), OutCell(0.5), OutCell(noon), OutCell(float("inf"))]
    workbook = plan.open()
    workbook.read(inputs)
    workbook.write(Changes(results=Sheet("Results", [row], "sheetplan_results", "sheetplan_")))
    assert plan.cells("Results") == [[True, 3, 0.5, 46027 + 10 / 24, "#NUM!"]]
    assert plan.server.cell(plan.id, "Results!D1")["formattedValue"] == "2026-01-05 10:00:00"
    assert noon == datetime(2026, 1, 5, 10, tzinfo=UTC)


def test_a_tab_has_room_for_its_named_ranges_too(plan):
    """A block may end in blank rows, and its name reaches over them."""
    for rows in (2, 3):
        named = {"sheetplan_block": Area("Results", 1, 1, rows + 200, 30)}
        workbook = plan.open()
        workbook.read(inputs)
        workbook.write(
            Changes(results=Sheet("Results", [[OutCell(1)]] * rows, "sheetplan_results", "sheetplan_", named))
        )
        grid = plan.sheet_json("Results")["properties"]["gridProperties"]
        assert grid["rowCount"] >= rows + 200
        assert grid["columnCount"] >= 30


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "fr_FR", "pt_BR", "de_CH", "ja_JP"])
def test_formulas_calculate_in_every_locale(plan, locale):
    plan.book.update_locale(locale)
    formula = Formula('=IF(SUM(A1,B1)>0.5,"1,5","no")', "1,5")
    workbook = plan.open()
    workbook.read(inputs)
    sheet = Sheet("Results", [[OutCell(0.25), OutCell(0.5), OutCell(formula)]], "sheetplan_results", "sheetplan_")
    workbook.write(Changes(results=sheet))
    assert plan.cells("Results") == [[0.25, 0.5, "1,5"]]


class TestOnce:
    """A write takes effect once, whoever repeats it."""

    def test_the_same_changes_are_recognised_by_another_process(self, plan):
        written(plan, "r1")
        said = plan.open().write(changes("r1"))
        assert said.repeated
        assert len(plan.cells("Runs")) == 3

    def test_a_lost_answer_is_reported_from_a_lost_call(self, plan):
        plan.server.fault("reset_after", "batchUpdate")
        assert written(plan, "r1").repeated
        assert plan.calls() == [("GET", 200), ("POST", 0), ("POST", 400), ("GET", 200)]
        assert len(plan.cells("Runs")) == 3

    def test_of_two_runs_that_read_the_same_state_the_second_plans_anew(self, plan):
        first, second = plan.open(), plan.open()
        first.read(inputs)
        second.read(inputs)
        first.write(changes("r1", body=9, status=False))
        plan.server.log.clear()
        said = second.write(changes("r2", body=1, status=False))
        assert not said.changed_meanwhile
        assert plan.calls() == [("POST", 400), ("GET", 200), ("POST", 200)]
        assert plan.cells("Results")[0] == ["Results", "r2"]
        assert len(plan.cells("Results")) == 4
        assert [row[0] for row in plan.cells("Runs")[1:]] == ["r1", "r1", "r2", "r2"]

    def test_old_marks_are_removed(self, plan):
        for number in range(KEPT_MARKS + 5):
            written(plan, f"r{number}")
        marks = plan.server.workbook_json(plan.id)["developerMetadata"]
        assert len(marks) == KEPT_MARKS + 1


class TestChangedMeanwhile:
    """Somebody works on the sheet while we solve."""

    def test_a_changed_estimate_is_reported_with_what_it_is_now(self, plan):
        workbook = plan.open()
        workbook.read(inputs)
        plan.server.edit(plan.id, "Initiatives!B2", 99)
        said = workbook.write(changes("r1"))
        assert said.changed_meanwhile
        assert said.after.tabs["Initiatives"].cell(2, 2).value == 99
        assert plan.calls() == [("GET", 200), ("POST", 200)]

    def test_our_own_statuses_are_no_change(self, plan):
        assert not written(plan, "r1").changed_meanwhile
        assert not written(plan, "r2").changed_meanwhile

    def test_an_inserted_row_is_reported(self, plan):
        workbook = plan.open()
        workbook.read(inputs)
        plan.book.worksheet("Initiatives").insert_row(["Z", 1], 2)
        assert workbook.write(changes("r1")).changed_meanwhile

    def test_an_inserted_column_is_reported_with_where_the_statuses_went(self, plan):
        workbook = plan.open()
        workbook.read(inputs)
        plan.book.worksheet("Initiatives").insert_cols([["owner", "me"]], 2)
        said = workbook.write(changes("r1"))
        assert said.changed_meanwhile
        assert said.notices == (
            "Columns of Initiatives were moved while the run was solving, so sync_status was written into column C as "
            "it stands now. Look whether cells of yours were overwritten there: File > Version history has them as "
            "they were.",
        )

    def test_a_renamed_input_tab_stops_the_write(self, plan):
        workbook = plan.open()
        workbook.read(inputs)
        plan.book.worksheet("Initiatives").update_title("Backlog")
        with pytest.raises(WorkbookChangedError, match="Nothing was written; run again"):
            workbook.write(changes("r1"))
        assert [sheet.title for sheet in plan.book.worksheets()] == ["Sheet1", "Backlog"]

    def test_a_deleted_input_tab_stops_the_write(self, plan):
        workbook = plan.open()
        workbook.read(inputs)
        plan.book.del_worksheet(plan.book.worksheet("Initiatives"))
        with pytest.raises(WorkbookChangedError):
            workbook.write(changes("r1"))

    def test_rows_that_people_added_to_runs_meanwhile_are_not_overwritten(self, plan):
        written(plan, "r1")
        workbook = plan.open()
        workbook.read(inputs)
        plan.book.worksheet("Runs").insert_row(["a note"], 2)
        workbook.write(changes("r2"))
        assert [row[0] for row in plan.cells("Runs")] == ["run_id", "a note", "r1", "r1", "r2", "r2"]


class TestRuns:
    """The history keeps to its headers, wherever people move them."""

    def test_columns_are_found_by_header_and_foreign_ones_left_alone(self, plan):
        plan.add_tab("Runs", [["History"], [], ["mine", "Scenario Name", "run id"], ["x", "S9", "r0"]])
        written(plan, "r1")
        assert plan.cells("Runs") == [
            ["History"],
            [],
            ["mine", "Scenario Name", "run id", "started_utc", "objective"],
            ["x", "S9", "r0"],
            ["", "S0", "r1", 46027.375, 200000],
            ["", "S1", "r1", 46027.375, 200000],
        ]

    def test_a_run_that_stands_there_is_not_appended_again(self, plan):
        written(plan, "r1")
        workbook = plan.open()
        workbook.read(inputs)
        workbook.write(Changes(results=results("other"), runs=log("r1")))
        assert len(plan.cells("Runs")) == 3

    def test_an_empty_tab_becomes_the_history(self, plan):
        plan.add_tab("Runs", [], size=(2, 2))
        written(plan, "r1")
        assert len(plan.cells("Runs")) == 3

    def test_a_tab_with_something_else_is_refused(self, plan):
        plan.add_tab("Runs", [["my runs"]])
        with pytest.raises(WorkbookRefusedError) as error:
            written(plan, "r1")
        assert str(error.value) == (
            'The tab "Runs" has no column headed "run_id" in its first 20 rows, so runs cannot be told apart. Give '
            "that column its header back, or rename the tab; sheetplan then makes a new one. Nothing was written."
        )


class TestStatuses:
    """Status columns: only what changes is written."""

    def status(self, values, *, column=3, creates=False):
        return Changes([StatusColumn("Initiatives", "sync_status", 1, column, creates, values)])

    def test_unchanged_statuses_cost_no_write(self, plan):
        plan.open().write(self.status({2: "OK", 3: "OK"}))
        plan.server.log.clear()
        plan.open().write(self.status({2: "OK", 3: "OK"}))
        assert plan.calls() == [("GET", 200)]

    def test_a_new_column_grows_the_grid(self, plan):
        plan.open().write(self.status({2: "OK", 40: "far below"}, column=13, creates=True))
        assert plan.cells("Initiatives")[0][12] == "sync_status"
        assert plan.cells("Initiatives")[39][12] == "far below"

    def test_a_text_that_is_gone_is_cleared(self, plan):
        plan.open().write(self.status({2: "broken"}))
        plan.open().write(self.status({2: ""}))
        assert "userEnteredValue" not in plan.server.cell(plan.id, "Initiatives!C2")

    def test_a_column_of_people_is_not_taken(self, plan):
        with pytest.raises(WorkbookRefusedError, match=r'Initiatives!B1 holds "gmv", where the header "sync_status"'):
            plan.open().write(self.status({2: "OK"}, column=2, creates=True))


class TestLargeReports:
    """More than one call holds: sent in parts, shown by the last."""

    def test_the_same_sheet_comes_out(self, plan):
        workbook = plan.open()
        workbook.read(inputs)
        workbook.write(changes("r1", body=400))
        whole = plan.cells("Results")
        small = plan.open(payload_bytes=20_000)
        small.read(inputs)
        plan.server.log.clear()
        said = small.write(replace(changes("r1", body=400), run_id="again"))
        calls = len(plan.calls())
        assert calls > 3
        assert said.notices == (f"The report was large, so it was sent in {calls} calls and shown by the last.",)
        assert plan.cells("Results") == whole
        assert plan.server.cell(plan.id, "Results!B2")["note"] == "per year"
        assert "userEnteredFormat" in plan.server.cell(plan.id, "Results!B300")
        assert [sheet.title for sheet in plan.book.worksheets()] == ["Sheet1", "Initiatives", "Results", "Runs"]
        biggest = max(call.request_bytes for call in plan.server.calls("batchUpdate"))
        assert biggest < 25_000

    def test_cells_of_input_tabs_never_travel_ahead(self, plan):
        texts = {row: f"a status of row {row}" for row in range(2, 25)}
        status = StatusColumn("Initiatives", "sync_status", 1, 3, False, texts)
        workbook = plan.open(payload_bytes=500)
        workbook.read(inputs)
        said = workbook.write(replace(changes("r1"), statuses=[status]))
        assert len(said.notices) == 1
        assert [row[2] for row in plan.cells("Initiatives")[1:]] == list(texts.values())
        assert not any(call.request_bytes < 400 for call in plan.server.calls("batchUpdate"))

    def test_until_the_last_call_the_old_report_stands_and_what_is_left_is_cleared(self, plan):
        written(plan, "r1")
        old = plan.cells("Results")
        workbook = plan.open(payload_bytes=20_000)
        workbook.read(inputs)
        plan.server.fault("status", "batchUpdate", status=403, skip=2)
        with pytest.raises(WorkbookUnreachableError):
            workbook.write(changes("r2", body=400))
        assert plan.cells("Results") == old
        assert any(sheet.title.startswith("sheetplan is writing ") for sheet in plan.book.worksheets())
        written(plan, "r3")
        assert [sheet.title for sheet in plan.book.worksheets()] == ["Sheet1", "Initiatives", "Results", "Runs"]
        assert plan.cells("Results")[0] == ["Results", "r3"]


def test_the_lock_keeps_a_second_run_out(plan):
    first, second = plan.open(), plan.open()
    with first.locked(), first.locked(), pytest.raises(WorkbookBusyError), second.locked():
        pass
    with second.locked():
        pass


def test_roles_have_looks_that_conditional_formats_take(plan):
    written(plan, "r1")
    (rule,) = plan.sheet_json("Results")["conditionalFormats"]
    assert set(rule["booleanRule"]["format"]) <= {"textFormat", "backgroundColor", "backgroundColorStyle"}


@pytest.mark.parametrize("title", ["GMV", "GMV (first 6 scenarios)"])
def test_a_chart_of_an_imported_file_is_known_by_its_title_and_drawn_once(plan, title):
    """Where a file becomes a Google Sheet, charts may come without the text by which they are known as ours."""
    written(plan, "r1")
    (chart,) = plan.sheet_json("Results")["charts"]
    spec = {key: value for key, value in chart["spec"].items() if key != "altText"} | {"title": title}
    own = {**spec, "title": "GMV of finance"}
    position = {"overlayPosition": {"anchorCell": chart["position"]["overlayPosition"]["anchorCell"]}}
    plan.book.batch_update(
        {
            "requests": [
                {"updateChartSpec": {"chartId": chart["chartId"], "spec": spec}},
                {"addChart": {"chart": {"spec": own, "position": position}}},
            ]
        }
    )
    written(plan, "r2")
    charts = plan.sheet_json("Results")["charts"]
    assert [item["spec"]["title"] for item in charts] == ["GMV", "GMV of finance"]
    assert [item["spec"].get("altText") for item in charts] == ["sheetplan chart: GMV", None]
    assert charts[0]["chartId"] == chart["chartId"]
