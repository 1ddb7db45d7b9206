"""Floors and caps that contradict each other, and floors that no portfolio can keep."""

from collections.abc import Sequence
from math import fsum
from typing import NamedTuple

from optimizer.exact import reaches, stays_within
from optimizer.plan import TOKENS, ShareBound, Slice, capacity_left, rules_of_kind, spoken_resource
from sheets_sync.checks.constraint_types import End
from sheets_sync.checks.context import CheckContext
from sheets_sync.checks.drafts import InitiativeDraft, Place, ScenarioDraft
from sheets_sync.checks.issue_collector import Findings
from sheets_sync.checks.row_scope import among
from sheets_sync.inputs.cell_text import shown_number


class ScenarioEnd(NamedTuple):
    """A floor or cap that holds for a scenario."""

    scenario: ScenarioDraft
    end: End


def check_bounds(ends: Sequence[ScenarioEnd], findings: Findings) -> None:
    """Report floors above the cap of the same slice in the same scenario."""
    # Over several periods a cap holds in each, and a floor for all of them together.
    caps = {(id(s), end.measured): end for s, end in ends if not end.is_floor and not _is_per_period(s, end)}
    contradicted: dict[tuple[End, End], list[ScenarioDraft]] = {}
    for scenario, floor in ends:
        cap = caps.get((id(scenario), floor.measured)) if floor.is_floor else None
        if cap is not None and floor.value > cap.value:
            contradicted.setdefault((floor, cap), []).append(scenario)
    for (floor, cap), scenarios in contradicted.items():
        findings.add(
            "contradicting_bounds",
            floor.place,
            among(scenarios),
            about=scenarios[0] if len(scenarios) == 1 else None,
            what=floor.what,
            low=_with_unit(floor, floor.value),
            high=_with_unit(cap, cap.value),
            cell=str(cap.place),
        )


def report_shares_as_tokens(ends: Sequence[ScenarioEnd], context: CheckContext) -> None:
    """Report a bound on tokens below 1 where no initiative costs so little: probably a share, such as 20%."""
    costs = [draft.tokens for draft in context.initiatives if draft.is_candidate and draft.tokens]
    reported: dict[End, list[ScenarioDraft]] = {}
    for scenario, end in ends:
        if end.resource == TOKENS and 0 < end.value < 1 <= min(costs, default=0):
            reported.setdefault(end, []).append(scenario)
    for end, scenarios in reported.items():
        context.findings.add(
            "share_as_tokens",
            end.place,
            among(scenarios),
            about=scenarios[0] if len(scenarios) == 1 else None,
            value=shown_number(end.value),
            least=shown_number(min(costs)),
        )


def check_floors(ends: Sequence[ScenarioEnd], context: CheckContext) -> None:
    """Report floors that no portfolio can keep: above all candidates together, or in sum above the capacity."""
    findings = context.findings
    for scenario in context.scenarios:
        floors = [end for other, end in ends if other is scenario and end.is_floor]
        if not floors:
            continue
        candidates = [draft for draft in context.initiatives if draft.takes_part_in(scenario)]
        for floor in floors:
            inside = [draft for draft in candidates if _counts_in(draft, floor)]
            total = len(inside) if floor.resource is None else fsum(_cost(draft, floor.resource) for draft in inside)
            if not reaches(total, floor.value):
                findings.add(
                    "unreachable_floor",
                    floor.place,
                    about=scenario,
                    scenario=scenario.name,
                    what=floor.what,
                    total=_with_unit(floor, total),
                    low=_with_unit(floor, floor.value),
                )
        _check_sums(scenario, floors, findings)


def report_too_large_shares(context: CheckContext) -> None:
    """Report smallest shares of what is spent that add up to more than all of it, per dimension and resource."""
    reported: set[tuple[str, str, float]] = set()
    for scenario in context.scenarios:
        sums: dict[tuple[str, str], list[ShareBound]] = {}
        for bound in rules_of_kind(scenario.rules, ShareBound):
            if bound.min_share is not None and not bound.of_capacity:
                sums.setdefault((bound.slice.dimension, bound.resource), []).append(bound)
        for (dimension, resource), bounds in sums.items():
            total = fsum(bound.min_share or 0.0 for bound in bounds)
            if not stays_within(total, 1.0) and (dimension, resource, total) not in reported:
                reported.add((dimension, resource, total))
                place = Place.parse(bounds[-1].source or "")
                shown = f"{shown_number(float(f'{100 * total:.9g}'))}%"
                context.findings.add(
                    "shares_over_whole", place, dimension=dimension, total=shown, resource=spoken_resource(resource)
                )


def _is_per_period(scenario: ScenarioDraft, end: End) -> bool:
    return len(scenario.horizon) > 1 and end.resource is not None


def _check_sums(scenario: ScenarioDraft, floors: Sequence[End], findings: Findings) -> None:
    """An initiative has one value per dimension, so the floors of one dimension need what no other may count."""
    sums: dict[tuple[str, str], dict[Slice, float]] = {}
    for floor in floors:
        if floor.part is not None and floor.resource is not None:
            sums.setdefault((floor.part.dimension, floor.resource), {})[floor.part] = floor.value
    for (dimension, resource), values in sums.items():
        total = fsum(values.values())
        capacity = scenario.capacities.get(resource)
        left = None if capacity is None else capacity_left(capacity, scenario.reserve)
        if left is not None and not stays_within(total, left):
            column = "capacity_total_tokens" if resource == TOKENS else f"capacity: {resource}"
            findings.add(
                "floors_over_capacity",
                scenario.places.get(column, scenario.place),
                about=scenario,
                dimension=dimension,
                total=shown_number(total),
                resource=spoken_resource(resource),
                scenario=scenario.name,
                capacity=shown_number(left),
                free=" beside the reserve" if scenario.reserve else "",
                column=column,
            )


def _counts_in(draft: InitiativeDraft, end: End) -> bool:
    if end.members:
        return draft.key in end.members
    return end.part is None or draft.dimensions.get(end.part.dimension) == end.part.key


def _cost(draft: InitiativeDraft, resource: str) -> float:
    return (draft.tokens or 0.0) if resource == TOKENS else draft.costs.get(resource, 0.0)


def _with_unit(end: End, value: float) -> str:
    count = shown_number(value)
    if end.resource is None:
        return f"{count} {'initiative' if count == '1' else 'initiatives'}"
    return f"{count} {spoken_resource(end.resource, count)}"
