"""The tab of an approved scenario: figures frozen as values, in a place that no later run writes to."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from config.tabs import DIMENSIONS
from config.units import unit_of
from optimizer.plan import TOKENS, Initiative, Plan
from sheets_sync.outcome import STATUS_WORDS
from sheets_sync.report.approvals import Signature
from sheets_sync.report.range_names import range_names
from sheets_sync.report.results_page import amount_pattern
from sheets_sync.workbook.changes import Align, OutCell, Role, Sheet
from sheets_sync.workbook.snapshot import Area

TAB_PREFIX = "Approved "
NAME_PREFIX = "approved_plan"
TITLE_CELL = "Approved plan"
SCENARIO, BY, AT, RUN, TOKENS_USED = "Scenario", "Approved by", "Approved at (UTC)", "Run", "Tokens used"
TYPED, WORKBOOK, SEAL, REVOKED = "Signed as", "Workbook id", "Seal", "Revoked"
STARTS = "Starts"
"""The header of the periods, in a plan over several."""
KPI, TARGET_KPI, RESOURCE, INITIATIVE = "KPI", "Target KPI", "Resource", "Initiative"
"""Labels and headers of column A by which a later run finds its way in the tab."""
HEADERS = (KPI, TARGET_KPI, RESOURCE, INITIATIVE)
VALUES = 2
"""The column beside the labels."""
LONGEST_TITLE = 31
"""Characters of a tab's title in an .xlsx file."""
PROTECTION = "An approved plan: later runs do not change this tab."
INSTANT = "%Y-%m-%d %H:%M:%S"
"""How a moment in UTC is written: as text, which no number format can make look like another one."""

Row = list[OutCell | None]


@dataclass(frozen=True)
class ApprovalFacts:
    """Who approved which run's answer to a scenario, when and why; `seal` is empty where it is still to be made."""

    scenario: str
    signatures: Sequence[Signature]
    workbook_id: str
    run_id: str
    run_started_at: datetime
    run_by: str
    fingerprint: str
    seal: str = ""


def is_approved_tab(title: str) -> bool:
    """Whether a tab may hold an approved plan, by its title."""
    return title.casefold().startswith(TAB_PREFIX.casefold())


def approved_title(scenario: str, taken: Collection[str]) -> str:
    """A free title for the tab; a scenario that is approved again gets a number."""
    plain = re.sub(r"[\[\]:*?/\\]", " ", f"{TAB_PREFIX}{scenario}").strip(" '")
    folded = {title.casefold() for title in taken}
    number = 1
    while True:
        suffix = "" if number == 1 else f" {number}"
        title = plain[: LONGEST_TITLE - len(suffix)].rstrip() + suffix
        if title.casefold() not in folded:
            return title
        number += 1


def owned_name_of(title: str) -> str:
    """The named range over a tab that was written under this title, whatever people call it now."""
    (name,) = range_names(NAME_PREFIX, {title: Area(title, 1, 1, 1, 1)})
    return name


def approved_sheet(approval: ApprovalFacts, plan: Plan, answer: Mapping[str, Any], title: str) -> Sheet:
    """The tab of an approval; `answer` is the scenario's part of the run's outcome document."""
    selected = [plan.initiative(key) for key in answer["selected"]]
    rows = [*_facts(approval, answer), *_totals(plan, answer), *_targets(plan, answer), *_uses(answer)]
    rows += _selection(plan, selected, answer.get("starts", {}))
    area = Area(title, 1, 1, len(rows), max(map(len, rows)))
    owned_name = owned_name_of(title)
    widths = [max(len(initiative.title) for initiative in selected) if selected else 0, 30]
    return Sheet(
        title=title,
        rows=rows,
        owned_name=owned_name,
        name_prefix=owned_name,
        column_widths=[26, min(max(widths), 44), *[16] * (area.right - 2)],
        frozen_rows=1,
        frozen_columns=1,
        footer=f"{TITLE_CELL}: {approval.scenario}, run {approval.run_id}",
        is_locked=True,
        protection=PROTECTION,
    )


def _facts(approval: ApprovalFacts, answer: Mapping[str, Any]) -> Iterator[Row]:
    tokens = answer["capacity"].get(TOKENS, {"used": None})["used"]
    yield [OutCell(TITLE_CELL, Role.TITLE)]
    facts = [
        (SCENARIO, OutCell(approval.scenario)),
        *_signatures(approval.signatures),
        (WORKBOOK, OutCell(approval.workbook_id, Role.NOTE)),
        (RUN, OutCell(approval.run_id)),
        ("Run started (UTC)", OutCell(instant(approval.run_started_at))),
        ("Run started by", OutCell(approval.run_by or None)),
        ("Inputs fingerprint", OutCell(approval.fingerprint, Role.NOTE)),
        ("Objective mode", OutCell(answer["objective_mode"])),
        ("Status", OutCell(STATUS_WORDS[answer["status"]])),
        ("Objective value", OutCell(answer["objective"], number_format="General", align=Align.LEFT)),
        ("Initiatives selected", OutCell(len(answer["selected"]), number_format="0", align=Align.LEFT)),
        (TOKENS_USED, OutCell(tokens, number_format=amount_pattern(tokens), align=Align.LEFT)),
        (SEAL, OutCell(approval.seal or None, Role.NOTE)),
        (REVOKED, OutCell(None)),
    ]
    for label, cell in facts:
        yield [OutCell(label, Role.LABEL), cell]
    yield [
        OutCell(
            "Values, frozen at approval: later runs do not change this tab. Results shows what has changed since.",
            Role.NOTE,
        )
    ]


def _signatures(signatures: Sequence[Signature]) -> Iterator[tuple[str, OutCell]]:
    for number, signature in enumerate(signatures, start=1):
        mark = "" if number == 1 else f" ({number})"
        yield f"{BY}{mark}", OutCell(signature.identity)
        yield f"{TYPED}{mark}", OutCell(signature.typed or None)
        yield f"{AT}{mark}", OutCell(instant(signature.at))
        yield f"Comment{mark}", OutCell(signature.comment or None, wrap=True)


def instant(moment: datetime) -> str:
    """A moment in UTC as the tab writes it."""
    return f"{moment.astimezone(UTC):{INSTANT}}"


def _table(heading: str, headers: Sequence[tuple[str, Align]]) -> Iterator[Row]:
    yield []
    yield [OutCell(heading, Role.HEADING)]
    yield [OutCell(text, Role.HEADER, wrap=True, align=align) for text, align in headers]


def _totals(plan: Plan, answer: Mapping[str, Any]) -> Iterator[Row]:
    headers = [(KPI, Align.LEFT), ("Name", Align.LEFT), ("Total", Align.RIGHT), ("Unit", Align.LEFT)]
    yield from _table("KPI totals", headers)
    for kpi in plan.kpis:
        total = OutCell(answer["kpi_totals"].get(kpi.key), Role.FIGURE, unit_of(kpi).pattern)
        yield [OutCell(kpi.key), OutCell(kpi.name or None), total, OutCell(kpi.unit or None, Role.NOTE)]


def _targets(plan: Plan, answer: Mapping[str, Any]) -> Iterator[Row]:
    if not answer["targets"]:
        return
    headers = [
        (TARGET_KPI, Align.LEFT),
        ("Where", Align.LEFT),
        ("Required change", Align.RIGHT),
        ("Achieved", Align.RIGHT),
    ]
    yield from _table("Targets", [*headers, ("Met", Align.CENTRE)])
    for target in answer["targets"]:
        pattern = unit_of(plan.kpi(target["kpi"])).pattern
        where = " ".join(filter(None, (target["dimension"], target["dimension_key"])))
        yield [
            OutCell(target["kpi"]),
            OutCell(where),
            OutCell(target["target"], number_format=pattern),
            OutCell(target["achieved"], Role.FIGURE, pattern),
            OutCell("met" if target["met"] else "missed", Role.GOOD if target["met"] else Role.BAD, align=Align.CENTRE),
        ]


def _uses(answer: Mapping[str, Any]) -> Iterator[Row]:
    headers = [(RESOURCE, Align.LEFT), ("", Align.LEFT), ("Used", Align.RIGHT), ("Available", Align.RIGHT)]
    yield from _table("Capacity", headers)
    for resource, use in answer["capacity"].items():
        pattern = amount_pattern(use["used"], use["available"])
        used, available = OutCell(use["used"], Role.FIGURE, pattern), OutCell(use["available"], number_format=pattern)
        yield [OutCell(resource), None, used, available]


def _selection(plan: Plan, selected: Sequence[Initiative], starts: Mapping[str, str]) -> Iterator[Row]:
    resources = dict.fromkeys(resource for initiative in selected for resource in initiative.costs) or {TOKENS: None}
    dimensions = [name for name in DIMENSIONS if any(name in initiative.dimensions for initiative in selected)]
    headers = [(INITIATIVE, Align.LEFT), ("Title", Align.LEFT)]
    headers += [(STARTS, Align.LEFT)] if starts else []
    headers += [(name, Align.LEFT) for name in dimensions]
    headers += [(name, Align.RIGHT) for name in (*resources, *(kpi.key for kpi in plan.kpis))]
    yield from _table("Selected initiatives, with their figures at the time of approval", headers)
    for initiative in selected:
        row: Row = [OutCell(initiative.key), OutCell(initiative.title or None)]
        row += [OutCell(starts[initiative.key])] if starts else []
        row += [OutCell(initiative.dimensions.get(name)) for name in dimensions]
        costs = [initiative.costs.get(name) for name in resources]
        row += [OutCell(cost, number_format=amount_pattern(cost)) for cost in costs]
        for kpi in plan.kpis:
            row.append(OutCell(initiative.contributions.get(kpi.key), number_format=unit_of(kpi).pattern))
        yield row
