"""What it would take to meet a goal that a lexicographic scenario misses."""

from optimizer import exact
from optimizer.bound_rules import KpiFloor, ResourceCapacity
from optimizer.plan import TOKENS, Target, TargetKind
from optimizer.portfolio import MissedGoal, Portfolio, StopReason
from optimizer.search import Search
from optimizer.stages import Question
from optimizer.wording import number


def reach_of_missed_goals(question: Question, portfolio: Portfolio) -> tuple[MissedGoal, ...]:
    """For each missed goal, on its own: the most that can be reached, and the least capacity at which it would be met.

    Both are proven by solving under all rules, the second without the capacity of engineering tokens; the other goals
    are left aside. Where time ended first, the sentence says so.
    """
    missed = (o.target for o in portfolio.targets if not o.met and o.target.kind is TargetKind.GOAL)
    return tuple(_reach(question, target) for target in missed)


def _reach(question: Question, target: Target) -> MissedGoal:
    rule = KpiFloor.holding(question.plan, question.scenario, target)
    best = question.search().best(rule.terms(question.candidates), question.clock)
    is_proven = best.reason is StopReason.OPTIMAL
    most = None if best.value is None or not is_proven else rule.kpi.direction.sign * best.value
    capacity = next((r for r in question.rules if isinstance(r, ResourceCapacity) and r.resource == TOKENS), None)
    is_met_alone = most is not None and exact.reaches(rule.kpi.direction.sign * most, rule.bound)
    needed, is_hopeless = (None, False) if is_met_alone else _capacity_for(question, rule, capacity)
    if needed is not None and (capacity is None or exact.stays_within(needed, capacity.bound)):
        needed, is_met_alone = None, True
    words = [] if most is None or is_met_alone else [_most(rule, most)]
    if is_met_alone:
        words.append("it could be met on its own, but not together with goals of the same or a higher priority")
    elif needed is not None and capacity is not None:
        needed = exact.rounded_for_people(needed, upwards=True)
        words.append(f"it would need an {TOKENS} capacity of {number(needed)} (now {number(capacity.stated)})")
    elif is_hopeless:
        words.append(f"no {TOKENS} capacity would be enough for it")
    else:
        words.append("the time was too short to find out what it would need")
    return MissedGoal(target, most, needed, is_hopeless, f"{_name(rule)}: {'; '.join(words)}")


def _capacity_for(question: Question, goal: KpiFloor, capacity: ResourceCapacity | None) -> tuple[float | None, bool]:
    """The least engineering_tokens capacity at which `goal` can be met (None: not known), and whether none would do."""
    others = [rule for rule in question.rules if rule is not capacity]
    search = Search(question.candidates, [*others, goal], question.solver)
    found = search.best(question.candidates.terms(lambda i: i.tokens), question.clock, sign=1, twice=True)
    if found.reason is StopReason.INFEASIBLE:
        return None, True
    if found.value is None or found.reason is not StopReason.OPTIMAL:
        return None, False
    return found.value, False


def _name(rule: KpiFloor) -> str:
    return rule.kpi.key + (f" in {rule.target.slice}" if rule.target.slice else "")


def _most(rule: KpiFloor, most: float) -> str:
    """``at most 0.07 of the 0.095 asked for can be reached within the rules``."""
    asked = rule.target.value
    shown = number(exact.rounded_for_people(most, upwards=rule.kpi.direction.sign < 0))
    base = "" if rule.target.baseline is None else f" on top of the baseline of {number(rule.target.baseline)}"
    if rule.kpi.direction.sign > 0 and most >= 0 and asked > 0:
        return f"at most {shown} of the {number(asked)} asked for{base} can be reached within the rules"
    return f"the best that can be reached within the rules is {shown}, and {number(asked)} is asked for{base}"
