"""The list for every budget as tables and sentences for people."""

from collections.abc import Iterator

from config.units import amount_of
from optimizer.plan import TOKENS, ObjectiveMode
from optimizer.studies.priorities import PriorityList
from optimizer.studies.study import Study
from optimizer.wording import number
from sheets_sync.run.decisions_in_words import titled_keys


def resource_words(found: PriorityList) -> str:
    """What the resource is called where it is counted."""
    return "tokens" if found.resource == TOKENS else found.resource


def line_rows(study: Study, found: PriorityList) -> Iterator[tuple[str, str, str, str]]:
    """Each line: its number, its initiatives with their titles, what they cost, and what is spent up to there."""
    for place, line in enumerate(found.lines, start=1):
        yield str(place), titled_keys(study.plan, line.initiatives), number(line.cost), number(line.spent)


def budget_rows(study: Study, found: PriorityList) -> Iterator[tuple[str, str, str, str, str]]:
    """Each budget: the amount, how many lines are within it, what they bring, what the best plan brings, the loss."""
    for one in found.budgets:
        if one.best is None:
            why = "no plan keeps every rule" if one.is_proven else "no plan was found in time"
            yield number(one.amount), "", "", "", why
            continue
        best = objective_amount(study, one.best)
        if one.lines is None or one.objective is None or one.loss is None:
            yield number(one.amount), "", "", best, "no cut of the list keeps every rule"
            continue
        loss = "nothing" if not one.loss else f"{'' if one.is_proven else 'at most '}{_small(one.loss)}"
        yield number(one.amount), str(one.lines), objective_amount(study, one.objective), best, loss


def priority_lines(study: Study, found: PriorityList) -> Iterator[str]:
    """Both tables and the sentences below them, line by line."""
    unit, worth = resource_words(found), objective_name(study)
    for place, named, cost, spent in line_rows(study, found):
        yield f"{place}. {named}: {cost} {unit}, {spent} in all."
    for amount, lines, mine, best, loss in budget_rows(study, found):
        if lines:
            yield f"With {amount} {unit}: {lines} lines, {worth} {mine}; the best plan {best}; the list loses {loss}."
        else:
            yield f"With {amount} {unit}: {loss}."
    yield from priority_sentences(study, found)


def objective_amount(study: Study, objective: float) -> str:
    """An objective as people see it: the north star's amount, or a weighted sum."""
    if study.scenario.uses_north_star:
        return amount_of(objective, study.plan.kpi(study.objective.name))
    return number(float(f"{objective:.6g}"))


def objective_name(study: Study) -> str:
    """What the list brings the most of."""
    if study.scenario.uses_north_star:
        kpi = study.plan.kpi(study.objective.name)
        return kpi.name or kpi.key
    return "weighted sum"


def priority_sentences(study: Study, found: PriorityList) -> Iterator[str]:
    """How good the list is, what it leaves out, and what it does not consider."""
    if found.is_stopped and not found.budgets:
        yield "Stopped before a list was found."
        return
    if found.is_stopped:
        yield "Stopped before it was complete: a list that loses less may still be found."
    if found.largest_loss is not None:
        loss = "nothing" if not found.largest_loss else f"at most {_small(found.largest_loss)}"
        yield f"Cut the list at any of these budgets: it keeps every rule, and loses {loss} against the best plan."
    yield "Between two of them, prerequisites and bundles hold wherever you cut."
    if study.scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC:
        yield "The goals of the scenario play no part in the list: it is ordered by the secondary objective."
    if found.left_out:
        yield f"In no plan of the list: {', '.join(found.left_out)}."


def _small(share: float) -> str:
    """A percentage that never says 0 for something."""
    return "less than 0.01%" if share < 1e-4 else f"{share:.2%}"
