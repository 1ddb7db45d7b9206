"""Snapshots for tests from rows of plain values, and short forms of what the checks said about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from openpyxl.utils.cell import coordinate_to_tuple, range_boundaries

from sheets_sync.checks import Checked, check
from sheets_sync.workbook.snapshot import BLANK, Area, Cell, CellKind, Snapshot, Tab, TableArea

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Error:
    """An error value such as #N/A."""

    text: str


@dataclass(frozen=True)
class Uncalculated:
    """A formula for which the file holds no value."""

    formula: str


@dataclass(frozen=True)
class Calculated:
    """A formula and the number that it gives."""

    formula: str
    value: float


@dataclass(frozen=True)
class Shown:
    """A number or date with the text that the sheet shows for it."""

    value: float | datetime
    text: str


VALID: Mapping[str, Rows] = {
    "KPIs": [
        ["kpi_key", "kpi_name", "kpi_level", "unit", "direction", "scale", "is_required", "feeds", "is_active"],
        ["gmv", "Gross merchandise value", "north_star", "GBP", "higher", 100000, False, None, True],
        ["retention_30d", "30-day retention", "strategic", "fraction", "higher", 0.01, False, None, True],
        ["churn", "Churn", "strategic", "fraction", "lower", 0.01, False, None, True],
        ["nps", "Net promoter score", "strategic", "points", "higher", None, False, None, False],
    ],
    "Initiatives": [
        ["initiative_key", "title", "engineering_tokens", "department", "market", "gmv", "retention_30d", "churn",
         "period_key", "is_candidate", "is_mandatory", "mandate_reason", "bundle_key", "prerequisite_keys",
         "exclusion_keys", "variant_of", "cost: design days", "kpi_contribution_json"],
        ["PAY-1", "Wallets", 60, "Growth", "UK", 120000, None, None, "2026-Q1", True, False, None, None, None, None,
         None, 5, None],
        ["PAY-2", "Instalments", 50, "Growth", "DE", 80000, 0.015, None, "2026-Q1", True, False, None, None, None, None,
         None, 3, None],
        ["TRUST-1", "Reviews", 40, "Trust", "UK", 40000, None, -0.002, None, True, False, None, None, None, None, None,
         None, None],
        ["TRUST-2", "Seller checks", 30, "Trust", "DE", None, 0.004, -0.001, "2026-Q2", True, False, None, None, None,
         None, None, None, None],
        ["OLD-1", "Parked", 10, "Trust", "UK", 1000, None, None, "2026-Q1", False, False, None, None, None, None, None,
         None, None],
    ],
    "Scenarios": [
        ["scenario_name", "run", "period_key", "objective_mode", "capacity_total_tokens", "north_star_kpi",
         "weight: gmv", "weight: retention_30d", "target: retention_30d", "target_priority", "secondary_objective",
         "normalization", "capacity: design days", "objective_weights_json", "targets_json"],
        ["North", True, "2026-Q1", "north_star", 100, None, None, None, None, None, None, None, 10, None, None],
        ["Weighted", True, None, "weighted_kpis", 100, None, 1, 0.5, None, None, None, "scale", None, None, None],
        ["Targets", True, "2026-Q2", "lexicographic", 60, None, None, None, 0.01, None, None, None, None, None, None],
    ],
    "Constraints": [
        ["scenario_name", "constraint_type", "dimension", "dimension_key", "min_tokens", "max_tokens", "member_keys",
         "kpi_key", "value", "notes"],
        ["North", "capacity_cap", "department", "Growth", None, 80, None, None, None, "agreed"],
    ],
    "Targets": [
        ["scenario_name", "kpi_key", "dimension", "dimension_key", "floor_or_goal", "target_value", "baseline_value"],
        ["Weighted", "gmv", None, None, "floor", 10000, None],
    ],
}  # fmt: skip
"""A workbook of which nothing is wrong, with a case for most columns."""


def cell(value: Any) -> Cell:
    """The typed cell for a plain value."""
    if value is None:
        return BLANK
    if isinstance(value, Cell):
        return value
    if isinstance(value, bool):
        return Cell(CellKind.BOOLEAN, value, str(value).upper())
    if isinstance(value, int | float):
        return Cell(CellKind.NUMBER, value, f"{value:.15g}" if isinstance(value, float) else str(value))
    if isinstance(value, datetime):
        return Cell(CellKind.DATE, value, f"{value:%Y-%m-%d}")
    if isinstance(value, Error):
        return Cell(CellKind.ERROR, value.text, value.text)
    if isinstance(value, Uncalculated):
        return Cell(CellKind.UNCALCULATED, None, "", value.formula)
    if isinstance(value, Calculated):
        return Cell(CellKind.NUMBER, value.value, f"{value.value:.15g}", value.formula)
    if isinstance(value, Shown):
        kind = CellKind.DATE if isinstance(value.value, datetime) else CellKind.NUMBER
        return Cell(kind, value.value, value.text)
    return Cell(CellKind.TEXT, str(value), str(value))


@dataclass(frozen=True)
class Extras:
    """What a workbook has besides its cells: merged areas and tables with a totals row, as ``Tab!A1:B2``."""

    merges: Sequence[str] = ()
    tables: Sequence[str] = ()
    recalculates_on_load: bool = False

    def merges_of(self, title: str) -> tuple[Area, ...]:
        """The merged areas of one tab."""
        return tuple(area for area in map(_area, self.merges) if area.tab == title)

    def tables_of(self, title: str) -> tuple[TableArea, ...]:
        """The tables of one tab."""
        areas = [area for area in map(_area, self.tables) if area.tab == title]
        return tuple(TableArea("Table1", area, area.bottom) for area in areas)


def _area(text: str) -> Area:
    title, _, cells = text.partition("!")
    left, top, right, bottom = range_boundaries(cells)
    return Area(title, top, left, bottom, right)


def snapshot(tabs: Mapping[str, Rows], locale: str | None = "en_GB", extras: Extras | None = None) -> Snapshot:
    """A snapshot of tabs of plain values from A1."""
    extras = extras or Extras()
    return Snapshot(
        "plan.xlsx",
        "plan",
        {
            title: Tab(
                title,
                [[cell(value) for value in row] for row in rows],
                extras.merges_of(title),
                extras.tables_of(title),
            )
            for title, rows in tabs.items()
        },
        locale=locale,
        recalculates_on_load=extras.recalculates_on_load,
    )


def edited(edits: Mapping[str, Any], tabs: Mapping[str, Rows] = VALID) -> dict[str, list[list[Any]]]:
    """The same tabs with some cells changed, by ``Tab!A1``; a title alone takes None (no tab) or the tab's rows."""
    book = {title: [list(row) for row in rows] for title, rows in tabs.items()}
    for place, value in edits.items():
        title, _, address = place.partition("!")
        if not address:
            if value is None:
                del book[title]
            else:
                book[title] = [list(row) for row in value]
            continue
        row, column = coordinate_to_tuple(address)
        rows = book[title]
        rows += [[] for _ in range(row - len(rows))]
        rows[row - 1] += [None] * (column - len(rows[row - 1]))
        rows[row - 1][column - 1] = value
    return book


def checked(
    edits: Mapping[str, Any] | None = None, locale: str | None = "en_GB", extras: Extras | None = None
) -> Checked:
    """What the checks make of the valid workbook with these edits."""
    return check(snapshot(edited(edits or {}), locale, extras))


def brief(result: Checked) -> list[tuple[str, str]]:
    """(place, code) of every issue, in order."""
    return [(issue.place, issue.code) for issue in result.issues]


def constraints(*rows: Sequence[Any]) -> dict[str, Rows]:
    """An edit: the Constraints tab has these rows, short ones filled up with blanks."""
    return {"Constraints": [VALID["Constraints"][0], *([*row, *[None] * (10 - len(row))] for row in rows)]}


def targets(*rows: Sequence[Any]) -> dict[str, Rows]:
    """An edit: the Targets tab has these rows, short ones filled up with blanks."""
    return {"Targets": [VALID["Targets"][0], *([*row, *[None] * (7 - len(row))] for row in rows)]}


MANDATORY = {"Initiatives!K2": True, "Initiatives!L2": "law"}
"""An edit: PAY-1 is mandatory."""
BOTH_MANDATORY = MANDATORY | {"Initiatives!K3": True, "Initiatives!L3": "law", "Scenarios!E2": 200, "Scenarios!E3": 200}
"""An edit: PAY-1 and PAY-2 are mandatory, with capacity for both."""


@dataclass(frozen=True)
class Case:
    """One thing that is wrong with an otherwise valid workbook.

    `reported` is every issue in full, as ``Tab!A1: message [code]``; `stopped` are the scenarios that may not run.
    """

    edits: Mapping[str, Any]
    reported: Sequence[str]
    stopped: Sequence[str] = ()
    locale: str = "en_GB"
    extras: Extras = field(default_factory=Extras)

    def assert_reported(self) -> None:
        """Check the edited workbook and compare."""
        result = checked(self.edits, self.locale, self.extras)
        assert [str(issue) for issue in result.issues] == list(self.reported)
        assert list(result.stopped) == list(self.stopped)

    @property
    def codes(self) -> set[str]:
        """The codes that the case produces."""
        return {issue.rpartition("[")[2].rstrip("]") for issue in self.reported}
