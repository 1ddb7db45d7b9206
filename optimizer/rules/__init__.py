"""The business rules, listed once.

Data    cost[i, r] >= 0     what initiative i costs of resource r          capacity[r]   how much of it there is
        c[i, k]             contribution of i to KPI k, native unit        d[k]          +1 higher, -1 lower is better
        min/max             bounds of a slice, of a resource or initiatives   t             value of a KPI floor
        v[j]                value of synergy j for one KPI                 M[j]          its members
Sets    I  candidates of the scenario's period    S  slice: initiatives with one value in one dimension
        E  what an earlier plan selected
Vars    x[i] in {0, 1}  selected                  y[j] in {0, 1}  synergy earned
Model    (1) sum over I of cost[i, r] x[i] <= (1 - reserve) capacity[r]   each limited resource r
         (2) sum over S of cost[i, r] x[i] <= max                         each capped slice (and period)
         (3) sum over S of cost[i, r] x[i] >= min                         each slice with a floor
         (4) sum over S of x[i] <= max        (5) sum over S of x[i] >= min        S may be named one by one
         (6) x[i] >= 1  mandatory             (7) x[i] <= 0  left out
         (8) sum of x over incompatible initiatives <= 1
         (9) x[a] <= x[b] <= ... <= x[a]  bundle
        (10) x[i] <= x[p]  each prerequisite p of i
        (11) sum of x over the variants of one thing <= 1
        (12) d[k] (sum over S of c[i, k] x[i] + sum of v[j] y[j]) >= d[k] t   each KPI floor
        (13) y[j] <= x[i] for i in M[j]       (14) y[j] >= sum over M[j] of x[i] - |M[j]| + 1
        (16) sum over S of cost[i, r] x[i] >= share * sum over I of cost[i, r] x[i]      each share with a floor
        (17) sum over S of cost[i, r] x[i] <= share * sum over I of cost[i, r] x[i]      each capped share
        (18) sum over S of cost[i, r] x[i] >= share * capacity[r]     (19) <= share * capacity[r]
        (20) x[i] <= sum over P of x[p]    P: any one of these is what i needs
        (21) x[i] >= 1  each i of E that is kept    (22) sum over E of (1 - x[i]) + sum over I - E of x[i] <= max
             over several periods z[i,p] in place of x[i] for each i of E that started in a period p of the horizon

Over several periods, p = 1 ... P the periods of the horizon:

Data    dur[i]          periods that i takes                               lag[i, h]     see Constraints, else 0
        u[i, r, n]      what i costs of r in its n-th period, n = 0 ...    e[i], l[i]    earliest start, latest finish
        n[i, k, p, q]   how often c[i, k] counts by the end of q when i starts in p, so that it is finished in
                        f = p + dur[i] - 1: [f <= q] for a KPI that accrues once, max(0, q - f) for each_period
Vars    z[i, p] in {0, 1}  starts in p, for p + dur[i] - 1 <= P            stop[i]       work that may be stopped is
        y[j, q]            synergy earned by the end of q, where that counts
Model   x[i] stands for the sum over p of z[i, p]; c[i, k] x[i] for the sum of n[i, k, p, q] c[i, k] z[i, p], with q
        the period of a target, else P; costs of i are spent in the periods of its work. (1), (3), (4), (5) hold for
        the whole plan, (2) holds in each period. (13), (14) have y[j, q], and only the z that are finished by q.
        (10) sum over s <= p of z[i, s] <= sum over s + dur[h] - 1 + lag[i, h] <= p of z[h, s]    each p, prerequisite h
        (31) sum over p of z[i, p] <= 1; in progress: z[i, 1] + stop[i] = 1, stop_cost[i] stop[i] spent in period 1
        (32) z[i, p] <= 0 for p < e[i]                     (33) z[i, p] <= 0 for p + dur[i] - 1 > l[i]
        (34) z[i, 1] >= 1  in progress, unless it may be stopped
        (35) sum over S and p of u[i, r, q - p] z[i, p] <= capacity[r, q, S]   each q that is limited

A study may add (36) sum over k of w[k] s[k] d[k] * the total of k >= least: a portfolio that is worth as much.

(10) in this form, one row per start, is stronger than comparing start times (Christofides, Alvarez-Valdes and Tamarit
1987): its relaxation has no fractional start before the fractions of the prerequisite that are finished.

A new rule is one new class and one new entry in `RULES`.
"""

from collections.abc import Iterable

from optimizer.model.objectives import Objective
from optimizer.plan import TOKENS, Plan, Scenario, Target
from optimizer.rules.alternatives import RequiresAny
from optimizer.rules.bounds import CountCap, CountFloor, TokenCap, TokenFloor
from optimizer.rules.capacity import PeriodLimit, ResourceCapacity
from optimizer.rules.choices import Bundled, Excluded, Mandatory
from optimizer.rules.earlier_plan import MostChanges, StaysSelected
from optimizer.rules.kpi_floors import KpiFloor
from optimizer.rules.objective_floor import ObjectiveFloor
from optimizer.rules.prerequisites import Requires
from optimizer.rules.rivals import Exclusion, Variants
from optimizer.rules.rule import BoundRule, Rule
from optimizer.rules.shares import CapacityShareCap, CapacityShareFloor, ShareCap, ShareFloor
from optimizer.rules.timing import Continues, EarliestStart, LatestFinish

RULES: tuple[type[Rule], ...] = (
    ResourceCapacity,
    PeriodLimit,
    TokenCap,
    TokenFloor,
    CountCap,
    CountFloor,
    Mandatory,
    Excluded,
    Exclusion,
    Bundled,
    Requires,
    Variants,
    EarliestStart,
    LatestFinish,
    Continues,
    KpiFloor,
    ShareFloor,
    ShareCap,
    CapacityShareFloor,
    CapacityShareCap,
    RequiresAny,
    StaysSelected,
    MostChanges,
)


def rules_of(plan: Plan, scenario: Scenario) -> tuple[Rule, ...]:
    """Every rule that holds for the scenario, in the order of `RULES`."""
    return tuple(rule for rule_class in RULES for rule in rule_class.of(plan, scenario))


def holding(plan: Plan, scenario: Scenario, target: Target) -> BoundRule:
    """The rule that a target is met, be it a floor or a goal that is to be held."""
    return KpiFloor.holding(plan, scenario, target)


def holding_objective(plan: Plan, scenario: Scenario, objective: Objective, least: float) -> BoundRule:
    """The rule that the objective, larger being better, comes to at least `least`: for studies, no sheet states it."""
    return ObjectiveFloor.holding(plan, scenario, objective, least)


def main_capacity(rules: Iterable[Rule]) -> BoundRule | None:
    """The rule that limits the engineering tokens of the whole portfolio, or the one resource that is limited.

    None where nothing is limited, or several resources but not tokens.
    """
    capacities = [rule for rule in rules if isinstance(rule, ResourceCapacity)]
    tokens = [rule for rule in capacities if rule.resource == TOKENS]
    return next(iter(tokens or (capacities if len(capacities) == 1 else [])), None)


def further_capacities(rules: Iterable[Rule], main: BoundRule | None) -> list[BoundRule]:
    """The other rules that limit a resource of the whole portfolio."""
    return [rule for rule in rules if isinstance(rule, ResourceCapacity) and rule is not main]


def with_capacity(scenario: Scenario, capacity: BoundRule) -> Scenario:
    """The scenario with the capacity that a rule states."""
    assert isinstance(capacity, ResourceCapacity)
    return scenario.model_copy(update={"capacities": {**scenario.capacities, capacity.resource: capacity.stated}})
