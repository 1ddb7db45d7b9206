"""Floors and caps that contradict each other, and floors that no portfolio can keep."""

from collections.abc import Sequence
from math import fsum
from typing import NamedTuple

from optimizer.exact import reaches, stays_within
from optimizer.plan import TOKENS, Slice
from sheets_sync.checks.constraint_types import End
from sheets_sync.checks.context import CheckContext
from sheets_sync.checks.drafts import InitiativeDraft, ScenarioDraft
from sheets_sync.checks.issue_collector import Findings
from sheets_sync.checks.row_scope import among, part_in_words
from sheets_sync.inputs.cell_text import shown_number


class ScenarioEnd(NamedTuple):
    """A floor or cap that holds for a scenario."""

    scenario: ScenarioDraft
    end: End


def check_bounds(ends: Sequence[ScenarioEnd], findings: Findings) -> None:
    """Report floors above the cap of the same slice in the same scenario."""
    caps = {(id(s), end.counts, end.part): end for s, end in ends if not end.is_floor}
    contradicted: dict[tuple[End, End], list[ScenarioDraft]] = {}
    for scenario, floor in ends:
        cap = caps.get((id(scenario), floor.counts, floor.part)) if floor.is_floor else None
        if cap is not None and floor.value > cap.value:
            contradicted.setdefault((floor, cap), []).append(scenario)
    for (floor, cap), scenarios in contradicted.items():
        findings.add(
            "contradicting_bounds",
            floor.place,
            among(scenarios),
            about=scenarios[0] if len(scenarios) == 1 else None,
            what=part_in_words(floor.part),
            low=_with_unit(floor, floor.value),
            high=_with_unit(cap, cap.value),
            cell=str(cap.place),
        )


def check_shares(ends: Sequence[ScenarioEnd], context: CheckContext) -> None:
    """Report a bound on tokens below 1 where no initiative costs so little: probably a share, such as 20 %."""
    costs = [draft.tokens for draft in context.initiatives if draft.is_candidate and draft.tokens]
    reported: dict[End, list[ScenarioDraft]] = {}
    for scenario, end in ends:
        if not end.counts and 0 < end.value < 1 <= min(costs, default=0):
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
            inside = [draft for draft in candidates if _is_in(draft, floor.part)]
            total = len(inside) if floor.counts else fsum(draft.tokens or 0.0 for draft in inside)
            if not reaches(total, floor.value):
                findings.add(
                    "unreachable_floor",
                    floor.place,
                    about=scenario,
                    scenario=scenario.name,
                    what=part_in_words(floor.part),
                    total=_with_unit(floor, total),
                    low=_with_unit(floor, floor.value),
                )
        _check_sums(scenario, floors, findings)


def _check_sums(scenario: ScenarioDraft, floors: Sequence[End], findings: Findings) -> None:
    """An initiative has one value per dimension, so the floors of one dimension need tokens that no other may count."""
    capacity = scenario.capacities.get(TOKENS)
    by_dimension: dict[str, dict[Slice, float]] = {}
    for floor in floors:
        if floor.part is not None and not floor.counts:
            by_dimension.setdefault(floor.part.dimension, {})[floor.part] = floor.value
    for dimension, values in by_dimension.items():
        total = fsum(values.values())
        if capacity is not None and not stays_within(total, capacity):
            findings.add(
                "floors_over_capacity",
                scenario.places["capacity_total_tokens"],
                about=scenario,
                dimension=dimension,
                total=shown_number(total),
                scenario=scenario.name,
                capacity=shown_number(capacity),
            )


def _is_in(draft: InitiativeDraft, part: Slice | None) -> bool:
    return part is None or draft.dimensions.get(part.dimension) == part.key


def _with_unit(end: End, value: float) -> str:
    return f"{shown_number(value)} {'initiatives' if end.counts else 'tokens'}"
