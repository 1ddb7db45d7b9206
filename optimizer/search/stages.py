"""The stages of answering one scenario: ideals, goals level by level, objective, ties."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from time import perf_counter

from optimizer import exact
from optimizer.model.objectives import Objective, ObjectiveTerms, objective_of, rewarded_kpis
from optimizer.model.rows import Bits, Candidates, Demand, Terms
from optimizer.plan import Kpi, Plan, Scenario, Selection
from optimizer.portfolio import IDEAL, PROVEN, Stage, StopReason
from optimizer.rules.rule import Rule
from optimizer.search.clock import Clock
from optimizer.search.core_search import CoreFound, best_by_core
from optimizer.search.exact_search import Search
from optimizer.search.found import Found
from optimizer.search.goal_stages import LevelStage, level_stages
from optimizer.search.ideals import Ideal, bound_for_all_ideals
from optimizer.search.period_search import best_over_periods
from optimizer.search.solver_calls import SolverChoice
from optimizer.search.tie_breaking import OTHERS, break_ties

EXACT_UP_TO = 1_000
"""Number of x columns up to which stages are solved to no gap, and ties have ample time (`Clock.extra`)."""
_LARGE_PLAN_GAP = 5e-7
_TINY_SHORTFALL = 1e-6
"""Below this a shortfall is asked again as a yes or no question: can every goal of the level be met?"""
_AS_GOOD = 1e-12
"""Relative: values of which rounding may hide the better one."""
_ANY_WITHIN_S = 1.0
"""A shorter limit is no time for a solver to find any selection: so long that is tried all the same."""


@dataclass(frozen=True)
class Outcome:
    """What the stages came to; `keys` is None without a selection.

    `objective` is None where an ideal could not be found in time. `bound` is in the objective's own sign (larger is
    better), and None where nothing is proven. `proven` says that every stage was proven within 1e-6.
    """

    reason: StopReason
    keys: Selection | None
    objective: Objective | None
    bound: float | None
    proven: bool
    ties_broken: bool
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A scenario of a plan with its rules, and who answers it until when.

    Without `breaks_ties` any of several portfolios that are equally good is the answer.
    """

    plan: Plan
    scenario: Scenario
    rules: Sequence[Rule]
    candidates: Candidates
    solver: SolverChoice
    clock: Clock
    breaks_ties: bool = True

    @property
    def relative_gap(self) -> float:
        """The gap asked of solvers: none, but for large plans."""
        return 0.0 if len(self.candidates.options) <= EXACT_UP_TO else _LARGE_PLAN_GAP

    def best(
        self,
        search: Search,
        terms: Terms,
        value_of: Callable[[Bits], float] | None = None,
        known: Collection[Bits] = (),
    ) -> CoreFound:
        """The largest value of `terms`, by way of the core; never less than that of a `known` selection."""
        gap = self.relative_gap
        # Parts of a plan are HiGHS' to solve: who asks for CBC is answered by CBC.
        best = best_over_periods if self.candidates.horizon and self.solver.name == "highs" else best_by_core
        return best(search, terms, self.clock, relative_gap=gap, value_of=value_of, twice=True, known=known)

    def search(self, shortfall_bounds: Sequence[float] = ()) -> Search:
        """A fresh search under the rules."""
        return Search(self.candidates, self.rules, self.solver, shortfall_bounds)


class _NothingFound(Exception):  # noqa: N818 - ends the stages early, on purpose
    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason)
        self.reason = reason


def run_stages(
    question: Question, previous: Collection[str] | None, known: Collection[Collection[str]] = ()
) -> Outcome:
    """Answers the question as far as the clock allows; see `optimizer.model.objectives` for the stages.

    `known` are selections from elsewhere: where one keeps the rules, the answer is never worse.

    Raises:
        PlanError: the scenario has no objective.
    """
    return _Stages(question, [*([] if previous is None else [previous]), *known]).outcome(previous)


class _Stages:
    def __init__(self, question: Question, known: Collection[Collection[str]]) -> None:
        self.question = question
        self.candidates = question.candidates
        self.stages: list[Stage] = []
        self.proven = True
        self.incumbent: Bits | None = None
        self.known: list[Bits] = [question.candidates.bits_of(keys) for keys in known]
        self.ideals: dict[str, Ideal] = {}
        self.levels = level_stages(question.plan, question.scenario, question.candidates)
        self.search = question.search([bound for level in self.levels for bound in level.bounds()])
        self.held: list[Demand] = []
        self.ideals_to_come = len(rewarded_kpis(question.scenario))

    def outcome(self, previous: Collection[str] | None) -> Outcome:
        objective: Objective | None = None
        try:
            self._know_any()
            objective = objective_of(self.question.plan, self.question.scenario, self._ideal)
            if self.levels:
                self._know_greedy(objective)
            for level in self.levels:
                self._meet(level)
            return self._optimize(objective, previous)
        except _NothingFound as nothing:
            if self.incumbent is None or objective is None:
                return Outcome(nothing.reason, None, objective, None, False, False, tuple(self.stages))
            best = self._best_known(objective)
            return self._outcome(StopReason.TIME_LIMIT, best, objective, None, ties_broken=False)

    def _know_any(self) -> None:
        """Learns some selection that keeps the rules where a very short limit might else end without an answer."""
        limit_s, cancel = self.question.clock.limit_s, self.question.clock.cancel
        if limit_s is None or limit_s >= _ANY_WITHIN_S or any(map(self.search.keeps_demands, self.known)):
            return
        found = self.search.best(Terms((), ()), Clock(_ANY_WITHIN_S, cancel))
        if found.bits is not None:
            self.known.append(found.bits)

    def _know_greedy(self, objective: Objective) -> None:
        """Learns the selection by density of the objective: it may come nearer to the goals than that of the goals."""
        greedy = self.search.starts(objective.over(self.candidates).terms, self.question.clock).greedy()
        if greedy is not None:
            self.known.append(greedy)

    def _best_known(self, objective: Objective) -> Bits:
        """The best selection that is known, by all goals and then by the objective; there is one at least."""
        aim = objective.over(self.candidates)
        kept = [bits for bits in self.known if self.search.keeps_demands(bits)]
        return min(kept, key=lambda bits: (*(level.value(bits) for level in self.levels), -aim.value(bits)))

    def _ideal(self, kpi: Kpi) -> float:
        """The best total of a KPI that any portfolio within the rules reaches, native unit."""
        begun = perf_counter()
        terms = self.candidates.kpi_terms(kpi.key, sign=kpi.direction.sign)
        # Each ideal that is still to be found, and the objective, may take as much.
        self.ideals_to_come -= 1
        patient = replace(self.question, clock=self.question.clock.share(1 / (self.ideals_to_come + 2)))
        found = patient.best(self.search, terms, known=self.known).found
        self._record(f"{IDEAL}{kpi.key}", kpi.unit, found, begun, kpi.direction.sign, is_held=False)
        if found.value is None or found.bits is None:
            raise _NothingFound(found.reason)
        self.known.append(found.bits)
        best = float(terms.as_written(found.bits))
        ideal = self.ideals[kpi.key] = Ideal(terms, best, found.bound, _is_proven(found))
        return ideal.factor_base

    def _meet(self, level: LevelStage) -> None:
        """Minimizes the relative shortfall of a level, and holds it."""
        begun = perf_counter()
        start = self._start_of(level)
        if start is not None:
            # No better selection falls shorter of any goal than this one of all: huge harm is out of the question.
            self.search.limit(zip(level.terms.columns, level.limits(level.value(start)), strict=True))
        self._demand(level)
        clock = self.question.clock
        found = self.search.best(level.terms, clock, sign=1, value_of=level.value, twice=True, start=start)
        if found.value is not None and 0 < found.value < _TINY_SHORTFALL:
            found = self._all_met(level) or found
        found = self._without_rounding(level, found, sign=1)
        if found.value is not None:
            # No shortfall is below 0, and it is relative already: what is left to prove counts as it is.
            found = replace(found, bound=max(0.0, found.bound or 0.0), unit_size=1.0)
        self._record(level.stage_name, "relative shortfall", found, begun)
        if found.bits is None or found.value is None:
            raise _NothingFound(found.reason)
        self.incumbent = found.bits
        self.known.append(found.bits)
        if found.reason.is_limit and not _is_proven(found):
            raise _NothingFound(found.reason)
        for demand in level.kept_at(found.bits):
            self._demand(demand)

    def _start_of(self, level: LevelStage) -> Bits | None:
        """The selection that comes nearest to a level's goals, of those that are known or built without a solver."""
        builder = self.search.starts(level.guide, self.question.clock)
        built = [builder.greedy(), *self.known]
        kept = [bits for bits in built if bits is not None and self.search.keeps_demands(bits)]
        return min(kept, key=level.value, default=None)

    def _all_met(self, level: LevelStage) -> Found | None:
        """A selection that meets every goal of the level exactly, or None."""
        search = self.question.search([bound for other in self.levels for bound in other.bounds()])
        for demand in (*self.held, *level.met()):
            search.demand(demand)
        found = search.best(level.terms, self.question.clock, sign=1, value_of=level.value)
        return None if found.bits is None else found

    def _without_rounding(self, aim: LevelStage | ObjectiveTerms, found: Found, *, sign: int) -> Found:
        """Of few selections with numbers far apart, the very best: what is held and what ties is measured from it."""
        best = found.value
        if found.reason is not StopReason.OPTIMAL or best is None:
            return found

        def measure(bits: Bits) -> float | Fraction:
            value = aim.value(bits)
            return aim.as_written(bits) if abs(value - best) <= _AS_GOOD * abs(best) else value

        few = self.search.direct.best_of_few(aim.terms, sign, measure)
        if few is None or few.bits is None:
            return found
        value = aim.value(few.bits)
        return Found(StopReason.OPTIMAL, few.bits, value, value)

    def _optimize(self, objective: Objective, previous: Collection[str] | None) -> Outcome:
        begun = perf_counter()
        aim = objective.over(self.candidates)
        core = self.question.best(self.search, aim.terms, value_of=aim.value, known=self.known)
        found = self._without_rounding(aim, core.found, sign=-1)
        self._record("objective", objective.unit, found, begun, objective.sign)
        if found.bits is None or found.value is None:
            if self.incumbent is not None and found.reason.is_limit:
                return self._outcome(found.reason, self.incumbent, objective, found.bound, ties_broken=False)
            raise _NothingFound(found.reason)
        if any(not ideal.is_proven for ideal in self.ideals.values()):
            return self._with_unproven_ideals(found, objective)
        is_open = found.reason is not StopReason.OPTIMAL and not _is_proven(found)
        if is_open or not self.question.breaks_ties:
            return self._outcome(found.reason, found.bits, objective, found.bound, ties_broken=False)
        if self.question.clock.is_over:
            late = replace(found, reason=StopReason.TIME_LIMIT, value=0.0, bound=None)
            self.stages.append(late.as_stage(OTHERS, "portfolios", 0.0, is_held=False, breaks_ties=True))
            return self._outcome(found.reason, found.bits, objective, found.bound, ties_broken=False)
        took = perf_counter() - begun
        is_large = len(self.candidates.options) > EXACT_UP_TO
        clock = self.question.clock.ties(took)
        ties = break_ties(self.search, aim, found, previous, clock, bound=core.bound, ties_are_likely=is_large)
        self.stages.extend(ties.stages)
        return self._outcome(found.reason, ties.bits, objective, ties.bound, ties_broken=ties.complete)

    def _with_unproven_ideals(self, found: Found, objective: Objective) -> Outcome:
        """The best portfolio that is known, by ideals that none of those exceeds; with a bound for whatever ideals."""
        assert found.bits is not None
        known = [*(bits for bits in self.known if self.search.keeps_demands(bits)), found.bits]
        self.ideals = {kpi: ideal.reached_by(known) for kpi, ideal in self.ideals.items()}
        corrected = objective_of(
            self.question.plan, self.question.scenario, lambda kpi: self.ideals[kpi.key].factor_base
        )
        aim = corrected.over(self.candidates)
        bits = max(known, key=aim.value)
        bound = (
            None if found.bound is None else bound_for_all_ideals(self.ideals, objective, corrected, found.bound, bits)
        )
        self.stages = [self._corrected(stage, corrected, aim.value(bits), bound) for stage in self.stages]
        return self._outcome(found.reason, bits, corrected, bound, ties_broken=False)

    def _corrected(self, stage: Stage, objective: Objective, value: float, bound: float | None) -> Stage:
        for kpi, ideal in self.ideals.items():
            if stage.name == f"{IDEAL}{kpi}":
                return replace(stage, value=self.question.plan.kpi(kpi).direction.sign * ideal.value)
        if stage.name != "objective":
            return stage
        sign = objective.sign
        gap = None if bound is None else abs(bound - value) / max(abs(value), exact.ABSOLUTE_AT_ZERO)
        return replace(stage, value=sign * value, bound=None if bound is None else sign * bound, gap=gap)

    def _demand(self, demand: Demand) -> None:
        self.search.demand(demand)
        self.held.append(demand)

    def _record(self, name: str, unit: str, found: Found, begun: float, sign: int = 1, *, is_held: bool = True) -> None:
        self.proven &= _is_proven(found)
        self.stages.append(found.as_stage(name, unit, perf_counter() - begun, sign=sign, is_held=is_held))

    def _outcome(
        self, reason: StopReason, bits: Bits, objective: Objective, bound: float | None, *, ties_broken: bool
    ) -> Outcome:
        keys = self.candidates.keys(bits)
        return Outcome(reason, keys, objective, bound, self.proven, ties_broken, tuple(self.stages))


def _is_proven(found: Found) -> bool:
    """Whether nothing is better by more than 1e-6; a stage that time ended may be as near to the end as that."""
    return found.gap is not None and found.gap <= PROVEN
