"""The adopt use case: read a list wherever it is, propose, and write the tabs that make it a plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.names import fold_key
from config.settings import Settings
from config.tabs import INITIATIVES, find_tab
from sheets_sync.adopt.proposal import Proposal, propose
from sheets_sync.adopt.questions import Answers
from sheets_sync.checks import check
from sheets_sync.foreign.foreign_files import copy_as_xlsx, is_foreign, read_foreign
from sheets_sync.issues.issue import Issue
from sheets_sync.opening import open_workbook, path_of
from sheets_sync.report.approved_tab import is_approved_tab
from sheets_sync.workbook.backend import Workbook
from sheets_sync.workbook.snapshot import BLANK, Cell, CellKind, Snapshot, Tab
from sheets_sync.workbook.template import TabTemplate

_OUTPUTS = ("results", "results details", "runs")
_TITLE = "Backlog"
"""What the list of a file of another kind is called in the workbook made of it, where its own name says nothing."""


@dataclass(frozen=True)
class Source:
    """A list as it was read, and where it is: in a workbook, or in a file of another kind that becomes one."""

    name: str
    snapshot: Snapshot
    home: Workbook | Path
    titles: tuple[tuple[str, str], ...] = ()
    """Of a file of another kind: titles that its tabs have, and those that they get."""


def read_source(name: str, settings: Settings) -> Source:
    """Every tab of a workbook, or of a .csv, .tsv, .ods, .xls or .xlsb file.

    Raises:
        WorkbookUnreachableError: it cannot be read.
    """
    path = path_of(name)
    if is_foreign(path):
        tabs = read_foreign(path, max_bytes=int(settings.max_file_mb * 1_000_000))
        renamed = {}
        if len(tabs) == 1 and find_tab(tabs[0].title) is not INITIATIVES:
            renamed[tabs[0].title] = _TITLE
        named = {tab.title: Tab(renamed.get(tab.title, tab.title), tab.rows, tab.merges) for tab in tabs}
        by_title = {tab.title: tab for tab in named.values()}
        snapshot = Snapshot(str(path), path.stem, by_title, titles=tuple(by_title))
        return Source(name, snapshot, path, tuple(renamed.items()))
    workbook = open_workbook(name, settings)
    snapshot = workbook.read(lambda title: fold_key(title) not in _OUTPUTS and not is_approved_tab(title))
    return Source(name, snapshot, workbook)


def propose_for(source: Source, answers: Answers) -> Proposal:
    """The proposal for a list.

    Raises:
        AdoptionError: there is no list that could be planned, or an answer does not fit it.
    """
    return propose(source.snapshot, answers)


def issues_after(source: Source, proposal: Proposal) -> tuple[Issue, ...]:
    """What a check would say once the proposed tabs are there."""
    added = {template.title: _tab(template) for template in proposal.tabs}
    tabs = {**source.snapshot.tabs, **added}
    snapshot = Snapshot(
        source.snapshot.locator, source.snapshot.title, tabs, locale=source.snapshot.locale, titles=tuple(tabs)
    )
    return check(snapshot).issues


def write_proposal(source: Source, proposal: Proposal, settings: Settings) -> tuple[str, list[str]]:
    """Add the proposed tabs; returns the workbook's name and the titles of the new tabs. The list is not touched.

    Raises:
        WorkbookUnreachableError, WorkbookRefusedError, WorkbookBusyError: as the workbook's `create_tabs` does.
    """
    if not isinstance(source.home, Path):
        return source.name, list(source.home.create_tabs(proposal.tabs))
    path = copy_as_xlsx(source.home, titles=dict(source.titles), max_bytes=int(settings.max_file_mb * 1_000_000))
    return str(path), list(open_workbook(str(path), settings).create_tabs(proposal.tabs))


def proposal_json(
    workbook: str, proposal: Proposal, issues: Sequence[Issue], created: Sequence[str] = ()
) -> dict[str, Any]:
    """A proposal, what a check would then say, and the tabs that were created, ready for json.dumps."""
    return {
        "workbook": workbook,
        "tab": proposal.tab,
        "header_row": proposal.header_row,
        "rows": proposal.rows,
        "columns": [
            {"cell": column.cell, "header": column.header, "field": column.meaning, "examples": list(column.examples)}
            for column in proposal.columns
        ],
        "value": proposal.value,
        "value_columns": [{"header": column.header, "kind": column.kind.value} for column in proposal.values],
        "capacity": proposal.capacity,
        "questions": [
            {
                "name": question.name,
                "text": question.text,
                "flag": question.flag,
                "choices": list(question.choices),
                "words": list(question.words),
                "suggestion": question.suggestion,
            }
            for question in proposal.questions
        ],
        "notes": list(proposal.notes),
        "tabs": [
            {
                "title": template.title,
                "headers": [column.header for column in template.columns],
                "rows": [list(row) for row in template.rows],
            }
            for template in proposal.tabs
        ],
        "issues": [str(issue) for issue in issues],
        "created": list(created),
        "written": bool(created),
    }


def _tab(template: TabTemplate) -> Tab:
    header = [Cell(CellKind.TEXT, column.header, column.header) for column in template.columns]
    return Tab(template.title, [header, *([_cell(value) for value in row] for row in template.rows)])


def _cell(value: str | float | bool | None) -> Cell:
    if value is None:
        return BLANK
    if isinstance(value, bool):
        return Cell(CellKind.BOOLEAN, value, str(value).upper())
    kind = CellKind.TEXT if isinstance(value, str) else CellKind.NUMBER
    return Cell(kind, value, value if isinstance(value, str) else f"{value:g}")
