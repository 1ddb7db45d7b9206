"""Each study as the tab Analysis shows it: sentences, tables with typed figures, and what a chart is drawn from."""

import re
import shlex
from collections.abc import Iterable, Sequence
from functools import partial

from config.units import unit_of
from optimizer.plan import Plan
from optimizer.studies.capacity_value import CapacityCurve
from optimizer.studies.frontier import Measure
from optimizer.studies.robustness import Chance, Robustness
from optimizer.studies.study import Study
from sheets_sync.report.analysis import Analysis, AnalysisTable, TableChart
from sheets_sync.report.results_page import amount_pattern
from sheets_sync.run.capacity_in_words import curve_rows, curve_sentences, limit_name, missing_sentences, unit_words
from sheets_sync.run.capacity_values import CapacityAnswer
from sheets_sync.run.decisions_in_words import row_above
from sheets_sync.run.frontier_in_words import (
    frontier_heading,
    frontier_rows,
    measure_amount,
    measure_name,
    placed_in_words,
)
from sheets_sync.run.frontier_plans import FrontierAnswer
from sheets_sync.run.other_plans import OtherPlansAnswer
from sheets_sync.run.other_plans_in_words import other_plan_rows, other_plan_sentences
from sheets_sync.run.priorities_in_words import (
    budget_header,
    is_share_said,
    objective_amount,
    objective_name,
    priority_sentences,
    resource_words,
    start_words,
)
from sheets_sync.run.priority_list import PriorityAnswer
from sheets_sync.run.robustness_in_words import limit_words, sentences
from sheets_sync.run.robustness_study import RobustnessAnswer
from sheets_sync.run.rule_price_list import RulePriceAnswer
from sheets_sync.run.rule_prices_in_words import equal_share_rows, rule_price_rows, rule_price_sentences
from sheets_sync.workbook.changes import Align, ChartKind, OutCell

SHARE = "0%"
_L, _R = Align.LEFT, Align.RIGHT


def frontier_analysis(answer: FrontierAnswer, command: str) -> Analysis | None:
    """All efficient plans, with a chart of one measure against the other."""
    plan, curve = answer.outcome.plan, answer.frontier
    if plan is None or curve is None:
        return None
    first, second = measure_name(plan, curve.first), measure_name(plan, curve.second)
    patterns = [_measure_pattern(plan, measure) for measure in (curve.first, curve.second)]
    placed = answer.placed if curve.points else ()
    rows = [
        [
            OutCell(point.first, number_format=patterns[0]),
            OutCell(point.second, number_format=patterns[1]),
            keys_cell(came_in),
            keys_cell(went_out),
            *(OutCell(None) for _ in placed),
        ]
        for point, (_, _, came_in, went_out) in zip(curve.points, frontier_rows(plan, curve), strict=True)
    ]
    # Each scenario has a row and a column of its own, so that a chart over one block shows it in its own colour.
    rows += [
        [
            OutCell(None),
            OutCell(one.second, number_format=patterns[1]),
            OutCell(f"answer to {one.scenario}", wrap=True),
            OutCell(None),
            *(OutCell(one.first if other is one else None, number_format=patterns[0]) for other in placed),
        ]
        for one in placed
    ]
    headers = [(first, _R), (second, _R), ("Comes in", _L), ("Drops out", _L), *((one.scenario, _R) for one in placed)]
    across, up = (partial(measure_amount, plan, measure) for measure in (curve.second, curve.first))
    drawn = [0, *range(4, len(headers))]
    chart = TableChart(f"{first} against {second}", ChartKind.SCATTER, 1, drawn, patterns[1], patterns[0], across, up)
    return Analysis(
        f"Frontier of {answer.scenario}: {first} and {second}",
        command,
        [
            frontier_heading(answer.scenario, curve),
            *row_above([point.portfolio for point in curve.points]),
            *placed_in_words(plan, curve, answer.placed),
        ],
        [AnalysisTable("frontier", "Efficient plans", headers, rows, chart)],
    )


def capacity_analysis(answer: CapacityAnswer, command: str) -> Analysis | None:
    """What more of each capacity brings, with a chart of each curve."""
    study = answer.reading.study
    if study is None:
        return None
    words = [sentence for curve in answer.curves for sentence in curve_sentences(study, curve)]
    longest = max((curve.steps for curve in answer.curves), key=len, default=())
    words += row_above([step.portfolio for step in longest])
    words += missing_sentences(answer.missing, study.answer.horizon)
    tables = [_curve_table(study, curve) for curve in answer.curves]
    return Analysis(f"Value of capacity in {study.scenario.name}", command, words, tables)


def _curve_table(study: Study, curve: CapacityCurve) -> AnalysisTable:
    unit, name = unit_words(curve.limit), limit_name(curve.limit, study.answer.horizon)
    pattern = objective_pattern(study)
    amounts = amount_pattern(*(step.amount for step in curve.steps))
    rows = [
        [
            OutCell(step.amount, number_format=amounts),
            OutCell(step.portfolio.objective, number_format=pattern),
            OutCell(against, wrap=True),
            OutCell(targets or None, wrap=True),
            keys_cell(came_in),
            keys_cell(went_out),
        ]
        for step, (_, against, targets, came_in, went_out) in zip(curve.steps, curve_rows(study, curve), strict=True)
    ]
    worth = objective_name(study)
    headers = [(f"From {unit}", _R), (worth, _R), ("Against the plan", _L), ("Targets", _L)]
    headers += [("Comes in", _L), ("Drops out", _L)]
    title, up = f"{worth} by {unit}: each point begins a step", partial(objective_amount, study)
    chart = TableChart(title, ChartKind.SCATTER, 0, [1], amounts, pattern, value_words=up)
    return AnalysisTable(f"curve {name}", name[0].upper() + name[1:], headers, rows, chart)


def robustness_analysis(answer: RobustnessAnswer, command: str) -> Analysis | None:
    """How sure the plan is: outlook of each KPI, chances, and how often each initiative is in the best plan."""
    study, found = answer.reading.study, answer.robustness
    if study is None or found is None:
        return None
    tables = [] if not found.done else [_outlook(study.plan, found), _chances(study.plan, found), _picks(study, found)]
    return Analysis(f"How sure the plan of {study.scenario.name} is", command, list(sentences(answer)), tables)


def _outlook(plan: Plan, found: Robustness) -> AnalysisTable:
    rows = []
    for one in found.kpis:
        kpi = plan.kpi(one.kpi)
        pattern = unit_of(kpi).pattern
        figures = (one.estimated, one.corrected, one.median, one.worst_tenth)
        rows.append([OutCell(kpi.name or kpi.key), *(OutCell(figure, number_format=pattern) for figure in figures)])
    headers = [("KPI", _L), ("Estimates add up to", _R), ("Corrected", _R), ("Middle", _R), ("Worst tenth", _R)]
    return AnalysisTable("outlook", "What to expect", headers, rows)


def _chances(plan: Plan, found: Robustness) -> AnalysisTable:
    def words(one: Chance) -> str:
        if one.target is None:
            return limit_words(one)
        kpi = plan.kpi(one.target.kpi)
        return f"target for {kpi.name or kpi.key}{one.target.scope}"

    rows = [[OutCell(words(one)), OutCell(one.chance, number_format=SHARE)] for one in (*found.limits, *found.targets)]
    rows.append([OutCell("every rule at once"), OutCell(found.keeps_all, number_format=SHARE)])
    return AnalysisTable("chances", "Chance to fit and to reach", [("What", _L), ("Chance", _R)], rows)


def _picks(study: Study, found: Robustness) -> AnalysisTable:
    chosen = set(study.answer.selected)
    rows = [
        [
            OutCell(key),
            OutCell(study.plan.initiative(key).title or None),
            OutCell("in" if key in chosen else "out"),
            OutCell(share, number_format=SHARE),
        ]
        for key, share in sorted(found.picked.items(), key=lambda pair: -pair[1])
    ]
    headers = [("Initiative", _L), ("Title", _L), ("In the plan", _L), ("In the best plan", _R)]
    chart = TableChart("Share of the draws in whose best plan it is", ChartKind.COLUMN, 0, [3], value_format=SHARE)
    return AnalysisTable("picks", "How often each is picked", headers, rows, chart)


def rule_price_analysis(answer: RulePriceAnswer, command: str) -> Analysis | None:
    """What each rule costs, and what equal shares would."""
    study, prices = answer.reading.study, answer.prices
    if study is None or prices is None:
        return None
    moves = [("Comes in", _L), ("Drops out", _L)]
    tables = [
        AnalysisTable(
            name,
            title,
            [*headers, *moves],
            [
                [
                    OutCell(row.rule, wrap=True),
                    OutCell(row.without, wrap=True),
                    keys_cell(row.came_in),
                    keys_cell(row.went_out),
                ]
                for row in rows
            ],
        )
        for name, title, headers, rows in (
            ("rule prices", "Prices of rules", [("Rule", _L), ("Without it", _L)], rule_price_rows(study, prices)),
            ("equal shares", "Equal shares", [("Further rule", _L), ("With it", _L)], equal_share_rows(study, prices)),
        )
    ]
    return Analysis(
        f"Prices of the rules of {study.scenario.name}", command, list(rule_price_sentences(prices)), tables
    )


def priority_analysis(answer: PriorityAnswer, command: str) -> Analysis | None:
    """The list for every budget, and what it loses, with a chart of both."""
    study, found = answer.reading.study, answer.priorities
    if study is None or found is None:
        return None
    unit, worth, pattern = resource_words(found), objective_name(study), objective_pattern(study)
    costs = [line.cost for line in found.lines]
    amounts = amount_pattern(*costs, *(() if found.is_in_percent else (one.amount for one in found.budgets)))
    budget_pattern, whole = amounts, 1.0
    if found.is_in_percent:
        are_round = all(one.amount.is_integer() for one in found.budgets)
        budget_pattern, whole = "0%" if are_round else "0.00%", 100.0
    lines = [
        [
            OutCell(place),
            keys_cell(line.initiatives),
            OutCell(line.cost, number_format=amounts),
            OutCell(line.spent, number_format=amounts),
            *([OutCell(start_words(line))] if found.is_in_percent else []),
        ]
        for place, line in enumerate(found.lines, start=1)
    ]
    budgets = [
        [
            OutCell(one.amount / whole, number_format=budget_pattern),
            OutCell(one.lines),
            OutCell(one.objective, number_format=pattern),
            OutCell(one.best, number_format=pattern),
            OutCell(one.loss, number_format="0.00%")
            if is_share_said(one.loss)
            else OutCell(one.loss_amount, number_format=pattern),
            OutCell("proven" if one.is_proven else "at most"),
        ]
        for one in found.budgets
    ]
    by = f"part of today's {unit}" if found.is_in_percent else f"budget in {unit}"
    chart = TableChart(f"{worth} by {by}", ChartKind.SCATTER, 0, [2, 3], budget_pattern, pattern)
    headers = [(budget_header(found), _R), ("Lines", _R), (f"List: {worth}", _R), (f"Best plan: {worth}", _R)]
    headers += [("The list loses", _R), ("Proof", _L)]
    order = [("Place", _R), ("Initiative", _L), (unit, _R), ("In all", _R)]
    order += [("Starts", _L)] if found.is_in_percent else []
    return Analysis(
        f"One list for every budget of {unit}: {study.scenario.name}",
        command,
        list(priority_sentences(study, found)),
        [
            AnalysisTable("priorities", "The list", order, lines),
            AnalysisTable("budgets", "The list against the best plan", headers, budgets, chart),
        ],
    )


def alternatives_analysis(answer: OtherPlansAnswer, command: str) -> Analysis | None:
    """The next best plans, and the most different ones."""
    study, found = answer.reading.study, answer.alternatives
    if study is None or found is None:
        return None
    rows = [
        [OutCell(row.label), OutCell(row.against, wrap=True), keys_cell(row.came_in), keys_cell(row.went_out)]
        for row in other_plan_rows(study, found)
    ]
    headers = [("Plan", _L), ("Against the answer", _L), ("Comes in", _L), ("Drops out", _L)]
    words = list(other_plan_sentences(study, found))
    table = AnalysisTable("alternatives", "Other plans", headers, rows)
    return Analysis(f"Other plans for {study.scenario.name}", command, words, [table])


def keys_cell(keys: Iterable[str]) -> OutCell:
    """Keys in one cell, which wraps."""
    return OutCell(", ".join(keys) or None, wrap=True)


def _measure_pattern(plan: Plan, measure: Measure) -> str:
    return "#,##0.##" if measure.is_resource else unit_of(plan.kpi(measure.name)).pattern


def objective_pattern(study: Study) -> str:
    """The number format of the objective: that of the north star, or plain for a weighted sum."""
    if study.scenario.uses_north_star:
        return unit_of(study.plan.kpi(study.objective.name)).pattern
    return "#,##0.0000"


def command_line(name: str, options: Sequence[tuple[str, object]]) -> str:
    """What repeats a study on the command line: ``sheetplan frontier WORKBOOK --by gmv``; options without a value are
    left out, and a flag has the value True."""
    words = [f"sheetplan {name} WORKBOOK"]
    for option, value in options:
        if value is True:
            words.append(option)
        elif value is not None and value is not False:
            text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
            words.append(f"{option} {_one_word(text)}")
    return " ".join(words)


_PLAIN_WORD = re.compile(r"[\w@%+:,./-][\w@%+=:,./-]*")
_READ_IN_QUOTES = re.compile(r"[\"$`\\!\x00-\x1f]")
"""What a shell still reads between double quotes."""


def _one_word(text: str) -> str:
    """A text as one word of a shell, whatever people typed into it: a copied command must be no other command."""
    if _PLAIN_WORD.fullmatch(text):
        return text
    return shlex.quote(text) if _READ_IN_QUOTES.search(text) else f'"{text}"'
