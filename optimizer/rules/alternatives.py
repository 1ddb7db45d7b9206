"""An initiative that needs one of several others. The number in brackets is that of the maths in `optimizer.rules`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import ClassVar

from optimizer.model.rows import Candidates, Row, Sense, difference
from optimizer.plan import AnyPrerequisite, Plan, Scenario, Selection, rules_of_kind, start_of
from optimizer.rules.reasons import Facts, In, Out, Reason
from optimizer.rules.rule import Rule, candidate_keys
from optimizer.wording import few, listing


@dataclass(frozen=True, kw_only=True, eq=False)
class RequiresAny(Rule):
    """An initiative is selected only if at least one of several others is; it starts once that one is finished (20)."""

    kind: ClassVar[str] = "prerequisite_any"

    initiative: str
    any_of: tuple[str, ...]
    missing: tuple[str, ...] = ()
    """Those of them that are not candidates of the scenario, so that they cannot be the one."""
    durations: Mapping[str, int] = field(default_factory=dict)
    """How many periods each of them takes, in a plan over several periods."""

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["RequiresAny"]:
        """One rule per row whose initiative is a candidate."""
        candidates, horizon = candidate_keys(plan, scenario), plan.horizon(scenario)
        for given in rules_of_kind(scenario.rules, AnyPrerequisite):
            any_of = tuple(sorted(set(given.any_of) - {given.initiative}))
            if horizon and plan.initiative(given.initiative).is_in_progress:
                # It has started: what had to come first has come.
                continue
            if any_of and given.initiative in candidates:
                yield RequiresAny(
                    initiative=given.initiative,
                    any_of=any_of,
                    missing=tuple(key for key in any_of if key not in candidates),
                    durations={key: plan.initiative(key).duration for key in any_of} if horizon else {},
                    source=given.source,
                )

    def rows(self, candidates: Candidates) -> Iterator[Row]:
        """``sum of z_i,s over s <= p  <=  sum of z_h,s finished by p``, over all that can be the one, for each start p.

        In a plan of one period ``x_i <= sum of x_h``.
        """
        own = candidates.columns[self.initiative]
        others = [column for key in self.any_of for column in candidates.columns.get(key, ())]
        for place, column in enumerate(own):
            latest = candidates.options[column].start or 0
            first = [c for c in others if not self.durations or candidates.options[c].finish <= latest]
            yield Row(difference(own[: place + 1], first), Sense.AT_MOST, 0.0, self)

    def violation(self, selected: frozenset[str]) -> float:
        """1 where the initiative is selected, and starts before any of them is finished."""
        return float(self.initiative in selected and self._ready(selected) > start_of(selected, self.initiative))

    def _ready(self, selected: frozenset[str]) -> float:
        """The first period in which the initiative may start; never without any of them."""
        chosen = [key for key in self.any_of if key in selected]
        if not self.durations:
            return 0.0 if chosen else inf
        return min((start_of(selected, key) + self.durations[key] - 1.0 for key in chosen), default=inf)

    def why_in(self, facts: Facts) -> Iterator[Reason]:
        """``needed by A``, for the one that is selected where no other of them is, or is in time."""
        chosen = [key for key in self.any_of if key in facts.selected]
        if self.initiative not in facts.selected:
            return
        for key in chosen:
            if self.violation(Selection({other: start_of(facts.selected, other) for other in facts.selected - {key}})):
                rank = In.NEEDED_BY_DEMANDED if self.initiative in facts.demanded else In.NEEDED
                yield Reason(key, rank, "needed by", (self.initiative,))

    def why_out(self, facts: Facts) -> Iterator[Reason]:
        """``needs B or C, and none is selected``."""
        if self.initiative in facts.left_out and facts.selected.isdisjoint(self.any_of):
            state = "a candidate" if len(self.missing) == len(self.any_of) else "selected"
            names = few(self.any_of) if len(self.any_of) == 1 else listing(self.any_of, "or", most=3)
            words = f"needs {names}, which is not {state}" if len(self.any_of) == 1 else f"needs {names}, none {state}"
            yield Reason(self.initiative, Out.LACKS, words)

    def blocks(self, facts: Facts) -> Iterator[tuple[str, int]]:
        """The starts before one of them is finished."""
        if self.initiative in facts.left_out:
            ready = self._ready(facts.selected)
            yield from ((self.initiative, start) for start in facts.starts_of(self.initiative) if start < ready)

    def sentence(self) -> str:
        """``INIT-7 needs INIT-3 or INIT-4``."""
        lacking = ""
        if len(self.missing) == len(self.any_of):
            lacking = ", but none of them is a candidate of this scenario"
        elif self.missing:
            verb = "is" if len(self.missing) == 1 else "are"
            state = "a candidate" if len(self.missing) == 1 else "candidates"
            lacking = f", of which {listing(self.missing)} {verb} not {state} of this scenario"
        return f"{self.initiative} needs {listing(self.any_of, 'or')}{lacking}"

    def without(self) -> str:
        """``let INIT-7 go without INIT-3 or INIT-4``."""
        return f"let {self.initiative} go without {listing(self.any_of, 'or')}"
