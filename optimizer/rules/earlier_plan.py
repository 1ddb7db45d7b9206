"""Rules about an earlier plan: what stays of it, and how much may change.

The numbers in brackets are those of the maths in `optimizer.rules`.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

from optimizer.model.rows import Candidates, Row, Sense, Terms
from optimizer.plan import ChangeLimit, Kept, Plan, Scenario, rules_of_kind, start_of
from optimizer.portfolio import SliceUse
from optimizer.rules.reasons import Facts, In, Out, Reason
from optimizer.rules.rule import BoundRule, Rule, candidate_keys
from optimizer.wording import number


@dataclass(frozen=True, kw_only=True, eq=False)
class StaysSelected(Rule):
    """What an earlier plan selected stays selected, and starts when it was to start (21)."""

    kind: ClassVar[str] = "keep"

    initiative: str
    since: str
    start: int | None = None
    """The period of the horizon in which it starts; None is any."""
    horizon: tuple[str, ...] = ()

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["StaysSelected"]:
        """One rule per initiative that is kept."""
        candidates, horizon = candidate_keys(plan, scenario), plan.horizon(scenario)
        for kept in rules_of_kind(scenario.rules, Kept):
            if kept.initiative in candidates:
                yield StaysSelected(
                    initiative=kept.initiative,
                    since=kept.since,
                    start=None if kept.start is None else horizon.index(kept.start),
                    horizon=horizon,
                    source=kept.source,
                )

    def rows(self, candidates: Candidates) -> Iterator[Row]:
        """``x_i >= 1``, whenever it starts; or ``z_i,p >= 1`` where its start is kept."""
        columns = tuple(
            column
            for column in candidates.columns[self.initiative]
            if self.start in (None, candidates.options[column].start)
        )
        yield Row(Terms(columns, (1.0,) * len(columns)), Sense.AT_LEAST, 1.0, self)

    def violation(self, selected: frozenset[str]) -> float:
        """1 where the initiative is missing, or starts in another period than it was to."""
        if self.initiative not in selected:
            return 1.0
        return float(self.start not in (None, start_of(selected, self.initiative)))

    def demands(self) -> tuple[str, ...]:
        """The initiative."""
        return (self.initiative,)

    def why_in(self, facts: Facts) -> Iterator[Reason]:
        """``kept from the last run``, ``kept with its start from the last run``."""
        if self.initiative in facts.selected:
            what = "kept" if self.start is None else "kept with its start"
            yield Reason(self.initiative, In.DEMANDED, f"{what} from {self.since}")

    def why_out(self, facts: Facts) -> Iterator[Reason]:
        """None: it keeps nothing out."""
        del facts
        return iter(())

    def sentence(self) -> str:
        """``INIT-7 is kept from the last run``, ``INIT-7 is kept from the last run, starting in 2026-Q4``."""
        when = "" if self.start is None else f", starting in {self.horizon[self.start]}"
        return f"{self.initiative} is kept from {self.since}{when}"

    def without(self) -> str:
        """``let INIT-7 go with an exclude_initiative``: a rule of its own counts more than what is kept."""
        return f"let {self.initiative} go with an exclude_initiative"


@dataclass(frozen=True, kw_only=True, eq=False)
class MostChanges(BoundRule):
    """At most so many initiatives come in, go out or start in another period than in an earlier plan (22)."""

    kind: ClassVar[str] = "max_changes"
    sense: ClassVar[Sense] = Sense.AT_MOST

    candidates: frozenset[str]
    reference: frozenset[str]
    """What the earlier plan selected, of what is still a candidate."""
    since: str
    starts: Mapping[str, int] = field(default_factory=dict)
    """The period of the horizon in which each of them started, where another start counts as a change."""

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["MostChanges"]:
        """One rule per limit."""
        candidates, horizon = candidate_keys(plan, scenario), plan.horizon(scenario)
        for limit in rules_of_kind(scenario.rules, ChangeLimit):
            yield MostChanges(
                candidates=candidates,
                reference=candidates.intersection(limit.reference),
                since=limit.since,
                starts={key: horizon.index(start) for key, start in limit.starts.items() if key in candidates},
                stated=float(limit.most),
                source=limit.source,
                spec=limit,
            )

    @cached_property
    def added(self) -> Mapping[str, float]:
        """One more change for what comes in, one less for what stays."""
        return {key: -1.0 if key in self.reference else 1.0 for key in self.candidates}

    def terms(self, candidates: Candidates) -> Terms:
        """``sum of x_i over what is new - sum of x_i over what stays, at its start``; the changes less a constant."""
        return candidates.terms_at(lambda o: 0.0 if o.start is None else self.added_at(o.key, o.start))

    def rows(self, candidates: Candidates) -> Iterator[Row]:
        """``sum of x_i over what is new + sum of (1 - z_i,p) over what was to start in p <= max``."""
        yield Row(self.terms(candidates), Sense.AT_MOST, self.stated - len(self.reference), self)

    def amount(self, selected: frozenset[str]) -> float:
        """How many come in, go out or start in another period."""
        changed = self.reference ^ (selected & self.candidates)
        moved = (key for key, start in self.starts.items() if key in selected and start_of(selected, key) != start)
        return float(len(changed) + sum(1 for _ in moved))

    def added_by(self, key: str) -> float:
        """One change more or less."""
        return self.added.get(key, 0.0)

    def added_at(self, key: str, start: int) -> float:
        """One change more or less; none where it was selected and starts in another period now."""
        return 0.0 if self.starts.get(key, start) != start else self.added_by(key)

    @property
    def measured(self) -> Hashable:
        """Changes, and against what."""
        return "changes", self.reference, frozenset(self.starts.items())

    def use(self, selected: frozenset[str]) -> SliceUse:
        """How many changes there are."""
        return SliceUse(
            None,
            None,
            self.amount(selected),
            maximum=self.stated,
            changes_from=self.reference,
            since=self.since,
            counts_moves=bool(self.starts),
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
        """``at most 3 initiatives come in or go out against the last run``; or come in, go out or move."""
        is_one = self.stated == 1
        moves = (
            ("comes in, goes out or moves" if is_one else "come in, go out or move")
            if self.starts
            else ("comes in or goes out" if is_one else "come in or go out")
        )
        return f"at most {number(self.stated)} {'initiative' if is_one else 'initiatives'} {moves} against {self.since}"
