"""Rolling a plan on to the next period: what is proposed, what is written in one step, and what is refused."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.request import RunRequest
from sheets_sync.run.read_inputs import wanted_tabs
from sheets_sync.run.roll import roll
from sheets_sync.run.run_workbook import run_workbook
from tests.end_to_end.cli import Sheetplan
from tests.people_sheets import Calculated, PeopleSheet, make_google, write_excel
from tests.sheets_server.server import SheetsServer
from tests.workbooks import named_range_values

INITIATIVES: list[list[Any]] = [
    ["Key", "Effort", "Team", "GMV", "Status", "Duration", "Earliest start", "Latest finish", "cost: design"],
    ["A", 8, "Data", 900, None, 1, None, None, 2],
    ["B", 12, "Growth", 800, None, 3, "2026-Q3", None, 6],
    ["C", 8, "Data", 300, "To do", 1, "2026-Q3", None, None],
    ["D", 9, "Data", 10, "Done", 1, None, None, None],
    ["E", 8, "Data", 1, None, 1, None, "2026-Q3", None],
]
YEAR = ["Year", "north_star", "2026-Q3", "2027-Q2", None, None]


def sheet(*scenarios: list[Any], periods: tuple[str, ...] = ()) -> PeopleSheet:
    """Data does A in the first quarter and C in the second, Growth begins B in the first."""
    tabs = {
        "KPIs": [["kpi_key", "kpi_level", "accrues"], ["gmv", "north_star", "each_period"]],
        "Initiatives": INITIATIVES,
        "Scenarios": [["scenario", "mode", "from_period", "to_period", "keep", "capacity"], *(scenarios or [YEAR])],
        "Capacity": [["dimension", "dimension_key", "amount"], ["team", "Data", 8], ["team", "Growth", 4]],
    }
    if periods:
        tabs["Periods"] = [["period_key"], *([period] for period in periods)]
    return PeopleSheet(tabs)


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEETPLAN_STORE__PATH", str(tmp_path / "runs.sqlite3"))


@pytest.fixture(params=["excel", "google"])
def open_sheet(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[PeopleSheet], Any]]:
    """Makes the sheet on one backend; what comes back opens it anew each time."""
    if request.param == "excel":
        yield lambda made: (lambda path: lambda: ExcelWorkbook(path))(write_excel(tmp_path / "plan.xlsx", made))
        return
    with SheetsServer() as server:
        plans = []

        def make(made: PeopleSheet) -> Any:
            plans.append(make_google(server, made))
            return plans[-1].open

        yield make
        for plan in plans:
            plan.close()


CHANGED = [
    ("Initiatives!L1", "remaining_tokens"),
    ("Initiatives!E2", "Done"),
    ("Initiatives!E3", "in_progress"),
    ("Initiatives!F3", 2.0),
    ("Initiatives!G3", None),
    ("Initiatives!I3", 4.0),
    ("Initiatives!L3", 8.0),
    ("Initiatives!G4", None),
    ("Scenarios!C2", "2026-Q4"),
    ("Scenarios!D2", "2027-Q3"),
    ("Scenarios!E2", "last run"),
]


def test_next_cycle_is_written_in_one_step_with_a_copy(open_sheet: Callable[[PeopleSheet], Any]) -> None:
    """A is done, B goes on with two of three quarters, C keeps its start, and the next run agrees."""
    opened = open_sheet(sheet())
    first = run_workbook(opened(), RunRequest()).scenarios[0].portfolio
    assert first is not None
    assert first.starts == {"A": "2026-Q3", "B": "2026-Q3", "C": "2026-Q4"}
    shown = roll(opened(), "2026-Q4", None, None, write=False)
    assert [(step.place, step.value) for step in shown.proposal.steps] == CHANGED
    assert (shown.written, shown.copy, shown.proposal.based_on) == (False, "", "the last run")
    assert shown.proposal.notes == (
        "E was to be finished in 2026-Q3 or earlier, which is over: change its latest finish, or it cannot be "
        "selected.",
    )
    written = roll(opened(), "Q4 2026", None, None, write=True)
    assert written.written
    now = opened().read(lambda _: True)
    for place, value in CHANGED:
        title, address = place.split("!")
        cell = now.tabs[title].cell(int(address[1:]), ord(address[0]) - 64)
        assert cell.value == value, place
    again = run_workbook(opened(), RunRequest())
    portfolio = again.scenarios[0].portfolio
    assert portfolio is not None
    assert portfolio.starts == {"B": "2026-Q4", "C": "2026-Q4"}
    assert (again.scenarios[0].finished, again.scenarios[0].came_in, again.scenarios[0].went_out) == (("A",), (), ())
    assert not [issue for issue in again.issues if issue.severity == "error"]
    copies = written.copy.split(", ")
    if isinstance(opened(), ExcelWorkbook):
        assert copies == ["plan before 2026-Q4.xlsx"]
        kept = ExcelWorkbook(Path(opened().locator).with_name(copies[0])).read(wanted_tabs).tabs["Initiatives"]
    else:
        assert copies == ["Initiatives before 2026-Q4", "Scenarios before 2026-Q4"]
        kept = now.tabs[copies[0]]
    assert [cell.shown for cell in kept.rows[1]][:4] == ["A", "8", "Data", "900"]
    assert kept.cell(2, 5).is_blank


def test_approval_is_what_counts_and_is_kept(tmp_path: Path, sheetplan: Sheetplan) -> None:
    path = write_excel(tmp_path / "plan.xlsx", sheet())
    sheetplan("run", path)
    sheetplan("approve", path, "--scenario", "Year", "--by", "Ana")
    said = sheetplan("roll", path, "--to", "2026-Q4", "--yes", "--json")
    assert said.code == 0
    document = said.document
    assert document["based_on"].startswith("the approval of ")
    assert document["cells"][-1] == {
        "cell": "Scenarios!E2", "about": "Year", "column": "keep", "old": None, "new": "approved",
    }  # fmt: skip
    assert (document["written"], document["copy"]) == (True, "plan before 2026-Q4.xlsx")
    (answer,) = sheetplan("run", path, "--json").document["scenarios"]
    assert answer["reasons"]["C"].startswith("kept with its start from the approval of ")
    shown = [line.strip() for line in sheetplan("diff", path, document_run(sheetplan, path)).out.splitlines()]
    # A did not go out, and B, which goes on, did not move. A had counted three times; B and C count once more.
    assert [line for line in shown if line.startswith(("Finished", "In:", "Out", "Moved"))] == ["Finished: A"]
    assert "work finished, periods moved: gmv -1,600 (finished: A)" in shown
    steps = {row[1]: row[3] for row in named_range_values(path, "sheetplan_bridge")}
    assert (steps["Then"], steps["Work finished, periods moved"], steps["Now"]) == (4_100, -1_600, 2_500)
    assert "finished: A" in " ".join(str(row[2]) for row in named_range_values(path, "sheetplan_answer"))


def document_run(sheetplan: Sheetplan, path: Path) -> str:
    """The id of the newest run."""
    return str(sheetplan("runs", path, "--json").document["runs"][0]["run_id"])


def test_what_is_shown_reads_as_a_table(tmp_path: Path, sheetplan: Sheetplan) -> None:
    path = write_excel(tmp_path / "plan.xlsx", sheet())
    sheetplan("run", path)
    out = sheetplan("roll", path, "--to", "2026-Q4").out
    assert out.startswith('"Year" from 2026-Q4 on, based on the last run:')
    assert [line.split() for line in out.splitlines() if line.startswith("Initiatives!E3")] == [
        ["Initiatives!E3", "B", "Status", "(blank)", "in_progress"]
    ]
    assert "Nothing was written. Write it with --yes." in out


@pytest.mark.parametrize(
    ("scenarios", "periods", "to", "arguments", "refused"),
    [
        pytest.param(
            [["Once", "north_star", None, None, None, 10]], (), "2026-Q4", (),
            "No scenario plans several periods: none has from_period and to_period.", id="no-periods",
        ),
        pytest.param(
            [], (), "2026-Q4", (),
            '"Year" has no approval and no run over its periods yet, so nothing says what was to be done by then. Run '
            "it first; approve it if the plan is agreed.", id="no-run",
        ),
        pytest.param(
            [YEAR, ["Half", "north_star", "2026-Q3", "2026-Q4", None, None]], (), "2026-Q4", (),
            "Several scenarios plan several periods: Year, Half. Say which one is real with --scenario.", id="several",
        ),
        pytest.param(
            [YEAR, ["Once", "north_star", None, None, None, 10]], (), "2026-Q4", ("--scenario", "Once"),
            '"Once" has errors (see: sheetplan check), or plans no periods: only a scenario with from_period and '
            "to_period can be rolled on.", id="another-scenario",
        ),
    ],
)  # fmt: skip
def test_refusals_before_there_is_a_plan(
    tmp_path: Path, sheetplan: Sheetplan, scenarios: list[Any], periods: tuple[str, ...], to: str,
    arguments: tuple[str, ...], refused: str,
) -> None:  # fmt: skip
    path = write_excel(tmp_path / "plan.xlsx", sheet(*scenarios, periods=periods))
    said = sheetplan("roll", path, "--to", to, *arguments)
    assert (said.code, said.err.strip()) == (2, f"sheetplan: {refused}")


QUARTERS = ("2026-Q3", "2026-Q4", "2027-Q1", "2027-Q2")


@pytest.mark.parametrize(
    ("periods", "to", "refused"),
    [
        pytest.param(
            (), "later", 'There is no period "later" such as 2026-Q3. The scenario plans 2026-Q3 to 2027-Q2.', id="text"
        ),
        pytest.param((), "2026-Q3", '"Year" begins with 2026-Q3 already. Roll it on to a later period.', id="same"),
        pytest.param(
            QUARTERS, "2027-Q3", 'There is no period "2027-Q3" in the Periods tab. The scenario plans 2026-Q3 to '
            "2027-Q2.", id="not-listed",
        ),
        pytest.param(
            QUARTERS, "2026-Q4",
            "The plan would end after 2027-Q2, the last period of the Periods tab. Add one more period there.",
            id="end",
        ),
    ],
)  # fmt: skip
def test_refusals_of_periods(
    tmp_path: Path, sheetplan: Sheetplan, periods: tuple[str, ...], to: str, refused: str
) -> None:
    path = write_excel(tmp_path / "plan.xlsx", sheet(periods=periods))
    sheetplan("run", path)
    said = sheetplan("roll", path, "--to", to, "--yes")
    assert (said.code, said.err.strip()) == (2, f"sheetplan: {refused}")


def test_formulas_are_not_overwritten(tmp_path: Path, sheetplan: Sheetplan) -> None:
    year = ["Year", "north_star", Calculated('="2026-Q"&"3"', "2026-Q3"), "2027-Q2", None, None]  # type: ignore[arg-type]
    path = write_excel(tmp_path / "plan.xlsx", sheet(year))
    sheetplan("run", path)
    before = path.read_bytes()
    said = sheetplan("roll", path, "--to", "2026-Q4", "--yes", "--json")
    assert said.code == 2
    assert said.document["error"]["message"] == (
        "Scenarios!C2 would change and holds a formula. Put values in their place, or make the formula follow the "
        "period, then try again."
    )
    assert path.read_bytes() == before


def test_finished_work_clears_what_is_for_work_in_progress_and_says_what_it_brought(
    tmp_path: Path, sheetplan: Sheetplan
) -> None:
    """A target that counted on finished work would be asked for twice."""
    made = sheet()
    rows = [
        [*row, *extra] for row, extra in zip(INITIATIVES, ([""], [None], [None], [None], [None], [None]), strict=True)
    ]
    rows[0][-1], rows[1][-1], rows[1][4] = "remaining_tokens", 3, "In progress"
    targets = [
        ["kpi_key", "floor_or_goal", "target_value", "period_key"],
        ["gmv", "goal", 5000, None],
        ["gmv", "goal", 800, "2026-Q4"],
    ]
    path = write_excel(tmp_path / "plan.xlsx", PeopleSheet({**made.tabs, "Initiatives": rows, "Targets": targets}))
    sheetplan("run", path)
    document = sheetplan("roll", path, "--to", "2026-Q4", "--json").document
    assert [(cell["cell"], cell["new"]) for cell in document["cells"] if cell["about"] == "A"] == [
        ("Initiatives!E2", "Done"),
        ("Initiatives!J2", None),
    ]
    # The word is the one that the column has for it.
    assert {cell["cell"]: cell["new"] for cell in document["cells"]}["Initiatives!E3"] == "In progress"
    assert document["notes"][1:] == [
        "The target for gmv (Targets!C2): 2,700 of the 5,000 asked for was to come from work that is finished now, "
        "which a plan no longer counts. If that came true, change the target to 2,300.",
        "The target for gmv by the end of 2026-Q4 (Targets!C3): 900 of the 800 asked for was to come from work that is "
        "finished now, which a plan no longer counts. If that came true, the target is met: remove it.",
    ]
