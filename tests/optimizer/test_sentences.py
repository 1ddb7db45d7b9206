"""A small sample of the campaign `tests.campaigns.sentences`."""

import pytest

from tests.campaigns.sentences import KINDS


@pytest.mark.parametrize(
    ("kind", "seeds"),
    [
        ("short", (1_080, 1_087, 1_127, 1_156, 1_183, 1_192, 1_212)),
        ("goals", (3, 8, 1_048)),
        ("weights", (2, 5, 9)),
        ("conflicts", (11, 15, 25)),
    ],
)
def test_what_is_told_is_true_and_no_answer_is_worse_than_what_is_there_at_once(
    kind: str, seeds: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first kind once ended with less than the selection by value per token, or than the empty one; the last with
    more changes than it takes."""
    monkeypatch.setattr("optimizer.search.clock._LEAST_BRIEF_S", 600.0)
    assert [(seed, detail) for seed in seeds for detail in KINDS[kind](seed)] == []
