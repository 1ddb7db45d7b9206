"""The best selection of a plan that is not small, by way of its core: the few columns that prices do not decide.

    1. A bound L on every selection, and loss[j]: a selection with column j at its other value reaches at most
       L - loss[j] (`optimizer.search.lagrangian_bound`).
    2. A start of value v, from prices, by density, or known from elsewhere (`optimizer.search.feasible_start`).
    3. Only a column with L - loss[j] > v can have its other value in a better selection. Where these are few, the best
       selection within them is the best of all. Where they are many, it is looked for first within the columns with the
       least losses, for so many nodes; that often finds a better v, so that fewer are left.

Balas and Zemel (1980) did this for one knapsack. Nothing here is a guess: where v is a bad one, the second core is
large, at worst the whole problem with a start. Where all amounts are multiples of a step, better means by a step.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import floor, inf

import numpy as np
from numpy.typing import NDArray

from optimizer import exact
from optimizer.model.rows import Bits, Terms
from optimizer.model.steps import step_of
from optimizer.portfolio import PROVEN, StopReason
from optimizer.search.clock import Clock
from optimizer.search.exact_search import Search, what_cannot_tie
from optimizer.search.feasible_start import FeasibleStart
from optimizer.search.found import Found
from optimizer.search.lagrangian_bound import LagrangianBound
from optimizer.search.nearby import MOST_COLUMNS, MOST_ENTRIES, Nearby

CORE_ABOVE, CORE_OF_SMALL_BLOCKS_ABOVE = 600, 150
"""Up to so many binary columns a solver is as quick with all of them (measured); the second where blocks are small."""
_FIRST_CORES = (200, 1_000, 4_000)
"""Numbers of columns of the first core; the next where the one before had no selection within the rules."""
SEEN = 500.0
"""Beside a coefficient so many times the answer, 1e-9 of the answer is below what a solver sees."""
_FIRST_NODES = 200
"""The first core may take so many nodes: work that is the same on every machine, unlike seconds."""
_PATIENCE_SHARE = 0.25
"""It may also take no more than so much of the time that is left."""
_MOST, _FEW_WORTHS = 0.5, 0.01
"""A row of this part of the columns is looked at for whether all value is proportional to it: of a smaller problem, and
of a larger one."""
_LARGE = 5_000
"""With more columns what is done without a solver takes seconds on a busy machine, and is reckoned with."""
_SHORT_TIMES = 2.0
"""Where a large plan has no more time left than so many times what the bound took, one start is all that is built."""
_FEW = 400
"""Where no more columns are open, the first core is left out."""
_NEAR, _NEARER, _MORE = 40, 1.2, 3
"""So many columns are open at first where everything near the bound is looked at. Then it reaches this much further,
which is up to four times the work, or so many columns further where that is more."""
_NEAR_ENTRIES = 500
"""What is looked at then (`optimizer.search.nearby`), by column of the plan: a solver takes the longer the more."""
_REFINEMENTS = 2
_STEP_NOISE = 1e-6
"""Relative to a step: a bound that is below a multiple of it by no more may be that multiple."""
_BOUND_SHARE, _ROUGH_SHARE, _FREE_SHARE = 0.5, 0.5, 0.25
"""The bound before it may take so much of the time: without it, the rest is seldom enough for the whole problem. Where
that was too short for prices by a solver, rough ones may take so much of the rest, and of what is left then the bound
without."""


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
    known: Iterable[Bits] = (),
    has_core: bool = True,
) -> CoreFound:
    """`Search.best`, sooner, never worse than `known`, and with eyes for small coefficients beside large ones that do
    not matter; without `has_core` a large problem too goes to the solver as a whole.

    Nothing stays fixed afterwards but what is impossible.

    Raises:
        Cancelled: the clock's caller wished to stop.
        SolverError: the solver crashed, and no selection is known.
    """
    aim = _Aim(search, terms, sign, relative_gap, value_of, clock)
    clock.check()
    by_knapsack = _by_knapsack(aim, clock)
    if by_knapsack is None and has_core and search.candidates.width > CORE_ABOVE and terms.columns:
        search.add_count_rows(terms, sign=sign)
    core = (
        CoreFound(by_knapsack, None)
        if by_knapsack
        else _found(aim, clock, tuple(known), twice=twice, has_core=has_core)
    )
    return _sharpened(aim, clock, core)


@dataclass(frozen=True)
class _Aim:
    search: Search
    terms: Terms
    sign: int
    relative_gap: float
    value_of: Callable[[Bits], float] | None
    clock: Clock

    @cached_property
    def builder(self) -> FeasibleStart:
        """Builds selections without a solver; made once, from the rules alone."""
        return self.search.starts(self.terms, self.clock, sign=self.sign)

    @cached_property
    def greedy(self) -> Bits | None:
        """The selection by density, if one keeps every demand."""
        return self._best_of([self.builder.greedy()])

    def best(self, clock: Clock, *, twice: bool = False, start: Bits | None = None, nodes: int | None = None) -> Found:
        return self.search.best(
            self.terms,
            clock,
            sign=self.sign,
            relative_gap=self.relative_gap,
            value_of=self.value_of,
            twice=twice,
            start=start,
            nodes=nodes,
        )

    def upward(self, value: float) -> float:
        """A value, or what was made of one, turned so that larger is better; and back."""
        return -self.sign * value

    def worth(self, bits: Bits) -> float:
        """The exact value of a selection, larger is better."""
        return self.upward(self.value_of(bits) if self.value_of else self.terms.value(bits))

    def start(self, bound: LagrangianBound | None, known: Collection[Bits]) -> Bits | None:
        """The best selection that is known, or that can be built without a solver.

        Prices of many rows say what to begin with; by density that is seldom better (`no_worse_than_greedy`).
        """
        is_priced = bound is not None and bound.relaxed is not None
        built: list[Bits | None] = [self.builder.repaired(chosen_columns(self.search, bits)) for bits in known]
        built.append(self._rounded(bound) if is_priced else self.greedy)
        best = self._best_of([*known, *built])
        if best is not None:
            return best
        return self.greedy if is_priced else self._best_of([self._rounded(bound)])

    def _rounded(self, bound: LagrangianBound | None) -> Bits | None:
        return None if bound is None else self.builder.rounded(bound)

    def refined(self, start: Bits, bound: LagrangianBound, clock: Clock) -> Bits:
        """The best selection near a bound and near a start or the linear relaxation, or the start itself."""
        best = start
        if bound.relaxed is not None and not clock.is_over:
            best = self._better(best, self.builder.as_relaxed(bound))
        for _ in range(_REFINEMENTS):
            if clock.is_over:
                break
            before, best = best, self._better(best, self.builder.refined(best, bound))
            if best is before:
                break
        return best

    def _better(self, best: Bits, other: Bits | None) -> Bits:
        """The other selection where it is better and keeps every demand."""
        is_better = other is not None and self.worth(other) > self.worth(best) and self.search.keeps_demands(other)
        return other if other is not None and is_better else best

    def no_worse_than_greedy(self, found: Found) -> Found:
        """An answer that is not proven, or the selection by density where that is better."""
        is_proven = found.reason is StopReason.OPTIMAL and _is_within(found, PROVEN)
        greedy = None if is_proven else self.greedy
        return found if greedy is None else found.no_worse_than(greedy, self.upward(self.worth(greedy)), self.sign)

    def _best_of(self, selections: Iterable[Bits | None]) -> Bits | None:
        """The best of those that keep every demand."""
        kept = [bits for bits in selections if bits is not None and self.search.keeps_demands(bits)]
        return max(kept, key=self.worth, default=None)


def chosen_columns(search: Search, bits: Bits) -> list[int]:
    """The columns of a selection, synergies left out."""
    return [column for column in range(len(search.candidates.options)) if bits[column]]


def _found(aim: _Aim, clock: Clock, known: Collection[Bits], *, twice: bool, has_core: bool) -> CoreFound:
    search = aim.search
    if search.model.is_impossible or not search.candidates.width:
        return CoreFound(aim.best(clock, twice=twice), None)
    if not aim.terms.columns:
        return CoreFound(_whole(aim, clock, known, twice=twice), None)
    width = search.candidates.width
    is_small = width <= CORE_ABOVE and (width <= CORE_OF_SMALL_BLOCKS_ABOVE or not search.direct.has_small_blocks())
    row = search.direct.proportional_row(search.costs(aim.terms), _MOST if width <= CORE_ABOVE else _FEW_WORTHS)
    bits = None if row is None else search.direct.best_by_one_row(search.costs(aim.terms, aim.sign), row)
    if bits is not None:
        return CoreFound(_proven(aim, bits), None)
    if is_small and row is None and has_core and width > CORE_OF_SMALL_BLOCKS_ABOVE:
        small = _nearest(aim, clock, known)
        if small is not None:
            return small
    if is_small or row is not None or not has_core:
        return CoreFound(_whole(aim, clock, known, twice=twice), None)
    bound = search.bound(aim.terms, clock.share(_BOUND_SHARE), sign=aim.sign, improve=True)
    if bound is None and width > _LARGE:
        bound = search.bound(aim.terms, clock.share(_ROUGH_SHARE), sign=aim.sign, roughly=True)
    # Where time was too short for prices by a solver, one price is better than none.
    bound = bound or search.free_bound(aim.terms, clock.share(_FREE_SHARE), sign=aim.sign)
    begun = clock.elapsed_s
    is_short = width > _LARGE and clock.remaining_s is not None and clock.remaining_s < _SHORT_TIMES * begun
    # Where the time for both is short, that by density comes first: nothing that is worse may be the answer.
    start = (aim.start(None, known) if is_short else None) or aim.start(bound, known)
    # Another selection, by density, may be built at the end: that takes no longer.
    patient, clock = clock, clock.less(clock.elapsed_s - begun if width > _LARGE else 0.0)
    core = _Core(aim, bound)
    nearest = core.nearest(clock, start)
    if nearest is not None:
        return CoreFound(nearest, bound)
    if start is None or core.is_open(start) > _FEW:
        first = core.first(clock, start, _FIRST_CORES[:1])
        if first is None and start is not None:
            # Rows between few columns forbid what prices select: the relaxation says more about these.
            start = aim.refined(start, bound, clock)
        first = first or core.first(clock, start, _FIRST_CORES[1:])
        if first is not None and first.reason is StopReason.OPTIMAL and _is_within(first, aim.relative_gap):
            return CoreFound(first, bound)
        if first is not None and first.bits is not None:
            start = first.bits
    if start is not None:
        return CoreFound(aim.no_worse_than_greedy(core.second(clock, start)), bound)
    return CoreFound(_bounded(aim, patient, aim.best(patient, twice=twice), bound), bound)


def _nearest(aim: _Aim, clock: Clock, known: Collection[Bits]) -> CoreFound | None:
    """The best by what is near the bound, where that takes some milliseconds; a solver takes ten times as long then."""
    bound = aim.search.bound(aim.terms, clock.share(_BOUND_SHARE), sign=aim.sign)
    if bound is None or clock.is_over:
        return None
    found = _Core(aim, bound).nearest(clock, aim.start(bound, known))
    return None if found is None else CoreFound(found, bound)


def _whole(aim: _Aim, clock: Clock, known: Collection[Bits], *, twice: bool) -> Found:
    """The whole problem to the solver at once: where it takes milliseconds, a start without it takes as long.

    What is known already is a start that costs nothing; where no proof came, one is built after all.
    """
    kept = [bits for bits in known if aim.search.keeps_demands(bits)]
    found = aim.best(clock, twice=twice, start=max(kept, key=aim.worth, default=None))
    if found.reason is StopReason.OPTIMAL and _is_within(found, PROVEN):
        return found
    start = aim.start(None, known)
    if start is not None:
        found = found.no_worse_than(start, aim.upward(aim.worth(start)), aim.sign)
    return _bounded(aim, clock, found, None)


def _bounded(aim: _Aim, clock: Clock, found: Found, bound: LagrangianBound | None) -> Found:
    """With a bound that needs no solver, where a selection has none."""
    if found.value is None or found.bound is not None:
        return found
    least = bound or aim.search.free_bound(aim.terms, clock, sign=aim.sign)
    return replace(found, bound=aim.upward(max(least.value, aim.upward(found.value))))


def _by_knapsack(aim: _Aim, clock: Clock) -> Found | None:
    """The best selection where one capacity is the only rule that decides anything, but for rules of small blocks."""
    bits = aim.search.best_of_knapsack(aim.terms, clock, sign=aim.sign)
    return None if bits is None else _proven(aim, bits)


def _proven(aim: _Aim, bits: Bits) -> Found:
    value = aim.upward(aim.worth(bits))
    return Found(StopReason.OPTIMAL, tuple(bits), value, value)


def _is_within(found: Found, relative_gap: float) -> bool:
    return found.gap is not None and found.gap <= relative_gap


def _sharpened(aim: _Aim, clock: Clock, core: CoreFound) -> CoreFound:
    """The answer again without the columns whose coefficients blind a solver to the others.

    Next to a coefficient of 3e12 a solver sees no difference of 0.01, though the column with that coefficient may be
    impossible, or so harmful that nobody wants it. The impossible are left out for good, the harmful only here.
    """
    found, bound, model = core.found, core.bound, aim.search.model
    harmful: list[tuple[int, int]] = []
    if found.value is not None and aim.terms.largest() <= SEEN * abs(found.value):
        return core
    while found.value is not None and found.bits is not None and not clock.is_over:
        with model.fixed(harmful):
            largest = model.largest(aim.terms)
            if largest <= SEEN * abs(found.value):
                break
            wanted = [
                column
                for column, coefficient in zip(aim.terms.columns, aim.terms.coefficients, strict=True)
                if aim.upward(coefficient) > abs(found.value) and not model.is_fixed(column) and not found.bits[column]
            ]
        # Asked under the rules alone: what only the harm forbids is not impossible.
        for column in aim.search.impossible(wanted, clock):
            model.leave_out(column)
        with model.fixed(harmful):
            # What was harmful before adds no rounding to the bound now: it shows what is harmful beside the rest.
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
        self.step = step_of(aim.terms.coefficients)

    def first(self, clock: Clock, start: Bits | None, sizes: Sequence[int]) -> Found | None:
        """The best of the first core of some sizes that has a selection at all; None where there is none, or none in
        time, or where the second core is no larger.
        """
        most = len(self.by_loss) if start is None else self.is_open(start)
        for size in sizes:
            if size >= most:
                return None
            found = self.within(self.by_loss[:size], clock.share(_PATIENCE_SHARE), start, _FIRST_NODES)
            if found.value is not None:
                # No selection with a column outside of the core at its other value is better than this.
                outside = self.bound.value - float(self.bound.losses[self.by_loss[size]])
                known = outside if found.bound is None else max(self.aim.upward(found.bound), outside)
                known = self._in_steps(known)
                return replace(found, bound=self.aim.upward(max(known, self.aim.upward(found.value))))
            if found.reason.is_limit:
                return None
        return None

    def nearest(self, clock: Clock, start: Bits | None) -> Found | None:
        """The best of all, by looking at what is near the bound, and less and less near; None: too much to look at."""
        losses = self.bound.losses
        if np.count_nonzero(losses <= losses[self.by_loss[min(_NEAR, len(losses) - 1)]]) > MOST_COLUMNS:
            return None
        nearby = Nearby(self.aim.search, self.aim.terms, self.aim.sign)
        most = min(MOST_ENTRIES, _NEAR_ENTRIES * len(losses))
        least = -inf if start is None else self._least_better(self.aim.worth(start))
        reach, size = 0.0, _NEAR
        while not clock.is_over:
            clock.check()
            reach = max(_NEARER * reach, float(losses[self.by_loss[min(size, len(losses) - 1)]]))
            near = max(self.bound.value - reach, least)
            is_held = self.bound.value - losses < near
            found = nearby.best(near, self.aim.worth, (is_held, self.bound.best), most)
            if found is None:
                return None
            if found.bits is not None and self.aim.worth(found.bits) >= near:
                return _proven(self.aim, found.bits)
            if near == least:
                return None if start is None else _proven(self.aim, start)
            size = int(np.count_nonzero(~is_held)) + _MORE
        return None

    def is_open(self, start: Bits) -> int:
        """How many columns could be at their other value in something better than `start`."""
        return len(self._open(self.aim.worth(start)))

    def second(self, clock: Clock, start: Bits) -> Found:
        """The best of all, where `start` is the best so far."""
        value = self.aim.worth(start)
        is_open = np.zeros(len(self.bound.best), dtype=bool)
        is_open[self._open(value)] = True
        # The start stays possible: a solver that finds nothing else has not lost it.
        core = np.flatnonzero(is_open | (np.array(start[: len(is_open)]) != self.bound.best))
        if not is_open.any():
            # Nothing is better by a step, or by more than rounding.
            return self._settled(Found(StopReason.OPTIMAL, tuple(start), self.aim.upward(value), None), value)
        found = self.within(core, clock, start)
        if found.value is None:
            found = found.no_worse_than(start, self.aim.upward(value), self.aim.sign)
        assert found.value is not None
        return self._settled(found, value)

    def _settled(self, found: Found, value: float) -> Found:
        """With what the prices prove: outside of the core nothing is better than `value`, and nothing than L."""
        assert found.value is not None
        least = self.aim.upward(found.value)
        inside = self.bound.value if found.bound is None else self.aim.upward(found.bound)
        if found.reason is StopReason.OPTIMAL and found.bound is None:
            inside = value
        bound = self._in_steps(max(least, min(max(inside, value), self.bound.value)))
        return replace(found, bound=self.aim.upward(max(least, bound)))

    def _in_steps(self, bound: float) -> float:
        """The last whole number of steps within a bound: no value lies between."""
        return self.step * floor(bound / self.step + _STEP_NOISE) if self.step else bound

    def _open(self, value: float) -> NDArray[np.int64]:
        """Columns with whose other value something better than `value` is possible."""
        return np.flatnonzero(self.bound.value - self.bound.losses >= self._least_better(value))

    def _least_better(self, value: float) -> float:
        """What is better than `value` comes to so much at least, but for rounding."""
        return value + self.step * (1 - _STEP_NOISE) if self.step else value - 2 * exact.tolerance(value)

    def within(self, core: NDArray[np.int64], clock: Clock, start: Bits | None, nodes: int | None = None) -> Found:
        """The best selection with every column outside of `core` at its best value."""
        is_outside = np.ones(len(self.bound.best), dtype=bool)
        is_outside[core] = False
        others = np.flatnonzero(is_outside)
        if start is not None and (np.array(start)[others] != self.bound.best[others]).any():
            start = None
        with self.aim.search.model.fixed(zip(others.tolist(), self.bound.best[others].tolist(), strict=True)):
            aim, search = self.aim, self.aim.search
            blocks = None if nodes else search.direct.best_of_blocks(search.costs(aim.terms, aim.sign), clock)
            if blocks is None:
                return aim.best(clock, start=start, nodes=nodes)
            return _proven(aim, blocks)
