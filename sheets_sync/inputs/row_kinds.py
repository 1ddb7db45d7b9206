"""Which rows of a list are no entries of it: headings, lines that only have a number yet, totals, headers once more.

A row of totals has a formula that sums its own column, is the totals row of a spreadsheet table, or carries a word for
total together with numbers that are the sum of the rows above. A word alone, or such a sum alone, leaves a doubt that
only a person can settle. So does an entry that is the sum of its own parts. Averages are like totals.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import zip_longest
from math import isclose

from config.names import clean, fold_header, fold_key, header_words
from config.words import AVERAGES, TOTALS, fold_word
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
    WORD_AND_AVERAGE = "it is called an average, and its numbers are the average of the rows above"
    WORD = "it is called a total"
    AVERAGE = "it is called an average"
    SUM = "its numbers are the sum of the rows above"
    PARTS = "its numbers are the sum of its parts, which are rows of their own"

    @property
    def is_sure(self) -> bool:
        """Whether it is enough to leave the row out."""
        return self not in (TotalSign.WORD, TotalSign.AVERAGE, TotalSign.SUM, TotalSign.PARTS)


@dataclass(frozen=True)
class ListColumns:
    """The columns of a list, by their 1-based numbers: what names a row, what is added up, what classifies it.

    `others` are further columns of the list; a row that fills one of them is no heading. `names` are words that a total
    may be of: headers, KPIs, teams. `mentioned` are the keys, folded, that other rows name. `headers` are the folded
    headers by column, `parents` the columns that name what a row is a part of.
    """

    names_row: Sequence[int]
    numbers: Sequence[int]
    classes: Sequence[int] = ()
    others: Sequence[int] = ()
    names: frozenset[str] = frozenset()
    mentioned: frozenset[str] = frozenset()
    headers: Mapping[int, str] = field(default_factory=dict)
    parents: Sequence[int] = ()


@dataclass(frozen=True)
class RowKinds:
    """The rows, by number in the sheet, that are no entries or, those that are `doubtful`, perhaps none.

    `repeated` are rows that say what the header row says.
    """

    headings: tuple[int, ...] = ()
    repeated: tuple[int, ...] = ()
    totals: Mapping[int, TotalSign] = field(default_factory=dict)
    doubtful: Mapping[int, TotalSign] = field(default_factory=dict)


def classify_rows(tab: Tab, rows: Iterable[int], columns: ListColumns, totals_rows: Iterable[int] = ()) -> RowKinds:
    """What kind each of the rows is; `totals_rows` are those that a spreadsheet table calls its totals."""
    known = frozenset(totals_rows)
    headings: list[int] = []
    repeated: list[int] = []
    entries: list[_Row] = []
    signs: dict[int, TotalSign] = {}
    so_far = _SoFar(columns)
    for number in rows:
        row = _Row(tab, number, columns)
        if row.repeats_headers:
            repeated.append(number)
            so_far.begin_block(row)
            continue
        if number not in known and row.is_heading:
            headings.append(number)
            so_far.begin_block(row)
            continue
        sign = TotalSign.TABLE if number in known else _sign(row, so_far)
        if sign is None:
            so_far.add(row)
            entries.append(row)
        else:
            signs[number] = sign
            so_far.close_block()
    signs |= {row.number: TotalSign.PARTS for row in _sums_of_parts(entries)}
    return RowKinds(
        tuple(headings),
        tuple(repeated),
        {row: sign for row, sign in signs.items() if sign.is_sure},
        {row: sign for row, sign in signs.items() if not sign.is_sure},
    )


def _sign(row: "_Row", so_far: "_SoFar") -> TotalSign | None:
    if any(sums_its_column(cell.formula, row.number, column) for column, cell in row.amounts if cell.formula):
        return TotalSign.FORMULA
    if any(is_word_for_average(text, so_far.names) for text in row.texts):
        return TotalSign.WORD_AND_AVERAGE if so_far.averages_to(row.values) else TotalSign.AVERAGE
    is_called = any(is_word_for_total(text, so_far.names) for text in row.texts)
    if not row.is_named and so_far.sums_to(row.values, least=2, columns=1):
        return TotalSign.SUM
    is_bare = so_far.has_classes and not row.classes
    # Called a total, one sum is proof enough: nobody adds up ranks or ratings.
    least = 2 if is_called or is_bare else _LEAST_ROWS
    is_sum = so_far.sums_to(row.values, least=least, columns=1 if is_called else 2)
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
        self.keys = [fold_key(cell.shown or str(cell.value)) for cell in named]
        self.parents = frozenset(fold_key(cell.shown or str(cell.value)) for _, cell in self._of(columns.parents))

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
    def is_named(self) -> bool:
        """Whether anything says which entry it is."""
        return self._names > 0

    @property
    def repeats_headers(self) -> bool:
        """Whether it says what the header row says, in two columns or more, and nothing else."""
        headers = self._columns.headers
        said = self._of(headers)
        if len(said) < min(2, len(headers)) or not said:
            return False
        return all(cell.kind is CellKind.TEXT and fold_header(str(cell.value)) == headers[at] for at, cell in said)

    @property
    def values(self) -> dict[int, float]:
        """Its numbers by column."""
        return {column: cell.number for column, cell in self.amounts if cell.kind is CellKind.NUMBER}

    def _of(self, columns: Iterable[int]) -> list[tuple[int, Cell]]:
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


def _sums_of_parts(entries: Sequence[_Row]) -> Iterator[_Row]:
    """Entries that are the sum of two or more others, which say that they are its parts.

    They do by their keys right below it (`2` and `2.1`, `2.2`), or by a column that names it (an epic and its stories).
    """
    by_parent: dict[str, list[_Row]] = {}
    for entry in entries:
        for parent in entry.parents:
            by_parent.setdefault(parent, []).append(entry)
    for at, entry in enumerate(entries):
        if not any(entry.values.values()):
            continue
        below = list(_parts_below(entries, at))
        named = [part for key in entry.keys for part in by_parent.get(key, ()) if part is not entry]
        if _is_sum(entry, _leaves(below)) or _is_sum(entry, named):
            yield entry


def _parts_below(entries: Sequence[_Row], at: int) -> Iterator[_Row]:
    """The entries right below one whose keys extend its key."""
    for below in range(at + 1, len(entries)):
        if not _extends(entries[below], entries[at]):
            return
        yield entries[below]


def _extends(part: _Row, whole: _Row) -> bool:
    """Whether a key is another one with more behind it: `2.1` of `2`."""
    return any(
        one.startswith(other) and one[len(other) :].lstrip()[:1] in tuple(".-/_:")
        for one in part.keys[:1]
        for other in whole.keys[:1]
    )


def _leaves(rows: Sequence[_Row]) -> list[_Row]:
    """The rows that have no parts of their own among those right below them."""
    return [row for row, after in zip_longest(rows, rows[1:]) if after is None or not _extends(after, row)]


def _is_sum(whole: _Row, parts: Sequence[_Row]) -> bool:
    sums = _Sums()
    for part in parts:
        sums.add(part.values)
    return sums.count > 1 and sums.equal(whole.values)


_AVERAGE_WORDS = tuple(header_words(word) for word in AVERAGES)


def is_word_for_average(text: str, names: Collection[str]) -> bool:
    """`Average`, `Average effort`; but not `Average order value page`, whose other words name nothing here."""
    words = header_words(re.sub(r"[():,.&+]", " ", text))
    return any(
        average <= words and all(word in names or word.isdigit() for word in words - average - _FILLERS)
        for average in _AVERAGE_WORDS
    )


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

    def sums_to(self, values: Mapping[int, float], *, least: int, columns: int = 2) -> bool:
        """Whether every number of the row is the sum of its column over one of the blocks, in so many columns."""
        if sum(value != 0 for value in values.values()) < min(columns, len(self._columns)):
            return False
        return any(sums.count >= least and sums.equal(values) for sums in (self._block, self._group, self._all))

    def averages_to(self, values: Mapping[int, float]) -> bool:
        """Whether every number of the row is the average of its column over one of the blocks."""
        return any(
            sums.count > 1 and sums.equal({column: value * sums.count for column, value in values.items()})
            for sums in (self._block, self._group, self._all)
        )


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
