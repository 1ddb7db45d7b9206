"""What the optimizer found out besides the portfolio, in sentences: why none exists, and what a person should know."""

from collections.abc import Sequence

from optimizer.portfolio import Portfolio, Status
from sheets_sync.catalogue import CATALOGUE
from sheets_sync.issues import Issue

SHOWN_RELAXATIONS = 4
"""Ways out of an impossibility that a status names; the cheapest come first."""


def portfolio_notes(portfolio: Portfolio) -> tuple[str, ...]:
    """What stands beside a scenario's status: the conflict and its ways out, or that the tie-breaking was cut short."""
    notes: list[str] = []
    if portfolio.conflict is not None:
        notes.append(portfolio.conflict.sentence)
        ways = [relaxation.sentence for relaxation in portfolio.conflict.relaxations[:SHOWN_RELAXATIONS]]
        if ways:
            notes.append(f"To make it possible: {'; or '.join(ways)}.")
    if portfolio.status is Status.NO_SOLUTION:
        notes.append("Give it more time with --time-limit, or loosen its rules.")
    if portfolio.status.has_portfolio and not portfolio.ties_broken:
        notes.append("Among equally good portfolios the choice was cut short by time.")
    return tuple(notes)


def finding_issues(portfolios: Sequence[tuple[Portfolio, str]]) -> tuple[Issue, ...]:
    """The optimizer's findings as warnings; each portfolio comes with the place of its scenario (``Scenarios!A3``)."""
    issues: list[Issue] = []
    for portfolio, place in portfolios:
        tab, cell = place.rsplit("!", 1)
        for finding in portfolio.findings:
            kind = CATALOGUE.get(finding.code)
            if kind is not None:
                values = {"scenario": portfolio.scenario, "kpi": finding.kpi, **finding.figures}
                message = kind.message(**values)
                issues.append(Issue(kind.severity, finding.code, tab, cell, message, portfolio.scenario))
    return tuple(issues)
