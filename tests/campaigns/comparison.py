"""Random scenarios with every rule at once against brute force in exact arithmetic, with both solvers.

`make campaign NAME=comparison ARGS="20000 0"` tries 20,000 scenarios from seed 0 on and prints the counts. The word
`wild` spreads the numbers of some columns from 1e-9 to 1e12, `apart` those of every objective, rule and goal; `cbc` or
`highs` asks that solver only; `blocks` has small blocks beside one capacity solved without either, as in larger plans;
`cores` answers by way of the core, and by looking at what is near the bound, as larger plans are.
A scenario that is refused for its numbers is no wrong answer; one without an answer is.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from optimizer import PlanError, solve_scenario
from optimizer.portfolio import SolverName, Status
from optimizer.search import clock, core_search, direct_search, tie_breaking
from tests.optimizer.far_apart_plans import far_apart_plan
from tests.optimizer.oracle import Oracle, Truth
from tests.optimizer.plans import random_plan

PATIENCE_S = 600.0
"""The clock of tie-breaking, so that work ends it on a busy machine too, which is slower than the usual second."""
SIZES = (1, 2, 3, 4, 5, 6, 7, 8, 9)


@dataclass(frozen=True)
class Trial:
    """One scenario, answered."""

    seed: int
    solver: SolverName
    outcome: str
    """``same``, ``infeasible``, ``refused``, or what is wrong."""
    detail: str = ""

    @property
    def is_wrong(self) -> bool:
        """Whether the answer is not that of brute force, and was not refused."""
        return self.outcome.startswith("wrong")


def try_seed(
    seed: int, solvers: tuple[SolverName, ...] = ("highs", "cbc"), *, is_wild: bool = False, is_apart: bool = False
) -> list[Trial]:
    """One scenario with each solver."""
    size = SIZES[seed % len(SIZES)]
    plan = far_apart_plan(seed) if is_apart else random_plan(seed, size, every_rule=True, is_wild=is_wild)
    random = Random(seed)
    previous = random.choice([None, [], random.sample([i.key for i in plan.initiatives], len(plan.initiatives) // 2)])
    truth = Oracle(plan, plan.scenario("S")).answer(previous)
    trials = []
    for solver in solvers:
        try:
            answer = solve_scenario(plan, "S", solver=solver, previous_selection=previous, explain=False)
        except PlanError as refusal:
            trials.append(Trial(seed, solver, "refused", str(refusal)))
            continue
        selected = frozenset(answer.selected) if answer.status.has_portfolio else None
        trials.append(Trial(seed, solver, *_compared(truth, answer.status, selected)))
    return trials


def _compared(truth: Truth, status: Status, selected: frozenset[str] | None) -> tuple[str, str]:
    if status is Status.NO_SOLUTION:
        return "wrong: no solution", ""
    if selected != truth.selected:
        detail = f"{sorted(selected or ())} for {sorted(truth.selected or ())}, {status.value}"
        return ("wrong: infeasible" if selected is None or truth.selected is None else "wrong: selection"), detail
    if selected is None:
        return "infeasible", ""
    return ("same" if status in (Status.OPTIMAL, Status.TARGETS_MISSED) else f"same, {status.value}"), ""


def campaign(
    count: int, first: int, solvers: tuple[SolverName, ...], *, is_wild: bool = False, is_apart: bool = False
) -> Iterator[Trial]:
    """`count` scenarios from a seed on."""
    for seed in range(first, first + count):
        yield from try_seed(seed, solvers, is_wild=is_wild, is_apart=is_apart)


def main(arguments: list[str]) -> int:
    """Prints what is wrong as it comes, and the counts; 1 where anything is wrong."""
    words = {word for word in arguments if not word.isdigit()}
    given = [int(word) for word in arguments if word.isdigit()]
    count, first = [*given, *(1_000, 0)[len(given) :]]
    solvers: tuple[SolverName, ...] = (
        ("cbc",) if "cbc" in words else ("highs",) if "highs" in words else ("highs", "cbc")
    )
    clock._LEAST_TIES_S = PATIENCE_S
    if "blocks" in words:
        direct_search._BLOCKS_ABOVE = 0
    if "cores" in words:
        core_search.CORE_ABOVE, core_search._FIRST_CORES = 0, (2, 4)
        core_search._FEW = core_search._NEAR = 1
        tie_breaking._FIXED_ABOVE = 0
    counts: Counter[tuple[str, str]] = Counter()
    for trial in campaign(count, first, solvers, is_wild="wild" in words, is_apart="apart" in words):
        counts[trial.solver, trial.outcome] += 1
        if trial.is_wrong:
            print(f"seed {trial.seed}, {trial.solver}: {trial.outcome} {trial.detail}", flush=True)
    for (solver, outcome), number in sorted(counts.items()):
        print(f"{solver:6} {outcome:30} {number:7,}")
    return int(any(outcome.startswith("wrong") for _, outcome in counts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
