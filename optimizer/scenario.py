"""One scenario from question to checked answer."""

import threading
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from optimizer import exact
from optimizer.answer_check import check_portfolio, check_selection
from optimizer.evaluate import evaluate_with
from optimizer.explain.conflict import conflict_of, proven_conflict
from optimizer.explain.findings import findings_of
from optimizer.explain.missed_goals import reach_of_missed_goals
from optimizer.explain.selection_reasons import selection_reasons
from optimizer.model.objectives import Objective, objective_of
from optimizer.model.options import Option
from optimizer.model.rows import Candidates
from optimizer.plan import ObjectiveMode, Plan, Selection, TargetKind
from optimizer.portfolio import PROVEN, MissedGoal, Portfolio, SolverInfo, SolverName, Status, StopReason, TargetOutcome
from optimizer.rules import rules_of
from optimizer.rules.rule import Rule
from optimizer.search.clock import Clock, Work
from optimizer.search.goal_stages import level_stages
from optimizer.search.solver_calls import SolverChoice
from optimizer.search.stages import Outcome, Question, run_stages
from optimizer.solvers.solve import solver_version

_UNNOTICED_S = 0.3
"""So much past a time limit is nothing that is made up for."""


def solve_scenario(
    plan: Plan,
    scenario_name: str,
    *,
    previous_selection: Collection[str] | None = None,
    solver: SolverName = "highs",
    time_limit_s: float | None = None,
    threads: int = 1,
    explain: bool = True,
    break_ties: bool = True,
    known: Collection[Collection[str]] = (),
    rules: Sequence[Rule] | None = None,
    work: Work | None = None,
    cancel: threading.Event | None = None,
) -> Portfolio:
    """The best portfolio of a scenario, proven as far as time allows and checked without the solver.

    Args:
        plan: what to choose from.
        scenario_name: which of its scenarios to answer.
        previous_selection: keys selected by the last run; ties go to the portfolio closest to it.
        solver: ``highs`` (in process) or ``cbc`` (needs the extra).
        time_limit_s: wall time in seconds for all stages together; None is unlimited for the answer itself. Ties, and
            what `explain` asks for, then get ten times as long as the answer took, at least two minutes each, and
            the result says where that was too short.
        threads: how many threads the solver may use.
        explain: also look for findings, for why nothing is possible, and for what missed goals would take.
        break_ties: without it, any of several portfolios that are equally good is the answer, and the result says so.
        known: selections from elsewhere (a `Selection` says when each starts); where one keeps the rules, the answer is
            never worse.
        rules: some of the scenario's rules, which alone hold; None for all of them.
        work: units of work for all stages, shared with whatever else is given them; None is what the time limit buys.
        cancel: set it from another thread to stop.

    Raises:
        Cancelled: `cancel` was set.
        DefectError: the solver's answer disagrees with the plan.
        KeyError: no such scenario.
        PlanError: the scenario lacks a north star, weights, or what its normalization divides by.
        SolverError: the solver crashed.
        SolverUnavailableError: the solver is not installed.
    """
    clock = Clock.with_work(time_limit_s, cancel) if work is None else Clock(time_limit_s, cancel, work)
    scenario = plan.scenario(scenario_name)
    name, version = solver_version(solver)
    question = Question(
        plan=plan,
        scenario=scenario,
        rules=rules_of(plan, scenario) if rules is None else tuple(rules),
        candidates=Candidates(plan, scenario),
        solver=SolverChoice(solver, threads),
        clock=clock,
        breaks_ties=break_ties,
    )
    is_open = proven_conflict(question) is None
    # What comes after the solver, the check and the totals, takes about as long as what came before it.
    question = replace(question, clock=clock.less(clock.elapsed_s - _UNNOTICED_S))
    if is_open:
        outcome = run_stages(question, previous_selection, known)
        portfolio = _portfolio(question, outcome)
    else:
        outcome = None
        portfolio = Portfolio(scenario=scenario.name, status=Status.INFEASIBLE)
    if explain:
        answer_s = clock.elapsed_s
        portfolio = _explained(question, outcome, portfolio, previous_selection, answer_s)
    return replace(portfolio, solver=SolverInfo(name, version, clock.elapsed_s))


def improved_by(
    plan: Plan, portfolio: Portfolio, selections: Iterable[Collection[str]], *, solver: SolverName = "highs"
) -> Portfolio:
    """The answer to a scenario, or the best of some selections where one keeps its rules and is better.

    For an answer that time cut short. Its bound holds for the better selection as well; its reasons are left out.

    Raises:
        DefectError: a selection disagrees with the plan.
    """
    scenario = plan.scenario(portfolio.scenario)
    if portfolio.status is Status.NO_SOLUTION:
        again = solve_scenario(
            plan, scenario.name, solver=solver, known=list(selections), time_limit_s=0.0, explain=False
        )
        return again if again.status.has_portfolio else portfolio
    if portfolio.status is not Status.FEASIBLE or portfolio.objective is None:
        return portfolio
    question = Question(
        plan, scenario, rules_of(plan, scenario), Candidates(plan, scenario), SolverChoice(solver), Clock()
    )
    objective = objective_of(plan, scenario, lambda kpi: 1.0 / portfolio.factors[kpi.key])
    levels = level_stages(question.plan, question.scenario, question.candidates)

    def worth(keys: Collection[str]) -> tuple[float, ...]:
        bits = question.candidates.bits_of(keys)
        return (*(-level.value(bits) for level in levels), objective.over(question.candidates).value(bits))

    best, selected = worth(portfolio.selection), None
    for keys in selections:
        own = keys if isinstance(keys, Selection) else Selection(keys)
        evaluation = evaluate_with(plan, scenario, own, objective, question.rules)
        if evaluation.is_allowed and _is_better(worth(own), best):
            best, selected = worth(own), own
    if selected is None:
        return portfolio
    bound = None if portfolio.bound is None else max(objective.sign * portfolio.bound, best[-1])
    outcome = Outcome(StopReason.TIME_LIMIT, selected, objective, bound, False, False, portfolio.stages)
    return replace(_portfolio(question, outcome), solver=portfolio.solver)


def _is_better(worth: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Whether a worth is larger, most important part first, by more than rounding."""
    for mine, theirs in zip(worth, other, strict=True):
        if not exact.reaches(theirs, mine):
            return True
        if not exact.reaches(mine, theirs):
            return False
    return False


def _explained(
    question: Question,
    outcome: Outcome | None,
    portfolio: Portfolio,
    previous: Collection[str] | None,
    answer_s: float,
) -> Portfolio:
    def patient() -> Question:
        return replace(question, clock=question.clock.extra(answer_s))

    if portfolio.status is Status.INFEASIBLE:
        return replace(portfolio, conflict=conflict_of(patient()))
    if outcome is None or outcome.objective is None or not portfolio.status.has_portfolio:
        return portfolio
    missed: tuple[MissedGoal, ...] = ()
    if question.scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC:
        missed = reach_of_missed_goals(patient(), portfolio)
    brief = question.clock.brief(answer_s)
    findings = findings_of(patient(), brief, outcome.objective, portfolio, previous)
    return replace(portfolio, missed_goals=missed, findings=findings)


def proven_portfolio(question: Question, objective: Objective, keys: Selection | None) -> Portfolio:
    """The checked answer where somebody proved that a selection is the best one, or (None) that there is none.

    Without reasons and scores of single initiatives.

    Raises:
        DefectError: the selection disagrees with the plan.
    """
    if keys is None:
        return Portfolio(scenario=question.scenario.name, status=Status.INFEASIBLE, factors=objective.factors)
    value = objective.over(question.candidates).value(question.candidates.bits_of(keys))
    outcome = Outcome(StopReason.OPTIMAL, keys, objective, value, True, False, ())
    return _portfolio(question, outcome, with_reasons=False)


def _portfolio(question: Question, outcome: Outcome, *, with_reasons: bool = True) -> Portfolio:
    scenario = question.scenario
    objective = outcome.objective
    factors = objective.factors if objective else {}
    if outcome.keys is None or objective is None:
        status = Status.INFEASIBLE if outcome.reason is StopReason.INFEASIBLE else Status.NO_SOLUTION
        return Portfolio(scenario=scenario.name, status=status, factors=factors, stages=outcome.stages)
    evaluation = evaluate_with(question.plan, scenario, outcome.keys, objective, question.rules)
    check_selection(scenario.name, evaluation)
    value = evaluation.objective
    bound = None if outcome.bound is None else objective.sign * outcome.bound + 0.0
    gap = None if bound is None else abs(bound - value) / max(abs(value), exact.ABSOLUTE_AT_ZERO)
    if bound == 0.0 and objective.sign * value >= -exact.ABSOLUTE_AT_ZERO * (1 + exact.RELATIVE):
        # A tie with the best possible 0 may be below it by the tolerance, which rounding may seem to exceed.
        gap = 0.0
    portfolio = Portfolio(
        scenario=scenario.name,
        status=_status(outcome, scenario.objective_mode, gap, evaluation.targets),
        objective=value,
        bound=bound,
        gap=gap,
        selected=evaluation.selected,
        starts=evaluation.starts,
        horizon=question.candidates.horizon,
        kpi_totals=evaluation.kpi_totals,
        resources=evaluation.resources,
        slices=evaluation.slices,
        targets=evaluation.targets,
        synergies=evaluation.synergies,
        factors=factors,
        scores=_scores(question, objective, outcome.keys) if with_reasons else {},
        stages=outcome.stages,
        ties_broken=outcome.ties_broken,
    )
    check_portfolio(portfolio, evaluation)
    if not with_reasons:
        return portfolio

    def worth(key: str, start: int) -> float:
        return objective.score(question.candidates, Option(question.plan.initiative(key), start))

    return replace(portfolio, reasons=selection_reasons(question.plan, question.rules, portfolio, worth))


def _status(outcome: Outcome, mode: ObjectiveMode, gap: float | None, targets: Collection[TargetOutcome]) -> Status:
    if not outcome.proven or gap is None or gap > PROVEN:
        return Status.FEASIBLE
    goals_met = all(target.met for target in targets if target.target.kind is TargetKind.GOAL)
    if mode is ObjectiveMode.LEXICOGRAPHIC and not goals_met:
        return Status.TARGETS_MISSED
    return Status.OPTIMAL


def _scores(question: Question, objective: Objective, selection: Selection) -> dict[str, float]:
    """score[i] of every candidate, in the order of the plan; over several periods at its start, or at the best one."""
    candidates = question.candidates
    scores = {initiative.key: 0.0 for initiative in question.plan.candidates(question.scenario)}
    for key, columns in candidates.columns.items():
        options = [candidates.options[column] for column in columns]
        if key in selection:
            options = [option for option in options if option.start == selection.starts[key]]
        scores[key] = max((objective.score(candidates, option) for option in options), default=0.0)
    return scores
