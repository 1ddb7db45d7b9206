"""What the optimizer found out besides the portfolio, in sentences: why none exists, and what a person should know."""

from collections.abc import Iterator, Sequence

from optimizer.portfolio import Finding, Portfolio, Status
from optimizer.wording import listing, number, percent
from sheets_sync.checks import Checked, CheckedScenario
from sheets_sync.issues.catalogue import CATALOGUE
from sheets_sync.issues.issue import Issue

INFORMATION = ("idle_weight", "idle_north_star")
"""Findings that ask for no change: they are information beside the status, no warnings."""
SHOWN_RELAXATIONS = 4
"""Ways out of an impossibility that a status names; the cheapest come first."""

CODES = {
    "weight_without_effect": "drowned_weight",
    "normalization_without_effect": "normalization_without_effect",
    "ideal_is_zero": "ideal_is_zero",
    "sizes_far_apart": "sizes_far_apart",
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
    notes += _for_information(portfolio.findings)
    if portfolio.status is Status.NO_SOLUTION:
        notes.append("Allow more time with --time-limit, or loosen the rules.")
    if portfolio.unproven_ideals:
        named = listing(portfolio.unproven_ideals)
        notes.append(f"The most that {named} can reach was not proven in time: the best found is used instead.")
    if portfolio.status.has_portfolio and not portfolio.ties_broken and not portfolio.is_blurred:
        notes.append(
            "Time ran out before all equally good portfolios were compared."
            if portfolio.is_clock_decided
            else "Not all equally good portfolios were compared: that takes more work than this time limit allows."
        )
    return tuple(notes)


def finding_issues(
    solved: Sequence[tuple[Portfolio, CheckedScenario]], checked: Checked | None = None
) -> tuple[Issue, ...]:
    """The optimizer's findings as warnings: at the weight that one is about, else at its scenario's name.

    `checked` knows the cells of contributions; findings about those are at the larger one.
    """
    return tuple(
        _issue(portfolio.scenario, finding, scenario.weight_places.get(finding.kpi or "", scenario.place), checked)
        for portfolio, scenario in solved
        for finding in portfolio.findings
        if finding.code not in INFORMATION
    )


def _for_information(findings: Sequence[Finding]) -> Iterator[str]:
    """What has no effect though nothing is wrong with it: one sentence for all weights, one for the north star."""
    shares = {f.kpi: _percent(float(f.figures["share"])) for f in findings if f.code == "idle_weight"}
    if len(shares) == 1:
        ((kpi, share),) = shares.items()
        yield f'"{kpi}" makes up {share} of the objective: the same portfolio is selected without its weight'
    elif shares:
        first, *others = shares.items()
        named = listing([f'"{first[0]}" makes up {first[1]}', *(f'"{kpi}" {share}' for kpi, share in others)])
        yield f"Of the objective, {named}: without the weight of any one of them the same portfolio is selected"
    for finding in findings:
        if finding.code == "idle_north_star":
            yield f'The north star "{finding.kpi}" decides nothing: the same portfolio is selected without it'


def _percent(share: float) -> str:
    return percent(float(f"{share:.2g}"))


def _issue(scenario: str, finding: Finding, place: str, checked: Checked | None) -> Issue:
    figures = finding.figures
    kind = CATALOGUE["best_is_nothing" if figures.get("reason") == "best is nothing" else CODES[finding.code]]
    words: dict[str, str] = {}
    if finding.code == "sizes_far_apart" and checked is not None:
        place = checked.contribution_place(str(figures["initiative"]), str(finding.kpi))
        words = {
            "initiative": str(figures["initiative"]),
            "amount": number(float(figures["amount"])),
            "other": str(figures["other"]),
            "other_amount": number(float(figures["other_amount"])),
            "other_kpi": str(figures["other_kpi"]),
            "cell": checked.contribution_place(str(figures["other"]), str(figures["other_kpi"])),
        }
    tab, cell = place.rsplit("!", 1)
    message = kind.message(
        scenario=scenario,
        kpi=finding.kpi,
        share=_percent(float(figures.get("share", 0.0))),
        remedy=figures.get("cure"),
        normalization=figures.get("normalization"),
        **words,
    )
    return Issue(kind.severity, kind.code, tab, cell, message, scenario)
