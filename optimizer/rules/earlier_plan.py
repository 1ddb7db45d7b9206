"""Rules about an earlier plan: what stays of it, and how much may change.

The numbers in brackets are those of the maths in `optimizer.rules`.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from optimizer.model.rows import Candidates, Row, Sense, Terms
from optimizer.plan import ChangeLimit, Kept, Plan, Scenario, rules_of_kind
from optimizer.portfolio import SliceUse
from optimizer.rules.reasons import Facts, In, Out, Reason
from optimizer.rules.rule import BoundRule, Rule, candidate_keys
from optimizer.wording import number


@dataclass(frozen=True, kw_only=True, eq=False)
class StaysSelected(Rule):
    """What an earlier plan selected stays selected (21)."""

    kind: ClassVar[str] = "keep"

    initiative: str
    since: str

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["StaysSelected"]:
        """One rule per initiative that is kept."""
        candidates = candidate_keys(plan, scenario)
        for kept in rules_of_kind(scenario.rules, Kept):
            if kept.initiative in candidates:
                yield StaysSelected(initiative=kept.initiative, since=kept.since, source=kept.source)

    def rows(self, candidates: Candidates) -> Iterator[Row]:
        """``x_i >= 1``, whenever it starts."""
        columns = candidates.columns[self.initiative]
        yield Row(Terms(columns, (1.0,) * len(columns)), Sense.AT_LEAST, 1.0, self)

    def violation(self, selected: frozenset[str]) -> float:
        """1 where the initiative is missing."""
        return float(self.initiative not in selected)

    def demands(self) -> tuple[str, ...]:
        """The initiative."""
        return (self.initiative,)

    def why_in(self, facts: Facts) -> Iterator[Reason]:
        """``kept from the last run``."""
        if self.initiative in facts.selected:
            yield Reason(self.initiative, In.DEMANDED, f"kept from {self.since}")

    def why_out(self, facts: Facts) -> Iterator[Reason]:
        """None: it keeps nothing out."""
        del facts
        return iter(())

    def sentence(self) -> str:
        """``INIT-7 is kept from the last run``."""
        return f"{self.initiative} is kept from {self.since}"

    def without(self) -> str:
        """``let INIT-7 go with an exclude_initiative``: a rule of its own counts more than what is kept."""
        return f"let {self.initiative} go with an exclude_initiative"


@dataclass(frozen=True, kw_only=True, eq=False)
class MostChanges(BoundRule):
    """At most so many initiatives come in or go out against an earlier plan (22)."""

    kind: ClassVar[str] = "max_changes"
    sense: ClassVar[Sense] = Sense.AT_MOST

    candidates: frozenset[str]
    reference: frozenset[str]
    """What the earlier plan selected, of what is still a candidate."""
    since: str

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["MostChanges"]:
        """One rule per limit."""
        candidates = candidate_keys(plan, scenario)
        for limit in rules_of_kind(scenario.rules, ChangeLimit):
            yield MostChanges(
                candidates=candidates,
                reference=candidates.intersection(limit.reference),
                since=limit.since,
                stated=float(limit.most),
                source=limit.source,
                spec=limit,
            )

    @cached_property
    def added(self) -> Mapping[str, float]:
        """One more change for what comes in, one less for what stays."""
        return {key: -1.0 if key in self.reference else 1.0 for key in self.candidates}

    def terms(self, candidates: Candidates) -> Terms:
        """``sum of x_i over what is new - sum of x_i over what was selected``; the changes less a constant."""
        return candidates.terms(lambda initiative: self.added[initiative.key])

    def rows(self, candidates: Candidates) -> Iterator[Row]:
        """``sum of x_i over what is new + sum of (1 - x_i) over what was selected <= max``."""
        yield Row(self.terms(candidates), Sense.AT_MOST, self.stated - len(self.reference), self)

    def amount(self, selected: frozenset[str]) -> float:
        """How many come in or go out."""
        return float(len(self.reference ^ (selected & self.candidates)))

    def added_by(self, key: str) -> float:
        """One change more or less."""
        return self.added.get(key, 0.0)

    @property
    def measured(self) -> Hashable:
        """Changes, and against what."""
        return "changes", self.reference

    def use(self, selected: frozenset[str]) -> SliceUse:
        """How many changes there are."""
        return SliceUse(
            None, None, self.amount(selected), maximum=self.stated, changes_from=self.reference, since=self.since
        )

    def why_in(self, facts: Facts) -> Iterator[Reason]:
        """``stays: at most 3 initiatives come in or go out against the last run``."""
        if not self.keeps(self.amount(facts.selected) + 1):
            for key in self.reference & facts.selected:
                yield Reason(key, In.OTHERWISE, f"stays: {self.sentence()}")

    def why_not(self, key: str, added: float, amount: float, facts: Facts) -> Reason:
        """``one change too many: at most 3 initiatives come in or go out against the last run``."""
        del added, amount, facts
        return Reason(key, Out.NO_ROOM, f"one change too many: {self.sentence()}")

    def what(self) -> str:
        """``max_changes``, as the sheet's header says."""
        return "max_changes"

    def sentence(self) -> str:
        """``at most 3 initiatives come in or go out against the last run``."""
        counted = (
            "1 initiative comes in or goes" if self.stated == 1 else f"{number(self.stated)} initiatives come in or go"
        )
        return f"at most {counted} out against {self.since}"
