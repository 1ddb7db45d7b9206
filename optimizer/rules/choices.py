"""Rules of yes and no about single initiatives and what belongs together: mandatory, left out, bundled.

An initiative that is not a candidate of the scenario (switched off, or of another period) cannot be selected, so a
bundle that needs it cannot be kept by selecting. The numbers in brackets are those of
`optimizer.rules`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from optimizer.model.rows import Candidates, Row, Sense, Terms, difference
from optimizer.plan import Ban, Bundle, Mandate, Plan, Scenario, rules_of_kind
from optimizer.rules.reasons import Facts, In, Out, Reason
from optimizer.rules.rule import Rule, candidate_keys, horizon_of, joined_sources, which_is
from optimizer.wording import few, listing, with_source


@dataclass(frozen=True, kw_only=True, eq=False)
class Mandatory(Rule):
    """An initiative must be selected: a commitment, a regulation, a promise to a partner (6)."""

    kind: ClassVar[str] = "mandatory"

    initiative: str
    reason: str = ""
    is_candidate: bool = True
    too_long_for: str = ""
    """The horizon, where it cannot be finished within it."""

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["Mandatory"]:
        """One rule per initiative that its own row (candidates only) or the scenario makes mandatory."""
        candidates = plan.candidates(scenario)
        candidate_keys = frozenset(initiative.key for initiative in candidates)
        given: dict[str, list[tuple[str, str | None]]] = defaultdict(list)
        for initiative in candidates:
            if initiative.is_mandatory:
                given[initiative.key].append((initiative.mandate_reason, initiative.source))
        for mandate in rules_of_kind(scenario.rules, Mandate):
            given[mandate.initiative].append((mandate.reason, mandate.source))
        for key, reasons in sorted(given.items()):
            yield Mandatory(
                initiative=key,
                reason=next((reason for reason, _ in reasons if reason), ""),
                is_candidate=key in candidate_keys,
                too_long_for="" if plan.starts(scenario, plan.initiative(key)) else horizon_of(plan, scenario),
                source=joined_sources(*(source for _, source in reasons)),
            )

    def rows(self, candidates: Candidates) -> Iterator[Row]:
        """``x_i >= 1``; the impossible ``0 >= 1`` for an initiative that is not a candidate."""
        columns = candidates.columns.get(self.initiative, ())
        yield Row(Terms(columns, (1.0,) * len(columns)), Sense.AT_LEAST, 1.0, self)

    def violation(self, selected: frozenset[str]) -> float:
        """1 where the initiative is missing."""
        return float(self.initiative not in selected)

    def demands(self) -> tuple[str, ...]:
        """The initiative."""
        return (self.initiative,)

    def why_in(self, facts: Facts) -> Iterator[Reason]:
        """``mandatory: regulation``."""
        if self.initiative in facts.selected:
            yield Reason(self.initiative, In.DEMANDED, f"mandatory: {self.reason}" if self.reason else "mandatory")

    def why_out(self, facts: Facts) -> Iterator[Reason]:
        """None: it keeps nothing out."""
        del facts
        return iter(())

    def sentence(self) -> str:
        """``INIT-7 is mandatory: regulation``."""
        because = f": {self.reason}" if self.reason else ""
        lacking = f", but it cannot be finished within {self.too_long_for}" if self.too_long_for else ""
        lacking = lacking if self.is_candidate else ", but it is not a candidate of this scenario"
        return f"{self.initiative} is mandatory{because}{lacking}"

    def without(self) -> str:
        """``make INIT-7 not mandatory``."""
        return f"make {self.initiative} not mandatory"


@dataclass(frozen=True, kw_only=True, eq=False)
class Excluded(Rule):
    """A scenario leaves an initiative out (7)."""

    kind: ClassVar[str] = "exclude_initiative"

    initiative: str

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["Excluded"]:
        """One rule per candidate that the scenario bans."""
        candidates = candidate_keys(plan, scenario)
        sources: dict[str, list[str | None]] = defaultdict(list)
        for ban in rules_of_kind(scenario.rules, Ban):
            if ban.initiative in candidates:
                sources[ban.initiative].append(ban.source)
        for key, cells in sorted(sources.items()):
            yield Excluded(initiative=key, source=joined_sources(*cells))

    def rows(self, candidates: Candidates) -> Iterator[Row]:
        """``x_i <= 0``."""
        columns = candidates.columns[self.initiative]
        yield Row(Terms(columns, (1.0,) * len(columns)), Sense.AT_MOST, 0.0, self)

    def violation(self, selected: frozenset[str]) -> float:
        """1 where the initiative is selected."""
        return float(self.initiative in selected)

    def why_in(self, facts: Facts) -> Iterator[Reason]:
        """None: it asks for nothing."""
        del facts
        return iter(())

    def why_out(self, facts: Facts) -> Iterator[Reason]:
        """``left out by a rule of the scenario (Constraints!G18)``."""
        if self.initiative in facts.left_out:
            words = with_source("left out by a rule of the scenario", self.source)
            yield Reason(self.initiative, Out.FORBIDDEN, words)

    def sentence(self) -> str:
        """``INIT-7 is left out of this scenario``."""
        return f"{self.initiative} is left out of this scenario"

    def without(self) -> str:
        """``allow INIT-7 in this scenario``."""
        return f"allow {self.initiative} in this scenario"


@dataclass(frozen=True, kw_only=True, eq=False)
class Bundled(Rule):
    """All of these initiatives or none (9)."""

    kind: ClassVar[str] = "bundle"

    label: str
    members: tuple[str, ...]
    missing: tuple[str, ...] = ()
    """Members that are not candidates of the scenario, so that none can be selected."""

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["Bundled"]:
        """One rule per bundle key on initiatives, and one per bundle of the scenario."""
        candidates = candidate_keys(plan, scenario)
        groups: dict[str, dict[str, str | None]] = defaultdict(dict)
        for initiative in plan.initiatives:
            if initiative.bundle_key is not None:
                groups[initiative.bundle_key][initiative.key] = initiative.source
        bundles: list[tuple[str, Iterable[str], str | None]] = [
            (label, group, joined_sources(*(source for key, source in sorted(group.items()) if key in candidates)))
            for label, group in groups.items()
        ]
        bundles += [(bundle.label, bundle.members, bundle.source) for bundle in rules_of_kind(scenario.rules, Bundle)]
        for label, keys, source in sorted(bundles, key=lambda bundle: (bundle[0], sorted(bundle[1]))):
            members = tuple(sorted(set(keys)))
            missing = tuple(key for key in members if key not in candidates)
            if len(members) > 1 and len(missing) < len(members):
                yield Bundled(label=label, members=members, missing=missing, source=source)

    def rows(self, candidates: Candidates) -> Iterator[Row]:
        """A ring ``x_1 <= x_2 <= ... <= x_1``; ``x_i <= 0`` for all where a member is not a candidate."""
        groups = [candidates.columns[key] for key in self.members if key in candidates.columns]
        if self.missing:
            columns = tuple(column for group in groups for column in group)
            yield Row(Terms(columns, (1.0,) * len(columns)), Sense.AT_MOST, 0.0, self)
            return
        for group, after in zip(groups, groups[1:] + groups[:1], strict=True):
            yield Row(difference(group, after), Sense.AT_MOST, 0.0, self)

    def violation(self, selected: frozenset[str]) -> float:
        """How many members are missing from a bundle that is begun."""
        chosen = sum(key in selected for key in self.members)
        return float(len(self.members) - chosen) if chosen else 0.0

    def ties(self) -> Collection[str]:
        """Its members: the bundle is worth what they bring together."""
        return self.members

    def why_in(self, facts: Facts) -> Iterator[Reason]:
        """``mandatory through bundle Launch``, or ``part of bundle Launch``."""
        is_demanded = not facts.demanded.isdisjoint(self.members)
        for key in (key for key in self.members if key in facts.selected):
            if is_demanded:
                yield Reason(key, In.TIED_TO_DEMANDED, f"mandatory through bundle {self.label}")
            else:
                yield Reason(key, In.TIED, f"part of bundle {self.label}")

    def why_out(self, facts: Facts) -> Iterator[Reason]:
        """``bundle Launch needs D, which is not a candidate``, or that it does not fit or pay as a whole."""
        for key in (key for key in self.members if key in facts.left_out):
            if self.missing:
                needs = f"bundle {self.label} needs {few(self.missing)}, {which_is(self.missing)} not a candidate"
                yield Reason(key, Out.TIED_TO_IMPOSSIBLE, needs)
            else:
                yield Reason(key, Out.TIED, f"bundle {self.label} does not fit or pay as a whole")

    def sentence(self) -> str:
        """``bundle Launch: A and B, all or none``."""
        lacking = f", and {listing(self.missing)} not being a candidate of this scenario, none" if self.missing else ""
        return f"bundle {self.label}: {listing(self.members)}, all or none{lacking}"

    def without(self) -> str:
        """``take bundle Launch apart``."""
        return f"take bundle {self.label} apart"
