"""Which numbers lie so far apart that an answer stays without proof though neither time nor work ended it.

A solver sees no differences below its tolerance, which grows with the largest coefficient. Where that is what a proof
lacks, the finding names the largest amount of the stage and the smallest one beside it.
"""

from collections.abc import Iterator

from optimizer.model.objectives import Objective
from optimizer.model.rows import is_in
from optimizer.plan import Slice
from optimizer.portfolio import IDEAL, PROVEN, Finding, Portfolio, Stage
from optimizer.search.goal_stages import level_stages
from optimizer.search.stages import Question

_FAR = 1e6
"""Amounts that are nearer than this are not what a proof lacks: a solver sees one beside the other."""


def amounts_far_apart(question: Question, objective: Objective, portfolio: Portfolio) -> Iterator[Finding]:
    """The finding, where size is what leaves the answer unproven; figures: initiatives, their KPIs and amounts."""
    if not portfolio.is_blurred:
        return
    unproven = (s for s in portfolio.stages if not s.breaks_ties and (s.gap is None or s.gap > PROVEN))
    stage = next(unproven, None)
    if stage is None:
        return
    counted = list(_counted_in(question, objective, stage))
    amounts = [
        (abs(weight * amount), initiative.key, kpi, amount)
        for initiative in question.candidates.initiatives
        for kpi, weight, part in counted
        if (amount := initiative.contributions.get(kpi, 0.0)) and weight and is_in(initiative, part)
    ]
    if len(amounts) < 2:
        return
    (largest, key, kpi, amount), (least, other, other_kpi, other_amount) = max(amounts), min(amounts)
    if largest < _FAR * least:
        return
    figures: dict[str, float | str] = {"initiative": key, "amount": amount}
    figures |= {"other": other, "other_kpi": other_kpi, "other_amount": other_amount}
    yield Finding("sizes_far_apart", kpi, figures)


def _counted_in(question: Question, objective: Objective, stage: Stage) -> Iterator[tuple[str, float, Slice | None]]:
    """The KPIs of a stage, what a unit of each counts, and the part of the portfolio that it counts in."""
    levels = level_stages(question.plan, question.scenario, question.candidates)
    level = next((one.level for one in levels if one.stage_name == stage.name), None)
    if stage.name.startswith(IDEAL):
        yield stage.name.removeprefix(IDEAL), 1.0, None
    elif level is not None:
        yield from ((goal.target.kpi, 1.0 / goal.denominator, goal.target.slice) for goal in level.goals)
    else:
        yield from ((kpi, weight, None) for kpi, weight in objective.coefficients.items())
