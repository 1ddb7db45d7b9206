"""The list for every budget as tables and sentences for people."""

from collections.abc import Iterator
from typing import TypeGuard

from config.units import amount_of
from optimizer.plan import ObjectiveMode, spoken_resource
from optimizer.studies.priorities import Line, PriorityList
from optimizer.studies.study import Study
from optimizer.wording import number
from sheets_sync.run.decisions_in_words import titled_keys


def resource_words(found: PriorityList) -> str:
    """What the resource is called where it is counted."""
    return spoken_resource(found.resource)


def line_headers(found: PriorityList) -> tuple[str, ...]:
    """What each part of a line of the list is called."""
    headers = ("", "Initiative", resource_words(found), "In all")
    return (*headers, "Starts") if found.is_in_percent else headers


def line_rows(study: Study, found: PriorityList) -> Iterator[tuple[str, ...]]:
    """Each line: its number, its initiatives with their titles, what they cost, and what is spent up to there.

    Over several periods also when they start at the first budget that has the line.
    """
    for place, line in enumerate(found.lines, start=1):
        row = (str(place), titled_keys(study.plan, line.initiatives), number(line.cost), number(line.spent))
        yield (*row, start_words(line)) if found.is_in_percent else row


def start_words(line: Line) -> str:
    """When what is in a line starts: a period, or one for each of its initiatives."""
    periods = list(dict.fromkeys(line.starts.values()))
    if len(periods) <= 1:
        return "".join(periods)
    return ", ".join(f"{key} {period}" for key, period in line.starts.items())


def budget_header(found: PriorityList) -> str:
    """What budgets are counted in."""
    return "Of today's capacity" if found.is_in_percent else f"Budget in {resource_words(found)}"


def budget_words(found: PriorityList, amount: float) -> str:
    """A budget, in what it is counted in."""
    return f"{number(amount)}%" if found.is_in_percent else number(amount)


def budget_rows(study: Study, found: PriorityList) -> Iterator[tuple[str, str, str, str, str]]:
    """Each budget: the amount, how many lines are within it, what they bring, what the best plan brings, the loss."""
    for one in found.budgets:
        if one.best is None:
            why = "no plan keeps every rule" if one.is_proven else "no plan was found in time"
            yield budget_words(found, one.amount), "", "", "", why
            continue
        best = objective_amount(study, one.best)
        if one.lines is None or one.objective is None or one.loss_amount is None:
            yield budget_words(found, one.amount), "", "", best, "no cut of the list keeps every rule"
            continue
        loss = _loss_words(study, one.loss, one.loss_amount, "" if one.is_proven else "at most ")
        yield budget_words(found, one.amount), str(one.lines), objective_amount(study, one.objective), best, loss


def priority_lines(study: Study, found: PriorityList) -> Iterator[str]:
    """Both tables and the sentences below them, line by line."""
    unit, worth = resource_words(found), objective_name(study)
    for place, named, cost, spent, *starts in line_rows(study, found):
        yield f"{place}. {named}: {cost} {unit}, {spent} in all{''.join(f', starts {start}' for start in starts)}."
    of = " of today's capacity" if found.is_in_percent else f" {unit}"
    for amount, lines, mine, best, loss in budget_rows(study, found):
        if lines:
            counted = "1 line" if lines == "1" else f"{lines} lines"
            yield f"With {amount}{of}: {counted}, {worth} {mine}; the best plan {best}; the list loses {loss}."
        else:
            yield f"With {amount}{of}: {loss}."
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
    if found.largest_loss_amount is not None:
        loss = _loss_words(study, found.largest_loss, found.largest_loss_amount, "at most ")
        too_little = _too_little(found)
        if too_little is not None:
            yield f"With {too_little} or less, no plan keeps every rule."
        cut = "Cut the list at any of these budgets"
        if too_little is not None:
            cut = "Cut the list at any of the larger budgets"
        yield f"{cut}: it keeps every rule, and loses {loss} against the best plan."
    yield "Between two budgets, prerequisites and bundles hold wherever you cut."
    if found.is_in_percent:
        unit = resource_words(found)
        yield f"A budget is a part of today's capacity: the {unit} of each period and of each team change alike."
        yield "Starts are those at the first budget that has the line; with another budget some may be different."
    if study.scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC:
        yield "The goals of the scenario play no part in the list: it is ordered by the secondary objective."
    if found.left_out:
        yield f"In no plan of the list: {', '.join(found.left_out)}."


def _too_little(found: PriorityList) -> str | None:
    """The largest of the smallest budgets, at all of which no plan keeps every rule; None where there is none."""
    without = [one.amount for one in found.budgets if one.best is None and one.is_proven]
    least = min((one.amount for one in found.budgets if one.best is not None or not one.is_proven), default=None)
    if not without or least is None or max(without) > least:
        return None
    unit = " of today's capacity" if found.is_in_percent else f" {resource_words(found)}"
    return f"{budget_words(found, max(without))}{unit}"


def _loss_words(study: Study, share: float | None, amount: float, limit: str) -> str:
    """What the list loses: a percentage, or an amount where that says more."""
    if not amount:
        return "nothing"
    if not is_share_said(share):
        return f"{limit}{objective_amount(study, amount)}"
    return f"{limit}{_small(share)}"


def is_share_said(share: float | None) -> TypeGuard[float]:
    """Whether a loss is said as a percentage: more than all of what the best plan brings is nothing that people use."""
    return share is not None and share <= 1.0


def _small(share: float) -> str:
    """A percentage that never says 0 for something."""
    return "less than 0.01%" if share < 1e-4 else f"{share:.2%}"
