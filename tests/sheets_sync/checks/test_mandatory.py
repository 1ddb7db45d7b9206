"""Which mandates to drop where they cost more than there is, against every set of them."""

from itertools import combinations
from random import Random

import pytest

from sheets_sync.checks.mandatory import fewest_mandates


def left(costs: dict[str, float], closures: dict[str, frozenset[str]], dropped: tuple[str, ...]) -> float:
    return sum(costs[key] for key in frozenset[str]().union(*(closures[key] for key in closures if key not in dropped)))


@pytest.mark.parametrize("seed", range(60))
def test_fewest_that_suffice_are_named_and_of_those_the_ones_that_free_least(seed: int) -> None:
    """Some need others, which are mandatory themselves or not, and which several may share."""
    random = Random(seed)
    keys = "ABCDEF"
    costs = {key: float(random.randint(1, 9)) for key in keys}
    mandatory = random.sample(keys, random.randint(1, 6))
    closures = {key: frozenset([key, *random.sample(keys, random.choice([0, 0, 1, 2]))]) for key in mandatory}
    capacity = float(random.randrange(int(left(costs, closures, ()))))
    for size in range(1, len(mandatory) + 1):
        ways = [out for out in combinations(sorted(mandatory), size) if left(costs, closures, out) <= capacity]
        if ways:
            break
    best = max(left(costs, closures, out) for out in ways)
    told = fewest_mandates(costs, closures, capacity)
    named = tuple(told.replace(" or ", ", ").replace(" and ", ", ").split(", "))
    if size == 1:
        assert named == tuple(sorted((key for (key,) in ways), key=lambda k: (-left(costs, closures, (k,)), k))[:3])
    else:
        assert named in ways
        assert left(costs, closures, named) == best


def test_of_very_many_such_are_named_as_free_most() -> None:
    """Of a hundred, four are enough: more sets of four than anybody looks at."""
    costs = {f"I{n:02}": float(n) for n in range(100)}
    closures = {key: frozenset([key]) for key in costs}
    assert fewest_mandates(costs, closures, sum(costs.values()) - 390.0) == "I99, I98, I97 and I96"
