"""How far each weight may move until another plan is the best one.

With all other weights fixed, a plan is worth a + w b, a straight line in the weight w of one KPI (b is what the plan
brings of it, by the factor of the study), and the best plans are the upper edge of all these lines. The plan of the
answer is on that edge in one interval. Its upper end: the best plan at a large weight either is no better there, and
then there is no end, or its line crosses that of the answer at some weight; the best plan there is the next one to
cross, until at a crossing nothing is better than the answer. Each step is one solve, and the end is exact.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from optimizer.model.objectives import rewarded_kpis
from optimizer.portfolio import Portfolio
from optimizer.studies.edits import WeightOf
from optimizer.studies.opposite import is_verdict
from optimizer.studies.parallel import solve_until
from optimizer.studies.study import Study

FURTHEST = 100.0
"""Weights are followed up to so many times the largest of the scenario."""
_MOST_STEPS = 60


@dataclass(frozen=True, slots=True)
class WeightEnd:
    """One end of the interval of a weight in which the answer stays the best.

    `weight` is None where it stays as far as was looked: down to 0, or up to `FURTHEST` times the largest weight.
    Beyond it `came_in` and `went_out` change.
    """

    weight: float | None
    came_in: tuple[str, ...] = ()
    went_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WeightInterval:
    """The interval of one KPI's weight, all others fixed, in which the answer stays the best; None was not proven."""

    kpi: str
    weight: float
    low: WeightEnd | None
    high: WeightEnd | None


def weight_intervals(study: Study, *, stop: Callable[[], bool] = lambda: False) -> tuple[WeightInterval, ...]:
    """The interval of each weight of the scenario that is not 0; none where only one KPI counts, or no weights do.

    `stop` is asked again and again; True, or Ctrl-C, leaves the others without their ends.

    Raises:
        Cancelled, DefectError, SolverError, SolverUnavailableError: as `Study.solve`.
    """
    scenario = study.scenario
    rewarded = rewarded_kpis(scenario)
    if len(rewarded) < 2:
        return ()
    furthest = FURTHEST * max(scenario.weights[kpi] for kpi in rewarded)
    found = solve_until([partial(_interval, study, kpi, furthest) for kpi in rewarded], study.cancel, stop)
    missing = [WeightInterval(kpi, scenario.weights[kpi], None, None) for kpi in rewarded[len(found) :]]
    return (*found, *missing)


def _interval(study: Study, kpi: str, furthest: float) -> WeightInterval:
    return WeightInterval(kpi, study.scenario.weights[kpi], _end(study, kpi, 0.0), _end(study, kpi, furthest))


def _end(study: Study, kpi: str, bound: float) -> WeightEnd | None:
    """Where the interval ends on the way to a bound."""
    answer, at, other = study.answer, Fraction(bound), None
    for _ in range(_MOST_STEPS):
        found = study.solve(WeightOf(kpi, float(at)), break_ties=False)
        if not is_verdict(found) or not found.status.has_portfolio:
            return None
        best = _line(study, found, kpi, at)
        if best - _line(study, answer, kpi, at) <= Fraction(study.room) * abs(best):
            break
        crossing, other = _crossing(study, found, kpi, at), found
        if crossing == at:
            break
        at = crossing
    else:
        return None
    if other is None:
        return WeightEnd(None)
    return WeightEnd(
        float(at),
        came_in=tuple(key for key in other.selected if key not in answer.selected),
        went_out=tuple(key for key in answer.selected if key not in other.selected),
    )


def _crossing(study: Study, found: Portfolio, kpi: str, at: Fraction) -> Fraction:
    """From which weight on, on the way to `at`, a plan that is better than the answer there is the better one.

    The lines cross where the gain by the move of the weight makes up for what the other plan lacks now. One that lacks
    nothing ties with the answer now, though it may lead by less than `Study.room`: it is the better one from where its
    lead d and its value v, both straight lines in the weight, have d = room |v|.
    """
    now, room = Fraction(study.scenario.weights[kpi]), Fraction(study.room)
    values = [_line(study, found, kpi, weight) for weight in (now, at)]
    leads = [value - _line(study, study.answer, kpi, weight) for value, weight in zip(values, (now, at), strict=True)]
    edges = [leads]
    if leads[0] >= 0:
        # d - room |v| is the lesser of d - room v and d + room v: above 0 from the later of their two roots on.
        edges = [[lead - side * value for lead, value in zip(leads, values, strict=True)] for side in (room, -room)]
    share = max(start / (start - end) if start < 0 else Fraction() for start, end in edges)
    return now + share * (at - now)


def _slope(study: Study, portfolio: Portfolio, kpi: str) -> Fraction:
    """What one more of the weight adds to the objective of a plan."""
    weight = Fraction(study.scenario.weights[kpi])
    return Fraction(study.objective.coefficients[kpi]) / weight * Fraction(portfolio.kpi_totals[kpi])


def _line(study: Study, portfolio: Portfolio, kpi: str, weight: Fraction) -> Fraction:
    """The objective of a plan with another weight of one KPI; larger is better. Exact, since its parts may cancel."""
    coefficients, totals = study.objective.coefficients, portfolio.kpi_totals
    here = sum((Fraction(given) * Fraction(totals[key]) for key, given in coefficients.items()), Fraction())
    return here + (weight - Fraction(study.scenario.weights[kpi])) * _slope(study, portfolio, kpi)
