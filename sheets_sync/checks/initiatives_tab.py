"""Checks of the Initiatives tab: what its rows say, each row for itself."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from statistics import median

from config.names import fold_key
from config.tabs import DIMENSIONS
from config.units import unit_key
from sheets_sync.checks.amounts import Amounts, read_amounts
from sheets_sync.checks.cell_values import Fault, holds_separator
from sheets_sync.checks.computed_contributions import add_computed, computed_fields
from sheets_sync.checks.context import CheckContext
from sheets_sync.checks.drafts import InitiativeDraft, KpiDraft
from sheets_sync.checks.estimate_ranges import has_fault, read_confidence, read_cost_ranges, read_ranges
from sheets_sync.checks.initiative_choices import read_choices, read_statuses, with_sizes
from sheets_sync.checks.initiative_references import check_cycles, resolve_references, warn_of_unavailable
from sheets_sync.checks.issue_collector import Findings, where_candidates
from sheets_sync.checks.list_rows import note_doubtful_totals
from sheets_sync.checks.tab_reader import TabReader
from sheets_sync.checks.timing import read_timing, with_remaining
from sheets_sync.inputs.cell_text import shown, shown_number
from sheets_sync.inputs.frames import Frame
from sheets_sync.inputs.periods import Period, PeriodNames, parse_period, period_of_date

_USUAL_COUNT = 3
"""From this many contributions to a KPI, their median says what is usual."""
_UNUSUAL = 1000.0
"""A contribution of this many times the median is reported."""


def read_initiatives(frame: Frame, context: CheckContext) -> list[InitiativeDraft]:
    """Every row that holds anything, also those that are broken; everything wrong within a row is reported."""
    reader = TabReader(frame, context.findings, context.locale)
    kpis, vocabulary = context.kpis, context.kpi_names
    drafts = _read_rows(reader, context.sizes)
    by_row = {draft.row: draft for draft in drafts}
    active = {kpi.key: kpi for kpi in kpis if kpi.is_active}
    amounts = read_amounts(reader, "contribution", "kpi_contribution_json", vocabulary, skip=_inactive(kpis))
    add_computed(reader, amounts, context.worths, skip=_inactive(kpis))
    _report_inactive(reader, kpis, amounts)
    for row, given in amounts.items():
        by_row[row].contributions = {kpi: amount.value for kpi, amount in given.items() if kpi in active}
        by_row[row].has_zero = 0.0 in by_row[row].contributions.values()
    read_ranges(reader, by_row, active)
    _read_costs(reader, by_row)
    # A reader of its own: what cannot be read was noted when the rows were.
    again = TabReader(frame, context.findings, context.locale)
    read_cost_ranges(reader, by_row, with_sizes(again, again.numbers("engineering_tokens"), context.sizes))
    read_confidence(reader, drafts)
    if not context.expects_tokens and not {"engineering_tokens", "size"} & frame.fields.keys():
        _require_costs(reader, drafts)
    resolve_references(drafts, reader)
    _settle_done(drafts)
    for draft in drafts:
        for kpi in active.values():
            if kpi.is_required and draft.is_candidate and _lacks(draft, kpi.key, reader):
                name = _contribution_column(reader, kpi.key)
                reader.fault(draft.row, name, Fault("contribution_required", {"kpi": kpi.key}))
        if draft.is_mandatory and not draft.mandate_reason:
            values = {"key": draft.key or "", "instead": "untick is_mandatory"}
            reader.fault(draft.row, "mandate_reason", Fault("mandate_without_reason", values))
        draft.is_broken = reader.report(draft.row, where_candidates([draft]))
        _warn(draft, reader)
    _warn_of_idle(drafts, context.findings)
    check_cycles(drafts, reader)
    warn_of_unavailable(drafts, reader)
    _check_plausible(reader, drafts, active.values(), amounts)
    return drafts


def _read_rows(reader: TabReader, sizes: Mapping[str, float]) -> list[InitiativeDraft]:
    keys, titles = reader.keys("initiative_key"), reader.texts("title")
    tokens, periods = reader.numbers("engineering_tokens"), reader.keys("period_key")
    bundles, statuses = reader.keys("bundle_key"), read_statuses(reader)
    candidates, mandatory, reasons = read_choices(reader, statuses)
    tokens = with_remaining(reader, with_sizes(reader, tokens, sizes), statuses)
    timings = read_timing(reader, statuses)
    prerequisites, exclusions = reader.key_lists("prerequisite_keys"), reader.key_lists("exclusion_keys")
    variants = reader.keys("variant_of")
    dimensions = {name: reader.keys(name) for name in DIMENSIONS}
    reader.require("initiative_key", keys, code="blank_key")
    _require_estimates(reader, tokens, keys, candidates)
    note_doubtful_totals(reader, candidates, keys)
    for row in (row for row, key in keys.items() if holds_separator(key)):
        reader.fault(row, "initiative_key", Fault("separator_in_key", {"value": keys[row]}))
    _report_duplicates(reader, keys)
    first = {name: first_spellings(values.values()) for name, values in dimensions.items()}
    # A group of variants may be named after one of its members, which then belongs to it.
    first_variant = first_spellings((*keys.values(), *variants.values()))
    first_bundle = first_spellings(bundles.values())
    first_key, first_period = first_spellings(keys.values()), PeriodNames(periods.values())
    dates = _dates(reader)
    return [
        InitiativeDraft(
            row=row,
            place=reader.place(row),
            key=first_key.get(fold_key(keys[row])) if row in keys else None,
            title=titles.get(row, ""),
            tokens=tokens.get(row),
            dimensions={
                name: first[name][fold_key(values[row])] for name, values in dimensions.items() if row in values
            },
            period=first_period.spelling(periods[row]) if row in periods else None,
            meaning=dates.get(row) or (parse_period(periods[row]) if row in periods else None),
            any_period=row not in periods and "period_key" in reader.faulty(row),
            is_candidate=candidates.get(row, True),
            is_done=statuses.get(row) == "done",
            is_mandatory=mandatory.get(row, False),
            mandate_reason=reasons.get(row, ""),
            bundle=first_bundle[fold_key(bundles[row])] if row in bundles else None,
            prerequisites=prerequisites.get(row, ()),
            exclusions=exclusions.get(row, ()),
            variant_of=first_variant[fold_key(variants[row])] if row in variants else None,
            timing=timings[row],
        )
        for row in reader.frame.rows
    ]


def _require_estimates(
    reader: TabReader, tokens: Mapping[int, float], keys: Mapping[int, str], candidates: Mapping[int, bool]
) -> None:
    """A candidate needs an estimate; of what is no candidate a missing or unreadable one is only reported."""
    name = "engineering_tokens"
    reader.require(name, tokens, "Type a number, 0 or more.")
    for row in reader.frame.rows:
        if not candidates.get(row, True) and row not in tokens and name in reader.faulty(row):
            reader.replace_faults(row, name, Fault("no_estimate", {"key": keys.get(row, f"row {row}")}))


def _dates(reader: TabReader) -> dict[int, Period]:
    """The days that the sheet made of periods, where what it shows is no period itself."""
    if "period_key" not in reader.frame.fields:
        return {}
    pairs = zip(reader.frame.rows, reader.frame.column("period_key"), strict=True)
    return {
        row: period_of_date(cell.value)
        for row, cell in pairs
        if isinstance(cell.value, datetime) and parse_period(shown(cell)) is None
    }


def _settle_done(drafts: Sequence[InitiativeDraft]) -> None:
    """What is done satisfies the prerequisites of others, and no longer holds its bundle together."""
    done = {draft.key for draft in drafts if draft.is_done}
    for draft in drafts:
        draft.prerequisites = tuple(key for key in draft.prerequisites if key not in done)
        if draft.is_done:
            draft.bundle = None


def first_spellings(names: Iterable[str]) -> dict[str, str]:
    """Each name as first written, by its folded form."""
    first: dict[str, str] = {}
    for name in names:
        first.setdefault(fold_key(name), name)
    return first


def _report_duplicates(reader: TabReader, keys: Mapping[int, str]) -> None:
    """Note a fault at every row of a key that stands twice: neither row can be told from the other."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, key in keys.items():
        rows[fold_key(key)].append(row)
    for same in rows.values():
        for row in same if len(same) > 1 else ():
            other = same[0] if row != same[0] else same[1]
            values = {"value": keys[row], "cell": reader.place(other).cell}
            reader.fault(row, "initiative_key", Fault("duplicate_key", values))


def _inactive(kpis: Sequence[KpiDraft]) -> frozenset[str]:
    return frozenset(kpi.key for kpi in kpis if not kpi.is_active)


def _report_inactive(reader: TabReader, kpis: Sequence[KpiDraft], amounts: Mapping[int, Amounts]) -> None:
    """Report once for each inactive KPI that its contributions are not read."""
    headers = {field.member: field for field in reader.frame.family("contribution")}
    for key in sorted(_inactive(kpis)):
        field = headers.get(key)
        row = next((row for row, given in amounts.items() if key in given), None)
        if field is not None and any(not cell.is_blank for cell in reader.frame.column(field.name)):
            place = reader.place(reader.frame.header_row, field.name)
        elif row is not None:
            place = reader.place(row, "kpi_contribution_json")
        else:
            continue
        reader.findings.add("contribution_to_inactive_kpi", place, kpi=key)


def _read_costs(reader: TabReader, by_row: Mapping[int, InitiativeDraft]) -> None:
    for field in reader.frame.family("cost"):
        for row, value in reader.numbers(field.name).items():
            by_row[row].costs[str(field.member)] = value


def _require_costs(reader: TabReader, drafts: Sequence[InitiativeDraft]) -> None:
    """Where nothing is said about tokens, a candidate must say what it costs of something."""
    names = [field.name for field in reader.frame.family("cost")]
    for draft in drafts:
        if names and draft.is_candidate and not draft.costs and not reader.faulty(draft.row).intersection(names):
            advice = "Type what it costs of this or another resource, 0 or more."
            reader.fault(draft.row, names[0], Fault("blank_value", {"advice": advice, "row": draft.row}))


def _lacks(draft: InitiativeDraft, kpi: str, reader: TabReader) -> bool:
    return kpi not in draft.contributions and not has_fault(reader, draft.row, kpi)


def _contribution_column(reader: TabReader, kpi: str) -> str:
    """The column in which a contribution to the KPI is, or would be, written."""
    name = reader.frame.spec.family("contribution").header(kpi)
    computed = computed_fields(reader).get(kpi)
    if name not in reader.frame.fields and computed:
        return computed[0].name
    return name if name in reader.frame.fields else "kpi_contribution_json"


def _warn(draft: InitiativeDraft, reader: TabReader) -> None:
    key = draft.key or ""
    if draft.is_mandatory and not draft.is_candidate:
        reader.findings.add("mandatory_not_candidate", reader.place(draft.row, "is_mandatory"), key=key)


def _warn_of_idle(drafts: Sequence[InitiativeDraft], findings: Findings) -> None:
    """Warn of candidates that bring nothing, that nothing needs and that nobody asked for: dropping these is safe."""
    needed = {key for draft in drafts if draft.is_candidate for key in draft.prerequisites}
    for draft in drafts:
        is_asked_for = draft.is_mandatory or draft.bundle is not None or draft.has_zero or draft.key in needed
        if draft.is_candidate and not (draft.is_broken or is_asked_for or any(draft.contributions.values())):
            findings.add("no_contribution", draft.place, key=draft.key or "")


def _check_plausible(
    reader: TabReader, drafts: Sequence[InitiativeDraft], kpis: Iterable[KpiDraft], amounts: Mapping[int, Amounts]
) -> None:
    """Warn of contributions that their unit, or all the others, make implausible."""
    for kpi in kpis:
        given = [(draft, draft.contributions[kpi.key]) for draft in drafts if draft.contributions.get(kpi.key)]
        sizes = [abs(value) for _, value in given]
        usual = median(sizes) if len(sizes) >= _USUAL_COUNT else None
        for draft, value in given:
            place = reader.place(draft.row, amounts[draft.row][kpi.key].column)
            if unit_key(kpi.unit) == "fraction" and abs(value) > 1:
                reader.findings.add(
                    "implausible_fraction",
                    place,
                    value=shown_number(value),
                    kpi=kpi.key,
                    unit=kpi.unit,
                    percent=shown_number(value),
                    suggestion=shown_number(value / 100),
                )
            elif usual is not None and abs(value) >= _UNUSUAL * usual:
                reader.findings.add(
                    "implausible_size",
                    place,
                    value=shown_number(value),
                    times=f"{abs(value) / usual:,.0f}",
                    kpi=kpi.key,
                    median=shown_number(usual),
                )
