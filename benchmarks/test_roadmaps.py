"""Plans over several periods: ours, HiGHS alone and CP-SAT in turns, by size and way of counting."""

import pytest

from benchmarks.roadmap_table import QUICK_SECONDS, SECONDS, SIZES, measure_line
from benchmarks.roadmaps import RoadmapSize
from benchmarks.table import Measured


@pytest.mark.parametrize("each_period", [False, True], ids=["once", "each_period"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_roadmaps(size: RoadmapSize, each_period: bool, measured: Measured, request: pytest.FixtureRequest) -> None:
    """Every contestant has a plan and a bound on it."""
    is_quick = request.config.getoption("quick")
    if is_quick and size not in SIZES[:2]:
        pytest.skip("takes minutes")
    seconds, seeds = (QUICK_SECONDS, 1) if is_quick else (SECONDS, request.config.getoption("seeds"))
    line = measure_line(size, seconds, seeds, each_period=each_period)
    assert all(side.value > 0 for row in line.rows for side in (row.ours, row.highs, row.cp_sat))
    measured.roadmaps.append(line)
