"""Scenarios compared in per cent: achieved against target, used against limit, totals against the best scenario.

Three small tables over the scenarios' columns; the charts are drawn from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from optimizer.plan import TOKENS, Kpi
from optimizer.portfolio import ResourceUse, SliceUse, TargetOutcome
from sheets_sync.report.long_tables import share_in_words
from sheets_sync.report.results_page import Page, header, heading
from sheets_sync.report.sheet_grid import fixed, fixed_range
from sheets_sync.workbook.changes import Align, Formula, OutCell, Role
from sheets_sync.workbook.snapshot import Area


@dataclass(frozen=True)
class ShareTable:
    """One table: `cells` are keyed by row label and scenario position; `name` is the table's named range."""

    title: str
    name: str
    labels: tuple[str, ...]
    cells: Mapping[tuple[str, int], Formula]

    @property
    def height(self) -> int:
        """Heading, header, rows and a blank row; nothing where there is no row."""
        return len(self.labels) + 3 if self.labels else 0


def share_tables(page: Page, kpi_top: int) -> list[ShareTable]:
    """The tables; the long tables and (from row `kpi_top`) the scenarios' KPI totals must be laid out before."""
    return [_achieved(page), _used(page), _compared(page, kpi_top)]


def put_share_table(page: Page, table: ShareTable) -> Area | None:
    """Write a table; returns its rectangle, header included, or None where it has no row."""
    if not table.labels:
        return None
    top, layout = page.row, page.layout
    heading(page, top, table.title)
    page.grid.put_row(top + 1, 1, [header("Of what"), header(""), header("")])
    for position, scenario in enumerate(layout.scenarios):
        page.grid.put(top + 1, layout.scenario_column(position), header(scenario.name, Align.RIGHT))
    for offset, label in enumerate(table.labels):
        row = top + 2 + offset
        page.grid.put(row, 1, OutCell(label, Role.LABEL))
        for position in range(len(layout.scenarios)):
            formula = table.cells.get((label, position))
            if formula is not None:
                page.grid.put(row, layout.scenario_column(position), OutCell(formula, number_format="0%"))
    page.row += table.height
    area = page.grid.area(top + 1, 1, page.row - 2, layout.scenario_column(len(layout.scenarios) - 1))
    page.grid.areas[table.name] = area
    return area


def _achieved(page: Page) -> ShareTable:
    """Achieved in per cent of what each target asks for: 100 % and more is met, whether higher or lower is better."""
    labels: dict[str, None] = {}
    cells: dict[tuple[str, int], Formula] = {}
    for position, scenario, portfolio in page.answered:
        for number, outcome in enumerate(portfolio.targets):
            label = _target_label(outcome)
            labels[label] = None
            asked = outcome.target.value
            row = page.target_rows.get((scenario.name, number), 1)
            if asked:
                sign = page.plan.kpi(outcome.target.kpi).direction.sign
                share = 1 + sign * (outcome.achieved - asked) / abs(asked)
                cells[label, position] = Formula(f"=1+{fixed(row, 8)}/ABS({fixed(row, 7)})", share)
    return ShareTable("Targets: achieved in % of what they ask for", "sheetplan_achieved", tuple(labels), cells)


def _used(page: Page) -> ShareTable:
    """Use of every capacity and cap in per cent."""
    labels: dict[str, None] = {}
    cells: dict[tuple[str, int], Formula] = {}
    for position, scenario, portfolio in page.answered:
        uses: list[ResourceUse | SliceUse] = [*portfolio.resources, *portfolio.slices]
        for number, use in enumerate(uses):
            most = use.available if isinstance(use, ResourceUse) else use.maximum
            if most is None:
                continue
            label = _limit_label(use)
            labels[label] = None
            row = page.limit_rows.get((scenario.name, number), 1)
            cells[label, position] = Formula(f"={fixed(row, 10)}", use.used / most if most else 0.0)
    return ShareTable("Capacities and caps: used in %", "sheetplan_used", tuple(labels), cells)


def _compared(page: Page, kpi_top: int) -> ShareTable:
    """Each KPI's total in per cent of the largest among the scenarios; positive is better."""
    cells: dict[tuple[str, int], Formula] = {}
    layout = page.layout
    last = layout.scenario_column(len(layout.scenarios) - 1)
    for offset, kpi in enumerate(page.plan.kpis):
        row = kpi_top + offset
        across = fixed_range(page.grid.area(row, layout.scenario_column(0), row, last))
        largest = f"MAX(MAX({across}),-MIN({across}))"
        largest_value = max((abs(portfolio.kpi_totals[kpi.key]) for _, _, portfolio in page.answered), default=0.0)
        for position, _, portfolio in page.answered:
            own = f"{_sign(kpi)}{fixed(row, layout.scenario_column(position))}"
            total = kpi.direction.sign * portfolio.kpi_totals[kpi.key]
            share = total / largest_value if largest_value else 0.0
            cells[kpi.key, position] = Formula(f"=IF({largest}=0,0,{own}/{largest})", share)
    labels = tuple(kpi.key for kpi in page.plan.kpis)
    return ShareTable(
        "Scenarios compared: KPI totals in % of the largest (positive is better)", "sheetplan_compared", labels, cells
    )


def _sign(kpi: Kpi) -> str:
    return "" if kpi.direction.sign > 0 else "-"


def _target_label(outcome: TargetOutcome) -> str:
    target = outcome.target
    where = f" {target.slice}" if target.slice else ""
    return f"{target.kpi}{where} ({target.kind.value})"


def _limit_label(use: ResourceUse | SliceUse) -> str:
    if isinstance(use, ResourceUse):
        return use.resource
    if use.share is not None:
        return f"{use.where}, {share_in_words(use)}" + ("" if use.resource == TOKENS else f" of {use.resource}")
    if use.resource == TOKENS and use.slice is not None:
        # A slice's tokens are what most rows are about: they go without saying.
        return str(use.slice)
    return use.of_what if use.where == "all" else f"{use.of_what} {use.where}"
