"""Merged rows allow the same selections, in fewer rows."""

from itertools import combinations, product
from random import Random

import pytest

from optimizer.model.cliques import merged
from optimizer.model.rows import Row, Sense, Terms


def at_most_one(*columns: int) -> Row:
    return Row(Terms(columns, (1.0,) * len(columns)), Sense.AT_MOST, 1.0)


def members(rows: list[Row]) -> list[tuple[int, ...]]:
    return [tuple(row.terms.columns) for row in rows]


def test_pairs_of_a_clique_become_one_row() -> None:
    pairs = [at_most_one(*pair) for pair in combinations(range(5), 2)]
    assert members(merged(pairs)) == [(0, 1, 2, 3, 4)]


def test_pair_within_a_group_of_variants_is_dropped_and_the_group_keeps_its_rule() -> None:
    group = at_most_one(1, 2, 3)
    assert merged([at_most_one(1, 3), group]) == [group]


def test_equal_rows_are_given_once_and_others_are_left_alone() -> None:
    needs = [Row(Terms((0, 1), (1.0, -1.0)), Sense.AT_MOST, 0.0) for _ in range(2)]
    capacity = Row(Terms((0, 1, 2), (1.0, 1.0, 2.0)), Sense.AT_MOST, 1.0)
    assert merged([*needs, capacity]) == [needs[0], capacity]


@pytest.mark.parametrize("seed", range(20))
def test_the_same_selections_are_allowed(seed: int) -> None:
    source = Random(seed)
    groups = [source.sample(range(9), source.choice((2, 2, 2, 3))) for _ in range(source.randint(1, 20))]
    rows = [at_most_one(*sorted(group)) for group in groups]
    fewer = merged(rows)
    assert len(fewer) <= len({tuple(row.terms.columns) for row in rows})
    for bits in product((0, 1), repeat=9):
        assert all((row.cut(bits) is None) for row in rows) == all((row.cut(bits) is None) for row in fewer)
