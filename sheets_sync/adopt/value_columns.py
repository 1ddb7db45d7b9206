"""Which columns of a list could say what an initiative is worth, and how each of them becomes a KPI."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from config.names import clean, fold_header, header_words
from config.words import WORTHS, fold_word
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
_FACTORS = (("reach", "impact", "confidence"), ("impact", "confidence"))
"""What RICE and ICE multiply before they divide by the effort; ease is the effort, turned round."""
_FEWEST_RANKS = 3
_RANKED_WITHOUT_NAME = 5


class ValueKind(StrEnum):
    """What the cells of a column are."""

    AMOUNT = "amount"
    """More is better, and amounts can be added up."""
    PRODUCT = "product of columns"
    RANK = "rank"
    """1 is the best."""
    WORDS = "words"
    """Such as must, should and could, or High and Low."""
    PER_EFFORT = "score that divides by effort"


_LIKELY = (ValueKind.PRODUCT, ValueKind.AMOUNT, ValueKind.RANK, ValueKind.WORDS, ValueKind.PER_EFFORT)


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """A column, or a product of columns, that may be what the plan should bring, with its first cells as shown.

    `header` is what a person answers with. `words` are the different words of a column of words.
    """

    header: str
    kind: ValueKind
    examples: tuple[str, ...]
    parts: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def kpi(self) -> str:
        """The key of the KPI that is made of it."""
        return f"{self.header} points" if self.kind in (ValueKind.RANK, ValueKind.WORDS) else self.header

    @property
    def meanings(self) -> Mapping[str, str]:
        """What the Columns tab has to say of headers, for the KPI to be computed."""
        match self.kind:
            case ValueKind.PRODUCT:
                return dict.fromkeys(self.parts, f"factor: {self.kpi}")
            case ValueKind.RANK:
                return {self.header: f"rank: {self.kpi}"}
            case ValueKind.WORDS:
                return {self.header: f"worth: {self.kpi}"}
            case _:
                return {}


@dataclass(frozen=True, slots=True)
class Candidates:
    """The cells of each column that may hold values, by header; `texts` those of columns that nothing else reads."""

    numbers: Mapping[str, Sequence[Cell]] = field(default_factory=dict)
    texts: Mapping[str, Sequence[Cell]] = field(default_factory=dict)


def value_columns(frame: Frame, cells: Candidates) -> list[ValueColumn]:
    """The columns that could be the value, most likely first."""
    found = []
    for header, column in cells.numbers.items():
        numbers = [cell for cell in column if cell.kind is CellKind.NUMBER]
        if not numbers or header_words(header) & _NO_VALUES or len(numbers) * 2 < len(frame.rows):
            continue
        examples = tuple(cell.shown for cell in numbers[:3])
        found.append(ValueColumn(header, _kind(header, numbers), examples))
    found += [words for header, texts in cells.texts.items() if (words := _of_words(header, texts, frame))]
    product = _product(frame, cells.numbers)
    return sorted([*found, *([product] if product else [])], key=_likelihood)


def suggested_worth(word: str) -> float | None:
    """What a word of the common scales is often worth, as a first guess for a person to correct."""
    return _WORTHS.get(fold_word(word))


_WORTHS = {fold_word(word): worth for word, worth in WORTHS.items()}


def _of_words(header: str, cells: Sequence[Cell], frame: Frame) -> ValueColumn | None:
    """A column whose words are all of one of the common scales, in most of the rows."""
    texts = [clean(cell.shown) for cell in cells if not cell.is_blank]
    words = {fold_word(text): text for text in reversed(texts)}
    if len(words) < 2 or not words.keys() <= _WORTHS.keys() or len(texts) * 2 < len(frame.rows):
        return None
    # The most important first; the order of the rows says nothing.
    ordered = sorted(words.values(), key=lambda word: (-_WORTHS[fold_word(word)], word))
    return ValueColumn(header, ValueKind.WORDS, tuple(texts[:3]), words=tuple(ordered))


def _product(frame: Frame, numbers: Mapping[str, Sequence[Cell]]) -> ValueColumn | None:
    """Reach x impact x confidence, or the last two, where a list has them as numbers."""
    by_word = {word: header for header in numbers for word in _plain(header)}
    for words in _FACTORS:
        parts = tuple(by_word[word] for word in words if word in by_word)
        columns = [[cell.kind is CellKind.NUMBER for cell in numbers[part]] for part in parts]
        if len(set(parts)) == len(words) and all(sum(column) * 2 >= len(frame.rows) > 0 for column in columns):
            examples = tuple(" x ".join(numbers[part][at].shown for part in parts) for at in range(len(frame.rows))[:3])
            return ValueColumn(" x ".join(parts), ValueKind.PRODUCT, examples, parts=parts)
    return None


def _plain(header: str) -> tuple[str, ...]:
    """The words of the factors that a header is, such as `reach` for ``Reach (users)``."""
    words = header_words(header.partition("(")[0])
    return tuple(word for word in _FACTORS[0] if word in words and len(words) <= 2)


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


def _likelihood(column: ValueColumn) -> tuple[int, int]:
    words = header_words(column.header)
    place = next((at for at, word in enumerate(_VALUE_WORDS) if word in words), len(_VALUE_WORDS))
    return _LIKELY.index(column.kind), place
