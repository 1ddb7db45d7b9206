"""Rows of the form "at most one of these", merged where they overlap: fewer rows, and sharper ones.

Pairs that exclude each other are edges of a graph. A set of columns with an edge between any two, a clique, may have
one row: of three columns that exclude each other, half of each keeps all three pairs, but not the row of the clique.
Growing cliques greedily, the columns with the most edges first, covers every edge. Johnson and Padberg (1982).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from optimizer.model.rows import Row, Sense, Terms


def merged(rows: Iterable[Row]) -> list[Row]:
    """The same rows, those of at most one merged into cliques and equal ones dropped; in an order of its own."""
    others: list[Row] = []
    groups: dict[frozenset[int], Row] = {}
    seen: set[tuple[object, ...]] = set()
    for row in rows:
        if _is_at_most_one(row):
            groups.setdefault(frozenset(row.terms.columns), row)
        elif (key := _key(row)) not in seen:
            seen.add(key)
            others.append(row)
    return [*_cliques(groups), *others]


def _is_at_most_one(row: Row) -> bool:
    is_plain = row.sense is Sense.AT_MOST and row.bound == 1 and not row.soft and len(row.terms.columns) > 1
    return is_plain and all(coefficient == 1 for coefficient in row.terms.coefficients)


def _key(row: Row) -> tuple[object, ...]:
    return (*row.terms.columns, None, *row.terms.coefficients, row.sense, row.bound, row.soft, row.tight)


def _cliques(groups: dict[frozenset[int], Row]) -> list[Row]:
    """Cliques that cover every group; a clique that is one of the groups keeps the group's rule."""
    near: dict[int, set[int]] = defaultdict(set)
    for group in groups:
        for column in group:
            near[column] |= group - {column}
    covered: set[tuple[int, int]] = set()
    cliques: list[Row] = []
    for group in sorted(groups, key=lambda group: (-len(group), sorted(group))):
        if all(pair in covered for pair in _pairs(sorted(group))):
            continue
        clique = _grown(group, near)
        covered.update(_pairs(clique))
        terms = Terms(tuple(clique), (1.0,) * len(clique))
        cliques.append(groups.get(frozenset(clique)) or Row(terms, Sense.AT_MOST, 1.0))
    return cliques


def _grown(group: frozenset[int], near: dict[int, set[int]]) -> list[int]:
    clique = set(group)
    open_ones = set.intersection(*(near[column] for column in group)) - clique
    while open_ones:
        best = max(open_ones, key=lambda column: (len(near[column] & open_ones), -column))
        clique.add(best)
        open_ones &= near[best]
    return sorted(clique)


def _pairs(columns: Sequence[int]) -> Iterable[tuple[int, int]]:
    return ((a, b) for place, a in enumerate(columns) for b in columns[place + 1 :])
