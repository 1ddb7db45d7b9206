"""Whether a plan can be better than all plans that decide the other way about one initiative, by exchanges.

A plan X without i (a case) is better than every plan with i only where no exchange makes it into one that is no worse:
R out of X, and T with i into it, is worth no more than nothing where ``h(R) <= l(T) + l(i)``. Where no row of the rules
is any worse for T and i than for R, that can be done to every plan that has R and lacks T, so that none of them is a
case: one cut for all of them,

    sum of X[j] over R - sum of X[k] over T <= |R| - 1

Small exchanges are found by trying all; and the best plan with i, which a solver finds, is an exchange too, though one
that may need room that X has. The same holds of plans with i, with i in R.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer import exact
from optimizer.errors import SolverError
from optimizer.model.matrix import Floats
from optimizer.model.rows import Bits, Candidates, Row, Sense, Terms
from optimizer.plan import Plan, Scenario
from optimizer.portfolio import StopReason
from optimizer.rules import rules_of
from optimizer.search.clock import Clock
from optimizer.search.core_search import best_by_core
from optimizer.search.exact_search import Search
from optimizer.search.found import Found
from optimizer.search.solver_calls import SolverChoice
from optimizer.search.stages import Question
from optimizer.studies.swaps import Swaps

_ROUNDS = 40
_UNITS = 400_000.0
"""Units of work for one initiative: some ten seconds."""
_CUTS = 60
"""So many exchanges are cut off at once (measured)."""
_SIZES = ((0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (0, 2), (2, 1), (1, 2))
"""How many leave and how many come beside the initiative itself; larger ones only where there are few smaller ones."""
_MOST_PAIRS = 4_000_000

Exchange = tuple[list[int], list[int]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`is_safe` None: neither way was proven; `case` is the plan that decides the other way where there is one."""

    is_safe: bool | None
    case: tuple[int, ...] = ()


class Exchanges:
    """The search for cases of a scenario, all of whose rows are over single selections.

    Args:
        plan: what to choose from.
        scenario: whose rules and floors hold.
        swaps: its rows.
        low, high: the ends of what each column may be worth; larger is better.
        above: a plan is better than another where it is so by more than this.
    """

    def __init__(self, plan: Plan, scenario: Scenario, swaps: Swaps, low: Floats, high: Floats, above: float) -> None:
        self._plan, self._scenario, self._swaps = plan, scenario, swaps
        self._low, self._high, self._above = low, high, above
        self._candidates = Candidates(plan, scenario)

    @property
    def columns(self) -> dict[str, int]:
        """The column of each candidate."""
        return self._swaps.columns

    def verdict(self, column: int, answer: Bits, demands: list[Row], clock: Clock) -> Verdict:
        """Whether what `answer` decides about a column is safe. `demands` are kept by every case.

        Raises:
            Cancelled: the clock's caller wished to stop.
        """
        clock = clock.of_work(_UNITS)
        is_in = bool(answer[column])
        cases, answers = self._search(column, 0 if is_in else 1, clock), self._search(column, int(is_in), clock)
        for demand in [*demands, self._rival(answer)]:
            cases.demand(demand)
        high = _terms(self._high)
        try:
            for _ in range(_ROUNDS):
                case = cases.better(high, clock, than=None, value_of=high.value)
                if case.reason is StopReason.INFEASIBLE:
                    return Verdict(True)
                if case.bits is None:
                    break
                own = tuple(case.bits)
                found = self._best_against(own, answers, clock)
                if found.reason is StopReason.INFEASIBLE:
                    return Verdict(False, own)
                if found.bits is None or found.reason is not StopReason.OPTIMAL:
                    break
                rival = tuple(found.bits)
                if self._gain(own, rival) > 0:
                    return Verdict(False, own)
                for row in self._cuts(own, rival, column):
                    cases.demand(row)
        except SolverError:
            # Others may still be decided: this one is called not proven.
            return Verdict(None)
        return Verdict(None)

    def _search(self, column: int, value: int, clock: Clock) -> Search:
        question = Question(
            self._plan,
            self._scenario,
            rules_of(self._plan, self._scenario),
            self._candidates,
            SolverChoice(),
            clock,
            breaks_ties=False,
        )
        search = question.search()
        search.demand(decided(column, value))
        return search

    def _best_against(self, case: Bits, answers: Search, clock: Clock) -> Found:
        """The best plan that decides as the answer does where what a case holds is worth most, and the rest least."""
        scores = np.where(np.array(case) > 0, self._high, self._low)
        return best_by_core(answers, _terms(scores), clock, twice=True).found

    def _gain(self, one: Bits, other: Bits) -> float:
        """By how much the first plan can be better than the other."""
        ends = zip(one, other, self._low.tolist(), self._high.tolist(), strict=True)
        return exact.total([high if mine else -low for mine, theirs, low, high in ends if mine != theirs])

    def _rival(self, bits: Bits) -> Row:
        """A case can be better than this plan: it has the most of what the plan lacks, and the least of the rest."""
        has = np.array(bits) > 0
        amounts = np.where(has, self._low, self._high)
        least = exact.total(self._low[has].tolist()) + self._above
        return Row(_terms(amounts), Sense.AT_LEAST, least)

    def _cuts(self, case: Bits, rival: Bits, column: int) -> Iterator[Row]:
        """Rows that forbid the case, and all plans that the same exchanges make no worse."""
        for out, into in self._exchanges(case, column):
            yield _cut(out, into)
        out = [j for j, bit in enumerate(case) if bit and not rival[j] and j != column]
        into = [j for j, bit in enumerate(rival) if bit and not case[j] and j != column]
        turn = self._swaps.amounts[:, column] * (-1.0 if case[column] else 1.0)
        amounts = self._swaps.amounts
        if (turn + amounts[:, into].sum(axis=1) - amounts[:, out].sum(axis=1) >= 0).all():
            yield _cut(out, into)
        else:
            yield self._rival(rival)

    def _exchanges(self, case: Bits, column: int) -> list[Exchange]:
        """Small exchanges that turn the column in a case and leave it no better, however much room it has."""
        is_in = np.array(case) > 0
        free = self._swaps.is_free.copy()
        free[column] = False
        leaving, coming = np.flatnonzero(is_in & free), np.flatnonzero(~is_in & free)
        sign = -1.0 if is_in[column] else 1.0
        gain = self._high[column] if is_in[column] else -self._low[column]
        turn = sign * self._swaps.amounts[:, column]
        found: list[Exchange] = []
        for out, into in _SIZES:
            outs, intos = _sets_of(leaving, out), _sets_of(coming, into)
            if not 0 < len(outs) * len(intos) <= _MOST_PAIRS:
                continue
            gains = gain + self._high[outs].sum(axis=1)[:, None] - self._low[intos].sum(axis=1)[None, :]
            possible = gains <= self._above
            for amounts, own in zip(self._swaps.amounts, turn.tolist(), strict=True):
                if not possible.any():
                    break
                possible &= own - amounts[outs].sum(axis=1)[:, None] + amounts[intos].sum(axis=1)[None, :] >= 0
            rows, columns = np.nonzero(possible)
            best = np.argsort(gains[rows, columns], kind="stable")[: _CUTS - len(found)]
            found += [(outs[rows[n]].tolist(), intos[columns[n]].tolist()) for n in best.tolist()]
            if len(found) == _CUTS:
                break
        return found


def decided(column: int, value: int) -> Row:
    """A column has this value."""
    return Row(Terms((column,), (1.0,)), Sense.AT_LEAST if value else Sense.AT_MOST, float(value))


def _terms(amounts: Floats) -> Terms:
    columns = np.flatnonzero(amounts)
    return Terms(tuple(columns.tolist()), tuple(amounts[columns].tolist()))


def _sets_of(columns: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """All sets of so many columns, at most two, a line each."""
    if size < 2:
        return columns[:, None] if size else np.zeros((1, 0), dtype=np.int64)
    first, second = np.triu_indices(len(columns), 1)
    return np.column_stack([columns[first], columns[second]])


def _cut(out: list[int], into: list[int]) -> Row:
    """Not all of the first without any of the others."""
    coefficients = [-1.0] * len(out) + [1.0] * len(into)
    return Row(Terms((*out, *into), tuple(coefficients)), Sense.AT_LEAST, 1.0 - len(out))
