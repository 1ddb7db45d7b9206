"""What budgets mean for a scenario: only its floors and its objective, and over several periods parts of capacities."""

from decimal import Decimal

from optimizer.plan import ObjectiveMode, PeriodCapacity, Scenario, TargetKind, rules_of_kind


def is_limited(scenario: Scenario, resource: str) -> bool:
    """Whether a capacity of the whole plan, or of some of its periods, limits a resource."""
    return resource in scenario.capacities or any(
        rule.resource == resource for rule in rules_of_kind(scenario.rules, PeriodCapacity)
    )


def with_part_of_capacity(scenario: Scenario, resource: str, percent: float) -> Scenario:
    """The scenario with so much of each capacity of a resource: that of the plan, of its periods, and of teams."""

    def part_of(amount: float) -> float:
        return float(Decimal(repr(amount)) * Decimal(repr(percent)) / 100)

    capacities = {name: part_of(most) if name == resource else most for name, most in scenario.capacities.items()}
    rules = tuple(
        rule.model_copy(update={"amount": part_of(rule.amount)})
        if isinstance(rule, PeriodCapacity) and rule.resource == resource
        else rule
        for rule in scenario.rules
    )
    return scenario.model_copy(update={"capacities": capacities, "rules": rules})


def without_goals(scenario: Scenario) -> Scenario:
    """The scenario with only its floors, in the mode of its objective."""
    mode = scenario.objective_mode
    return scenario.model_copy(
        update={
            "targets": tuple(target for target in scenario.targets if target.kind is TargetKind.FLOOR),
            "target_priorities": (),
            "objective_mode": scenario.secondary_objective if mode is ObjectiveMode.LEXICOGRAPHIC else mode,
        }
    )
