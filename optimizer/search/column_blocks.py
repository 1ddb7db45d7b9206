"""Small blocks of columns: rows between few of them, gone through in full.

Prerequisites, bundles, exclusions, variants and synergies tie a few columns each. Joining such rows, shortest first,
splits the binary columns of a plan into blocks that have nothing to do with each other but for the long rows, and of
each block all assignments are known that its rows allow.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import fsum

import numpy as np
from numpy.typing import NDArray

from optimizer import exact
from optimizer.model.matrix import Floats
from optimizer.model.rows import Row, Terms

LONGEST = 12
"""Rows of more columns tie nothing."""
_MOST_ASSIGNMENTS = 256
"""Nor does a row that would leave a block with more assignments."""
_MOST_OF_SMALL = 1_024
"""So many, where no row may be left over."""
_LARGEST_BLOCK = 40
"""Beyond so many columns a block has more assignments than that but for the rarest rows."""
_FEW_LONG = 12
"""So many long rows beside small blocks leave prices few to decide about (measured)."""
_LOOK_EVERY = 1_000
"""Rows between two looks at the clock."""
_MOST_AT_ONCE = 4_096
"""So many assignments may come up on the way there."""
ROUNDING = 1e-11
"""Relative to the amounts that a sum is made of, before any of them cancel: more than floating point is wrong by."""


@dataclass(frozen=True, slots=True)
class BlockGroup:
    """Blocks with the same allowed assignments.

    Attributes:
        columns: one row per block, its columns.
        assignments: one row per allowed assignment, 0 or 1 for each of a block's columns.
    """

    columns: NDArray[np.int64]
    assignments: Floats


def blocks_of(
    rows: Sequence[Row],
    lower: Sequence[float],
    upper: Sequence[float],
    width: int,
    check: Callable[[], None],
    is_over: Callable[[], bool],
) -> tuple[list[BlockGroup], list[int]]:
    """Every binary column in a block, and the numbers of the rows that no block keeps.

    Args:
        rows: what every selection keeps, within the tolerance of `optimizer.exact`.
        lower, upper: bounds of each column.
        width: how many columns, from the first, are binary.
        check: called between rows; what it raises ends this.
        is_over: asked now and then; no further row ties anything once it says so.
    """
    tables = _Tables(_MOST_ASSIGNMENTS)
    blocks = {column: _Block((column,), tables.of_column(lower[column], upper[column])) for column in range(width)}
    by_length = sorted(range(len(rows)), key=lambda number: len(rows[number].terms.columns))
    others: list[int] = []
    for place, number in enumerate(by_length):
        check()
        if place % _LOOK_EVERY == _LOOK_EVERY - 1 and is_over():
            others += by_length[place:]
            break
        if not _tie(rows[number], blocks, tables, width):
            others.append(number)
    return _grouped(blocks, tables), others


def small_blocks_of(
    rows: Sequence[Row], lower: Sequence[float], upper: Sequence[float], check: Callable[[], None]
) -> tuple[list[BlockGroup], Row | None] | None:
    """Every open column, all of them binary, in a block, and the row over them that no block keeps, if there is one.

    None where more such rows are left, or one is broken already: soon, because the largest blocks come first.
    """
    over_open = (own for row in rows if (own := _over_open(row, lower, upper)) is not None)
    open_rows: list[Row] = []
    blocks_of_rows = _blocks_of_rows(over_open, len(lower), most_long=1, seen=open_rows)
    if blocks_of_rows is None:
        return None
    tables = _Tables(_MOST_OF_SMALL)
    is_open = [column for column in range(len(lower)) if lower[column] < upper[column]]
    both = tables.of_column(0.0, 1.0)
    blocks = {column: _Block((column,), both) for column in is_open}
    left: Row | None = None
    # Within a block in the order of the rows: those of one synergy follow each other, and together they leave least.
    for number in sorted(range(len(open_rows)), key=lambda number: blocks_of_rows[number]):
        check()
        if not _tie(open_rows[number], blocks, tables, len(lower)):
            if left is not None:
                return None
            left = open_rows[number]
    return _grouped(blocks, tables), left


def _over_open(row: Row, lower: Sequence[float], upper: Sequence[float]) -> Row | None:
    """The row over its open columns; None where the fixed ones keep it whatever the others do."""
    columns = row.terms.columns
    if row.soft or all(lower[column] < upper[column] for column in columns):
        return row
    pairs = list(zip(columns, row.terms.coefficients, strict=True))
    given = fsum([amount * lower[column] for column, amount in pairs if lower[column] == upper[column]])
    left = [(column, amount) for column, amount in pairs if lower[column] < upper[column]]
    if row.suffices(fsum([given, *(amount for _, amount in left if amount * row.direction < 0)])):
        return None
    terms = Terms(tuple(column for column, _ in left), tuple(amount for _, amount in left))
    return replace(row, terms=terms, bound=row.bound - row.direction * exact.tolerance(row.bound) - given)


def are_small_blocks(rows: Sequence[Row], width: int) -> bool:
    """Whether rows tie columns into small blocks, but for a few long ones: then prices decide most."""
    return _blocks_of_rows(rows, width, most_long=_FEW_LONG, seen=[]) is not None


def _blocks_of_rows(
    rows: Iterable[Row], width: int, *, most_long: int, seen: list[Row]
) -> list[tuple[int, int]] | None:
    """For each row a number of its block to be sorted by, the largest blocks first; the rows are then in `seen`.

    None where blocks are not small, or more rows are long: as soon as that is known.
    """
    root = list(range(width))
    sizes = [1] * width

    def root_of(column: int) -> int:
        while root[column] != column:
            root[column] = column = root[root[column]]
        return column

    long_rows = 0
    for row in rows:
        seen.append(row)
        columns = row.terms.columns
        if row.soft or not columns:
            return None
        if len(columns) > LONGEST:
            long_rows += 1
            if long_rows > most_long:
                return None
            continue
        first = root_of(columns[0])
        for other in columns[1:]:
            second = root_of(other)
            if first != second:
                root[second] = first
                sizes[first] += sizes[second]
        if sizes[first] > _LARGEST_BLOCK:
            return None
    roots = [0 if len(row.terms.columns) > LONGEST else root_of(row.terms.columns[0]) for row in seen]
    is_long = [len(row.terms.columns) > LONGEST for row in seen]
    return [(1, 0) if long else (-sizes[own], own) for long, own in zip(is_long, roots, strict=True)]


def _grouped(blocks: "dict[int, _Block]", tables: "_Tables") -> list[BlockGroup]:
    same_table: dict[int, list[tuple[int, ...]]] = {}
    for block in {id(block): block for block in blocks.values()}.values():
        same_table.setdefault(block.table, []).append(block.columns)
    return [BlockGroup(np.array(columns), tables[table]) for table, columns in same_table.items()]


def _tie(row: Row, blocks: "dict[int, _Block]", tables: "_Tables", width: int) -> bool:
    """Makes one block of the columns of a row, if that leaves few assignments; whether it did."""
    columns = row.terms.columns
    if row.soft or not columns or len(columns) > LONGEST or max(columns) >= width:
        return False
    if len(columns) == 2 and tables.are_too_many(row, *(blocks[column] for column in columns)):
        return False
    tied = list({id(blocks[column]): blocks[column] for column in columns}.values())
    place = {c: (number, at) for number, block in enumerate(tied) for at, c in enumerate(block.columns)}
    key = _Key(
        tables=tuple(block.table for block in tied),
        places=tuple(place[column] for column in columns),
        amounts=tuple(row.direction * coefficient for coefficient in row.terms.coefficients),
        least=least_kept(row),
    )
    table = tables.joined(key)
    if table is None:
        return False
    block = _Block(tuple(column for block in tied for column in block.columns), table)
    for column in block.columns:
        blocks[column] = block
    return True


def least_kept(row: Row) -> float:
    """What the row's terms, turned so that more is better, come to at least, with room for tolerance and rounding."""
    return row.direction * row.bound - 2 * exact.tolerance(row.bound) - ROUNDING * row.terms.largest()


@dataclass(frozen=True, slots=True)
class _Block:
    columns: tuple[int, ...]
    table: int


@dataclass(frozen=True, slots=True)
class _Key:
    """Tables to be joined under ``sum of amounts >= least``; `places` says which table and which of its columns."""

    tables: tuple[int, ...]
    places: tuple[tuple[int, int], ...]
    amounts: tuple[float, ...]
    least: float


class _Tables:
    """Tables by number, each join made once: blocks of a plan have few shapes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._tables: list[Floats] = []
        self._ons: list[list[int]] = []
        self._joined: dict[_Key | tuple[float, float], int | None] = {}

    def __getitem__(self, number: int) -> Floats:
        return self._tables[number]

    def of_column(self, lower: float, upper: float) -> int:
        """The table of a column on its own."""
        number = self._joined.get((lower, upper))
        if number is None:
            number = self._add(np.array([[value] for value in (0.0, 1.0) if lower <= value <= upper]))
            self._joined[lower, upper] = number
        return number

    def joined(self, key: _Key) -> int | None:
        """The table of all combinations that keep the row; None where there are too many, or none at all."""
        if key not in self._joined:
            table = self._join(key)
            self._joined[key] = None if table is None else self._add(table)
        return self._joined[key]

    def are_too_many(self, row: Row, first: _Block, second: _Block) -> bool:
        """Whether two blocks under a row of a column of each would have too many assignments: counted, not made."""
        if first is second or len(self._tables[first.table]) * len(self._tables[second.table]) <= self._most:
            return False
        ons = [
            self._ons[block.table][block.columns.index(column)]
            for block, column in zip((first, second), row.terms.columns, strict=True)
        ]
        counts = [(len(self._tables[block.table]) - on, on) for block, on in zip((first, second), ons, strict=True)]
        one, other = (row.direction * coefficient for coefficient in row.terms.coefficients)
        least = least_kept(row)
        kept = [counts[0][a] * counts[1][b] for a in (0, 1) for b in (0, 1) if a * one + b * other >= least]
        return sum(kept) > self._most

    def _add(self, table: Floats) -> int:
        self._tables.append(table)
        self._ons.append(table.sum(axis=0).astype(int).tolist())
        return len(self._tables) - 1

    def _join(self, key: _Key) -> Floats | None:
        tables = [self._tables[number] for number in key.tables]
        amounts = [np.zeros(table.shape[1]) for table in tables]
        for (number, at), amount in zip(key.places, key.amounts, strict=True):
            amounts[number][at] = amount
        sums = [table @ amount for table, amount in zip(tables, amounts, strict=True)]
        joined, total = np.zeros((1, 0)), np.zeros(1)
        for number, (table, own) in enumerate(zip(tables, sums, strict=True)):
            if len(joined) * len(table) > _MOST_AT_ONCE:
                return None
            joined = np.hstack([np.repeat(joined, len(table), axis=0), np.tile(table, (len(joined), 1))])
            total = np.repeat(total, len(table)) + np.tile(own, len(total))
            # What not even the best of the tables to come can make good is left out at once.
            is_open = total + sum(later.max() for later in sums[number + 1 :]) >= key.least
            joined, total = joined[is_open], total[is_open]
        return joined if 0 < len(joined) <= self._most else None
