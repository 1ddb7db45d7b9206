"""Why each candidate is in or out of a portfolio, in a few words that are true: facts of plan and answer, no solver.

The first reason that applies is told. A rule that decides comes before arithmetic, and arithmetic before merit:

    selected      mandatory; bundled with a mandatory one; needed by another; on merit; for the sake of a rule or goal
    not selected  left out; needs, excludes or varies another; adds nothing; does not fit; would break a floor; worse
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from optimizer import exact
from optimizer.model.rows import is_in
from optimizer.plan import TOKENS, Initiative, Plan, Scenario
from optimizer.portfolio import Portfolio
from optimizer.rules import rules_of
from optimizer.rules.bounds import CountCap, KpiFloor, ResourceCapacity, TokenCap
from optimizer.rules.choices import Bundled, Excluded, Exclusion, Mandatory, Requires, Variants
from optimizer.rules.rule import Rule
from optimizer.wording import listing, number

MERIT = "on merit"
"""Selected, and no rule asked for it."""
SHOWN_KEYS = 3

Cap = ResourceCapacity | TokenCap | CountCap


def reasons(plan: Plan, portfolio: Portfolio) -> Mapping[str, str]:
    """One short reason for every candidate of the portfolio's scenario; empty where there is no portfolio."""
    if not portfolio.status.has_portfolio:
        return {}
    scenario = plan.scenario(portfolio.scenario)
    facts = _Facts.of(plan, scenario, portfolio)
    return {initiative.key: facts.reason(initiative) for initiative in plan.candidates(scenario)}


@dataclass
class _Facts:
    """The rules by the initiatives that they are about, and how much room the selection leaves."""

    selected: frozenset[str]
    scores: Mapping[str, float]
    has_goals: bool
    mandates: dict[str, Mandatory] = field(default_factory=dict)
    banned: set[str] = field(default_factory=set)
    requires: dict[str, list[Requires]] = field(default_factory=lambda: defaultdict(list))
    needed_by: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    rivals: dict[str, list[tuple[Rule, str]]] = field(default_factory=lambda: defaultdict(list))
    bundles: dict[str, list[Bundled]] = field(default_factory=lambda: defaultdict(list))
    caps: list[tuple[Cap, float]] = field(default_factory=list)
    floors: list[tuple[KpiFloor, float]] = field(default_factory=list)
    least_ratio: float = 0.0
    """The least score per token among what is selected on merit; nothing below it brings as much."""

    @staticmethod
    def of(plan: Plan, scenario: Scenario, portfolio: Portfolio) -> "_Facts":
        """The facts of one answer."""
        selected = frozenset(portfolio.selected)
        facts = _Facts(selected, portfolio.scores, has_goals=bool(portfolio.targets))
        for rule in rules_of(plan, scenario):
            facts._note(rule)
        ratios = [
            ratio
            for key in portfolio.selected
            if key not in facts.mandates and (ratio := facts._ratio(plan.initiative(key))) > 0
        ]
        facts.least_ratio = min(ratios, default=0.0)
        return facts

    def reason(self, initiative: Initiative) -> str:
        """The first reason that applies."""
        found = self._why_in(initiative) if initiative.key in self.selected else self._why_out(initiative)
        return next(iter(found))

    def _note(self, rule: Rule) -> None:
        match rule:
            case Mandatory():
                self.mandates[rule.initiative] = rule
            case Excluded():
                self.banned.add(rule.initiative)
            case Requires():
                self.requires[rule.initiative].append(rule)
                if rule.initiative in self.selected:
                    for key in rule.requires:
                        self.needed_by[key].append(rule.initiative)
            case Exclusion() | Variants():
                # At most one member of such a rule is selected.
                for other in (member for member in rule.members if member in self.selected):
                    for key in rule.members:
                        if key != other:
                            self.rivals[key].append((rule, other))
            case Bundled():
                for key in rule.members:
                    self.bundles[key].append(rule)
            case ResourceCapacity() | TokenCap() | CountCap():
                self.caps.append((rule, rule.amount(self.selected)))
            case KpiFloor():
                self.floors.append((rule, rule.amount(self.selected)))

    def _why_in(self, initiative: Initiative) -> Iterator[str]:
        key = initiative.key
        if key in self.mandates:
            reason = self.mandates[key].reason
            yield f"mandatory: {reason}" if reason else "mandatory"
        for bundle in self.bundles[key]:
            if any(member in self.mandates for member in bundle.members):
                yield f"mandatory through bundle {bundle.label}"
        if any(other in self.mandates for other in self.needed_by[key]):
            yield f"needed by {_few(self.needed_by[key])}"
        if self.scores.get(key, 0.0) > 0:
            yield MERIT
        if self.needed_by[key]:
            yield f"needed by {_few(self.needed_by[key])}"
        for bundle in self.bundles[key]:
            yield f"part of bundle {bundle.label}"
        yield "for a target, floor or synergy, not for its own score"

    def _why_out(self, initiative: Initiative) -> Iterator[str]:
        key = initiative.key
        if key in self.banned:
            yield "left out by a rule of the scenario"
        for rule in self.requires[key]:
            if rule.missing:
                yield f"needs {_few(rule.missing)}, {_which(rule.missing)} not a candidate"
            lacking = [other for other in rule.requires if other not in self.selected]
            if lacking:
                yield f"needs {_few(lacking)}, {_which(lacking)} not selected"
        for rival, other in self.rivals[key]:
            yield (
                f"variant {other} selected instead" if isinstance(rival, Variants) else f"excluded by {other}, selected"
            )
        for bundle in self.bundles[key]:
            if bundle.missing:
                yield f"bundle {bundle.label} needs {_few(bundle.missing)}, {_which(bundle.missing)} not a candidate"
        if not self.bundles[key] and self.scores.get(key, 0.0) <= 0:
            yield "adds nothing to the objective"
        yield from self._does_not_fit(initiative)
        yield from self._breaks_a_floor(initiative)
        if self.bundles[key]:
            yield f"bundle {self.bundles[key][0].label} does not fit or pay as a whole"
        if self.has_goals:
            yield "fits, but would cost a target"
        yield "fits, but the selection as a whole brings more"

    def _does_not_fit(self, initiative: Initiative) -> Iterator[str]:
        less = 0 < self._ratio(initiative) < self.least_ratio
        for cap, used in self.caps:
            cost = _taken(initiative, cap)
            if cost <= 0 or exact.stays_within(used + cost, cap.bound):
                continue
            left = max(0.0, cap.bound - used)
            if isinstance(cap, CountCap):
                yield f"no place left: {cap.sentence()}"
                continue
            what = "tokens" if cap.resource == TOKENS else cap.resource
            where = f" for {cap.part}" if cap.part else ""
            figures = f"needs {_figure(cost)} {what}{where}, {_figure(left)} left"
            yield f"brings less per token than those selected: {figures}" if less else f"would not fit: {figures}"

    def _breaks_a_floor(self, initiative: Initiative) -> Iterator[str]:
        for floor, amount in self.floors:
            if not is_in(initiative, floor.target.slice):
                continue
            moved = floor.kpi.direction.sign * initiative.contributions.get(floor.kpi.key, 0.0)
            if moved < 0 and not exact.reaches(amount + moved, floor.bound):
                yield f"would break the {floor.what()}"

    def _ratio(self, initiative: Initiative) -> float:
        """Score per token; 0 for what costs nothing, of which there is never too little room."""
        return self.scores.get(initiative.key, 0.0) / initiative.tokens if initiative.tokens else 0.0


def _taken(initiative: Initiative, cap: Cap) -> float:
    """How much of a cap the initiative itself takes."""
    if not is_in(initiative, cap.part):
        return 0.0
    return 1.0 if isinstance(cap, CountCap) else initiative.costs.get(cap.resource, 0.0)


def _few(keys: Sequence[str]) -> str:
    return listing(keys, most=SHOWN_KEYS)


def _which(keys: Sequence[str]) -> str:
    return "which is" if len(keys) == 1 else "which are"


def _figure(value: float) -> str:
    return number(exact.rounded_for_people(value, upwards=False))
