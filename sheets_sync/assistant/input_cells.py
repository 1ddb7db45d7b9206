"""Where the figures of an answer are from: each input that it rests on, with its cell."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from config.columns import ValueType
from config.names import fold_key
from config.tabs import CAPACITY, CONSTRAINTS, INITIATIVES, KPIS, SCENARIOS, TARGETS
from sheets_sync.assistant.quoting import SheetTexts, marked
from sheets_sync.assistant.results import InputCell, ListCells
from sheets_sync.inputs.cell_text import shown
from sheets_sync.inputs.frames import Frame
from sheets_sync.inputs.header_matching import Field
from sheets_sync.workbook.snapshot import Cell, CellKind, a1

_OF_SCENARIO = "scenario_name"
_ABOUT = {
    SCENARIOS.name: (_OF_SCENARIO,),
    TARGETS.name: ("kpi_key", "dimension", "dimension_key", "period_key"),
    CONSTRAINTS.name: ("constraint_type", "dimension", "dimension_key", "member_keys", "kpi_key", "resource"),
    CAPACITY.name: ("resource", "period_key", "dimension", "dimension_key"),
    KPIS.name: ("kpi_key",),
}
"""By tab, what says which scenario, target, rule, capacity or KPI a row is."""


def input_cells(frames: Mapping[str, Frame], scenarios: Collection[str], texts: SheetTexts) -> list[InputCell]:
    """The figures of these scenarios: in their own rows, in the rules, targets and capacities for them, and in KPIs."""
    asked = {fold_key(name) for name in scenarios}
    found: list[InputCell] = []
    for tab in _ABOUT:
        frame = frames.get(tab)
        if frame is None or not frame.header_found:
            continue
        for place in range(len(frame.rows)):
            if _applies(frame, place, asked):
                about = " ".join(texts.mark(shown(cell)) for cell in _about(frame, place))
                found += [_input_cell(frame, place, field, about, texts) for field in _figures(frame, place)]
    return found


def list_cells(frames: Mapping[str, Frame], document: Any, texts: SheetTexts) -> ListCells | None:
    """Rows of the initiatives that a document names, and the columns of the list that have figures."""
    frame = frames.get(INITIATIVES.name)
    if frame is None or not frame.header_found:
        return None
    named = set(_strings(document))
    keys = {shown(cell): row for cell, row in zip(frame.column(INITIATIVES.key_column), frame.rows, strict=True)}
    return ListCells(
        tab=texts.mark(frame.title),
        columns={
            texts.mark(name): a1(1, field.number)[:-1] for name, field in frame.fields.items() if _has_figures(field)
        },
        rows={texts.mark(key): row for key, row in keys.items() if key in named},
    )


def _applies(frame: Frame, place: int, asked: Collection[str]) -> bool:
    """Whether a row is about one of these scenarios; one that names none is about all."""
    if _OF_SCENARIO not in frame.fields:
        return True
    name = fold_key(shown(frame.column(_OF_SCENARIO)[place]))
    return name in asked or (not name and frame.spec.name != SCENARIOS.name)


def _about(frame: Frame, place: int) -> Iterator[Cell]:
    for name in _ABOUT[frame.spec.name]:
        if name in frame.fields and not (cell := frame.column(name)[place]).is_blank:
            yield cell


def _figures(frame: Frame, place: int) -> Iterator[Field]:
    for name, field in frame.fields.items():
        cell = frame.column(name)[place]
        if cell.kind is CellKind.NUMBER or (_is_json(field) and not cell.is_blank):
            yield field


def _input_cell(frame: Frame, place: int, field: Field, about: str, texts: SheetTexts) -> InputCell:
    cell: Cell = frame.column(field.name)[place]
    at = f"{texts.mark(frame.title)}!{a1(frame.rows[place], field.number)}"
    held: dict[str, Any] = {"number": cell.value} if cell.kind is CellKind.NUMBER else {"text": marked(shown(cell))}
    return InputCell(cell=at, about=about, column=texts.mark(field.name), **held)


def _has_figures(field: Field) -> bool:
    if field.family is not None:
        return not field.family.has_words
    return field.column is not None and field.column.type in (ValueType.NUMBER, ValueType.JSON)


def _is_json(field: Field) -> bool:
    return field.column is not None and field.column.type is ValueType.JSON


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield name
            yield from _strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)
