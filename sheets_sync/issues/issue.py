"""What can be wrong in a workbook: an `Issue` is one case, an `IssueKind` is what all cases of one code share.

A check yields `Issue` values and goes on; nothing raises on bad data. The kinds are listed in
`sheets_sync.issues.catalogue`, from which the documentation's list is generated.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from config.names import foreign_letter

LONGEST_VALUE = 300
"""Characters of a cell's text that a message repeats."""


class Severity(StrEnum):
    """An error stops the scenarios that it touches; a warning stops nothing."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Issue:
    """One problem for a person to read: where, what is wrong, and what to do (both in `message`).

    `tab` and `cell` are None only where the place is the workbook itself (a missing tab). `scenario` names the one
    scenario that is touched; None means that the issue is not about one scenario.
    """

    severity: Severity
    code: str
    tab: str | None
    cell: str | None
    message: str
    scenario: str | None = None

    @property
    def place(self) -> str:
        """``Initiatives!F7``, ``Initiatives`` or ``workbook``."""
        if self.tab is None:
            return "workbook"
        return f"{self.tab}!{self.cell}" if self.cell else self.tab

    def __str__(self) -> str:
        return f"{self.place}: {self.message} [{self.code}]"


@dataclass(frozen=True)
class IssueKind:
    """One code of the catalogue: `template` says what is wrong, `cure` what to do; the same values fill both.

    Where a valid name is near, "Did you mean ...?" takes the place of the cure. `example` has the values of the example
    in the documentation.
    """

    code: str
    severity: Severity
    title: str
    template: str
    cure: str
    example: Mapping[str, Any] = field(default_factory=dict)

    def message(self, near: str | None = None, **values: Any) -> str:
        """What is wrong and what to do, in whole sentences."""
        shown = {name: _brief(value) for name, value in values.items()}
        cure = self.cure.format(**shown) if near is None else _suggestion(near, values)
        return f"{self.template.format(**shown)} {cure}"


def _suggestion(near: str, values: Mapping[str, Any]) -> str:
    """The name that was probably meant; where the two look the same, which letter makes the difference."""
    given = next((str(values[name]) for name in ("name", "value", "header") if name in values), "")
    letter = foreign_letter(given, near)
    remark = "" if letter is None else f" Yours has a {letter} in it."
    return f'Did you mean "{_brief(near)}"?{remark}'


def _brief(value: Any) -> str:
    """A value within a message: on one line, and cut where a cell holds a whole page."""
    text = re.sub(r"\s*[\r\n]+\s*", " ", str(value))
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
