"""Amounts per KPI: contributions, weights and targets, each written in columns or as a JSON object in one cell."""

import json
import math
from collections.abc import Container, Sequence
from dataclasses import dataclass

from sheets_sync.checks import cell_values
from sheets_sync.checks.cell_values import Bounds, Fault
from sheets_sync.checks.tab_reader import TabReader
from sheets_sync.inputs.cell_text import shown_number
from sheets_sync.inputs.name_matching import Vocabulary


@dataclass(frozen=True, slots=True)
class Amount:
    """A number for one KPI, and the canonical name of its column."""

    value: float
    column: str


Amounts = dict[str, Amount]
"""The amounts of one row by KPI key."""


def read_amounts(
    reader: TabReader, family: str, json_column: str, kpis: Vocabulary, *, skip: Container[str] = ()
) -> dict[int, Amounts]:
    """The amounts of every row; the two ways of writing may stand side by side, but must not disagree.

    Columns of the KPIs in `skip` are left unread.
    """
    rows: dict[int, Amounts] = {row: {} for row in reader.frame.rows}
    for field in reader.frame.family(family):
        kpi = str(field.member)
        if kpi in skip:
            continue
        for row, value in reader.numbers(field.name).items():
            rows[row][kpi] = Amount(value, field.name)
    if json_column in reader.frame.fields:
        bounds = Bounds(reader.frame.spec.family(family).minimum)
        for row, cell in zip(reader.frame.rows, reader.frame.column(json_column), strict=True):
            text = cell_values.text(cell)
            if isinstance(text, Fault):
                code = "error_value" if text.code == "error_in_text" else text.code
                reader.fault(row, json_column, Fault(code, text.values))
            elif text is not None:
                _merge(reader, row, json_column, text, rows[row], kpis, bounds)
    return rows


def _merge(
    reader: TabReader, row: int, column: str, text: str, given: Amounts, kpis: Vocabulary, bounds: Bounds
) -> None:
    """Add what a JSON cell says to what the row's columns say, noting every fault in the cell."""
    pairs = read_object(text)
    if isinstance(pairs, Fault):
        reader.fault(row, column, pairs)
        return
    seen: set[str] = set()
    for name, value in pairs:
        kpi = find_kpi(kpis, name)
        if isinstance(kpi, Fault):
            reader.fault(row, column, kpi)
            continue
        if kpi in seen:
            reader.fault(row, column, Fault("json_repeated_key", {"name": name}))
            continue
        seen.add(kpi)
        amount = _json_number(name, value, bounds)
        if isinstance(amount, Fault):
            reader.fault(row, column, amount)
        elif kpi not in given:
            given[kpi] = Amount(amount, column)
        elif not math.isclose(given[kpi].value, amount, rel_tol=1e-12, abs_tol=0.0):
            first = given[kpi]
            values = {
                "name": kpi,
                "value": shown_number(amount),
                "other": shown_number(first.value),
                "cell": reader.place(row, first.column).cell,
            }
            reader.fault(row, column, Fault("given_twice", values))


def find_kpi(kpis: Vocabulary, name: str) -> str | Fault:
    """The KPI that a name means; a fault where it is none, or could be several."""
    kpi = kpis.find(name)
    if kpi is not None:
        return kpi
    if several := kpis.meanings(name):
        return Fault("ambiguous_kpi", {"name": name, "keys": ", ".join(sorted(several))})
    return Fault("unknown_kpi", {"name": name}, kpis.nearest(name))


def read_object(text: str) -> Sequence[tuple[str, object]] | Fault:
    """The members of a JSON object, repeated ones included, so that they can be reported."""
    try:
        document = json.loads(text, object_pairs_hook=_Members, parse_constant=_Constant)
    except json.JSONDecodeError as error:
        detail = f"{error.msg[0].lower()}{error.msg[1:]} at character {error.pos + 1}"
        return Fault("bad_json", {"detail": detail})
    except (ValueError, RecursionError):
        return Fault("bad_json", {"detail": "it contains a number or a nesting that is too large"})
    if not isinstance(document, _Members):
        return Fault("bad_json", {"detail": "it is not an object in curly brackets"})
    return document


class _Members(list[tuple[str, object]]):
    """A JSON object as its members in order."""


class _Constant(str):
    """NaN, Infinity or -Infinity, which Python reads although JSON does not have them."""

    __slots__ = ()


def _json_number(name: str, value: object, bounds: Bounds) -> float | Fault:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Fault("json_not_a_number", {"name": name, "value": _shown_json(value)})
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        return Fault("json_not_a_number", {"name": name, "value": "a number that is too large"})
    out_of_bounds = bounds.fault(number)
    if out_of_bounds is not None:
        return Fault(out_of_bounds.code, {**out_of_bounds.values, "column": f'"{name}"'})
    return number


def _shown_json(value: object) -> str:
    if isinstance(value, _Constant):
        return str(value)
    if isinstance(value, _Members):
        return "an object"
    if isinstance(value, list):
        return "a list"
    return json.dumps(value, ensure_ascii=False)
