"""Numbers that differ too much in size to be planned with, at their cells."""

from collections.abc import Iterable, Sequence
from functools import partial

from optimizer.exact import LARGEST_MULTIPLE
from optimizer.plan import ObjectiveMode, Target, TargetKind
from sheets_sync.checks.drafts import InitiativeDraft, KpiDraft, Place, ScenarioDraft
from sheets_sync.checks.issue_collector import Findings
from sheets_sync.checks.tab_reader import TabReader
from sheets_sync.inputs.cell_text import shown_number


def report_far_apart(
    reader: TabReader,
    initiatives: Sequence[InitiativeDraft],
    scenarios: Iterable[ScenarioDraft],
    kpis: Sequence[KpiDraft],
    findings: Findings,
) -> None:
    """Report goals beside which the harm of an initiative is so large that no shortfall can be measured.

    What helps by more than the goal is enough, however large it is. `reader` reads the Initiatives tab.
    """
    signs = {kpi.key: kpi.direction.sign for kpi in kpis}
    for scenario in scenarios:
        if scenario.mode is not ObjectiveMode.LEXICOGRAPHIC:
            continue
        candidates = [draft for draft in initiatives if draft.takes_part_in(scenario)]
        for target in scenario.targets:
            sign = signs.get(target.kpi, 1)
            largest = max(candidates, key=partial(_harm, target=target, sign=sign), default=None)
            if largest is None or target.kind is not TargetKind.GOAL or not target.value:
                continue
            if _harm(largest, target, sign) > LARGEST_MULTIPLE * abs(target.value):
                findings.add(
                    "too_far_apart",
                    Place.parse(target.source or ""),
                    about=scenario,
                    kpi=target.kpi,
                    target=shown_number(target.value),
                    amount=shown_number(largest.contributions[target.kpi]),
                    cell=str(_cell(reader, largest, target.kpi)),
                )


def _harm(draft: InitiativeDraft, target: Target, sign: int) -> float:
    """How far an initiative moves the target's KPI in the wrong direction."""
    part = target.slice
    is_in = part is None or draft.dimensions.get(part.dimension) == part.key
    return -sign * draft.contributions.get(target.kpi, 0.0) if is_in else 0.0


def _cell(reader: TabReader, draft: InitiativeDraft, kpi: str) -> Place:
    name = reader.frame.spec.family("contribution").header(kpi)
    return reader.place(draft.row, name if name in reader.frame.fields else "kpi_contribution_json")
