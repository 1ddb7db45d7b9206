"""From one answer of a scenario to another, in steps that add up: what came from what.

Between the answer S0 to the inputs of then and the answer S1 to the inputs of now, the inputs change in this order:

    (0) cycle         S0 without what is finished by now, over the periods of now; nothing is solved
    (1) estimates     the initiatives of S0 with their numbers of now; nothing is solved
    (2) initiatives   the list and the numbers of now, with the capacity and the rules of then; solved
    (3) capacity      also the capacity of now; solved
    (4) rules         all inputs of now: the answer S1 itself

The change of a KPI in step n is total(n) - total(n - 1), with total(0) that of S0 then and total(4) that of S1 now, so
they add up to total(4) - total(0) exactly. In this order each step asks what a planner asks next: are our numbers
still right; what would we do with the list as it is; what does the room that we are given change; and what do the rules
and weights, which people decide last, make of it. Another order would give other parts of the same sum.

Over several periods an answer is also when each initiative starts: (1) keeps the starts of S0. Step (0) is there only
where the plan begins in a later period than then: what is finished no longer counts, work in progress goes on with what
remains, everything else keeps its start, or begins in the first period, and is counted over the periods of now. All
later steps plan these. A period that is new has its capacity of now from there on. Otherwise which periods are planned
is one of the rules, and (2) and (3) plan those of then.

Where one kind of input did not change, its step is 0, and the last kind that did change leads to S1. A step whose plan
cannot be solved to its proven end is not told apart from the one that follows it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from pydantic import ValidationError

from optimizer.errors import PlanError
from optimizer.evaluate import kpi_total
from optimizer.plan import Initiative, PeriodCapacity, Plan, PlanPart, RuleSpec, Scenario, Selection, rules_of_kind
from optimizer.portfolio import SolverName, Status
from optimizer.scenario import solve_scenario

RULES_OF_INITIATIVES = (
    "is_mandatory", "mandate_reason", "bundle_key", "prerequisite_keys", "exclusion_keys", "variant_of",
)  # fmt: skip
"""What an initiative says about rules; everything else that counts is its estimates."""
_REMAINS = (
    "costs", "duration", "profile", "is_in_progress", "may_stop", "stop_cost", "earliest_start", "latest_finish",
)  # fmt: skip
"""What work in progress says about the rest of it."""
_NOT_COUNTED = ("title", "source", "ranges", "cost_ranges", "confidence")
_CAPACITY = ("capacities", "reserve")
_SOURCES = ("source", "capacity_sources", "reserve_source")


class Cause(StrEnum):
    """What kind of input a part of the change comes from, in the order of the steps."""

    CYCLE = "cycle"
    ESTIMATES = "estimates"
    INITIATIVES = "initiatives"
    CAPACITY = "capacity"
    RULES = "rules"


@dataclass(frozen=True)
class Side:
    """One answer: the plan, what was selected, and the total of each KPI in native units.

    `starts` has the period in which each starts, in a plan over several.
    """

    plan: Plan
    selected: tuple[str, ...]
    totals: Mapping[str, float]
    starts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class BridgeStep:
    """One step: by how much each KPI changes (exact, native units), and which initiatives come in, go out and move.

    `moved` has the initiative, the period in which it started and the one in which it starts now. `causes` are more
    than one where steps could not be told apart. In the step to the next cycle, `went_out` is what is finished.
    """

    causes: tuple[Cause, ...]
    changes: Mapping[str, Fraction]
    came_in: tuple[str, ...] = ()
    went_out: tuple[str, ...] = ()
    moved: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Bridge:
    """How a scenario's answer came from an earlier one; KPIs are those that both have, in the same unit."""

    scenario: str
    before: Mapping[str, float]
    after: Mapping[str, float]
    steps: tuple[BridgeStep, ...]

    @property
    def adds_up(self) -> bool:
        """Whether before and all steps are exactly what is after."""
        return all(
            Fraction(self.before[kpi]) + sum((step.changes[kpi] for step in self.steps), Fraction())
            == Fraction(self.after[kpi])
            for kpi in self.before
        )


@dataclass(frozen=True)
class _Stand:
    """Where the bridge has come to: a selection, its totals and its starts."""

    selected: tuple[str, ...]
    totals: Mapping[str, float]
    starts: Mapping[str, str]


def bridge_between(
    scenario: str,
    before: Side,
    after: Side,
    *,
    solver: SolverName = "highs",
    time_limit_s: float | None = None,
) -> Bridge:
    """The steps from one answer to another, of a scenario that both plans have.

    Args:
        scenario: its name.
        before: the earlier answer.
        after: the later one.
        solver: ``highs`` or ``cbc``.
        time_limit_s: wall time in seconds for each of the at most two solves.

    Raises:
        KeyError: one of the plans does not have the scenario, or an initiative that its answer selects.
        SolverError: the solver crashed.
    """
    kpis = _common_kpis(before, after)
    totals = {kpi: before.totals[kpi] for kpi in kpis}
    steps: list[BridgeStep] = []
    if (rolled := _rolled_on(before, after, scenario, kpis)) is not None:
        changes = {kpi: Fraction(rolled.totals[kpi]) - Fraction(totals[kpi]) for kpi in kpis}
        finished = tuple(key for key in before.selected if key in after.plan.done)
        steps.append(BridgeStep((Cause.CYCLE,), changes, went_out=finished))
        before = rolled
    changed = _changed(before.plan, after.plan, scenario)
    last = changed[-1] if changed else Cause.INITIATIVES
    here = _Stand(before.selected, {kpi: before.totals[kpi] for kpi in kpis}, before.starts)
    end = _Stand(after.selected, {kpi: after.totals[kpi] for kpi in kpis}, after.starts)
    estimated = _Stand(before.selected, _with_numbers_of_now(before, after, scenario, kpis), before.starts)
    steps.append(_step((Cause.ESTIMATES,), here, estimated))
    here, open_causes = estimated, tuple[Cause, ...]()
    for cause in (Cause.INITIATIVES, Cause.CAPACITY, Cause.RULES):
        if cause is last:
            there: _Stand | None = end
        elif cause in changed:
            mixed = _mixed(before.plan, after.plan, scenario, with_capacity=cause is Cause.CAPACITY)
            there = None if mixed is None else _solved(mixed, scenario, here, kpis, solver, time_limit_s)
        elif open_causes:
            continue
        else:
            there = here
        open_causes = (*open_causes, cause)
        if there is not None:
            steps.append(_step(open_causes, here, there))
            here, open_causes = there, ()
    return Bridge(scenario, totals, end.totals, tuple(steps))


def _rolled_on(before: Side, after: Side, scenario: str, kpis: Sequence[str]) -> Side | None:
    """(0) The earlier answer over the periods of now; None where the plan does not begin in a later period."""
    then, now = before.plan.scenario(scenario), after.plan.scenario(scenario)
    periods = _in_one_order(before.plan.periods, after.plan.periods)
    if periods is None or then.from_period is None or now.from_period is None:
        return None
    if periods.index(now.from_period) <= periods.index(then.from_period):
        return None
    old, new = before.plan.horizon(then), after.plan.horizon(now)
    done = after.plan.done
    current = {initiative.key: initiative for initiative in after.plan.initiatives}
    rules = [
        rule
        for rule in then.rules
        if not done & set(rule.mentions().initiatives) and set(rule.mentions().periods) <= {None, *new}
    ]
    rules += [limit for limit in _period_capacities(now) if limit.period is not None and limit.period not in old]
    asked = then.model_copy(
        update={
            "from_period": now.from_period,
            "to_period": now.to_period,
            "rules": tuple(rules),
            "targets": tuple(target for target in then.targets if target.period is None or target.period in new),
        }
    )
    try:
        plan = Plan(
            kpis=before.plan.kpis,
            initiatives=tuple(_by_now(i, current.get(i.key), done) for i in before.plan.initiatives),
            scenarios=(asked,),
            periods=periods,
        )
    except ValidationError:
        return None
    left = tuple(key for key in before.selected if key not in done)
    starts = {key: start if (start := before.starts.get(key)) in new else new[0] for key in left}
    places = Selection({key: new.index(start) for key, start in starts.items()})
    chosen = [plan.initiative(key) for key in left]
    return Side(plan, left, {kpi: kpi_total(plan, asked, chosen, kpi, selection=places) for kpi in kpis}, starts)


def _by_now(then: Initiative, now: Initiative | None, done: Collection[str]) -> Initiative:
    """An initiative with what has happened since: done, or what remains of it; its other numbers are those of then."""
    needed = tuple(key for key in then.prerequisite_keys if key not in done)
    update: dict[str, object] = {"prerequisite_keys": needed}
    if now is not None and now.is_done:
        names = ("contributions", "exclusion_keys", "variant_of")
        return now.model_copy(update=update | {name: getattr(then, name) for name in names})
    if now is not None and now.is_in_progress:
        update |= {name: getattr(now, name) for name in _REMAINS}
    return then.model_copy(update=update)


def _common_kpis(before: Side, after: Side) -> list[str]:
    units = {kpi.key: kpi.unit for kpi in before.plan.kpis if kpi.key in before.totals}
    return [kpi.key for kpi in after.plan.kpis if kpi.key in after.totals and units.get(kpi.key) == kpi.unit]


def _changed(before: Plan, after: Plan, scenario: str) -> list[Cause]:
    """The kinds of input that differ, estimates and the list being one kind, in the order of the steps."""
    then, now = before.scenario(scenario), after.scenario(scenario)
    counted = {*RULES_OF_INITIATIVES, *_NOT_COUNTED}
    lists = [{i.key: i.model_dump(exclude=counted) for i in plan.initiatives} for plan in (before, after)]
    commands = [
        {i.key: i.model_dump(include=set(RULES_OF_INITIATIVES) - {"mandate_reason"}) for i in plan.initiatives}
        for plan in (before, after)
    ]
    both = lists[0].keys() & lists[1].keys()
    is_changed = {
        Cause.INITIATIVES: lists[0] != lists[1],
        Cause.CAPACITY: any(getattr(then, name) != getattr(now, name) for name in _CAPACITY)
        or _specs(_period_capacities(then)) != _specs(_period_capacities(now)),
        Cause.RULES: _rules(then) != _rules(now)
        or any(commands[0][key] != commands[1][key] for key in both)
        or [kpi.model_dump(exclude={"name", "number_format"}) for kpi in before.kpis]
        != [kpi.model_dump(exclude={"name", "number_format"}) for kpi in after.kpis],
    }
    return [cause for cause, differs in is_changed.items() if differs]


def _rules(scenario: Scenario) -> dict[str, object]:
    """A scenario without its capacity, and without the cells where things are written."""
    dumped: dict[str, object] = scenario.model_dump(exclude={*_CAPACITY, *_SOURCES, "rules", "targets"})
    dumped["targets"] = _specs(scenario.targets)
    dumped["rules"] = _specs(rule for rule in scenario.rules if not isinstance(rule, PeriodCapacity))
    return dumped


def _specs(parts: Iterable[PlanPart]) -> list[object]:
    return [(type(part).__name__, part.model_dump(exclude={"source"})) for part in parts]


def _period_capacities(scenario: Scenario) -> tuple[PeriodCapacity, ...]:
    return rules_of_kind(scenario.rules, PeriodCapacity)


def _with_numbers_of_now(before: Side, after: Side, scenario: str, kpis: Collection[str]) -> dict[str, float]:
    """(1) The totals of what was selected then; what is no longer in the list keeps its numbers."""
    now = {initiative.key: initiative for initiative in after.plan.initiatives}
    chosen = [now.get(key) or before.plan.initiative(key) for key in before.selected]
    then, horizon = before.plan.scenario(scenario), before.plan.horizon(before.plan.scenario(scenario))
    # Those of now that were chosen then, so that how long each takes is as it is now too.
    keys = {initiative.key for initiative in chosen}
    others = tuple(initiative for initiative in before.plan.initiatives if initiative.key not in keys)
    plan = before.plan.model_copy(update={"initiatives": (*chosen, *others)})
    starts = Selection({key: horizon.index(before.starts[key]) if horizon else 0 for key in before.selected})
    return {kpi: kpi_total(plan, then, chosen, kpi, selection=starts) for kpi in kpis}


def _mixed(before: Plan, after: Plan, scenario: str, *, with_capacity: bool) -> Plan | None:
    """(2) The list and numbers of now under the KPIs and rules of then, and (3) also the capacity of now.

    None where the periods of then and now do not go together.
    """
    known = {kpi.key for kpi in before.kpis}
    keys = {initiative.key for initiative in after.initiatives}
    then = {initiative.key: initiative for initiative in before.initiatives}
    initiatives = tuple(_under_rules_of(then.get(i.key), i, known, keys) for i in after.initiatives)
    kept, now = before.scenario(scenario), after.scenario(scenario)
    rules = tuple(rule for rule in kept.rules if _holds_for(rule, keys))
    update: dict[str, object] = {"rules": rules}
    if with_capacity:
        update |= {name: getattr(now, name) for name in _CAPACITY}
        others = tuple(rule for rule in rules if not isinstance(rule, PeriodCapacity))
        horizon = before.horizon(kept)
        limits = (limit for limit in _period_capacities(now) if limit.period is None or limit.period in horizon)
        update["rules"] = (*others, *(limits if horizon else ()))
    periods = _in_one_order(before.periods, after.periods)
    if periods is None:
        return None
    try:
        return Plan(
            kpis=before.kpis, initiatives=initiatives, scenarios=(kept.model_copy(update=update),), periods=periods
        )
    except ValidationError:
        return None


def _in_one_order(then: Sequence[str], now: Sequence[str]) -> tuple[str, ...] | None:
    """The periods of both plans in the order of time; None where the two contradict each other."""
    here, there = set(then), set(now)
    if [period for period in then if period in there] != [period for period in now if period in here]:
        return None
    ordered, rest = list[str](), list(now)
    for period in then:
        if period in there:
            until = rest.index(period)
            ordered += rest[:until]
            rest = rest[until + 1 :]
        ordered.append(period)
    return (*ordered, *rest)


def _under_rules_of(
    then: Initiative | None, now: Initiative, kpis: Collection[str], keys: Collection[str]
) -> Initiative:
    """An initiative with its numbers of now and its rules of then, as far as what they name is still there."""
    source = now if then is None else then
    rules: dict[str, object] = {name: getattr(source, name) for name in RULES_OF_INITIATIVES}
    for name in ("prerequisite_keys", "exclusion_keys"):
        rules[name] = tuple(key for key in getattr(source, name) if key in keys)
    contributions = {kpi: value for kpi, value in now.contributions.items() if kpi in kpis}
    return now.model_copy(update={**rules, "contributions": contributions})


def _holds_for(rule: RuleSpec, keys: Collection[str]) -> bool:
    """Whether all initiatives that a rule names are there."""
    return set(rule.mentions().initiatives) <= set(keys)


def _solved(
    plan: Plan, scenario: str, here: _Stand, kpis: Collection[str], solver: SolverName, time_limit_s: float | None
) -> _Stand | None:
    """The best portfolio of a plan between then and now; None where there is none, or no proof in time."""
    try:
        found = solve_scenario(
            plan,
            scenario,
            previous_selection=here.selected,
            solver=solver,
            time_limit_s=time_limit_s,
            explain=False,
        )
    except PlanError:
        return None
    if found.status not in (Status.OPTIMAL, Status.TARGETS_MISSED):
        return None
    return _Stand(found.selected, {kpi: found.kpi_totals[kpi] for kpi in kpis}, found.starts)


def _step(causes: tuple[Cause, ...], here: _Stand, there: _Stand) -> BridgeStep:
    then, now = set(here.selected), set(there.selected)
    return BridgeStep(
        causes,
        {kpi: Fraction(there.totals[kpi]) - Fraction(here.totals[kpi]) for kpi in here.totals},
        tuple(key for key in there.selected if key not in then),
        tuple(key for key in here.selected if key not in now),
        tuple(
            (key, was, here_now) for key, was in here.starts.items() if (here_now := there.starts.get(key, was)) != was
        ),
    )
