"""How sure estimates are: the ranges of contributions and costs, and the confidence of each initiative."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping

from config.names import clean
from sheets_sync.checks.cell_values import Fault
from sheets_sync.checks.computed_contributions import computed_fields
from sheets_sync.checks.drafts import InitiativeDraft
from sheets_sync.checks.tab_reader import TabReader
from sheets_sync.inputs.cell_text import is_percentage, shown, shown_number
from sheets_sync.workbook.snapshot import CellKind

_TOKENS = {"low": "tokens_low", "high": "tokens_high"}
_Ends = dict[str, tuple[str, float]]
"""By end, ``low`` or ``high``: the column that says it, and its number."""


def read_ranges(reader: TabReader, by_row: Mapping[int, InitiativeDraft], active: Container[str]) -> None:
    """The ranges of all estimates; an end that is blank is the estimate itself."""
    for (row, kpi), ends in _family_ends(reader, "low", "high").items():
        if kpi not in active:
            continue
        draft = by_row[row]
        if kpi in draft.contributions:
            draft.ranges |= _range(reader, row, kpi, draft.contributions[kpi], ends)
        elif not has_fault(reader, row, kpi):
            reader.fault(row, _first(ends), Fault("range_without_estimate", {"kpi": kpi}))


def read_cost_ranges(
    reader: TabReader, by_row: Mapping[int, InitiativeDraft], whole_tokens: Mapping[int, float]
) -> None:
    """The ranges of all costs. Of work in progress, of which less is left than `whole_tokens`, as much less."""
    for (row, resource), ends in _family_ends(reader, "cost_low", "cost_high").items():
        draft = by_row[row]
        if resource in draft.costs:
            draft.cost_ranges |= _range(reader, row, resource, draft.costs[resource], ends)
        elif f"cost: {resource}" not in reader.faulty(row):
            reader.fault(row, _first(ends), Fault("range_without_cost", {"resource": resource}))
    columns = {end: reader.numbers(name) for end, name in _TOKENS.items()}
    for row in sorted({row for values in columns.values() for row in values}):
        draft = by_row[row]
        ends = {end: (_TOKENS[end], values[row]) for end, values in columns.items() if row in values}
        whole = whole_tokens.get(row, draft.tokens)
        if whole is None or draft.tokens is None:
            if not {"engineering_tokens", "size"} & reader.faulty(row):
                reader.fault(row, _first(ends), Fault("range_without_cost", {"resource": "tokens"}))
            continue
        left = draft.tokens / whole if whole else 0.0
        for low, high in _range(reader, row, "tokens", whole, ends).values():
            draft.token_range = (low * left, high * left)


def read_confidence(reader: TabReader, drafts: Iterable[InitiativeDraft]) -> None:
    """The confidence of each row, 0 to 1. Words such as High are people's own and are not read.

    Any other number is reported.
    """
    if "confidence" not in reader.frame.fields:
        return
    for draft in drafts:
        cell = reader.cell(draft.row, "confidence")
        is_text_number = cell.kind is CellKind.TEXT and is_percentage(clean(str(cell.value)))
        if cell.kind is not CellKind.NUMBER and not is_text_number:
            continue
        if not is_text_number and 0 <= cell.number <= 1:
            draft.confidence = cell.number
        else:
            place = reader.place(draft.row, "confidence")
            reader.findings.add("confidence_not_read", place, value=shown(cell), column=reader.label("confidence"))


def has_fault(reader: TabReader, row: int, kpi: str) -> bool:
    """Whether a contribution may well be there, in a cell that cannot be read."""
    faulty = reader.faulty(row)
    computed = (field.name for field in computed_fields(reader).get(kpi, ()))
    return not faulty.isdisjoint(
        {"kpi_contribution_json", reader.frame.spec.family("contribution").header(kpi), *computed}
    )


def _family_ends(reader: TabReader, low: str, high: str) -> Mapping[tuple[int, str], _Ends]:
    """By row and member, what the columns of two families say."""
    ends: dict[tuple[int, str], _Ends] = defaultdict(dict)
    for end, family in (("low", low), ("high", high)):
        for field in reader.frame.family(family):
            for row, value in reader.numbers(field.name).items():
                ends[row, str(field.member)][end] = (field.name, value)
    return ends


def _range(reader: TabReader, row: int, of: str, value: float, ends: _Ends) -> dict[str, tuple[float, float]]:
    """The range of an estimate; none, and a fault, where it does not hold the estimate."""
    low, high = (ends[end][1] if end in ends else value for end in ("low", "high"))
    if low <= value <= high:
        return {of: (low, high)}
    shown_ends = {"low": shown_number(low), "high": shown_number(high), "value": shown_number(value)}
    reader.fault(row, _first(ends), Fault("range_order", {"kpi": of, **shown_ends}))
    return {}


def _first(ends: _Ends) -> str:
    return next(iter(ends.values()))[0]
