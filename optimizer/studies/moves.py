"""The way from one plan to another in small moves, each with its price.

A move adds and drops the fewest initiatives that keep the plan as good as it was: afterwards it breaks no rule, and
misses no goal, by more than before (by more than the plan at the end, where that is more), and its objective is no
worse, unless the move puts right a rule or a goal. What puts a rule right comes first; of several such moves of one
size the one with the largest gain. So somebody who follows the way may stop after any move that leaves no rule broken.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from optimizer import exact
from optimizer.evaluate import Evaluation, evaluate_with
from optimizer.plan import ObjectiveMode, Selection, TargetKind
from optimizer.rules import rules_of
from optimizer.studies.stated_kpis import WORTH, worth_amounts, worth_of_synergies
from optimizer.studies.study import Study

MOST_TOGETHER = 4
"""A smallest move of more changes than these is not looked for: what is left is one move."""
_REPAIRED_FIRST = 2
"""A move that puts a rule right is looked for before others where it has no more changes than these."""
MOST_TRIED = 1_000
"""So many plans are evaluated, and then what is left is one move: a second or so of work at 300 initiatives."""
_MOST_GROUPS = 300_000
"""Likewise, so many groups of changes are looked at."""


@dataclass(frozen=True)
class Move:
    """One move, and what it changes beside the plan before it.

    Attributes:
        came_in: what is added, in the order of the plan.
        went_out: what is dropped.
        before: the plan before the move.
        after: the plan after it.
    """

    came_in: tuple[str, ...]
    went_out: tuple[str, ...]
    before: Evaluation
    after: Evaluation

    @property
    def objective_change(self) -> float:
        """Of the objective as people see it, in its own unit."""
        return exact.total([self.after.objective, -self.before.objective])

    @property
    def resource_changes(self) -> Mapping[str, float]:
        """What is used more of each resource whose use changes; less where it is negative."""
        used = {use.resource: use.used for use in self.before.resources}
        changes = {use.resource: exact.total([use.used, -used[use.resource]]) for use in self.after.resources}
        return {resource: change for resource, change in changes.items() if change}


def moves_between(study: Study, start: Collection[str], end: Collection[str]) -> tuple[Move, ...]:
    """The moves from one selection of a plan of one period to another, which keeps every rule.

    Raises:
        KeyError: the plan has no such initiative.
    """
    return tuple(_Way(study, frozenset(end)).moves(frozenset(start)))


class _Way:
    def __init__(self, study: Study, end: frozenset[str]) -> None:
        self.study = study
        self.rules = tuple(rules_of(study.plan, study.scenario))
        self.order = {one.key: number for number, one in enumerate(study.plan.initiatives)}
        self.scores = worth_amounts(study)
        self.synergies = worth_of_synergies(study)
        self.tried = self.groups = 0
        self.end = self._evaluated(end)

    def moves(self, start: frozenset[str]) -> Iterator[Move]:
        here = self._evaluated(start)
        while left := sorted(set(here.selected) ^ set(self.end.selected), key=self.order.__getitem__):
            there = self._next(here, left) or self.end
            was, now = set(here.selected), set(there.selected)
            yield Move(
                tuple(key for key in there.selected if key not in was),
                tuple(key for key in here.selected if key not in now),
                here,
                there,
            )
            here = there

    def _next(self, here: Evaluation, left: Sequence[str]) -> Evaluation | None:
        """The plan after the next move; None where none was found."""
        sizes = range(1, min(MOST_TOGETHER, len(left) - 1) + 1)
        if not here.is_allowed:
            repaired = self._smallest(here, left, sizes[:_REPAIRED_FIRST], self._repairs)
            if repaired is not None:
                return repaired
        return self._smallest(here, left, sizes, self._is_no_worse)

    def _smallest(
        self,
        here: Evaluation,
        left: Sequence[str],
        sizes: Sequence[int],
        is_good: Callable[[Evaluation, Evaluation], bool],
    ) -> Evaluation | None:
        """The plan after the smallest good move, and of those the one with the largest gain."""
        selected = frozenset(here.selected)
        is_sound = here.is_allowed and not any(self._shortfalls(here))
        least = -self.study.room * abs(here.objective)
        for size in sizes:
            gains = []
            for number, group in enumerate(combinations(left, size)):
                self.groups += 1
                if self.groups > _MOST_GROUPS:
                    return None
                gain = self._gain(selected, group)
                # A plan that breaks nothing has nothing to put right.
                if gain >= least or not is_sound:
                    gains.append((-gain, number, group))
            for _, _, group in sorted(gains):
                if self.tried >= MOST_TRIED:
                    return None
                there = self._evaluated(selected.symmetric_difference(group))
                if is_good(here, there):
                    return there
        return None

    def _gain(self, selected: frozenset[str], group: Sequence[str]) -> float:
        """What a group of changes adds to the worth, which larger is better."""
        gain = sum(-self.scores.get(key, 0.0) if key in selected else self.scores.get(key, 0.0) for key in group)
        if self.synergies:
            after = selected.symmetric_difference(group)
            gain += sum(
                one.value * (after.issuperset(one.members) - selected.issuperset(one.members))
                for one in self.synergies
                if one.kpi == WORTH and one.members
            )
        return gain

    def _is_no_worse(self, here: Evaluation, there: Evaluation) -> bool:
        """Whether nothing is worse after the move, or it puts something right that was broken before."""
        if self._breaks_more(here, there):
            return False
        missed = zip(self._shortfalls(here), self._shortfalls(there), strict=True)
        puts_right = self._repairs(here, there) or any(now < was for was, now in missed)
        change = self.study.objective.sign * (there.objective - here.objective)
        return puts_right or change >= -self.study.room * abs(here.objective)

    def _repairs(self, here: Evaluation, there: Evaluation) -> bool:
        """Whether a rule that was broken is kept, or broken by less, and nothing is broken or missed by more."""
        still = self._broken(there)
        is_less = any(still.get(what, 0.0) < amount for what, amount in self._broken(here).items())
        return is_less and not self._breaks_more(here, there)

    def _breaks_more(self, here: Evaluation, there: Evaluation) -> bool:
        broken = self._broken(here)
        if any(amount > broken.get(what, 0.0) for what, amount in self._broken(there).items()):
            return True
        shortfalls = map(self._shortfalls, (here, there, self.end))
        return any(now > max(was, last) for was, now, last in zip(*shortfalls, strict=True))

    def _broken(self, plan: Evaluation) -> dict[object, float]:
        """What is broken, and by how much: rules, and what is selected though it is no candidate."""
        broken: dict[object, float] = {id(one.rule): one.amount for one in plan.violations}
        return broken | dict.fromkeys(plan.strangers, 1.0)

    def _shortfalls(self, plan: Evaluation) -> tuple[float, ...]:
        """Of the goals that come before the objective."""
        if self.study.scenario.objective_mode is not ObjectiveMode.LEXICOGRAPHIC:
            return ()
        return tuple(one.shortfall for one in plan.targets if one.target.kind is TargetKind.GOAL)

    def _evaluated(self, selection: frozenset[str]) -> Evaluation:
        self.tried += 1
        study = self.study
        return evaluate_with(study.plan, study.scenario, Selection(selection), study.objective, self.rules)
