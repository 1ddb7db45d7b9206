"""One mistake, one line: issues of one code in one column are shown once, with how many there are and where."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sheets_sync.issues.issue import Issue, Severity

_SHOWN_CELLS = 12
_LEAST = 3
"""From so many on, issues of one kind are shown as one: two may well say two different things."""


@dataclass(frozen=True, slots=True)
class IssueGroup:
    """Issues of one severity and code in one column of one tab; the first one stands for all."""

    issues: tuple[Issue, ...]

    @property
    def first(self) -> Issue:
        """The one that is shown."""
        return self.issues[0]

    def __str__(self) -> str:
        if len(self.issues) == 1:
            return str(self.first)
        rest = [issue.cell for issue in self.issues[1:] if issue.cell is not None]
        also = _spans(rest)
        return f"{self.first.place}: {self.first.message} Also in {len(rest):,} more cells: {also}. [{self.first.code}]"


def grouped(issues: Sequence[Issue]) -> list[IssueGroup]:
    """The issues as lines for people, errors first, otherwise in the order given."""
    groups: dict[tuple[object, ...], list[Issue]] = {}
    for issue in issues:
        column = re.sub(r"\d", "", issue.cell or "")
        groups.setdefault((issue.severity, issue.code, issue.tab, column), []).append(issue)
    lines: list[IssueGroup] = []
    for same in groups.values():
        # Equal cells (one cell, several scenarios) say different things.
        is_one_mistake = len(same) >= _LEAST and len({issue.cell for issue in same}) == len(same)
        lines += [IssueGroup(tuple(same))] if is_one_mistake else [IssueGroup((issue,)) for issue in same]
    order = {id(issue): at for at, issue in enumerate(issues)}
    return sorted(lines, key=lambda group: (group.first.severity is not Severity.ERROR, order[id(group.first)]))


def _spans(cells: Sequence[str]) -> str:
    """``D3:D7, D9 and 4 more``."""
    spans: list[list[str]] = []
    for cell in cells:
        column, row = re.sub(r"\d", "", cell), int(re.sub(r"\D", "", cell))
        if spans and spans[-1][-1] == f"{column}{row - 1}":
            spans[-1].append(cell)
        else:
            spans.append([cell])
    shown = [span[0] if len(span) == 1 else f"{span[0]}:{span[-1]}" for span in spans[:_SHOWN_CELLS]]
    more = sum(len(span) for span in spans[_SHOWN_CELLS:])
    return ", ".join(shown) + (f" and {more:,} more" if more else "")
