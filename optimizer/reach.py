"""What it would take to meet a goal that a lexicographic scenario misses."""

from optimizer import exact
from optimizer.bound_rules import KpiFloor, ResourceCapacity
from optimizer.plan import TOKENS, Target, TargetKind
from optimizer.portfolio import MissedGoal, Portfolio, StopReason
from optimizer.rule import BoundRule
from optimizer.search import Search
from optimizer.stages import Question
from optimizer.wording import number


def reach_of_missed_goals(question: Question, portfolio: Portfolio) -> tuple[MissedGoal, ...]:
    """For each missed goal, on its own: the most that can be reached, and the least capacity at which it would be met.

    Both are proven by solving under all rules, the second without the capacity of engineering tokens; the other goals
    are left aside.
    """
    missed = (o.target for o in portfolio.targets if not o.met and o.target.kind is TargetKind.GOAL)
    return tuple(_reach(question, target) for target in missed if not question.clock.is_over)


def _reach(question: Question, target: Target) -> MissedGoal:
    rule = KpiFloor.holding(question.plan, question.scenario, target)
    best = question.search().best(rule.terms(question.candidates), question.clock)
    is_proven = best.reason is StopReason.OPTIMAL
    most = None if best.value is None or not is_proven else rule.kpi.direction.sign * best.value
    needed, is_hopeless = _capacity_for(question, rule)
    return MissedGoal(
        target=target,
        most=most,
        capacity_needed=needed,
        no_capacity_suffices=is_hopeless,
        sentence=_sentence(rule, most, needed, is_hopeless=is_hopeless),
    )


def _capacity_for(question: Question, goal: KpiFloor) -> tuple[float | None, bool]:
    """The least engineering_tokens capacity at which `goal` can be met (None: not known), and whether none would do."""
    capacity = next((r for r in question.rules if isinstance(r, ResourceCapacity) and r.resource == TOKENS), None)
    others = [rule for rule in question.rules if rule is not capacity]
    search = Search(question.candidates, [*others, goal], question.solver)
    found = search.best(question.candidates.terms(lambda i: i.tokens), question.clock, sign=1, twice=True)
    if found.reason is StopReason.INFEASIBLE:
        return None, True
    if found.value is None or found.reason is not StopReason.OPTIMAL:
        return None, False
    is_met_now = capacity is None or exact.stays_within(found.value, capacity.bound)
    return (None if is_met_now else exact.rounded_for_people(found.value, upwards=True)), False


def _sentence(rule: KpiFloor, most: float | None, needed: float | None, *, is_hopeless: bool) -> str:
    name = rule.kpi.key + (f" in {rule.target.slice}" if rule.target.slice else "")
    words = []
    if most is not None:
        side = "at most" if rule.kpi.direction.sign > 0 else "no less than"
        words.append(f"{name} can be moved by {side} {number(_shown(rule, most))} of {number(rule.target.value)}")
    if needed is not None:
        words.append(f"{number(needed)} {TOKENS} would meet it")
    elif is_hopeless:
        words.append(f"no capacity of {TOKENS} would meet it")
    elif most is not None and _reaches(rule, most):
        words.append("it can be met on its own, but not with the goals that come before it")
    return "; ".join(words)


def _shown(rule: BoundRule, most: float) -> float:
    return exact.rounded_for_people(most, upwards=most < rule.stated)


def _reaches(rule: KpiFloor, most: float) -> bool:
    return exact.reaches(rule.kpi.direction.sign * most, rule.bound)
