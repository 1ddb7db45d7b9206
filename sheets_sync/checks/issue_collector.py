"""Collecting what is wrong: each finding is an issue and the scenarios that it touches."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from config.tabs import INPUT_TABS, find_tab
from sheets_sync.checks.drafts import InitiativeDraft, Place, ScenarioDraft
from sheets_sync.issues.catalogue import CATALOGUE
from sheets_sync.issues.issue import Issue, Severity

Touches = Callable[[ScenarioDraft], bool]
"""Answers whether an error stops a scenario."""


def everywhere(_scenario: ScenarioDraft) -> bool:
    """The error stops every scenario."""
    return True


def nowhere(_scenario: ScenarioDraft) -> bool:
    """The error stops no scenario: it is about something that none of them uses."""
    return False


def only(scenario: ScenarioDraft) -> Touches:
    """The error stops one scenario."""
    return lambda other: other is scenario


def where_candidates(initiatives: Iterable[InitiativeDraft]) -> Touches:
    """The error stops the scenarios of which at least one of the initiatives is a candidate."""
    drafts = tuple(initiatives)
    return lambda scenario: any(draft.takes_part_in(scenario) for draft in drafts)


@dataclass(frozen=True, slots=True)
class Finding:
    """An issue, its place, and which scenarios it stops."""

    issue: Issue
    place: Place
    touches: Touches


class Findings:
    """Everything that the checks have found so far."""

    def __init__(self) -> None:
        self._found: list[Finding] = []
        self._silenced: frozenset[str] = frozenset()

    def silence(self, *codes: str) -> None:
        """Leave out issues of these codes from now on: mere consequences of something that is already reported."""
        self._silenced |= frozenset(codes)

    def add(
        self,
        code: str,
        place: Place,
        touches: Touches = nowhere,
        *,
        about: ScenarioDraft | None = None,
        near: str | None = None,
        **values: Any,
    ) -> None:
        """Note an issue. `about` is the one scenario that it concerns, and that it touches unless said otherwise."""
        if code in self._silenced:
            return
        kind = CATALOGUE[code]
        if about is not None and touches is nowhere:
            touches = only(about)
        issue = Issue(
            kind.severity,
            code,
            place.tab,
            place.cell,
            kind.message(near=near, **values),
            None if about is None else about.name or None,
        )
        self._found.append(Finding(issue, place, touches))

    def issues(self) -> tuple[Issue, ...]:
        """All issues as a person goes through a workbook: tab by tab, row by row, column by column; each once."""
        return tuple(dict.fromkeys(finding.issue for finding in sorted(self._found, key=_reading_order)))

    def stopped(self, scenarios: Iterable[ScenarioDraft]) -> Mapping[int, tuple[Issue, ...]]:
        """The errors that stop each scenario, by the row of the scenario; scenarios that nothing stops are absent."""
        errors = [found for found in sorted(self._found, key=_reading_order) if found.issue.severity is Severity.ERROR]
        stopped = {}
        for scenario in scenarios:
            issues = tuple(dict.fromkeys(found.issue for found in errors if found.touches(scenario)))
            if issues:
                stopped[scenario.row] = issues
        return stopped


_TAB_ORDER = {tab.name: at for at, tab in enumerate(INPUT_TABS)}


def _reading_order(finding: Finding) -> tuple[int, int, int]:
    tab = None if finding.place.tab is None else find_tab(finding.place.tab)
    return (-1 if tab is None else _TAB_ORDER.get(tab.name, -1), finding.place.row or 0, finding.place.column or 0)
