"""The decision table: one row per initiative with its figures as they were in the run, one column per scenario."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from types import MappingProxyType

from config.names import fold_key
from config.units import in_words, unit_of
from optimizer.explain.selection_reasons import MERIT
from optimizer.plan import Initiative
from optimizer.portfolio import Portfolio
from sheets_sync.report.approvals import ApprovalState
from sheets_sync.report.decisions import Group
from sheets_sync.report.layout import FIRST_SCENARIO_COLUMN, LEAD_COLUMN, Layout
from sheets_sync.report.people_words import plain_amount
from sheets_sync.report.price_words import PriceWords, price_in_words
from sheets_sync.report.results_page import Page, amount_pattern, header, heading
from sheets_sync.report.sheet_grid import across, fixed_range, quoted
from sheets_sync.workbook.changes import Align, Formula, Highlight, OutCell, Role
from sheets_sync.workbook.snapshot import Area, a1

SELECTION_NAME = "sheetplan_selection"
SUBTOTALS_NAME = "sheetplan_subtotals"
PICKED_PATTERN = '"●";;"–"'
OUT_MARK, TEXT_PATTERN = "–", "@"
"""In plans over several periods the mark is the period in which the initiative starts, as text that people may edit:
whatever they type stays text, so that a period such as 2026-03 becomes no date."""
NAMED_SCENARIOS = 2
"""Scenarios that a reason names before it only counts the rest."""
CAME_IN, WENT_OUT = "▲", "▼"
IN_THE_PERIOD, BY_ITS_END, TARGET = "in the period", "by its end", "target"
"""What the rows of a KPI in a roadmap are."""
START_WIDTH = 16
"""Characters of the columns right of what is printed, in plans over several periods."""
REASON_WIDTH, LEAST_PIECE = 54, 7
"""Characters of the column of reasons, and at least of each of its pieces where a long roadmap needs several."""
LONGEST_REASON = 62
"""Characters of a reason in Results, so that it takes one line; the details have all of it."""
PRICED_WIDTH, LONGEST_WITH_PRICE, LEAST_REASON = 96, 112, 28
"""The same where decisions are priced, with the price; and what a long price leaves of the reason."""
ROLES = {Group.MUST: Role.FIGURE, Group.IN: Role.BODY, Group.SOME: Role.BODY, Group.NEXT: Role.CAUTION}
"""How the word of a group looks; all others as a label."""
LAST_FIGURE = 12
"""The last column in which a table below the decision table has amounts."""
LEFT, CENTRE, RIGHT = Align.LEFT, Align.CENTRE, Align.RIGHT


def decision_table(page: Page, approvals: Mapping[str, ApprovalState]) -> dict[str, str]:
    """Header, initiatives, synergies; named, so that the next run and people's formulas find them.

    Returns the reasons that Results has no room for, in full, by key.
    """
    layout, grid, words = page.layout, page.results.grid, page.words
    top = layout.top
    heading(page.results, top - 1, "Decisions")
    grid.put_row(top, 1, [header("Initiative"), header("Title")])
    if layout.dimensions:
        for dimension in layout.dimensions:
            grid.put(top, layout.dimension_column(dimension), header(words.dimension(dimension)))
    else:
        grid.put(top, LEAD_COLUMN, header("Picked in", CENTRE))
    for position, scenario in enumerate(layout.scenarios):
        grid.put(top, layout.scenario_column(position), header(scenario.name, CENTRE))
    for resource in layout.resources:
        grid.put(top, layout.resource_column(resource), header(words.resource(resource), RIGHT))
    for kpi in layout.kpis:
        grid.put(top, layout.kpi_column(kpi.key), header(words.kpi(kpi.key), RIGHT))
    grid.put(top, layout.group_column, header("Decision", CENTRE))
    for column, text in (
        (layout.changed_column, "Changed"),
        (layout.reason_column, "Why"),
        (layout.state_column, "Inputs since"),
    ):
        grid.put(top, column, header(text))
    full = _initiative_rows(page, approvals)
    _synergy_rows(page)
    grid.areas[SELECTION_NAME] = grid.area(top, 1, layout.last_initiative_row, layout.last_scenario_column)
    if layout.last_row >= layout.first_row:
        grid.areas["sheetplan_figures"] = grid.area(
            top, layout.first_figure_column, layout.last_row, layout.last_figure_column
        )
        _colour_marks(page)
    page.results.row = layout.last_row + 1
    _subtotals(page)
    return full


def _initiative_rows(page: Page, approvals: Mapping[str, ApprovalState]) -> dict[str, str]:
    layout, grid = page.layout, page.results.grid
    selected = {position: set(portfolio.selected) for position, _, portfolio in page.answered}
    reasons = {position: portfolio.reasons for position, _, portfolio in page.answered}
    starts = {position: portfolio.starts for position, _, portfolio in page.answered}
    patterns = {kpi.key: unit_of(kpi).pattern for kpi in layout.kpis}
    kpi_columns = {kpi.key: layout.kpi_column(kpi.key) for kpi in layout.kpis}
    amounts = {
        resource: amount_pattern(*(initiative.costs.get(resource) for initiative in layout.initiatives))
        for resource in layout.resources
    }
    changed = _changes(page, approvals)
    names = [scenario.name for scenario in layout.scenarios]
    picked = f'0" of {len(page.answered)}"'
    full: dict[str, str] = {}
    for offset, initiative in enumerate(layout.initiatives):
        row, group = layout.first_row + offset, layout.groups[initiative.key]
        text = Role.LABEL if group in (Group.OUT, Group.NEXT) else Role.BODY
        grid.put(row, 1, OutCell(initiative.key, text))
        grid.put(row, 2, OutCell(initiative.title or None, text))
        if not layout.dimensions:
            marks = f"{a1(row, FIRST_SCENARIO_COLUMN)}:{a1(row, layout.last_scenario_column)}"
            if layout.timed:
                marks = ",".join(a1(row, layout.selected_column(at)) for at in range(len(layout.scenarios)))
            count = sum(initiative.key in keys for keys in selected.values())
            grid.put(row, LEAD_COLUMN, OutCell(Formula(f"=SUM({marks})", count), text, picked, align=CENTRE))
        for dimension, key in initiative.dimensions.items():
            grid.put(row, layout.dimension_column(dimension), OutCell(key, text))
        for position, keys in selected.items():
            if initiative.key in reasons[position]:
                mark = OutCell(int(initiative.key in keys), number_format=PICKED_PATTERN, align=CENTRE)
                if position in layout.timed:
                    start = starts[position].get(initiative.key, OUT_MARK)
                    mark = OutCell(start, number_format=TEXT_PATTERN, align=CENTRE)
                grid.put(row, layout.scenario_column(position), mark)
        for resource, cost in initiative.costs.items():
            if resource not in amounts:
                continue
            grid.put(row, layout.resource_column(resource), OutCell(cost, text, amounts[resource]))
        for key, pattern in patterns.items():
            # Blanks have the format too: a column that looks alike throughout is one request and not hundreds.
            grid.put(row, kpi_columns[key], OutCell(initiative.contributions.get(key), text, pattern))
        grid.put(row, layout.group_column, OutCell(group.value, ROLES.get(group, Role.LABEL), align=CENTRE))
        grid.put(row, layout.changed_column, OutCell(changed.get(initiative.key), Role.NOTE))
        why = {
            position: page.words.reason(found[initiative.key])
            for position, found in reasons.items()
            if initiative.key in found
        }
        prices = {
            position: priced
            for position, _, portfolio in page.answered
            if (priced := price_in_words(page.words, portfolio, initiative.key)) is not None
        }
        short, whole = why_in_words(names, why, prices)
        grid.put(row, layout.reason_column, OutCell(short, Role.NOTE))
        in_prices = all(portfolio.prices for position, _, portfolio in page.answered if position in why)
        if short is not None and whole is not None and not in_prices and not short.startswith(whole):
            full[initiative.key] = whole
    return full


def why_in_words(
    scenarios: Sequence[str], reported: Mapping[int, str], prices: Mapping[int, PriceWords] = MappingProxyType({})
) -> tuple[str | None, str | None]:
    """The reasons of one initiative by place of the scenario, short and in full: once where all share it.

    Where its decisions have `prices`, the short form ends with the one of the first scenario that has that reason.
    """
    groups: dict[str, list[int]] = {}
    for position, reason in reported.items():
        groups.setdefault(reason, []).append(position)
    if len(groups) == 1:
        (whole,) = groups
        return _priced(whole, "", list(reported), scenarios, prices) or _cut(whole), whole
    named = {reason: _named([scenarios[position] for position in group]) for reason, group in groups.items()}
    whole = "; ".join(f"{reason} ({names})" for reason, names in named.items() if reason != MERIT)
    reason, group = max(groups.items(), key=lambda item: (item[0] != MERIT, len(item[1])))
    rest = f" (in {len(group)} of {len(reported)})"
    priced = _priced(reason, rest, group, scenarios, prices)
    if priced:
        return priced, whole or None
    if len(whole) <= LONGEST_REASON:
        return whole or None, whole or None
    return _cut(reason, LONGEST_REASON - len(rest)) + rest, whole


def _priced(
    reason: str, rest: str, group: Sequence[int], scenarios: Sequence[str], prices: Mapping[int, PriceWords]
) -> str | None:
    """A reason with the price of its first scenario that has one; the scenario is named where others differ.

    What is longest and still fits; never a part of a number.
    """
    position = next((one for one in group if one in prices), None)
    if position is None:
        return None
    differs = rest or len({prices[one].short[0] if one in prices else None for one in group}) > 1
    where = f" ({scenarios[position]})" if differs else ""
    # What is needed and what is left gives way to the price, all but the first of it before the rest; the details have
    # both.
    brief = reason.partition(":")[0]
    first = reason.partition(" left, and ")
    whys = dict.fromkeys((reason, f"{first[0]} left" if first[1] else reason, brief))
    forms = prices[position].short
    for why, price in [*product(whys, forms[:2]), *product(whys, forms[2:])]:
        text = f"{why}; {price}{where}"
        if len(text) <= LONGEST_WITH_PRICE:
            return text
    price = f"; {prices[position].short[-1]}{where}"
    return _cut(brief, max(LONGEST_WITH_PRICE - len(price), LEAST_REASON)) + price


def _cut(text: str, most: int = LONGEST_REASON) -> str:
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:(") + "…"


def _named(names: list[str]) -> str:
    if len(names) <= NAMED_SCENARIOS:
        return ", ".join(names)
    return f"{len(names)} scenarios"


def _changes(page: Page, approvals: Mapping[str, ApprovalState]) -> dict[str, str]:
    """What came in or went out since the last run and since approval, by key of the initiative."""
    found: dict[str, dict[tuple[str, str], list[str]]] = {}

    def note(keys: Iterable[str] | None, sign: str, since: str, scenario: str) -> None:
        for key in keys or ():
            found.setdefault(key, {}).setdefault((sign, since), []).append(scenario)

    for _, scenario, portfolio in page.answered:
        note(scenario.came_in, CAME_IN, "last run", scenario.name)
        note(scenario.went_out, WENT_OUT, "last run", scenario.name)
        state = approvals.get(fold_key(scenario.name))
        if state is not None and state.plan is not None:
            came_in, went_out = state.plan.changes(portfolio.selected, page.plan.done)
            note(came_in, CAME_IN, "approval", scenario.name)
            note(went_out, WENT_OUT, "approval", scenario.name)
    many = len(page.answered) > 1
    return {
        key: "; ".join(
            f"{sign} since {since}{f' ({_named(names)})' if many else ''}" for (sign, since), names in changes.items()
        )
        for key, changes in found.items()
    }


def _colour_marks(page: Page) -> None:
    """Blue where an initiative is selected; orange where somebody typed what is no period of the plan."""
    layout, grid = page.layout, page.results.grid
    for position in range(len(layout.scenarios)):
        column = layout.scenario_column(position)
        marks = grid.area(layout.first_row, column, layout.last_row, column)
        mark, chosen = a1(marks.top, column), a1(marks.top, layout.selected_column(position))
        page.results.highlights.append(Highlight(marks, f"={chosen}=1", Role.GOOD))
        if position in layout.timed:
            unknown = f'=AND(ISTEXT({mark}),LEN({mark})>0,{mark}<>"{OUT_MARK}",{chosen}<>1)'
            page.results.highlights.append(Highlight(marks, unknown, Role.BAD))


def _synergy_rows(page: Page) -> None:
    """One row per synergy below the initiatives, so that the same formulas add its value where it is earned."""
    layout, grid = page.layout, page.results.grid
    earned = {
        position: {outcome.synergy for outcome in portfolio.synergies if outcome.earned}
        for position, _, portfolio in page.answered
    }
    shown = {initiative.key: initiative for initiative in layout.initiatives}
    for offset, row_of in enumerate(layout.synergies):
        row, synergy = layout.last_initiative_row + 1 + offset, row_of.synergy
        grid.put(row, 1, OutCell("synergy", Role.NOTE))
        grid.put(row, 2, OutCell(synergy.label or " + ".join(synergy.members), Role.NOTE))
        members = [shown[key] for key in synergy.members if key in shown]
        for position in row_of.scenarios:
            column = layout.selected_column(position)
            value = int(synergy in earned[position])
            if len(members) < len(synergy.members):
                cell = OutCell(0, number_format=PICKED_PATTERN, align=CENTRE)
            else:
                product = "*".join(a1(layout.initiative_row(key), column) for key in synergy.members)
                cell = OutCell(Formula(f"={product}", value), number_format=PICKED_PATTERN, align=CENTRE)
            grid.put(row, column, cell)
            if position in layout.timed:
                shown_mark = OutCell(Formula(f"={a1(row, column)}", value), number_format=PICKED_PATTERN, align=CENTRE)
                grid.put(row, layout.scenario_column(position), shown_mark)
        kpi = page.plan.kpi(synergy.kpi)
        bonus = OutCell(synergy.value, number_format=unit_of(kpi).pattern)
        grid.put(row, layout.kpi_column(kpi.key), bonus)
        for dimension in layout.dimensions:
            common = {member.dimensions.get(dimension) for member in members}
            if len(common) == 1 and (key := common.pop()) is not None:
                grid.put(row, layout.dimension_column(dimension), OutCell(key))
        reported = f"needs {' and '.join(synergy.members)}"
        grid.put(row, layout.reason_column, OutCell(_cut(reported), Role.NOTE))


def _subtotals(page: Page) -> None:
    """One row per group: how many initiatives, how many of them each scenario selects, what they cost and bring."""
    layout, grid, draft = page.layout, page.results.grid, page.results
    present = [group for group in Group if group in layout.groups.values()]
    if not present:
        return
    top = draft.row
    criteria = layout.column_area(layout.group_column, with_synergies=False)
    for group in present:
        members = [initiative for initiative in layout.initiatives if layout.groups[initiative.key] is group]
        row = draft.row
        role = Role.TOTAL if row == top else Role.FIGURE
        count = Formula(f"=COUNTIF({fixed_range(criteria)},{quoted(group.value)})", len(members))
        grid.put(row, 1, OutCell("Subtotals" if row == top else None, role))
        grid.put(row, 2, OutCell(group.value, role))
        grid.put(row, LEAD_COLUMN, OutCell(count, role, "0", align=CENTRE))

        def summed(column: int, value: float) -> Formula:
            figures = fixed_range(layout.column_area(column, with_synergies=False))
            return Formula(f"=SUMIFS({figures},{fixed_range(criteria)},{quoted(group.value)})", value)  # noqa: B023

        for position, _, portfolio in page.answered:
            selected = sum(initiative.key in set(portfolio.selected) for initiative in members)
            count = summed(layout.selected_column(position), selected)
            grid.put(row, layout.scenario_column(position), OutCell(count, role, "0", align=CENTRE))
        for resource in layout.resources:
            total = sum(initiative.costs.get(resource, 0.0) for initiative in members)
            column = layout.resource_column(resource)
            grid.put(row, column, OutCell(summed(column, total), role, amount_pattern(total)))
        for kpi in layout.kpis:
            total = sum(initiative.contributions.get(kpi.key, 0.0) for initiative in members)
            column = layout.kpi_column(kpi.key)
            grid.put(row, column, OutCell(summed(column, total), role, unit_of(kpi).pattern_for(total)))
        draft.row += 1
    grid.areas[SUBTOTALS_NAME] = grid.area(top, 1, draft.row - 1, layout.last_figure_column)


def put_states(page: Page, states: Mapping[str, Area]) -> None:
    """Say in each row whether its inputs changed since; `states` are cells of the details by folded key."""
    layout, grid = page.layout, page.results.grid
    for initiative in layout.initiatives:
        state = states.get(fold_key(initiative.key))
        if state is not None:
            text = f'=SUBSTITUTE({across(state)},"same","")'
            grid.put(layout.initiative_row(initiative.key), layout.state_column, OutCell(Formula(text, "")))
    if layout.initiatives:
        first, last = layout.first_row, layout.last_initiative_row
        flagged = f"=LEN(${a1(first, layout.state_column)})>0"
        for left, right in ((1, 2), (layout.state_column, layout.state_column)):
            page.results.highlights.append(Highlight(grid.area(first, left, last, right), flagged, Role.BAD))


def column_widths(layout: Layout) -> list[int]:
    """Width of each column of Results in characters."""
    initiatives = layout.initiatives
    lead = layout.dimensions[0] if layout.dimensions else None
    slices = (use.slice for outcome in layout.scenarios if outcome.portfolio for use in outcome.portfolio.slices)
    places = [where.key for where in slices if where is not None]
    teams = [] if lead is None else [initiative.dimensions.get(lead, "") for initiative in initiatives]
    names = [scenario.name for scenario in layout.scenarios]
    widths = [_fitting([initiative.key for initiative in initiatives] + names, 12, 22)]
    widths.append(_fitting([initiative.title for initiative in initiatives], 30, 46))
    widths.append(_fitting([*teams, *places], 10, 20))
    widths += [max(_longest_word(names, 9, 14), _totals_width(layout))] * len(layout.scenarios)
    for resource in layout.resources:
        costs = [plain_amount(sum(initiative.costs.get(resource, 0.0) for initiative in initiatives))]
        widths.append(_fitting(costs, 9, 14))
    for kpi in layout.kpis:
        amounts = [in_words(_largest(initiatives, kpi.key), kpi.unit, kpi.number_format)]
        widths.append(max(_fitting(amounts, 9, 18), _longest_word([kpi.name or kpi.key], 9, 16)))
    pieces = layout.last_printed_column - layout.reason_column + 1
    reason_width = PRICED_WIDTH if layout.is_priced else REASON_WIDTH
    widths += [14, 20, *[max(reason_width // pieces, LEAST_PIECE)] * pieces, 12]
    # Below the decision table the same columns hold amounts of every KPI, whatever they hold in it.
    figures = slice(LEAD_COLUMN - 1, LAST_FIGURE)
    widths[figures] = [max(width, _totals_width(layout)) for width in widths[figures]]
    for dimension in layout.dimensions[1:]:
        widths.append(_fitting([dimension, *(i.dimensions.get(dimension, "") for i in initiatives)], 10, 20))
    if layout.timed:
        widths += [12] * len(layout.timed)
        first = layout.state_column - 1
        aside = widths[first : first + layout.most_periods]
        limits = [START_WIDTH] * (layout.most_periods - len(aside))
        widths[first:] = [*(max(width, START_WIDTH) for width in widths[first:]), *limits]
        widths[LEAD_COLUMN - 1] = max(widths[LEAD_COLUMN - 1], _fitting([IN_THE_PERIOD], 10, 20))
        periods = slice(FIRST_SCENARIO_COLUMN - 1, FIRST_SCENARIO_COLUMN - 1 + layout.most_periods)
        widths[periods] = [max(width, _period_width(layout)) for width in widths[periods]]
    return widths


def _period_width(layout: Layout) -> int:
    """The width that a period of a roadmap needs: for what is used of a limit, and for the largest KPI total."""
    uses = [use for at in layout.timed for use in _portfolio(layout, at).slices if use.period is not None]
    texts = [f"{plain_amount(use.used)} of {plain_amount(use.maximum or 0.0)}" for use in uses]
    return max(_fitting(texts, 9, 18), _totals_width(layout))


def _portfolio(layout: Layout, position: int) -> Portfolio:
    portfolio = layout.scenarios[position].portfolio
    assert portfolio is not None
    return portfolio


def _totals_width(layout: Layout) -> int:
    """The width that the largest KPI total of a scenario needs."""
    texts = [
        in_words(outcome.portfolio.kpi_totals[kpi.key], kpi.unit, kpi.number_format)
        for outcome in layout.scenarios
        if outcome.portfolio is not None and outcome.portfolio.status.has_portfolio
        for kpi in layout.kpis
    ]
    return _fitting(texts, 9, 18)


def _largest(initiatives: Sequence[Initiative], key: str) -> float:
    """As large as any subtotal of a KPI can get."""
    return sum(abs(initiative.contributions.get(key, 0.0)) for initiative in initiatives)


def _longest_word(texts: Iterable[str], least: int, most: int) -> int:
    return _fitting([word for text in texts for word in text.split()], least, most)


def _fitting(texts: Iterable[str], least: int, most: int) -> int:
    """The width that shows the longest of the texts, within bounds; bold text takes a little more."""
    return min(max([least, *(round(len(text) * 1.1) + 1 for text in texts)]), most)
