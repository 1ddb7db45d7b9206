"""Text that people typed, marked as such wherever it is in an answer: an assistant must never follow it.

Whatever has more than one word, or is long, stands in « » and is cut; a single short word can name something, and tell
nobody what to do. The marks themselves cannot come from a sheet: there, others take their place.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, partial
from typing import Any

from config.columns import Column, InputTab
from config.names import clean
from config.tabs import HEADER_SEARCH_ROWS, INITIATIVES, find_tab
from sheets_sync.inputs.cell_text import shown
from sheets_sync.report.approved_tab import is_approved_tab
from sheets_sync.workbook.backend import REPORT_NAMES
from sheets_sync.workbook.snapshot import Cell, CellKind, Snapshot, Tab

BEGIN, END = "«", "»"
LONGEST_WORD = 24
"""A word up to this length is a name, and stands as it is."""
LONGEST_TEXT = 80
"""Characters of a marked text before it is cut."""
LONGEST_ANSWER = 1000
"""Characters of a sentence before it is cut."""
LEAST_PART = 16
"""Characters that a cut text must share with a cell to be known as its."""
_OUTPUT_TABS = frozenset(name.casefold() for name in (*REPORT_NAMES, "Runs"))
_PARTS = re.compile(r"""[^\w\s.&'’/+%#-]+""")
"""What separates the parts of a text that a sentence may name alone: of a list, of ``cost: design days``, a bracket."""
_BETWEEN_KEYS = re.compile(r"[,;|\n]")
_CUT = ("…", "...")
"""What follows a text that was cut."""
_WORD_ENDS = " .,;:!?)]"
_OTHER_MARKS = str.maketrans({BEGIN: "\u2039", END: "\u203a"})


def one_line(text: str) -> str:
    """The text without invisible characters, commands and line ends, and with other marks than ours."""
    plain = clean(text)
    if not plain.isprintable():
        plain = "".join(sign if sign.isprintable() else " " for sign in plain)
    return " ".join(plain.translate(_OTHER_MARKS).split())


def marked(text: str) -> str:
    """A text of the sheet, marked and cut."""
    line = one_line(text)
    return f"{BEGIN}{line if len(line) <= LONGEST_TEXT else line[: LONGEST_TEXT - 1] + '…'}{END}"


def unmarked(text: str) -> str:
    """A name or a cell as an assistant gives it back, without our marks."""
    return text.replace(BEGIN, "").replace(END, "").strip()


class SheetTexts:
    """The texts of a workbook that could be taken for more than a name."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = texts

    @cached_property
    def _whole(self) -> frozenset[str]:
        """The texts, folded."""
        lines = {one_line(text) for text in self._texts}
        return frozenset(_folded(line) for line in lines if " " in line or len(line) > LONGEST_WORD)

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._whole)

    @cached_property
    def _lengths(self) -> frozenset[int]:
        return frozenset(map(len, self._whole))

    @cached_property
    def _starts(self) -> frozenset[str]:
        """What texts begin with: whatever has none of these is none of them."""
        return frozenset(text[:2] for text in self._whole)

    def mark(self, sentence: str) -> str:
        """The sentence as one line, every text of the sheet in it marked."""
        line = one_line(sentence)
        folded = _folded(line)
        found: list[str] = []
        at, room = 0, LONGEST_ANSWER
        while at < len(line):
            length = self._length_at(folded, at) if at == 0 or not folded[at - 1].isalnum() else 0
            piece = marked(line[at : at + length]) if length else line[at]
            at += length or 1
            room -= len(piece)
            if room < 0:
                # Before the piece: a mark that is begun is ended.
                return "".join(found) + "…"
            found.append(piece)
        return "".join(found)

    def _length_at(self, line: str, at: int) -> int:
        """How much of the line, from there on, is a text of the sheet, or the beginning of one."""
        if line[at : at + 2] not in self._starts:
            return 0
        rest = line[at:]
        place = bisect_left(self._sorted, rest)
        shared = max((_shared(text, rest) for text in self._sorted[max(0, place - 1) : place + 1]), default=0)
        for length in range(shared, 1, -1):
            if length in self._lengths and rest[:length] in self._whole:
                return length
        if not rest[shared:].startswith(_CUT):
            # Words that are only like those of a text: never a part of a word, which may be somebody's key.
            while shared and rest[shared : shared + 1].strip(_WORD_ENDS):
                shared -= 1
            shared = len(rest[:shared].rstrip())
        return shared if shared >= LEAST_PART else 0

    def mark_all(self, value: Any) -> Any:
        """A JSON document with every string in it marked, keys too."""
        if isinstance(value, str):
            return self.mark(value)
        if isinstance(value, Mapping):
            return {self.mark(str(name)): self.mark_all(item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.mark_all(item) for item in value]
        return value


def _folded(line: str) -> str:
    """The line in one case, letter by letter, so that places in the one are places in the other."""
    if line.isascii():
        return line.lower()
    return "".join(letter.casefold() if len(letter.casefold()) == 1 else letter for letter in line)


def _shared(text: str, line: str) -> int:
    """How many characters a text and a line have in common from their beginnings on."""
    count = 0
    for mine, theirs in zip(text, line, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def texts_of(snapshot: Snapshot) -> Iterator[str]:
    """The texts that people typed into the tabs that were read, whole and in parts, and the titles of the tabs.

    A list of keys, such as those that something needs, is none: each of them names something, and so do all together.
    """
    keys = frozenset(_keys_of(snapshot))
    for title in snapshot.titles:
        yield from _with_parts(title)
    for title, tab in snapshot.tabs.items():
        if title.casefold() in _OUTPUT_TABS or is_approved_tab(title):
            continue
        ours = _written_columns(tab, find_tab(title) or INITIATIVES)
        for row in tab.rows:
            for column, cell in enumerate(row):
                if column not in ours and not _is_list_of(keys, cell):
                    yield from _texts_of_cell(cell)


def _keys_of(snapshot: Snapshot) -> Iterator[str]:
    """The keys of all tabs that stand as they are, folded."""
    for title, tab in snapshot.tabs.items():
        spec = find_tab(title) or INITIATIVES
        columns = _columns_of(tab, spec, partial(_is_key_of, spec))
        words = (one_line(str(row[at].value)) for row in tab.rows for at in columns if at < len(row))
        yield from (_folded(word) for word in words if " " not in word and len(word) <= LONGEST_WORD)


def _is_key_of(spec: InputTab, column: Column) -> bool:
    return column.name == spec.key_column


def _is_list_of(keys: frozenset[str], cell: Cell) -> bool:
    if cell.kind is not CellKind.TEXT:
        return False
    parts = [_folded(one_line(part)) for part in _BETWEEN_KEYS.split(str(cell.value)) if part.strip()]
    return len(parts) > 1 and keys.issuperset(parts)


def _texts_of_cell(cell: Cell) -> Iterator[str]:
    """What a message may say of a cell: its text, its parts, and a number as its format shows it."""
    if cell.kind in (CellKind.TEXT, CellKind.ERROR):
        yield from _with_parts(str(cell.value))
    if any(letter.isalpha() for letter in cell.shown):
        yield from _with_parts(shown(cell))


def _with_parts(text: str) -> Iterator[str]:
    yield text
    parts = [part.strip() for part in _PARTS.split(text)]
    if len(parts) > 1:
        yield from parts
    for part in parts:
        # ``gmv low`` names a KPI, and so do some words before a name.
        words = part.split()
        if len(words) > 2:
            yield " ".join(words[1:])
            yield " ".join(words[:-1])
    if text.lstrip().startswith("{"):
        yield from _texts_in_json(text)


def _texts_in_json(text: str) -> Iterator[str]:
    """The names in a cell of JSON, whose letters may be written in other ways there."""
    try:
        found = json.loads(text, object_pairs_hook=lambda pairs: [part for pair in pairs for part in pair])
    except (ValueError, RecursionError):
        return
    waiting = [found]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield from _with_parts(one) if not one.lstrip().startswith("{") else [one]
        elif isinstance(one, list):
            waiting.extend(one)


def _written_columns(tab: Tab, spec: InputTab) -> frozenset[int]:
    """The places of the columns that sheetplan writes: what they say is ours."""
    return _columns_of(tab, spec, lambda column: column.is_written)


def _columns_of(tab: Tab, spec: InputTab, is_asked: Callable[[Column], bool]) -> frozenset[int]:
    """The places of the columns whose headers mean one that is asked for."""
    found = set()
    for row in tab.rows[:HEADER_SEARCH_ROWS]:
        for column, cell in enumerate(row):
            named = spec.find_column(str(cell.value)) if cell.kind is CellKind.TEXT else None
            if named is not None and is_asked(named):
                found.add(column)
    return frozenset(found)
