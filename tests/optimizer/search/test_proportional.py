"""Values proportional to what one resource costs: its capacity alone gives the best, where the others leave room."""

import pytest

from benchmarks.families import NAME, family_plan
from optimizer.plan import TOKENS
from optimizer.portfolio import Status
from optimizer.scenario import solve_scenario
from optimizer.solvers import solve
from tests.optimizer.plans import initiative, plan, scenario


def test_no_solver_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = family_plan("proportional to a second resource", 300)
    slow = solve_scenario(asked, NAME, explain=False, break_ties=False)
    monkeypatch.setattr(solve, "run", None)
    quick = solve_scenario(asked, NAME, explain=False, break_ties=False)
    assert quick.status is Status.OPTIMAL
    assert quick.objective == slow.objective


def test_where_the_others_leave_no_room_it_is_not_taken_for_the_answer() -> None:
    """By the budget A and B are best; tokens allow one of them."""
    asked = plan(
        [
            initiative("A", costs={TOKENS: 3.0, "budget": 4.0}, gmv=8.0),
            initiative("B", costs={TOKENS: 3.0, "budget": 6.0}, gmv=12.0),
            initiative("C", costs={TOKENS: 1.0, "budget": 1.0}, gmv=2.0),
        ],
        scenario(capacity=4.0, capacities={TOKENS: 4.0, "budget": 10.0}),
    )
    answer = solve_scenario(asked, "S", explain=False)
    assert (answer.status, answer.selected, answer.objective) == (Status.OPTIMAL, ("B", "C"), 14.0)
