"""Checks of the Scenarios tab: what its rows say, each row for itself."""

import re
from collections.abc import Sequence

from config.names import clean, fold_key
from optimizer.plan import TOKENS, Normalization, ObjectiveMode, Target, TargetKind
from sheets_sync.checks.amounts import Amounts, find_kpi, read_amounts
from sheets_sync.checks.cell_values import Fault
from sheets_sync.checks.context import CheckContext
from sheets_sync.checks.drafts import InitiativeDraft, ScenarioDraft
from sheets_sync.checks.issue_collector import only
from sheets_sync.checks.tab_reader import TabReader
from sheets_sync.inputs.cell_text import shown_number
from sheets_sync.inputs.frames import Frame
from sheets_sync.inputs.name_matching import Vocabulary
from sheets_sync.inputs.periods import PeriodNames, parse_period

_LEVELS = re.compile(r">")
_EQUALS = re.compile(r"[=,;|&\n\r]")


def read_scenarios(frame: Frame, context: CheckContext) -> list[ScenarioDraft]:
    """Every row that holds anything, also those that are broken; everything wrong within a row is reported."""
    reader = TabReader(frame, context.findings, context.locale)
    drafts = _read_rows(reader, context.initiatives)
    vocabulary, inactive = context.kpi_names, context.inactive_kpis
    _read_north_stars(reader, drafts, vocabulary, inactive)
    weights = read_amounts(reader, "weight", "objective_weights_json", vocabulary)
    targets = read_amounts(reader, "target", "targets_json", vocabulary)
    for draft in drafts:
        _refuse_inactive(reader, draft, weights[draft.row], inactive, zero_is_nothing=True)
        _refuse_inactive(reader, draft, targets[draft.row], inactive, zero_is_nothing=False)
        draft.weights = {kpi: given.value for kpi, given in weights[draft.row].items() if kpi not in inactive}
        draft.targets = [
            Target(kpi=kpi, value=given.value, kind=TargetKind.GOAL, source=str(reader.place(draft.row, given.column)))
            for kpi, given in targets[draft.row].items()
            if kpi not in inactive
        ]
        draft.places |= {f"weight: {kpi}": reader.place(draft.row, a.column) for kpi, a in weights[draft.row].items()}
        draft.has_unread_weights = _unread(reader, draft.row, "weight", "objective_weights_json")
        draft.has_unread_targets = _unread(reader, draft.row, "target", "targets_json")
    _read_priorities(reader, drafts, vocabulary)
    _read_capacities(reader, drafts, context)
    _read_reserves(reader, drafts)
    _read_kept(reader, drafts)
    for draft in drafts:
        reader.report(draft.row, only(draft), about=draft)
    if "run" in frame.fields and drafts and not any(draft.is_ticked for draft in drafts):
        context.findings.add("nothing_ticked", reader.place(frame.header_row, "run"), column=reader.label("run"))
    return drafts


def scenario_vocabulary(drafts: Sequence[ScenarioDraft]) -> Vocabulary:
    """Finds a scenario by its name."""
    return Vocabulary(draft.name for draft in drafts if draft.name)


def _read_rows(reader: TabReader, initiatives: Sequence[InitiativeDraft]) -> list[ScenarioDraft]:
    names, runs, periods = reader.keys("scenario_name"), reader.booleans("run"), reader.keys("period_key")
    modes, secondaries = reader.choices("objective_mode"), reader.choices("secondary_objective")
    normalizations = reader.choices("normalization")
    firsts, lasts = reader.keys("from_period"), reader.keys("to_period")
    reader.require("scenario_name", names, code="blank_key")
    reader.require("objective_mode", modes, "Choose north_star, weighted_kpis or lexicographic.")
    all_run = "run" not in reader.frame.fields
    first_period = PeriodNames(draft.period for draft in initiatives if draft.period is not None)
    first_row: dict[str, int] = {}
    drafts: list[ScenarioDraft] = []
    for row in reader.frame.rows:
        if row in names:
            first = first_row.setdefault(fold_key(names[row]), row)
            if first != row:
                values = {"value": names[row], "cell": reader.place(first).cell}
                reader.fault(row, "scenario_name", Fault("duplicate_key", values))
                if "scenario_name" not in reader.faulty(first):
                    values = {"value": names[first], "cell": reader.place(row).cell}
                    reader.fault(first, "scenario_name", Fault("duplicate_key", values))
        period = periods.get(row)
        drafts.append(
            ScenarioDraft(
                row=row,
                place=reader.place(row),
                name=names.get(row, ""),
                is_ticked=all_run or runs.get(row, "run" in reader.faulty(row)),
                period=None if period is None else first_period.spelling(period),
                meaning=None if period is None else parse_period(period),
                first=firsts.get(row),
                last=lasts.get(row),
                mode=ObjectiveMode(modes[row]) if row in modes else None,
                secondary=ObjectiveMode(secondaries.get(row, ObjectiveMode.NORTH_STAR.value)),
                normalization=Normalization(normalizations.get(row, Normalization.NONE.value)),
                has_secondary=row in secondaries,
                has_normalization=row in normalizations,
                places={column.name: reader.place(row, column.name) for column in reader.frame.spec.columns},
            )
        )
    return drafts


def _read_north_stars(
    reader: TabReader, drafts: Sequence[ScenarioDraft], vocabulary: Vocabulary, inactive: frozenset[str]
) -> None:
    named = reader.keys("north_star_kpi")
    for draft in drafts:
        if draft.row not in named:
            continue
        kpi = find_kpi(vocabulary, named[draft.row])
        if isinstance(kpi, Fault):
            reader.fault(draft.row, "north_star_kpi", kpi)
        elif kpi in inactive:
            values = {"kpi": kpi, "column": reader.label("north_star_kpi")}
            reader.fault(draft.row, "north_star_kpi", Fault("inactive_kpi", values))
        else:
            draft.north_star = kpi


def _refuse_inactive(
    reader: TabReader, draft: ScenarioDraft, amounts: Amounts, inactive: frozenset[str], *, zero_is_nothing: bool
) -> None:
    for kpi, amount in amounts.items():
        if kpi in inactive and not (zero_is_nothing and amount.value == 0):
            values = {"kpi": kpi, "column": reader.label(amount.column)}
            reader.fault(draft.row, amount.column, Fault("inactive_kpi", values))


def _unread(reader: TabReader, row: int, family: str, json_column: str) -> bool:
    """Whether the row has amounts of a kind that cannot be read, so that none of them can be called missing."""
    faulty = reader.faulty(row)
    return json_column in faulty or any(field.name in faulty for field in reader.frame.family(family))


def _read_priorities(reader: TabReader, drafts: Sequence[ScenarioDraft], vocabulary: Vocabulary) -> None:
    texts = reader.texts("target_priority")
    for draft in drafts:
        if draft.row in texts:
            draft.priorities = _priorities(reader, draft.row, texts[draft.row], vocabulary)
            draft.has_priority = True


def _priorities(reader: TabReader, row: int, text: str, vocabulary: Vocabulary) -> tuple[tuple[str, ...], ...]:
    """``a > b = c`` as (("a",), ("b", "c")); faults are noted."""

    def fault(code: str, **values: object) -> None:
        reader.fault(row, "target_priority", Fault(code, values))

    levels: list[tuple[str, ...]] = []
    seen: set[str] = set()
    for level in _LEVELS.split(text):
        names = [name for part in _EQUALS.split(level) if (name := clean(part))]
        if not names:
            fault("bad_priority", value=text, detail="a KPI is missing next to >")
            continue
        group: list[str] = []
        for name in names:
            kpi = find_kpi(vocabulary, name)
            if isinstance(kpi, Fault):
                reader.fault(row, "target_priority", kpi)
            elif kpi in seen:
                fault("bad_priority", value=text, detail=f'"{name}" is listed twice')
            else:
                seen.add(kpi)
                group.append(kpi)
        if group:
            levels.append(tuple(group))
    if len(levels) == 1 and len(levels[0]) > 1 and "=" not in text:
        fault("priority_without_order", value=text)
    return tuple(levels)


_CAPACITY = "Type how many engineering tokens may be spent, more than 0."


def _read_reserves(reader: TabReader, drafts: Sequence[ScenarioDraft]) -> None:
    reserves = reader.shares("reserve")
    for draft in drafts:
        reserve = reserves.get(draft.row)
        if reserve == 1.0:
            reader.fault(draft.row, "reserve", Fault("whole_reserve", {}))
        elif reserve:
            draft.reserve = reserve


def _read_kept(reader: TabReader, drafts: Sequence[ScenarioDraft]) -> None:
    """What stays of an earlier plan; which plan that is, is known once everything is read."""
    keeps, changes = reader.choices("keep"), reader.numbers("max_changes")
    for draft in drafts:
        draft.keep = keeps.get(draft.row)
        most = changes.get(draft.row)
        if most is not None and not most.is_integer():
            reader.fault(draft.row, "max_changes", Fault("not_whole", {"value": shown_number(most)}))
        elif most is not None:
            draft.max_changes = int(most)


def _read_capacities(reader: TabReader, drafts: Sequence[ScenarioDraft], context: CheckContext) -> None:
    has_tokens = any(draft.tokens for draft in context.initiatives)
    tokens = reader.numbers("capacity_total_tokens")
    # A plan over several periods may have capacities per period instead: `check_capacities` looks at those.
    given = {*tokens, *(draft.row for draft in drafts if draft.first is not None)}
    others = [field.name for field in reader.frame.family("capacity")]
    if not others:
        reader.require("capacity_total_tokens", given, _CAPACITY)
    for draft in drafts:
        if draft.row in tokens:
            draft.capacities[TOKENS] = tokens[draft.row]
            draft.capacity_sources[TOKENS] = str(reader.place(draft.row, "capacity_total_tokens"))
    by_row = {draft.row: draft for draft in drafts}
    costed = Vocabulary(context.resources, loose=True)
    for field in reader.frame.family("capacity"):
        resource = costed.find(str(field.member))
        for row, value in reader.numbers(field.name).items():
            draft = by_row[row]
            if resource is not None:
                draft.capacities[resource] = value
                draft.places[f"capacity: {resource}"] = reader.place(row, field.name)
                draft.capacity_sources[resource] = str(reader.place(row, field.name))
                continue
            near = costed.close(str(field.member))
            code = "unused_capacity" if near is None else "unknown_resource"
            corrected = None if near is None else f"capacity: {near}"
            reader.fault(row, field.name, Fault(code, {"name": field.member}, corrected))
    names = ["capacity_total_tokens", *others] if "capacity_total_tokens" in reader.frame.fields else others
    for draft in drafts if others else ():
        if reader.faulty(draft.row).intersection(names) or draft.first is not None:
            continue
        if not draft.capacities:
            advice = _CAPACITY if names[0] not in others else "Type how much of it, or of another resource, there is."
            reader.fault(draft.row, names[0], Fault("blank_value", {"advice": advice, "row": draft.row}))
        elif TOKENS not in draft.capacities and has_tokens:
            values = {"scenario": draft.name, "column": reader.label("capacity_total_tokens")}
            reader.fault(draft.row, names[0], Fault("tokens_not_limited", values))
