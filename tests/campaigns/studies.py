"""Every statement of a study against brute force: prices of opposite decisions, within a run and asked for, the
numbers at which they turn, what each amount of a capacity is worth, frontiers, other plans, lists for every budget,
audits and their moves, frontiers and audits over several periods, what is safe, shares of draws, and prices of rules.

`make campaign NAME=studies ARGS="2000 7"` checks two thousand random plans with the seed 7 and prints the counts.
"""

import sys
from collections import Counter
from random import Random

from optimizer.search.efficient_selections import MOST_ENTRIES
from tests.optimizer.studies.test_alternatives import check_alternatives
from tests.optimizer.studies.test_audit import check_audit
from tests.optimizer.studies.test_audit_in_time import check_timed_audit
from tests.optimizer.studies.test_capacity_value import check_curve
from tests.optimizer.studies.test_core_index import check_core
from tests.optimizer.studies.test_frontier import check_frontier, whole_numbers
from tests.optimizer.studies.test_frontier_in_time import check_timed_frontier
from tests.optimizer.studies.test_prices import check_decision_prices
from tests.optimizer.studies.test_priorities import check_list, check_timed_list
from tests.optimizer.studies.test_robustness import check_robustness
from tests.optimizer.studies.test_rule_prices import check_prices
from tests.optimizer.studies.test_studies import check_study, check_timed_study

SIZES = (*range(1, 9),) * 4 + (9, 10, 11, 12)
"""Initiatives per plan: brute force tries every subset, many times for each threshold, so few plans are large."""
LARGEST_IN_PAIRS = 7
"""What is safe is compared with all pairs of plans, and draws with a plan for each of them."""
LARGEST_IN_TIME = 6
"""Over several periods it tries every start of each initiative."""
DRAWS = 4
ENTRIES = (0, 20, 200, MOST_ENTRIES)
"""How much a frontier lists before a solver is asked: nothing, a little, and all."""
_SAID_EVERY = 100


def main(plans: int = 2_000, seed: int = 1) -> int:
    """Print how many plans and statements were checked, also on the way; the number of plans with a false one."""
    random, checked, wrong = Random(seed), Counter[str](), []
    for done in range(1, plans + 1):
        number, size = random.randrange(10**9), random.choice(SIZES)
        checked["initiatives"] += size
        try:
            check_plan(number, size, checked)
        except AssertionError as error:
            wrong.append(number)
            print(f"plan {number} of {size}: {str(error)[:200]}", flush=True)
        if done % _SAID_EVERY == 0 or done == plans:
            counts = ", ".join(f"{count:,} {what}" for what, count in checked.items())
            print(f"{done:,} plans: {counts}; {len(wrong)} plans with a fault.", flush=True)
    return len(wrong)


def check_plan(number: int, size: int, checked: Counter[str]) -> None:
    """Check one random plan, and count what was checked."""
    is_even = number % 2 == 0
    checked["thresholds, each on both sides"] += check_study(number, size)
    checked["thresholds over several periods"] += check_timed_study(number, min(size, LARGEST_IN_TIME), 1 + number % 3)
    prices, edges = check_decision_prices(number, size)
    checked["prices of decisions within a run"] += prices
    checked["contributions at which they turn"] += edges
    checked["efficient plans"] += check_frontier(
        number, size, with_resource=is_even, alone=1 + number % 4, most_entries=ENTRIES[number % len(ENTRIES)]
    )
    checked["efficient plans over several periods"] += check_timed_frontier(
        number, min(size, LARGEST_IN_TIME), 1 + number % 3
    )
    checked["other plans"] += check_alternatives(number, size)
    checked["budgets of lists"] += check_list(number, size)
    checked["budgets of lists over several periods"] += check_timed_list(
        number, min(size, LARGEST_IN_TIME), 1 + number % 3
    )
    checked["prices of rules"] += check_prices(number, size)
    checked["answers and moves of audits"] += check_audit(number, size)
    checked["audits over several periods"] += check_timed_audit(number, min(size, LARGEST_IN_TIME), 1 + number % 4)
    checked["amounts of capacity"] += check_curve(whole_numbers(number, size), reserve=0.1 if is_even else 0.0)
    if size <= LARGEST_IN_PAIRS:
        checked["initiatives safe or not"] += check_core(number, size, 0.2)
        check_robustness(number, size, DRAWS)
        checked["draws"] += DRAWS


if __name__ == "__main__":
    sys.exit(bool(main(*map(int, sys.argv[1:]))))
