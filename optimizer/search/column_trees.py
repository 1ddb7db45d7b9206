"""Trees of columns: rows between two columns each, gone through in full however many of them hang together.

A block of more than a few columns has too many assignments to list (`optimizer.search.column_blocks`). Where rows such
as prerequisites and exclusions join its columns to a tree, the best of it is found all the same, from the leaves to the
root and back: with v a column, s its value, w what columns are worth and m(u, s) what a child u brings at most under s,

    m(u, s) = max over values t of u that the row allows beside s of  b(u, t),      b(v, s) = w[v] s + sum of m(u, s)

and back from the root the same for all that is not below v. So the most with any column at either value is known after
two walks. Rows that would close a cycle are left to prices.

A relaxation's prices say less: what an enabler costs may be put on any of the initiatives that need it, and what is put
on one looks as if that one brought nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from optimizer.model.matrix import Floats
from optimizer.model.rows import Row
from optimizer.search.column_blocks import least_kept

_CHECK_EVERY = 1_000

_Allowed = tuple[tuple[bool, bool], tuple[bool, bool]]
"""Whether a row allows a value of one column, beside a value of the other."""


def is_pair(row: Row, width: int) -> bool:
    """Whether a row ties two binary columns; these are the first `width`."""
    columns = row.terms.columns
    return len(columns) == 2 and not row.soft and columns[0] != columns[1] and max(columns) < width


@dataclass(frozen=True, slots=True)
class Trees:
    """Columns in trees.

    Attributes:
        kept: the numbers of the rows that the trees keep.
        order: every column, none before the one above it.
        above: the column above each; below 0 for a root.
        allowed: by column, what the row between it and the one above it allows, the latter's value first.
    """

    kept: frozenset[int]
    order: Sequence[int]
    above: Sequence[int]
    allowed: Sequence[_Allowed]

    def most(self, worths: Sequence[float], lower: Sequence[float], upper: Sequence[float]) -> Floats:
        """The largest sum of `worths` with a column at a value, by value and column; minus infinity: there is none."""
        width, above, allowed = len(self.order), self.above, self.allowed
        off = [0.0 if lower[column] <= 0.0 else -inf for column in range(width)]
        on = [worths[column] if upper[column] >= 1.0 else -inf for column in range(width)]
        under_off, under_on = [0.0] * width, [0.0] * width
        for column in reversed(self.order):
            parent = above[column]
            if parent >= 0:
                beside_off, beside_on = allowed[column]
                under_off[column] = _largest(off[column], on[column], beside_off)
                under_on[column] = _largest(off[column], on[column], beside_on)
                off[parent] += under_off[column]
                on[parent] += under_on[column]
        total, most = 0.0, [0.0] * width
        for column in self.order:
            parent = above[column]
            if parent >= 0:
                # What is not below this column, at each value of the one above it.
                rest_off = -inf if under_off[column] == -inf else off[parent] - under_off[column]
                rest_on = -inf if under_on[column] == -inf else on[parent] - under_on[column]
                (both_off, only_on), (only_above, both_on) = allowed[column]
                off[column] += _largest(rest_off, rest_on, (both_off, only_above))
                on[column] += _largest(rest_off, rest_on, (only_on, both_on))
                most[column] = most[parent]
            else:
                most[column] = max(off[column], on[column])
                total += most[column]
        if total == -inf:
            return np.full((2, width), -inf)
        others = total - np.array(most)
        return np.array([others + np.array(off), others + np.array(on)])


def trees_of(rows: Sequence[Row], numbers: Iterable[int], width: int, check: Callable[[], None]) -> Trees:
    """Trees over all columns, of the rows with these numbers, the first ones first; each of them `is_pair`.

    Args:
        rows: what every selection keeps, within the tolerance of `optimizer.exact`.
        numbers: which of them.
        width: how many columns are binary, from the first.
        check: called now and then; what it raises ends this.
    """
    root = list(range(width))

    def root_of(column: int) -> int:
        while root[column] != column:
            root[column] = column = root[root[column]]
        return column

    kept: list[int] = []
    edges: list[list[tuple[int, _Allowed]]] = [[] for _ in range(width)]
    for place, number in enumerate(numbers):
        if place % _CHECK_EVERY == 0:
            check()
        row = rows[number]
        one, other = row.terms.columns
        first, second = root_of(one), root_of(other)
        if first != second:
            root[first] = second
            kept.append(number)
            allowed = _allowed_by(row)
            edges[one].append((other, allowed))
            edges[other].append((one, ((allowed[0][0], allowed[1][0]), (allowed[0][1], allowed[1][1]))))
    above, beside = [-1] * width, [((True, True), (True, True))] * width
    order, is_known = list[int](), [False] * width
    for start in range(width):
        if is_known[start]:
            continue
        is_known[start] = True
        waiting = [start]
        while waiting:
            column = waiting.pop()
            order.append(column)
            for other, allowed in edges[column]:
                if not is_known[other]:
                    is_known[other] = True
                    above[other], beside[other] = column, allowed
                    waiting.append(other)
    return Trees(frozenset(kept), order, above, beside)


def _allowed_by(row: Row) -> _Allowed:
    """By the value of the first column, and then of the second."""
    one, other = (row.direction * coefficient for coefficient in row.terms.coefficients)
    least = least_kept(row)
    return (least <= 0.0, other >= least), (one >= least, one + other >= least)


def _largest(off: float, on: float, allowed: tuple[bool, bool]) -> float:
    """The larger of those that are allowed."""
    if allowed[0]:
        return max(off, on) if allowed[1] else off
    return on if allowed[1] else -inf
