"""When work starts and finishes, as numbers that formulas count with: a block of the details, in plans over several
periods only.

The marks of the decision table say in which period an initiative starts, by its name. Here it is a number, 1 being the
first period of the scenario; beside it is the period in which the work is finished, and how the effort is spread. The
rows are those of the decision table, so that sums go over both.
"""

from collections.abc import Iterator, Mapping

from optimizer.plan import TOKENS, Initiative
from optimizer.portfolio import Portfolio
from sheets_sync.report.results_page import Page, Timing, header, heading
from sheets_sync.report.sheet_grid import across, fixed, fixed_range
from sheets_sync.workbook.changes import Align, Formula, OutCell, Role
from sheets_sync.workbook.snapshot import Area

TIMING_NAME = "sheetplan_timing"
FIRST_PERIOD_COLUMN = 4
_STOP, _PERIODS, _EACH = 2, 3, 4
_FIRST_SHARE = 5
_HIDDEN_ZERO = "0;-0;"


def timing_block(page: Page) -> None:
    """Write the block, and what follows from it in Results; nothing in a workbook without such a plan."""
    planned = {position: portfolio for position, _, portfolio in page.answered if portfolio.horizon}
    if not planned:
        return
    draft, layout = page.details, page.layout
    grid = draft.grid
    heading(draft, draft.row, "When work starts and finishes")
    note = "Change a start in the decision table of Results, and every figure of its plan follows. There it is the "
    grid.put(draft.row + 1, 1, OutCell(f"{note}name of a period; here 1 is the scenario's first period.", Role.NOTE))
    draft.row += 2
    periods = {}
    for position, portfolio in planned.items():
        cells = [OutCell(period) for period in portfolio.horizon]
        grid.put(draft.row, 1, OutCell(f"Periods of {layout.scenarios[position].name}", Role.LABEL))
        grid.put_row(draft.row, FIRST_PERIOD_COLUMN, cells)
        periods[position] = grid.area(draft.row, FIRST_PERIOD_COLUMN, draft.row, FIRST_PERIOD_COLUMN + len(cells) - 1)
        draft.row += 1
    longest = max((len(i.profile) for i in layout.initiatives if _has_profile(i)), default=0)
    first_of_scenarios = _FIRST_SHARE + longest
    starts = {position: first_of_scenarios + 2 * number for number, position in enumerate(planned)}
    top = draft.row
    grid.put_row(top, 1, [
        header("Initiative"), header("Stop cost", Align.RIGHT), header("Periods", Align.RIGHT),
        header("Share in each", Align.RIGHT),
        *(header(f"Share in period {number}", Align.RIGHT) for number in range(1, longest + 1)),
    ])  # fmt: skip
    for position, column in starts.items():
        for at, word in enumerate(("Start", "Finish")):
            grid.put(top, column + at, header(f"{word}: {layout.scenarios[position].name}", Align.RIGHT))
    first = top + 1
    bottom = first + layout.last_row - layout.first_row
    for offset, initiative in enumerate(layout.initiatives):
        grid.put_row(first + offset, 1, _spread(initiative, longest))
        for position, column in starts.items():
            place = (first + offset, column)
            grid.put_row(*place, _start_and_finish(page, planned[position], position, offset, place, periods[position]))
    for number, row_of in enumerate(layout.synergies):
        row = first + len(layout.initiatives) + number
        grid.put(row, 1, OutCell("synergy", Role.NOTE))
        for position, column in starts.items():
            grid.put(row, column + 1, _last_finish(page, planned[position], row_of.synergy.members, first, column + 1))

    def down(column: int) -> Area:
        return grid.area(first, column, max(bottom, first), column)

    page.timing = Timing(
        stop_cost=down(_STOP),
        each=down(_EACH),
        shares=tuple(down(_FIRST_SHARE + number) for number in range(longest)),
        starts={position: down(column) for position, column in starts.items()},
        finishes={position: down(column + 1) for position, column in starts.items()},
    )
    _selected_columns(page, page.timing.starts)
    grid.areas[TIMING_NAME] = grid.area(top, 1, max(bottom, first), first_of_scenarios + 2 * len(planned) - 1)
    draft.row = max(bottom, first) + 2


def _selected_columns(page: Page, starts: Mapping[int, Area]) -> None:
    """1 for each initiative that starts, right of what is printed of the decision table: what totals count with."""
    layout, grid = page.layout, page.results.grid
    for position, numbers in starts.items():
        portfolio = layout.scenarios[position].portfolio
        assert portfolio is not None
        column = layout.selected_column(position)
        grid.put(layout.top, column, header(f"Selected: {layout.scenarios[position].name}", Align.RIGHT))
        for offset, initiative in enumerate(layout.initiatives):
            number = across(Area(numbers.tab, numbers.top + offset, numbers.left, numbers.top + offset, numbers.left))
            cell = OutCell(Formula(f"=IF({number}>0,1,0)", int(initiative.key in portfolio.starts)), number_format="0")
            grid.put(layout.first_row + offset, column, cell)


def _has_profile(initiative: Initiative) -> bool:
    return bool(initiative.profile) and initiative.duration > 1 and initiative.tokens > 0


def _spread(initiative: Initiative, longest: int) -> Iterator[OutCell | None]:
    """Key, stop cost, duration, and the share of each of its periods."""
    stops = initiative.is_in_progress and initiative.may_stop and initiative.stop_cost
    yield OutCell(initiative.key, Role.LABEL)
    yield OutCell(initiative.stop_cost) if stops else None
    yield OutCell(initiative.duration, number_format="0")
    if not _has_profile(initiative):
        yield OutCell(1 / initiative.duration, number_format="0.00")
        return
    yield None
    for place in range(min(longest, initiative.duration)):
        yield OutCell(initiative.spent_in(TOKENS, place) / initiative.tokens, number_format="0.00")


def _start_and_finish(
    page: Page,
    portfolio: Portfolio,
    position: int,
    offset: int,
    place: tuple[int, int],
    periods: Area,
) -> tuple[OutCell, OutCell]:
    """The two numbers of an initiative; the first is written at `place`."""
    layout, (row, column) = page.layout, place
    initiative = layout.initiatives[offset]
    named = across(page.results.grid.cell_area(layout.first_row + offset, layout.scenario_column(position)))
    start = portfolio.starts.get(initiative.key)
    number = 0 if start is None else portfolio.horizon.index(start) + 1
    finish = number + initiative.duration - 1 if number else 0
    own = fixed(row, column)
    found = Formula(f"=IFERROR(MATCH({named},{fixed_range(periods)},0),0)", number)
    last = Formula(f"=IF({own}=0,0,{own}+{fixed(row, _PERIODS)}-1)", finish)
    return OutCell(found, number_format=_HIDDEN_ZERO), OutCell(last, number_format=_HIDDEN_ZERO)


def _last_finish(page: Page, portfolio: Portfolio, members: tuple[str, ...], first: int, column: int) -> OutCell:
    """A synergy counts from when the last of its members is finished."""
    layout = page.layout
    shown = [key for key in members if layout.shows(key)]
    cells = [fixed(first + layout.initiative_row(key) - layout.first_row, column) for key in shown]
    finishes = [
        portfolio.horizon.index(portfolio.starts[key]) + page.plan.initiative(key).duration
        for key in shown
        if key in portfolio.starts
    ]
    formula = f"=MAX({','.join(cells)})" if cells else "=0"
    return OutCell(Formula(formula, max(finishes, default=0)), number_format=_HIDDEN_ZERO)
