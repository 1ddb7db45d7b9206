"""The rule that something comes first. The number in brackets is that of the maths in `optimizer.rules`.

An initiative that is not a candidate of the scenario (switched off, or of another period) cannot be selected, so what
needs it cannot be either.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from optimizer.model.rows import Candidates, Row, Sense, Terms, difference
from optimizer.plan import Plan, Prerequisite, Scenario, rules_of_kind, start_of
from optimizer.rules.reasons import Facts, In, Out, Reason
from optimizer.rules.rule import Rule, candidate_keys, which_is
from optimizer.wording import few, listing


@dataclass(frozen=True, kw_only=True, eq=False)
class Requires(Rule):
    """An initiative is selected only if all of its prerequisites are; it starts once they are finished (10)."""

    kind: ClassVar[str] = "prerequisite"

    initiative: str
    requires: tuple[str, ...]
    missing: tuple[str, ...] = ()
    """Prerequisites that are not candidates of the scenario, so that the initiative cannot be selected."""
    lag: int = 0
    """So many periods later than finished, in a plan over several periods."""
    horizon: tuple[str, ...] = ()
    durations: Mapping[str, int] = field(default_factory=dict)
    """How many periods each prerequisite takes, in a plan over several periods."""

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["Requires"]:
        """One rule per candidate with prerequisites, and one per prerequisite of the scenario."""
        candidates = candidate_keys(plan, scenario)
        horizon = plan.horizon(scenario)
        given = [(i.key, i.prerequisite_keys, 0, i.source) for i in plan.initiatives]
        given += [(p.initiative, p.requires, p.lag, p.source) for p in rules_of_kind(scenario.rules, Prerequisite)]
        for initiative, keys, lag, source in sorted(given, key=lambda entry: entry[:3]):
            requires = tuple(sorted(set(keys) - {initiative}))
            if horizon and plan.initiative(initiative).is_in_progress:
                # It has started: what had to come first has come.
                continue
            if requires and initiative in candidates:
                yield Requires(
                    initiative=initiative,
                    requires=requires,
                    missing=tuple(key for key in requires if key not in candidates),
                    lag=lag if horizon else 0,
                    horizon=horizon,
                    durations={key: plan.initiative(key).duration for key in requires} if horizon else {},
                    source=source,
                )

    def rows(self, candidates: Candidates) -> Iterator[Row]:
        """``sum of z_i,s over s <= p  <=  sum of z_h,s finished by p - lag``, for each prerequisite h and start p.

        In a plan of one period ``x_i <= x_h``. ``x_i <= 0`` where a prerequisite is not a candidate.
        """
        own = candidates.columns[self.initiative]
        if self.missing:
            yield Row(Terms(own, (1.0,) * len(own)), Sense.AT_MOST, 0.0, self)
            return
        for key in self.requires:
            for place, column in enumerate(own):
                latest = (candidates.options[column].start or 0) - self.lag
                first = candidates.columns[key]
                if self.horizon:
                    first = tuple(other for other in first if candidates.options[other].finish <= latest)
                yield Row(difference(own[: place + 1], first), Sense.AT_MOST, 0.0, self)

    def violation(self, selected: frozenset[str]) -> float:
        """How many prerequisites are missing, or finished too late."""
        if self.initiative not in selected:
            return 0.0
        start = start_of(selected, self.initiative)
        return float(sum(key not in selected or self._ready(selected, key) > start for key in self.requires))

    def _ready(self, selected: frozenset[str], key: str) -> int:
        """The first period in which the initiative may start after a prerequisite that is selected."""
        return start_of(selected, key) + self.durations[key] - 1 + self.lag if self.horizon else 0

    def why_in(self, facts: Facts) -> Iterator[Reason]:
        """``needed by A``, for each of its prerequisites."""
        if self.initiative in facts.selected:
            rank = In.NEEDED_BY_DEMANDED if self.initiative in facts.demanded else In.NEEDED
            for key in self.requires:
                yield Reason(key, rank, "needed by", (self.initiative,))

    def why_out(self, facts: Facts) -> Iterator[Reason]:
        """``needs A, which is not selected``, or ``... not a candidate``, or ``... finished too late``."""
        if self.initiative not in facts.left_out:
            return
        lacking = [key for key in self.requires if key not in facts.selected]
        if self.missing:
            words = f"needs {few(self.missing)}, {which_is(self.missing)} not a candidate"
        elif lacking:
            words = f"needs {few(lacking)}, {which_is(lacking)} not selected"
        else:
            late = [key for key in self.requires if not self._can_follow(facts, key)]
            if not late:
                return
            words = f"needs {few(late)}, {which_is(late)} finished too late for it"
        yield Reason(self.initiative, Out.LACKS, words)

    def _can_follow(self, facts: Facts, key: str) -> bool:
        ready = self._ready(facts.selected, key)
        return any(start >= ready for start in facts.starts_of(self.initiative))

    def blocks(self, facts: Facts) -> Iterator[tuple[str, int]]:
        """The starts before its prerequisites are finished."""
        if self.initiative in facts.left_out and all(key in facts.selected for key in self.requires):
            ready = max(self._ready(facts.selected, key) for key in self.requires)
            yield from ((self.initiative, start) for start in facts.starts_of(self.initiative) if start < ready)

    def sentence(self) -> str:
        """``INIT-7 needs INIT-3``, ``INIT-7 needs INIT-3, finished 2 periods before it starts``."""
        lacking = ""
        if self.lag:
            lacking = f", finished {self.lag} {'period' if self.lag == 1 else 'periods'} before it starts"
        if self.missing:
            verb = "is not a candidate" if len(self.missing) == 1 else "are not candidates"
            lacking += f", but {listing(self.missing)} {verb} of this scenario"
        return f"{self.initiative} needs {listing(self.requires)}{lacking}"

    def without(self) -> str:
        """``let INIT-7 go without INIT-3``."""
        return f"let {self.initiative} go without {listing(self.requires, 'or')}"
