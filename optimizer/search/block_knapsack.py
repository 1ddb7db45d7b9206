"""One capacity over small blocks of columns: the best selection by dynamic programming, without a solver.

Variants, bundles, prerequisites and synergies tie initiatives into blocks whose assignments are all known
(`optimizer.search.column_blocks`). Where one capacity is the only rule beside them, one assignment of each block is to
be chosen: a multiple-choice knapsack. At the price p of the capacity that gives the least bound L, the best assignment
of each block is the base, and any other one loses d >= 0. The core grows by blocks, those with the least loss first;
what is kept are the states (amount, value) that no other state beats in both and that can still become better than the
best so far. Pisinger, "A minimal algorithm for the multiple-choice knapsack problem" (1995).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.model.matrix import Floats
from optimizer.search.column_blocks import BlockGroup
from optimizer.search.knapsack import ROUNDING, STEP_NOISE, amounts_in_steps, values_in_steps

_MOST_STATES = 1_000_000
"""States in all steps together: the same work on every machine, less than a tenth of a second."""
_MOST_PRICES = 60
"""Each shows assignments that are best at some price; where so many are not enough, a solver is asked."""


@dataclass(frozen=True, slots=True)
class _Choices:
    """The assignments of all blocks, one after the other: `block` of each, and its amount and value."""

    block: NDArray[np.int64]
    amount: Floats
    value: Floats
    first: NDArray[np.int64]
    """Where the assignments of each block begin."""

    def best_at(self, price: float) -> NDArray[np.int64]:
        """For each block its best assignment at a price of the capacity; of equal ones the one that takes least."""
        reduced = self.value - price * self.amount
        order = np.lexsort((self.amount, -reduced, self.block))
        return order[self.first]

    def least(self) -> NDArray[np.int64]:
        """For each block the assignment that takes least; of equal ones the best."""
        order = np.lexsort((-self.value, self.amount, self.block))
        return order[self.first]


def best_of_blocks(
    groups: Sequence[BlockGroup], values: Floats, amounts: Floats, room: float, others: NDArray[np.int64]
) -> NDArray[np.int64] | None:
    """The values of all columns in a selection that is best within ``amounts * x <= room`` over the columns of blocks.

    `others` are the values of columns that are in no block. None where there is no such selection, or where that takes
    too much work.
    """
    if not groups:
        return others if room >= 0 else None
    steps, room = amounts_in_steps(amounts, room)
    worths, step = values_in_steps(values)
    choices = _choices_of(groups, worths, steps)
    chosen = _best(choices, room, step)
    if chosen is None:
        return None
    bits = others.copy()
    block = 0
    for group in groups:
        own = chosen[block : block + len(group.columns)] - choices.first[block : block + len(group.columns)]
        bits[group.columns] = group.assignments[own]
        block += len(group.columns)
    return bits


def _choices_of(groups: Sequence[BlockGroup], values: Floats, amounts: Floats) -> _Choices:
    many = np.concatenate([np.full(len(g.columns), len(g.assignments)) for g in groups])
    return _Choices(
        block=np.repeat(np.arange(len(many)), many),
        amount=np.concatenate([(amounts[g.columns] @ g.assignments.T).ravel() for g in groups]),
        value=np.concatenate([(values[g.columns] @ g.assignments.T).ravel() for g in groups]),
        first=np.cumsum(many) - many,
    )


def _best(choices: _Choices, room: float, step: float) -> NDArray[np.int64] | None:
    """The number of the chosen assignment of each block."""
    over, base = choices.best_at(0.0), choices.least()
    if choices.amount[over].sum() <= room:
        return over
    if choices.amount[base].sum() > room:
        return None
    price = 0.0
    for _ in range(_MOST_PRICES):
        # Where the lines of the two meet: no price has a lower bound by what is known.
        gained = float(choices.value[over].sum() - choices.value[base].sum())
        price = max(0.0, gained / float(choices.amount[over].sum() - choices.amount[base].sum()))
        at = choices.best_at(price)
        reduced = choices.value[at].sum() - price * choices.amount[at].sum()
        known = choices.value[base].sum() - price * choices.amount[base].sum()
        if reduced <= known + ROUNDING * abs(known) or (at == base).all() or (at == over).all():
            break
        if choices.amount[at].sum() <= room:
            base = at
        else:
            over = at
    else:
        # Only where the base is best at the price, losses are none too small.
        return None
    least_gain = step * (1 - STEP_NOISE) if step else ROUNDING * float(np.abs(choices.value[base]).sum())
    return _Core(choices, base, price, room, least_gain).best()


class _Core:
    """The states of a core that grows from the best assignments at a price."""

    def __init__(
        self, choices: _Choices, base: NDArray[np.int64], price: float, room: float, least_gain: float
    ) -> None:
        self.choices, self.base, self.price, self.room, self.least_gain = choices, base, price, room, least_gain
        own = base[choices.block]
        self.more_amount = choices.amount - choices.amount[own]
        self.more_value = choices.value - choices.value[own]
        # No base is worse at the price, but for rounding.
        self.losses = np.maximum(0.0, price * self.more_amount - self.more_value)
        self.amount, self.value = float(choices.amount[base].sum()), float(choices.value[base].sum())
        self.bound = self.value + price * (room - self.amount)
        self.best_value = self.value
        self.best_source: tuple[int, int] | None = None
        self.steps: list[tuple[NDArray[np.int64], int, NDArray[np.int64]]] = []
        """For each block of the core its assignments, how many states there were, and where each new one is from."""

    def best(self) -> NDArray[np.int64] | None:
        """The number of the chosen assignment of each block; None where there were too many states."""
        single = self._by_one_change()
        is_other = np.ones(len(self.losses), dtype=bool)
        is_other[self.base] = False
        others = np.flatnonzero(is_other & self._may_gain(self.losses))
        # Blocks by the least loss of another assignment, and by its place where that is equal.
        others = others[np.lexsort((others, self.losses[others]))]
        blocks, first = np.unique(self.choices.block[others], return_index=True)
        blocks = blocks[np.argsort(first, kind="stable")]
        by_block = others[np.argsort(self.choices.block[others], kind="stable")]
        starts = np.searchsorted(self.choices.block[by_block], blocks)
        ends = np.searchsorted(self.choices.block[by_block], blocks, side="right")
        core = [by_block[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
        least = [*(float(self.losses[own].min()) for own in core), np.inf]
        ups, downs = self._slopes(core)
        amounts, values = np.array([self.amount]), np.array([self.value])
        worked = 0
        for number, own in enumerate(core):
            if not len(amounts) or not self._may_gain(least[number]):
                break
            own = own[self._may_gain(self.losses[own])]
            amounts, values = self._grown(amounts, values, own, least[number + 1], ups[number + 1], downs[number + 1])
            worked += (len(own) + 1) * self.steps[-1][1]
            if worked > _MOST_STATES:
                return None
        return self._traced(single)

    def _may_gain(self, losses: Floats | float) -> NDArray[np.bool_] | bool:
        return self.bound - losses >= self.best_value + self.least_gain

    def _by_one_change(self) -> int | None:
        """The best other assignment of one block alone, which is the best so far then."""
        fits = np.flatnonzero((self.more_amount <= self.room - self.amount) & (self.more_value > 0))
        if not len(fits):
            return None
        change = int(fits[self.more_value[fits].argmax()])
        self.best_value += float(self.more_value[change])
        return change

    def _slopes(self, core: Sequence[NDArray[np.int64]]) -> tuple[list[float], list[float]]:
        """From each block of the core on: the least loss per unit of more, and of less, amount."""
        ups, downs = [np.inf], [np.inf]
        for own in reversed(core):
            more, losses = self.more_amount[own], self.losses[own]
            up, down = more > 0, more < 0
            ups.append(min(ups[-1], float((losses[up] / more[up]).min(initial=np.inf))))
            downs.append(min(downs[-1], float((-losses[down] / more[down]).min(initial=np.inf))))
        return ups[::-1], downs[::-1]

    def _grown(
        self, amounts: Floats, values: Floats, own: NDArray[np.int64], least: float, up: float, down: float
    ) -> tuple[Floats, Floats]:
        """The states with one more block; `least`, `up` and `down` are about the blocks to come."""
        width = len(amounts)
        amounts = np.concatenate([amounts, *(amounts + more for more in self.more_amount[own])])
        values = np.concatenate([values, *(values + more for more in self.more_value[own])])
        order = np.lexsort((-values, amounts))
        amounts, values = amounts[order], values[order]
        is_best = np.ones(len(values), dtype=bool)
        is_best[1:] = values[1:] > np.maximum.accumulate(values)[:-1]
        order, amounts, values = order[is_best], amounts[is_best], values[is_best]
        inside = int(np.searchsorted(amounts, self.room, side="right"))
        if inside and values[inside - 1] >= self.best_value + self.least_gain:
            self.best_value = float(values[inside - 1])
            self.best_source = (len(self.steps), int(order[inside - 1]))
        room = self.room - amounts
        most = values + self.price * room - least
        slope = np.where(room >= 0, max(0.0, self.price - up), self.price + down)
        with np.errstate(invalid="ignore"):
            # An infinite slope beside no room at all: nothing is lost, nothing gained.
            most = np.minimum(most, values + np.where(room == 0, 0.0, slope * room))
        is_open = most >= self.best_value + self.least_gain
        self.steps.append((own, width, order[is_open]))
        return amounts[is_open], values[is_open]

    def _traced(self, single: int | None) -> NDArray[np.int64]:
        chosen = self.base.copy()
        if self.best_source is None:
            if single is not None:
                chosen[self.choices.block[single]] = single
            return chosen
        step, source = self.best_source
        while True:
            own, width, _ = self.steps[step]
            change, before = divmod(source, width)
            if change:
                chosen[self.choices.block[own[0]]] = own[change - 1]
            if not step:
                return chosen
            step -= 1
            source = int(self.steps[step][2][before])
