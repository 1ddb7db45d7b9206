"""What is said about a scenario beside its answer."""

from dataclasses import replace
from typing import Any

import pytest

from optimizer import solve_scenario
from optimizer.explain.far_apart import amounts_far_apart
from optimizer.model.objectives import objective_of
from optimizer.model.rows import Candidates
from optimizer.plan import Normalization, ObjectiveMode, Plan, Slice, Target
from optimizer.portfolio import Finding, Status
from optimizer.rules import rules_of
from optimizer.search.clock import Clock
from optimizer.search.exact_search import Search
from optimizer.search.found import Found
from optimizer.search.solver_calls import SolverChoice
from optimizer.search.stages import Question
from tests.optimizer.plans import CONVERSION, GMV, RETENTION, initiative, plan, scenario

WEIGHTED = ObjectiveMode.WEIGHTED_KPIS


def findings(asked: Plan, code: str) -> list[Finding]:
    return [finding for finding in solve_scenario(asked, "S").findings if finding.code == code]


def drowned(**fields: object) -> Plan:
    """GBP against a fraction: room for one of two."""
    return plan(
        [initiative("A", gmv=90000.0), initiative("B", gmv=80000.0, retention_30d=0.015)],
        scenario(WEIGHTED, 1.0, **{"weights": {"gmv": 1.0, "retention_30d": 0.4}, **fields}),
    )


def test_drowned_weight_is_reported_with_its_share_and_cure() -> None:
    (finding,) = findings(drowned(), "weight_without_effect")
    assert finding.kpi == "retention_30d"
    assert finding.figures == {"share": 0.0, "weight": 0.4, "largest_effect": 0.006, "cure": "normalization ideal"}


def test_cure_is_scale_where_the_kpis_have_one() -> None:
    kpis = (GMV.model_copy(update={"scale": 1e5}), RETENTION.model_copy(update={"scale": 0.01}), CONVERSION)
    asked = drowned()
    (finding,) = findings(
        Plan(kpis=kpis, initiatives=asked.initiatives, scenarios=asked.scenarios), "weight_without_effect"
    )
    assert finding.figures["cure"] == "normalization scale"


def test_small_weight_that_decides_a_tie_is_not_called_idle() -> None:
    """The share is as small, but it does change the decision."""
    asked = plan(
        [initiative("A", gmv=80000.0), initiative("B", gmv=80000.0, retention_30d=0.015)],
        scenario(WEIGHTED, 1.0, weights={"gmv": 1.0, "retention_30d": 0.4}),
    )
    assert solve_scenario(asked, "S").selected == ("B",)
    assert findings(asked, "weight_without_effect") == []


def test_weight_that_could_matter_is_not_called_idle() -> None:
    assert findings(drowned(normalization=Normalization.IDEAL), "weight_without_effect") == []


def test_weight_on_a_kpi_that_nothing_moves_is_not_called_drowned() -> None:
    assert findings(drowned(weights={"gmv": 1.0, "churn": 1.0}), "weight_without_effect") == []


def test_cure_is_the_ideal_where_the_scales_leave_the_kpi_as_small() -> None:
    asked = drowned()
    kpis = tuple(kpi.model_copy(update={"scale": 1.0}) for kpi in asked.kpis)
    (finding,) = findings(asked.model_copy(update={"kpis": kpis}), "weight_without_effect")
    assert finding.figures["cure"] == "normalization ideal"


def test_weight_that_the_cure_would_not_help_is_not_told() -> None:
    """A is better by either KPI: with any normalization it is selected."""
    asked = plan(
        [initiative("A", gmv=90000.0, retention_30d=0.02), initiative("B", gmv=80000.0, retention_30d=0.015)],
        scenario(WEIGHTED, 1.0, weights={"gmv": 1.0, "retention_30d": 0.4}),
    )
    assert findings(asked, "weight_without_effect") == []


def test_every_drowned_weight_is_reported() -> None:
    asked = plan(
        [initiative("A", gmv=90000.0), initiative("B", gmv=80000.0, retention_30d=0.015, conversion_rate=0.02)],
        scenario(WEIGHTED, 1.0, weights={"gmv": 1.0, "retention_30d": 0.4, "conversion_rate": 0.3}),
    )
    assert [f.kpi for f in findings(asked, "weight_without_effect")] == ["conversion_rate", "retention_30d"]


def test_weights_without_effect_are_reported_with_their_shares_however_large() -> None:
    """A is better by any KPI, and there is room for one: no weight decides anything."""
    asked = plan(
        [initiative("A", gmv=60.0, churn=-40.0), initiative("B", gmv=50.0, churn=-10.0)],
        scenario(WEIGHTED, 1.0, weights={"gmv": 1.0, "churn": 1.0}),
    )
    assert findings(asked, "idle_weight") == [
        Finding("idle_weight", "churn", {"share": 0.4}),
        Finding("idle_weight", "gmv", {"share": 0.6}),
    ]


def test_weight_that_decides_is_not_called_idle() -> None:
    """Without gmv it is B; without churn it is A still."""
    asked = plan(
        [initiative("A", gmv=60.0, churn=-20.0), initiative("B", gmv=10.0, churn=-30.0)],
        scenario(WEIGHTED, 1.0, weights={"gmv": 1.0, "churn": 1.0}),
    )
    assert [f.kpi for f in findings(asked, "idle_weight")] == ["churn"]


def test_north_star_that_goals_leave_nothing_to_decide_is_reported() -> None:
    goal = Target(kpi="retention_30d", value=0.02)
    asked = plan(
        [initiative("A", gmv=5.0, retention_30d=0.02), initiative("B", gmv=9.0)],
        scenario(ObjectiveMode.LEXICOGRAPHIC, 1.0, targets=(goal,)),
    )
    assert findings(asked, "idle_north_star") == [Finding("idle_north_star", "gmv")]
    two = asked.model_copy(update={"scenarios": (scenario(ObjectiveMode.LEXICOGRAPHIC, 2.0, targets=(goal,)),)})
    assert findings(two, "idle_north_star") == []


@pytest.mark.parametrize(("tokens", "idle"), [(1.0, False), (5.0, True)])
def test_north_star_that_nothing_within_the_rules_moves_is_reported(tokens: float, idle: bool) -> None:
    asked = plan(
        [initiative("A", tokens, gmv=5.0), initiative("B", is_mandatory=True, mandate_reason="law")],
        scenario(ObjectiveMode.NORTH_STAR, 2.0),
    )
    assert bool(findings(asked, "idle_north_star")) is idle
    assert findings(asked.model_copy(update={"initiatives": asked.initiatives[1:]}), "idle_north_star") == []


def test_the_last_run_does_not_make_a_north_star_idle() -> None:
    """Without it ties would go to the last run's portfolio; but that one was chosen for the north star."""
    asked = plan([initiative("A", gmv=5.0), initiative("B", gmv=9.0)], scenario(ObjectiveMode.NORTH_STAR, 1.0))
    again = solve_scenario(asked, "S", previous_selection=("B",))
    assert (again.selected, again.findings) == (("B",), ())


def test_north_star_is_plainly_needed_where_something_could_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A meets the goal; B costs a token for nothing but the north star."""
    asked = plan(
        [initiative("A", gmv=5.0, retention_30d=0.02), initiative("B", gmv=9.0)],
        scenario(ObjectiveMode.LEXICOGRAPHIC, 2.0, targets=(Target(kpi="retention_30d", value=0.02),)),
    )
    monkeypatch.setattr("optimizer.explain.findings.run_stages", None)
    assert findings(asked, "idle_north_star") == []


def test_weights_are_judged_by_one_question_each_and_by_none_where_another_portfolio_is_better(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without churn it is A still, which a solver proves; that it is B without gmv shows without one."""
    asked = plan(
        [
            initiative("A", 2.0, gmv=60.0, churn=-20.0),
            initiative("B", 1.0, gmv=10.0, churn=-30.0),
            initiative("C", 3.0),
        ],
        scenario(WEIGHTED, 2.0, weights={"gmv": 1.0, "churn": 1.0}),
    )
    asked_of_solver = []
    best = Search.best

    def spied(search: Search, *arguments: Any, **options: Any) -> Found:
        asked_of_solver.append(options.get("as_good_as"))
        return best(search, *arguments, **options)

    monkeypatch.setattr("optimizer.explain.findings.run_stages", None)
    portfolio = solve_scenario(asked, "S", explain=False)
    monkeypatch.setattr(Search, "best", spied)
    assert [f.kpi for f in solve_scenario(asked, "S").findings] == ["churn"]
    assert portfolio.selected == ("A",)
    assert [value for value in asked_of_solver if value in (60.0, 20.0)] == [60.0]


@pytest.mark.parametrize(
    ("small", "goals", "found"),
    [
        (4.0, {"UK": 20.0}, []),
        (4e-9, {"UK": 20.0}, ["A", "B"]),
        (4.0, {"UK": 20.0, "DE": 10.0}, ["A", "C"]),
        (4.0, {"UK": 2e13, "DE": 10.0}, []),
    ],
)
def test_only_amounts_far_apart_are_named_where_a_proof_is_missing(
    small: float, goals: dict[str, float], found: list[str]
) -> None:
    """A bound that stays off by 5e-6 though nothing ended the search; each counts as its own slice's goal makes it."""
    uk, de = {"market": "UK"}, {"market": "DE"}
    rows = [
        initiative("A", 6.0, retention_30d=9.0, dimensions=uk),
        initiative("B", 5.0, retention_30d=small, dimensions=uk),
        initiative("C", 4.0, retention_30d=1e-12, dimensions=de),
    ]
    targets = tuple(
        Target(kpi="retention_30d", value=value, slice=Slice(dimension="market", key=key))
        for key, value in goals.items()
    )
    asked = plan(rows, scenario(ObjectiveMode.LEXICOGRAPHIC, 9.0, targets=targets))
    portfolio = solve_scenario(asked, "S", explain=False)
    (stage, *others) = portfolio.stages
    unproven = replace(portfolio, status=Status.FEASIBLE, stages=(replace(stage, gap=5e-6), *others))
    (own,) = asked.scenarios
    candidates = Candidates(asked, own)
    question = Question(asked, own, rules_of(asked, own), candidates, SolverChoice(), Clock())
    (named,) = [*amounts_far_apart(question, objective_of(asked, own), unproven)] or [None]
    assert ([] if named is None else [named.figures["initiative"], named.figures["other"]]) == found


def test_what_is_for_information_takes_no_longer_than_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.search.clock._LEAST_TIES_UNITS", 0.0)
    asked = plan(
        [
            initiative("A", gmv=60.0, retention_30d=40.0, exclusion_keys=("B",)),
            initiative("B", gmv=50.0, retention_30d=10.0),
        ],
        scenario(WEIGHTED, 1.0, weights={"gmv": 1.0, "retention_30d": 1.0}),
    )
    assert findings(asked, "idle_weight") == []


def test_normalization_of_a_single_kpi_is_idle() -> None:
    found = findings(drowned(weights={"gmv": 1.0}, normalization=Normalization.IDEAL), "normalization_without_effect")
    assert found == [Finding("normalization_without_effect", None, {"normalization": "ideal"})]


def test_findings_are_left_out_where_they_are_not_wanted() -> None:
    assert solve_scenario(drowned(), "S", explain=False).findings == ()
