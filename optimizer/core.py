"""The best selection of a plan that is not small, by way of its core: the few columns that prices do not decide.

    1. A bound L on every selection, and loss[j]: a selection with column j at its other value reaches at most
       L - loss[j] (`optimizer.lagrangian`).
    2. The first core: the columns with the least losses. With all others at their best value, the best selection
       within the core has the value v.
    3. In every selection as good as v, a column with L - loss[j] < v has its best value. So the best selection within
       the other columns, the second core, is the best of all. Most often they are a part of the first core, which then
       has it already.

Balas and Zemel (1980) did this for one knapsack. Nothing here is a guess: where the first core was a bad one, or took
too long, v is small, and the second core large.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimizer import exact
from optimizer.clock import Clock
from optimizer.lagrangian import LagrangianBound
from optimizer.portfolio import StopReason
from optimizer.rows import Bits, Terms
from optimizer.search import Found, Search, what_cannot_tie

CORE_ABOVE = 250
"""Up to so many binary columns a solver is as quick with all of them (measured)."""
_FIRST_CORES = (200, 1_000, 4_000)
"""Numbers of columns of the first core; the next where the one before had no selection within the rules."""
_SEEN = 500.0
"""Beside a coefficient so many times the answer, 1e-9 of the answer is below what a solver sees."""
_PATIENCE_S = 5.0
_PATIENCE_SHARE = 0.25
"""The first core may take so many seconds, and so much of the time that is left; the bound before it as much of it."""


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

    def best(clock: Clock, *, twice: bool = False) -> Found:
        return search.best(terms, clock, sign=sign, relative_gap=relative_gap, value_of=value_of, twice=twice)

    found, bound = _found(search, terms, clock, sign, relative_gap, best, twice=twice)
    return _sharpened(search, terms, clock, sign, best, CoreFound(found, bound))


def _found(
    search: Search,
    terms: Terms,
    clock: Clock,
    sign: int,
    relative_gap: float,
    best: Callable[..., Found],
    *,
    twice: bool,
) -> tuple[Found, LagrangianBound | None]:
    is_worth_it = search.candidates.width > CORE_ABOVE and terms.columns and not search.model.is_impossible
    is_worth_it = is_worth_it and not clock.is_over
    bound = search.bound(terms, clock.share(_PATIENCE_SHARE), sign=sign, improve=True) if is_worth_it else None
    if bound is not None:
        core = _Core(search, bound, sign)
        first = core.first(best, clock)
        if first is not None and core.is_all(first, relative_gap):
            return first, bound
        second = None if first is None else core.second(best, clock, first)
        if second is not None:
            return second, bound
    return best(clock, twice=twice), bound


def _sharpened(
    search: Search, terms: Terms, clock: Clock, sign: int, best: Callable[..., Found], core: CoreFound
) -> CoreFound:
    """The answer again without the columns whose coefficients blind a solver to the others.

    Next to a coefficient of 3e12 a solver sees no difference of 0.01, though the column with that coefficient may be
    impossible, or so harmful that nobody wants it. The impossible are left out for good, the harmful for a while.
    """
    found, bound = core.found, core.bound
    with ExitStack() as fixed:
        while found.value is not None and found.bits is not None and not clock.is_over:
            largest = search.model.largest(terms)
            if largest <= _SEEN * abs(found.value):
                break
            bound = search.free_bound(terms, clock, sign=sign)
            fixed.enter_context(search.model.fixed(what_cannot_tie(-sign * found.value, bound)))
            wanted = [
                column
                for column, coefficient in zip(terms.columns, terms.coefficients, strict=True)
                if -sign * coefficient > abs(found.value)
                and column < search.candidates.width
                and not found.bits[column]
                and not search.model.is_fixed(column)
            ]
            for column in search.impossible(wanted, clock):
                search.model.leave_out(column)
            if search.model.largest(terms) > largest / 2:
                break
            again = best(clock)
            if again.value is None or (again.value - found.value) * sign > 0:
                break
            found = again
    return CoreFound(found, bound)


class _Core:
    def __init__(self, search: Search, bound: LagrangianBound, sign: int) -> None:
        self.search = search
        self.bound = bound
        self.sign = sign
        self.by_loss = np.argsort(bound.losses, kind="stable")

    def first(self, best: Callable[[Clock], Found], clock: Clock) -> Found | None:
        """The best of the first core that has a selection at all; None where there is none, or none in time."""
        for size in _FIRST_CORES:
            if size >= len(self.by_loss):
                return None
            remaining = clock.remaining_s
            patience = _PATIENCE_S if remaining is None else min(_PATIENCE_S, _PATIENCE_SHARE * remaining)
            found = self.within(self.by_loss[:size], best, clock.at_most(patience))
            if found.value is not None:
                # No selection with a column outside of the core at its other value is better than this.
                outside = self.bound.value - float(self.bound.losses[self.by_loss[size]])
                return replace(found, bound=self.worse_of(found.bound, outside))
            if found.reason is StopReason.TIME_LIMIT:
                return None
        return None

    def is_all(self, first: Found, relative_gap: float) -> bool:
        """Whether the first core has the best of all."""
        return first.reason is StopReason.OPTIMAL and first.gap is not None and first.gap <= relative_gap

    def second(self, best: Callable[[Clock], Found], clock: Clock, first: Found) -> Found | None:
        """The best of all; None where rounding makes that doubtful."""
        assert first.value is not None
        least = -self.sign * first.value - 2 * exact.tolerance(first.value)
        found = self.within(np.flatnonzero(self.bound.value - self.bound.losses >= least), best, clock)
        if found.reason is StopReason.INFEASIBLE:
            return None
        if found.value is None or (found.value - first.value) * self.sign > 0:
            found = replace(found, bits=first.bits, value=first.value)
        known = [-self.sign * bound for bound in (first.bound, found.bound) if bound is not None]
        return replace(found, bound=-self.sign * min(known) if known else None)

    def within(self, core: NDArray[np.int64], best: Callable[[Clock], Found], clock: Clock) -> Found:
        """The best selection with every column outside of `core` at its best value."""
        others = np.setdiff1d(np.arange(len(self.bound.best)), core)
        with self.search.model.fixed(zip(others.tolist(), self.bound.best[others].tolist(), strict=True)):
            return best(clock)

    def worse_of(self, bound: float | None, outside: float) -> float | None:
        """The bound that holds within the core (native) and outside of it (larger is better)."""
        return None if bound is None else -self.sign * max(-self.sign * bound, outside)
