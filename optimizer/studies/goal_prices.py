"""What the opposite of a decision costs where goals come first: the goals that would then be missed by more.

The levels of goals are asked one by one, most important first, as for the answer itself: with the levels before at what
the answer reaches, the least shortfall of this one with the opposite decision. The first one that is larger than the
answer's is the price; what would become of later goals, and of the objective, is not asked.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from optimizer import exact
from optimizer.evaluate import evaluate
from optimizer.model.rows import Candidates, Terms
from optimizer.portfolio import Price, StopReason, TargetOutcome
from optimizer.rules import rules_of
from optimizer.search.clock import Clock, Work
from optimizer.search.exact_search import Search
from optimizer.search.found import Found
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
            short = held.value(answer)
            for demand in (held, *(held.met() if short == 0 else [held.hold(short)])):
                search.demand(demand)
        search.demand(level)
        asked = _Level(
            level,
            search,
            Neighbors(candidates, search.rows(), answer, level.guide),
            reached=level.value(answer),
            is_first=number == 0,
        )
        for key in open_ones:
            price = _price(study, question, asked, key)
            if price is not None:
                found[key] = price
        open_ones = [key for key in open_ones if key not in found]
    return found


@dataclass(frozen=True)
class _Level:
    """A level of goals, with the levels before it held."""

    level: LevelStage
    search: Search
    neighbors: Neighbors
    reached: float
    is_first: bool
    pool: list[tuple[int, ...]] = field(default_factory=list)

    def least(self, column: int, turned: int, clock: Clock) -> Found | None:
        """The least shortfall with a column at a value; None where it is no larger than the answer's."""
        search, level = self.search, self.level
        known = sorted([*self.neighbors.turned(column), *self.pool], key=level.value)
        best = next((bits for bits in known if bits[column] == turned and search.keeps_demands(bits)), None)
        if best is not None and exact.stays_within(level.value(best), self.reached):
            return None
        wanted = Terms(level.terms.columns, tuple(-coefficient for coefficient in level.terms.coefficients))
        than = None if best is None else -level.value(best)
        found = search.better(wanted, clock, than=than, value_of=lambda bits: -level.value(bits))
        if found.reason is StopReason.INFEASIBLE:
            least = None if best is None else level.value(best)
            return found if best is None else Found(StopReason.OPTIMAL, best, least, least)
        if found.bits is not None:
            self.pool.append(tuple(found.bits))
        return found


def _price(study: Study, question: Question, asked: _Level, key: str) -> Price | None:
    """The price if this level gives way; None where it does not, or that is not proven."""
    candidates, level = question.candidates, asked.level
    column, turned = candidates.columns[key][0], int(key not in study.answer.selected)
    if asked.search.model.is_fixed(column):
        return None
    with asked.search.model.fixed([(column, turned)]):
        least = asked.least(column, turned, question.clock)
    if least is None:
        return None
    if least.reason is StopReason.INFEASIBLE:
        # With levels held it may only be those that are in the way.
        return Price(True, is_possible=False) if asked.is_first else None
    if least.bits is None or least.value is None or least.reason is not StopReason.OPTIMAL or least.gap:
        return None
    if exact.stays_within(level.value(least.bits), asked.reached):
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
