"""Every statement of a study against brute force: prices of opposite decisions, within a run and asked for, the
numbers at which they turn, what each amount of a capacity is worth, other plans, lists for every budget, prices of rules.

`make campaign NAME=studies ARGS="2000 7"` checks two thousand random plans with the seed 7 and prints the counts.
"""

import sys
from random import Random

from tests.optimizer.studies.test_alternatives import check_alternatives
from tests.optimizer.studies.test_capacity_value import check_curve
from tests.optimizer.studies.test_frontier import whole_numbers
from tests.optimizer.studies.test_prices import check_decision_prices
from tests.optimizer.studies.test_priorities import check_list
from tests.optimizer.studies.test_rule_prices import check_prices
from tests.optimizer.studies.test_studies import check_study

LARGEST = 7
"""Initiatives per plan: brute force tries every subset, many times for each threshold."""


def main(plans: int = 2_000, seed: int = 1) -> int:
    """Print how many plans and thresholds were checked; the number of plans with a false statement."""
    random = Random(seed)
    thresholds, prices, edges, amounts, others, budgets, rules, wrong = 0, 0, 0, 0, 0, 0, 0, []
    for _ in range(plans):
        number, size = random.randrange(10**9), random.randint(1, LARGEST)
        try:
            thresholds += check_study(number, size)
            priced, turned = check_decision_prices(number, size)
            prices, edges = prices + priced, edges + turned
            others += check_alternatives(number, size)
            budgets += check_list(number, size)
            rules += check_prices(number, size)
            amounts += check_curve(whole_numbers(number, size), reserve=random.choice([0.0, 0.1]))
        except AssertionError as error:
            wrong.append(number)
            print(f"plan {number} of {size}: {str(error)[:200]}")
    print(f"{plans:,} plans, {thresholds:,} thresholds checked on both sides, {amounts:,} amounts of capacity;")
    print(f"{prices:,} prices of decisions within a run, {edges:,} contributions at which they turn;")
    print(f"{others:,} other plans, {budgets:,} budgets of lists, {rules:,} prices of rules;")
    print(f"{len(wrong)} plans with a fault.")
    return len(wrong)


if __name__ == "__main__":
    sys.exit(bool(main(*map(int, sys.argv[1:]))))
