"""The tab Analysis: the newest study, in words, tables and charts, with the inputs that it was made from.

It follows the rules of Results: blocks with names of their own, written in place, a cell that says whether the inputs
changed since, what people write to the right of it stays. Studies of one kind have the same blocks under the same
names.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from textwrap import wrap

from optimizer.plan import Plan
from optimizer.wording import number
from sheets_sync.outcome import RunOutcome
from sheets_sync.report.charts import GAP, HEIGHT, ROWS, WIDTH, pixels
from sheets_sync.report.inputs_block import Inputs, inputs_block
from sheets_sync.report.layout import layout_of
from sheets_sync.report.people_words import Words, moment_in_words
from sheets_sync.report.range_names import range_names
from sheets_sync.report.results_page import Draft, Page, header
from sheets_sync.report.sheet_grid import Grid
from sheets_sync.workbook.backend import ANALYSIS, ANALYSIS_NAME
from sheets_sync.workbook.changes import Align, Chart, ChartKind, OutCell, Role, Sheet
from sheets_sync.workbook.snapshot import Area

WIDTHS = (28, 22, 26, 30, 30, 30)
FURTHER_WIDTH = 16
LINE = 130
"""Letters of a sentence on one row: what six columns hold."""
_REPORT_PREFIX = "sheetplan_"


@dataclass(frozen=True)
class TableChart:
    """A chart over columns of a table, which are counted from 0: labels or numbers below, and the values."""

    title: str
    kind: ChartKind
    categories: int
    series: Sequence[int]
    category_format: str = "General"
    value_format: str = "General"
    category_words: Callable[[float], str] = number
    value_words: Callable[[float], str] = number
    """How an amount on each axis reads, for charts outside of a workbook."""


@dataclass(frozen=True)
class AnalysisTable:
    """One block of a study: its name is the same in every study of the kind."""

    name: str
    title: str
    headers: Sequence[tuple[str, Align]]
    rows: Sequence[Sequence[OutCell]]
    chart: TableChart | None = None


@dataclass(frozen=True)
class Analysis:
    """A study as people read it. `command` is what repeats it on the command line, without the workbook."""

    title: str
    command: str
    sentences: Sequence[str]
    tables: Sequence[AnalysisTable] = field(default_factory=list)


def analysis_sheet(
    analysis: Analysis,
    outcome: RunOutcome,
    plan: Plan,
    inputs: Inputs,
    zone_name: str | None = None,
    *,
    is_stopped: bool = False,
) -> Sheet:
    """The tab of a study; `outcome` is the run that it began with, `zone_name` the workbook's time zone (IANA).

    One that was ended early (`is_stopped`) cannot be replayed.
    """
    draft = Draft(Grid(ANALYSIS))
    page = Page(plan, outcome, layout_of(outcome, plan, 0), Words(plan, inputs.frames), draft, draft)
    grid, facts = draft.grid, outcome.facts
    grid.put(1, 1, OutCell("Analysis", Role.TITLE))
    grid.put(2, 1, OutCell(analysis.title, Role.HEADING))
    by = f" by {facts.person}" if facts.person else ""
    grid.put(3, 1, OutCell(f"Made on {moment_in_words(facts.started_at, zone_name)}{by}", Role.NOTE))
    draft.row = 5
    for sentence in analysis.sentences:
        for line in wrap(sentence, LINE, subsequent_indent="  ") or [""]:
            grid.put(draft.row, 1, OutCell(line))
            draft.row += 1
    grid.areas["words"] = grid.area(5, 1, max(5, draft.row - 1), 1)
    charts: list[Chart] = []
    for table in analysis.tables:
        draft.row += 1
        charts += _put_table(draft, table)
    printed = grid.area(1, 1, max(draft.row - 1, 1), len(WIDTHS))
    draft.row += 1
    _put_foot(draft, analysis, outcome, can_be_replayed=not is_stopped)
    draft.row += 1
    inputs_block(page, inputs)
    grid.areas["study"] = printed
    names = _names(grid.areas)
    return Sheet(
        title=ANALYSIS,
        rows=grid.rows(),
        owned_name=ANALYSIS_NAME,
        name_prefix=ANALYSIS_NAME,
        named_ranges=names,
        column_widths=(*WIDTHS, *(FURTHER_WIDTH for _ in range(len(grid.rows()[0]) - len(WIDTHS)))),
        frozen_rows=1,
        printed=f"{ANALYSIS_NAME}_study",
        footer=f"Run {facts.run_id}, inputs {facts.fingerprint[:16]}",
        highlights=draft.highlights,
        charts=charts,
        keeps_title=True,
        protection="Written by sheetplan: the next study overwrites changes here. Rename the tab to keep it.",
    )


def _names(areas: Mapping[str, Area]) -> dict[str, Area]:
    """The names of the blocks, all with the prefix of this tab."""
    return {
        name if name.startswith(ANALYSIS_NAME) else f"{ANALYSIS_NAME}_{name.removeprefix(_REPORT_PREFIX)}": area
        for name, area in areas.items()
    }


def _put_table(draft: Draft, table: AnalysisTable) -> list[Chart]:
    """One table; returns its chart, for which room is kept below."""
    grid, top = draft.grid, draft.row
    grid.put(top, 1, OutCell(table.title, Role.HEADING))
    grid.put_row(top + 1, 1, [header(text, align) for text, align in table.headers])
    for at, cells in enumerate(table.rows):
        aligned = zip(cells, table.headers, strict=True)
        grid.put_row(top + 2 + at, 1, [replace(cell, align=cell.align or align) for cell, (_, align) in aligned])
    bottom = top + 1 + len(table.rows)
    (name,) = range_names(ANALYSIS_NAME, {table.name: grid.cell_area(top, 1)})
    grid.areas[name] = grid.area(top + 1, 1, bottom, len(table.headers))
    draft.row = bottom + 1
    if table.chart is None or not table.rows:
        return []
    corner = (bottom + 2, 1)
    draft.row = corner[0] + ROWS + 1
    (chart_name,) = range_names(f"{ANALYSIS_NAME}_chart", {table.name: grid.cell_area(*corner)})
    grid.areas[chart_name] = grid.cell_area(*corner)
    chart = table.chart
    return [
        Chart(
            title=chart.title,
            kind=chart.kind,
            name=chart_name,
            categories=grid.area(top + 2, chart.categories + 1, bottom, chart.categories + 1),
            series=[grid.area(top + 1, column + 1, bottom, column + 1) for column in chart.series],
            anchor=corner,
            width=min(WIDTH, sum(map(pixels, WIDTHS)) - GAP),
            height=HEIGHT,
            value_format=chart.value_format,
            category_format=chart.category_format,
        )
    ]


def _put_foot(draft: Draft, analysis: Analysis, outcome: RunOutcome, *, can_be_replayed: bool) -> None:
    """How to make the same study again."""
    facts, grid, top = outcome.facts, draft.grid, draft.row
    solvers = {
        f"{scenario.portfolio.solver.name} {scenario.portfolio.solver.version}"
        for scenario in outcome.scenarios
        if scenario.portfolio is not None
    }
    lines = [
        ("Made again by", analysis.command),
        ("Run id", facts.run_id),
        *([("With these inputs again by", f"sheetplan replay {facts.run_id}")] if can_be_replayed else []),
        ("Inputs fingerprint", facts.fingerprint),
        ("Version and solver", ", ".join([f"sheetplan {facts.sheetplan_version}", *sorted(solvers)])),
    ]
    for offset, (label, text) in enumerate(lines):
        grid.put_row(top + offset, 1, [OutCell(label, Role.LABEL), OutCell(text, Role.NOTE)])
    end = top + len(lines)
    grid.put(end, 1, OutCell("The next study overwrites this tab. Rename it to keep this one.", Role.NOTE))
    grid.areas["facts"] = grid.area(top, 1, end - 1, 2)
    draft.row = end + 1
