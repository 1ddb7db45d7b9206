"""What a selection amounts to: totals, uses, targets, violations, objective; from the plan alone, without any solver.

All sums are correctly rounded sums of the sheet's own numbers (`optimizer.exact`).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from optimizer import exact
from optimizer.errors import PlanError
from optimizer.model.objectives import Objective, objective_of
from optimizer.model.rows import counts_in, is_in
from optimizer.plan import TOKENS, Initiative, Kpi, Plan, Scenario, Slice, Target
from optimizer.portfolio import ResourceUse, SliceUse, SynergyOutcome, TargetOutcome
from optimizer.rules import rules_of
from optimizer.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a selection breaks, and by how much in the rule's own unit."""

    rule: Rule
    amount: float


@dataclass(frozen=True)
class Evaluation:
    """Everything that follows from a selection; see `optimizer.portfolio.Portfolio` for the fields."""

    selected: tuple[str, ...]
    kpi_totals: Mapping[str, float]
    resources: tuple[ResourceUse, ...]
    slices: tuple[SliceUse, ...]
    targets: tuple[TargetOutcome, ...]
    synergies: tuple[SynergyOutcome, ...]
    strangers: tuple[str, ...]
    """Selected initiatives that are not candidates of the scenario."""
    violations: tuple[Violation, ...]
    objective: float
    """As people see it: a north star where lower is better in its own sign."""

    @property
    def is_allowed(self) -> bool:
        """Whether every rule is kept and everything selected is a candidate."""
        return not self.violations and not self.strangers


def evaluate(
    plan: Plan, scenario_name: str, selection: Collection[str], *, factors: Mapping[str, float] | None = None
) -> Evaluation:
    """What `selection` amounts to in a scenario.

    `factors` are the s[k] of an earlier `Portfolio`; they are needed only where normalization is `ideal`, because they
    then come from solving.

    Raises:
        KeyError: no such scenario or initiative.
        PlanError: the scenario has no objective (see `objective_of`), or is `ideal` and `factors` is not given.
    """
    scenario = plan.scenario(scenario_name)
    objective = objective_of(plan, scenario, _ideal_from(factors))
    return evaluate_with(plan, scenario, selection, objective, rules_of(plan, scenario))


def evaluate_with(
    plan: Plan, scenario: Scenario, selection: Collection[str], objective: Objective, rules: Collection[Rule]
) -> Evaluation:
    """`evaluate` for who has the objective and the rules at hand."""
    keys = frozenset(selection)
    for key in keys:
        plan.initiative(key)
    chosen = [initiative for initiative in plan.initiatives if initiative.key in keys]
    candidates = {initiative.key for initiative in plan.candidates(scenario)}
    totals = {kpi.key: kpi_total(plan, scenario, chosen, kpi.key) for kpi in plan.kpis}
    violations = ((rule, rule.violation(keys)) for rule in rules)
    slices = _slice_uses(scenario, rules, keys)
    return Evaluation(
        selected=tuple(initiative.key for initiative in chosen),
        kpi_totals=totals,
        resources=_resource_uses(plan, scenario, chosen, slices),
        slices=slices,
        targets=tuple(
            _outcome(plan.kpi(target.kpi), target, kpi_total(plan, scenario, chosen, target.kpi, target.slice))
            for target in scenario.targets
        ),
        synergies=tuple(SynergyOutcome(s, bool(s.members) and keys.issuperset(s.members)) for s in scenario.synergies),
        strangers=tuple(initiative.key for initiative in chosen if initiative.key not in candidates),
        violations=tuple(Violation(rule, amount) for rule, amount in violations if amount),
        objective=objective.sign * objective.value(totals) + 0.0,
    )


def kpi_total(
    plan: Plan, scenario: Scenario, chosen: Collection[Initiative], kpi: str, part: Slice | None = None
) -> float:
    """The total of a KPI over the chosen initiatives of a slice (None: all), earned synergies included; native unit.

    A synergy counts in a slice only if all its members belong to the slice.
    """
    moved = [i.contributions[kpi] for i in chosen if kpi in i.contributions and is_in(i, part)]
    if scenario.synergies:
        keys = {initiative.key for initiative in chosen}
        moved += [
            s.value
            for s in scenario.synergies
            if counts_in(plan, s, kpi, part) and s.members and keys.issuperset(s.members)
        ]
    return exact.total(moved)


def shortfall(direction: int, target: Target, achieved: float) -> float:
    """How far a target is missed, native unit; 0 where it is met."""
    if exact.reaches(direction * achieved, direction * target.value):
        return 0.0
    return direction * (target.value - achieved)


def _outcome(kpi: Kpi, target: Target, achieved: float) -> TargetOutcome:
    short = shortfall(kpi.direction.sign, target, achieved)
    return TargetOutcome(target=target, achieved=achieved, shortfall=short, met=short == 0.0)


def _resource_uses(
    plan: Plan, scenario: Scenario, chosen: Collection[Initiative], slices: Collection[SliceUse]
) -> tuple[ResourceUse, ...]:
    """Every limited resource, in the scenario's order, then others that initiatives cost or slices use, by name.

    Tokens are left out where nothing costs any, and something else is there.
    """
    costed = {resource for initiative in plan.initiatives for resource in initiative.costs}
    costed |= {use.resource for use in slices if use.resource is not None}
    if len(costed | scenario.capacities.keys()) > 1 and not any(initiative.tokens for initiative in plan.initiatives):
        costed -= {TOKENS} - scenario.capacities.keys()
    names = [*scenario.capacities, *sorted(costed.difference(scenario.capacities))]
    return tuple(
        ResourceUse(
            resource=name,
            used=exact.total(initiative.costs.get(name, 0.0) for initiative in chosen),
            available=scenario.available(name),
            reserved=0.0 if name not in scenario.capacities else _reserved(scenario, name),
        )
        for name in names
    )


def _reserved(scenario: Scenario, resource: str) -> float:
    capacity = scenario.capacities[resource]
    return float(Decimal(repr(capacity)) * Decimal(repr(scenario.reserve)))


def _slice_uses(scenario: Scenario, rules: Collection[Rule], keys: frozenset[str]) -> tuple[SliceUse, ...]:
    """One use per bound that a person wrote down, both ends in one; by what is used, then in the scenario's order."""
    order = {id(spec): position for position, spec in enumerate(scenario.rules)}
    measures: dict[str, int] = {}
    found: dict[tuple[int, int], SliceUse] = {}
    for rule in rules:
        use = rule.use(keys)
        if use is None:
            continue
        measure = measures.setdefault(use.of_what, len(measures))
        at = (measure, order.get(id(rule.spec), len(order)))
        other = found.get(at, use)
        found[at] = replace(
            use,
            minimum=other.minimum if use.minimum is None else use.minimum,
            maximum=other.maximum if use.maximum is None else use.maximum,
        )
    return tuple(found[at] for at in sorted(found))


def _ideal_from(factors: Mapping[str, float] | None) -> "_KnownIdeal | None":
    return None if factors is None else _KnownIdeal(factors)


@dataclass(frozen=True, slots=True)
class _KnownIdeal:
    """Best totals read back from factors that are already known."""

    factors: Mapping[str, float]

    def __call__(self, kpi: Kpi) -> float:
        if kpi.key not in self.factors:
            raise PlanError(f"no factor is given for KPI {kpi.key!r}")
        return 1.0 / self.factors[kpi.key]
