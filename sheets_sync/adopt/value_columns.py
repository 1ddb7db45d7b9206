"""Which columns of a list could say what an initiative is worth, and why some of them cannot."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from config.names import fold_header, header_words
from sheets_sync.inputs.frames import Frame
from sheets_sync.workbook.snapshot import Cell, CellKind

_PER_EFFORT = frozenset({"rice", "ice", "wsjf", "roi"})
_SCORES = frozenset(map(fold_header, ("score", "priority score", "weighted score", "rice score", "rice")))
_RANKS = frozenset({"rank", "ranking", "priority", "prio", "order", "position", "sequence"})
_VALUE_WORDS = ("value", "revenue", "gmv", "arr", "mrr", "benefit", "impact", "savings", "profit", "reach", "users")
_NO_VALUES = frozenset(
    {
        "id",
        "number",
        "no",
        "nr",
        "row",
        "year",
        "created",
        "updated",
        "remaining",
        "days",
        "hours",
        "time",
        "confidence",
    }
)
_FEWEST_RANKS = 3
_RANKED_WITHOUT_NAME = 5


class ValueKind(StrEnum):
    """What the numbers of a column are."""

    AMOUNT = "amount"
    """More is better, and amounts can be added up."""
    PER_EFFORT = "score that divides by effort"
    RANK = "rank"
    """1 is the best."""


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """A column of numbers that may be what the plan should bring, with the first numbers in it as the sheet shows
    them."""

    header: str
    kind: ValueKind
    examples: tuple[str, ...]


def value_columns(frame: Frame, cells: dict[str, Sequence[Cell]]) -> list[ValueColumn]:
    """The columns of numbers that are none of sheetplan's, most likely first. `cells` are their cells by header."""
    found = []
    for header, column in cells.items():
        numbers = [cell for cell in column if cell.kind is CellKind.NUMBER]
        if not numbers or header_words(header) & _NO_VALUES or len(numbers) * 2 < len(frame.rows):
            continue
        examples = tuple(cell.shown for cell in numbers[:3])
        found.append(ValueColumn(header, _kind(header, numbers), examples))
    return sorted(found, key=_likelihood)


def rice_parts(headers: Sequence[str]) -> tuple[str, ...]:
    """The headers of reach, impact and confidence, where a list has all three."""
    by_word = {fold_header(header): header for header in headers}
    parts = [by_word.get(word) for word in ("reach", "impact", "confidence")]
    return tuple(part for part in parts if part is not None) if None not in parts else ()


def _kind(header: str, numbers: Sequence[Cell]) -> ValueKind:
    words = header_words(header)
    if words & _PER_EFFORT or fold_header(header) in _SCORES:
        return ValueKind.PER_EFFORT
    values = [cell.number for cell in numbers]
    if sorted(values) == [float(rank) for rank in range(1, len(values) + 1)]:
        enough = _FEWEST_RANKS if words & _RANKS else _RANKED_WITHOUT_NAME
        if len(values) >= enough:
            return ValueKind.RANK
    return ValueKind.RANK if words & _RANKS else ValueKind.AMOUNT


def _likelihood(column: ValueColumn) -> tuple[bool, int]:
    words = header_words(column.header)
    place = next((at for at, word in enumerate(_VALUE_WORDS) if word in words), len(_VALUE_WORDS))
    return column.kind is not ValueKind.AMOUNT, place
