"""Scenarios compared in per cent: achieved against target, used against limit, totals against the best scenario.

Three small tables of the details, one column per scenario; the charts of Results are drawn from the first two, and from
the column of 100% beside them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from optimizer.plan import TOKENS, Kpi
from optimizer.portfolio import ResourceUse, SliceUse, TargetOutcome
from sheets_sync.report.goals_table import share_in_words
from sheets_sync.report.people_words import Words
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
    whole: str = ""
    """Header of the column of 100%; empty where there is none."""

    @property
    def least(self) -> float:
        """Its least value."""
        return min((float(formula.value) for formula in self.cells.values()), default=0.0)


def share_tables(page: Page, kpi_top: int) -> list[ShareTable]:
    """The tables; the long tables and (from row `kpi_top`) the scenarios' KPI totals must be written before."""
    return [_achieved(page), _used(page), _compared(page, kpi_top)]


def put_share_table(page: Page, table: ShareTable) -> Area | None:
    """Write a table; returns its rectangle without the column of 100%, or None where it has no row."""
    if not table.labels:
        return None
    top, layout = page.details.row, page.layout
    heading(page.details, top, table.title)
    page.details.grid.put_row(top + 1, 1, [header("Of what"), header(""), header("")])
    for position, scenario in enumerate(layout.scenarios):
        page.details.grid.put(top + 1, layout.scenario_column(position), header(scenario.name, Align.RIGHT))
    for offset, label in enumerate(table.labels):
        row = top + 2 + offset
        page.details.grid.put(row, 1, OutCell(label, Role.LABEL))
        for position in range(len(layout.scenarios)):
            formula = table.cells.get((label, position))
            if formula is not None:
                page.details.grid.put(row, layout.scenario_column(position), OutCell(formula, number_format="0%"))
        if table.whole:
            page.details.grid.put(row, layout.first_figure_column, OutCell(1, Role.NOTE, "0%"))
    if table.whole:
        page.details.grid.put(top + 1, layout.first_figure_column, header(table.whole, Align.RIGHT))
    page.details.row += len(table.labels) + 3
    area = page.details.grid.area(top + 1, 1, page.details.row - 2, layout.scenario_column(len(layout.scenarios) - 1))
    page.details.grid.areas[table.name] = area
    return area


def _achieved(page: Page) -> ShareTable:
    """Achieved in per cent of what each target asks for: 100% and more is met, whether higher or lower is better."""
    labels: dict[str, None] = {}
    cells: dict[tuple[str, int], Formula] = {}
    for position, scenario, portfolio in page.answered:
        for number, outcome in enumerate(portfolio.targets):
            label = _target_label(outcome, page.words)
            labels[label] = None
            asked = outcome.target.value
            row = page.target_rows.get((scenario.name, number), 1)
            if asked:
                sign = page.plan.kpi(outcome.target.kpi).direction.sign
                share = 1 + sign * (outcome.achieved - asked) / abs(asked)
                cells[label, position] = Formula(f"=1+{fixed(row, 8)}/ABS({fixed(row, 7)})", share)
    title = "Targets: achieved in % of what they ask for"
    return ShareTable(title, "sheetplan_achieved", tuple(labels), cells, "Asked")


def _used(page: Page) -> ShareTable:
    """Use of every capacity and cap of the whole plan in per cent; what is used in each period is by the roadmap."""
    labels: dict[str, None] = {}
    cells: dict[tuple[str, int], Formula] = {}
    for position, scenario, portfolio in page.answered:
        uses: list[ResourceUse | SliceUse] = [*portfolio.resources, *portfolio.slices]
        for number, use in enumerate(uses):
            most = use.available if isinstance(use, ResourceUse) else use.maximum
            if most is None or (isinstance(use, SliceUse) and use.period is not None):
                continue
            label = _limit_label(use, page.words)
            labels[label] = None
            row = page.limit_rows.get((scenario.name, number), 1)
            cells[label, position] = Formula(f"={fixed(row, 10)}", use.used / most if most else 0.0)
    return ShareTable("Capacities and caps: used in %", "sheetplan_used", tuple(labels), cells, "Limit")


def _compared(page: Page, kpi_top: int) -> ShareTable:
    """Each KPI's total in per cent of the largest among the scenarios; positive is better."""
    cells: dict[tuple[str, int], Formula] = {}
    layout = page.layout
    last = layout.scenario_column(len(layout.scenarios) - 1)
    for offset, kpi in enumerate(page.plan.kpis):
        row = kpi_top + offset
        totals = fixed_range(page.details.grid.area(row, layout.scenario_column(0), row, last))
        largest = f"MAX(MAX({totals}),-MIN({totals}))"
        largest_value = max((abs(portfolio.kpi_totals[kpi.key]) for _, _, portfolio in page.answered), default=0.0)
        for position, _, portfolio in page.answered:
            own = f"{_sign(kpi)}{fixed(row, layout.scenario_column(position))}"
            total = kpi.direction.sign * portfolio.kpi_totals[kpi.key]
            share = total / largest_value if largest_value else 0.0
            cells[page.words.kpi(kpi.key), position] = Formula(f"=IF({largest}=0,0,{own}/{largest})", share)
    labels = tuple(page.words.kpi(kpi.key) for kpi in page.plan.kpis)
    return ShareTable(
        "Scenarios compared: KPI totals in % of the largest (positive is better)", "sheetplan_compared", labels, cells
    )


def _sign(kpi: Kpi) -> str:
    return "" if kpi.direction.sign > 0 else "-"


def _target_label(outcome: TargetOutcome, words: Words) -> str:
    target = outcome.target
    where = f", {words.slice(target.slice)}" if target.slice else ""
    when = f" by {target.period}" if target.period else ""
    return f"{words.kpi(target.kpi)}{where}{when} ({target.kind.value})"


def _limit_label(use: ResourceUse | SliceUse, words: Words) -> str:
    what = "initiatives" if use.resource is None else words.resource(use.resource)
    where = "" if isinstance(use, ResourceUse) else words.place(use)
    if isinstance(use, SliceUse) and use.share is not None:
        what = f"{share_in_words(use)} of {what}"
    elif where and use.resource == TOKENS:
        what = ""  # what most rows of teams are about, the effort, goes without saying
    return ", ".join(filter(None, [where, what]))
