"""The best portfolio of a scenario that differs little from one whose best portfolio is known.

What is known, made better by a few changes, is a start; then a solver has to prove that nothing is better, and has
nothing else to do. Where goals come first and all of them can be met, no portfolio does better by them than one that
meets them: they are rows, and one solve is enough.
"""

import threading
from collections.abc import Iterable

from optimizer.errors import SolverError
from optimizer.model.objectives import objective_of
from optimizer.model.rows import Bits, Candidates
from optimizer.plan import Plan
from optimizer.portfolio import Portfolio, StopReason
from optimizer.rules import rules_of
from optimizer.scenario import proven_portfolio
from optimizer.search.clock import Clock, Work
from optimizer.search.core_search import CORE_ABOVE, SEEN
from optimizer.search.goal_stages import level_stages
from optimizer.search.neighbors import Neighbors
from optimizer.search.solver_calls import SolverChoice
from optimizer.search.stages import Question


def quick_answer(
    plan: Plan,
    scenario_name: str,
    near: Iterable[Iterable[str]],
    *,
    time_limit_s: float | None = None,
    work: Work | None = None,
    cancel: threading.Event | None = None,
) -> Portfolio | None:
    """The best portfolio of a scenario, proven and checked; of several any. None where it has to be asked for in full.

    That is so where goals come first and nothing near meets all of them, over several periods, in large plans, where
    numbers differ too much in size, where time ends the proof, and where there seems to be no portfolio. `near` are
    selections that may be nearly the best.
    `work` is what may be done; None is what the time limit buys.

    Raises:
        Cancelled: `cancel` was set.
        DefectError: the solver's answer disagrees with the plan.
        PlanError: the scenario has no objective.
    """
    scenario = plan.scenario(scenario_name)
    candidates = Candidates(plan, scenario)
    if candidates.horizon or not 0 < candidates.width <= CORE_ABOVE:
        return None
    starts = [candidates.bits_of(frozenset(keys)) for keys in near]
    levels = level_stages(plan, scenario, candidates)
    if levels and not any(all(not level.value(bits) for level in levels) for bits in starts):
        return None
    clock = Clock.with_work(time_limit_s, cancel) if work is None else Clock(time_limit_s, cancel, work)
    question = Question(plan, scenario, rules_of(plan, scenario), candidates, SolverChoice(), clock, breaks_ties=False)
    search, objective = question.search(), objective_of(plan, scenario)
    for level in levels:
        for goal in level.met():
            search.demand(goal)
    aim = objective.over(candidates)
    if search.model.is_impossible:
        return None
    known: list[Bits] = []
    for bits in starts:
        known += [bits, *Neighbors(candidates, search.rows(), bits, aim.terms).best()]
    best = max((bits for bits in known if search.keeps_demands(bits)), key=aim.value, default=None)
    try:
        found = search.better(aim.terms, clock, than=None if best is None else aim.value(best), value_of=aim.value)
    except SolverError:
        return None
    if found.reason is StopReason.OPTIMAL and found.bits is not None and not found.gap:
        best = found.bits if best is None or aim.value(found.bits) > aim.value(best) else best
    elif found.reason is not StopReason.INFEASIBLE:
        return None
    if best is None or search.model.largest_cost > SEEN * abs(aim.value(best)):
        return None
    return proven_portfolio(question, objective, candidates.keys(best))
