"""Rules of yes and no: mandatory, excluded, incompatible, bundled, required first, variants of one thing.

An initiative that is not a candidate of the scenario (switched off, or of another period) cannot be selected, so a
bundle or a prerequisite that needs it cannot be kept by selecting. The numbers in brackets are those of
`optimizer.rules`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from optimizer.model.rows import Candidates, Row, Sense, Terms
from optimizer.plan import Plan, Scenario
from optimizer.rules.rule import Rule
from optimizer.wording import listing


def _sources(*sources: str | None) -> str | None:
    """Several cells as one source."""
    return ", ".join(dict.fromkeys(source for source in sources if source)) or None


def _candidate_keys(plan: Plan, scenario: Scenario) -> frozenset[str]:
    return frozenset(initiative.key for initiative in plan.candidates(scenario))


@dataclass(frozen=True, kw_only=True, eq=False)
class Mandatory(Rule):
    """An initiative must be selected: a commitment, a regulation, a promise to a partner (6)."""

    kind: ClassVar[str] = "mandatory"

    initiative: str
    reason: str = ""
    is_candidate: bool = True

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["Mandatory"]:
        """One rule per initiative that its own row (candidates only) or the scenario makes mandatory."""
        candidates = plan.candidates(scenario)
        candidate_keys = frozenset(initiative.key for initiative in candidates)
        given: dict[str, list[tuple[str, str | None]]] = defaultdict(list)
        for initiative in candidates:
            if initiative.is_mandatory:
                given[initiative.key].append((initiative.mandate_reason, initiative.source))
        for mandate in scenario.mandates:
            given[mandate.initiative].append((mandate.reason, mandate.source))
        for key, reasons in sorted(given.items()):
            yield Mandatory(
                initiative=key,
                reason=next((reason for reason, _ in reasons if reason), ""),
                is_candidate=key in candidate_keys,
                source=_sources(*(source for _, source in reasons)),
            )

    def rows(self, candidates: Candidates) -> Iterator[Row]:
        """``x_i >= 1``; the impossible ``0 >= 1`` for an initiative that is not a candidate."""
        columns = (candidates.column[self.initiative],) if self.is_candidate else ()
        yield Row(Terms(columns, (1.0,) * len(columns)), Sense.AT_LEAST, 1.0, self)

    def violation(self, selected: frozenset[str]) -> float:
        """1 where the initiative is missing."""
        return float(self.initiative not in selected)

    def sentence(self) -> str:
        """``INIT-7 is mandatory: regulation``."""
        because = f": {self.reason}" if self.reason else ""
        lacking = "" if self.is_candidate else ", but it is not a candidate of this scenario"
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
        candidates = _candidate_keys(plan, scenario)
        sources: dict[str, list[str | None]] = defaultdict(list)
        for ban in scenario.bans:
            if ban.initiative in candidates:
                sources[ban.initiative].append(ban.source)
        for key, cells in sorted(sources.items()):
            yield Excluded(initiative=key, source=_sources(*cells))

    def rows(self, candidates: Candidates) -> Iterator[Row]:
        """``x_i <= 0``."""
        yield Row(Terms((candidates.column[self.initiative],), (1.0,)), Sense.AT_MOST, 0.0, self)

    def violation(self, selected: frozenset[str]) -> float:
        """1 where the initiative is selected."""
        return float(self.initiative in selected)

    def sentence(self) -> str:
        """``INIT-7 is left out of this scenario``."""
        return f"{self.initiative} is left out of this scenario"

    def without(self) -> str:
        """``allow INIT-7 in this scenario``."""
        return f"allow {self.initiative} in this scenario"


@dataclass(frozen=True, kw_only=True, eq=False)
class _AtMostOne(Rule):
    """At most one of several initiatives."""

    members: tuple[str, ...]

    def rows(self, candidates: Candidates) -> Iterator[Row]:
        """``sum of x_i <= 1`` over the members that are candidates."""
        columns = tuple(candidates.column[key] for key in self.members if key in candidates.column)
        if len(columns) > 1:
            yield Row(Terms(columns, (1.0,) * len(columns)), Sense.AT_MOST, 1.0, self)

    def violation(self, selected: frozenset[str]) -> float:
        """How many members too many are selected."""
        return float(max(0, sum(key in selected for key in self.members) - 1))


@dataclass(frozen=True, kw_only=True, eq=False)
class Exclusion(_AtMostOne):
    """Initiatives that cannot be done together; it does not matter which of them says so (8)."""

    kind: ClassVar[str] = "exclude_pair"

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["Exclusion"]:
        """One rule per pair that initiatives name, and one per incompatibility of the scenario."""
        candidates = _candidate_keys(plan, scenario)
        sources: dict[tuple[str, ...], list[str | None]] = defaultdict(list)
        for initiative in plan.initiatives:
            for other in initiative.exclusion_keys:
                if other != initiative.key:
                    sources[tuple(sorted((initiative.key, other)))].append(initiative.source)
        for group in scenario.incompatibilities:
            sources[tuple(sorted(set(group.members)))].append(group.source)
        for members, cells in sorted(sources.items()):
            if len(candidates.intersection(members)) > 1:
                yield Exclusion(members=members, source=_sources(*cells))

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
                yield Variants(label=label, members=members, source=_sources(*(group[key] for key in members)))

    def sentence(self) -> str:
        """``at most one variant of Checkout: MVP or Full``."""
        return f"at most one variant of {self.label}: {listing(self.members, 'or')}"

    def without(self) -> str:
        """``allow several variants of Checkout``."""
        return f"allow several variants of {self.label}"


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
        candidates = _candidate_keys(plan, scenario)
        groups: dict[str, dict[str, str | None]] = defaultdict(dict)
        for initiative in plan.initiatives:
            if initiative.bundle_key is not None:
                groups[initiative.bundle_key][initiative.key] = initiative.source
        bundles: list[tuple[str, Iterable[str], str | None]] = [
            (label, group, _sources(*(source for key, source in sorted(group.items()) if key in candidates)))
            for label, group in groups.items()
        ]
        bundles += [(bundle.label, bundle.members, bundle.source) for bundle in scenario.bundles]
        for label, keys, source in sorted(bundles, key=lambda bundle: (bundle[0], sorted(bundle[1]))):
            members = tuple(sorted(set(keys)))
            missing = tuple(key for key in members if key not in candidates)
            if len(members) > 1 and len(missing) < len(members):
                yield Bundled(label=label, members=members, missing=missing, source=source)

    def rows(self, candidates: Candidates) -> Iterator[Row]:
        """A ring ``x_1 <= x_2 <= ... <= x_1``; ``x_i <= 0`` for all where a member is not a candidate."""
        columns = [candidates.column[key] for key in self.members if key in candidates.column]
        if self.missing:
            yield Row(Terms(columns, (1.0,) * len(columns)), Sense.AT_MOST, 0.0, self)
            return
        for column, after in zip(columns, columns[1:] + columns[:1], strict=True):
            yield Row(Terms((column, after), (1.0, -1.0)), Sense.AT_MOST, 0.0, self)

    def violation(self, selected: frozenset[str]) -> float:
        """How many members are missing from a bundle that is begun."""
        chosen = sum(key in selected for key in self.members)
        return float(len(self.members) - chosen) if chosen else 0.0

    def sentence(self) -> str:
        """``bundle Launch: A and B, all or none``."""
        lacking = f", and {listing(self.missing)} not being a candidate of this scenario, none" if self.missing else ""
        return f"bundle {self.label}: {listing(self.members)}, all or none{lacking}"

    def without(self) -> str:
        """``take bundle Launch apart``."""
        return f"take bundle {self.label} apart"


@dataclass(frozen=True, kw_only=True, eq=False)
class Requires(Rule):
    """An initiative is selected only if all of its prerequisites are (10)."""

    kind: ClassVar[str] = "prerequisite"

    initiative: str
    requires: tuple[str, ...]
    missing: tuple[str, ...] = ()
    """Prerequisites that are not candidates of the scenario, so that the initiative cannot be selected."""

    @staticmethod
    def of(plan: Plan, scenario: Scenario) -> Iterator["Requires"]:
        """One rule per candidate with prerequisites, and one per prerequisite of the scenario."""
        candidates = _candidate_keys(plan, scenario)
        given = [(i.key, i.prerequisite_keys, i.source) for i in plan.initiatives]
        given += [(p.initiative, p.requires, p.source) for p in scenario.prerequisites]
        for initiative, keys, source in sorted(given, key=lambda entry: entry[:2]):
            requires = tuple(sorted(set(keys) - {initiative}))
            if requires and initiative in candidates:
                missing = tuple(key for key in requires if key not in candidates)
                yield Requires(initiative=initiative, requires=requires, missing=missing, source=source)

    def rows(self, candidates: Candidates) -> Iterator[Row]:
        """``x_i <= x_p`` for each prerequisite; ``x_i <= 0`` where one is not a candidate."""
        column = candidates.column[self.initiative]
        if self.missing:
            yield Row(Terms((column,), (1.0,)), Sense.AT_MOST, 0.0, self)
            return
        for key in self.requires:
            yield Row(Terms((column, candidates.column[key]), (1.0, -1.0)), Sense.AT_MOST, 0.0, self)

    def violation(self, selected: frozenset[str]) -> float:
        """How many prerequisites are missing."""
        if self.initiative not in selected:
            return 0.0
        return float(sum(key not in selected for key in self.requires))

    def sentence(self) -> str:
        """``INIT-7 needs INIT-3``."""
        lacking = ""
        if self.missing:
            verb = "is not a candidate" if len(self.missing) == 1 else "are not candidates"
            lacking = f", but {listing(self.missing)} {verb} of this scenario"
        return f"{self.initiative} needs {listing(self.requires)}{lacking}"

    def without(self) -> str:
        """``let INIT-7 go without INIT-3``."""
        return f"let {self.initiative} go without {listing(self.requires, 'or')}"
