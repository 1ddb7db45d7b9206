"""Problems whose optima are in print: each constraint is a resource, each item an initiative."""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, product
from pathlib import Path

import pytest

from optimizer import solve_scenario
from optimizer.plan import TOKENS, Incompatibility, Initiative, Kpi, ObjectiveMode, Plan, Scenario
from optimizer.portfolio import Status
from optimizer.search.exact_search import Search

DATA = Path(__file__).parents[1] / "data"
FILES = ("petersen-rd-selection.txt", "weingartner-shih-knapsacks.txt")


def problems() -> Iterator[object]:
    for file in FILES:
        lines = [line for line in (DATA / file).read_text().splitlines() if not line.startswith("#")]
        numbers = iter(float(word) for word in " ".join(lines).split())
        for number in range(1, int(next(numbers)) + 1):
            items, constraints, optimum = int(next(numbers)), int(next(numbers)), next(numbers)
            profits = [next(numbers) for _ in range(items)]
            costs = [[next(numbers) for _ in range(items)] for _ in range(constraints)]
            capacities = [next(numbers) for _ in range(constraints)]
            yield pytest.param(optimum, profits, costs, capacities, id=f"{file.split('-')[0]}-{number}")


@pytest.mark.parametrize(("optimum", "profits", "costs", "capacities"), list(problems()))
@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_published_optimum_is_found_and_proven(
    optimum: float, profits: list[float], costs: list[list[float]], capacities: list[float], solver: str
) -> None:
    resources = [TOKENS, *(f"resource {row}" for row in range(2, len(capacities) + 1))]
    plan = Plan(
        kpis=(Kpi(key="profit", is_north_star=True),),
        initiatives=tuple(
            Initiative(
                key=f"P{item:02}",
                contributions={"profit": profit},
                costs={resource: row[item] for resource, row in zip(resources, costs, strict=True)},
            )
            for item, profit in enumerate(profits)
        ),
        scenarios=(
            Scenario(
                name="best",
                objective_mode=ObjectiveMode.NORTH_STAR,
                capacities=dict(zip(resources, capacities, strict=True)),
            ),
        ),
    )
    answer = solve_scenario(plan, "best", solver=solver)
    assert answer.status is Status.OPTIMAL
    assert answer.objective == pytest.approx(optimum, rel=1e-12)
    assert answer.bound == pytest.approx(optimum, rel=1e-6)


# maximum cliques: initiatives are vertices, and those that are not adjacent exclude each other


def distance(a: Sequence[int], b: Sequence[int]) -> int:
    return sum(x != y for x, y in zip(a, b, strict=True))


def hamming(least: int) -> Callable[[Sequence[int], Sequence[int]], bool]:
    return lambda a, b: distance(a, b) >= least


def keller(a: Sequence[int], b: Sequence[int]) -> bool:
    return distance(a, b) >= 2 and any((x - y) % 4 == 2 for x, y in zip(a, b, strict=True))


def words(length: int, letters: int = 2, ones: int | None = None) -> list[tuple[int, ...]]:
    return [word for word in product(range(letters), repeat=length) if ones is None or sum(word) == ones]


@pytest.mark.parametrize(
    ("vertices", "are_adjacent", "optimum"),
    [
        pytest.param(words(6), hamming(2), 32, id="hamming6-2"),
        pytest.param(words(6), hamming(4), 4, id="hamming6-4"),
        pytest.param(words(8, ones=2), hamming(4), 4, id="johnson8-2-4"),
        pytest.param(words(8, ones=4), hamming(4), 14, id="johnson8-4-4"),
        pytest.param(words(2, letters=4), keller, 2, id="keller of dimension 2"),
        pytest.param(words(3, letters=4), keller, 5, id="keller of dimension 3"),
    ],
)
def test_published_clique_number_is_found_and_proven(
    vertices: list[tuple[int, ...]], are_adjacent: Callable[[Sequence[int], Sequence[int]], bool], optimum: int
) -> None:
    """Graphs of the second DIMACS challenge that a rule makes.

    Hasselberg, Pardalos and Vairaktarakis, "Test case generators and computational results for the maximum clique
    problem" (1993); Debroni et al., "A complete resolution of the Keller maximum clique problem" (2011).
    """
    keys = {vertex: "".join(map(str, vertex)) for vertex in vertices}
    apart = tuple(
        Incompatibility(members=(keys[a], keys[b])) for a, b in combinations(vertices, 2) if not are_adjacent(a, b)
    )
    plan = Plan(
        kpis=(Kpi(key="count", is_north_star=True),),
        initiatives=tuple(
            Initiative(key=key, costs={TOKENS: 1.0}, contributions={"count": 1.0}) for key in keys.values()
        ),
        scenarios=(
            Scenario(name="best", objective_mode=ObjectiveMode.NORTH_STAR, capacities={TOKENS: 1e3}, rules=apart),
        ),
    )
    answer = solve_scenario(plan, "best", explain=False)
    assert (answer.status, answer.objective, answer.bound) == (Status.OPTIMAL, optimum, optimum)


# knapsacks of Kreher and Stinson, "Combinatorial Algorithms" (1999), and others; collected as KNAPSACK_01, P01 to P08

KNAPSACKS = [
    (165, "23 31 29 44 53 38 63 85 89 82", "92 57 49 68 60 43 67 84 87 72", 309),
    (26, "12 7 11 8 9", "24 13 23 15 16", 51),
    (190, "56 59 80 64 75 17", "50 50 64 46 50 5", 150),
    (50, "31 10 20 19 4 3 6", "70 20 39 37 7 5 10", 107),
    (104, "25 35 45 5 25 3 2 2", "350 400 450 20 70 8 5 5", 900),
    (170, "41 50 49 59 55 57 60", "442 525 511 593 546 564 617", 1735),
    (
        750,
        "70 73 77 80 82 87 90 94 98 106 110 113 115 118 120",
        "135 139 149 150 156 163 173 184 192 201 210 214 221 229 240",
        1458,
    ),
    (
        6404180,
        "382745 799601 909247 729069 467902 44328 34610 698150 823460 903959 853665 551830 610856 670702 488960 951111 "
        "323046 446298 931161 31385 496951 264724 224916 169684",
        "825594 1677009 1676628 1523970 943972 97426 69666 1296457 1679693 1902996 1844992 1049289 1252836 1319836 "
        "953277 2067538 675367 853655 1826027 65731 901489 577243 466257 369261",
        13549094,
    ),
]


@pytest.mark.parametrize(
    ("capacity", "weights", "profits", "optimum"), KNAPSACKS, ids=[f"P{n:02}" for n in range(1, 9)]
)
@pytest.mark.parametrize("way", ["without a solver", "by a solver"])
def test_published_knapsack_is_solved_with_a_solver_and_without(
    capacity: float, weights: str, profits: str, optimum: float, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way == "by a solver":
        monkeypatch.setattr(Search, "best_of_knapsack", lambda *_arguments, **_options: None)
    pairs = list(zip(map(float, weights.split()), map(float, profits.split()), strict=True))
    plan = Plan(
        kpis=(Kpi(key="profit", is_north_star=True),),
        initiatives=tuple(
            Initiative(key=f"P{item:02}", contributions={"profit": profit}, costs={TOKENS: weight})
            for item, (weight, profit) in enumerate(pairs)
        ),
        scenarios=(
            Scenario(name="best", objective_mode=ObjectiveMode.NORTH_STAR, capacities={TOKENS: float(capacity)}),
        ),
    )
    answer = solve_scenario(plan, "best", explain=False)
    assert (answer.status, answer.objective) == (Status.OPTIMAL, optimum)
