"""A plan made by hand over several periods against brute force over all starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from optimizer import PlanError, solve_scenario
from optimizer.plan import TOKENS, Accrual, ObjectiveMode, PeriodCapacity, Plan, Prerequisite, Slice, Target, TargetKind
from optimizer.portfolio import SolverName, Status
from optimizer.studies.audit import NEAR_BEST, Audit, audit_plan
from optimizer.studies.study import Study
from tests.optimizer.plans import GMV, RETENTION, initiative, scenario
from tests.optimizer.time_oracle import OUT, TimedOracle, at_least, at_most
from tests.optimizer.timed_plans import random_timed_plan

ORACLE = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
EACH = GMV.model_copy(update={"accrues": Accrual.EACH_PERIOD})
PERIODS = ("Q1", "Q2", "Q3")


def audited(hand: Mapping[str, str] | list[str], *initiatives: object, **fields: object) -> Audit:
    """Over three quarters; GMV counts in every quarter after the one in which it is finished."""
    asked = scenario(from_period="Q1", to_period="Q3", **{"capacity": 100.0, **fields})
    kpis = (EACH, RETENTION)
    whole = Plan(kpis=kpis, initiatives=initiatives, scenarios=(asked,), periods=PERIODS)
    return audit_plan(Study(whole, solve_scenario(whole, "S", explain=False)), hand)


def each_quarter(amount: float, team: str | None = None) -> PeriodCapacity:
    return PeriodCapacity(amount=amount, slice=None if team is None else Slice(dimension="team", key=team))


def test_another_start_is_a_change_and_has_a_price() -> None:
    """B brings 60 a quarter: in Q1 instead of Q3 that is 120 more. A is where it belongs."""
    found = audited({"A": "Q1", "B": "Q3"}, initiative("A", 5, gmv=100.0), initiative("B", 5, gmv=60.0))
    assert (found.evaluation.objective, found.best_objective) == (200.0, 320.0)
    assert found.better is not None
    assert (found.better.moved, found.better.objective) == ((("B", "Q3", "Q1"),), 320.0)
    assert found.near_best is not None
    assert (found.near_best.came_in, found.near_best.went_out) == ((), ())
    assert found.near_best.moved == (("B", "Q3", "Q1"),)
    assert [(move.moved, move.objective_change, dict(move.resource_changes)) for move in found.moves] == [
        ((("B", "Q3", "Q1"),), 120.0, {})
    ]


def test_an_overloaded_team_is_named_with_its_quarter() -> None:
    """Both in Q1 are 10 where team x has 6: the move that puts that right comes first, though it costs 50."""
    x = {"dimensions": {"team": "x"}}
    found = audited(
        {"A": "Q1", "B": "Q1"},
        initiative("A", 5, gmv=100.0, **x),
        initiative("B", 5, gmv=50.0, **x),
        rules=(each_quarter(6.0, "x"),),
    )
    assert [(one.rule.wording, one.amount) for one in found.broken] == [("the capacity for team x in Q1 is 6", 4.0)]
    assert [(move.moved, move.objective_change, move.after.is_allowed) for move in found.moves] == [
        ((("B", "Q1", "Q2"),), -50.0, True)
    ]


def test_work_that_would_not_be_finished_is_no_plan() -> None:
    found = audited({"A": "Q3"}, initiative("A", 5, gmv=1.0, duration=2))
    assert found.strangers == ("A",)
    assert found.near_best is not None
    assert found.near_best.moved == (("A", "Q3", "Q1"),)


def test_what_needs_another_one_moves_with_it() -> None:
    """B needs A, and where A can start in its stead is C, which would bring nothing any more in Q3."""
    found = audited(
        {"A": "Q2", "B": "Q3", "C": "Q1"},
        initiative("A", 5),
        initiative("B", 5, gmv=100.0),
        initiative("C", 5, gmv=10.0),
        rules=(each_quarter(5.0), Prerequisite(initiative="B", requires=("A",), lag=1)),
    )
    assert [(move.moved, move.went_out, move.objective_change) for move in found.moves] == [
        ((("A", "Q2", "Q1"), ("B", "Q3", "Q2")), ("C",), 80.0)
    ]


def test_the_best_plan_needs_no_move() -> None:
    found = audited({"A": "Q1"}, initiative("A", 5, gmv=100.0))
    assert (found.better, found.cheaper, found.moves, found.unproven) == (None, None, (), ())


def test_keys_alone_do_not_say_what_starts_when() -> None:
    with pytest.raises(PlanError, match="give the period in which each initiative starts"):
        audited(["A"], initiative("A", 5, gmv=100.0))


def test_a_period_of_another_plan_is_refused() -> None:
    with pytest.raises(PlanError, match="does not plan the period Q4"):
        audited({"A": "Q4"}, initiative("A", 5, gmv=100.0))


@settings(ORACLE, max_examples=40)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 6), periods=st.integers(1, 4))
def test_an_audit_agrees_with_brute_force_over_all_starts(seed: int, size: int, periods: int) -> None:
    """Better, cheaper and nearest are the best of all choices of starts; what breaks a rule breaks one there too."""
    check_timed_audit(seed, size, periods)


@settings(ORACLE, max_examples=5)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 4), periods=st.integers(2, 3))
def test_the_other_solver_agrees_with_brute_force_over_all_starts(seed: int, size: int, periods: int) -> None:
    check_timed_audit(seed, size, periods, "cbc")


def check_timed_audit(seed: int, size: int, periods: int, solver: SolverName = "highs") -> int:
    """Check an audit of random starts in a random plan; how many answers and moves that were."""
    whole = random_timed_plan(seed, size, periods)
    answer = solve_scenario(whole, "S", explain=False, solver=solver)
    if answer.status not in (Status.OPTIMAL, Status.TARGETS_MISSED):
        return 0
    study, random = Study(whole, answer, solver), Random(seed)
    horizon = whole.horizon(whole.scenario("S"))
    hand = {one.key: random.choice(horizon) for one in study.candidates if random.random() < 0.6}
    found = audit_plan(study, hand)
    truth = _Truth(study, found, hand)
    assert found.evaluation.is_allowed == (truth.row(hand) is not None and truth.row(hand) in truth.allowed)
    assert found.unproven == ()
    truth.check_better()
    truth.check_cheaper()
    truth.check_nearest()
    truth.check_moves()
    return 3 + len(found.moves)


@dataclass
class _Truth:
    """What brute force says of an audit."""

    study: Study
    found: Audit
    hand: Mapping[str, str]

    def __post_init__(self) -> None:
        self.oracle = TimedOracle(self.study.plan, self.study.scenario)
        self.allowed = set(self.oracle.allowed.tolist())
        self.values = self.oracle.value()
        self.sign = self.study.objective.sign
        self.rows = {tuple(starts): row for row, starts in enumerate(self.oracle.when.tolist())}

    @cached_property
    def worth(self) -> float:
        return self.sign * self.found.evaluation.objective

    def row(self, starts: Mapping[str, str]) -> int | None:
        """The row of a choice of starts; None where it has a start that cannot be."""
        horizon = self.oracle.horizon
        when = [horizon.index(starts[i.key]) if i.key in starts else OUT for i in self.oracle.candidates]
        return self.rows.get(tuple(when))

    def misses_no_more(self, reached: Mapping[Target, float]) -> NDArray[np.bool_]:
        """Where goals come first: reached, or as much of them as `reached` says."""
        kept = np.zeros(len(self.values), dtype=bool)
        kept[self.oracle.allowed] = True
        for target, amount in reached.items():
            if self.study.scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC and target.kind is TargetKind.GOAL:
                sign = self.study.plan.kpi(target.kpi).direction.sign
                total = sign * self.oracle.total(target.kpi, target.slice, target.period)
                kept &= self.oracle.is_met(target) | at_least(total, sign * amount)
        return kept

    @property
    def no_worse_goals(self) -> NDArray[np.bool_]:
        return self.misses_no_more({one.target: one.achieved for one in self.found.evaluation.targets})

    def check_better(self) -> None:
        fits = self.no_worse_goals
        for use in self.found.evaluation.resources:
            fits = fits & at_most(self.oracle.spent(use.resource), use.used)
        if not fits.any():
            assert self.found.better is None
            return
        top, room = float(self.values[fits].max()), 1e-6 * abs(self.worth) + 1e-9
        if self.found.better is None:
            assert top <= self.worth + room
        else:
            assert self.sign * self.found.better.objective == pytest.approx(top, rel=1e-7, abs=1e-9)
            assert top > self.worth
            row = self.row(self.found.better.starts)
            assert row is not None
            assert fits[row]

    def check_cheaper(self) -> None:
        resource = next(iter(self.study.scenario.capacities), TOKENS)
        used = next((one.used for one in self.found.evaluation.resources if one.resource == resource), 0.0)
        fits = self.no_worse_goals & at_least(self.values, self.worth)
        least = float(self.oracle.spent(resource)[fits].min()) if fits.any() else None
        if self.found.cheaper is None:
            assert least is None or least >= used - 1e-6 * used - 1e-9
        else:
            assert self.found.cheaper.resources[resource] == pytest.approx(least, rel=1e-7, abs=1e-9)
            row = self.row(self.found.cheaper.starts)
            assert row is not None
            assert fits[row]

    def check_nearest(self) -> None:
        """As few changes as can be, and of the plans with as few the best."""
        answer, near = self.study.answer, self.found.near_best
        assert near is not None
        best = self.sign * (answer.objective or 0.0)
        fits = self.misses_no_more({one.target: one.achieved for one in answer.targets})
        fits &= at_least(self.values, best - NEAR_BEST * abs(best))
        changes = np.zeros(len(self.values), dtype=int)
        for one in self.oracle.candidates:
            start, when = self.hand.get(one.key), self.oracle.when[:, self.oracle.at[one.key]]
            changes += when != (OUT if start is None else self.oracle.horizon.index(start))
        row = self.row(near.starts)
        assert row is not None
        assert fits[row]
        assert changes[row] == changes[fits].min()
        top = float(self.values[fits & (changes == changes[row])].max())
        assert self.sign * near.objective == pytest.approx(top, rel=1e-6, abs=1e-9)

    def check_moves(self) -> None:
        """They lead there; each is priced as it is, keeps what was kept, and is as small as it can be."""
        assert self.found.near_best is not None
        here, end = dict(self.hand), dict(self.found.near_best.starts)
        for move in self.found.moves:
            assert (dict(move.before.starts), set(move.after.starts)) == (here, set(move.after.selected))
            there = dict(move.after.starts)
            changed = {key for key in {*here, *there} if here.get(key) != there.get(key)}
            assert changed == {*move.came_in, *move.went_out, *(key for key, _, _ in move.moved)}
            assert all(there.get(key) == end.get(key) for key in changed)
            now, then = self.row(here), self.row(there)
            assert move.after.is_allowed == (then in self.allowed)
            if now is not None and then is not None:
                was, becomes = float(self.values[now]), float(self.values[then])
                rounding = 1e-9 + 1e-14 * max(abs(was), abs(becomes))
                assert self.sign * move.objective_change == pytest.approx(becomes - was, rel=1e-7, abs=rounding)
            if now in self.allowed:
                assert then in self.allowed
                self.has_no_smaller_step(here, end, len(changed))
            here = there
        assert here == end

    def has_no_smaller_step(self, here: Mapping[str, str], end: Mapping[str, str], size: int) -> None:
        if self.study.scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC:
            return
        now = self.row(here)
        left = sorted(key for key in {*here, *end} if here.get(key) != end.get(key))
        for count in range(1, min(size, 5)):
            for group in combinations(left, count):
                there = {key: start for key, start in here.items() if key not in group}
                there |= {key: end[key] for key in group if key in end}
                row = self.row(there)
                if row in self.allowed:
                    gain = float(self.values[row] - self.values[now])
                    largest = max(abs(float(self.values[row])), abs(float(self.values[now])))
                    assert gain <= 1e-5 * largest
