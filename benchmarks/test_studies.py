"""Studies beside the same number of plain solves, and the CPU seconds that they are to stay within."""

from collections.abc import Callable

import pytest

from benchmarks.studies import STUDIES, StudyFigures
from benchmarks.table import Measured


@pytest.mark.parametrize(("measure", "most_s"), STUDIES.values(), ids=list(STUDIES))
def test_studies(measure: Callable[[], StudyFigures], most_s: float, measured: Measured) -> None:
    """Each is through within its time."""
    found = measure()
    measured.studies.append(found)
    assert found.seconds <= most_s
