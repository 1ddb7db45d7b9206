"""The empty workbook that `init` creates, as data: drawn by every backend from the one table in `config.tabs`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from config.columns import Column, Family, InputTab, Subject, ValueType
from config.tabs import INPUT_TABS

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
    """One column: header, the note on the header cell, how it is filled, and the value in the example row.

    `choices` are the drop-down's fixed values (kind DROPDOWN); `number_format` a spreadsheet pattern, text columns that
    hold keys use ``@`` so that ``2026-03`` stays text.
    """

    header: str
    note: str
    kind: InputKind
    width: int
    choices: tuple[str, ...] = ()
    number_format: str | None = None
    example: str | float | bool | None = None


@dataclass(frozen=True, slots=True)
class TabTemplate:
    """One input tab: title, columns in order, the header in row 1, frozen."""

    title: str
    columns: Sequence[ColumnTemplate]


_KEY_TYPES = frozenset({ValueType.KEY, ValueType.KEYS, ValueType.PERIOD})
_INPUT_KINDS = {
    ValueType.NUMBER: InputKind.NUMBER,
    ValueType.BOOLEAN: InputKind.CHECKBOX,
    ValueType.CHOICE: InputKind.DROPDOWN,
    ValueType.WRITTEN: InputKind.WRITTEN,
}


def templates() -> tuple[TabTemplate, ...]:
    """Every input tab as `init` draws it: all columns, one column of each family, and one example row that is valid."""
    return tuple(TabTemplate(tab.name, tuple(_columns(tab))) for tab in INPUT_TABS)


def _columns(tab: InputTab) -> Iterator[ColumnTemplate]:
    written = [column for column in tab.columns if column.is_written]
    yield from (_single(column) for column in tab.columns if not column.is_written)
    yield from (_member(family) for family in tab.families)
    yield from (_single(column) for column in written)


def _single(column: Column) -> ColumnTemplate:
    note = f"Required. {column.help}" if column.required else column.help
    return ColumnTemplate(
        header=column.name,
        note=note,
        kind=_INPUT_KINDS.get(column.type, InputKind.TEXT),
        width=column.width,
        choices=column.choices,
        # Plain text format, so that a spreadsheet program leaves 2026-03 and 007 as they are typed.
        number_format="@" if column.type in _KEY_TYPES else None,
        example=column.example if column.starter and not column.is_written else None,
    )


def _member(family: Family) -> ColumnTemplate:
    return ColumnTemplate(
        header=family.example_header,
        note=f"{family.help} One column per {'KPI' if family.subject is Subject.KPI else 'resource'}.",
        kind=InputKind.NUMBER,
        width=family.width,
        example=family.example if family.starter else None,
    )
