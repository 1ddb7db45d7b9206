"""What the optimizer found out besides the portfolio, in sentences: why none exists, and what a person should know."""

from collections.abc import Sequence

from optimizer.portfolio import Finding, Portfolio, Status
from optimizer.wording import listing
from sheets_sync.checks import CheckedScenario
from sheets_sync.issues.catalogue import CATALOGUE
from sheets_sync.issues.issue import Issue

SHOWN_RELAXATIONS = 4
"""Ways out of an impossibility that a status names; the cheapest come first."""

CODES = {
    "weight_without_effect": "drowned_weight",
    "normalization_without_effect": "normalization_without_effect",
    "ideal_is_zero": "ideal_is_zero",
}
"""The optimizer's findings, by the code that they have in the catalogue."""


def portfolio_notes(portfolio: Portfolio) -> tuple[str, ...]:
    """What stands beside a status: a conflict and the ways out, what missed goals would take, cut-off ties."""
    notes: list[str] = []
    if portfolio.conflict is not None:
        notes.append(portfolio.conflict.sentence)
        ways = [relaxation.sentence for relaxation in portfolio.conflict.relaxations[:SHOWN_RELAXATIONS]]
        if ways:
            notes.append(f"To make it possible: {'; or '.join(ways)}.")
    notes += [goal.sentence for goal in portfolio.missed_goals]
    if portfolio.status is Status.NO_SOLUTION:
        notes.append("Allow more time with --time-limit, or loosen the rules.")
    if portfolio.unproven_ideals:
        named = listing(portfolio.unproven_ideals)
        notes.append(f"The most that {named} can reach was not proven in time: the best found is used instead.")
    if portfolio.status.has_portfolio and not portfolio.ties_broken:
        notes.append(
            "Time ran out before all equally good portfolios were compared."
            if portfolio.is_clock_decided
            else "Not all equally good portfolios were compared: that takes more work than this time limit allows."
        )
    return tuple(notes)


def finding_issues(solved: Sequence[tuple[Portfolio, CheckedScenario]]) -> tuple[Issue, ...]:
    """The optimizer's findings as warnings: at the weight that one is about, else at its scenario's name."""
    return tuple(
        _issue(portfolio.scenario, finding, scenario.weight_places.get(finding.kpi or "", scenario.place))
        for portfolio, scenario in solved
        for finding in portfolio.findings
    )


def _issue(scenario: str, finding: Finding, place: str) -> Issue:
    tab, cell = place.rsplit("!", 1)
    figures = finding.figures
    kind = CATALOGUE["best_is_nothing" if figures.get("reason") == "best is nothing" else CODES[finding.code]]
    message = kind.message(
        scenario=scenario,
        kpi=finding.kpi,
        share=f"{100 * float(figures.get('share', 0.0)):.2g} %",
        remedy=figures.get("cure"),
        normalization=figures.get("normalization"),
    )
    return Issue(kind.severity, kind.code, tab, cell, message, scenario)
