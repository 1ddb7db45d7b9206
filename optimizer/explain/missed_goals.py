"""What it would take to meet a goal that a lexicographic scenario misses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from optimizer import exact
from optimizer.explain.conflict import irreducible
from optimizer.model.rows import Candidates
from optimizer.plan import TOKENS, Kpi, Target, TargetKind
from optimizer.portfolio import MissedGoal, Portfolio, StopReason
from optimizer.rules import holding, rules_of, token_capacity
from optimizer.rules.rule import BoundRule
from optimizer.search.core_search import best_by_core
from optimizer.search.exact_search import Search
from optimizer.search.found import Found
from optimizer.search.goal_stages import level_stages
from optimizer.search.stages import Question, run_stages
from optimizer.wording import listing, number

_ATTEMPTS = 5
"""How often a capacity is tried before the other goals are said to stand against a goal."""
_NO_TIME = "time ran out before finding out what it would need"


def reach_of_missed_goals(question: Question, portfolio: Portfolio) -> tuple[MissedGoal, ...]:
    """For each missed goal: the most that can be reached on its own, and a capacity at which the scenario meets it.

    The most is proven by solving under all rules with the other goals left aside. The capacity is the least that keeps
    what the goals of the same or a higher priority reach, and solving at it meets the goal. Where time ended first, the
    sentence says so.
    """
    missed = (o.target for o in portfolio.targets if not o.met and o.target.kind is TargetKind.GOAL)
    return tuple(_reach(question, target, portfolio.selection) for target in missed)


@dataclass(frozen=True)
class _Goal:
    """A goal that is missed, its KPI, and the rule that it is met."""

    target: Target
    kpi: Kpi
    rule: BoundRule

    @property
    def name(self) -> str:
        """``gmv in market UK``."""
        return self.kpi.key + self.target.scope


def _reach(question: Question, target: Target, selected: frozenset[str]) -> MissedGoal:
    rule = holding(question.plan, question.scenario, target)
    goal = _Goal(target, question.plan.kpi(target.kpi), rule)
    if question.clock.is_over:
        return MissedGoal(target, None, None, False, f"{goal.name}: {_NO_TIME}")
    best = best_by_core(question.search(), rule.terms(question.candidates), question.clock).found
    is_proven = best.reason is StopReason.OPTIMAL
    most = None if best.value is None or not is_proven else goal.kpi.direction.sign * best.value
    capacity = token_capacity(question.rules)
    is_met_alone = most is not None and exact.reaches(goal.kpi.direction.sign * most, rule.bound)
    alone, is_hopeless = (None, False) if is_met_alone else _capacity_for(question, rule, capacity)
    if alone is not None and (capacity is None or exact.stays_within(alone, capacity.bound)):
        alone, is_met_alone = None, True
    words = [] if most is None or is_met_alone else [_most(goal, most)]
    needed: float | None = None
    if capacity is None or (alone is None and not is_met_alone):
        if is_met_alone:
            words.append("it could be met on its own, but not together with goals of the same or a higher priority")
        elif is_hopeless:
            words.append(f"no {TOKENS} capacity would be enough for it{_because(question, rule, capacity)}")
        else:
            words.append(_NO_TIME)
    else:
        if alone is not None:
            alone = exact.rounded_for_people(alone, upwards=True)
        together = _Together(question, goal, capacity, selected)
        needed, is_known = together.capacity(alone)
        words.extend(_words(together, alone, needed, is_known=is_known))
    return MissedGoal(target, most, needed, is_hopeless, f"{goal.name}: {'; '.join(words)}")


def _because(question: Question, goal: BoundRule, capacity: BoundRule | None) -> str:
    """Which rules stand against a goal at any capacity; empty where time ended before that was found."""
    others = [rule for rule in question.rules if rule is not capacity]
    against, is_known = irreducible(question, [*others, goal])
    if not is_known:
        return ""
    wordings = [rule.wording() for rule in against if rule is not goal]
    return f", because {listing(wordings)}" if wordings else ": all candidates together do not reach it"


def _words(together: "_Together", alone: float | None, needed: float | None, *, is_known: bool) -> Iterator[str]:
    if alone is None:
        yield "it could be met on its own, but not together with goals of the same or a higher priority"
    if needed is not None:
        what = "it would need" if alone is not None else "together with them it would need"
        yield f"{what} an {TOKENS} capacity of {number(needed)} (now {number(together.tokens.stated)})"
    elif not is_known:
        yield _NO_TIME
    elif alone is not None:
        yield f"on its own an {TOKENS} capacity of {number(alone)} would suffice, but {together.others()} forbid it"


class _Together:
    """A missed goal beside the goals of the same or a higher priority."""

    def __init__(self, question: Question, goal: _Goal, tokens: BoundRule, selected: frozenset[str]) -> None:
        self.question = question
        self.goal = goal
        self.tokens = tokens
        self.selected = selected
        levels = level_stages(question.plan, question.scenario, question.candidates)
        own = next(n for n, stage in enumerate(levels) if any(g.target == goal.target for g in stage.level.goals))
        self.levels = levels[: own + 1]
        self.bounds = [bound for level in levels for bound in level.bounds()]

    def others(self) -> str:
        """Which goals stand against it, in words."""
        if len(self.levels) == 1:
            return "other goals of equal priority"
        if len(self.levels[-1].level.goals) == 1:
            return "the goals before it"
        return "goals of the same or a higher priority"

    def capacity(self, alone: float | None) -> tuple[float | None, bool]:
        """A capacity at which the scenario meets the goal (None: none found), and whether the time was enough."""
        if alone is not None and len(self.levels) == 1 and len(self.levels[0].level.goals) == 1:
            return alone, True
        shortfalls = self._shortfalls(self.selected)
        has_all_met = False
        for _ in range(_ATTEMPTS):
            found = self._least(shortfalls, has_all_met=has_all_met)
            if found.reason.is_limit or (found.value is None and found.reason is StopReason.OPTIMAL):
                return None, False
            if found.value is None:
                break
            needed = exact.rounded_for_people(found.value, upwards=True)
            reached = shortfalls
            if not exact.stays_within(needed, self.tokens.bound):
                keys = self._selected_at(needed)
                if keys is None:
                    return None, False
                if not self.goal.rule.violation(keys):
                    return needed, True
                # More tokens brought the other goals further, and that is what comes first.
                reached = self._shortfalls(keys)
            if reached == shortfalls:
                if has_all_met:
                    break
                # Goals of equal priority are a draw: only meeting all of them is sure to meet this one.
                has_all_met = True
            shortfalls = reached
        if alone is None:
            return None, True
        keys = self._selected_at(alone)
        if keys is None:
            return None, False
        return (None if self.goal.rule.violation(keys) else alone), True

    def _shortfalls(self, keys: frozenset[str]) -> list[float]:
        candidates = self.question.candidates
        bits = candidates.bits_of(keys)
        return [level.value(bits) for level in self.levels]

    def _least(self, shortfalls: Sequence[float], *, has_all_met: bool) -> Found:
        """The fewest tokens with which the goal is met and no level falls shorter than this."""
        question = self.question
        others = [rule for rule in question.rules if rule is not self.tokens]
        search = Search(question.candidates, [*others, self.goal.rule], question.solver, self.bounds)
        for level, shortfall in zip(self.levels, shortfalls, strict=True):
            search.demand(level)
            is_met = not shortfall or (has_all_met and level is self.levels[-1])
            for demand in level.met() if is_met else [level.hold(shortfall)]:
                search.demand(demand)
        tokens = question.candidates.cost_terms()
        return best_by_core(search, tokens, question.clock, sign=1, twice=True).found

    def _selected_at(self, capacity: float) -> frozenset[str] | None:
        """What the scenario selects at another capacity; None where the time was too short to prove it."""
        question = self.question
        capacities = {**question.scenario.capacities, TOKENS: capacity}
        scenario = question.scenario.model_copy(update={"capacities": capacities})
        asked = replace(
            question,
            scenario=scenario,
            rules=rules_of(question.plan, scenario),
            candidates=Candidates(question.plan, scenario),
        )
        outcome = run_stages(asked, None)
        return outcome.keys if outcome.proven else None


def _capacity_for(question: Question, goal: BoundRule, capacity: BoundRule | None) -> tuple[float | None, bool]:
    """The least engineering_tokens capacity at which `goal` can be met (None: not known), and whether none would do."""
    others = [rule for rule in question.rules if rule is not capacity]
    search = Search(question.candidates, [*others, goal], question.solver)
    tokens = question.candidates.cost_terms()
    found = best_by_core(search, tokens, question.clock, sign=1, twice=True).found
    if found.reason is StopReason.INFEASIBLE:
        return None, True
    if found.value is None or found.reason is not StopReason.OPTIMAL:
        return None, False
    return found.value, False


def _most(goal: _Goal, most: float) -> str:
    """``at most 0.07 of the 0.095 asked for can be reached within the rules``."""
    asked = goal.target.value
    shown = number(exact.rounded_for_people(most, upwards=goal.kpi.direction.sign < 0))
    base = "" if goal.target.baseline is None else f" on top of the baseline of {number(goal.target.baseline)}"
    if goal.kpi.direction.sign > 0 and most >= 0 and asked > 0:
        return f"at most {shown} of the {number(asked)} asked for{base} can be reached within the rules"
    return f"the best that can be reached within the rules is {shown}, and {number(asked)} is asked for{base}"
