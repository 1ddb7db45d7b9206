"""What is said beside a status: who ended the comparison of equally good portfolios, and what decides nothing."""

from dataclasses import replace

import pytest

from optimizer.portfolio import Finding, Portfolio, Stage, Status, StopReason
from sheets_sync.run.findings_in_words import finding_issues, portfolio_notes

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


def idle(kpi: str, share: float) -> Finding:
    return Finding("idle_weight", kpi, {"share": share})


@pytest.mark.parametrize(
    ("findings", "notes"),
    [
        (
            (idle("churn", 0.4),),
            ('"churn" makes up 40 % of the objective: the same portfolio is selected without its weight',),
        ),
        (
            (idle("churn", 0.4), idle("gmv", 0.6)),
            (
                'Of the objective, "churn" makes up 40 % and "gmv" 60 %: without the weight of any one of them the '
                "same portfolio is selected",
            ),
        ),
        (
            (Finding("idle_north_star", "gmv"),),
            ('The north star "gmv" decides nothing: the same portfolio is selected without it',),
        ),
    ],
    ids=["one weight", "two weights", "north star"],
)
def test_what_decides_nothing_is_said_in_one_sentence(findings: tuple[Finding, ...], notes: tuple[str, ...]) -> None:
    answer = Portfolio("S", Status.OPTIMAL, ties_broken=True, findings=findings)
    assert portfolio_notes(answer) == notes
    assert finding_issues([(answer, None)]) == ()
