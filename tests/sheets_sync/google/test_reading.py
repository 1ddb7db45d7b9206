"""How much is read, in how many calls: what is beside our tabs stays where it is."""

import pytest

from sheets_sync.google import reading, transport
from sheets_sync.google.connection import connect
from sheets_sync.google.google_workbook import GoogleWorkbook
from sheets_sync.google.known_sizes import FRESH_TAB, LARGE, KnownSizes
from sheets_sync.workbook.backend import WorkbookUnreachableError
from tests.sheets_server.cell import Cell
from tests.sheets_sync.google_sheets import Plan, changes, inputs, make_plan

RAW_ROWS = 12_000
GET, POST = ("GET", 200), ("POST", 200)


def add_raw(plan: Plan, rows: int = RAW_ROWS) -> None:
    """A tab of numbers, as an export leaves it; put in directly, because typing it takes longer than the test."""
    sheet = plan.book.add_worksheet("Raw data", rows, 10)
    stored = plan.server.book(plan.id).sheet(sheet.id)
    assert stored is not None
    stored.rows = {row: {column: Cell(float(row)) for column in range(10)} for row in range(rows)}
    plan.server.log.clear()


def run(plan: Plan, name: str, **options: int) -> list[tuple[str, int]]:
    """The calls of one run in a fresh object."""
    plan.server.log.clear()
    workbook = plan.open(**options)
    workbook.read(inputs)
    workbook.write(changes(name))
    return plan.calls()


def largest_answer(plan: Plan) -> int:
    return max(call.response_bytes for call in plan.server.calls("/v4/"))


@pytest.fixture
def unknown(sheets_server):
    plan = make_plan(sheets_server, known=False)
    yield plan
    plan.close()


def test_first_contact_asks_for_titles_first_and_every_later_run_reads_once(unknown):
    assert run(unknown, "r1") == [GET, GET, POST]
    assert run(unknown, "r2") == [GET, POST]


def test_a_large_tab_of_others_is_never_downloaded(unknown):
    add_raw(unknown)
    for name in ("r1", "r2", "r3"):
        assert run(unknown, name) == [GET, GET, POST]
        assert largest_answer(unknown) < 20_000


def test_a_tab_that_grew_large_is_downloaded_once(plan):
    add_raw(plan)
    assert run(plan, "r1") == [GET, POST]
    assert largest_answer(plan) > 1_000_000
    assert run(plan, "r2") == [GET, GET, POST]
    assert largest_answer(plan) < 20_000


def test_a_tab_of_rules_added_beside_a_large_one_is_seen_at_once(unknown):
    add_raw(unknown)
    both = lambda title: title in ("Initiatives", "Constraints")  # noqa: E731
    assert list(unknown.open().read(both).tabs) == ["Initiatives"]
    unknown.add_tab("Constraints", [["constraint_type"]])
    assert list(unknown.open().read(both).tabs) == ["Initiatives", "Constraints"]


def test_both_ways_of_reading_find_the_same(plan):
    run(plan, "r1")
    whole = plan.open()
    first = whole.read(inputs)
    plan.connection.sizes.note(plan.id, LARGE + 1)
    assert plan.open().read(inputs) == first
    assert plan.open().read(lambda _: True) == whole.read(lambda _: True)


def test_a_workbook_without_any_tab_of_ours_is_read_without_its_cells(unknown):
    add_raw(unknown)
    assert unknown.open().read(lambda title: title == "Results").tabs == {}
    assert largest_answer(unknown) < 20_000


def test_a_read_that_google_does_not_manage_is_made_smaller_not_repeated(plan):
    add_raw(plan)
    plan.server.habits.largest_answer = 100_000
    assert run(plan, "r1") == [("GET", 500), ("GET", 500), GET, GET, POST]
    assert sum(plan.time.slept) < 5


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 503}, {"kind": "cut_body"}, {"kind": "reset_before"}])
def test_whatever_ends_the_large_read_a_smaller_one_follows(plan, fault):
    plan.server.fault(match="GET .*data", times=2, **fault)
    assert plan.open().read(inputs).tabs["Initiatives"].cell(2, 1).value == "A"
    assert len(plan.calls()) == 4


def test_tabs_of_ours_that_are_too_much_at_once_come_in_pieces(plan, monkeypatch):
    rows = [["initiative_key", "gmv"], *([f"I{row}", row] for row in range(900))]
    initiatives = plan.book.worksheet("Initiatives")
    initiatives.resize(1200, 3)
    initiatives.update(rows, raw=True)
    initiatives.merge_cells("A1000:B1000")
    whole = plan.open().read(inputs)
    monkeypatch.setattr(reading, "FEWEST_ROWS", 200)
    plan.server.habits.largest_answer = 60_000
    assert plan.open().read(inputs) == whole
    assert plan.time.now < 120


def test_what_cannot_be_made_smaller_is_repeated_until_the_deadline(plan):
    plan.server.fault("status", "GET .*", status=500, times=None)
    with pytest.raises(WorkbookUnreachableError, match="Google answered 500 on every attempt"):
        plan.open().read(inputs)
    assert plan.time.now > 100


def test_a_quota_that_is_used_up_does_not_make_a_read_smaller(plan):
    plan.server.fault("status", "GET .*", status=429, times=4)
    plan.open().read(inputs)
    assert plan.calls() == [("GET", 429)] * 4 + [GET]


def test_tabs_of_ours_that_we_cannot_take_in_are_reported(plan, monkeypatch):
    plan.add_tab("Notes", [["x" * 10_000]])
    monkeypatch.setattr(transport, "LARGEST_ANSWER", 8_000)
    with pytest.raises(WorkbookUnreachableError, match=r"hold more than it can take in.*\[too-large\]"):
        plan.open().read(lambda _: True)


def test_the_answer_of_a_write_that_google_does_not_manage_is_asked_for_by_a_read(plan):
    workbook = plan.open()
    workbook.read(inputs)
    plan.server.fault("cut_body", "batchUpdate", times=1)
    assert workbook.write(changes("r1")).repeated
    assert len(plan.cells("Runs")) == 3


def test_sizes_are_known_to_the_next_process(unknown, tmp_path):
    def fresh() -> GoogleWorkbook:
        sizes = KnownSizes(tmp_path / "sizes")
        return GoogleWorkbook(unknown.id, connect(emulator=unknown.server.url, sizes=sizes))

    for reads in (2, 1):
        unknown.server.log.clear()
        fresh().read(inputs)
        assert unknown.calls() == [GET] * reads


@pytest.mark.parametrize("content", ["", "many", "\u00e9"])
def test_a_hint_that_cannot_be_read_is_no_hint(tmp_path, content):
    sizes = KnownSizes(tmp_path)
    sizes.note("x", 5)
    (file,) = tmp_path.iterdir()
    assert KnownSizes(tmp_path).is_small("x")
    file.write_text(content, encoding="utf-8")
    assert not KnownSizes(tmp_path).is_small("x")


def test_a_folder_that_cannot_be_written_fails_no_read(tmp_path):
    (tmp_path / "taken").write_text("a file")
    sizes = KnownSizes(tmp_path / "taken")
    sizes.note("x", 5)
    assert sizes.is_small("x")


def test_fresh_tabs_count_little_and_large_ones_whole(unknown):
    for number in range(3):
        unknown.book.add_worksheet(f"Notes {number}", 1000, 26)
    assert FRESH_TAB == 26_000
    run(unknown, "r1")
    assert run(unknown, "r2") == [GET, POST]
    unknown.book.add_worksheet("Export", 10_001, 10)
    other = connect(emulator=unknown.server.url, patience=unknown.time.patience())
    GoogleWorkbook(unknown.id, other).read(inputs)
    assert not other.sizes.is_small(unknown.id)
