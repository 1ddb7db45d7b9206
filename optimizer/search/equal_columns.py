"""Initiatives that are equal in everything that counts: of those the first keys are selected, without any search.

Two columns with the same coefficients in every row, in the objective and in every criterion may change places in any
portfolio: it stays as good, and keeps the same rules. So of each group of equal columns only the selection of its first
ones needs to be looked at, and that is what the last criterion asks for.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from optimizer.model.rows import Bits, Row, Sense, Terms
from optimizer.search.exact_search import Search


@dataclass(frozen=True, slots=True)
class EqualColumns:
    """Groups of equal columns, each in the order of keys."""

    groups: Sequence[Sequence[int]]

    @classmethod
    def of(cls, search: Search, terms: Iterable[Terms], columns: Sequence[int]) -> "EqualColumns":
        """The groups among some columns, by the rows that were demanded and by other terms that count."""
        wanted = set(columns)
        places: dict[int, list[tuple[int, float]]] = {column: [] for column in columns}
        for number, counted in enumerate([*terms, *(row.terms for row in search.rows())]):
            for column, coefficient in zip(counted.columns, counted.coefficients, strict=True):
                if column in wanted:
                    places[column].append((number, coefficient))
        groups: dict[tuple[tuple[int, float], ...], list[int]] = defaultdict(list)
        for column in sorted(columns):
            groups[tuple(places[column])].append(column)
        return cls([group for group in groups.values() if len(group) > 1])

    @property
    def count(self) -> int:
        """How many columns have an equal one before them."""
        return sum(len(group) - 1 for group in self.groups)

    def rows(self) -> Iterator[Row]:
        """``x_a >= x_b`` for each column of a group and the next."""
        for group in self.groups:
            for first, second in pairwise(group):
                yield Row(Terms((first, second), (1.0, -1.0)), Sense.AT_LEAST, 0.0)

    def ordered(self, bits: Bits) -> tuple[int, ...]:
        """A selection with as many of each group, the first ones."""
        changed = list(bits)
        for group in self.groups:
            chosen = sum(bits[column] for column in group)
            for place, column in enumerate(group):
                changed[column] = int(place < chosen)
        return tuple(changed)
