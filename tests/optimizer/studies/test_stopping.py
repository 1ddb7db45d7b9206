"""A study that somebody ends has the beginning of the complete answer, and says that it is not complete."""

from collections.abc import Callable
from typing import Any

import pytest

from optimizer import solve_scenario
from optimizer.errors import Cancelled
from optimizer.plan import TOKENS, ChangeLimit, Slice, TokenBound
from optimizer.studies.alternatives import solve_alternatives
from optimizer.studies.audit import AuditQuestion, audit_plan
from optimizer.studies.capacity_value import CapacityCurve, Limit, solve_capacity_curve
from optimizer.studies.change_value import solve_change_curve
from optimizer.studies.parallel import Stopped
from optimizer.studies.priorities import solve_priorities
from optimizer.studies.rule_prices import solve_rule_prices
from optimizer.studies.study import Study
from tests.optimizer.plans import initiative, plan, scenario

FIVE = (
    initiative("A", 6, gmv=100.0, dimensions={"market": "UK"}),
    initiative("B", 4, gmv=60.0, dimensions={"market": "UK"}),
    initiative("C", 4, gmv=59.0, dimensions={"market": "DE"}),
    initiative("D", 2, gmv=49.0, dimensions={"market": "DE"}),
    initiative("E", 3, gmv=8.0, is_mandatory=True, mandate_reason="law"),
)
CAP = TokenBound(slice=Slice(dimension="market", key="UK"), max_tokens=6.0)
AFTER = (0, 4, 9, 15, 24, 999)
"""A study asks whether to stop two or three times for each solve: so often says no, then yes."""


def fresh_study() -> Study:
    """A study is over once it was stopped."""
    whole = plan(list(FIVE), scenario(capacity=13.0, rules=(CAP,)))
    return Study(whole, solve_scenario(whole, "S", explain=False))


def after(calls: int) -> Callable[[], bool]:
    left = iter([False] * calls)
    return lambda: next(left, True)


def after_solves(count: int) -> dict[str, Callable[[], Any]]:
    """Stop once so much is solved, however often it is asked in between: threads ask for themselves."""
    solved: list[None] = []
    return {"on_step": lambda: solved.append(None), "stop": lambda: len(solved) >= count}


def steps(curve: CapacityCurve) -> list[tuple[float, tuple[float, ...], tuple[str, ...]]]:
    return [(one.amount, one.worth, one.portfolio.selected) for one in curve.steps]


def pressed() -> bool:
    raise KeyboardInterrupt


def test_prices_of_rules_are_the_first_ones() -> None:
    whole = solve_rule_prices(fresh_study(), dimensions=["market"])
    every = [*whole.rules, whole.together, *whole.equal_shares]
    assert (len(every), whole.missing) == (4, 0)
    reached = set()
    for calls in AFTER:
        found = solve_rule_prices(fresh_study(), dimensions=["market"], stop=after(calls))
        had = [*found.rules, *([] if found.together is None else [found.together]), *found.equal_shares]
        assert [(one.rule, one.objective_change, one.came_in) for one in had] == [
            (one.rule, one.objective_change, one.came_in) for one in every[: len(had)] if one is not None
        ]
        assert found.missing == 4 - len(had)
        reached.add(found.missing)
    assert {0, 4} <= reached


def test_other_plans_are_the_first_ones() -> None:
    whole = solve_alternatives(fresh_study(), count=2, within=0.5)
    every = [(one.portfolio.selected, one.differences) for one in whole.plans]
    reached = set()
    for calls in AFTER:
        found = solve_alternatives(fresh_study(), count=2, within=0.5, stop=after(calls))
        assert [(one.portfolio.selected, one.differences) for one in found.plans] == every[: len(found.plans)]
        assert found.is_stopped == (len(found.plans) < len(every))
        assert not (found.is_stopped and (found.is_all or found.is_all_within))
        reached.add(len(found.plans))
    assert {0, len(every)} <= reached


def test_a_stopped_curve_of_a_capacity_is_the_whole_curve_of_a_smaller_range() -> None:
    reached = set()
    for solves in (0, 1, 2, 4, 99):
        try:
            found = solve_capacity_curve(
                fresh_study(), Limit(TOKENS), low=1.0, high=19.0, workers=1, **after_solves(solves)
            )
        except Stopped:
            assert solves == 0
            continue
        again = solve_capacity_curve(fresh_study(), Limit(TOKENS), low=found.low, high=found.high)
        assert steps(found) == steps(again)
        assert (found.least_possible, found.here is None) == (again.least_possible, again.here is None)
        assert found.is_stopped == (found.low > 1.0)
        reached.add(found.low)
    assert {1.0} < reached


def test_of_two_parts_of_a_curve_the_one_with_todays_amount_is_kept() -> None:
    """Both parts are walked down from their upper ends, 13 (today's amount) and 25; what is between is not known."""
    found = solve_capacity_curve(fresh_study(), Limit(TOKENS), low=1.0, high=25.0, workers=2, **after_solves(2))
    again = solve_capacity_curve(fresh_study(), Limit(TOKENS), low=found.low, high=found.high)
    assert found.is_stopped
    assert found.high in (13.0, 25.0)
    assert steps(found) == steps(again)


def test_the_points_of_a_change_curve_are_the_first_ones_and_the_last() -> None:
    limit = ChangeLimit(reference=("B", "C"), most=0, since="then", source="Constraints!A2")
    every = [(one.most, one.portfolio.selected) for one in solve_change_curve(fresh_study(), limit).points]
    reached = set()
    for calls in AFTER:
        found = solve_change_curve(fresh_study(), limit, stop=after(calls))
        had = [(one.most, one.portfolio.selected) for one in found.points]
        assert had == (every[: len(had) - 1] + every[-1:] if had else [])
        assert found.is_stopped == (len(had) < len(every))
        reached.add(len(had))
    assert {0, len(every)} <= reached


def test_an_audit_says_what_it_did_not_look_for() -> None:
    order = list(AuditQuestion)
    whole = audit_plan(fresh_study(), ["A", "B"])
    every = [whole.better, whole.cheaper, whole.near_best]
    reached = set()
    for calls in (0, 3, 5, 99):
        found = audit_plan(fresh_study(), ["A", "B"], stop=after(calls))
        answered = len(order) - len(found.unanswered)
        assert found.unanswered == tuple(order[answered:])
        assert [found.better, found.cheaper, found.near_best] == every[:answered] + [None] * len(found.unanswered)
        assert [one.rule for one in found.broken] == [one.rule for one in whole.broken]
        reached.add(answered)
    assert {0, 3} <= reached


def test_a_stopped_list_is_a_list_and_no_better_than_the_complete_one() -> None:
    def losses(found: object) -> float:
        return sum(1.0 if one.loss is None else one.loss for one in found.budgets)  # type: ignore[attr-defined]

    whole = solve_priorities(fresh_study(), TOKENS, budgets=4, bottom=5.0, top=19.0)
    reached = set()
    for calls in (0, 6, 20, 60, 9999):
        found = solve_priorities(fresh_study(), TOKENS, budgets=4, bottom=5.0, top=19.0, stop=after(calls))
        reached.add((found.is_stopped, bool(found.lines)))
        if found.lines:
            assert [(one.amount, one.best) for one in found.budgets] == [
                (one.amount, one.best) for one in whole.budgets
            ]
            assert losses(found) >= losses(whole)
        else:
            assert (found.is_stopped, found.budgets, found.left_out) == (True, (), ())
        if not found.is_stopped:
            assert found == whole
    assert {(True, False), (False, True)} <= reached


def test_ctrl_c_ends_each_of_them_with_what_it_found() -> None:
    limit = ChangeLimit(reference=("B", "C"), most=0, since="then", source="Constraints!A2")
    assert solve_rule_prices(fresh_study(), on_done=pressed).missing > 0
    assert solve_alternatives(fresh_study(), count=2, within=0.5, on_done=pressed).is_stopped
    assert solve_priorities(fresh_study(), TOKENS, budgets=4, on_done=pressed).is_stopped
    assert solve_change_curve(fresh_study(), limit, stop=pressed).is_stopped
    assert len(audit_plan(fresh_study(), ["A", "B"], stop=pressed).unanswered) == 3


def test_what_is_cancelled_has_no_answer() -> None:
    """A cancelled question of the service is not one that somebody wants the beginning of."""
    limit = ChangeLimit(reference=("B", "C"), most=0, since="then", source="Constraints!A2")
    study = fresh_study()
    study.cancel.set()
    for ask in (
        lambda: solve_rule_prices(study),
        lambda: solve_alternatives(study, count=2, within=0.5),
        lambda: solve_priorities(study, TOKENS, budgets=4),
        lambda: solve_capacity_curve(study, Limit(TOKENS)),
        lambda: solve_change_curve(study, limit),
        lambda: audit_plan(study, ["A", "B"]),
    ):
        with pytest.raises(Cancelled):
            ask()
