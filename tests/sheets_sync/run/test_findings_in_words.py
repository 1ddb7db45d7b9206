"""What is said beside a status: who ended the comparison of equally good portfolios, and what decides nothing."""

from dataclasses import replace

import pytest

from optimizer import solve_scenario
from optimizer.model.problem import Model
from optimizer.portfolio import Finding, Portfolio, SolverName, Stage, Status, StopReason
from optimizer.solvers import solve
from optimizer.solvers.answer import Answer, Limits
from sheets_sync.checks import check
from sheets_sync.run.findings_in_words import finding_issues, portfolio_notes
from tests.sheets_sync.sheets import edited, snapshot

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
        ((), "Not all equally good portfolios were compared: that takes more work than this time limit allows."),
    ],
    ids=["work", "time", "thousands of equals"],
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
            ('"churn" makes up 40% of the objective: the same portfolio is selected without its weight',),
        ),
        (
            (idle("churn", 0.4), idle("gmv", 0.6)),
            (
                'Of the objective, "churn" makes up 40% and "gmv" 60%: without the weight of any one of them the '
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


def test_amounts_too_far_apart_for_a_proof_are_named_with_their_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound stays off by 5e-6 though nothing ended the search, as where numbers blind a solver."""
    checked = check(snapshot(edited({"Initiatives!F4": 3e12, "Initiatives!H4": -2e-9})), ["Weighted"])
    assert checked.plan is not None
    run = solve.run

    def blurred(model: Model, name: SolverName, limits: Limits) -> Answer:
        answer = run(model, name, limits)
        return replace(answer, bound=answer.bound and (1 + 5e-6) * answer.bound)

    monkeypatch.setattr(solve, "run", blurred)
    # So few initiatives would be enumerated.
    monkeypatch.setattr("optimizer.search.enumeration.MOST_OPEN", 0)
    answer = solve_scenario(checked.plan, "Weighted")
    assert answer.status is Status.FEASIBLE
    (scenario,) = [scenario for scenario in checked.scenarios if scenario.name == "Weighted"]
    (issue,) = [i for i in finding_issues([(answer, scenario)], checked) if i.code == "sizes_far_apart"]
    assert (issue.tab, issue.cell) == ("Initiatives", "F4")
    assert issue.message == (
        'The answer to the scenario "Weighted" is not proven best: "TRUST-1" changes "gmv" by '
        '3,000,000,000,000, which is so much that no solver sees the 0.004 by which "TRUST-2" changes "retention_30d" '
        "(Initiatives!G5). If one of the two is a mistake, correct it; if one does not matter, untick is_candidate in "
        "its row."
    )
