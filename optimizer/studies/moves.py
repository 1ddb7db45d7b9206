"""The way from one plan to another in small moves, each with its price.

A move adds, drops and (over several periods) moves the fewest initiatives that keep the plan as good as it was:
afterwards it breaks no rule, and misses no goal, by more than before (by more than the plan at the end, where that is
more), and its objective is no worse, unless the move puts right a rule or a goal. What puts a rule right comes first;
of several such moves of one size the one with the largest gain. So somebody who follows the way may stop after any move
that leaves no rule broken.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from optimizer import exact
from optimizer.evaluate import Evaluation, evaluate_with
from optimizer.model.options import Option
from optimizer.model.rows import Candidates
from optimizer.plan import ObjectiveMode, Selection, TargetKind
from optimizer.rules import rules_of
from optimizer.studies.study import Study

MOST_TOGETHER = 4
"""A smallest move of more changes than these is not looked for: what is left is one move."""
_REPAIRED_FIRST = 2
"""A move that puts a rule right is looked for before others where it has no more changes than these."""
MOST_TRIED = 1_000
"""So many plans are evaluated, and then what is left is one move: a second or so of work at 300 initiatives."""
_MOST_GROUPS = 300_000
"""Likewise, so many groups of changes are looked at."""


Moved = tuple[str, str, str]
"""An initiative that starts in another period: its key, the period before, and the period after."""


@dataclass(frozen=True)
class Move:
    """One move, and what it changes beside the plan before it.

    Attributes:
        came_in: what is added, in the order of the plan.
        went_out: what is dropped.
        moved: what starts in another period.
        before: the plan before the move.
        after: the plan after it.
    """

    came_in: tuple[str, ...]
    went_out: tuple[str, ...]
    moved: tuple[Moved, ...]
    before: Evaluation
    after: Evaluation

    @property
    def objective_change(self) -> float:
        """Of the objective as people see it, in its own unit."""
        return exact.total([self.after.objective, -self.before.objective])

    @property
    def puts_right(self) -> tuple[str, ...]:
        """The rules that were broken before and are kept after it, in words."""
        still = {id(one.rule) for one in self.after.violations}
        return tuple(one.rule.sentence() for one in self.before.violations if id(one.rule) not in still)

    @property
    def resource_changes(self) -> Mapping[str, float]:
        """What is used more of each resource whose use changes; less where it is negative."""
        used = {use.resource: use.used for use in self.before.resources}
        changes = {use.resource: exact.total([use.used, -used[use.resource]]) for use in self.after.resources}
        return {resource: change for resource, change in changes.items() if change}


def moved_between(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Moved, ...]:
    """What starts in another period, from starts by key, in the order of those after."""
    return tuple((key, before[key], start) for key, start in after.items() if before.get(key, start) != start)


def moves_between(study: Study, start: Selection, end: Selection) -> tuple[Move, ...]:
    """The moves from one selection to another, which keeps every rule.

    Raises:
        KeyError: the plan has no such initiative.
    """
    return tuple(_Way(study, end).moves(start))


class _Way:
    def __init__(self, study: Study, end: Selection) -> None:
        self.study = study
        self.rules = tuple(rules_of(study.plan, study.scenario))
        self.order = {one.key: number for number, one in enumerate(study.plan.initiatives)}
        self.candidates = Candidates(study.plan, study.scenario)
        self.synergies = [one for one in study.scenario.synergies if one.kpi in study.objective.coefficients]
        self.tried = self.groups = 0
        self.goal = end
        self.end = self._evaluated(end)

    def moves(self, start: Selection) -> Iterator[Move]:
        here, at = self._evaluated(start), start
        while left := self._left(at):
            found = self._next(here, at, left)
            there, at = found or (self.end, self.goal)
            was, now = set(here.selected), set(there.selected)
            yield Move(
                tuple(key for key in there.selected if key not in was),
                tuple(key for key in here.selected if key not in now),
                moved_between(here.starts, there.starts),
                here,
                there,
            )
            here = there

    def _left(self, at: Selection) -> list[str]:
        """What is still to change, in the order of the plan."""
        keys = at.starts.keys() | self.goal.starts.keys()
        return sorted((key for key in keys if self._changes(at, key)), key=self.order.__getitem__)

    def _changes(self, at: Selection, key: str) -> bool:
        return at.starts.get(key) != self.goal.starts.get(key)

    def _after(self, at: Selection, group: Sequence[str]) -> Selection:
        """The selection in which some initiatives are as they are at the end."""
        kept = {key: start for key, start in at.starts.items() if key not in group}
        return Selection(kept | {key: self.goal.starts[key] for key in group if key in self.goal})

    def _next(self, here: Evaluation, at: Selection, left: Sequence[str]) -> tuple[Evaluation, Selection] | None:
        """The plan after the next move; None where none was found."""
        sizes = range(1, min(MOST_TOGETHER, len(left) - 1) + 1)
        if not here.is_allowed:
            repaired = self._smallest(here, at, left, sizes[:_REPAIRED_FIRST], self._repairs)
            if repaired is not None:
                return repaired
        return self._smallest(here, at, left, sizes, self._is_no_worse)

    def _smallest(
        self,
        here: Evaluation,
        at: Selection,
        left: Sequence[str],
        sizes: Sequence[int],
        is_good: Callable[[Evaluation, Evaluation], bool],
    ) -> tuple[Evaluation, Selection] | None:
        """The plan after the smallest good move, and of those the one with the largest gain."""
        gain_of = {key: self._score(self.goal, key) - self._score(at, key) for key in left}
        earned = self._earned(at)
        is_sound = here.is_allowed and not any(self._shortfalls(here))
        least = -self.study.room * abs(here.objective)
        for size in sizes:
            gains = []
            for number, group in enumerate(combinations(left, size)):
                self.groups += 1
                if self.groups > _MOST_GROUPS:
                    return None
                gain = sum(map(gain_of.__getitem__, group))
                if self.synergies:
                    gain += self._earned(self._after(at, group)) - earned
                # A plan that breaks nothing has nothing to put right.
                if gain >= least or not is_sound:
                    gains.append((-gain, number, group))
            for _, _, group in sorted(gains):
                if self.tried >= MOST_TRIED:
                    return None
                there = self._after(at, group)
                evaluation = self._evaluated(there)
                if is_good(here, evaluation):
                    return evaluation, there
        return None

    def _score(self, at: Selection, key: str) -> float:
        """What an initiative adds to the worth, which larger is better; 0 where it is not selected."""
        if key not in at:
            return 0.0
        option = Option(self.study.plan.initiative(key), at.starts[key])
        return self.study.objective.score(self.candidates, option)

    def _earned(self, at: Selection) -> float:
        """What synergies add to the worth."""
        plan, weights = self.study.plan, self.study.objective.coefficients
        earned = 0.0
        for one in self.synergies:
            if one.members and at.issuperset(one.members):
                finish = max(at.starts[key] + plan.initiative(key).duration - 1 for key in one.members)
                last = self.candidates.last
                times = plan.kpi(one.kpi).times_counted(finish, last) if self.candidates.horizon else 1
                earned += weights[one.kpi] * one.value * times
        return earned

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

    def _evaluated(self, selection: Selection) -> Evaluation:
        self.tried += 1
        study = self.study
        return evaluate_with(study.plan, study.scenario, selection, study.objective, self.rules)
