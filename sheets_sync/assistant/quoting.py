"""Text that people typed, marked as such wherever it is in an answer: an assistant must never follow it.

Whatever has more than one word, or is long, stands in « » and is cut; a single short word can name something, and tell
nobody what to do. The marks themselves cannot come from a sheet: there, others take their place.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from config.columns import InputTab
from config.names import clean
from config.tabs import HEADER_SEARCH_ROWS, INITIATIVES, find_tab
from sheets_sync.report.approved_tab import is_approved_tab
from sheets_sync.workbook.backend import REPORT_NAMES
from sheets_sync.workbook.snapshot import CellKind, Snapshot, Tab

BEGIN, END = "«", "»"
LONGEST_WORD = 24
"""A word up to this length is a name, and stands as it is."""
LONGEST_TEXT = 80
"""Characters of a marked text before it is cut."""
LONGEST_ANSWER = 1000
"""Characters of a sentence before it is cut."""
LEAST_PART = 16
"""Characters that a cut text must share with a cell to be known as its."""
_INDEXED = 3
_OUTPUT_TABS = frozenset(name.casefold() for name in (*REPORT_NAMES, "Runs"))
_PARTS = re.compile(r'[,;|\n"]')
_OTHER_MARKS = str.maketrans({BEGIN: "\u2039", END: "\u203a"})


def one_line(text: str) -> str:
    """The text without invisible characters, commands and line ends, and with other marks than ours."""
    plain = "".join(sign if sign.isprintable() else " " for sign in clean(text))
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
        lines = {one_line(text) for text in texts}
        self._by_start: dict[str, list[str]] = {}
        for line in sorted(lines, key=len, reverse=True):
            if " " in line or len(line) > LONGEST_WORD:
                folded = _folded(line)
                self._by_start.setdefault(folded[:_INDEXED], []).append(folded)

    def mark(self, sentence: str) -> str:
        """The sentence as one line, every text of the sheet in it marked."""
        line = one_line(sentence)
        folded = _folded(line)
        found: list[str] = []
        at = 0
        while at < len(line):
            length = self._length_at(folded, at) if at == 0 or not folded[at - 1].isalnum() else 0
            found.append(marked(line[at : at + length]) if length else line[at])
            at += length or 1
        whole = "".join(found)
        return whole if len(whole) <= LONGEST_ANSWER else whole[: LONGEST_ANSWER - 1] + "…"

    def _length_at(self, line: str, at: int) -> int:
        """How much of the line, from there on, is a text of the sheet, or the beginning of one."""
        longest = 0
        for text in self._by_start.get(line[at : at + _INDEXED], ()):
            if line.startswith(text, at):
                longest = max(longest, len(text))
            elif (shared := _shared(text, line, at)) >= LEAST_PART:
                longest = max(longest, shared)
        return longest

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
    return "".join(letter.casefold() if len(letter.casefold()) == 1 else letter for letter in line)


def _shared(text: str, line: str, at: int) -> int:
    """How many characters a text and a line from some place on have in common."""
    count = 0
    for mine, theirs in zip(text, line[at : at + len(text)], strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def texts_of(snapshot: Snapshot) -> Iterator[str]:
    """The texts that people typed into the tabs that were read, whole and in parts, and the titles of the tabs."""
    yield from snapshot.titles
    for title, tab in snapshot.tabs.items():
        if title.casefold() in _OUTPUT_TABS or is_approved_tab(title):
            continue
        ours = _written_columns(tab, find_tab(title) or INITIATIVES)
        for row in tab.rows:
            for column, cell in enumerate(row):
                if column in ours or cell.kind not in (CellKind.TEXT, CellKind.ERROR):
                    continue
                text = str(cell.value)
                yield text
                yield from _PARTS.split(text)


def _written_columns(tab: Tab, spec: InputTab) -> frozenset[int]:
    """The places of the columns that sheetplan writes: what they say is ours."""
    found = set()
    for row in tab.rows[:HEADER_SEARCH_ROWS]:
        for column, cell in enumerate(row):
            named = spec.find_column(str(cell.value)) if cell.kind is CellKind.TEXT else None
            if named is not None and named.is_written:
                found.add(column)
    return frozenset(found)
