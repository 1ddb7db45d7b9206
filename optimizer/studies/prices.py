"""What every decision of an answer is worth: the opposite of each, solved, and where a contribution turns it.

Let V be the objective of the best portfolio without initiative i, and V_i(c) that of the best one with it, where c is
its contribution to one KPI. While the same portfolios are possible whatever c is, each of those with i gains
``slope * (c - now)``: V_i is a straight line, V is level, and both are proven at `now`. So the number at which they
cross is exact without another solve (`optimizer.studies.thresholds` searches for all others).

Floors on that KPI make more portfolios possible as c grows. What is out is therefore priced without them: if the best
portfolio with it keeps them all the same, it is the best one with them, at `now` and at any better c. What is selected
leaves as c falls, which makes fewer possible: the line holds as long as the answer itself keeps them.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil, floor

from optimizer.evaluate import evaluate_with
from optimizer.plan import Initiative, Kpi, ObjectiveMode, Plan, TargetKind
from optimizer.portfolio import Edge, Portfolio, Price, TargetOutcome
from optimizer.rules import rules_of
from optimizer.scenario import solve_scenario
from optimizer.search.clock import Work
from optimizer.studies.edits import edited
from optimizer.studies.goal_prices import goal_prices
from optimizer.studies.grid import Grid, step_of
from optimizer.studies.opposite import flip, is_verdict
from optimizer.studies.study import Study, is_better
from optimizer.studies.thresholds import DOUBLINGS
from optimizer.studies.turned_decisions import solve_turned

PRICED_UP_TO = 100
"""Candidates of a scenario whose decisions are priced within a run; more take a study of their own."""
WORK_UNITS = 120_000.0
"""Work for the prices of one scenario (`optimizer.search.clock`): two or three seconds of an idle core."""


@dataclass(frozen=True)
class _Other:
    """The best portfolio with the opposite decision; `is_line` says that its worth is a straight line from here on."""

    portfolio: Portfolio
    targets: tuple[TargetOutcome, ...]
    is_line: bool


def decision_prices(study: Study, work_units: float = WORK_UNITS) -> Mapping[str, Price]:
    """The price of the opposite of each decision that no rule commands, as far as `work_units` go.

    Empty for plans over several periods, for more than `PRICED_UP_TO` candidates, and for answers that are not proven.

    Raises:
        Cancelled: `study.cancel` was set.
        DefectError: an answer disagrees with the plan.
        SolverError: the solver crashed.
    """
    asked, work = _asked(study), Work(work_units)
    if not asked:
        return {}
    found = _turned_without_floors(study, [one.key for one in asked if one.key not in study.answer.selected], work)
    rest = [one.key for one in asked if one.key not in found]
    for key, portfolio in solve_turned(study, rest, work=work).items():
        found[key] = _Other(portfolio, portfolio.targets, key in study.answer.selected)
    prices = dict(goal_prices(study, [one.key for one in asked if one.key not in found], work))
    for one in asked:
        if one.key not in prices:
            other = found.get(one.key) or _in_full(study, one.key, work)
            is_known = other is not None and is_verdict(other.portfolio)
            prices[one.key] = _price(study, one, other) if other is not None and is_known else Price(False)
    return {one.key: prices[one.key] for one in asked}


def unproven_prices(study: Study) -> Mapping[str, Price]:
    """The same where none was proven."""
    return {one.key: Price(False) for one in _asked(study)}


def _asked(study: Study) -> list[Initiative]:
    if study.answer.horizon or len(study.candidates) > PRICED_UP_TO or not is_verdict(study.answer):
        return []
    return [one for one in study.candidates if not study.is_commanded(one.key)]


def _turned_without_floors(study: Study, keys: Iterable[str], work: Work) -> dict[str, _Other]:
    """What is out, priced without the floors on KPIs of the objective, as far as they are kept all the same."""
    free, rules, found = _without_floors(study), rules_of(study.plan, study.scenario), dict[str, _Other]()
    for key, portfolio in solve_turned(free, list(keys), work=work).items():
        if not portfolio.status.has_portfolio:
            found[key] = _Other(portfolio, (), is_line=False)
            continue
        whole = evaluate_with(study.plan, study.scenario, portfolio.selection, study.objective, rules)
        if whole.is_allowed:
            found[key] = _Other(portfolio, whole.targets, is_line=True)
    return found


def _without_floors(study: Study) -> Study:
    scenario = study.scenario
    kept = tuple(
        one
        for one in scenario.targets
        if one.kind is not TargetKind.FLOOR or one.kpi not in study.objective.coefficients
    )
    plan: Plan = study.plan.model_copy(update={"scenarios": (scenario.model_copy(update={"targets": kept}),)})
    return Study(plan, study.answer, solver=study.solver, cancel=study.cancel)


def _in_full(study: Study, key: str, work: Work) -> _Other | None:
    """The best portfolio with the opposite decision, where nothing quicker found it; None without work left."""
    if work.left <= 0:
        return None
    portfolio = solve_scenario(
        edited(study.plan, study.scenario.name, (flip(study, key),)),
        study.scenario.name,
        previous_selection=study.answer.selected,
        solver=study.solver,
        explain=False,
        break_ties=False,
        work=work,
        cancel=study.cancel,
    )
    return _Other(portfolio, portfolio.targets, key in study.answer.selected)


def _price(study: Study, initiative: Initiative, found: _Other) -> Price:
    key, answer, other = initiative.key, study.answer, found.portfolio
    if other.objective is None or answer.objective is None:
        return Price(True, is_possible=False)
    worse = tuple(
        (before, after)
        for before, after in zip(answer.targets, found.targets, strict=True)
        if after.shortfall > before.shortfall
    )
    change, sign = other.objective - answer.objective, study.objective.sign
    one, two = (sign * answer.objective,), (sign * other.objective,)
    if not is_better(one, two, study.room) and not is_better(two, one, study.room):
        change = 0.0
    goals_give_way = bool(worse) and study.scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC
    return Price(
        is_proven=True,
        is_possible=True,
        objective_change=change,
        came_in=tuple(one for one in other.selected if one not in answer.selected and one != key),
        went_out=tuple(one for one in answer.selected if one not in other.selected and one != key),
        targets_worse=worse,
        edge=_edge(study, initiative, other) if found.is_line and change and not goals_give_way else None,
    )


def _edge(study: Study, initiative: Initiative, other: Portfolio) -> Edge | None:
    """Where the contribution to the KPI that makes most of its score turns the decision; see the module's docstring."""
    kpi = _leading_kpi(study, initiative)
    if kpi is None or study.answer.objective is None or other.objective is None:
        return None
    now, good = initiative.contributions.get(kpi.key, 0.0), kpi.direction.sign
    is_selected = initiative.key in study.answer.selected
    if is_selected and good * now <= 0:
        return None
    column = [one.contributions[kpi.key] for one in study.candidates if kpi.key in one.contributions]
    step, slope = step_of(column), abs(study.objective.coefficients[kpi.key])
    largest = max(abs(now), max(map(abs, column), default=0.0), step)
    reach = floor(abs(now) / step) if is_selected else ceil(largest / step) * 2 ** (DOUBLINGS - 1)
    grid = Grid(now, step, -good if is_selected else good)
    answer, opposite = (study.objective.sign * one for one in (study.answer.objective, other.objective))

    def sides(steps: int) -> tuple[float, float]:
        moved = slope * abs(grid.number(steps) - now)
        return (opposite, answer - moved) if is_selected else (opposite + moved, answer)

    def turns(steps: int) -> bool:
        mine, bar = sides(steps)
        return is_better((mine,), (bar,), study.room)

    # Where the KPI is tiny beside the objective, what a proof leaves open is many steps wide.
    # What is lost may be more steps of a tiny KPI than there are whole numbers for a search.
    least = floor(min(abs(answer - opposite) / slope / step, reach + 2))
    steps = bisect_left(range(reach + 1), True, lo=max(1, least - 1), key=turns)
    if steps > reach or (is_selected and not _keeps_floors(study, kpi, abs(grid.number(steps) - now))):
        return None
    mine, bar = sides(steps)
    if mine - bar <= study.room * abs(answer):
        # The answer is the best one to so much of what it is worth, which may be far more than what is left of that.
        return None
    return Edge(kpi.key, now, grid.number(steps), grid.number(steps - 1))


def _keeps_floors(study: Study, kpi: Kpi, loss: float) -> bool:
    """Whether the answer keeps every floor on a KPI after so much less of it."""
    return all(
        kpi.direction.sign * (one.achieved - one.target.value) >= loss
        for one in study.answer.targets
        if one.target.kpi == kpi.key and one.target.kind is TargetKind.FLOOR
    )


def _leading_kpi(study: Study, initiative: Initiative) -> Kpi | None:
    """The KPI that makes most of an initiative's score; None where goals are about it, or several could be meant."""
    weights = {key: abs(weight) for key, weight in study.objective.coefficients.items() if weight}
    parts = {key: weight * abs(initiative.contributions.get(key, 0.0)) for key, weight in weights.items()}
    if not any(parts.values()) and len(parts) > 1:
        return None
    key = max(parts, key=lambda one: parts[one], default=None)
    if study.scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC:
        goals = {one.kpi for one in study.scenario.targets if one.kind is TargetKind.GOAL}
        key = None if key in goals else key
    return None if key is None else study.plan.kpi(key)
