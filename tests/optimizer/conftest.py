"""What holds for every test of the optimizer: work alone ends the comparison of ties, however busy the machine is."""

from collections.abc import Iterator

import pytest

_PATIENCE_S = 600.0


@pytest.fixture(scope="module", autouse=True)
def _ties_have_time() -> Iterator[None]:
    """A second is plenty on an idle machine only; the work that ties may take is the same on every one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("optimizer.search.clock._LEAST_TIES_S", _PATIENCE_S)
        yield
