"""Targets and capacity in one table of Results: achieved, asked, gap and met side by side, as live formulas."""

from collections.abc import Iterator
from dataclasses import dataclass

from config.units import unit_of
from optimizer.portfolio import Portfolio, SliceUse, TargetOutcome
from optimizer.wording import percent
from sheets_sync.report.live_totals import kpi_figure, spend_figure
from sheets_sync.report.people_words import plain_amount
from sheets_sync.report.results_page import (
    ABSOLUTE_TOLERANCE,
    RELATIVE_TOLERANCE,
    Page,
    amount_pattern,
    change_count,
    header,
    heading,
    initiative_count,
)
from sheets_sync.report.sheet_grid import fixed
from sheets_sync.workbook.changes import Align, Formula, Highlight, OutCell, Role
from sheets_sync.workbook.snapshot import a1

GOALS_NAME = "sheetplan_goals"
ACHIEVED, ASKED, GAP, MET, SHARE_COLUMN = range(4, 9)
"""Columns of the figures."""
HEADERS = (
    ("Scenario", Align.LEFT), ("Target or capacity", Align.LEFT), ("Where", Align.LEFT), ("Achieved", Align.RIGHT),
    ("Asked", Align.RIGHT), ("Gap", Align.RIGHT), ("Met", Align.CENTRE), ("In %", Align.RIGHT),
)  # fmt: skip
MET_WORD, MISSED_WORD = "met", "missed"


@dataclass(frozen=True)
class _Row:
    """One line: `better` is +1 where more than asked is good, -1 where less is; `asked` is None where nothing is."""

    what: str
    where: str
    formula: str | None
    achieved: float
    asked: float | None
    better: int
    pattern: str
    met: bool
    is_target: bool = False
    asked_formula: str | None = None
    """Where what is asked follows other figures."""


def goals_table(page: Page) -> None:
    """One row per scenario and target, then per capacity, cap and floor."""
    draft, grid = page.results, page.results.grid
    heading(draft, draft.row, "Targets and capacity")
    top = draft.row + 1
    grid.put_row(top, 1, [header(text, align) for text, align in HEADERS])
    draft.row = top + 1
    for position, scenario, portfolio in page.answered:
        first = True
        for place, row in _rows(page, position, portfolio):
            kind, number = place
            sources = page.target_cells if kind == "target" else page.limit_cells
            sources.setdefault((scenario.name, number), grid.cell_area(draft.row, ACHIEVED))
            _put(page, scenario.name, row, is_first=first)
            first = False
    last = draft.row - 1
    grid.areas[GOALS_NAME] = grid.area(top, 1, max(last, top), SHARE_COLUMN)
    if last > top:
        cells = grid.area(top + 1, GAP, last, MET)
        word = f"${a1(top + 1, MET)}"
        draft.highlights.append(Highlight(cells, f'={word}="{MISSED_WORD}"', Role.BAD))
        met = grid.area(top + 1, MET, last, MET)
        draft.highlights.append(Highlight(met, f'={word}="{MET_WORD}"', Role.GOOD))
    draft.row += 1


def _rows(page: Page, position: int, portfolio: Portfolio) -> Iterator[tuple[tuple[str, int], _Row]]:
    for number, outcome in enumerate(portfolio.targets):
        yield ("target", number), _target(page, position, portfolio, outcome)
    for number, use in enumerate(portfolio.resources):
        formula = spend_figure(page, position, portfolio, use.resource).formula
        page.used_cells[portfolio.scenario, use.resource] = page.results.grid.cell_area(page.results.row, ACHIEVED)
        kept = f", {plain_amount(use.reserved)} kept free" if use.reserved else ""
        what = f"{page.words.resource(use.resource)}{kept}"
        by_period = any(part.period and part.resource == use.resource for part in portfolio.slices)
        no_limit = "limits of each period: see the roadmap" if by_period else "no limit"
        yield ("limit", number), _limit(what, "", formula, use.used, use.available, -1, no_limit=no_limit)
    for number, part in enumerate(portfolio.slices, start=len(portfolio.resources)):
        for better, bound in ((1, part.minimum), (-1, part.maximum)):
            if bound is not None and part.period is None:  # what is used in each period is in the roadmap
                yield ("limit", number), _bound(page, position, portfolio, part, bound, better)


def _bound(page: Page, position: int, portfolio: Portfolio, part: SliceUse, bound: float, better: int) -> _Row:
    """A cap or floor; a share of the spend follows what is spent."""
    words, asked = page.words, None
    if part.changes_from is not None:
        formula = None if part.counts_moves else change_count(page, position, part.changes_from)
        what = part.of_what.capitalize()
    elif part.resource is None:
        formula, what = initiative_count(page, position, part.slice, part.members), "Initiatives"
    else:
        formula = spend_figure(page, position, portfolio, part.resource, part.slice).formula
        what = words.resource(part.resource)
        if part.share is not None:
            what = f"{what}, {share_in_words(part)}"
            if not part.of_capacity:
                spent = page.used_cells[portfolio.scenario, part.resource]
                asked = f"{part.share!r}*{fixed(spent.top, spent.left)}"
    return _limit(what, words.place(part), formula, part.used, bound, better, asked)


def share_in_words(use: SliceUse) -> str:
    """``20% of the spend``, or ``20% of the capacity``."""
    return f"{percent(use.share or 0.0)} of the {'capacity' if use.of_capacity else 'spend'}"


def _limit(
    what: str,
    where: str,
    formula: str | None,
    used: float,
    bound: float | None,
    better: int,
    asked: str | None = None,
    *,
    no_limit: str = "no limit",
) -> _Row:
    return _Row(
        what=f"{what} ({no_limit if bound is None else _LIMIT_WORDS[better]})",
        where=where,
        formula=formula,
        achieved=used,
        asked=bound,
        better=better,
        pattern=amount_pattern(used, bound),
        met=bound is None or better * (used - bound) >= -1e-9 * abs(bound),
        asked_formula=asked,
    )


_LIMIT_WORDS = {1: "at least", -1: "at most"}


def _target(page: Page, position: int, portfolio: Portfolio, outcome: TargetOutcome) -> _Row:
    target, words = outcome.target, page.words
    kpi = page.plan.kpi(target.kpi)
    gap = kpi.direction.sign * (outcome.achieved - target.value)
    formula = kpi_figure(page, position, portfolio, kpi.key, target.slice, target.period).formula
    when = f" by {target.period}" if target.period else ""
    return _Row(
        what=f"{words.kpi(kpi.key)}{when} ({target.kind.value})",
        where=words.slice(target.slice),
        formula=formula,
        achieved=outcome.achieved,
        asked=target.value,
        better=kpi.direction.sign,
        pattern=unit_of(kpi).pattern_for(outcome.achieved, target.value, None if outcome.met else gap),
        met=outcome.met,
        is_target=True,
    )


def _put(page: Page, scenario: str, line: _Row, *, is_first: bool) -> None:
    draft, row = page.results, page.results.row
    achieved, asked, gap = fixed(row, ACHIEVED), fixed(row, ASKED), fixed(row, GAP)
    role = Role.TOTAL if is_first else Role.FIGURE
    plain = Role.FIRST if is_first else Role.BODY
    cells: list[OutCell | None] = [
        OutCell(scenario, plain if is_first else Role.LABEL),
        OutCell(line.what, plain),
        OutCell(line.where or None, plain),
        OutCell(
            line.achieved if line.formula is None else Formula(f"={line.formula}", line.achieved), role, line.pattern
        ),
    ]
    if line.asked is None:
        cells += [OutCell(None, plain)] * 4
    else:
        sign = "" if line.better > 0 else "-"
        difference = line.better * (line.achieved - line.asked) + 0.0
        tolerance = f"MAX({ABSOLUTE_TOLERANCE},{RELATIVE_TOLERANCE}*ABS({asked}))"
        met = f'=IF({gap}>=-{tolerance},"{MET_WORD}","{MISSED_WORD}")'
        cells += [
            OutCell(_asked(line), plain, line.pattern),
            OutCell(Formula(f"={sign}({achieved}-{asked})", difference), plain, line.pattern),
            OutCell(Formula(met, MET_WORD if line.met else MISSED_WORD), plain, align=Align.CENTRE),
            _share(row, line, plain),
        ]
    draft.grid.put_row(row, 1, cells)
    draft.row += 1


def _asked(line: _Row) -> float | Formula | None:
    if line.asked is None or line.asked_formula is None:
        return line.asked
    return Formula(f"={line.asked_formula}", line.asked)


def _share(row: int, line: _Row, role: Role) -> OutCell:
    """Used in per cent of a limit; achieved in per cent of a target, where 100% and more is met either way."""
    if not line.asked:
        return OutCell(None, role)
    achieved, asked, gap = fixed(row, ACHIEVED), fixed(row, ASKED), fixed(row, GAP)
    if line.is_target:
        value = 1 + line.better * (line.achieved - line.asked) / abs(line.asked)
        return OutCell(Formula(f"=1+{gap}/ABS({asked})", value), role, "0.0%")
    return OutCell(Formula(f"={achieved}/{asked}", line.achieved / line.asked), role, "0.0%")
