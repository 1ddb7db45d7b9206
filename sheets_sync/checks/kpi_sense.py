"""KPI columns and targets that are read right but probably do not say what the person means."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl.utils import get_column_letter

from optimizer.exact import reaches
from optimizer.plan import Direction, Target, TargetKind
from sheets_sync.checks.drafts import InitiativeDraft, KpiDraft, Place, ScenarioDraft
from sheets_sync.checks.issue_collector import Findings
from sheets_sync.checks.row_scope import among
from sheets_sync.checks.tab_reader import TabReader
from sheets_sync.inputs.cell_text import shown_number

_ALMOST_ALL = 0.9
_LEAST_SIGNS = 3
"""From so many contributions on, their signs say something."""
_LEAST_RANKS = 4
_SCORE = re.compile(r"\b(w?rice|wsjf|roi|value per|per (point|day|effort|token|sprint)|bang for)\b", re.IGNORECASE)
_LEAST_SCORES = 3


def report_odd_kpis(
    reader: TabReader, drafts: Sequence[InitiativeDraft], kpis: Iterable[KpiDraft], findings: Findings
) -> None:
    """Warn of KPIs with the wrong sign, of ranks, and of scores that divide by effort, at the head of their column."""
    for kpi in kpis:
        name = reader.frame.spec.family("contribution").header(kpi.key)
        if not kpi.is_active or name not in reader.frame.fields:
            continue
        place = reader.place(reader.frame.header_row, name)
        given = [draft for draft in drafts if kpi.key in draft.contributions]
        values = [draft.contributions[kpi.key] for draft in given]
        moved = [value for value in values if value]
        positive = sum(value > 0 for value in moved)
        is_rank = _is_rank(values)
        is_wrong_way = len(moved) >= _LEAST_SIGNS and positive >= _ALMOST_ALL * len(moved)
        if is_rank:
            findings.add("rank_as_kpi", place, kpi=kpi.key, last=len(values))
        elif kpi.direction is Direction.LOWER and is_wrong_way:
            findings.add("lower_is_better_but_positive", place, kpi=kpi.key, count=positive, all=len(moved))
        elif _divides_by_effort(reader, kpi, given):
            findings.add("score_divides_by_effort", place, kpi=kpi.key)


def _is_rank(values: Sequence[float]) -> bool:
    """Whether the values are 1 to n, each once."""
    return len(values) >= _LEAST_RANKS and sorted(values) == list(range(1, len(values) + 1))


def _divides_by_effort(reader: TabReader, kpi: KpiDraft, given: Sequence[InitiativeDraft]) -> bool:
    """By its name, or because a formula of the column divides by the effort of its row."""
    if _SCORE.search(kpi.key.replace("_", " ")) or _SCORE.search(kpi.name):
        return True
    number = reader.frame.number_of(reader.frame.spec.family("contribution").header(kpi.key))
    effort = reader.frame.number_of("engineering_tokens")
    if number is None or effort is None or len(given) < _LEAST_SCORES:
        return False
    formulas = [cell.formula for cell in reader.frame.column(reader.frame.spec.family("contribution").header(kpi.key))]
    divided = re.compile(rf"/\s*\(?\s*\$?{get_column_letter(effort)}\$?\d+", re.IGNORECASE)
    return any(formula is not None and divided.search(formula) for formula in formulas)


def report_odd_targets(scenarios: Sequence[ScenarioDraft], kpis: Iterable[KpiDraft], findings: Findings) -> None:
    """Report targets that the empty portfolio meets, and rises asked of a lower-is-better KPI; each place once."""
    by_key = {kpi.key: kpi for kpi in kpis}
    by_place: dict[str, tuple[Target, list[ScenarioDraft]]] = {}
    for scenario in scenarios:
        for target in scenario.targets:
            if target.source is not None:
                by_place.setdefault(target.source, (target, []))[1].append(scenario)
    for source, (target, touched) in by_place.items():
        kpi = by_key.get(target.kpi)
        if kpi is None or not reaches(0.0, kpi.direction.sign * target.value):
            continue
        values: dict[str, Any] = {
            "kind": "floor" if target.kind is TargetKind.FLOOR else "goal",
            "value": shown_number(target.value if target.stated is None else target.stated),
            "kpi": kpi.key,
            "slice": f" in {target.slice}" if target.slice else "",
        }
        about = touched[0] if len(touched) == 1 else None
        if kpi.direction is Direction.LOWER and target.value > 0 and target.stated is None:
            findings.add("rise_of_lower_is_better", Place.parse(source), among(touched), about=about, **values)
        else:
            findings.add("target_met_by_nothing", Place.parse(source), **values)
