"""One draw of what all estimates may turn out to be: the plan of an answer in it, and the best plan.

A draw says all that `optimizer.studies.robustness` adds up, in plain figures, so that draws can be solved apart from
each other, in any process and on any machine, and be put together afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.evaluate import Evaluation, evaluate
from optimizer.plan import Plan
from optimizer.portfolio import Status
from optimizer.scenario import solve_scenario
from optimizer.studies.edits import with_costs
from optimizer.studies.estimates import Estimate
from optimizer.studies.study import Study, is_better

NEAR_BEST = 0.01
"""A plan whose objective is this near to the best, relative to it, counts as nearly the best."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw: the plan of the answer with its numbers, and what of the best plan counts.

    `used` and `parts` are the uses of resources and of slices, `met` whether each target is, all in the order in which
    an evaluation has them. `best` is None where no plan was found; `is_impossible` says that there is none. `regret` is
    what the best plan brings more; None where goals come first, or the plan breaks a rule.
    """

    kpi_totals: Mapping[str, float]
    used: tuple[float, ...]
    parts: tuple[float, ...]
    met: tuple[bool, ...]
    keeps_all: bool
    best: tuple[str, ...] | None
    is_impossible: bool
    is_near_best: bool
    regret: float | None


def drawn_plan(plan: Plan, estimates: Sequence[Estimate], numbers: Sequence[float]) -> Plan:
    """The plan with other numbers for its estimates."""
    contributions: dict[str, dict[str, float]] = {}
    costs: dict[str, dict[str, float]] = {}
    for one, number in zip(estimates, numbers, strict=True):
        (costs if one.is_cost else contributions).setdefault(one.initiative, {})[one.of] = float(number)
    initiatives = []
    for initiative in plan.initiatives:
        key = initiative.key
        if key in contributions:
            moved = {**initiative.contributions, **contributions[key]}
            initiative = initiative.model_copy(update={"contributions": moved})
        initiatives.append(with_costs(initiative, costs[key]) if key in costs else initiative)
    return plan.model_copy(update={"initiatives": tuple(initiatives)})


def evaluate_answer(study: Study, plan: Plan) -> Evaluation:
    """The plan of the answer with other numbers."""
    answer = study.answer
    return evaluate(plan, study.scenario.name, answer.starts if answer.horizon else answer.selected)


def solve_draws(study: Study, estimates: Sequence[Estimate], rows: NDArray[np.float64]) -> list[Draw]:
    """Draws, one after the other; each of the `rows` has a number for each of the `estimates`.

    Raises:
        Cancelled, DefectError, SolverError, SolverUnavailableError: as `Study.solve`.
    """
    return [_solve_draw(study, drawn_plan(study.plan, estimates, row.tolist())) for row in rows]


def _solve_draw(study: Study, plan: Plan) -> Draw:
    chosen = evaluate_answer(study, plan)
    known = (study.answer.selection,) if chosen.is_allowed else ()
    best = solve_scenario(
        plan,
        study.scenario.name,
        solver=study.solver,
        time_limit_s=study.time_limit_s,
        explain=False,
        break_ties=False,
        known=known,
        cancel=study.cancel,
    )
    is_near_best, regret = False, None
    if chosen.is_allowed and best.objective is not None:
        there, here = study.worth(best), study.worth(chosen)
        is_near_best = not is_better(there, here, NEAR_BEST)
        has_goals_first = len(there) > 1
        gain = study.objective.sign * (best.objective - chosen.objective)
        regret = None if has_goals_first else max(0.0, gain)
    return Draw(
        kpi_totals=dict(chosen.kpi_totals),
        used=tuple(use.used for use in chosen.resources),
        parts=tuple(use.used for use in chosen.slices),
        met=tuple(outcome.met for outcome in chosen.targets),
        keeps_all=chosen.is_allowed,
        best=best.selected if best.status.has_portfolio else None,
        is_impossible=best.status is Status.INFEASIBLE,
        is_near_best=is_near_best,
        regret=regret,
    )
