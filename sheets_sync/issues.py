"""What can be wrong in a workbook, as a catalogue: every code with its severity, title, message template and cure.

A check yields `Issue` values and goes on; nothing raises on bad data. The documentation's list is generated from
`CATALOGUE`.
"""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error stops the scenarios that it touches; a warning stops nothing."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing to tell a person: where, what is wrong, and what to do (both in `message`).

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
