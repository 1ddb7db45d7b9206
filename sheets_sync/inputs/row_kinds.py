"""Which rows of a list are no entries of it: headings of groups, lines that only have a number yet, and totals.

A row of totals has a formula that sums its own column, is the totals row of a spreadsheet table, or carries a word for
total together with numbers that are the sum of the rows above. A word alone, or such a sum alone, leaves a doubt that
only a person can settle.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import isclose

from config.names import clean, header_words
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

    `others` are further columns of the same table; a row that fills one of them is no heading. `names` are words that
    may stand beside a word for total: headers, KPIs, teams.
    """

    names_row: Sequence[int]
    numbers: Sequence[int]
    classes: Sequence[int] = ()
    others: Sequence[int] = ()
    names: frozenset[str] = frozenset()


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
    blocks = _Blocks(columns.numbers)
    texts: set[str] = set(columns.names)
    for row in rows:
        cells = {number: tab.cell(row, number) for number in {*columns.names_row, *columns.numbers, *columns.classes}}
        if row not in known and _is_heading(tab, row, columns):
            headings.append(row)
            texts.update(_words(cells[number] for number in columns.names_row))
            blocks.begin()
            continue
        sign = _sign(row, cells, columns, blocks, texts, is_table_total=row in known)
        if sign is None:
            blocks.add(cells, columns)
            texts.update(_words(cells[number] for number in columns.classes))
        else:
            signs[row] = sign
            blocks.close()
    return RowKinds(
        tuple(headings),
        {row: sign for row, sign in signs.items() if sign.is_sure},
        {row: sign for row, sign in signs.items() if not sign.is_sure},
    )


def _is_heading(tab: Tab, row: int, columns: ListColumns) -> bool:
    """Nothing but what names a row, in one cell; check boxes, ticked or not, say nothing about that."""
    named = [number for number in columns.names_row if _has_text(tab.cell(row, number))]
    rest = {*columns.numbers, *columns.classes, *columns.others}.difference(columns.names_row)
    return len(named) == 1 and not any(_says_something(tab.cell(row, number)) for number in rest)


def _has_text(cell: Cell) -> bool:
    return cell.kind is CellKind.NUMBER or (cell.kind is CellKind.TEXT and bool(clean(str(cell.value))))


def _says_something(cell: Cell) -> bool:
    return cell.kind is not CellKind.BOOLEAN and not cell.is_blank


def _sign(
    row: int,
    cells: Mapping[int, Cell],
    columns: ListColumns,
    blocks: "_Blocks",
    texts: set[str],
    *,
    is_table_total: bool,
) -> TotalSign | None:
    if is_table_total:
        return TotalSign.TABLE
    if any(sums_its_column(cells[number].formula, row, number) for number in columns.numbers):
        return TotalSign.FORMULA
    is_called = any(_is_word_for_total(cells[number], texts) for number in columns.names_row)
    is_bare = bool(blocks.has_classes) and not any(_says_something(cells[number]) for number in columns.classes)
    is_sum = blocks.sums_to(cells, least=2 if is_called or is_bare else _LEAST_ROWS)
    if is_called:
        return TotalSign.WORD_AND_SUM if is_sum else TotalSign.WORD
    return TotalSign.SUM if is_sum else None


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


def _is_word_for_total(cell: Cell, names: set[str]) -> bool:
    """`Total`, `Subtotal Growth`, `Total effort`; but not `Total rewards page`, whose other words name nothing here."""
    if cell.kind is not CellKind.TEXT:
        return False
    text = clean(str(cell.value)).rstrip(":").strip()
    if fold_word(text) in _TOTALS:
        return True
    words = header_words(re.sub(r"[():,.&+]", " ", text))
    return any(
        total <= words and {word for word in words - total - _FILLERS if not word.isdigit()} <= names
        for total in _TOTAL_WORDS
    )


def _words(cells: Iterable[Cell]) -> Iterator[str]:
    for cell in cells:
        if cell.kind is CellKind.TEXT:
            yield from header_words(str(cell.value))


class _Blocks:
    """The numbers of the rows since the last heading or total, and of all rows so far."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self._numbers = numbers
        self._block: list[list[float]] = []
        self._all: list[list[float]] = []
        self._since_heading: list[list[float]] = []
        self.has_classes = False

    def begin(self) -> None:
        """A heading begins a new block."""
        self._block, self._since_heading = [], []

    def close(self) -> None:
        """A total ends a block; one over all blocks may follow."""
        self._block = []

    def add(self, cells: Mapping[int, Cell], columns: ListColumns) -> None:
        """One more entry."""
        values = [_number(cells[number]) for number in self._numbers]
        for rows in (self._block, self._since_heading, self._all):
            rows.append(values)
        self.has_classes = self.has_classes or any(_says_something(cells[number]) for number in columns.classes)

    def sums_to(self, cells: Mapping[int, Cell], *, least: int) -> bool:
        """Whether every number of the row is the sum of its column over one of the blocks, two or more columns."""
        values = [_number(cells[number]) for number in self._numbers]
        filled = [index for index, number in enumerate(self._numbers) if cells[number].kind is CellKind.NUMBER]
        if sum(values[index] != 0 for index in filled) < min(2, len(self._numbers)):
            return False
        return any(
            len(rows) >= least
            and all(isclose(values[i], sum(row[i] for row in rows), rel_tol=1e-9, abs_tol=1e-12) for i in filled)
            for rows in (self._block, self._since_heading, self._all)
        )


def _number(cell: Cell) -> float:
    if cell.kind is CellKind.NUMBER and isinstance(cell.value, int | float):
        return float(cell.value)
    return 0.0
