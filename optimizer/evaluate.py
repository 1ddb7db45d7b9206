"""What a selection amounts to: totals, uses, targets, violations, objective; from the plan alone, without any solver.

All sums are correctly rounded sums of the sheet's own numbers; what reaches a bound is decided without any rounding
(`optimizer.exact`).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from optimizer import exact
from optimizer.errors import PlanError
from optimizer.model.objectives import Objective, objective_of
from optimizer.model.rows import counts_in, is_in
from optimizer.plan import TOKENS, Initiative, Kpi, Plan, Scenario, Selection, Slice, Target, keys_of, start_of
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
    starts: Mapping[str, str]
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
    plan: Plan,
    scenario_name: str,
    selection: Collection[str] | Mapping[str, str],
    *,
    factors: Mapping[str, float] | None = None,
) -> Evaluation:
    """What `selection` amounts to in a scenario: keys, and over several periods the period in which each starts.

    `factors` are the s[k] of an earlier `Portfolio`; they are needed only where normalization is `ideal`, because they
    then come from solving.

    Raises:
        KeyError: no such scenario or initiative.
        PlanError: the scenario has no objective (see `objective_of`), or is `ideal` and `factors` is not given; or it
            has several periods and the selection does not say in which of them each initiative starts.
    """
    scenario = plan.scenario(scenario_name)
    objective = objective_of(plan, scenario, _ideal_from(factors))
    return evaluate_with(plan, scenario, selection_of(plan, scenario, selection), objective, rules_of(plan, scenario))


def selection_of(plan: Plan, scenario: Scenario, selection: Collection[str] | Mapping[str, str]) -> Selection:
    """Keys, and the periods in which they start, as a selection.

    Raises:
        PlanError: the scenario has several periods, and a start is missing or not in one of them.
    """
    horizon = plan.horizon(scenario)
    if not horizon:
        return Selection(iter(selection))
    if isinstance(selection, Selection):
        return selection
    if not isinstance(selection, Mapping):
        raise PlanError(
            f"scenario {scenario.name!r} has several periods: give the period in which each initiative starts"
        )
    if unknown := [period for period in selection.values() if period not in horizon]:
        raise PlanError(f"scenario {scenario.name!r} does not plan the period {unknown[0]}")
    return Selection({key: horizon.index(period) for key, period in selection.items()})


def evaluate_with(
    plan: Plan, scenario: Scenario, selection: Selection, objective: Objective, rules: Collection[Rule]
) -> Evaluation:
    """`evaluate` for who has the objective and the rules at hand."""
    by_key = plan.initiatives_among(selection)
    if len(by_key) < len(selection):
        for key in selection:
            plan.initiative(key)
    chosen = list(by_key.values())
    horizon = plan.horizon(scenario)
    moved = {kpi.key: kpi_addends(plan, scenario, chosen, kpi.key, selection=selection) for kpi in plan.kpis}
    violations = ((rule, rule.violation(selection)) for rule in rules)
    slices = _slice_uses(scenario, rules, selection)
    return Evaluation(
        selected=tuple(by_key),
        starts={i.key: horizon[selection.starts[i.key]] for i in chosen} if horizon else {},
        kpi_totals={kpi: exact.total(addends) for kpi, addends in moved.items()},
        resources=_resource_uses(plan, scenario, selection, slices),
        slices=slices,
        targets=tuple(
            _outcome(
                plan.kpi(target.kpi),
                target,
                kpi_addends(plan, scenario, chosen, target.kpi, target.slice, target.period, selection),
            )
            for target in scenario.targets
        ),
        synergies=tuple(
            SynergyOutcome(s, bool(s.members) and selection.issuperset(s.members)) for s in scenario.synergies
        ),
        strangers=_strangers(plan, scenario, chosen, selection),
        violations=tuple(Violation(rule, amount) for rule, amount in violations if amount),
        objective=objective.sign * objective.value(moved) + 0.0,
    )


def _strangers(plan: Plan, scenario: Scenario, chosen: Collection[Initiative], selection: Selection) -> tuple[str, ...]:
    """Selected initiatives that are no candidates, or start when they cannot."""
    strangers = set(plan.no_candidates_among(selection, scenario))
    if plan.horizon(scenario) or any(selection.starts.values()):
        strangers |= {i.key for i in chosen if selection.starts[i.key] not in plan.starts(scenario, i)}
    return tuple(i.key for i in chosen if i.key in strangers) if strangers else ()


def kpi_total(
    plan: Plan,
    scenario: Scenario,
    chosen: Collection[Initiative],
    kpi: str,
    part: Slice | None = None,
    period: str | None = None,
    selection: frozenset[str] = frozenset(),
) -> float:
    """The total of a KPI over the chosen initiatives of a slice (None: all), earned synergies included; native unit.

    Over several periods `selection` says when they start, and the total is that by the end of `period` (None: of the
    plan), each contribution as often as the KPI accrues; a synergy counts like an initiative that is finished when the
    last of its members is. In a slice it counts only if all its members belong to the slice.
    """
    return exact.total(kpi_addends(plan, scenario, chosen, kpi, part, period, selection))


def kpi_addends(
    plan: Plan,
    scenario: Scenario,
    chosen: Collection[Initiative],
    kpi: str,
    part: Slice | None = None,
    period: str | None = None,
    selection: frozenset[str] = frozenset(),
) -> list[float]:
    """The numbers whose sum `kpi_total` is."""
    horizon, measure = plan.horizon(scenario), plan.kpi(kpi)
    by = len(horizon) - 1 if period is None else horizon.index(period)

    def times(keys: Collection[str]) -> int:
        if not horizon:
            return 1
        return measure.times_counted(max(start_of(selection, k) + plan.initiative(k).duration - 1 for k in keys), by)

    if horizon:
        moved = [i.contributions[kpi] * times((i.key,)) for i in chosen if kpi in i.contributions and is_in(i, part)]
    elif part is None and len(selection) == len(chosen):
        moved = _amounts_among(plan.contributions_to(kpi), keys_of(selection))
    else:
        moved = [i.contributions[kpi] for i in chosen if kpi in i.contributions and is_in(i, part)]
    if scenario.synergies:
        keys = {initiative.key for initiative in chosen}
        moved += [
            s.value * times(s.members)
            for s in scenario.synergies
            if counts_in(plan, s, kpi, part) and s.members and keys.issuperset(s.members)
        ]
    return moved


def _amounts_among(amounts: Mapping[str, float], keys: Collection[str]) -> list[float]:
    return [amount for amount in map(amounts.get, keys) if amount is not None]


def is_met(direction: int, target: Target, addends: Collection[float]) -> bool:
    """Whether the sum of what moves the KPI meets a target."""
    return exact.sum_reaches([direction * addend for addend in addends], direction * target.value)


def _outcome(kpi: Kpi, target: Target, addends: Collection[float]) -> TargetOutcome:
    met = is_met(kpi.direction.sign, target, addends)
    # In one sum: what the total loses by rounding may be all that is left beside the target.
    short = 0.0 if met else kpi.direction.sign * exact.total([target.value, *(-addend for addend in addends)])
    return TargetOutcome(target=target, achieved=exact.total(addends), shortfall=short, met=met)


def _resource_uses(
    plan: Plan,
    scenario: Scenario,
    selection: Selection,
    slices: Collection[SliceUse],
) -> tuple[ResourceUse, ...]:
    """Every limited resource, in the scenario's order, then others that initiatives cost or slices use, by name.

    Tokens are left out where nothing costs any, and something else is there.
    """
    costed = set(plan.resources)
    costed |= {use.resource for use in slices if use.resource is not None}
    if len(costed | scenario.capacities.keys()) > 1 and not any(initiative.tokens for initiative in plan.initiatives):
        costed -= {TOKENS} - scenario.capacities.keys()
    names = [*scenario.capacities, *sorted(costed.difference(scenario.capacities))]
    stopped = [i.stop_cost for i in plan.stoppable(scenario) if i.key not in selection]
    return tuple(
        ResourceUse(
            resource=name,
            used=exact.total(
                [
                    *_amounts_among(plan.costs_of(name), keys_of(selection)),
                    *(stopped if name == TOKENS else ()),
                ]
            ),
            available=scenario.available(name),
            reserved=0.0 if name not in scenario.capacities else _reserved(scenario, name),
        )
        for name in names
    )


def _reserved(scenario: Scenario, resource: str) -> float:
    capacity = scenario.capacities[resource]
    return float(Decimal(repr(capacity)) * Decimal(repr(scenario.reserve)))


def _slice_uses(scenario: Scenario, rules: Collection[Rule], keys: Selection) -> tuple[SliceUse, ...]:
    """One use per bound that a person wrote down, both ends in one; by what is used, then in the scenario's order."""
    order = {id(spec): position for position, spec in enumerate(scenario.rules)}
    measures: dict[str, int] = {}
    found: dict[tuple[int, int, int], SliceUse] = {}
    periods: dict[str | None, int] = {}
    for rule in rules:
        use = rule.use(keys)
        if use is None:
            continue
        measure = measures.setdefault(use.of_what, len(measures))
        # The ends of one bound share a row; in each period it is a bound of its own. Rules come in the order of time.
        at = (measure, order.get(id(rule.spec), len(order)), periods.setdefault(use.period, len(periods)))
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
