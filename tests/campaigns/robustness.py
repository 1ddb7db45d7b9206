"""Honest totals and chances in simulated worlds, and every share, interval and proof of safety against brute force.

`make campaign NAME=robustness ARGS="10000 500 1"` simulates ten thousand plans whose truth is known in each of several
kinds of worlds, and checks five hundred random plans by trying every subset, with the seed 1.
"""

import sys
from random import Random

from tests.optimizer.studies.test_core_index import check_core
from tests.optimizer.studies.test_estimates import World
from tests.optimizer.studies.test_robustness import check_robustness
from tests.optimizer.studies.test_weights import check_weights

MOST_BIAS, MOST_POINTS = 0.01, 3.0
WORLDS = (
    {"size": 12, "spread": 0.2},
    {"size": 40, "spread": 0.2},
    {"size": 40, "spread": 0.3, "with_cost": 0.7},
    {"size": 40, "spread": 0.5},
    {"size": 100, "spread": 0.3},
    {"size": 40, "spread": 0.3, "costs_known": False},
    {"size": 40, "spread": 0.3, "with_cost": 0.7, "costs_known": False},
)


def main(simulated: int = 10_000, plans: int = 500, seed: int = 1) -> int:
    """Print what was found; the number of worlds and plans with a fault."""
    wrong = 0
    for number, world in enumerate(WORLDS if simulated else ()):
        for what, found in zip(("KPI", "costs"), World(seed + number, **world).outcomes(simulated), strict=False):
            (naive, _), (corrected, error), (points, points_error) = found.bias(0), found.bias(1), found.points
            wrong += abs(corrected) > MOST_BIAS or points > MOST_POINTS
            totals = f"naive {naive:+.2%}, corrected {corrected:+.2%} (standard error {error:.2%})"
            chances = f"chances off by {points:.1f} points (standard error {points_error:.1f})"
            print(f"{world}, {what}: {totals}; {chances}", flush=True)
    random, weights, core = Random(seed), 0, 0
    for _ in range(plans):
        number, size = random.randrange(10**9), random.randint(1, 7)
        try:
            check_robustness(number, size)
            weights += check_weights(number, size)
            core += check_core(number, size, random.choice([0.05, 0.3, 1.0]))
        except AssertionError as error:
            wrong += 1
            print(f"plan {number} of {size}: {str(error)[:200]}")
    print(f"{plans:,} plans: {weights:,} ends of weights, {core:,} initiatives in the core index; {wrong} faults.")
    return wrong


if __name__ == "__main__":
    sys.exit(bool(main(*map(int, sys.argv[1:]))))
