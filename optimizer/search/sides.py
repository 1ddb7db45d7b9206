"""A plan from below and from above: better and better selections, and bounds that come closer to them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf
from typing import Protocol

import numpy as np

from optimizer.errors import SolverError
from optimizer.model.matrix import Floats, Matrix
from optimizer.model.rows import Bits, Terms
from optimizer.model.steps import step_of
from optimizer.portfolio import StopReason
from optimizer.search.clock import Clock
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
_GROUP_UNITS, _GROUP_GROWTH = 15_000.0, 2.0
"""What a group may take at first; more where a turn of 3 brought nothing."""
_GROUP_GAP = 1e-4
_STEP_NOISE = 1e-6
_ROUNDING = 1e-7
"""Relative: a relaxation is solved within tolerances."""


class Side(Protocol):
    """What goes on turn by turn; `is_growing` says that the next turn is more thorough than the last."""

    is_growing: bool

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
        selections += [builder.repaired(_columns(self.search, bits)) for bits in known]
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
        value = -found[0] / model.cost_scale
        return value + _ROUNDING * abs(value), np.array(found[1])

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
        self.is_growing = False

    def go_on(self, clock: Clock) -> None:
        """Looks at one neighborhood after the other until the clock's work is done."""
        while not (self._aim.is_met(self.value, self.bound) or clock.is_over or clock.is_work_done):
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
    """Rounds of the bound of groups; what the groups would do by themselves is offered to the other side."""

    def __init__(self, aim: Aim, bound: GroupBound, below: FromBelow, most: float) -> None:
        self._aim = aim
        self._bound = bound
        self._below = below
        self._most = most
        self._units = _GROUP_UNITS
        self.is_growing = False

    def go_on(self, clock: Clock) -> None:
        """One round after the other until the clock's work is done; the next turn is more thorough where need be."""
        scale = self._aim.search.model.cost_scale
        width = len(self._aim.search.candidates.options)
        before, spent = self._below.bound, 0.0
        while not (self._bound.is_over or clock.is_over or clock.is_work_done):
            clock.check()
            begun = clock.work.done
            reached = self._bound.next_round(-self._below.value * scale, lambda part: self._minimize(part, clock))
            spent = clock.work.done - begun
            self._below.bound = min(self._below.bound, -self._bound.bound / scale)
            self._below.offer(np.flatnonzero(reached.values[:width] > 0.5).tolist())
        is_stalled = self._below.bound >= before - STALLED * abs(before)
        self.is_growing = is_stalled and _GROUP_GROWTH * spent <= self._most
        if self.is_growing:
            self._units *= _GROUP_GROWTH
            self._bound.begin_again()

    def _minimize(self, part: Matrix, clock: Clock) -> Answer:
        limits = Limits(clock.remaining_s, _GROUP_GAP, self._aim.search.solver.threads, clock.cancel, units=self._units)
        try:
            answer = solve.minimize(part, limits)
        except SolverError:
            return Answer(StopReason.ERROR)
        clock.work.spend(answer.units)
        return answer


def _columns(search: Search, bits: Bits) -> list[int]:
    return [column for column in range(len(search.candidates.options)) if bits[column]]
