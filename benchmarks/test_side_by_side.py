"""Our objective stage and tie-breaking next to HiGHS and OR-Tools, by size; ratios, in turns."""

from benchmarks.conftest import Case
from benchmarks.paired import side_by_side
from benchmarks.table import Measured


def test_side_by_side(case: Case, measured: Measured) -> None:
    """Every contestant finds the same best value."""
    measured.sides[case.size] = side_by_side(case.size)
