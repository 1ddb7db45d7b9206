"""What is said beside a status: who ended the comparison of equally good portfolios."""

from dataclasses import replace

import pytest

from optimizer.portfolio import Portfolio, Stage, Status, StopReason
from sheets_sync.run.findings_in_words import portfolio_notes

TIES = Stage("fewest tokens", "engineering_tokens", StopReason.OPTIMAL, 1.0, 1.0, 0.0, 1e-9, 0.1, breaks_ties=True)


@pytest.mark.parametrize(
    ("stages", "note"),
    [
        (
            (replace(TIES, reason=StopReason.EFFORT),),
            "Not all equally good portfolios were compared: that takes more work than this time limit allows.",
        ),
        (
            (replace(TIES, reason=StopReason.TIME_LIMIT),),
            "Time ran out before all equally good portfolios were compared.",
        ),
        ((), "Time ran out before all equally good portfolios were compared."),
    ],
    ids=["work", "time", "no time to begin"],
)
def test_ties_that_were_cut_short_say_by_what(stages: tuple[Stage, ...], note: str) -> None:
    assert portfolio_notes(Portfolio("S", Status.OPTIMAL, ties_broken=False, stages=stages)) == (note,)
    assert portfolio_notes(Portfolio("S", Status.OPTIMAL, stages=stages)) == ()
