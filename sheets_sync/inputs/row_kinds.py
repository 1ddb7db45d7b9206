"""Which rows of a list are no entries of it: headings of groups, lines that only have a number yet, and totals.

A row of totals has a formula that sums its own column, is the totals row of a spreadsheet table, or carries a word for
total together with numbers that are the sum of the rows above. A word alone, or such a sum alone, leaves a doubt that
only a person can settle.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import isclose

from config.names import clean, fold_key, header_words
from config.words import TOTALS, fold_word
from sheets_sync.workbook.snapshot import Cell, CellKind, Tab

_SUMMED = re.compile(r"(?<![A-Z.])(SUM|SUBTOTAL|AGGREGATE|SUMIFS?|AVERAGE|COUNTA?|MAX|MIN|MEDIAN)\s*\(", re.IGNORECASE)
_REFERENCE = re.compile(
    r"(?<![A-Za-z0-9_!'.])\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?(?![A-Za-z0-9_(!])"
)
_TABLE_COLUMN = re.compile(r"(?:SUBTOTAL|AGGREGATE|SUM)\s*\([^()]*\[[^\]]*\]", re.IGNORECASE)
_FILLERS = frozenset(
    ["of", "for", "the", "all", "and", "in", "initiatives", "items", "features", "rows", "tasks", "backlog", "row"]
)
_LEAST_ROWS = 3
"""A sum of fewer rows comes about by chance, unless the row lacks what the rows above it have."""


class TotalSign(StrEnum):
    """What shows that a row holds totals; each is a few words for people."""

    FORMULA = "its formulas sum their own column"
    TABLE = "it is the totals row of a spreadsheet table"
    WORD_AND_SUM = "it is called a total, and its numbers are the sum of the rows above"
    WORD = "it is called a total"
    SUM = "its numbers are the sum of the rows above"

    @property
    def is_sure(self) -> bool:
        """Whether it is enough to leave the row out."""
        return self not in (TotalSign.WORD, TotalSign.SUM)


@dataclass(frozen=True)
class ListColumns:
    """The columns of a list, by their 1-based numbers: what names a row, what is added up, what classifies it.

    `others` are further columns of the list; a row that fills one of them is no heading. `names` are words that a total
    may be of: headers, KPIs, teams. `mentioned` are the keys, folded, that other rows name.
    """

    names_row: Sequence[int]
    numbers: Sequence[int]
    classes: Sequence[int] = ()
    others: Sequence[int] = ()
    names: frozenset[str] = frozenset()
    mentioned: frozenset[str] = frozenset()


@dataclass(frozen=True)
class RowKinds:
    """The rows, by number in the sheet, that are no entries (`headings`, `totals`) or perhaps none (`doubtful`)."""

    headings: tuple[int, ...] = ()
    totals: Mapping[int, TotalSign] = field(default_factory=dict)
    doubtful: Mapping[int, TotalSign] = field(default_factory=dict)


def classify_rows(tab: Tab, rows: Iterable[int], columns: ListColumns, totals_rows: Iterable[int] = ()) -> RowKinds:
    """What kind each of the rows is; `totals_rows` are those that a spreadsheet table calls its totals."""
    known = frozenset(totals_rows)
    headings: list[int] = []
    signs: dict[int, TotalSign] = {}
    so_far = _SoFar(columns)
    for number in rows:
        row = _Row(tab, number, columns)
        if number not in known and row.is_heading:
            headings.append(number)
            so_far.begin_block(row)
            continue
        sign = TotalSign.TABLE if number in known else _sign(row, so_far)
        if sign is None:
            so_far.add(row)
        else:
            signs[number] = sign
            so_far.close_block()
    return RowKinds(
        tuple(headings),
        {row: sign for row, sign in signs.items() if sign.is_sure},
        {row: sign for row, sign in signs.items() if not sign.is_sure},
    )


def _sign(row: "_Row", so_far: "_SoFar") -> TotalSign | None:
    if any(sums_its_column(cell.formula, row.number, column) for column, cell in row.amounts if cell.formula):
        return TotalSign.FORMULA
    is_called = any(is_word_for_total(text, so_far.names) for text in row.texts)
    is_bare = so_far.has_classes and not row.classes
    is_sum = so_far.sums_to(row.values, least=2 if is_called or is_bare else _LEAST_ROWS)
    if is_called:
        return TotalSign.WORD_AND_SUM if is_sum else TotalSign.WORD
    return TotalSign.SUM if is_sum else None


class _Row:
    """One row of the list: the texts that name it, its amounts, and the texts that classify it."""

    def __init__(self, tab: Tab, number: int, columns: ListColumns) -> None:
        self.number = number
        self._cells = tab.rows[number - 1]
        self._columns = columns
        named = [cell for _, cell in self._of(columns.names_row) if _has_text(cell)]
        self._names = len(named)
        self.texts = [clean(str(cell.value)) for cell in named if cell.kind is CellKind.TEXT]
        self.amounts = self._of(columns.numbers)
        self.classes = [cell.shown or str(cell.value) for _, cell in self._of(columns.classes)]

    @property
    def is_heading(self) -> bool:
        """Nothing but what names it, in one cell; check boxes and a lone 0 say nothing about that."""
        if self._names != 1 or self.classes or self._of(self._columns.others):
            return False
        is_free = len(self.amounts) == 1 and self.values.get(self.amounts[0][0]) == 0
        return not self.amounts or (
            is_free and not any(fold_key(text) in self._columns.mentioned for text in self.texts)
        )

    @property
    def values(self) -> dict[int, float]:
        """Its numbers by column."""
        return {column: cell.number for column, cell in self.amounts if cell.kind is CellKind.NUMBER}

    def _of(self, columns: Sequence[int]) -> list[tuple[int, Cell]]:
        """The cells of these columns that say something."""
        length = len(self._cells)
        pairs = ((column, self._cells[column - 1]) for column in columns if column <= length)
        return [(column, cell) for column, cell in pairs if cell.kind is not CellKind.BOOLEAN and not cell.is_blank]


def _has_text(cell: Cell) -> bool:
    return cell.kind is CellKind.NUMBER or (cell.kind is CellKind.TEXT and bool(clean(str(cell.value))))


def sums_its_column(formula: str | None, row: int, column: int) -> bool:
    """Whether a formula in that cell adds up (or counts, or averages) other cells of its own column."""
    if not formula:
        return False
    others: set[int] = set()
    has_range = False
    for first, top, last, bottom in _REFERENCE.findall(formula):
        left, right = sorted((_column_number(first), _column_number(last or first)))
        if not left <= column <= right:
            continue
        start, end = sorted((int(top), int(bottom or top)))
        inside = end - start + 1 - (start <= row <= end)
        has_range = has_range or (bool(last) and inside > 0)
        others.update(other for other in (start, end) if other != row)
    if has_range and _SUMMED.search(formula):
        return True
    if _TABLE_COLUMN.search(formula) and not others:
        return True
    # Added by hand: =C2+C3+C4.
    return len(others) > 1 and "+" in formula and not re.search(r"[*/^&<>]", formula)


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


_TOTALS = frozenset(map(fold_word, TOTALS))
_TOTAL_WORDS = tuple(header_words(word) for word in TOTALS if header_words(word) != {"all"})
_ANY_TOTAL_WORD = frozenset().union(*_TOTAL_WORDS)


def is_word_for_total(text: str, names: Collection[str]) -> bool:
    """`Total`, `Subtotal Growth`, `Total effort`; but not `Total rewards page`, whose other words name nothing here."""
    words = header_words(re.sub(r"[():,.&+]", " ", text))
    if not words & _ANY_TOTAL_WORD and fold_word(text.rstrip(":")) not in _TOTALS:
        return False
    if fold_word(text.rstrip(": ")) in _TOTALS:
        return True
    return any(
        total <= words and all(word in names or word.isdigit() for word in words - total - _FILLERS)
        for total in _TOTAL_WORDS
    )


class _SoFar:
    """What the rows before say: sums since the last total, since the last heading and in all; and their words."""

    def __init__(self, columns: ListColumns) -> None:
        self._columns = columns.numbers
        self._block, self._group, self._all = _Sums(), _Sums(), _Sums()
        self._seen: set[str] = set()
        self.names: set[str] = set(columns.names)
        self.has_classes = False

    def begin_block(self, heading: _Row) -> None:
        """A heading begins a new block."""
        self._block, self._group = _Sums(), _Sums()
        for text in heading.texts:
            self.names.update(header_words(text))

    def close_block(self) -> None:
        """A total ends a block; one over all blocks may follow."""
        self._block = _Sums()

    def add(self, row: _Row) -> None:
        """One more entry."""
        values = row.values
        for sums in (self._block, self._group, self._all):
            sums.add(values)
        self.has_classes = self.has_classes or bool(row.classes)
        for text in row.classes:
            if text not in self._seen:
                self._seen.add(text)
                self.names.update(header_words(text))

    def sums_to(self, values: Mapping[int, float], *, least: int) -> bool:
        """Whether every number of the row is the sum of its column over one of the blocks, two or more columns."""
        if sum(value != 0 for value in values.values()) < min(2, len(self._columns)):
            return False
        return any(sums.count >= least and sums.equal(values) for sums in (self._block, self._group, self._all))


class _Sums:
    """Running sums by column, and over how many rows."""

    def __init__(self) -> None:
        self.count = 0
        self._sums: dict[int, float] = {}

    def add(self, values: Mapping[int, float]) -> None:
        """One more row."""
        self.count += 1
        for column, value in values.items():
            self._sums[column] = self._sums.get(column, 0.0) + value

    def equal(self, values: Mapping[int, float]) -> bool:
        """Whether the values are the sums, but for rounding."""
        return all(
            isclose(value, self._sums.get(column, 0.0), rel_tol=1e-9, abs_tol=1e-12) for column, value in values.items()
        )
