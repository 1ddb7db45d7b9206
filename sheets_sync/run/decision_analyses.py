"""Answers about single decisions as the tab Analysis shows them: explanations, changes, and plans made by hand."""

from collections.abc import Iterator, Mapping, Sequence

from config.units import unit_of
from optimizer.plan import TOKENS, Plan, spoken_resource
from optimizer.studies.audit import Alternative, Audit
from optimizer.studies.moves import Moved, moved_between
from optimizer.studies.study import Study
from sheets_sync.outcome import brief_status
from sheets_sync.report.analysis import Analysis, AnalysisTable
from sheets_sync.report.results_page import amount_pattern
from sheets_sync.run.audit_column import AuditAnswer
from sheets_sync.run.audit_in_words import audit_sentences, best_plan_words, move_price
from sheets_sync.run.change_values import ChangeAnswer, change_rows, change_sentences
from sheets_sync.run.decisions_in_words import price, sentences, stopped_words, title_of, turning_sentences
from sheets_sync.run.explain_decisions import Explanation, ScenarioExplanation
from sheets_sync.run.priorities_in_words import objective_name
from sheets_sync.run.study_analyses import keys_cell, objective_pattern
from sheets_sync.run.what_if import WhatIf
from sheets_sync.run.what_if_in_words import change_lines, effect_lines
from sheets_sync.workbook.changes import Align, OutCell

_L, _R = Align.LEFT, Align.RIGHT
_EXCHANGE = [("Comes in", _L), ("Drops out", _L)]


def explanation_analysis(answer: Explanation, command: str) -> Analysis | None:
    """Each scenario's decisions with what the opposite one would cost."""
    plan, explained = answer.outcome.plan, [one for one in answer.scenarios if one.study is not None]
    if plan is None or not explained:
        return None
    several = len(answer.scenarios) > 1
    words = [f"{one.outcome.name}: {brief_status(one.outcome, plan)}" for one in answer.scenarios]
    words += [stopped_words(one) for one in explained if one.is_stopped]
    for scenario in explained:
        if scenario.is_of_one and scenario.study is not None:
            (only,) = scenario.decisions
            words.append(f"{title_of(only)}{f', {scenario.outcome.name}' if several else ''}")
            words += [f"  {sentence}" for sentence in sentences(scenario.study, only)]
    tables = [_decisions(scenario, several=several) for scenario in explained]
    of = "" if several else f" of {explained[0].outcome.name}"
    return Analysis(f"Why in, why out: decisions{of}", command, words, tables)


def _decisions(scenario: ScenarioExplanation, *, several: bool) -> AnalysisTable:
    assert scenario.study is not None
    turns = not scenario.is_of_one and any(one.thresholds for one in scenario.decisions)
    rows = []
    for one in sorted(scenario.decisions, key=lambda decision: not decision.is_selected):
        moves = ((), ()) if one.opposite is None else (one.opposite.came_in, one.opposite.went_out)
        rows.append(
            [
                OutCell(title_of(one), wrap=True),
                OutCell("in" if one.is_selected else "out"),
                OutCell(one.reason, wrap=True),
                OutCell(price(scenario.study, one) or None, wrap=True),
                *map(keys_cell, moves),
            ]
        )
        if turns:
            rows[-1].append(OutCell(" ".join(turning_sentences(scenario.study.plan, one)) or None, wrap=True))
    name = scenario.outcome.name
    headers = [("Initiative", _L), ("Decision", _L), ("Why", _L), ("The opposite decision", _L), *_EXCHANGE]
    if turns:
        headers.append(("Where it turns", _L))
    return AnalysisTable(
        f"decisions {name}" if several else "decisions",
        f"Decisions of {name}" if several else "Decisions",
        headers,
        rows,
    )


def what_if_analysis(answer: WhatIf, command: str) -> Analysis | None:
    """The figures before and after, and what comes in and drops out."""
    plan = answer.after.plan
    if plan is None:
        return None
    before, after = answer.scenarios
    tables = []
    if before.solved and after.solved and before.portfolio is not None and after.portfolio is not None:
        rows = []
        for kpi in plan.kpis:
            pattern = unit_of(kpi).pattern
            rows.append(
                _figures(
                    kpi.name or kpi.key,
                    before.portfolio.kpi_totals[kpi.key],
                    after.portfolio.kpi_totals[kpi.key],
                    pattern,
                )
            )
        used = {use.resource: use.used for use in before.portfolio.resources}
        for use in after.portfolio.resources:
            name, was = spoken_resource(use.resource), used.get(use.resource, 0.0)
            rows.append(_figures(f"{name} used", was, use.used, amount_pattern(was, use.used)))
        headers = [("", _L), ("Before", _R), ("After", _R), ("Change", _R)]
        tables = [
            AnalysisTable("figures", "Totals before and after", headers, rows),
            AnalysisTable("exchange", "What changes", [("", _L), *_MOVED], list(_moves(plan, answer))),
        ]
    words = [*change_lines(answer), *effect_lines(answer)]
    return Analysis(f"What if: {before.name}", command, words, tables)


_MOVED = [("Initiative", _L), ("Title", _L)]


def _figures(name: str, before: float, after: float, pattern: str) -> list[OutCell]:
    return [OutCell(name), *(OutCell(figure, number_format=pattern) for figure in (before, after, after - before))]


def _moves(plan: Plan, answer: WhatIf) -> Iterator[list[OutCell]]:
    for word, keys in (("comes in", answer.came_in), ("drops out", answer.went_out)):
        for key in keys:
            yield [OutCell(word), OutCell(key), OutCell(plan.initiative(key).title or None)]


def audit_analysis(answer: AuditAnswer, command: str) -> Analysis | None:
    """The plan made by hand beside the best one and those that are better in one way."""
    study, audit = answer.reading.study, answer.audit
    if study is None or audit is None:
        return None
    own = {use.resource: use.used for use in audit.evaluation.resources}
    best = {use.resource: use.used for use in study.answer.resources}
    selected, chosen = set(audit.evaluation.selected), set(study.answer.selected)
    added = [key for key in study.answer.selected if key not in selected]
    dropped = [key for key in audit.evaluation.selected if key not in chosen]
    moved = moved_between(audit.evaluation.starts, study.answer.starts)
    to_best = _changes(study, added, dropped, moved, study.answer.starts)
    plans: list[tuple[str, float, Mapping[str, float], Sequence[OutCell]]] = [
        ("Your plan", audit.evaluation.objective, own, _changes(study, (), (), (), {})),
        (best_plan_words(study), audit.best_objective, best, to_best),
    ]
    others: list[tuple[str, Alternative | None]] = [
        ("Better at the same cost", audit.better),
        ("Cheaper at the same value", audit.cheaper),
        ("Fewest changes", audit.near_best),
    ]
    plans += [
        (name, one.objective, one.resources, _changes(study, one.came_in, one.went_out, one.moved, one.starts))
        for name, one in others
        if one is not None
    ]
    limited = next(iter(study.scenario.capacities), TOKENS)
    amounts = amount_pattern(*(spent.get(limited) for _, _, spent, _ in plans))
    rows = [
        [
            OutCell(name),
            OutCell(objective, number_format=objective_pattern(study)),
            OutCell(spent.get(limited), number_format=amounts),
            *changes,
        ]
        for name, objective, spent, changes in plans
    ]
    unit = spoken_resource(limited)
    headers = [("Plan", _L), (objective_name(study), _R), (f"{unit} used", _R), *_change_headers(study)]
    broken = [[OutCell(one.rule.wording, wrap=True), OutCell(one.amount)] for one in audit.broken]
    tables = [AnalysisTable("plans", "Your plan and better ones", headers, rows)]
    if len(audit.moves) > 1:
        tables.append(_moves_to_best(study, audit))
    if broken:
        tables.append(AnalysisTable("broken rules", "Rules that it breaks", [("Rule", _L), ("Off by", _R)], broken))
    words = list(audit_sentences(answer, with_moves=False))
    return Analysis(f"Audit of a plan for {study.scenario.name}", command, words, tables)


def _change_headers(study: Study) -> list[tuple[str, Align]]:
    """Over several periods initiatives are also moved."""
    return [("Add", _L), ("Drop", _L), *([("Move to", _L)] if study.answer.horizon else [])]


def _changes(
    study: Study,
    came_in: Sequence[str],
    went_out: Sequence[str],
    moved: Sequence[Moved],
    starts: Mapping[str, str],
) -> list[OutCell]:
    """What is added, dropped and moved; over several periods with the period in which it then starts."""
    if not study.answer.horizon:
        return [keys_cell(came_in), keys_cell(went_out)]
    added = keys_cell(f"{key} in {starts[key]}" for key in came_in)
    return [added, keys_cell(went_out), keys_cell(f"{key} to {now}" for key, _, now in moved)]


def _moves_to_best(study: Study, audit: Audit) -> AnalysisTable:
    """Each move with its price, and what the plan has come to after it."""
    rows = [
        [
            OutCell(rank),
            *_changes(study, move.came_in, move.went_out, move.moved, move.after.starts),
            OutCell(move_price(study, move), wrap=True),
            OutCell(move.after.objective, number_format=objective_pattern(study)),
            OutCell("yes" if move.after.is_allowed else "no"),
        ]
        for rank, move in enumerate(audit.moves, start=1)
    ]
    headers = [("Move", _R), *_change_headers(study), ("Price", _L)]
    headers += [(f"{objective_name(study)} then", _R), ("Keeps every rule", _L)]
    return AnalysisTable("moves", "The fewest changes, move by move", headers, rows)


def change_analysis(answer: ChangeAnswer, command: str) -> Analysis | None:
    """The best value with each number of changes against the earlier plan."""
    study, curve = answer.reading.study, answer.curve
    if study is None or curve is None:
        return None
    rows = [
        [OutCell(allowed), OutCell(words, wrap=True), *(OutCell(text or None, wrap=True) for text in moves)]
        for allowed, words, *moves in change_rows(answer)
    ]
    headers = [("Changes", _L), ("Against any number", _L), *_EXCHANGE, ("Moves", _L)]
    table = AnalysisTable("changes", f"Changes against {curve.limit.since}", headers, rows)
    return Analysis(f"Value of changes to {study.scenario.name}", command, list(change_sentences(answer)), [table])
