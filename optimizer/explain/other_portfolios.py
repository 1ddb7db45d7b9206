"""Whether a portfolio stays the best by another objective: one question to a solver, or none.

The answer is known. So what is asked is not for the best portfolio and then for what ties with it, but for any other
one that is no worse: with a cutoff, that is proven not to exist in a part of the time. Where another one is better,
a portfolio that was found before or one that is built without a solver often shows it.
"""

from dataclasses import replace
from enum import Enum

from optimizer import exact
from optimizer.errors import SolverError
from optimizer.model.objectives import Objective, ObjectiveTerms
from optimizer.model.rows import Bits
from optimizer.portfolio import Portfolio, StopReason
from optimizer.search.clock import Clock
from optimizer.search.exact_search import what_cannot_tie
from optimizer.search.goal_stages import level_stages
from optimizer.search.stages import Question

_FIXED_ABOVE = 60
"""Up to so many binary columns a bound costs more than it saves, as for ties."""
_PLAINLY = 1e-6
"""Better by so much, relative to the value, is better whatever a solver's tolerance."""
_ROUNDED_TOLERANCE = 1.001
"""A bound that is short of the tolerance by rounding says nothing."""


class Rival(Enum):
    """What there is beside a portfolio."""

    NONE = "nothing else is as good"
    TIES = "another one may be as good"
    BETTER = "another one is better"
    UNKNOWN = "time or work came to its end"


class OtherPortfolios:
    """All that keep the rules of a question, and its goals as well as a portfolio does, but for that portfolio."""

    def __init__(self, question: Question, portfolio: Portfolio) -> None:
        candidates = question.candidates
        self._candidates = candidates
        self._bits = candidates.bits_of(portfolio.selection)
        self._known: list[Bits] = []
        levels = level_stages(question.plan, question.scenario, candidates)
        self._search = question.search([bound for level in levels for bound in level.bounds()])
        # As for ties: one answer whoever solves the scenario itself.
        self._search.calls.solver = replace(question.solver, name="highs")
        for level in levels:
            for demand in (level, *level.kept_at(self._bits)):
                self._search.demand(demand)
        self._search.forbid(self._bits, range(len(candidates.options)))

    def rival(self, objective: Objective, clock: Clock) -> Rival:
        """The best rival of the portfolio by an objective.

        Raises:
            Cancelled: the clock's caller wished to stop.
        """
        aim = objective.over(self._candidates)
        value, search = aim.value(self._bits), self._search
        if any(self._is_better(bits, aim) for bits in self._known):
            return Rival.BETTER
        built = search.starts(aim.terms, clock).greedy()
        if built is not None and search.keeps_demands(built) and self._is_better(built, aim):
            self._known.append(built)
            return Rival.BETTER
        plainly_more = max(_PLAINLY * abs(value), 2 * exact.tolerance(value))
        bound = search.bound(aim.terms, clock) if self._candidates.width > _FIXED_ABOVE else None
        with search.model.fixed([] if bound is None else what_cannot_tie(value, bound)):
            try:
                found = search.best(
                    aim.terms, clock, value_of=aim.value, as_good_as=value, enough=value + plainly_more, twice=True
                )
            except SolverError:
                return Rival.UNKNOWN
        if found.bits is not None:
            self._known.append(found.bits)
            if self._is_better(found.bits, aim):
                return Rival.BETTER
        is_out = found.bound is not None and value - found.bound > _ROUNDED_TOLERANCE * exact.tolerance(value)
        if found.reason is StopReason.INFEASIBLE or is_out:
            return Rival.NONE
        return Rival.UNKNOWN if found.bits is None or found.reason.is_limit else Rival.TIES

    def _is_better(self, bits: Bits, aim: ObjectiveTerms) -> bool:
        return not exact.reaches(aim.value(self._bits), aim.value(bits))
