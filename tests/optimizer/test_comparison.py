"""A small sample of the campaign `tests.campaigns.comparison`, wild magnitudes included."""

import pytest

from tests.campaigns.comparison import try_seed


@pytest.mark.parametrize("is_wild", [False, True], ids=["ordinary", "wild"])
def test_nothing_is_wrong(is_wild: bool) -> None:
    """What is not the answer of brute force is refused."""
    trials = [trial for seed in range(70_000, 70_040) for trial in try_seed(seed, is_wild=is_wild)]
    assert [trial for trial in trials if trial.is_wrong] == []
    assert len({trial.outcome for trial in trials}) > 1
