"""Writes the second example workbook, roadmap-2026.xlsx: the same bytes every time.

    python examples/build_roadmap.py [FILE]

Without FILE it is written here, for people to open, and into the package, for `sheetplan demo --roadmap` to copy.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from drawing import (
    COUNT,
    INK,
    MONEY,
    PALE,
    SHIPPED,
    WHOLE_PERCENT,
    Book,
    Cell,
    Tab,
    draw_assumptions,
    draw_read_me,
)
from roadmap import (
    ASSUMPTIONS,
    BILLING,
    CAPACITY,
    CAPACITY_HEADERS,
    COMPLIANCE,
    CONSTRAINT_HEADERS,
    CONSTRAINTS,
    DATA,
    DONE,
    EXPENSES,
    FIRST,
    INITIATIVES,
    KPI_DEFINITIONS,
    KPI_HEADERS,
    KPIS,
    LAST,
    MOBILE,
    NEXT,
    ONBOARDING,
    PLATFORM,
    RUNNING,
    SCENARIOS,
    STOPPED,
    TARGET_HEADERS,
    TARGETS,
    Initiative,
    Scenario,
)

EXAMPLE = Path(__file__).with_name("roadmap-2026.xlsx")
TITLE = "Product roadmap, July 2026 to June 2027"
TEAM_COLOURS = {
    ONBOARDING: "#DDEFD9",
    BILLING: "#D9E8F6",
    EXPENSES: "#FBE9D0",
    MOBILE: "#E7DFF3",
    PLATFORM: "#E3E6E8",
    DATA: "#D6EFEF",
    COMPLIANCE: "#F6DADA",
}
PERIODS = (
    (FIRST, "Summer holidays are taken off the capacities"),
    ("2026-Q4", "No releases after 11 December"),
    ("2027-Q1", None),
    (LAST, None),
    (NEXT, "In no plan yet: sheetplan roll needs it when a quarter is over"),
)
READ_ME = (
    ("KPIs", "The four measures of the year. Revenue and support hours count in every quarter after the work is done."),
    ("Initiatives", "One row per initiative, with its state on 15 June. Yellow headers are ours alone."),
    ("Scenarios", "One row per question that we want answered. Tick run to include it."),
    ("Periods", "The quarters in the order of time."),
    ("Capacity", "Person-weeks of each team in a quarter, and design days of all teams together."),
    ("Constraints", "What must wait for what, and what we cannot have together."),
    ("Targets", "What we promised, by which quarter. Floors must hold; goals are aimed for."),
    ("Assumptions", "Where the formulas in Initiatives take their basis from. Blue figures are computed."),
)
AGREED = (
    ("2 June 2026", "Effort by the tech leads, in person-weeks; profiles where the weeks are not even."),
    ("9 June 2026", "KPI estimates by the product leads, per quarter once the work is finished."),
    ("12 June 2026", "Capacities by the team leads. A tenth is kept free for what nobody foresees."),
)
SHARE, HOURS = "0.00%", "#,##0"
"""Of measures where less is better: red figures would say that it is not."""
NUMBER_FORMATS = {"GBP": MONEY, "fraction": SHARE, "hours": HOURS}

INITIATIVE_COLUMNS: Sequence[tuple[str, float, str]] = (
    ("Initiative key", 11, ""),
    ("Title", 40, ""),
    ("Team", 13, ""),
    ("Program", 14, ""),
    ("Status", 12, ""),
    ("Effort (person-weeks)", 11, COUNT),
    ("Remaining tokens", 11, COUNT),
    ("Duration periods", 10, COUNT),
    ("Tokens in 1", 8, COUNT),
    ("Tokens in 2", 8, COUNT),
    ("Earliest start", 10, "@"),
    ("Latest finish", 10, "@"),
    ("Recurring revenue", 12, MONEY),
    ("Activation", 10, SHARE),
    ("Monthly churn", 10, SHARE),
    ("Support hours", 10, HOURS),
    ("Cost: design days", 9, COUNT),
    ("Is mandatory", 11, ""),
    ("Mandate reason", 40, ""),
    ("Prerequisite keys", 17, ""),
    ("May stop", 8, ""),
    ("Stop cost", 8, COUNT),
    ("Owner", 15, ""),
    ("Notes", 54, ""),
)
OWN_COLUMNS = ("Owner", "Notes")
FIRST_ROW = 5
"""Zero-based row of the first initiative: a title block and a band of group headings are above."""


def draw_kpis(book: Book) -> None:
    """The KPIs tab, with the team's definitions beside it."""
    widths = [15, 19, 12, 11, 11, 11, 12, 13, 78]
    subtitle = "Scale: this much of a KPI is worth as much as that of another"
    tab = Tab(book, "KPIs", "KPIs of the year", subtitle, widths)
    tab.header(3, [*KPI_HEADERS, "Definition"], own=["Definition"])
    for row, (kpi, definition) in enumerate(zip(KPIS, KPI_DEFINITIONS, strict=True), start=4):
        for column, value in enumerate((*kpi, definition)):
            look = {"num_format": NUMBER_FORMATS[str(kpi[3])]} if column == 5 else {}
            tab.cell(row, column, value, **look)
    last = 3 + len(KPIS)
    for column, words in enumerate(
        (["north_star", "strategic"], None, ["higher", "lower"], None, ["TRUE", "FALSE"], ["once", "each_period"]), 2
    ):
        if words is not None:
            tab.choices(4, last, column, words)
    tab.sheet.freeze_panes(4, 1)


def initiative_cells(item: Initiative) -> tuple[Cell, ...]:
    """The cells of one initiative in the order of INITIATIVE_COLUMNS."""
    first, second = item.profile or (None, None)
    return (
        *(item.key, item.title, item.team, item.program, item.status, item.effort, item.remaining, item.duration),
        *(first, second, item.earliest or None, item.latest or None),
        *(item.revenue, item.activation, item.churn, item.support, item.design),
        *(bool(item.mandate), item.mandate or None, item.prerequisites or None),
        *(item.may_stop, item.stop_cost, item.owner, item.notes or None),
    )


def draw_initiatives(book: Book) -> None:
    """The Initiatives tab: title block, group headings, header in row 5, the team's columns on the right."""
    headers, widths, formats = zip(*INITIATIVE_COLUMNS, strict=True)
    subtitle = "State on 15 June 2026. What it brings is per quarter once it is finished; activation and churn once."
    tab = Tab(book, "Initiatives", "Initiatives, July 2026 to June 2027", subtitle, widths)
    last = FIRST_ROW + len(INITIATIVES) - 1
    band = {"bold": True, "font_color": INK, "bg_color": PALE, "align": "center"}
    for first, final, text in (
        *((0, 4, "What it is"), (5, 11, "What it takes, and when"), (12, 15, "What it brings")),
        *((16, 21, "What it depends on"), (22, 23, "Ours")),
    ):
        tab.sheet.merge_range(3, first, 3, final, text, book.format(**band))
    tab.header(4, headers, OWN_COLUMNS)
    for row, item in enumerate(INITIATIVES, start=FIRST_ROW):
        for column, (value, number_format) in enumerate(zip(initiative_cells(item), formats, strict=True)):
            look: dict[str, Any] = {"num_format": number_format} if number_format else {}
            if column == 2:
                look["bg_color"] = TEAM_COLOURS[item.team]
            if item.status in (DONE, STOPPED):
                look["font_color"] = "#8A959B"
            if column == 4 and item.status == RUNNING:
                look["bold"] = True
            tab.cell(row, column, value, **look)
    tab.choices(FIRST_ROW, last, 2, list(TEAM_COLOURS))
    tab.choices(FIRST_ROW, last, 4, ["Proposed", RUNNING, DONE, STOPPED])
    for column in (17, 20):
        tab.choices(FIRST_ROW, last, column, ["TRUE", "FALSE"])
    tab.sheet.autofilter(4, 0, last, len(headers) - 1)
    tab.sheet.freeze_panes(FIRST_ROW, 2)
    tab.sheet.repeat_rows(4)


def scenario_columns() -> list[tuple[str, float, str]]:
    """(header, width, number format) of the Scenarios tab."""
    return [
        ("Scenario name", 18, ""),
        ("Run", 7, ""),
        ("From period", 10, "@"),
        ("To period", 10, "@"),
        ("Objective mode", 15, ""),
        ("Reserve", 9, WHOLE_PERCENT),
        *((f"Weight: {kpi[0]}", 14, "0.0") for kpi in KPIS),
        ("Normalization", 13, ""),
        ("Target priority", 44, ""),
        ("Secondary objective", 16, ""),
        ("Question", 72, ""),
    ]


def scenario_cells(item: Scenario) -> tuple[Cell, ...]:
    """The cells of one scenario; what it leaves to the defaults stays blank."""
    return (
        *(item.name, True, FIRST, LAST, item.mode, 0.1),
        *(item.weights.get(str(kpi[0])) for kpi in KPIS),
        *(item.normalization or None, item.priority or None, item.secondary or None, item.question),
    )


def draw_scenarios(book: Book) -> None:
    """The Scenarios tab, with the question that each scenario answers as the team's own column."""
    headers, widths, formats = zip(*scenario_columns(), strict=True)
    tab = Tab(book, "Scenarios", "Scenarios of the year", "Tick run; the answers appear in Results", widths)
    tab.header(3, headers, own=["Question"])
    for row, item in enumerate(SCENARIOS, start=4):
        for column, (value, number_format) in enumerate(zip(scenario_cells(item), formats, strict=True)):
            tab.cell(row, column, value, **({"num_format": number_format} if number_format else {}))
    last = 3 + len(SCENARIOS)
    for header, words in (
        ("Run", ["TRUE", "FALSE"]),
        ("Objective mode", ["north_star", "weighted_kpis", "lexicographic"]),
        ("Normalization", ["none", "scale", "target", "ideal"]),
        ("Secondary objective", ["north_star", "weighted_kpis"]),
    ):
        tab.choices(4, last, headers.index(header), words)
    tab.sheet.freeze_panes(4, 1)


def draw_time(book: Book) -> None:
    """The tabs Periods and Capacity."""
    tab = Tab(book, "Periods", "Quarters", "In the order of time", [14, 50])
    tab.header(3, ["Period", "Notes"])
    for row, cells in enumerate(PERIODS, start=4):
        for column, value in enumerate(cells):
            tab.cell(row, column, value, num_format="@")
    tab.sheet.freeze_panes(4, 0)
    subtitle = "For each quarter, where none is named; where two rows are about one quarter, both hold"
    tab = Tab(book, "Capacity", "What the teams can do", subtitle, [16, 12, 15, 15, 11, 50])
    tab.header(3, CAPACITY_HEADERS)
    for row, limit in enumerate(CAPACITY, start=4):
        for column, value in enumerate(limit):
            formats = {1: "@", 4: COUNT}
            tab.cell(row, column, value, **({"num_format": formats[column]} if column in formats else {}))
    tab.choices(4, 3 + len(CAPACITY), 2, ["department", "market", "category", "program"])
    tab.sheet.freeze_panes(4, 0)


def draw_rules(book: Book) -> None:
    """The tabs Constraints and Targets; baselines refer to Assumptions."""
    subtitle = "Blank scenario: all scenarios"
    tab = Tab(book, "Constraints", "What depends on what", subtitle, [18, 18, 22, 10, 52])
    tab.header(3, CONSTRAINT_HEADERS)
    for row, rule in enumerate(CONSTRAINTS, start=4):
        for column, value in enumerate(rule):
            tab.cell(row, column, value, **({"num_format": COUNT} if column == 3 else {}))
    tab.sheet.freeze_panes(4, 0)
    subtitle = "To be reached by the end of the quarter. With a baseline, the target is the level to reach"
    tab = Tab(book, "Targets", "What we promised", subtitle, [18, 16, 12, 13, 13, 13, 44])
    tab.header(3, TARGET_HEADERS)
    formats = {str(kpi[0]): NUMBER_FORMATS[str(kpi[3])] for kpi in KPIS}
    for row, target in enumerate(TARGETS, start=4):
        for column, value in enumerate(target):
            pattern = "@" if column == 2 else formats[str(target[1])] if column in (4, 5) else ""
            tab.cell(row, column, value, **({"num_format": pattern} if pattern else {}))
    tab.choices(4, 3 + len(TARGETS), 3, ["floor", "goal"])
    tab.sheet.freeze_panes(4, 0)


def build(path: Path) -> None:
    """Write the example workbook to `path`."""
    book = Book(path, TITLE)
    draw_read_me(book, TITLE, "Product office · version of 15 June 2026", READ_ME, AGREED)
    draw_kpis(book)
    draw_initiatives(book)
    draw_scenarios(book)
    draw_time(book)
    draw_rules(book)
    draw_assumptions(book, "One quarter. Blue figures are computed from the others.", ASSUMPTIONS)
    book.workbook.get_worksheet_by_name("Initiatives").activate()
    book.workbook.close()


if __name__ == "__main__":
    for destination in [Path(name) for name in sys.argv[1:]] or [EXAMPLE, SHIPPED / EXAMPLE.name]:
        build(destination)
