"""A selection that keeps every rule, found without a solver: what every answer is at least as good as.

Columns are switched on in a given order. Each move takes along what its short rows ask for (prerequisites, the rest of
a bundle) and is taken back where it breaks a row that was kept. Rows that the empty selection breaks (mandatory work,
floors) are repaired before or after the filling, whichever ends better. Rows say what is allowed, whatever rule they
stand for; what comes out is measured exactly before it counts.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from optimizer import exact
from optimizer.model.matrix import Floats
from optimizer.model.rows import Bits, Candidates, Row
from optimizer.search.exchange import EXCHANGED, RECOMBINED, exchanged, recombined
from optimizer.search.lagrangian_bound import LagrangianBound

_SHORT = 12
"""A row of so many columns (for each period) names what could keep it: one of them is taken along."""
_LONGEST_MOVE = 300
_CHECK_EVERY = 500
_DIGITS, _HALF = 6, 0.5
_MOST_TAKES = 5_000_000
"""So many numbers by row and column are held at once."""
_NO_SHARE = 1e-9
"""A share of room that counts as none."""


class FeasibleStart:
    """Builds selections under fixed rows.

    Args:
        candidates: the columns.
        rows: what selections keep; soft rows forbid nothing.
        lower, upper: bounds of each binary column.
        costs: by binary column, larger is better.
        check: called now and then; what it raises ends the work.
    """

    def __init__(
        self,
        candidates: Candidates,
        rows: Iterable[Row],
        lower: Sequence[float],
        upper: Sequence[float],
        costs: Sequence[float],
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self._rows = [row for row in rows if not row.soft]
        self._width = len(candidates.options)
        self._members = candidates.members
        self._start_rows = frozenset(candidates.start_rows)
        self._short = _SHORT * max(1, len(candidates.horizon))
        self._earned_by: list[list[int]] = [[] for _ in range(self._width)]
        for number, members in enumerate(self._members):
            for column in (column for group in members for column in group):
                self._earned_by[column].append(number)
        self._lower, self._upper = list(lower[: self._width]), list(upper[: self._width])
        self._costs = list(costs[: candidates.width])
        self._needs = [row.direction * row.bound - exact.tolerance(row.bound) / 2 for row in self._rows]
        self._check = check

    def greedy(self) -> tuple[int, ...] | None:
        """By value per share of what is scarce; None where the rows cannot be repaired on the way."""
        order = self._by_density()
        likeliest = _around(order, self._ends_at(order))
        return self.filled(order, likeliest=likeliest)

    def rounded(self, bound: LagrangianBound) -> tuple[int, ...] | None:
        """By prices: first what the bound selects, the surest first; then the others, the nearest first."""
        losses, best = bound.losses[: self._width], bound.best[: self._width]
        order = np.argsort(np.where(best == 1, -losses, losses), kind="stable")
        wanted = [*order[best[order] == 1].tolist(), *order[best[order] == 0].tolist()]
        return self.filled(wanted, whatever=int(best.sum()), likeliest=np.argsort(losses, kind="stable").tolist())

    def as_relaxed(self, bound: LagrangianBound) -> tuple[int, ...] | None:
        """By the values of the linear relaxation, the largest first; then by what long rows leave of a column's cost.

        Where many rows between few columns have a price, losses say little: what a column brings is then in the prices.
        """
        assert bound.relaxed is not None
        assert bound.worths is not None
        values, worths = bound.relaxed[: self._width], bound.worths[: self._width]
        order = np.lexsort((-worths, -np.round(values, _DIGITS)))
        likeliest = np.argsort(np.abs(worths), kind="stable").tolist()
        return self.filled(order.tolist(), whatever=int((values > _HALF).sum()), likeliest=likeliest)

    def repaired(self, columns: Sequence[int]) -> tuple[int, ...] | None:
        """From a selection made elsewhere: as much of it as the rows allow, then by density."""
        given = set(columns)
        others = [column for column in self._by_density() if column not in given]
        return self.filled([*columns, *others], whatever=len(columns)) or self._extended(columns, others)

    def _extended(self, columns: Sequence[int], others: Sequence[int]) -> tuple[int, ...] | None:
        """A selection that keeps the rows, and of the others what pays; None where it does not keep them."""
        state = _State(self)
        for column in columns:
            state._switch(column, 1)
        if state.broken():
            return None
        for column in others:
            state.take(column, unless_worse=True)
        return state.bits()

    def filled(
        self, order: Sequence[int], *, whatever: int = 0, likeliest: Sequence[int] | None = None
    ) -> tuple[int, ...] | None:
        """Columns in an order, of the first `whatever` also those that bring nothing; the best of three ways.

        What the rows need comes first in that order, or first by how little it takes, or last. `likeliest` are columns
        that may change sides at the end, the likeliest first.
        """
        best = self._filled_up(order, whatever)
        ways: tuple[Sequence[int] | None, ...] = (order, None, ()) if self._begins_broken() else (order,)
        for repairs_first in ways if best is None else ():
            state = _State(self)
            if repairs_first != () and not state.repair(self._by_room() if repairs_first is None else order):
                continue
            for place, column in enumerate(order):
                if place % _CHECK_EVERY == 0:
                    self._check()
                state.take(column, unless_worse=place >= whatever)
            if state.broken() and not state.repair(order):
                continue
            if best is None or state.value > best.value:
                best = state
        if best is None:
            return None
        return best.bits() if likeliest is None else self._exchanged(best, likeliest)

    def _filled_up(self, order: Sequence[int], whatever: int) -> "_State | None":
        """The same for many columns at once, where there is nothing but capacities to be kept; else None."""
        takes = self._only_capacities
        if takes is None:
            return None
        costs, room = np.array(self._costs[: self._width]), -np.array(self._needs)
        wanted = np.array(order, dtype=np.int64)
        is_wanted = np.array(self._upper)[wanted] > 0
        is_wanted[whatever:] &= costs[wanted[whatever:]] > 0
        wanted = wanted[is_wanted]
        on = np.zeros(self._width, dtype=bool)
        for start in range(0, len(wanted), _CHECK_EVERY):
            self._check()
            columns = wanted[start : start + _CHECK_EVERY]
            while len(columns := columns[(takes[:, columns] <= room[:, None]).all(axis=0)]):
                used = takes[:, columns].cumsum(axis=1)
                fits = int((used <= room[:, None]).all(axis=0).cumprod().sum())
                on[columns[:fits]] = True
                room -= used[:, fits - 1]
                columns = columns[fits + 1 :]
        state = _State(self)
        state.on, state.slack, state.value = on.tolist(), room.tolist(), float(costs[on].sum())
        return state

    def _exchanged(self, state: "_State", likeliest: Sequence[int]) -> tuple[int, ...]:
        """The selection after exchanges of columns that long rows alone hinder."""
        columns = self._free_columns(state, likeliest, EXCHANGED)
        numbers, amounts = self._long_amounts(columns)
        on = np.array([state.on[column] for column in columns], dtype=bool)
        costs = np.array([self._costs[column] for column in columns])
        return _with(state.bits(), columns, exchanged(on, costs, amounts, state.slack_of(numbers)))

    def refined(self, bits: Bits, bound: LagrangianBound) -> tuple[int, ...] | None:
        """The best of many selections near a bound that agree with one in all but some columns.

        None where nothing else that the rows allow was found.
        """
        state = _State(self)
        for column in range(self._width):
            if bits[column]:
                state._switch(column, 1)
        worths = bound.worths
        losses = bound.losses[: self._width] if worths is None else np.abs(worths[: self._width])
        likeliest = np.argsort(losses, kind="stable").tolist()
        columns = self._free_columns(state, likeliest, RECOMBINED)
        numbers, amounts = self._long_amounts(columns)
        on = np.array([state.on[column] for column in columns], dtype=bool)
        base = bound.best[columns] == 1 if worths is None else worths[columns] > 0
        slack = state.slack_of(numbers) + amounts @ (base.astype(float) - on)
        costs = np.array([self._costs[column] for column in columns])
        chosen = recombined(base, costs, losses[columns], amounts, slack) if columns else None
        return None if chosen is None else _with(state.bits(), columns, chosen)

    def _free_columns(self, state: "_State", likeliest: Sequence[int], most: int) -> list[int]:
        """Columns that earn no synergy, and that short rows leave free while all others are as they are.

        No two of them stand in one short row, so that they may change together.
        """
        taken: set[int] = set()
        columns: list[int] = []
        for column in likeliest:
            if self._lower[column] == self._upper[column] or self._earned_by[column]:
                continue
            if self._only_capacities is not None:
                columns.append(column)
                if len(columns) == most:
                    break
                continue
            turn = -1 if state.on[column] else 1
            short = [(number, amount) for number, amount in self._entries[column] if number not in self._long_rows]
            if all(number not in taken and state.slack[number] + turn * amount >= 0 for number, amount in short):
                taken.update(number for number, _ in short)
                columns.append(column)
                if len(columns) == most:
                    break
        return columns

    def _long_amounts(self, columns: Sequence[int]) -> tuple[list[int], Floats]:
        """The long rows, and by row and column what each of some columns adds."""
        numbers = sorted(self._long_rows)
        if self._only_capacities is not None:
            return numbers, -self._only_capacities[:, columns]
        place = {number: at for at, number in enumerate(numbers)}
        amounts = np.zeros((len(numbers), len(columns)))
        for at, column in enumerate(columns):
            for number, amount in self._entries[column]:
                if number in place:
                    amounts[place[number], at] = amount
        return numbers, amounts

    @cached_property
    def _entries(self) -> list[list[tuple[int, float]]]:
        """By column the rows that it stands in, with what it adds to the room of each."""
        entries: list[list[tuple[int, float]]] = [[] for _ in range(len(self._costs))]
        for number, row in enumerate(self._rows):
            for column, coefficient in zip(row.terms.columns, row.terms.coefficients, strict=True):
                entries[column].append((number, row.direction * coefficient))
        return entries

    @cached_property
    def _only_capacities(self) -> Floats | None:
        """What each column takes of the room of each row, where all rows are long ones that only limit; else None."""
        if self._members or len(self._long_rows) < len(self._rows) or self._begins_broken():
            return None
        if len(self._rows) * self._width > _MOST_TAKES:
            return None
        takes = np.zeros((len(self._rows), self._width))
        for taken, row in zip(takes, self._rows, strict=True):
            taken[list(row.terms.columns)] = -row.direction * np.array(row.terms.coefficients)
        return None if (takes < 0).any() else takes

    @cached_property
    def _long_rows(self) -> set[int]:
        return {number for number, row in enumerate(self._rows) if len(row.terms.columns) > self._short}

    def _begins_broken(self) -> bool:
        return any(need > 0 for need in self._needs) or any(self._lower)

    def _ends_at(self, order: Sequence[int]) -> int:
        """Where in an order the first long row is full."""
        places = np.empty(len(order), dtype=np.int64)
        places[list(order)] = np.arange(len(order))
        first = len(order)
        for number in self._long_rows:
            row = self._rows[number]
            columns, amounts = np.array(row.terms.columns), -row.direction * np.array(row.terms.coefficients)
            own = places[columns[columns < self._width]]
            by_place = np.argsort(own, kind="stable")
            is_full = amounts[columns < self._width][by_place].cumsum() > -self._needs[number]
            if self._needs[number] < 0 and is_full.any():
                first = min(first, int(own[by_place[is_full.argmax()]]))
        return first

    def _by_density(self) -> list[int]:
        """Columns by cost over the share of room that they take, the best first."""
        density = -np.array(self._costs[: self._width]) / (self._shares + _NO_SHARE)
        order: list[int] = np.argsort(density, kind="stable").tolist()
        return order

    def _by_room(self) -> list[int]:
        """Columns by the share of room that they take, the least first."""
        order: list[int] = np.argsort(self._shares, kind="stable").tolist()
        return order

    @cached_property
    def _shares(self) -> Floats:
        """By column the sum over rows of how much of the row's room it takes; rows without room do not count."""
        rooms = np.maximum(-np.array(self._needs, dtype=float), 0.0)
        lengths = [len(row.terms.columns) for row in self._rows]
        rows = np.repeat(np.arange(len(lengths)), lengths)
        columns = np.fromiter(chain.from_iterable(row.terms.columns for row in self._rows), dtype=np.int64)
        amounts = np.fromiter(chain.from_iterable(row.terms.coefficients for row in self._rows), dtype=float)
        largest = np.zeros(len(lengths))
        np.maximum.at(largest, rows, np.abs(amounts))
        counts = rooms > _NO_SHARE * largest
        if self._start_rows:
            counts &= np.array([row not in self._start_rows for row in self._rows], dtype=bool)
        taken = -np.repeat([row.direction for row in self._rows], lengths) * amounts
        shares = np.where(counts[rows] & (taken > 0), taken, 0.0) / np.where(counts, rooms, 1.0)[rows]
        is_first = columns < self._width
        columns, shares = columns[is_first], shares[is_first]
        return np.bincount(columns, weights=shares, minlength=self._width).astype(float)


def _with(bits: Bits, columns: Sequence[int], on: NDArray[np.bool_]) -> tuple[int, ...]:
    """A selection with other values of some columns."""
    changed = list(bits)
    for column, is_on in zip(columns, on.tolist(), strict=True):
        changed[column] = int(is_on)
    return tuple(changed)


def _around(order: Sequence[int], place: int) -> list[int]:
    """An order by how near its places are to one of them."""
    return [order[at] for at in sorted(range(len(order)), key=lambda at: abs(at - place))]


class _State:
    def __init__(self, problem: FeasibleStart) -> None:
        self.problem = problem
        self.on = [False] * problem._width
        self.slack = [-need for need in problem._needs]
        self.missing = [len(members) for members in problem._members]
        self.value = 0.0

    def bits(self) -> tuple[int, ...]:
        return (*map(int, self.on), *(int(not missing) for missing in self.missing))

    def slack_of(self, rows: Sequence[int]) -> Floats:
        """How much of each row is left."""
        return np.array([self.slack[number] for number in rows])

    def broken(self) -> list[int]:
        """Rows that are not kept, short ones first."""
        rows = self.problem._rows
        return sorted((n for n, slack in enumerate(self.slack) if slack < 0), key=lambda n: len(rows[n].terms.columns))

    def repair(self, order: Sequence[int]) -> bool:
        """Switches on what broken rows need; whether all are kept then."""
        problem = self.problem
        for column, lower in enumerate(problem._lower):
            if lower and not self.on[column] and not self.take(column):
                return False
        for number in self.broken():
            row = problem._rows[number]
            helps = {
                c: row.direction * a
                for c, a in zip(row.terms.columns, row.terms.coefficients, strict=True)
                if row.direction * a > 0 and c < problem._width
            }
            # What the order puts first, and of that what helps a lot: the floor is met early, at little cost.
            places = {column: place for place, column in enumerate(order) if column in helps}
            for column in sorted(places, key=lambda c: (places[c] + 1) / helps[c]):
                if self.slack[number] >= 0:
                    break
                self.take(column)
        return not self.broken()

    def take(self, column: int, *, unless_worse: bool = False) -> bool:
        """Switches a column on with all that it needs; False, and nothing done, where that breaks a row."""
        if self.on[column]:
            return True
        before, opened = self.value, list[int]()
        harmed: dict[int, float] = {}
        is_kept = self._open(column, opened, harmed)
        is_kept = is_kept and all(self.slack[n] >= 0 or self.slack[n] > was for n, was in harmed.items())
        if is_kept and not (unless_worse and self.value <= before):
            return True
        for other in reversed(opened):
            self._switch(other, -1)
        self.value = before
        return False

    def _open(self, column: int, opened: list[int], harmed: dict[int, float]) -> bool:
        problem = self.problem
        waiting = [column]
        while waiting:
            wanted = waiting.pop()
            if self.on[wanted]:
                continue
            if not problem._upper[wanted] or len(opened) >= _LONGEST_MOVE:
                return False
            for number, amount in problem._entries[wanted]:
                if amount < 0:
                    harmed.setdefault(number, self.slack[number])
            self._switch(wanted, 1)
            opened.append(wanted)
            for number, amount in problem._entries[wanted]:
                if amount < 0 and self.slack[number] < 0 and self.slack[number] < harmed[number]:
                    helper = self._helper(number)
                    if helper is None:
                        return False
                    waiting.append(helper)
        return True

    def _helper(self, number: int) -> int | None:
        """The best column that keeps a short row; None where there is none."""
        row, problem = self.problem._rows[number], self.problem
        if len(row.terms.columns) > problem._short:
            return None
        helps = [
            c
            for c, a in zip(row.terms.columns, row.terms.coefficients, strict=True)
            if row.direction * a > 0 and c < problem._width and not self.on[c] and problem._upper[c]
        ]
        return max(helps, key=lambda c: problem._costs[c], default=None)

    def _switch(self, column: int, sign: int) -> None:
        problem, slack = self.problem, self.slack
        self.on[column] = sign > 0
        self.value += sign * problem._costs[column]
        for number, amount in problem._entries[column]:
            slack[number] += sign * amount
        for number in problem._earned_by[column]:
            was_earned = not self.missing[number]
            self.missing[number] -= sign
            if was_earned == bool(self.missing[number]):
                earned = problem._width + number
                self.value += sign * problem._costs[earned]
                for row, amount in problem._entries[earned]:
                    slack[row] += sign * amount
