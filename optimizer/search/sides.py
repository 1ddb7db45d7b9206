"""A plan from below and from above: better and better selections, and bounds that come closer to them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf
from typing import Protocol

import numpy as np

from optimizer import exact
from optimizer.errors import SolverError
from optimizer.model.matrix import Floats, Matrix
from optimizer.model.rows import Bits, Terms
from optimizer.model.steps import step_of
from optimizer.portfolio import StopReason
from optimizer.search.clock import Clock
from optimizer.search.core_search import chosen_columns
from optimizer.search.exact_search import Search
from optimizer.search.found import Found
from optimizer.search.group_bound import GroupBound
from optimizer.search.groups import Groups, neighbors
from optimizer.search.neighborhoods import Neighborhoods
from optimizer.solvers import solve
from optimizer.solvers.answer import Answer, Limits

STALLED = 1e-5
"""A turn that brings less, relative to the value, brings nothing."""
_NEIGHBORHOOD_UNITS, _SMALL_UNITS = 20_000.0, 4_000.0
"""A neighborhood may take so much; where it took less than the second, the next of its kind is larger."""
_NEIGHBORHOOD_COST, _FACTOR = 1_000.0, 2.0
"""Measured: on small problems much of a solver's time is in no look, and a neighborhood has a price of its own."""
_GROUP_UNITS, _GROUP_COST = 30.0, 12.0
"""What a group may take for each entry of its rows while prices are looked for; and what it costs beside that, because
a solver does much before its first look (measured)."""
_PROOF_UNITS, _PROOF_GROWTH, _PROOF_TIMES = 120.0, 4.0, 8.0
"""What it may take where prices promise no more, and something is to be proven; and how much more the next time. Then
prices are looked for with more work too: what a proof corrects was seen with too little."""
_PROMISE, _PATIENCE = 0.2, 0.7
"""What a turn of 3 may bring of the gap, and how much less after each that brought nothing."""
_TOGETHER_UNITS, _TOGETHER_COST = 20_000.0, 500.0
"""What putting plans together may take."""
_GROUP_GAP = 1e-4
_STEP_NOISE = 1e-6
_ROUNDING = 1e-7
"""Relative: a relaxation is solved within tolerances."""


class Side(Protocol):
    """What goes on turn by turn.

    Attributes:
        promise: how much of what is unproven a turn is worth trying for, though the last ones brought nothing.
    """

    @property
    def promise(self) -> float:
        """See above."""

    def go_on(self, clock: Clock) -> None:
        """Goes on until the clock's work is done."""


@dataclass(frozen=True)
class Aim:
    """What is looked for, and when it is found."""

    search: Search
    terms: Terms
    value_of: Callable[[Bits], float]
    relative_gap: float

    @cached_property
    def step(self) -> float:
        """What values differ by, or more; 0 where that is not known."""
        return step_of(self.terms.coefficients) * (1 - _STEP_NOISE)

    def is_met(self, value: float, bound: float) -> bool:
        """Whether nothing is better by a step, or by more than the gap asked for."""
        return bound <= value or bound < value + max(self.relative_gap * abs(value), self.step)

    def built(self, known: Collection[Bits]) -> Bits | None:
        """The best selection that keeps every demand, of those that are known or built without a solver."""
        builder = self.search.starts(self.terms, Clock())
        selections: list[Bits | None] = [*known, builder.greedy()]
        selections += [builder.repaired(chosen_columns(self.search, bits)) for bits in known]
        kept = [bits for bits in selections if bits is not None and self.search.keeps_demands(bits)]
        return max(kept, key=self.value_of, default=None)

    def relaxed(self, clock: Clock) -> tuple[float, Floats | None]:
        """The bound and the prices of the linear relaxation; infinite and None where a solver has none in time."""
        model = self.search.model
        try:
            found = solve.relaxation(model, "highs", Limits(clock.remaining_s, cancel=clock.cancel))
        except SolverError:
            found = None
        if found is None:
            return inf, None
        value = -found.value / model.cost_scale
        return value + _ROUNDING * abs(value), found.prices

    def bounded(self, found: Found, clock: Clock) -> Found:
        """With a bound that needs no solver, where a selection has none."""
        if found.value is None or found.bound is not None:
            return found
        return replace(found, bound=max(found.value, self.search.free_bound(self.terms, clock).value))

    def settled(self, found: Found) -> Found:
        """OPTIMAL where value and bound have met."""
        if found.value is None or found.bound is None or not self.is_met(found.value, found.bound):
            return found
        bound = found.value if found.bound < found.value + self.step else max(found.value, found.bound)
        return replace(found, reason=StopReason.OPTIMAL, bound=bound)


class FromBelow:
    """The best selection so far, and what is known to be above it."""

    def __init__(self, aim: Aim, groups: Groups | None, bits: Bits, bound: float) -> None:
        self._aim = aim
        candidates = aim.search.candidates
        rows = [row.terms.columns for row in aim.search.rows()]
        self._neighborhoods = Neighborhoods(
            candidates, [] if groups is None else groups.keys(candidates), neighbors(candidates, rows)
        )
        self._columns: dict[str, list[int]] = {}
        for column, option in enumerate(candidates.options):
            self._columns.setdefault(option.key, []).append(column)
        self.bits = tuple(bits)
        self.value = aim.value_of(bits)
        self.bound = bound

    promise: float = 0.0

    @property
    def gap(self) -> float:
        """How far the bound is from the value, relative to it."""
        return (self.bound - self.value) / max(abs(self.value), exact.ABSOLUTE_AT_ZERO)

    @property
    def is_met(self) -> bool:
        """Whether nothing is better than the best so far."""
        return self._aim.is_met(self.value, self.bound)

    def go_on(self, clock: Clock) -> None:
        """Looks at one neighborhood after the other until the clock's work is done."""
        while not (self.is_met or clock.is_over or clock.is_work_done):
            clock.check()
            free = self._neighborhoods.next(self.bits)
            model = self._aim.search.model
            fixed = [
                (column, self.bits[column])
                for key, columns in self._columns.items()
                if key not in free
                for column in columns
                if not model.is_fixed(column)
            ]
            part = clock.of_work(_NEIGHBORHOOD_UNITS)
            with model.fixed(fixed):
                found = self._aim.search.best(self._aim.terms, part, value_of=self._aim.value_of, start=self.bits)
            spent = part.work.done
            clock.work.spend((_FACTOR - 1) * spent + _NEIGHBORHOOD_COST)
            self._take(found.bits, found.value)
            is_optimal = found.reason is StopReason.OPTIMAL
            if is_optimal and not fixed and found.bound is not None:
                # The neighborhood was the whole plan.
                self.bound = min(self.bound, max(self.value, found.bound))
            self._neighborhoods.adapt(is_small=is_optimal and spent < _SMALL_UNITS, is_large=not is_optimal)

    def offer(self, columns: list[int]) -> None:
        """Takes a selection made elsewhere, repaired, if it is better."""
        search = self._aim.search
        repaired = search.starts(self._aim.terms, Clock()).repaired(columns)
        if repaired is not None and search.keeps_demands(repaired):
            self._take(repaired, self._aim.value_of(repaired))

    def _take(self, bits: Bits | None, value: float | None) -> None:
        if bits is not None and value is not None and value > self.value:
            self.bits, self.value = tuple(bits), value


class FromAbove:
    """Rounds of the bound of groups; what goes together of what the groups would do is offered to the other side."""

    def __init__(self, aim: Aim, bound: GroupBound, below: FromBelow, most: float) -> None:
        self._aim = aim
        self._bound = bound
        self._below = below
        # That of the costs that `bound` was made with: the model's own changes with what a neighborhood leaves open.
        self._scale = aim.search.model.cost_scale
        self._most = most
        self._proof_units = _PROOF_UNITS
        self._seen: Bits | None = None
        # Without a proof at its end all that prices promise is nothing.
        self._is_growing = bound.entries * (_PROOF_UNITS + _GROUP_COST) <= most
        self._patience = 1.0

    @property
    def promise(self) -> float:
        """More work per group brings something again and again, until a round takes too long for that."""
        return _PROMISE * self._patience if self._is_growing else 0.0

    def go_on(self, clock: Clock) -> None:
        """One round after the other until the clock's work is done; a thorough one where prices promise no more."""
        before = self._below.gap
        while self._is_growing and not (clock.is_over or clock.is_work_done or self._below.is_met):
            clock.check()
            self._learn()
            if not self._bound.is_over:
                self._round(max(_GROUP_UNITS, self._proof_units / _PROOF_TIMES), clock)
                continue
            begun = clock.work.done
            self._bound.begin_again()
            self._round(self._proof_units, clock)
            self._proof_units *= _PROOF_GROWTH
            next_one = _PROOF_GROWTH * (clock.work.done - begun) * self._bound.unproven
            is_settled = self._bound.is_over and not self._bound.unproven
            self._is_growing = next_one <= self._most and not is_settled
        self._patience = 1.0 if self._below.gap < before - STALLED else _PATIENCE * self._patience

    def _round(self, units: float, clock: Clock) -> None:
        """One round with so much work for each entry of a group's rows."""
        target = -self._below.value * self._scale
        reached = self._bound.next_round(target, lambda part, start: self._minimize(part, start, units, clock))
        self._below.bound = min(self._below.bound, -self._bound.bound / self._scale)
        self._offer(reached.values)
        self._put_together(clock)

    def _put_together(self, clock: Clock) -> None:
        """Offers the best that goes together of what the groups were seen to do."""
        limits = Limits(clock.remaining_s, cancel=clock.cancel, units=_TOGETHER_UNITS)
        try:
            together, spent = self._bound.columns.together(limits)
        except SolverError:
            together, spent = None, _TOGETHER_UNITS
        clock.work.spend(_FACTOR * spent + _TOGETHER_COST)
        if together is not None:
            self._offer(together)

    def _learn(self) -> None:
        """What the groups do in the best selection so far is something that they can do."""
        if self._seen != self._below.bits:
            self._seen = self._below.bits
            values = self._aim.search.calls.start_values(self._below.bits)
            if values is not None:
                self._bound.columns.add(values)

    def _offer(self, values: Floats) -> None:
        width = len(self._aim.search.candidates.options)
        self._below.offer(np.flatnonzero(values[:width] > 0.5).tolist())

    def _minimize(self, part: Matrix, start: Floats | None, units: float, clock: Clock) -> Answer:
        threads, entries = self._aim.search.solver.threads, len(part.value)
        limits = Limits(clock.remaining_s, _GROUP_GAP, threads, clock.cancel, units=units * entries, start=start)
        try:
            answer = solve.minimize(part, limits)
        except SolverError:
            return Answer(StopReason.ERROR)
        clock.work.spend(answer.units + _GROUP_COST * entries)
        return answer
