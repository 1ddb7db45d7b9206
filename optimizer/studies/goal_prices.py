"""What the opposite of a decision costs where goals come first: the goals that would then be missed by more.

The levels of goals are asked one by one, most important first, as for the answer itself: with the levels before at what
the answer reaches, the least shortfall of this one with the opposite decision. The first one that is larger than the
answer's is the price; what would become of later goals, and of the objective, is not asked.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from optimizer.evaluate import evaluate
from optimizer.model.rows import Bits, Candidates
from optimizer.portfolio import Price, StopReason, TargetOutcome
from optimizer.rules import rules_of
from optimizer.search.clock import Clock, Work
from optimizer.search.exact_search import Search
from optimizer.search.goal_stages import LevelStage, level_stages
from optimizer.search.neighbors import Neighbors
from optimizer.search.solver_calls import SolverChoice
from optimizer.search.stages import Question
from optimizer.studies.study import Study


def goal_prices(study: Study, initiatives: Collection[str], work: Work) -> Mapping[str, Price]:
    """The price of the opposite decision about some candidates, as far as goals give way for it and `work` goes.

    Raises:
        Cancelled: `study.cancel` was set.
        SolverError: the solver crashed.
    """
    plan, scenario = study.plan, study.scenario
    candidates = Candidates(plan, scenario)
    question = Question(
        plan=plan,
        scenario=scenario,
        rules=rules_of(plan, scenario),
        candidates=candidates,
        solver=SolverChoice("highs"),
        clock=replace(Clock(None, study.cancel), work=work),
        breaks_ties=False,
    )
    levels = level_stages(plan, scenario, candidates)
    open_ones = [key for key in initiatives if key in candidates.columns]
    found: dict[str, Price] = {}
    for number, level in enumerate(levels):
        search = question.search([bound for one in levels for bound in one.bounds()])
        answer = candidates.bits_of(study.answer.selected)
        for held in levels[:number]:
            for demand in (held, *held.kept_at(answer)):
                search.demand(demand)
        search.demand(level)
        neighbors = Neighbors(candidates, search.rows(), answer, level.guide)
        for key in open_ones:
            if _is_kept_without(search, level, neighbors, answer, candidates.columns[key][0]):
                continue
            price = _price(study, question, search, level, key, number == 0)
            if price is not None:
                found[key] = price
        open_ones = [key for key in open_ones if key not in found]
    return found


def _is_kept_without(search: Search, level: LevelStage, neighbors: Neighbors, answer: Bits, column: int) -> bool:
    """Whether a selection near the answer has the opposite decision, and keeps the level as well as the answer does."""
    kept = level.kept_at(answer)
    return any(
        search.keeps_demands(bits) and all(demand.cut(bits) is None for demand in kept)
        for bits in neighbors.turned(column)
    )


def _price(
    study: Study, question: Question, search: Search, level: LevelStage, key: str, is_first: bool
) -> Price | None:
    """The price if this level gives way; None where it does not, or that is not proven."""
    candidates = question.candidates
    answer, column = candidates.bits_of(study.answer.selected), candidates.columns[key][0]
    if search.model.is_fixed(column):
        return None
    with search.model.fixed([(column, 1 - answer[column])]):
        least = search.best(level.terms, question.clock, sign=1, value_of=level.value, twice=True)
    if least.reason is StopReason.INFEASIBLE:
        # With levels held it may only be those that are in the way.
        return Price(True, is_possible=False) if is_first else None
    if least.bits is None or least.value is None or least.reason is not StopReason.OPTIMAL or least.gap:
        return None
    if all(demand.cut(least.bits) is None for demand in level.kept_at(answer)):
        return None
    selected = candidates.keys(least.bits)
    worse = tuple(_worse(study, level, evaluate(study.plan, study.scenario.name, selected).targets))
    return Price(True, is_possible=True, targets_worse=worse) if worse else None


def _worse(
    study: Study, level: LevelStage, targets: Collection[TargetOutcome]
) -> Iterator[tuple[TargetOutcome, TargetOutcome]]:
    asked = {goal.target for goal in level.level.goals}
    for before, after in zip(study.answer.targets, targets, strict=True):
        if before.target in asked and after.shortfall > before.shortfall:
            yield before, after
