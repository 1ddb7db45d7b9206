"""What is believed of estimates, against simulated worlds in which the truth is known."""

from math import exp, log, sqrt

import numpy as np
import pytest

from optimizer.plan import TOKENS, Initiative, Plan
from optimizer.studies.estimates import Estimate, RangeSource, Z, compare_estimates, estimates_of
from tests.optimizer.plans import initiative, plan, scenario

COMMON = 0.25


class World:
    """Simulated plans: what was to be estimated, its estimates, and how it turned out."""

    def __init__(self, seed: int, size: int, *, spread: float = 0.3, with_cost: float = 0.0) -> None:
        self.random = np.random.default_rng(seed)
        self.size, self.spread, self.with_cost = size, spread, with_cost

    def plan(self) -> tuple[Plan, np.ndarray, list[int]]:
        """A plan of estimates, the truth, and the rows that are chosen: the most per token, up to a third of all."""
        s, size = log(1 + self.spread) / Z, self.random.standard_normal(self.size)
        own = sqrt(1 - self.with_cost**2) * self.random.standard_normal(self.size)
        worth, costs = np.exp(3 + 0.8 * size), np.exp(2 + 0.5 * (self.with_cost * size + own))
        v = (1 - COMMON) * s * s
        estimates = worth * np.exp(sqrt(v) * self.random.standard_normal(self.size) - v / 2)
        truth = worth * exp(sqrt(COMMON) * s * self.random.standard_normal() - COMMON * s * s / 2)
        chosen, used = [], 0.0
        for row in np.argsort(-estimates / costs):
            if used + costs[row] <= costs.sum() / 3:
                chosen.append(int(row))
                used += costs[row]
        initiatives = [
            Initiative(
                key=f"I{row:02}", contributions={"gmv": float(estimates[row])}, costs={TOKENS: float(costs[row])}
            )
            for row in range(self.size)
        ]
        return plan(initiatives, scenario(capacity=float(costs.sum() / 3))), truth, chosen

    def bias(self, plans: int) -> tuple[float, float]:
        """How far the totals of what is chosen are from the truth, relative to it: naive, and corrected."""
        naive, corrected, true = 0.0, 0.0, 0.0
        for _ in range(plans):
            made, truth, chosen = self.plan()
            estimates = contributions(made, self.spread)
            beliefs = compare_estimates(made, estimates, COMMON)
            naive += sum(estimates[row].value for row in chosen)
            corrected += float(beliefs.corrected[chosen].sum())
            true += float(truth[chosen].sum())
        return naive / true - 1, corrected / true - 1

    def calibration(self, plans: int, draws: int = 200) -> float:
        """The largest difference between a stated chance and how often it came true, in points of a hundred."""
        places = []
        for number in range(plans):
            made, truth, chosen = self.plan()
            beliefs = compare_estimates(made, contributions(made, self.spread), COMMON)
            totals = beliefs.draws(draws, number)[:, chosen].sum(axis=1)
            places.append(float((totals < truth[chosen].sum()).mean()))
        stated = (0.1, 0.25, 0.5, 0.75, 0.9)
        return 100 * max(abs(float(np.mean(np.array(places) < chance)) - chance) for chance in stated)


def contributions(made: Plan, spread: float) -> list[Estimate]:
    return [one for one in estimates_of(made, made.scenarios[0], spread) if not one.is_cost]


def test_corrected_totals_are_nearer_to_the_truth_than_naive_ones() -> None:
    """A sample of the campaign, which asks for 1 % over 10,000 plans."""
    naive, corrected = World(1, 30, with_cost=0.7).bias(400)
    assert naive > 0.03
    assert abs(corrected) < 0.015


def test_what_stands_alone_is_drawn_from_its_own_range() -> None:
    """One in ten below low, one in ten above high, half above the estimate, up to the mean of the factor."""
    made = plan([initiative("A", 0, gmv=100.0, ranges={"gmv": (50.0, 110.0)})], scenario(capacity=5.0))
    beliefs = compare_estimates(made, estimates_of(made, made.scenarios[0], 0.2), 0.0)
    draws = beliefs.draws(20_000, 3)[:, 0]
    assert not beliefs.is_compared.any()
    assert np.percentile(draws, 10) == pytest.approx(50, rel=0.08)
    assert np.percentile(draws, 50) == pytest.approx(100, rel=0.08)
    assert np.percentile(draws, 90) == pytest.approx(110, rel=0.08)
    assert beliefs.corrected[0] < 95
    assert draws.mean() == pytest.approx(beliefs.corrected[0], rel=0.01)


def test_the_same_seed_gives_the_same_draws_and_another_one_others() -> None:
    made, *_ = World(2, 12).plan()
    beliefs = compare_estimates(made, estimates_of(made, made.scenarios[0], 0.2), COMMON)
    assert (beliefs.draws(10, 4) == beliefs.draws(10, 4)).all()
    assert (beliefs.draws(10, 4) != beliefs.draws(10, 5)).all()


def test_a_range_comes_from_the_sheet_the_confidence_or_the_default() -> None:
    made = plan(
        [
            initiative("A", 4, gmv=100.0, ranges={"gmv": (90.0, 120.0)}, cost_ranges={TOKENS: (3.0, 6.0)}),
            initiative("B", 5, gmv=-100.0, confidence=0.5),
            initiative("C", 5, gmv=0.0),
        ],
        scenario(capacity=5.0),
    )
    found = estimates_of(made, made.scenarios[0], 0.25)
    assert [(one.initiative, one.of, one.low, one.high, one.source) for one in found] == [
        ("A", "gmv", 90.0, 120.0, RangeSource.RANGE),
        ("A", TOKENS, 3.0, 6.0, RangeSource.RANGE),
        ("B", "gmv", -150.0, pytest.approx(-100 / 1.5), RangeSource.CONFIDENCE),
        ("B", TOKENS, pytest.approx(5 / 1.5), 7.5, RangeSource.CONFIDENCE),
        ("C", TOKENS, 4.0, 6.25, RangeSource.DEFAULT),
    ]


def test_what_is_certain_stays_what_it_is() -> None:
    """Full confidence leaves nothing open, however the others are estimated."""
    sure = [initiative(f"I{n}", 1, gmv=10.0 * (n + 1), confidence=1.0) for n in range(8)]
    made = plan(sure, scenario(capacity=5.0))
    beliefs = compare_estimates(made, estimates_of(made, made.scenarios[0], 0.2), 0.0)
    assert beliefs.corrected == pytest.approx([one.value for one in beliefs.estimates])
    assert beliefs.draws(3, 1) == pytest.approx(np.tile(beliefs.corrected, (3, 1)))


def test_a_range_across_zero_has_ends_of_the_estimates_own_sign() -> None:
    """Errors are factors: an end beyond 0 is read as a twentieth of the estimate."""
    one = Estimate("A", "gmv", False, 100.0, -20.0, 150.0, RangeSource.RANGE)
    assert [round(part * Z, 6) for part in one.spread] == [round(log(20), 6), round(log(1.5), 6)]
