"""A name leads to the report only where it has cells of ours: never over inputs, never into a copy."""

import pytest

from sheets_sync.google.range_names import ids_of, parse_names, report_tabs
from sheets_sync.workbook.backend import WorkbookRefusedError, WorkbookUnreachableError
from tests.sheets_sync.google_sheets import changes, inputs

FULL = {"startRowIndex": 0, "endRowIndex": 4, "startColumnIndex": 0, "endColumnIndex": 3}
(OURS, *_) = ids_of("sheetplan_results")


def written(plan, run, **options):
    workbook = plan.open()
    workbook.read(inputs)
    return workbook.write(changes(run, **options))


def titles(plan) -> list[str]:
    return [sheet.title for sheet in plan.book.worksheets()]


def name_places(plan) -> dict[str, list[object]]:
    """The tabs that each name of ours has cells on."""
    found: dict[str, list[object]] = {}
    names = {sheet.id: sheet.title for sheet in plan.book.worksheets()}
    for item in plan.server.workbook_json(plan.id)["namedRanges"]:
        grid = item.get("range", {})
        found.setdefault(item["name"], []).append(names.get(grid.get("sheetId", 0)) if "endRowIndex" in grid else None)
    return found


@pytest.fixture
def first_tab_holds_initiatives(plan):
    """As in most sheets: the tab with id 0 is the person's own."""
    plan.book.del_worksheet(plan.book.worksheet("Initiatives"))
    first = plan.book.worksheet("Sheet1")
    assert first.id == 0
    first.update_title("Initiatives")
    first.update([["initiative_key", "gmv", "sync_status"], ["A", 120000, ""], ["B", 80000, ""]], raw=True)
    return plan.cells("Initiatives")


@pytest.mark.parametrize("grid", [None, {}, {"sheetId": 0}, {"endRowIndex": 4}, {"sheetId": 0, "startRowIndex": 0}])
def test_a_name_without_cells_is_not_the_first_tab(plan, first_tab_holds_initiatives, grid):
    for name in ("sheetplan_results", "sheetplan_selection"):
        item = {"name": name, "namedRangeId": ids_of(name)[0]}
        plan.server.book(plan.id).named_ranges.append(item if grid is None else {**item, "range": grid})
    plan.server.habits.broken_names_change = True
    plan.server.log.clear()
    written(plan, "r1", status=False)
    assert plan.cells("Initiatives") == first_tab_holds_initiatives
    assert plan.cells("Results")[0] == ["Results", "r1"]
    assert name_places(plan)["sheetplan_results"] == ["Results"]


def test_a_tab_with_inputs_is_never_the_report_whatever_a_name_says(plan, first_tab_holds_initiatives):
    item = {"name": "sheetplan_results", "namedRangeId": OURS, "range": {"sheetId": 0, **FULL}}
    plan.server.book(plan.id).named_ranges.append(item)
    said = written(plan, "r1", status=False)
    assert plan.cells("Initiatives") == first_tab_holds_initiatives
    assert plan.cells("Results")[0] == ["Results", "r1"]
    assert said.notices == ()


@pytest.mark.parametrize("broken", ["unlisted", "without range", "gone tab"])
@pytest.mark.parametrize("changeable", [True, False])
def test_after_results_was_deleted_it_is_made_anew_however_its_names_are_left(plan, broken, changeable):
    plan.server.habits.broken_names, plan.server.habits.broken_names_change = broken, changeable
    written(plan, "r1")
    plan.book.del_worksheet(plan.book.worksheet("Results"))
    written(plan, "r2")
    assert plan.cells("Results")[0] == ["Results", "r2"]
    assert name_places(plan) == {"sheetplan_results": ["Results"], "sheetplan_selection": ["Results"]}
    written(plan, "r3")
    assert plan.cells("Results")[0] == ["Results", "r3"]
    assert titles(plan).count("Results") == 1


def test_names_that_can_neither_be_changed_nor_removed_are_reported_with_the_cure(plan):
    item = {"name": "sheetplan_selection", "namedRangeId": "elsewhere"}
    plan.server.book(plan.id).lost_names.append(item)
    workbook = plan.open()
    workbook.read(inputs)
    with pytest.raises(WorkbookUnreachableError, match=r"\[broken-name\]"):
        workbook.write(changes("r1"))


@pytest.mark.parametrize("names", ["plain", "prefixed"])
class TestCopies:
    """A person duplicates Results to keep an answer: the copy is theirs."""

    @pytest.fixture
    def copied(self, plan, names):
        plan.server.habits.copied_names = names
        written(plan, "r1")
        results = plan.book.worksheet("Results")
        # Google puts a copy before or after its source, as asked; the first of two names is then the copy's.
        plan.book.duplicate_sheet(results.id, insert_sheet_index=0, new_sheet_name="Copy of Results")
        book = plan.server.book(plan.id)
        book.named_ranges.sort(key=lambda item: item["range"]["sheetId"] == results.id)
        return plan.cells("Copy of Results")

    def test_the_next_run_writes_into_the_original(self, plan, copied):
        said = written(plan, "r2", body=5)
        assert plan.cells("Copy of Results") == copied
        assert plan.cells("Results")[0] == ["Results", "r2"]
        assert said.notices == ()

    def test_a_renamed_original_is_still_the_original(self, plan, copied):
        plan.book.worksheet("Results").update_title("Plan of record")
        said = written(plan, "r2")
        assert plan.cells("Copy of Results") == copied
        assert plan.cells("Plan of record")[0] == ["Results", "r2"]
        assert "Results" not in titles(plan)
        assert len(said.notices) == 1

    def test_after_the_original_was_deleted_the_copy_stays_and_results_is_made_anew(self, plan, copied):
        plan.book.del_worksheet(plan.book.worksheet("Results"))
        for run in ("r2", "r3"):
            written(plan, run)
            assert plan.cells("Copy of Results") == copied
            assert plan.cells("Results")[0] == ["Results", run]

    @pytest.mark.usefixtures("copied")
    def test_a_copy_that_was_given_the_title_is_taken_for_results_only_where_its_cells_are_known(self, plan, names):
        plan.book.del_worksheet(plan.book.worksheet("Results"))
        plan.book.worksheet("Copy of Results").update_title("Results")
        if names == "plain":
            written(plan, "r2")
            assert plan.cells("Results")[0] == ["Results", "r2"]
        else:
            with pytest.raises(WorkbookRefusedError, match='There is a tab "Results" that sheetplan did not write'):
                written(plan, "r2")


def test_a_copied_spreadsheet_goes_on_by_itself(plan):
    written(plan, "r1")
    plan.book = plan.server.client().copy(plan.id, title="Next quarter")
    written(plan, "r2")
    assert plan.cells("Results")[0] == ["Results", "r2"]
    assert len(plan.cells("Runs")) == 5


def test_marks_that_got_other_ids_in_a_copy_are_no_numbers(plan):
    written(plan, "r1")
    book = plan.server.book(plan.id)
    book.developer_metadata[:] = [{**item, "metadataId": 2_147_483_647} for item in book.developer_metadata]
    for run in ("r2", "r3"):
        written(plan, run)
    assert plan.cells("Results")[0] == ["Results", "r3"]


@pytest.mark.parametrize("spent", [1, 30, 5000])
def test_after_a_restored_version_numbers_that_stay_taken_are_leapt_over(plan, spent):
    """Its marks are those of then; whether the ids of later ones are free again, only Google knows."""
    written(plan, "r1")
    first = plan.server.workbook_json(plan.id)["developerMetadata"][0]["metadataId"]
    plan.server.book(plan.id).spent_ids.extend(range(first + 1, first + 1 + spent))
    for run in ("r2", "r3"):
        written(plan, run)
    assert plan.cells("Results")[0] == ["Results", "r3"]
    assert len(plan.cells("Runs")) == 7


@pytest.mark.parametrize("duplicates", ["refused", "accepted"])
def test_a_lost_answer_is_reported_from_a_lost_call_even_if_ids_may_be_given_twice(plan, duplicates):
    plan.server.habits.duplicate_ids = duplicates
    for run in ("r1", "r2"):
        plan.server.fault("reset_after", "batchUpdate")
        assert written(plan, run).repeated
    assert len(plan.cells("Runs")) == 5


def test_of_two_names_the_one_on_the_report_counts():
    twice = {
        "sheets": [{"properties": {"sheetId": 5, "title": "Copy"}}, {"properties": {"sheetId": 7, "title": "Ours"}}],
        "namedRanges": [
            {"name": "sheetplan_results", "namedRangeId": "9", "range": {"sheetId": 5, **FULL}},
            {"name": "Sheetplan_Results", "namedRangeId": OURS, "range": {"sheetId": 7, **FULL}},
            {"name": "sheetplan_x", "namedRangeId": "1"},
        ],
    }  # fmt: skip
    assert report_tabs(twice, lambda _: False) == {"Results": 7}
    assert report_tabs(twice, lambda title: title == "Ours") == {}
    assert parse_names(twice, {7}) == {
        "Sheetplan_Results": (OURS, {"sheetId": 7, **FULL}),
        "sheetplan_x": ("1", {}),
    }
