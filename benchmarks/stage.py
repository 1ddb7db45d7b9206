"""Our objective stage apart from tie-breaking: from a plan to a portfolio that was checked without the solver."""

from dataclasses import dataclass

from optimizer.answer_check import check_selection
from optimizer.evaluate import Evaluation, evaluate_with
from optimizer.explain.conflict import proven_conflict
from optimizer.model.objectives import Objective, ObjectiveTerms, objective_of
from optimizer.model.rows import Candidates
from optimizer.plan import Plan, Scenario
from optimizer.rules import rules_of
from optimizer.search.clock import Clock
from optimizer.search.core_search import CoreFound
from optimizer.search.exact_search import Search
from optimizer.search.solver_calls import SolverChoice
from optimizer.search.stages import EXACT_UP_TO, Question
from optimizer.search.tie_breaking import TieBreak, break_ties


@dataclass(frozen=True)
class Built:
    """A scenario's problem, ready to be solved."""

    question: Question
    objective: Objective
    aim: ObjectiveTerms
    search: Search


@dataclass(frozen=True)
class Answered:
    """The best portfolio, and what is needed to look for others that tie with it."""

    built: Built
    core: CoreFound
    evaluation: Evaluation


def build(plan: Plan, scenario: Scenario, *, time_limit_s: float | None = None) -> Built:
    """Rules, pre-check and PuLP problem of a scenario without goals of higher priority.

    Raises:
        ValueError: the rules contradict each other.
    """
    question = Question(
        plan=plan,
        scenario=scenario,
        rules=rules_of(plan, scenario),
        candidates=Candidates(plan, scenario),
        solver=SolverChoice(),
        clock=Clock(time_limit_s),
    )
    if proven_conflict(question) is not None:
        raise ValueError(f"scenario {scenario.name!r} is impossible")
    objective = objective_of(plan, scenario)
    search = question.search()
    aim = objective.over(question.candidates)
    search.model.minimize(aim.terms, -1)
    return Built(question, objective, aim, search)


def solve(built: Built) -> Answered | None:
    """The objective stage proper, checked; None where time ended first."""
    question = built.question
    core = question.best(built.search, built.aim.terms, value_of=built.aim.value)
    if core.found.bits is None:
        return None
    keys = question.candidates.keys(core.found.bits)
    evaluation = evaluate_with(question.plan, question.scenario, keys, built.objective, question.rules)
    check_selection(question.scenario.name, evaluation)
    return Answered(built, core, evaluation)


def settle_ties(answered: Answered, clock: Clock) -> TieBreak:
    """The one portfolio among those that tie with the best; uses the search up."""
    built, core = answered.built, answered.core
    is_large = len(built.question.candidates.initiatives) > EXACT_UP_TO
    return break_ties(built.search, built.aim, core.found, None, clock, bound=core.bound, ties_are_likely=is_large)
