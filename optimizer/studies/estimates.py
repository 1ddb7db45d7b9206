"""How far estimates may be off, and what remains of them once a plan was chosen because of them.

For each estimate e, with the range [low, high] that holds it four times in five (from the sheet, from the confidence,
or a stated default), the truth is x = mu * C: what was to be estimated, times a shock that all estimates of one KPI, or
of one resource, have in common. All are positive (a negative contribution is one of its size the other way), so errors
are factors:

    s+ = ln(high / e) / Z, s- = ln(e / low) / Z, s^2 = (s+^2 + s-^2) / 2, Z = 1.2816 (the normal quantile of 0.9)
    ln e = ln mu - v / 2 + normal(0, v)       v = (1 - common) s^2: estimates are right on average, before choosing
    ln C = normal(-common s^2 / 2, common s^2)

What is chosen is chosen because its estimate is large, so on average it was estimated too large: the optimizer's curse
(Smith and Winkler 2006, doi:10.1287/mnsc.1050.0451). Their remedy is Bayes' rule. The prior comes from the list itself
(empirical Bayes, Morris 1983, doi:10.1080/01621459.1983.10477920): ln mu_i is normal(m_i, t^2), where m_i is linear in
the logarithms of the initiative's other estimates (large things cost more and bring more, and are chosen by both), by
weighted least squares, and t^2 is by the moment estimator of Paule and Mandel (1982). With y = ln e + v / 2 and
A = t^2 / (t^2 + v), ln mu given e is normal(A y + (1 - A) m, A v). The corrected estimate is the mean of x, and draws
of x have that mean; the range's own skewness shifts it as the range says. Fewer than `LEAST` estimates of one kind say
nothing about each other, and stay as they are.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import erf, exp, log, sqrt

import numpy as np
from numpy.typing import NDArray

from optimizer.plan import TOKENS, Initiative, Plan, Scenario

Z = 1.2815515655446004
"""The standard normal quantile of 0.9: a range holds the truth four times in five."""
LEAST = 5
"""So many estimates of one kind, and more, are compared with each other."""
_LEAST_FOR_EACH = 10
"""So many are needed to see how the estimates go with those of another kind, and as many more for each further one."""
_WIDEST = 4.0
"""An end of a range that is nearer to 0 than this part of the estimate, or beyond 0, is read as this factor away.

As a factor, 0 is infinitely far away, and the further an end is, the less an estimate counts: "0 to 30, probably 9"
says about as much as a normal error of the same width does, which is a factor of 4.
"""
_HALVINGS = 60


class RangeSource(StrEnum):
    """Where the range of an estimate comes from."""

    RANGE = "range"
    CONFIDENCE = "confidence"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Estimate:
    """One number of one initiative: its contribution to a KPI, or (`is_cost`) its cost of a resource.

    `value` is what the plan says, `low` and `high` its range, in the native unit.
    """

    initiative: str
    of: str
    is_cost: bool
    value: float
    low: float
    high: float
    source: RangeSource

    @property
    def kind(self) -> tuple[str, bool, bool]:
        """Estimates of one kind are compared with each other: those of one KPI or resource, and of one sign."""
        return self.of, self.is_cost, self.value < 0

    @property
    def spread(self) -> tuple[float, float]:
        """s- and s+: how far off it may be downwards and upwards in size, as logarithms of factors."""
        size = abs(self.value)
        ends = sorted((abs(self.low), abs(self.high))) if self.low * self.high > 0 else [0.0, 0.0]
        if self.low * self.high <= 0:
            ends = [size / _WIDEST, max(abs(self.low), abs(self.high), size)]
        return log(size / max(ends[0], size / _WIDEST)) / Z, log(max(ends[1], size) / size) / Z


@dataclass(frozen=True)
class Beliefs:
    """What is believed of every estimate once they are compared: row i is estimate i.

    `corrected` is the mean of the truth (native unit), `weight` is A, how much of its own the estimate keeps, and
    `is_compared` whether there were enough of its kind. `common` is the share of the variance of what all of a kind
    have in common.
    """

    estimates: tuple[Estimate, ...]
    corrected: NDArray[np.float64]
    weight: NDArray[np.float64]
    is_compared: NDArray[np.bool_]
    common: float

    def draws(self, samples: int, seed: int) -> NDArray[np.float64]:
        """So many draws of the truth of every estimate, a row each; the same for the same seed."""
        random = np.random.default_rng(seed)
        down, up = _spreads(self.estimates)
        groups = sorted({(one.of, one.is_cost) for one in self.estimates})
        of = np.array([groups.index((one.of, one.is_cost)) for one in self.estimates], dtype=np.int64)
        shared = random.standard_normal((samples, len(groups)))[:, of] if groups else np.zeros((samples, 0))
        own = random.standard_normal((samples, len(self.estimates)))
        z = sqrt(self.common) * shared + np.sqrt(self.weight * (1 - self.common)) * own
        variance = self.common + self.weight * (1 - self.common)
        factors = np.exp(z * np.where(z > 0, up, down))
        return np.asarray(self.corrected * factors / _mean_factor(down, up, variance), dtype=np.float64)

    @property
    def sources(self) -> Mapping[RangeSource, int]:
        """How many estimates have their range from where."""
        return {source: sum(one.source is source for one in self.estimates) for source in RangeSource}


def estimates_of(plan: Plan, scenario: Scenario, spread: float) -> tuple[Estimate, ...]:
    """Every estimate of the candidates that is not 0, with its range.

    Without a range of its own it may be off by `spread` either way, as a factor (0.2 is from e / 1.2 to e * 1.2), or by
    what its confidence leaves open: 80% is 0.2.
    """
    found: list[Estimate] = []
    for initiative in plan.candidates(scenario):
        for kpi, value in initiative.contributions.items():
            found += _estimate(initiative, kpi, False, value, initiative.ranges.get(kpi), spread)
        for resource, cost in initiative.costs.items():
            found += _estimate(initiative, resource, True, cost, initiative.cost_ranges.get(resource), spread)
    return tuple(found)


def _estimate(
    initiative: Initiative, of: str, is_cost: bool, value: float, given: tuple[float, float] | None, spread: float
) -> Iterable[Estimate]:
    if not value:
        return
    if given is not None:
        yield Estimate(initiative.key, of, is_cost, value, *given, RangeSource.RANGE)
        return
    source = RangeSource.DEFAULT
    if initiative.confidence is not None:
        spread, source = 1 - initiative.confidence, RangeSource.CONFIDENCE
    ends = sorted((value / (1 + spread), value * (1 + spread)))
    yield Estimate(initiative.key, of, is_cost, value, ends[0], ends[1], source)


def compare_estimates(plan: Plan, estimates: Sequence[Estimate], common: float) -> Beliefs:
    """What is believed of each estimate given all of its kind; `common` is the shared part of the variance, 0 to 1."""
    down, up = _spreads(estimates)
    squares = (down**2 + up**2) / 2
    skewed = _mean_factor(down, up, np.ones(len(estimates))) / np.exp(squares / 2)
    sizes = np.abs(np.array([one.value for one in estimates], dtype=np.float64)) * skewed
    corrected, weight = sizes.copy(), np.ones(len(estimates))
    compared = np.zeros(len(estimates), dtype=np.bool_)
    kinds: dict[tuple[str, bool, bool], list[int]] = defaultdict(list)
    for number, one in enumerate(estimates):
        kinds[one.kind].append(number)
    for members in kinds.values():
        if len(members) < LEAST:
            continue
        rows = np.array(members)
        v = (1 - common) * squares[rows]
        y = np.log(sizes[rows]) + v / 2
        prior, t2 = _prior(y, v, _covariates(plan, [estimates[row] for row in members]))
        keeps = np.divide(t2, t2 + v, out=np.ones_like(v), where=t2 + v > 0)
        corrected[rows] = np.exp(keeps * y + (1 - keeps) * prior + keeps * v / 2)
        weight[rows], compared[rows] = keeps, True
    signs = np.sign(np.array([one.value for one in estimates], dtype=np.float64))
    return Beliefs(tuple(estimates), signs * corrected, weight, compared, common)


def _covariates(plan: Plan, estimates: Sequence[Estimate]) -> NDArray[np.float64]:
    """A column of ones, and the logarithms of the same initiatives' other estimates, costs first.

    Where some initiatives have none of a kind, or one of the other sign, their logarithm is 0, and a further column
    marks them.
    """
    initiatives = [plan.initiative(one.initiative) for one in estimates]
    is_cost, own = estimates[0].is_cost, estimates[0].of
    resources = sorted(
        {resource for one in initiatives for resource in one.costs}, key=lambda one: (one != TOKENS, one)
    )
    others = [[one.costs.get(of, 0.0) for one in initiatives] for of in resources if not (is_cost and of == own)]
    kpis = [kpi.key for kpi in plan.kpis if is_cost or kpi.key != own]
    others += [[one.contributions.get(of, 0.0) for one in initiatives] for of in kpis]
    ones = np.ones(len(estimates))
    columns = [ones]
    for numbers in others:
        values = np.array(numbers, dtype=np.float64)
        values *= np.sign(values.sum() or 1.0)
        has = values > 0
        logs = np.log(values, out=np.zeros_like(values), where=has)
        added = [logs] if has.all() else [logs, has.astype(np.float64)]
        groups = (has.sum(), *([] if has.all() else [(~has).sum()]))
        enough = len(columns) - 1 + len(added) <= len(estimates) // _LEAST_FOR_EACH
        if enough and min(groups) >= LEAST and np.ptp(logs[has]) > 0:
            columns += added
    return np.column_stack(columns)


def _prior(y: NDArray[np.float64], v: NDArray[np.float64], x: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """The mean of each, and the variance t^2 of what was to be estimated; 0 where the noise alone explains the spread.

    At t^2 the weighted squares of the residuals add up to the degrees of freedom.
    """
    freedom = len(y) - x.shape[1]

    def fitted(t2: float) -> tuple[NDArray[np.float64], float]:
        weights = 1 / (v + t2)
        slopes, *_ = np.linalg.lstsq(x * np.sqrt(weights)[:, None], y * np.sqrt(weights), rcond=None)
        mean = x @ slopes
        return mean, float((weights * (y - mean) ** 2).sum())

    least = 1e-12
    low, high = least, least + float(np.var(y))
    if fitted(low)[1] <= freedom:
        return fitted(low)[0], 0.0
    while fitted(high)[1] > freedom:
        high *= 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if fitted(middle)[1] > freedom else (low, middle)
    return fitted(high)[0], high


def _spreads(estimates: Sequence[Estimate]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    pairs = np.array([one.spread for one in estimates], dtype=np.float64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _mean_factor(
    down: NDArray[np.float64], up: NDArray[np.float64], variance: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The mean of exp(z s) for z = normal(0, variance), with s = s+ where z > 0, else s-."""

    def half(s: float, var: float, sign: int) -> float:
        return exp(s * s * var / 2) * 0.5 * (1 + erf(sign * s * sqrt(var) / sqrt(2)))

    return np.array(
        [half(u, var, 1) + half(d, var, -1) for d, u, var in zip(down, up, variance, strict=True)], dtype=np.float64
    )
