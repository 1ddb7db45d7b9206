"""What a scenario optimizes: objective and goal levels as data that can be shown.

With x[i] in {0, 1}, d[k] = +1 where higher is better and -1 where lower is, s[k] the normalization factor:

    north_star     maximize d[n] * sum of c[i, n] x[i]
    weighted_kpis  maximize sum over k of w[k] s[k] d[k] * sum of c[i, k] x[i]
    lexicographic  for each level of goals, most important first: minimize sum over its goals t of
                       max(0, d * (value - total)) / |value|,    and hold it;
                   then maximize the secondary objective

s[k] is 1 for `none`, 1 / scale[k] for `scale`, 1 / |target[k]| for `target` (the target of the whole portfolio, a goal
before a floor) and 1 / |best total of k that any portfolio within the rules reaches| for `ideal`. Where a goal is 0 its
shortfall is relative to the largest |contribution| to the KPI among the candidates. Synergies count everywhere.

Over several periods c[i, k] counts once, when i is finished, or in each period after that, as the KPI accrues.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeVar

from optimizer import exact
from optimizer.errors import PlanError
from optimizer.model.options import Option, SynergyColumn
from optimizer.model.rows import Bits, Candidates, Row, Sense, Terms, flip_one_of
from optimizer.plan import Initiative, Kpi, Normalization, Plan, Scenario, Target, TargetKind

_SURE = 4e-12
"""Relative to the objective: what rounding may add to a difference of two."""
_IMMATERIAL = 1e-12
"""Relative to the objective: what is better by less is as good."""
Amount = TypeVar("Amount")


@dataclass(frozen=True, slots=True)
class Objective:
    """A weighted sum of KPI totals; `coefficients[k]` is w[k] s[k] d[k], larger is always better.

    `sign` turns a value into what people see: -1 for a north star where lower is better, else +1. `factors` are the
    s[k] of the weighted KPIs. `unit` is the KPI's unit in north star mode, else ``score``. `as_written` are the
    coefficients without rounding, of the numbers that people see; an ideal is the number that Results shows.
    """

    name: str
    unit: str
    coefficients: Mapping[str, float]
    sign: int
    factors: Mapping[str, float]
    as_written: Mapping[str, Fraction]

    def score(self, candidates: Candidates, option: Option) -> float:
        """score[i] = sum over k of w[k] s[k] d[k] c[i, k]; over several periods c as often as it then counts."""
        if option.start is None:
            return 0.0
        given = option.initiative.contributions
        return self.value({kpi: (candidates.moved(option, kpi),) for kpi in self.coefficients if kpi in given})

    def synergy_score(self, candidates: Candidates, column: SynergyColumn) -> float:
        """What a synergy adds when it is earned by that period."""
        return self.coefficients.get(column.synergy.kpi, 0.0) * candidates.earned(column)

    def value(self, moved: Mapping[str, Sequence[float]]) -> float:
        """The objective from what moves each KPI, in its native unit; right to 12 digits, larger is better.

        Summing each KPI first keeps what would be lost by adding rounded scores where large contributions of either
        sign cancel.
        """
        parts = (
            (weight, self.as_written[kpi], moved[kpi]) for kpi, weight in self.coefficients.items() if kpi in moved
        )
        return exact.weighted(parts)

    def without(self, kpi: str) -> "Objective":
        """The same objective with no weight on one of its KPIs."""

        def rest(amounts: Mapping[str, Amount]) -> dict[str, Amount]:
            return {key: amount for key, amount in amounts.items() if key != kpi}

        return replace(
            self,
            coefficients=rest(self.coefficients),
            factors=rest(self.factors),
            as_written=rest(self.as_written),
        )

    def over(self, candidates: Candidates) -> "ObjectiveTerms":
        """The objective over the columns of a scenario."""
        return ObjectiveTerms(
            objective=self,
            terms=candidates.terms_at(
                lambda option: self.score(candidates, option), lambda column: self.synergy_score(candidates, column)
            ),
            totals={kpi: candidates.kpi_terms(kpi) for kpi in self.coefficients},
        )


@dataclass(frozen=True, slots=True)
class ObjectiveTerms:
    """The objective as a linear expression for the solver (`terms`), and its exact value on a selection."""

    objective: Objective
    terms: Terms
    totals: Mapping[str, Terms]

    def value(self, bits: Bits) -> float:
        """The value on a selection, right to 12 digits; larger is better."""
        return self.objective.value({kpi: tuple(terms.addends(bits)) for kpi, terms in self.totals.items()})

    def as_written(self, bits: Bits) -> Fraction:
        """The value without any rounding, of the numbers that people see; larger is better."""
        weights = self.objective.as_written
        return sum((weights[kpi] * terms.as_written(bits) for kpi, terms in self.totals.items()), Fraction(0))

    def ties(self, bits: Bits, best: Bits) -> bool:
        """Whether `bits` is worse than `best` by no more than the tolerance; where rounding could decide, exactly."""
        value, other = self.value(best), self.value(bits)
        if abs(value - other - exact.tolerance(value)) > _SURE * max(abs(value), abs(other)):
            return exact.reaches(other, value)
        return exact.reaches_as_written(self.as_written(bits), self.as_written(best))

    def exceeds(self, bits: Bits, best: Bits) -> bool:
        """Whether `bits` is better than `best` by enough to matter for what ties with them."""
        value = self.value(best)
        return self.value(bits) - value > _IMMATERIAL * abs(value)


@dataclass(frozen=True, slots=True)
class ObjectiveHold:
    """The objective stays within 1e-9 relative of what it is on the best selection."""

    objective: ObjectiveTerms
    best: Bits

    def rows(self) -> Iterator[Row]:
        """``objective >= best``."""
        yield self._row()

    def cut(self, bits: Bits) -> Row | None:
        """None where `bits` holds the objective, else a row that forbids it."""
        if self.objective.ties(bits, self.best):
            return None
        row = self._row()
        return row.cut(bits) or flip_one_of(row.helpful(bits), bits)

    def _row(self) -> Row:
        return Row(self.objective.terms, Sense.AT_LEAST, self.objective.value(self.best), tight=True)


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal and what its shortfall is relative to (`denominator` > 0, native unit)."""

    target: Target
    direction: int
    denominator: float


@dataclass(frozen=True, slots=True)
class GoalLevel:
    """Goals of equal priority; `name` says which KPIs."""

    name: str
    goals: tuple[Goal, ...]


def rewarded_kpis(scenario: Scenario) -> tuple[str, ...]:
    """KPIs with a weight above 0, where weights play a part; sorted."""
    return tuple(sorted(kpi for kpi, weight in scenario.weights.items() if weight > 0)) if scenario.uses_weights else ()


def objective_of(plan: Plan, scenario: Scenario, ideal: Callable[[Kpi], float] | None = None) -> Objective:
    """The objective of a scenario; in lexicographic mode the secondary one.

    `ideal` gives the best total of a KPI, in its native unit; it is asked only with normalization `ideal`.

    Raises:
        PlanError: the scenario has no north star, no weight above 0, or a KPI lacks what the normalization divides by.
    """
    if scenario.uses_north_star:
        star = north_star_of(plan, scenario)
        sign = star.direction.sign
        return Objective(star.key, star.unit, {star.key: float(sign)}, sign, {}, {star.key: Fraction(sign)})
    weighted = rewarded_kpis(scenario)
    if not weighted:
        raise PlanError(f"scenario {scenario.name!r} has no weight above 0")
    divisors = {key: _divisor(scenario, plan.kpi(key), ideal) for key in weighted}
    factors = {key: 1.0 / divisor for key, divisor in divisors.items()}
    signs = {key: plan.kpi(key).direction.sign for key in weighted}
    coefficients = {k: scenario.weights[k] * factors[k] * signs[k] for k in weighted}
    as_written = {k: signs[k] * exact.as_written(scenario.weights[k]) / exact.as_written(divisors[k]) for k in weighted}
    return Objective("weighted KPIs", "score", coefficients, 1, factors, as_written)


def north_star_of(plan: Plan, scenario: Scenario) -> Kpi:
    """The scenario's own north star, else the plan's.

    Raises:
        PlanError: there is neither.
    """
    if scenario.north_star is not None:
        return plan.kpi(scenario.north_star)
    for kpi in plan.kpis:
        if kpi.is_north_star:
            return kpi
    raise PlanError(f"scenario {scenario.name!r} needs a north star, and no KPI is one")


def _divisor(scenario: Scenario, kpi: Kpi, ideal: Callable[[Kpi], float] | None) -> float:
    """1 / s[k]; see the module's docstring."""
    match scenario.normalization:
        case Normalization.NONE:
            return 1.0
        case Normalization.SCALE:
            if kpi.scale is None:
                raise PlanError(f"normalization scale needs a scale for KPI {kpi.key!r}")
            return kpi.scale
        case Normalization.TARGET:
            return _size_of_target(scenario, kpi)
        case Normalization.IDEAL:
            if ideal is None:
                raise PlanError("normalization ideal needs the best total of each weighted KPI")
            # A KPI that no portfolio can move has no ideal; it then counts as it is, and a finding says so.
            return abs(ideal(kpi)) or 1.0


def _size_of_target(scenario: Scenario, kpi: Kpi) -> float:
    whole = [target for target in scenario.targets if target.kpi == kpi.key and target.slice is None]
    # What is asked by the end of the plan says more about its size than what is asked on the way there.
    whole.sort(key=lambda target: target.period is not None)
    goals = [target for target in whole if target.kind is TargetKind.GOAL]
    for target in goals or whole:
        if target.value:
            return abs(target.value)
    raise PlanError(
        f"normalization target needs a target other than 0 for KPI {kpi.key!r} in scenario {scenario.name!r}"
    )


def goal_levels(plan: Plan, scenario: Scenario) -> tuple[GoalLevel, ...]:
    """The goals of a lexicographic scenario by priority, most important first; KPIs not named form the last level."""
    goals = [target for target in scenario.targets if target.kind is TargetKind.GOAL]
    named = [key for group in scenario.target_priorities for key in group]
    groups = [*scenario.target_priorities, tuple(dict.fromkeys(t.kpi for t in goals if t.kpi not in named))]
    candidates = plan.candidates(scenario)
    levels = []
    for position, group in enumerate(groups):
        # A KPI that is named twice counts where it is named first.
        earlier = {key for before in groups[:position] for key in before}
        level = tuple(
            Goal(t, plan.kpi(t.kpi).direction.sign, _denominator(t, candidates))
            for t in goals
            if t.kpi in group and t.kpi not in earlier
        )
        if level:
            levels.append(GoalLevel(" = ".join(dict.fromkeys(goal.target.kpi for goal in level)), level))
    return tuple(levels)


def _denominator(target: Target, candidates: tuple[Initiative, ...]) -> float:
    return abs(target.value) or max((abs(i.contributions.get(target.kpi, 0.0)) for i in candidates), default=0.0) or 1.0
