"""Which numbers lie so far apart that an answer stays without proof though neither time nor work ended it.

A solver sees no differences below its tolerance, which grows with the largest coefficient. Where that is what a proof
lacks, the finding names the largest amount of the stage and the smallest one beside it.
"""

from collections.abc import Iterator

from optimizer.model.objectives import Objective
from optimizer.portfolio import IDEAL, PROVEN, Finding, Portfolio, Stage, Status
from optimizer.search.goal_stages import level_stages
from optimizer.search.stages import Question


def amounts_far_apart(question: Question, objective: Objective, portfolio: Portfolio) -> Iterator[Finding]:
    """The finding, where size is what leaves the answer unproven; figures: initiatives, their KPIs and amounts."""
    if portfolio.status is not Status.FEASIBLE or portfolio.is_cut_short or portfolio.is_effort_used_up:
        return
    unproven = (s for s in portfolio.stages if not s.breaks_ties and (s.gap is None or s.gap > PROVEN))
    stage = next(unproven, None)
    if stage is None:
        return
    weights = _weights_in(question, objective, stage)
    amounts = [
        (abs(weight * amount), initiative.key, kpi, amount)
        for initiative in question.candidates.initiatives
        for kpi, weight in weights.items()
        if (amount := initiative.contributions.get(kpi, 0.0)) and weight
    ]
    if len(amounts) < 2:
        return
    (_, key, kpi, amount), (_, other, other_kpi, other_amount) = max(amounts), min(amounts)
    figures: dict[str, float | str] = {"initiative": key, "amount": amount}
    figures |= {"other": other, "other_kpi": other_kpi, "other_amount": other_amount}
    yield Finding("sizes_far_apart", kpi, figures)


def _weights_in(question: Question, objective: Objective, stage: Stage) -> dict[str, float]:
    """By KPI, what a unit of it counts in a stage."""
    if stage.name.startswith(IDEAL):
        return {stage.name.removeprefix(IDEAL): 1.0}
    for level in level_stages(question.plan, question.scenario, question.candidates):
        if level.stage_name == stage.name:
            return {goal.target.kpi: 1.0 / goal.denominator for goal in level.level.goals}
    return dict(objective.coefficients)
