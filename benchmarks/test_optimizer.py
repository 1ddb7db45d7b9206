"""How long a scenario takes, by size and objective mode, ties and checks included; `make bench` prints the table."""

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.plans import plan
from optimizer import solve_scenario
from optimizer.portfolio import Status

ROUNDS = {50: 5, 300: 3, 1_000: 1}
"""How often each size is measured; a planning workbook of a large company has some 300 candidates."""


@pytest.mark.parametrize("mode", ["north_star", "weighted_kpis", "lexicographic"])
@pytest.mark.parametrize("size", ROUNDS)
def test_scenario(benchmark: BenchmarkFixture, size: int, mode: str) -> None:
    """From a plan in memory to a checked portfolio."""
    question = plan(size)
    portfolio = benchmark.pedantic(solve_scenario, args=(question, mode), rounds=ROUNDS[size], iterations=1)
    benchmark.extra_info["selected"] = len(portfolio.selected)
    assert portfolio.status in (Status.OPTIMAL, Status.TARGETS_MISSED)
