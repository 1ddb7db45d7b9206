"""Writes the example workbook, marketplace-q3.xlsx: the same bytes every time.

    python examples/build_marketplace.py [FILE]

Without FILE it is written here, for people to open, and into the package, for `sheetplan demo` to copy.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from drawing import (
    COUNT,
    DAYS,
    INK,
    MONEY,
    PALE,
    SHARE,
    SHIPPED,
    TRACKER,
    WHOLE_PERCENT,
    Book,
    Cell,
    Tab,
    amount,
    draw_assumptions,
    draw_read_me,
)
from marketplace import (
    ASSUMPTIONS,
    CHECKOUT,
    CONSTRAINT_HEADERS,
    CONSTRAINTS,
    GROWTH,
    INITIATIVES,
    KPI_DEFINITIONS,
    KPI_HEADERS,
    KPIS,
    LOGISTICS,
    PLATFORM,
    SCENARIOS,
    SUPPLY,
    TARGET_HEADERS,
    TARGETS,
    TRUST,
    Initiative,
    Scenario,
)

EXAMPLE = Path(__file__).with_name("marketplace-q3.xlsx")
TITLE = "Marketplace portfolio, Q3 2026"
DEPARTMENT_COLOURS = {
    GROWTH: "#DDEFD9",
    CHECKOUT: "#D9E8F6",
    SUPPLY: "#FBE9D0",
    TRUST: "#F6DADA",
    LOGISTICS: "#E7DFF3",
    PLATFORM: "#E3E6E8",
}
READ_ME = (
    ("KPIs", "The five measures of the annual plan. One unit each; delivery time is better when lower."),
    (
        "Initiatives",
        "One row per initiative. Estimates are incremental for the quarter. Yellow headers are ours alone.",
    ),
    ("Scenarios", "One row per question that we want answered. Tick run to include it."),
    ("Constraints", "Agreements with departments and markets. A blank scenario means all of them."),
    ("Targets", "Floors must hold. Goals are aimed for."),
    ("Assumptions", "Where the formulas in Initiatives take their basis from. Blue figures are computed."),
)
AGREED = (
    ("3 June 2026", "Token estimates by the tech leads; one token is about one engineer-day."),
    ("10 June 2026", "KPI estimates by the product leads, checked by analytics."),
    ("12 June 2026", "Capacity: 850 tokens and 150 design days, holidays taken off."),
)


def draw_kpis(book: Book) -> None:
    """The KPIs tab, with the team's definitions beside it."""
    widths = [17, 18, 12, 11, 11, 11, 12, 11, 10, 62]
    tab = Tab(
        book, "KPIs", "KPIs of the annual plan", "Scale: this much of a KPI is worth as much as that of another", widths
    )
    tab.header(3, [*KPI_HEADERS, "Definition"], own=["Definition"])
    scale_formats = {"GBP": MONEY, "fraction": SHARE, "count": COUNT, "days": DAYS}
    for row, (kpi, definition) in enumerate(zip(KPIS, KPI_DEFINITIONS, strict=True), start=4):
        for column, value in enumerate((*kpi, definition)):
            look = {"num_format": scale_formats[str(kpi[3])]} if column == 5 else {}
            tab.cell(row, column, value, **look)
    last = 3 + len(KPIS)
    tab.choices(4, last, 2, ["north_star", "strategic"])
    tab.choices(4, last, 4, ["higher", "lower"])
    for column in (6, 8):
        tab.choices(4, last, column, ["TRUE", "FALSE"])
    tab.sheet.freeze_panes(4, 1)


INITIATIVE_COLUMNS: Sequence[tuple[str, float, str]] = (
    ("Initiative key", 11, ""),
    ("Title", 44, ""),
    ("Department", 14, ""),
    ("Market", 8, ""),
    ("Category", 12, ""),
    ("Program", 19, ""),
    ("Period key", 10, "@"),
    ("Is candidate", 10, ""),
    ("Engineering tokens", 12, COUNT),
    ("Cost: design days", 9, COUNT),
    ("GMV", 12, MONEY),
    ("GMV low", 12, MONEY),
    ("GMV high", 12, MONEY),
    ("Conversion rate", 11, SHARE),
    ("retention_30d", 11, SHARE),
    ("retention_30d low", 11, SHARE),
    ("retention_30d high", 11, SHARE),
    ("Active sellers", 9, COUNT),
    ("Delivery time", 9, DAYS),
    ("KPI contribution JSON", 24, "@"),
    ("Is mandatory", 11, ""),
    ("Mandate reason", 34, ""),
    ("Bundle key", 16, ""),
    ("Prerequisite keys", 17, ""),
    ("Exclusion keys", 12, ""),
    ("Variant of", 13, ""),
    ("Owner", 15, ""),
    ("Confidence", 11, ""),
    ("Notes", 40, ""),
    ("Link", 11, ""),
)
OWN_COLUMNS = ("Owner", "Confidence", "Notes", "Link")
FIRST_ROW = 5
"""Zero-based row of the first initiative: a title block and a band of group headings stand above."""


def initiative_cells(item: Initiative) -> tuple[Cell, ...]:
    """The cells of one initiative in the order of INITIATIVE_COLUMNS, the link aside."""
    return (
        *(item.key, item.title, item.department, item.market, item.category, item.program, item.period or None),
        *(item.is_candidate, item.tokens, item.design_days),
        *(
            item.gmv,
            *item.gmv_range,
            item.conversion,
            item.retention,
            *item.retention_range,
            item.sellers,
            item.delivery,
        ),
        *(item.json or None, bool(item.mandate), item.mandate or None),
        *(item.bundle or None, item.prerequisites or None, item.exclusions or None, item.variant_of or None),
        *(item.owner, item.confidence, item.notes or None),
    )


def draw_initiatives(book: Book) -> None:
    """The Initiatives tab: title block, group headings, header in row 5, the team's columns on the right."""
    headers, widths, formats = zip(*INITIATIVE_COLUMNS, strict=True)
    subtitle = "Incremental in the quarter, agreed on 12 June 2026. Candidates only: proposals are in the tracker."
    tab = Tab(book, "Initiatives", "Initiatives, Q3 2026", subtitle, widths)
    last = FIRST_ROW + len(INITIATIVES) - 1
    draw_totals(tab, last)

    band = {"bold": True, "font_color": INK, "bg_color": PALE, "align": "center"}
    for first, final, text in (
        *((0, 7, "What it is"), (8, 9, "What it takes"), (10, 19, "What it brings")),
        *((20, 25, "What it depends on"), (26, 29, "Ours")),
    ):
        tab.sheet.merge_range(3, first, 3, final, text, book.format(**band))
    tab.header(4, headers, OWN_COLUMNS)

    for row, item in enumerate(INITIATIVES, start=FIRST_ROW):
        for column, (value, number_format) in enumerate(zip(initiative_cells(item), formats, strict=False)):
            look: dict[str, Any] = {"num_format": number_format} if number_format else {}
            if column == 2:
                look["bg_color"] = DEPARTMENT_COLOURS[item.department]
            if not item.is_candidate:
                look["font_color"] = "#8A959B"
            tab.cell(row, column, value, **look)
        tab.sheet.write_url(
            row,
            len(headers) - 1,
            TRACKER + item.key,
            book.format(font_color="#2B5C8A", underline=1, valign="vcenter"),
            item.key,
        )

    tab.choices(FIRST_ROW, last, 2, list(DEPARTMENT_COLOURS))
    tab.choices(FIRST_ROW, last, 3, ["UK", "DE", "FR", "Global"])
    for column in (7, 20):
        tab.choices(FIRST_ROW, last, column, ["TRUE", "FALSE"])
    tab.choices(FIRST_ROW, last, 27, ["High", "Medium", "Low"])
    for word, colour in (("High", "#CFE8CF"), ("Low", "#F5D0C5")):
        tab.sheet.conditional_format(
            *(FIRST_ROW, 27, last, 27),
            {
                "type": "cell",
                "criteria": "==",
                "value": f'"{word}"',
                "format": book.workbook.add_format({"bg_color": colour}),
            },
        )
    tab.sheet.autofilter(4, 0, last, len(headers) - 1)
    tab.sheet.freeze_panes(FIRST_ROW, 2)
    tab.sheet.repeat_rows(4)


def draw_totals(tab: Tab, last: int) -> None:
    """The sums that the team keeps above the header."""
    for column, letter, total, number_format in (
        (8, "I", sum(item.tokens for item in INITIATIVES), COUNT),
        (9, "J", sum(item.design_days for item in INITIATIVES), COUNT),
        (10, "K", sum(amount(item.gmv) for item in INITIATIVES), MONEY),
    ):
        look = tab.book.format(bold=True, num_format=number_format, top=1)
        tab.sheet.write_formula(2, column, f"=SUM({letter}{FIRST_ROW + 1}:{letter}{last + 1})", look, total)
    tab.sheet.write_string(2, 7, "All rows", tab.book.format(bold=True, align="right"))


def scenario_columns() -> list[tuple[str, float, str]]:
    """(header, width, number format) of the Scenarios tab."""
    units = {str(kpi[0]): {"GBP": MONEY, "fraction": SHARE, "count": COUNT, "days": DAYS}[str(kpi[3])] for kpi in KPIS}
    targets = ("gmv", "retention_30d", "active_sellers", "delivery_days")
    return [
        ("Scenario name", 23, ""),
        ("Run", 7, ""),
        ("Period key", 10, "@"),
        ("Objective mode", 15, ""),
        ("Capacity total tokens", 12, COUNT),
        ("Capacity: design days", 12, COUNT),
        *((f"Weight: {kpi}", 13, "0.0") for kpi in units),
        ("Normalization", 13, ""),
        *((f"Target: {kpi}", 13, units[kpi]) for kpi in targets),
        ("Target priority", 38, ""),
        ("Secondary objective", 16, ""),
        ("Question", 58, ""),
    ]


def scenario_cells(item: Scenario, headers: Sequence[str]) -> dict[str, Cell]:
    """The filled cells of one scenario by header; what it leaves to the defaults stays blank."""
    cells: dict[str, Cell] = {
        "Scenario name": item.name,
        "Run": True,
        "Period key": "2026-Q3",
        "Objective mode": item.mode,
        "Capacity total tokens": item.tokens,
        "Capacity: design days": item.design_days,
        "Normalization": item.normalization or None,
        "Target priority": item.priority or None,
        "Secondary objective": item.secondary or None,
        "Question": item.question,
    }
    cells |= {f"Weight: {kpi}": weight for kpi, weight in item.weights.items()}
    cells |= {f"Target: {kpi}": target for kpi, target in item.targets.items()}
    unknown = set(cells) - set(headers)
    if unknown:
        raise ValueError(f"no column for {', '.join(sorted(unknown))}")
    return cells


def draw_scenarios(book: Book) -> None:
    """The Scenarios tab, with the question that each scenario answers as the team's own column."""
    headers, widths, formats = zip(*scenario_columns(), strict=True)
    tab = Tab(book, "Scenarios", "Scenarios for the planning day", "Tick run; the answers appear in Results", widths)
    tab.header(3, headers, own=["Question"])
    for row, item in enumerate(SCENARIOS, start=4):
        cells = scenario_cells(item, headers)
        for column, (header, number_format) in enumerate(zip(headers, formats, strict=True)):
            look: dict[str, Any] = {"num_format": number_format} if number_format else {}
            tab.cell(row, column, cells.get(header), **look)
    last = 3 + len(SCENARIOS)
    tab.choices(4, last, headers.index("Run"), ["TRUE", "FALSE"])
    tab.choices(4, last, headers.index("Objective mode"), ["north_star", "weighted_kpis", "lexicographic"])
    tab.choices(4, last, headers.index("Normalization"), ["none", "scale", "target", "ideal"])
    tab.choices(4, last, headers.index("Secondary objective"), ["north_star", "weighted_kpis"])
    tab.sheet.freeze_panes(4, 1)


def draw_constraints(book: Book) -> None:
    """The Constraints tab."""
    widths = [23, 18, 12, 15, 11, 11, 22, 10, 11, 46]
    tab = Tab(
        book, "Constraints", "What we agreed with departments and markets", "Blank scenario: all scenarios", widths
    )
    tab.header(3, CONSTRAINT_HEADERS)
    for row, rule in enumerate(CONSTRAINTS, start=4):
        for column, value in enumerate(rule):
            pattern = WHOLE_PERCENT if str(rule[1]).startswith("share_") else COUNT
            tab.cell(row, column, value, **({"num_format": pattern} if isinstance(value, float) else {}))
    tab.choices(4, 3 + len(CONSTRAINTS), 2, ["department", "market", "category", "program"])
    tab.sheet.freeze_panes(4, 0)


def draw_targets(book: Book) -> None:
    """The Targets tab; baselines refer to Assumptions."""
    widths = [23, 16, 12, 15, 13, 13, 13, 50]
    tab = Tab(book, "Targets", "Floors and goals", "With a baseline, the target is the level to reach", widths)
    tab.header(3, TARGET_HEADERS)
    formats = {"gmv": MONEY, "retention_30d": SHARE, "active_sellers": COUNT, "delivery_days": DAYS}
    for row, target in enumerate(TARGETS, start=4):
        for column, value in enumerate(target):
            tab.cell(row, column, value, **({"num_format": formats[str(target[1])]} if column in (5, 6) else {}))
    tab.choices(4, 3 + len(TARGETS), 4, ["floor", "goal"])
    tab.sheet.freeze_panes(4, 0)


def build(path: Path) -> None:
    """Write the example workbook to `path`."""
    book = Book(path, TITLE)
    draw_read_me(book, TITLE, "Portfolio office · version of 15 June 2026", READ_ME, AGREED)
    draw_kpis(book)
    draw_initiatives(book)
    draw_scenarios(book)
    draw_constraints(book)
    draw_targets(book)
    draw_assumptions(book, "One quarter. Blue figures are computed from the others.", ASSUMPTIONS)
    book.workbook.get_worksheet_by_name("Initiatives").activate()
    book.workbook.close()


if __name__ == "__main__":
    for destination in [Path(name) for name in sys.argv[1:]] or [EXAMPLE, SHIPPED / EXAMPLE.name]:
        build(destination)
