"""Changes to a plan that a study asks about: one class per kind, each of which makes the edited plan."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from optimizer.plan import TOKENS, Ban, Initiative, Mandate, PeriodCapacity, Plan, RuleSpec, Scenario, TokenBound

STUDY = "what if"
"""Where a rule comes from that only a study asks for."""


@dataclass(frozen=True)
class Edit(ABC):
    """One change to a plan, for one of its scenarios."""

    @abstractmethod
    def apply(self, plan: Plan, scenario: Scenario) -> Plan:
        """The changed plan.

        Raises:
            KeyError: the plan has no such initiative.
        """


@dataclass(frozen=True)
class ForceIn(Edit):
    """The scenario must select an initiative; a rule of its own that leaves it out is dropped."""

    initiative: str

    def apply(self, plan: Plan, scenario: Scenario) -> Plan:
        """The plan with a mandate."""
        plan.initiative(self.initiative)
        kept = tuple(rule for rule in scenario.rules if not _bans(rule, self.initiative))
        return _with_rules(plan, scenario, (*kept, Mandate(initiative=self.initiative, source=STUDY)))


@dataclass(frozen=True)
class LeaveOut(Edit):
    """The scenario must not select an initiative; whatever makes it mandatory is dropped."""

    initiative: str

    def apply(self, plan: Plan, scenario: Scenario) -> Plan:
        """The plan with a ban."""
        free = _with_initiative(
            plan, plan.initiative(self.initiative).model_copy(update={"is_mandatory": False, "mandate_reason": ""})
        )
        kept = tuple(rule for rule in scenario.rules if not _mandates(rule, self.initiative))
        return _with_rules(free, scenario, (*kept, Ban(initiative=self.initiative, source=STUDY)))


@dataclass(frozen=True)
class ContributionOf(Edit):
    """An initiative contributes `value` (native unit) to a KPI."""

    initiative: str
    kpi: str
    value: float

    def apply(self, plan: Plan, scenario: Scenario) -> Plan:
        """The plan with another estimate."""
        del scenario
        initiative = plan.initiative(self.initiative)
        contributions = {**initiative.contributions, self.kpi: self.value}
        return _with_initiative(plan, initiative.model_copy(update={"contributions": contributions}))


@dataclass(frozen=True)
class CostOf(Edit):
    """An initiative costs `amount` of a resource."""

    initiative: str
    resource: str
    amount: float

    def apply(self, plan: Plan, scenario: Scenario) -> Plan:
        """The plan with another cost; what is spent when stays in proportion."""
        del scenario
        return _with_initiative(plan, with_costs(plan.initiative(self.initiative), {self.resource: self.amount}))


@dataclass(frozen=True)
class WeightOf(Edit):
    """The scenario's weight of a KPI is `weight`."""

    kpi: str
    weight: float

    def apply(self, plan: Plan, scenario: Scenario) -> Plan:
        """The plan with another weight."""
        return _with_scenario(plan, scenario, {"weights": {**scenario.weights, self.kpi: self.weight}})


@dataclass(frozen=True)
class CapacityOf(Edit):
    """The scenario's capacity of a resource is `amount`; its reserve stays the same part of it."""

    resource: str
    amount: float

    def apply(self, plan: Plan, scenario: Scenario) -> Plan:
        """The plan with another capacity."""
        return _with_scenario(plan, scenario, {"capacities": {**scenario.capacities, self.resource: self.amount}})


@dataclass(frozen=True)
class LimitOf(Edit):
    """A cap on spending, or the capacity of a period or team, is `amount`."""

    rule: TokenBound | PeriodCapacity
    amount: float

    def apply(self, plan: Plan, scenario: Scenario) -> Plan:
        """The plan with another bound in this rule."""
        number = "max_tokens" if isinstance(self.rule, TokenBound) else "amount"
        changed = self.rule.model_copy(update={number: self.amount})
        rules = tuple(changed if rule == self.rule else rule for rule in scenario.rules)
        return _with_rules(plan, scenario, rules)


def with_costs(initiative: Initiative, costs: Mapping[str, float]) -> Initiative:
    """The initiative with some other costs; what is spent when stays in proportion, evenly where nothing was."""
    update: dict[str, object] = {"costs": {**initiative.costs, **costs}}
    if TOKENS in costs and initiative.profile:
        shares = (spent / initiative.tokens for spent in initiative.profile) if initiative.tokens else ()
        update["profile"] = tuple(share * costs[TOKENS] for share in shares)
    return initiative.model_copy(update=update)


def edited(plan: Plan, scenario_name: str, edits: tuple[Edit, ...]) -> Plan:
    """The plan with all edits, in their order.

    Raises:
        KeyError: no such scenario or initiative.
    """
    for edit in edits:
        plan = edit.apply(plan, plan.scenario(scenario_name))
    return plan


def _bans(rule: RuleSpec, key: str) -> bool:
    return isinstance(rule, Ban) and rule.initiative == key


def _mandates(rule: RuleSpec, key: str) -> bool:
    return isinstance(rule, Mandate) and rule.initiative == key


def _with_rules(plan: Plan, scenario: Scenario, rules: tuple[RuleSpec, ...]) -> Plan:
    return _with_scenario(plan, scenario, {"rules": rules})


def _with_scenario(plan: Plan, scenario: Scenario, update: dict[str, object]) -> Plan:
    changed = scenario.model_copy(update=update)
    scenarios = tuple(changed if other.name == scenario.name else other for other in plan.scenarios)
    return plan.model_copy(update={"scenarios": scenarios})


def _with_initiative(plan: Plan, initiative: Initiative) -> Plan:
    initiatives = tuple(initiative if other.key == initiative.key else other for other in plan.initiatives)
    return plan.model_copy(update={"initiatives": initiatives})
