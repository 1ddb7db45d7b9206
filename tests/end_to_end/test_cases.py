"""Small sheets of the kinds on which planners were seen to be wrong or silent, on both backends: what is right."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from optimizer.portfolio import Status
from sheets_sync.excel import ExcelWorkbook
from sheets_sync.outcome import RunOutcome
from sheets_sync.request import RunRequest
from sheets_sync.run.run_workbook import run_workbook
from tests.people_sheets import Calculated, Euros, Money, PeopleSheet, Percent, make_google, write_excel
from tests.sheets_server.server import SheetsServer
from tests.workbooks import Rows

Solve = Callable[[PeopleSheet], "Answer"]


@dataclass(frozen=True)
class Answer:
    """What a run made of a sheet."""

    outcome: RunOutcome

    @property
    def selected(self) -> set[str]:
        """The keys that the last scenario selects; it is proven best."""
        portfolio = self.outcome.scenarios[-1].portfolio
        assert portfolio is not None, self.issues
        assert portfolio.status is Status.OPTIMAL
        return set(portfolio.selected)

    @property
    def issues(self) -> list[tuple[str, str]]:
        """(place, code) of every issue, in order."""
        return [(issue.place, issue.code) for issue in self.outcome.issues]

    @property
    def codes(self) -> set[str]:
        """The codes of all issues."""
        return {code for _, code in self.issues}

    def message(self, code: str) -> str:
        """The first message with that code."""
        return next(issue.message for issue in self.outcome.issues if issue.code == code)


@pytest.fixture(params=["excel", "google"])
def solve(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Solve]:
    """Makes the sheet on one backend, and runs it."""
    if request.param == "excel":
        yield lambda sheet: _run(ExcelWorkbook(write_excel(tmp_path / "plan.xlsx", sheet)))
        return
    with SheetsServer() as server:
        plans = []

        def solve_google(sheet: PeopleSheet) -> Answer:
            plans.append(make_google(server, sheet))
            return _run(plans[-1].open())

        yield solve_google
        for plan in plans:
            plan.close()


def _run(workbook: Any) -> Answer:
    return Answer(run_workbook(workbook, RunRequest(dry_run=True)))


def sheet(
    initiatives: Rows,
    *,
    kpis: Rows = (["gmv", "north_star", "GBP", "higher"],),
    capacity: float = 100,
    period: Any = None,
    tab: str = "Initiatives",
    more: dict[str, Rows] | None = None,
    **extras: Any,
) -> PeopleSheet:
    """A sheet with one scenario that maximizes the north star within a capacity."""
    tabs: dict[str, Rows] = {
        "KPIs": [["kpi_key", "kpi_level", "unit", "direction"], *kpis],
        tab: initiatives,
        "Scenarios": [["scenario", "mode", "capacity", "period"], ["S", "north_star", capacity, period]],
    }
    return PeopleSheet(tabs | (more or {}), **extras)


HEADERS = ["key", "effort", "gmv"]
ABC: list[list[Any]] = [["A", 10, 1000], ["B", 20, 1500], ["C", 30, 1200]]
DIMENSION = ["key", "effort", "team", "gmv"]
CAP_ON_GROWTH = {
    "Constraints": [
        ["constraint_type", "dimension", "dimension_key", "max_tokens"],
        ["capacity_cap", "department", "Growth", 100],
    ]
}
LIST = ["ID", "Title", "Effort", "Value"]
FIVE: list[list[Any]] = [[1, "A", 3, 10], [2, "B", 4, 9], [3, "C", 2, 7], [4, "D", 5, 12], [5, "E", 1, 2]]
VALUE = (["value", "north_star"],)


def test_plan_without_tokens_goes_by_its_other_resources(solve: Solve) -> None:
    rows = [["key", "team", "cost: design days", "cost: budget", "gmv"], ["A", "X", 10, 1000, 500],
            ["B", "Y", 20, 500, 700], ["C", "X", 15, None, 300]]  # fmt: skip
    plan = sheet(rows)
    plan.tabs["Scenarios"] = [["scenario", "mode", "capacity: design days"], ["S", "north_star", 30]]
    plan.tabs["Constraints"] = [
        ["constraint_type", "dimension", "dimension_key", "value", "resource"],
        ["share_floor", "team", "X", Percent(0.3), "design days"],
    ]
    answer = solve(plan)
    assert (answer.selected, answer.issues) == ({"A", "B"}, [])
    (scenario,) = answer.outcome.to_json()["scenarios"]
    assert scenario["summary"] == "Optimal: proven best; 2 selected, 30 of 30 design days used."
    assert scenario["capacity"] == {
        "design days": {"used": 30.0, "available": 30.0},
        "budget": {"used": 1500.0, "available": None},
    }
    assert scenario["reasons"]["C"] == "would not fit: needs 15 design days, 0 left"


def test_percentages_of_people_are_shares_and_reserves(solve: Solve) -> None:
    """20% for Platform, a tenth kept free, one of two: each changes the answer, and Results and status say so."""
    rows = [["key", "effort", "team", "gmv"], ["A", 40, "Growth", 900], ["B", 40, "Growth", 800],
            ["P", 20, "Platform", 10], ["Q", 25, "Platform", 5]]  # fmt: skip
    plan = sheet(rows, capacity=110)
    plan.tabs["Scenarios"][0].append("reserve")
    plan.tabs["Scenarios"][1].append(Percent(0.05))
    plan.tabs["Constraints"] = [
        ["constraint_type", "dimension", "dimension_key", "value", "member_keys"],
        ["share_floor", "team", "Platform", Percent(0.2), None],
    ]
    answer = solve(plan)
    assert (answer.selected, answer.issues) == ({"A", "B", "P"}, [])
    portfolio = answer.outcome.scenarios[-1].portfolio
    assert [(use.used, use.available, use.reserved) for use in portfolio.resources] == [(100.0, 104.5, 5.5)]
    assert [(str(use.slice), use.used, use.minimum, use.share) for use in portfolio.slices] == [
        ("department Platform", 20.0, 20.0, 0.2)
    ]
    assert portfolio.reasons["P"] == "keeps department Platform at 20% or more" or portfolio.scores["P"] > 0


@pytest.mark.parametrize(
    "total",
    [
        ["Total", 60, 3700],
        ["TOTAL:", Calculated("=SUM(B2:B4)", 60), Calculated("=SUM(C2:C4)", 3700)],
        ["Everything", Calculated("=SUBTOTAL(109,B2:B4)", 60), Calculated("=SUBTOTAL(109,C2:C4)", 3700)],
    ],
    ids=["typed", "formula", "formula without the word"],
)
def test_row_of_totals_is_left_out_and_reported(solve: Solve, total: list[Any]) -> None:
    answer = solve(sheet([HEADERS, *ABC, total]))
    assert answer.selected == {"A", "B", "C"}
    assert answer.issues == [("Initiatives!A5", "total_row")]


def test_totals_row_of_a_table_is_left_out_and_reported(solve: Solve) -> None:
    answer = solve(sheet([HEADERS, *ABC, ["Everything", 61, 3701]], table="Initiatives!A1:C5"))
    assert answer.selected == {"A", "B", "C"}
    assert answer.issues == [("Initiatives!A5", "total_row")]


def test_headings_subtotals_and_the_table_beside_them_are_no_initiatives(solve: Solve) -> None:
    rows: list[list[Any]] = [
        ["Roadmap H2 2026", None, None, None, None, None, None],
        [],
        ["Initiative", "Team", "Effort", "gmv", None, "Crew", "People"],
        ["GROWTH", None, 0, None, None, "Growth", 3],
        ["Plans", "Growth", 8, 180, None, "Core", 4],
        ["Referral", "Growth", 5, 90, None, "Mobile", 2],
        ["Subtotal Growth", None, Calculated("=SUM(C5:C6)", 13), Calculated("=SUM(D5:D6)", 270), None, "Data", 1],
        [],
        ["CORE", None, None, None],
        ["Onboarding", "Core", 9, 60],
        ["Subtotal Core", None, Calculated("=SUM(C10:C10)", 9), Calculated("=SUM(D10:D10)", 60)],
        ["Total", None, Calculated("=C7+C11", 22), Calculated("=D7+D11", 330)],
    ]
    answer = solve(sheet(rows, capacity=14, merges=["Initiatives!A1:D1"]))
    assert answer.selected == {"Plans", "Referral"}
    left_out = [(place, code) for place, code in answer.issues if code != "ignored_numeric_column"]
    assert left_out == [
        ("Initiatives!A4", "heading_row"),
        ("Initiatives!A7", "total_row"),
        ("Initiatives!A9", "heading_row"),
        ("Initiatives!A11", "total_row"),
        ("Initiatives!A12", "total_row"),
    ]


def test_merged_team_holds_for_every_row_that_it_covers(solve: Solve) -> None:
    rows = [
        DIMENSION,
        ["A", 100, "Growth", 1000],
        ["B", 100, None, 1500],
        ["C", 100, None, 1200],
        ["D", 100, "Core", 9],
    ]
    answer = solve(sheet(rows, capacity=400, more=CAP_ON_GROWTH, merges=["Initiatives!C2:C4"]))
    assert answer.selected == {"B", "D"}
    assert answer.issues == [("Initiatives!C2", "merged_value")]


def test_merged_scenario_holds_for_every_rule_that_it_covers(solve: Solve) -> None:
    teams = ("Growth", "Growth", "Core", "Core")
    rows = [[key, 100, team, gmv] for key, team, gmv in zip("ABCD", teams, (1000, 1500, 1200, 900), strict=True)]
    rules = [
        ["scenario_name", "constraint_type", "dimension", "dimension_key", "max_tokens"],
        ["Lean", "capacity_cap", "department", "Growth", 100],
        [None, "capacity_cap", "department", "Core", 100],
    ]
    scenarios = [["scenario", "mode", "capacity"], ["Lean", "north_star", 400], ["Full", "north_star", 400]]
    book = sheet([DIMENSION, *rows], more={"Scenarios": scenarios, "Constraints": rules}, merges=["Constraints!A2:A3"])
    answer = solve(book)
    assert answer.selected == {"A", "B", "C", "D"}
    assert answer.issues == [("Constraints!A2", "merged_value")]


def test_hidden_rows_are_planned_like_others(solve: Solve) -> None:
    answer = solve(sheet([HEADERS, *ABC], hidden=["Initiatives!A3:A3"]))
    assert answer.selected == {"A", "B", "C"}


def test_merged_effort_is_an_error(solve: Solve) -> None:
    answer = solve(sheet([HEADERS, ["A", 10, 1000], ["B", None, 1500]], merges=["Initiatives!B2:B3"]))
    assert answer.issues == [("Initiatives!B3", "merged_key_or_number")]


SPELLINGS = ["2026-Q1", "2026–Q1", "2026 Q1", "Q1 2026", "2026Q1", "2026-q1", "2026‑Q1", "1Q26", "Q1/26", "Feb 2026"]


def test_spellings_of_one_quarter_are_one_period(solve: Solve) -> None:
    rows = [[f"I{number}", 1, period, 100] for number, period in enumerate([*SPELLINGS, "Q2 2026"])]
    answer = solve(sheet([["key", "effort", "period", "gmv"], *rows], period="2026-Q1"))
    assert answer.selected == {f"I{number}" for number in range(len(SPELLINGS))}
    assert answer.issues == [("Initiatives!C12", "period_not_asked_for")]


def test_typing_mistake_in_a_team_with_a_cap_is_an_error(solve: Solve) -> None:
    answer = solve(sheet([DIMENSION, ["A", 100, "Growth", 1], ["B", 100, "Grwoth", 2]], more=CAP_ON_GROWTH))
    assert answer.issues == [("Initiatives!C3", "near_value_of_rule")]


def test_invisible_characters_of_keys_do_not_matter(solve: Solve) -> None:
    pairs = [("A\u2066", "A"), ("❤\ufe0f", "❤"), ("x\u202fy", "x  y"), ("E\u180e", "E"), ("PAY\u20131", "pay-1")]
    rows = [["key", "effort", "prerequisite_keys", "gmv"]]
    for number, (key, named) in enumerate(pairs):
        rows += [[key, 1, None, -1], [f"I{number}", 1, named, 5]]
    answer = solve(sheet(rows))
    assert len(answer.selected) == 10
    assert answer.issues == []


@pytest.mark.parametrize("amount", [Percent(0.2), "20%"], ids=["format", "text"])
def test_percentage_as_a_floor_in_tokens_is_an_error(solve: Solve, amount: Any) -> None:
    floor = [
        ["constraint_type", "dimension", "dimension_key", "min_tokens"],
        ["capacity_floor", "department", "Core", amount],
    ]
    answer = solve(sheet([DIMENSION, ["A", 10, "Core", 1], ["B", 10, "Growth", 9]], more={"Constraints": floor}))
    assert answer.issues == [("Constraints!D2", "percent_of_what")]


TARGET_OF_GMV = [["scenario", "kpi", "floor_or_goal", "target_value", "baseline_value"]]


@pytest.mark.parametrize(
    ("more", "cell"),
    [
        ({"Scenarios": [["scenario", "mode", "capacity", "target: gmv"], ["S", "lexicographic", 30, Percent(0.5)]]},
         "Scenarios!D2"),
        ({"Targets": [*TARGET_OF_GMV, ["S", "gmv", "floor", Percent(0.5), None]]}, "Targets!D2"),
        ({"Targets": [*TARGET_OF_GMV, ["S", "gmv", "floor", 1100, Percent(0.5)]]}, "Targets!E2"),
        ({"Initiatives": [[*HEADERS, "gmv low", "gmv high"], *ABC[:2], [*ABC[2], Percent(0.8), 1400]]},
         "Initiatives!D4"),
        ({"KPIs": [["kpi_key", "kpi_level", "unit", "direction", "scale"],
                   ["gmv", "north_star", "GBP", "higher", Percent(0.5)]],
          "Scenarios": [["scenario", "mode", "capacity", "weight: gmv", "normalization"],
                        ["S", "weighted_kpis", 30, 1, "scale"]]}, "KPIs!E2"),
    ],
    ids=["goal", "floor", "baseline", "low end", "scale"],
)  # fmt: skip
def test_percentage_of_a_kpi_that_counts_something_is_an_error(solve: Solve, more: dict[str, Rows], cell: str) -> None:
    """Half of an amount was taken for half a pound, which any plan brings."""
    answer = solve(sheet([HEADERS, *ABC], capacity=30, more=more))
    assert (cell, "percent_of_what") in answer.issues
    assert answer.outcome.scenarios[-1].portfolio is None


@pytest.mark.parametrize(("unit", "amounts"), [("fraction", [Percent(0.02), Percent(0.03)]), (None, [0.02, 0.03])])
def test_percentages_of_a_kpi_that_may_be_a_share_are_targets(
    solve: Solve, unit: str | None, amounts: list[Any]
) -> None:
    rows = [["key", "effort", "gmv"], ["A", 10, amounts[0]], ["B", 20, amounts[1]]]
    floor = {"Targets": [*TARGET_OF_GMV, ["S", "gmv", "floor", Percent(0.02), None]]}
    answer = solve(sheet(rows, kpis=(["gmv", "north_star", unit, "higher"],), capacity=10, more=floor))
    assert answer.selected == {"A"}
    assert answer.issues == []


CHURN = (["arr", "north_star", "GBP", "higher"], ["churn", "strategic", "fraction", "lower"])


def test_rise_asked_of_a_lower_is_better_kpi_is_an_error(solve: Solve) -> None:
    goal = [["kpi_key", "floor_or_goal", "target_value"], ["churn", "goal", Percent(0.015)]]
    rows = [["key", "effort", "arr", "churn"], ["A", 10, 100, -0.01], ["B", 10, 50, -0.02]]
    answer = solve(sheet(rows, kpis=CHURN, more={"Targets": goal}))
    assert ("Targets!C2", "rise_of_lower_is_better") in answer.issues


def test_lower_is_better_column_typed_positive_is_reported(solve: Solve) -> None:
    rows = [["key", "effort", "arr", "churn"], *([key, 10, 100, 0.01] for key in "ABCD")]
    assert ("Initiatives!D1", "lower_is_better_but_positive") in solve(sheet(rows, kpis=CHURN)).issues


def test_two_teams_in_one_cell_beside_a_cap_are_an_error(solve: Solve) -> None:
    rows = [DIMENSION, ["A", 10, "Growth", 1], ["B", 10, "Core", 2], ["C", 10, "Growth, Core", 900]]
    assert solve(sheet(rows, more=CAP_ON_GROWTH)).issues == [("Initiatives!C4", "several_values_of_rule")]


@pytest.mark.parametrize("text", ["(500)", "500-", "5k", "1.5M", "1.000", "1,234", "12pts", "1e5", "~5", "3-5"])
def test_no_number_is_proposed_that_might_not_be_meant(solve: Solve, text: str) -> None:
    answer = solve(sheet([HEADERS, ["A", 10, text], ["B", 10, 5]]))
    assert answer.issues == [("Initiatives!C2", "not_a_number")]
    assert answer.message("not_a_number").endswith("Type a plain number, or clear the cell.")


def test_words_for_yes_and_no_are_read(solve: Solve) -> None:
    words = ["WAHR", "VRAI", "yes", "x", "✓", "ИСТИНА", True, "FALSCH", "faux", "no", "✗", "ЛОЖЬ", False]
    rows = [[f"I{number}", 1, 5, word] for number, word in enumerate(words)]
    answer = solve(sheet([[*HEADERS, "is_candidate"], *rows]))
    assert answer.selected == {f"I{number}" for number in range(7)}
    assert answer.issues == []


@pytest.mark.parametrize("text", ["{“gmv”: 1000}", '{"gmv": 1,000}', "{'gmv': 1}", '{"gmv": "1000"}', '{"gmv": NaN}'])
def test_json_that_is_not_right_is_an_error_at_its_cell(solve: Solve, text: str) -> None:
    answer = solve(sheet([["key", "effort", "kpi_contribution_json"], ["A", 1, text], ["B", 1, '{"gmv": 5}']]))
    assert [place for place, _ in answer.issues] == ["Initiatives!C2"]
    assert answer.codes <= {"bad_json", "json_not_a_number"}


@pytest.mark.parametrize("title", ["Backlog", "Product Backlog", "Roadmap"])
def test_list_under_a_title_of_its_own_is_planned(solve: Solve, title: str) -> None:
    answer = solve(sheet([LIST, *FIVE], kpis=VALUE, capacity=8, tab=title))
    assert answer.selected == {"1", "4"}
    assert answer.issues == []


def test_id_beside_the_initiative_is_key_and_title(solve: Solve) -> None:
    rows = [["ID", "Initiative", "Effort", "Value"], *FIVE]
    answer = solve(sheet(rows, kpis=VALUE, capacity=8, tab="Backlog"))
    assert answer.selected == {"1", "4"}
    assert all(severity != "error" for severity in (issue.severity for issue in answer.outcome.issues))


def test_rows_with_only_a_number_or_a_heading_are_noticed_and_left_out(solve: Solve) -> None:
    rows = [LIST, *FIVE, [6, None, None, None], ["Q3 bets", None, None, None], [7, "  ", None, None]]
    answer = solve(sheet(rows, kpis=VALUE, capacity=8, tab="Backlog"))
    assert answer.selected == {"1", "4"}
    assert answer.codes == {"heading_row"}
    assert len(answer.issues) == 3


def test_parked_rows_without_an_estimate_are_noticed(solve: Solve) -> None:
    rows: Sequence[Sequence[Any]] = [
        [*LIST, "Candidate"],
        *([*row, True] for row in FIVE),
        [6, "Later", "TBD", None, False],
        [7, "Later still", None, 3, False],
    ]
    answer = solve(sheet(rows, kpis=VALUE, capacity=8, tab="Backlog"))
    assert answer.selected == {"1", "4"}
    assert answer.issues == [("Backlog!C7", "no_estimate"), ("Backlog!C8", "no_estimate")]


def test_score_that_divides_by_effort_is_reported(solve: Solve) -> None:
    rows = [["ID", "Title", "Effort", "RICE Score"], *([n, f"F{n}", n, 35_000.0 / n] for n in range(1, 6))]
    answer = solve(sheet(rows, kpis=(["RICE Score", "north_star"],), tab="Backlog"))
    assert answer.issues == [("Backlog!D1", "score_divides_by_effort")]


def test_rank_as_a_kpi_is_reported(solve: Solve) -> None:
    rows = [["ID", "Title", "Effort", "Priority"], *([n, f"F{n}", n, n] for n in range(1, 6))]
    answer = solve(sheet(rows, kpis=(["Priority", "north_star", None, "lower"],), tab="Backlog"))
    assert ("Backlog!D1", "rank_as_kpi") in answer.issues


def test_tab_of_constraints_in_prose_is_reported_and_stops_nothing(solve: Solve) -> None:
    prose = [["Project constraints"], ["Budget is fixed until June"], ["No hiring"]]
    answer = solve(sheet([LIST, *FIVE], kpis=VALUE, capacity=8, tab="Backlog", more={"Constraints": prose}))
    assert answer.selected == {"1", "4"}
    assert [issue.severity for issue in answer.outcome.issues] == ["warning"]


def test_nobody_is_reported_to_drop_an_enabler(solve: Solve) -> None:
    rows = [
        ["key", "effort", "gmv", "prerequisite_keys"],
        ["P", 5, None, None],
        ["F", 5, 1000, "P"],
        ["S", 5, 10, None],
    ]
    answer = solve(sheet(rows, capacity=10))
    assert answer.selected == {"P", "F"}
    assert answer.issues == []


def test_bundle_over_two_periods_is_reported(solve: Solve) -> None:
    rows = [["key", "effort", "gmv", "period", "bundle_key"], ["A", 1, 5, "2026-Q3", "x"], ["B", 1, 5, "2026-Q4", "x"]]
    answer = solve(sheet([*rows, ["C", 1, 5, "2026-Q3", None]], period="2026-Q3"))
    assert answer.selected == {"C"}
    assert "bundle_over_periods" in answer.codes


def test_formulas_that_no_program_has_calculated_are_an_error(tmp_path: Path) -> None:
    """Google always calculates; a library that writes files does not, and marks the file so."""
    formulas = [[f"I{row}", Calculated(f"=C{row}*2", 0), 10] for row in range(2, 6)]
    path = write_excel(tmp_path / "plan.xlsx", sheet([HEADERS, *formulas]))
    assert ("Initiatives!B2", "formulas_not_calculated") in _run(ExcelWorkbook(path)).issues


def test_a_list_of_any_name_is_read_where_the_columns_tab_says_so(solve: Solve) -> None:
    said = {"Columns": [["tab", "header", "field"], ["q3 IDEAS", None, "Initiatives"]]}
    answer = solve(sheet([HEADERS, *ABC], tab="Q3 ideas", more=said, capacity=30))
    assert (answer.selected, answer.issues) == ({"A", "B"}, [])


def test_ranks_products_and_words_become_contributions(solve: Solve) -> None:
    """What the Columns tab says is computed from people's own columns, also where it is stated for several KPIs."""
    rows = [
        ["ID", "Effort", "Prio", "Reach", "Sure", "Urgency"],
        ["A", 10, 1, 100, Percent(0.5), "High"],
        ["B", 20, 2, 300, Percent(0.4), "Low"],
        ["C", 30, 9, 100, Percent(1), "High"],
    ]
    said = [
        ["tab", "header", "field", "word", "worth"],
        ["Ideas list", None, "Initiatives", "high", 5],
        ["Ideas list", "Prio", "rank: gmv", "low", 2],
        [None, "Reach", "factor: users", None, None],
        [None, "Sure", "factor: users", None, None],
        [None, "Urgency", "worth: urgency", None, None],
    ]
    kpis = [["gmv", "north_star", "GBP", "higher"], ["users", None, None, "higher"], ["urgency", None, None, "higher"]]
    answer = solve(sheet(rows, kpis=kpis, tab="Ideas list", more={"Columns": said}, capacity=60))
    portfolio = answer.outcome.scenarios[-1].portfolio
    assert portfolio is not None
    assert portfolio.kpi_totals == {"gmv": 3 + 2 + 1, "users": 50 + 120 + 100, "urgency": 5 + 2 + 5}
    assert answer.issues == []


FULL = ["ID", "Title", "Effort", "Value"]
FOUR: list[list[Any]] = [["A", "One", 3, 10], ["B", "Two", 4, 9], ["C", "Three", 2, 7], ["D", "Four", 5, 12]]
EPICS: list[list[Any]] = [["1", None, 7, 19], ["1.1", None, 3, 10], ["1.2", None, 4, 9], ["2", None, 5, 12]]
STORIES = [
    [*row, parent] for row, parent in zip([["E", "Epic", 7, 19], *FOUR], [None, "E", "E", None, None], strict=True)
]
MOSCOW = [[*row, word] for row, word in zip(FOUR, ["Could", "Nice to have", "Won’t", "Must have (legal)"], strict=True)]
TOOLS = [[*row, word] for row, word in zip(FOUR, ["Done ✅", "Released (v2)", "🚧 In progress", "To do"], strict=True)]
MIXED = [["A", "One", 3, Money(10)], ["B", "Two", 4, Money(9)], ["C", "Three", 2, Percent(0.07)]]
TEAMS = [[*row, team] for row, team in zip(FOUR, ["Mobile", "Mobile team", "Web (core)", "Web"], strict=True)]


@pytest.mark.parametrize(
    ("rows", "selected", "issues"),
    [
        ([FULL, *FOUR, ["Average", None, 3.5, 9.5]], {"A", "C", "D"}, [("A6", "total_row")]),
        ([FULL, *FOUR, ["Average", None, 3, 9]], None, [("A6", "doubtful_total")]),
        ([FULL, *FOUR, ["Average order value", None, 1, 50]], {"A", "B", "C", "Average order value"}, []),
        ([FULL, *FOUR, [None, None, 14]], None, [("A6", "doubtful_total")]),
        ([FULL, *EPICS], None, [("A2", "doubtful_total")]),
        ([FULL, ["1", None, 8, 19], *EPICS[1:]], {"1.1", "2"}, []),
        ([[*FULL, "Parent"], *STORIES], None, [("A2", "doubtful_total")]),
        ([FULL, *FOUR[:2], FULL, *FOUR[2:]], {"A", "C", "D"}, [("A4", "repeated_header_row")]),
        ([FULL, *FOUR[:2], ["Done:"], *FOUR[2:]], None, [("A4", "heading_row"), ("A4", "status_heading")]),
        ([[*FULL, "Candidate"], *[[*row, True] for row in FOUR[:2]], ["Done"], *[[*row, False] for row in FOUR[2:]]],
         {"A", "B"}, [("A4", "heading_row")]),
        ([[*FULL, "Priority"], *MOSCOW], {"A", "D"}, []),
        ([[*FULL, "Priority"], *MOSCOW[:3], [*FOUR[3], "P1"]], None, [("E5", "unknown_priority")]),
        ([[*FULL, "Status"], *TOOLS], {"C", "D"}, []),
        ([FULL, *MIXED], None, [("D4", "percent_of_what")]),
        ([[*FULL, "Team"], *TEAMS], {"A", "C", "D"}, [("E3", "near_value"), ("E5", "near_value")]),
        ([[*FULL, "Depends on"], [*FOUR[0], "none"], [*FOUR[1], "n/a"], [*FOUR[2], "-"], FOUR[3]], {"A", "C", "D"}, []),
        ([["ID", "Effort", "Value (1-10)"], ["A", 3, 10], ["B", 9, 4]], {"A"}, []),
    ],
    ids=["an average", "an average that does not fit", "a name with average", "a sum without a name", "parts by number",
         "parts that do not add up", "an epic and its stories", "headers once more", "a heading that says done",
         "a heading whose rows are unticked", "MoSCoW as people write it", "MoSCoW and another scale",
         "statuses with signs", "a percentage among money", "a team and its name alone", "no dependencies in words",
         "a KPI with its scale"],
)  # fmt: skip
def test_habits_that_were_planned_wrongly_or_misunderstood(
    solve: Solve, rows: Rows, selected: set[str] | None, issues: list[tuple[str, str]]
) -> None:
    answer = solve(sheet(rows, kpis=VALUE, capacity=10))
    assert answer.issues == [(f"Initiatives!{cell}", code) for cell, code in issues]
    if selected is not None:
        assert answer.selected == selected


def test_other_currencies_in_a_column_are_reported(solve: Solve) -> None:
    rows = [["A", 10, Money(1000)], ["B", 20, Money(1500)], ["C", 30, Euros(1200)]]
    answer = solve(sheet([HEADERS, *rows]))
    assert answer.issues == [("Initiatives!C4", "mixed_currencies")]


@pytest.mark.parametrize(
    ("said", "meant"),
    [("Two", "B"), ("B and C", "B, C"), ("B/C", "B, C"), ("B & C", "B, C")],
)
def test_dependencies_in_words_of_ones_own_are_shown_as_keys(solve: Solve, said: str, meant: str) -> None:
    answer = solve(sheet([[*FULL, "Depends on"], [*FOUR[0], said], *FOUR[1:]], kpis=VALUE))
    assert f'Did you mean "{meant}"?' in answer.message("unknown_initiative")


def test_sentences_show_amounts_as_results_does(solve: Solve) -> None:
    """A missed goal of a KPI in percent, which the sheet shows as percentages."""
    rows = [["A", 10, Percent(0.03)], ["B", 20, Percent(0.04)], ["C", 300, Percent(0.05)]]
    goal = {"Targets": [["kpi", "target"], ["uplift", Percent(0.095)]]}
    tabs = sheet([["key", "effort", "uplift"], *rows], kpis=[["uplift", "north_star", None, "higher"]], more=goal).tabs
    scenario = [["scenario", "mode", "capacity"], ["S", "lexicographic", 100]]
    answer = solve(PeopleSheet({**tabs, "Scenarios": scenario}))
    problems = " ".join(answer.outcome.scenarios[-1].problems)
    assert "at most 7% of the 9.5% asked for" in problems
