"""What it would take to meet a goal that a lexicographic scenario misses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from optimizer import exact
from optimizer.explain.conflict import irreducible
from optimizer.model.rows import Candidates, Terms
from optimizer.plan import Kpi, Target, TargetKind
from optimizer.portfolio import MissedGoal, Portfolio, StopReason
from optimizer.rules import further_capacities, holding, main_capacity, rules_of, with_capacity
from optimizer.rules.rule import BoundRule, wordings
from optimizer.search.clock import Clock
from optimizer.search.core_search import best_by_core
from optimizer.search.exact_search import Search
from optimizer.search.found import Found
from optimizer.search.goal_stages import level_stages
from optimizer.search.stages import Question, run_stages
from optimizer.wording import amount, listing, number

_ATTEMPTS = 12
"""How often a capacity is tried before the other goals are said to stand against a goal."""
_BETTER = 1e-6
"""A shortfall is better than another if it is smaller by this part."""
_NO_TIME = "time ran out before finding out what it would need"
_TOO_MUCH_WORK = "finding out what it would need takes more work than the explanation of an answer may"


def reach_of_missed_goals(question: Question, portfolio: Portfolio) -> tuple[MissedGoal, ...]:
    """For each missed goal: the most that can be reached on its own, and a capacity at which the scenario meets it.

    The most is proven by solving under all rules with the other goals left aside. Solving at the capacity meets the
    goal; it is called needed where it is the least of which that is true. Where time ended first, the sentence says so.
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
    if question.clock.is_spent:
        return MissedGoal(target, None, None, False, f"{goal.name}: {_not_known(question.clock)}")
    best = best_by_core(question.search(), rule.terms(question.candidates), question.clock).found
    is_proven = best.reason is StopReason.OPTIMAL
    most = None if best.value is None or not is_proven else goal.kpi.direction.sign * best.value
    capacity = main_capacity(question.rules)
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
            what = f"no {capacity.what()} would be enough for it" if capacity else "the rules do not allow it"
            words.append(f"{what}{_because(question, rule, capacity)}")
            words.extend(_other_way(question, goal, capacity, selected))
        else:
            words.append(_not_known(question.clock))
    else:
        together = _Together(question, goal, capacity, selected)
        if alone is not None:
            alone = exact.rounded_for_people(capacity.stated_for(alone), upwards=True)
        way = together.capacity(alone)
        needed = way.needed
        words.extend(_words(together, alone, way))
    return MissedGoal(target, most, needed, is_hopeless, f"{goal.name}: {'; '.join(words)}")


def _other_way(question: Question, goal: _Goal, main: BoundRule | None, selected: frozenset[str]) -> list[str]:
    """How much of another resource than the main one a goal needs; of the first with which it can be met."""
    for capacity in further_capacities(question.rules, main):
        alone, _ = _capacity_for(question, goal.rule, capacity)
        if alone is not None:
            alone = exact.rounded_for_people(capacity.stated_for(alone), upwards=True)
            together = _Together(question, goal, capacity, selected)
            return list(_words(together, alone, together.capacity(alone)))
    return []


def _not_known(clock: Clock) -> str:
    """Why there are no figures; the same words on every machine unless the clock came first."""
    return _NO_TIME if clock.is_over else _TOO_MUCH_WORK


def _because(question: Question, goal: BoundRule, capacity: BoundRule | None) -> str:
    """Which rules stand against a goal at any capacity; empty where time ended before that was found."""
    others = [rule for rule in question.rules if rule is not capacity]
    against, is_known = irreducible(question, [*others, goal])
    if not is_known:
        return ""
    reasons = wordings(rule for rule in against if rule is not goal)
    return f", because {listing(reasons)}" if reasons else ": all candidates together do not reach it"


@dataclass(frozen=True)
class _Way:
    """A capacity at which the scenario meets a goal (None: none found).

    `is_least` says that none below it does, `is_known` that the time was enough to find out.
    """

    needed: float | None
    is_least: bool = False
    is_known: bool = True


def _words(together: "_Together", alone: float | None, way: _Way) -> Iterator[str]:
    if alone is None:
        yield "it could be met on its own, but not together with goals of the same or a higher priority"
    what = together.capacity_rule.what()
    article = "an" if what[0] in "aeiou" else "a"
    if way.needed is not None:
        now = f"{number(way.needed)} (now {number(together.capacity_rule.stated)})"
        with_them = "" if alone is not None else "together with them "
        if way.is_least:
            yield f"{with_them}it would need {article} {what} of {now}"
        else:
            yield f"{with_them}it would be met with {article} {what} of {now}"
    elif not way.is_known:
        yield _not_known(together.question.clock)
    elif alone is not None:
        yield f"on its own {article} {what} of {number(alone)} would suffice, but {together.others()} forbid it"


class _Together:
    """A missed goal beside the goals of the same or a higher priority."""

    def __init__(self, question: Question, goal: _Goal, capacity: BoundRule, selected: frozenset[str]) -> None:
        self.question = question
        self.goal = goal
        self.capacity_rule = capacity
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

    def capacity(self, alone: float | None) -> _Way:
        """The least capacity at which the scenario meets the goal, as far as that can be said.

        With what the goals reach at one capacity, the next is the least with which the goal is met and they reach as
        much, or a goal before others reaches more: below that, the scenario would rather have what it had. Only a draw
        among goals of equal priority is not settled by capacity.
        """
        is_least = all(rule.beside(self._restated(2.0)) is rule for rule in self.question.rules)
        if alone is not None and len(self.levels) == 1 and len(self.levels[0].level.goals) == 1:
            return _Way(alone, is_least)
        shortfalls = self._shortfalls(self.selected)
        is_draw = False
        for _ in range(_ATTEMPTS):
            amount, is_known = self._next(shortfalls, is_draw=is_draw)
            if not is_known:
                return _Way(None, is_known=False)
            if amount is None:
                break
            needed = exact.rounded_for_people(self.capacity_rule.stated_for(amount), upwards=True)
            reached = shortfalls
            if not exact.stays_within(needed, self.capacity_rule.stated):
                keys = self._selected_at(needed)
                if keys is None:
                    return _Way(None, is_known=False)
                if not self.goal.rule.violation(keys):
                    return _Way(needed, is_least and not is_draw)
                # More capacity brought the other goals further, and that is what comes first.
                reached = self._shortfalls(keys)
            if reached == shortfalls:
                if is_draw:
                    break
                # Goals of equal priority are a draw: only meeting all of them is sure to meet this one.
                is_draw = True
            shortfalls = reached
        if alone is None:
            return _Way(None)
        keys = self._selected_at(alone)
        if keys is None:
            return _Way(None, is_known=False)
        return _Way(None) if self.goal.rule.violation(keys) else _Way(alone, is_least)

    def _shortfalls(self, keys: frozenset[str]) -> list[float]:
        candidates = self.question.candidates
        bits = candidates.bits_of(keys)
        return [level.value(bits) for level in self.levels]

    def _next(self, shortfalls: Sequence[float], *, is_draw: bool) -> tuple[float | None, bool]:
        """The least amount with which the goal is met and the levels do as well or better (None: none does).

        Also whether the time was enough to find it.
        """
        least: float | None = None
        for better in (None, *(n for n, shortfall in enumerate(shortfalls) if shortfall)):
            found = self._least(shortfalls, better, is_draw=is_draw)
            if found.reason.is_limit or (found.value is None and found.reason is StopReason.OPTIMAL):
                return None, False
            if found.value is not None:
                least = found.value if least is None else min(least, found.value)
        return least, True

    def _least(self, shortfalls: Sequence[float], better: int | None, *, is_draw: bool) -> Found:
        """The least amount with which the goal is met and no level falls shorter than this.

        With `better`, that level does better, and those after it do not matter.
        """
        question = self.question
        others = [rule for rule in question.rules if rule is not self.capacity_rule]
        search = Search(question.candidates, [*others, self.goal.rule], question.solver, self.bounds)
        for number_, (level, shortfall) in enumerate(zip(self.levels, shortfalls, strict=True)):
            search.demand(level)
            if better is not None and number_ > better:
                continue
            held = shortfall * (1 - _BETTER) if number_ == better else shortfall
            is_met = not held or (is_draw and level is self.levels[-1])
            for demand in level.met() if is_met else [level.hold(held)]:
                search.demand(demand)
        amount = self.capacity_rule.terms(question.candidates)
        return best_by_core(search, amount, question.clock, sign=1, twice=True).found

    def _restated(self, stated: float) -> BoundRule:
        return self.capacity_rule.restated(stated)

    def _selected_at(self, capacity: float) -> frozenset[str] | None:
        """What the scenario selects at another capacity; None where the time was too short to prove it."""
        question = self.question
        scenario = with_capacity(question.scenario, self._restated(capacity))
        asked = replace(
            question,
            scenario=scenario,
            rules=rules_of(question.plan, scenario),
            candidates=Candidates(question.plan, scenario),
        )
        outcome = run_stages(asked, None)
        return outcome.keys if outcome.proven else None


def _capacity_for(question: Question, goal: BoundRule, capacity: BoundRule | None) -> tuple[float | None, bool]:
    """The least of the limited resource with which `goal` can be met (None: not known), and whether no amount does."""
    others = [rule for rule in question.rules if rule is not capacity]
    search = Search(question.candidates, [*others, goal], question.solver)
    amount = Terms((), ()) if capacity is None else capacity.terms(question.candidates)
    found = best_by_core(search, amount, question.clock, sign=1, twice=True).found
    if found.reason is StopReason.INFEASIBLE:
        return None, True
    if found.value is None or found.reason is not StopReason.OPTIMAL:
        return None, False
    return found.value, False


def _most(goal: _Goal, most: float) -> str:
    """``at most 7% of the 9.5% asked for can be reached within the rules``."""
    asked = goal.target.value
    kpi = goal.kpi
    shown = amount(exact.rounded_for_people(most, upwards=kpi.direction.sign < 0), kpi)
    base = "" if goal.target.baseline is None else f" on top of the baseline of {amount(goal.target.baseline, kpi)}"
    if goal.kpi.direction.sign > 0 and most >= 0 and asked > 0:
        return f"at most {shown} of the {amount(asked, kpi)} asked for{base} can be reached within the rules"
    return f"the best that can be reached within the rules is {shown}, and {amount(asked, kpi)} is asked for{base}"
