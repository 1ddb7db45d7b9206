"""Which initiatives are in, first out or out: the groups of the decision table and their order.

From the top: what must be done, what every scenario selects, what some select, the first ones out, the rest; within a
group in the order of the Initiatives tab (in some: the more scenarios, the higher).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from optimizer.plan import Initiative, Plan
from optimizer.portfolio import Portfolio
from sheets_sync.outcome import ScenarioOutcome

MOST_FIRST_OUT = 5
"""Initiatives that are listed as the next ones to come in."""
_MUST = "mandatory"
"""Reasons of what a rule demands begin with this word."""
_FOR_ROOM = ("would not fit", "brings less", "fits, but", "no place left")
"""Reasons of what more room could bring in begin with these words; a rule keeps out all others."""


class Group(StrEnum):
    """Where an initiative is in the decision table, in the words of the sheet: filters find all that begins with In."""

    MUST = "In (must do)"
    IN = "In"
    SOME = "In some"
    NEXT = "Out (first out)"
    OUT = "Out"


@dataclass(frozen=True, slots=True)
class Decision:
    """One initiative with its group."""

    initiative: Initiative
    group: Group


def decisions_of(plan: Plan, scenarios: Sequence[ScenarioOutcome]) -> list[Decision]:
    """Every candidate of a scenario that has a selection, in the order of the decision table."""
    portfolios = [
        scenario.portfolio
        for scenario in scenarios
        if scenario.portfolio is not None and scenario.portfolio.status.has_portfolio
    ]
    found: dict[str, list[bool]] = {}
    must: set[str] = set()
    for portfolio in portfolios:
        selected = set(portfolio.selected)
        for initiative in plan.candidates(plan.scenario(portfolio.scenario)):
            found.setdefault(initiative.key, []).append(initiative.key in selected)
            if initiative.key in selected and portfolio.reasons.get(initiative.key, "").startswith(_MUST):
                must.add(initiative.key)
    first_out = _first_out(plan, portfolios, [key for key, marks in found.items() if not any(marks)])
    decisions = [
        Decision(initiative, _group(found[initiative.key], initiative.key in must, initiative.key in first_out))
        for initiative in plan.initiatives
        if initiative.key in found
    ]
    order = list(Group)

    def rank(decision: Decision) -> tuple[int, int]:
        some = decision.group is Group.SOME
        return order.index(decision.group), -sum(found[decision.initiative.key]) if some else 0

    return sorted(decisions, key=rank)


def _group(marks: Sequence[bool], must: bool, first_out: bool) -> Group:
    if all(marks):
        return Group.MUST if must else Group.IN
    if any(marks):
        return Group.SOME
    return Group.NEXT if first_out else Group.OUT


def _first_out(plan: Plan, portfolios: Sequence[Portfolio], left_out: Sequence[str]) -> frozenset[str]:
    """Of those that only room keeps out, the ones that bring most of the first scenario's objective for their cost."""
    if not portfolios:
        return frozenset()
    first = portfolios[0]
    worth = {key: _worth(plan.initiative(key), first.scores, first.reasons.get(key, "")) for key in left_out}
    ranked = sorted((key for key in left_out if worth[key] > 0), key=lambda key: -worth[key])
    return frozenset(ranked[:MOST_FIRST_OUT])


def _worth(initiative: Initiative, scores: Mapping[str, float], reason: str) -> float:
    """Score for each token; 0 for what a rule keeps out."""
    if not reason.startswith(_FOR_ROOM):
        return 0.0
    return scores.get(initiative.key, 0.0) / max(initiative.tokens, 1e-9)
