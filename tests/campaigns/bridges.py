"""Bridges between the answers to random pairs of plans: estimates, lists, capacities and rules change at once.

`make campaign NAME=bridges` tries 1,000 pairs and counts those whose steps do not add up exactly.
"""

import sys
from random import Random

from optimizer.plan import Initiative, Plan, Scenario
from optimizer.scenario import solve_scenario
from optimizer.studies.bridge import Cause, Side, bridge_between
from tests.optimizer.plans import random_plan

PAIRS = 1000
LIMIT_S = 10.0


def random_pair(seed: int) -> tuple[Side, Side] | None:
    """Two answers, the second to a changed plan; None where one of the plans has none. The same for the same seed."""
    rng = Random(seed)
    before = random_plan(seed, rng.randrange(4, 13))
    after = _changed(before, random_plan(seed + 1_000_003, 12), rng)
    sides = _side(before), _side(after)
    return None if sides[0] is None or sides[1] is None else (sides[0], sides[1])


def _side(plan: Plan) -> Side | None:
    answer = solve_scenario(plan, "S", explain=False, time_limit_s=LIMIT_S)
    return Side(plan, answer.selected, answer.kpi_totals) if answer.status.has_portfolio else None


def _changed(plan: Plan, other: Plan, rng: Random) -> Plan:
    """The plan with some of: other estimates, an initiative more or less, another capacity, fewer rules."""
    initiatives, scenario = list(plan.initiatives), plan.scenarios[0]
    if rng.random() < 0.7:
        initiatives = [_estimated_again(item, rng) if rng.random() < 0.4 else item for item in initiatives]
    if rng.random() < 0.5:
        new = rng.choice(other.initiatives)
        initiatives.append(Initiative(key="new", costs=new.costs, contributions=new.contributions))
    if rng.random() < 0.3:
        initiatives = _without_one(initiatives, scenario, rng)
    if rng.random() < 0.5:
        more = {name: amount * rng.uniform(0.5, 2) for name, amount in scenario.capacities.items()}
        scenario = scenario.model_copy(update={"capacities": more})
    if scenario.rules and rng.random() < 0.5:
        kept = tuple(rule for rule in scenario.rules if rng.random() < 0.7)
        scenario = scenario.model_copy(update={"rules": kept})
    return plan.model_copy(update={"initiatives": tuple(initiatives), "scenarios": (scenario,)})


def _estimated_again(item: Initiative, rng: Random) -> Initiative:
    contributions = {kpi: value * rng.uniform(0.5, 1.5) for kpi, value in item.contributions.items()}
    costs = {name: amount * rng.choice((1.0, 1.25)) for name, amount in item.costs.items()}
    return item.model_copy(update={"contributions": contributions, "costs": costs})


def _without_one(initiatives: list[Initiative], scenario: Scenario, rng: Random) -> list[Initiative]:
    """The list without an initiative that nothing else names."""
    named = {key for rule in scenario.rules for key in rule.mentions().initiatives}
    named |= {key for item in initiatives for key in (*item.prerequisite_keys, *item.exclusion_keys)}
    free = [item for item in initiatives if item.key not in named]
    gone = rng.choice(free) if free else None
    return [item for item in initiatives if item is not gone]


def main(pairs: int) -> int:
    """Try so many pairs; returns how many bridges do not add up."""
    failures, without, together = 0, 0, 0
    for seed in range(pairs):
        pair = random_pair(seed)
        if pair is None:
            without += 1
            continue
        bridge = bridge_between("S", *pair, time_limit_s=LIMIT_S)
        together += any(len(step.causes) > 1 for step in bridge.steps)
        if not bridge.adds_up or bridge.steps[0].causes != (Cause.ESTIMATES,):
            failures += 1
            print(f"seed {seed}: {bridge}")
    print(
        f"{pairs - without} bridges, {failures} that do not add up; {together} with steps that cannot be told apart; "
        f"{without} pairs without two answers"
    )
    return failures


if __name__ == "__main__":
    sys.exit(min(1, main(int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS)))
