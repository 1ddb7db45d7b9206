"""The empty workbook that `init` creates, as data: drawn by every backend from the one table in `config.tabs`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from config.columns import Column, Family, InputTab, Value, ValueType
from config.tabs import INPUT_TABS, find_tab
from sheets_sync.workbook.changes import OutCell, Role

TEMPLATE_ROWS = 200
"""Rows below the header that get drop-downs, check boxes and formats."""


class InputKind(StrEnum):
    """How a person fills a column's cells."""

    TEXT = "text"
    NUMBER = "number"
    CHECKBOX = "checkbox"
    DROPDOWN = "dropdown"
    WRITTEN = "written"
    """Filled by sheetplan; drawn as such."""


@dataclass(frozen=True, slots=True)
class ColumnTemplate:
    """One column: header, the note on the header cell, and how it is filled.

    `choices` are the drop-down's fixed values (kind DROPDOWN); `number_format` a spreadsheet pattern, text columns that
    hold keys use ``@`` so that ``2026-03`` stays text.
    """

    header: str
    note: str
    kind: InputKind
    width: int
    choices: tuple[str, ...] = ()
    number_format: str | None = None


@dataclass(frozen=True, slots=True)
class TabTemplate:
    """One input tab: title, columns in order, the header in row 1, frozen; `rows` are the cells below it.

    Only tabs made for a list that a person has already have rows, and these hold values of that list.
    """

    title: str
    columns: Sequence[ColumnTemplate]
    rows: Sequence[Sequence[Value | None]] = ()


_KEY_TYPES = frozenset({ValueType.KEY, ValueType.KEYS, ValueType.PERIOD})
_INPUT_KINDS = {
    ValueType.NUMBER: InputKind.NUMBER,
    ValueType.BOOLEAN: InputKind.CHECKBOX,
    ValueType.CHOICE: InputKind.DROPDOWN,
    ValueType.WRITTEN: InputKind.WRITTEN,
}


def templates() -> tuple[TabTemplate, ...]:
    """Every input tab as `init` draws it: headers and notes, and no rows, for what is not filled in is not planned."""
    return tuple(TabTemplate(tab.name, tuple(_columns(tab))) for tab in INPUT_TABS)


def is_there(template: TabTemplate, titles: Iterable[str]) -> bool:
    """Whether one of these titles is that tab, by its name, an alias or a look-alike."""
    spec = find_tab(template.title)
    return any(
        title.casefold() == template.title.casefold() or (spec is not None and find_tab(title) is spec)
        for title in titles
    )


def body_cells(template: TabTemplate) -> list[list[OutCell]]:
    """The rows below the header, each cell in the format of its column."""
    return [
        [OutCell(value, Role.BODY, column.number_format) for value, column in zip(row, template.columns, strict=False)]
        for row in template.rows
    ]


def template_column(tab: InputTab, name: str, choices: Sequence[str] = ()) -> ColumnTemplate:
    """One column of a tab as the template draws it, with a drop-down of people's own values where they are given."""
    drawn = _single(tab, tab.column(name))
    return replace(drawn, kind=InputKind.DROPDOWN, choices=tuple(choices)) if choices else drawn


def family_column(family: Family, header: str) -> ColumnTemplate:
    """A column of a family, such as ``weight: revenue``."""
    return ColumnTemplate(header, family.help, InputKind.NUMBER, family.width)


def _columns(tab: InputTab) -> Iterator[ColumnTemplate]:
    written = [column for column in tab.columns if column.is_written]
    yield from (_single(tab, column) for column in tab.columns if not column.is_written and column.in_template)
    yield from (_single(tab, column) for column in written)


def _single(tab: InputTab, column: Column) -> ColumnTemplate:
    return ColumnTemplate(
        header=column.name if column.is_written else column.words,
        note=_note(tab, column),
        kind=_kind(column),
        width=column.width,
        choices=column.choices,
        # Plain text format, so that a spreadsheet program leaves 2026-03 and 007 as they are typed.
        number_format="@" if column.type in _KEY_TYPES else "yyyy-mm-dd" if column.type is ValueType.DATE else None,
    )


def _kind(column: Column) -> InputKind:
    """How people fill it. A box that nobody ticked may read FALSE, so there is none where blank means TRUE."""
    if column.type is ValueType.BOOLEAN and column.default is True:
        return InputKind.TEXT
    return _INPUT_KINDS.get(column.type, InputKind.TEXT)


def _note(tab: InputTab, column: Column) -> str:
    """What the column means, with an example; on the key column also which further columns the tab may have."""
    note = f"Required. {column.help}" if column.required else column.help
    if column.is_written:
        return note
    if column.type is not ValueType.BOOLEAN:
        note += f" Example: {_shown(column.example)}."
    if column.name == tab.key_column and tab.families:
        note += "\n\nAdd columns of your own:"
        for family in (family for family in tab.families if not family.stated_only):
            note += f'\n"{family.example_header}": {family.help}'
    return note


def _shown(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
