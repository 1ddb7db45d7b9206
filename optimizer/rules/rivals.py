"""Rules of which at most one initiative can be selected. The numbers in brackets are those of `optimizer.rules`."""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from optimizer.model.rows import Candidates, Row, Sense, Terms
from optimizer.plan import Incompatibility, Plan, Scenario, rules_of_kind
from optimizer.rules.reasons import Facts, Out, Reason
from optimizer.rules.rule import Rule, candidate_keys, joined_sources
from optimizer.wording import listing


@dataclass(frozen=True, kw_only=True, eq=False)
class _AtMostOne(Rule, ABC):
    """At most one of several initiatives."""

    members: tuple[str, ...]

    def rows(self, candidates: Candidates) -> Iterator[Row]:
        """``sum of x_i <= 1`` over the members that are candidates."""
        columns = tuple(column for key in self.members for column in candidates.columns.get(key, ()))
        if len(columns) > 1:
            yield Row(Terms(columns, (1.0,) * len(columns)), Sense.AT_MOST, 1.0, self)

    def violation(self, selected: frozenset[str]) -> float:
        """How many members too many are selected."""
        return float(max(0, sum(key in selected for key in self.members) - 1))

    def why_in(self, facts: Facts) -> Iterator[Reason]:
        """None: it asks for nothing."""
        del facts
        return iter(())

    def why_out(self, facts: Facts) -> Iterator[Reason]:
        """The member that is selected keeps all others out."""
        for rival in (key for key in self.members if key in facts.selected):
            for key in self.members:
                if key in facts.left_out:
                    yield Reason(key, Out.RIVALLED, self.instead(rival))

    @abstractmethod
    def instead(self, rival: str) -> str:
        """Why another member is out while `rival` is selected."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Exclusion(_AtMostOne):
    """Initiatives that cannot be done together; it does not matter which of them says so (8)."""

    kind: ClassVar[str] = "exclude_pair"

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["Exclusion"]:
        """One rule per pair that initiatives name, and one per incompatibility of the scenario."""
        candidates = candidate_keys(plan, scenario)
        sources: dict[tuple[str, ...], list[str | None]] = defaultdict(list)
        for initiative in plan.initiatives:
            for other in initiative.exclusion_keys:
                if other != initiative.key:
                    sources[tuple(sorted((initiative.key, other)))].append(initiative.source)
        for group in rules_of_kind(scenario.rules, Incompatibility):
            sources[tuple(sorted(set(group.members)))].append(group.source)
        for members, cells in sorted(sources.items()):
            if len(candidates.intersection(members)) > 1:
                yield Exclusion(members=members, source=joined_sources(*cells))

    def instead(self, rival: str) -> str:
        """``excluded by A, which is selected``."""
        return f"excluded by {rival}, which is selected"

    def sentence(self) -> str:
        """``A and B exclude each other``."""
        return f"{listing(self.members)} exclude each other"

    def without(self) -> str:
        """``allow A and B together``."""
        return f"allow {listing(self.members)} together"


@dataclass(frozen=True, kw_only=True, eq=False)
class Variants(_AtMostOne):
    """At most one of several versions of the same thing, such as an MVP and a full scope (11).

    The group is all initiatives with the same `variant_of`, and the initiative of that key where there is one.
    """

    kind: ClassVar[str] = "variant_of"

    label: str

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["Variants"]:
        """One rule per variant group with more than one candidate."""
        candidates = plan.candidates(scenario)
        groups: dict[str, dict[str, str | None]] = defaultdict(dict)
        for initiative in candidates:
            if initiative.variant_of is not None:
                groups[initiative.variant_of][initiative.key] = initiative.source
        for initiative in candidates:
            if initiative.key in groups:
                groups[initiative.key][initiative.key] = initiative.source
        for label, group in sorted(groups.items()):
            if len(group) > 1:
                members = tuple(sorted(group))
                yield Variants(label=label, members=members, source=joined_sources(*(group[key] for key in members)))

    def instead(self, rival: str) -> str:
        """``variant MVP selected instead``."""
        return f"variant {rival} selected instead"

    def sentence(self) -> str:
        """``at most one variant of Checkout: MVP or Full``."""
        return f"at most one variant of {self.label}: {listing(self.members, 'or')}"

    def without(self) -> str:
        """``allow several variants of Checkout``."""
        return f"allow several variants of {self.label}"
