"""The catalogue of errors and warnings: every code with its severity, title, message and cure.

Messages are rendered from here and nowhere else, so that docs/issues.md can be generated from it.
"""

from collections.abc import Iterable, Mapping

from sheets_sync.issues.cells import CELL_KINDS
from sheets_sync.issues.issue import IssueKind
from sheets_sync.issues.periods import PERIOD_KINDS
from sheets_sync.issues.rows import ROW_KINDS
from sheets_sync.issues.rules import RULE_KINDS
from sheets_sync.issues.solving import SOLVING_KINDS
from sheets_sync.issues.tables import TABLE_KINDS


def _by_code(kinds: Iterable[IssueKind]) -> Mapping[str, IssueKind]:
    catalogue: dict[str, IssueKind] = {}
    for kind in kinds:
        if kind.code in catalogue:
            raise ValueError(f"the code {kind.code} is listed twice")
        catalogue[kind.code] = kind
    return catalogue


SECTIONS: Mapping[str, tuple[IssueKind, ...]] = {
    "Tabs and headers": TABLE_KINDS,
    "Single cells": CELL_KINDS,
    "Rows and values of lists": ROW_KINDS,
    "Rules and scenarios": RULE_KINDS,
    "Plans over several periods": PERIOD_KINDS,
    "Found while solving": SOLVING_KINDS,
}
"""The kinds by where the fault lies, in the order of the documentation."""

CATALOGUE: Mapping[str, IssueKind] = _by_code(kind for kinds in SECTIONS.values() for kind in kinds)
"""Every kind by its code."""
