"""The empty workbook that `init` creates, as data: drawn by every backend from the one table in `config.columns`."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

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
