"""One cell: what was entered, how it looks, its note; immutable, so that copies of a sheet may share it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .formula import Formula

MAX_CHARACTERS = 50_000


@dataclass(frozen=True, slots=True)
class ErrorValue:
    """An error as a cell shows it; `kind` is the API's name of it, such as N_A or REF."""

    kind: str
    message: str = ""

    @property
    def text(self) -> str:
        """`#N/A`, `#REF!` and so on."""
        return ERROR_TEXTS[self.kind]


ERROR_TEXTS = {
    "ERROR": "#ERROR!",
    "NULL_VALUE": "#NULL!",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
    "LOADING": "Loading...",
}

Scalar = float | str | bool | ErrorValue | None


@dataclass(frozen=True, slots=True)
class Cell:
    """The entered value (None: blank), the entered format, note, validation rule, rich-text runs and smart chips."""

    value: float | str | bool | Formula | None = None
    format: Mapping[str, Any] | None = None
    note: str | None = None
    validation: Mapping[str, Any] | None = None
    runs: tuple[Mapping[str, Any], ...] | None = None
    chips: tuple[Mapping[str, Any], ...] | None = None

    @property
    def chip_text(self) -> str | None:
        """What a cell with chips shows: each placeholder as its chip's person or link; None without chips."""
        if not self.chips:
            return None
        text = str(self.value)
        for run in sorted(self.chips, key=lambda run: run.get("startIndex", 0), reverse=True):
            at, chip = run.get("startIndex", 0), run["chip"]
            shown = chip.get("personProperties", {}).get("email") or chip.get("richLinkProperties", {}).get("uri", "")
            text = text[:at] + shown + text[at + 1 :]
        return text

    @property
    def number_format(self) -> dict[str, Any] | None:
        """The entered number format, if any."""
        return self.format.get("numberFormat") if self.format else None

    def is_bare(self) -> bool:
        """Whether nothing distinguishes it from a cell that was never touched."""
        return self == _BARE


_BARE = Cell()


def extended_value(value: Scalar) -> dict[str, Any] | None:
    """A value as the API's ExtendedValue; None for a blank."""
    if value is None:
        return None
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, ErrorValue):
        message = {"message": value.message} if value.message else {}
        return {"errorValue": {"type": value.kind, **message}}
    if isinstance(value, str):
        return {"stringValue": value}
    return {"numberValue": plain_number(value)}


def plain_number(value: float) -> float | int:
    """A whole number without its decimal point, as Google's JSON writes it."""
    return int(value) if value == int(value) and abs(value) < 1e15 else value
