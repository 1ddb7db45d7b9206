"""The best selection of a plan that is not small, by way of its core: the few columns that prices do not decide.

    1. A bound L on every selection, and loss[j]: a selection with column j at its other value reaches at most
       L - loss[j] (`optimizer.search.lagrangian_bound`).
    2. The first core: the columns with the least losses. With all others at their best value, the best selection
       within the core has the value v.
    3. In every selection as good as v, a column with L - loss[j] < v has its best value. So the best selection within
       the other columns, the second core, is the best of all. Most often they are a part of the first core, which then
       has it already.

Balas and Zemel (1980) did this for one knapsack. Nothing here is a guess: where the first core was a bad one, or took
too long, v is small, and the second core large.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimizer import exact
from optimizer.model.rows import Bits, Terms
from optimizer.portfolio import StopReason
from optimizer.search.clock import Clock
from optimizer.search.exact_search import Found, Search, what_cannot_tie
from optimizer.search.lagrangian_bound import LagrangianBound

CORE_ABOVE = 250
"""Up to so many binary columns a solver is as quick with all of them (measured)."""
_FIRST_CORES = (200, 1_000, 4_000)
"""Numbers of columns of the first core; the next where the one before had no selection within the rules."""
_SEEN = 500.0
"""Beside a coefficient so many times the answer, 1e-9 of the answer is below what a solver sees."""
_PATIENCE_S = 5.0
_PATIENCE_SHARE = 0.25
"""The first core may take so many seconds, and so much of the time that is left."""
_BOUND_SHARE = 0.5
"""The bound before it may take so much of the time: without it, the rest is seldom enough for the whole problem."""


@dataclass(frozen=True, slots=True)
class CoreFound:
    """What `Search.best` says; and the bound on the way there, None where the core was not asked."""

    found: Found
    bound: LagrangianBound | None


def best_by_core(
    search: Search,
    terms: Terms,
    clock: Clock,
    *,
    sign: int = -1,
    relative_gap: float = 0.0,
    value_of: Callable[[Bits], float] | None = None,
    twice: bool = False,
) -> CoreFound:
    """`Search.best`, sooner, and with eyes for small coefficients beside large ones that turn out not to matter.

    Nothing stays fixed afterwards but what is impossible.

    Raises:
        Cancelled: the clock's caller wished to stop.
        DefectError: the solver's claimed value disagrees with the recomputed one.
        SolverError: the solver crashed.
    """

    aim = _Aim(search, terms, sign, relative_gap, value_of)
    return _sharpened(aim, clock, _found(aim, clock, twice=twice))


@dataclass(frozen=True, slots=True)
class _Aim:
    search: Search
    terms: Terms
    sign: int
    relative_gap: float
    value_of: Callable[[Bits], float] | None

    def best(self, clock: Clock, *, twice: bool = False) -> Found:
        return self.search.best(
            self.terms,
            clock,
            sign=self.sign,
            relative_gap=self.relative_gap,
            value_of=self.value_of,
            twice=twice,
        )

    def upward(self, value: float) -> float:
        """A value, or what was made of one, turned so that larger is better; and back."""
        return -self.sign * value


def _found(aim: _Aim, clock: Clock, *, twice: bool) -> CoreFound:
    search, bound = aim.search, None
    if search.candidates.width > CORE_ABOVE and aim.terms.columns and not search.model.is_impossible:
        bound = search.bound(aim.terms, clock.share(_BOUND_SHARE), sign=aim.sign, improve=True)
    if bound is not None:
        core = _Core(aim, bound)
        first = core.first(clock)
        if first is not None and first.reason is StopReason.OPTIMAL and _is_within(first, aim.relative_gap):
            return CoreFound(first, bound)
        second = None if first is None else core.second(clock, first)
        if second is not None:
            return CoreFound(second, bound)
    return CoreFound(aim.best(clock, twice=twice), bound)


def _is_within(found: Found, relative_gap: float) -> bool:
    return found.gap is not None and found.gap <= relative_gap


def _sharpened(aim: _Aim, clock: Clock, core: CoreFound) -> CoreFound:
    """The answer again without the columns whose coefficients blind a solver to the others.

    Next to a coefficient of 3e12 a solver sees no difference of 0.01, though the column with that coefficient may be
    impossible, or so harmful that nobody wants it. The impossible are left out for good, the harmful only here.
    """
    found, bound, model = core.found, core.bound, aim.search.model
    harmful: list[tuple[int, int]] = []
    while found.value is not None and found.bits is not None and not clock.is_over:
        with model.fixed(harmful):
            largest = model.largest(aim.terms)
            if largest <= _SEEN * abs(found.value):
                break
            wanted = [
                column
                for column, coefficient in zip(aim.terms.columns, aim.terms.coefficients, strict=True)
                if aim.upward(coefficient) > abs(found.value) and not model.is_fixed(column) and not found.bits[column]
            ]
        # Asked under the rules alone: what only the harm forbids is not impossible.
        for column in aim.search.impossible(wanted, clock):
            model.leave_out(column)
        bound = aim.search.free_bound(aim.terms, clock, sign=aim.sign)
        harmful = what_cannot_tie(aim.upward(found.value), bound)
        with model.fixed(harmful):
            if model.largest(aim.terms) > largest / 2:
                break
            again = aim.best(clock)
        if again.value is None or aim.upward(again.value) < aim.upward(found.value):
            break
        found = again
    return CoreFound(found, bound)


class _Core:
    def __init__(self, aim: _Aim, bound: LagrangianBound) -> None:
        self.aim = aim
        self.bound = bound
        self.by_loss = np.argsort(bound.losses, kind="stable")

    def first(self, clock: Clock) -> Found | None:
        """The best of the first core that has a selection at all; None where there is none, or none in time."""
        for size in _FIRST_CORES:
            if size >= len(self.by_loss):
                return None
            remaining = clock.remaining_s
            patience = _PATIENCE_S if remaining is None else min(_PATIENCE_S, _PATIENCE_SHARE * remaining)
            found = self.within(self.by_loss[:size], clock.at_most(patience))
            if found.value is not None:
                # No selection with a column outside of the core at its other value is better than this.
                outside = self.bound.value - float(self.bound.losses[self.by_loss[size]])
                bound = None if found.bound is None else max(self.aim.upward(found.bound), outside)
                return replace(found, bound=None if bound is None else self.aim.upward(bound))
            if found.reason is StopReason.TIME_LIMIT:
                return None
        return None

    def second(self, clock: Clock, first: Found) -> Found | None:
        """The best of all; None where rounding makes that doubtful."""
        assert first.value is not None
        value = self.aim.upward(first.value)
        least = value - 2 * exact.tolerance(value)
        found = self.within(np.flatnonzero(self.bound.value - self.bound.losses >= least), clock)
        if found.reason is StopReason.INFEASIBLE:
            return None
        if found.value is None or self.aim.upward(found.value) < value:
            found = replace(found, bits=first.bits, value=first.value)
        known = [self.aim.upward(bound) for bound in (first.bound, found.bound) if bound is not None]
        return replace(found, bound=self.aim.upward(min(known)) if known else None)

    def within(self, core: NDArray[np.int64], clock: Clock) -> Found:
        """The best selection with every column outside of `core` at its best value."""
        others = np.setdiff1d(np.arange(len(self.bound.best)), core)
        with self.aim.search.model.fixed(zip(others.tolist(), self.bound.best[others].tolist(), strict=True)):
            return self.aim.best(clock)
