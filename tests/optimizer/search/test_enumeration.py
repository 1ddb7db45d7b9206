"""Few initiatives with numbers far apart: answers without a solver, and who is asked where they are many."""

import pytest

from optimizer import solve_scenario
from optimizer.model.objectives import objective_of
from optimizer.model.rows import Candidates
from optimizer.plan import Plan, Synergy
from optimizer.portfolio import Status, StopReason
from optimizer.rules import rules_of
from optimizer.search.clock import Clock
from optimizer.search.exact_search import Search
from optimizer.search.solver_calls import SolverChoice
from optimizer.solvers import solve
from optimizer.solvers.answer import Answer
from tests.optimizer.plans import initiative, plan, scenario


def asked(count: int, small: float, tokens: float = 5e8) -> Plan:
    """One large initiative and a number of equal small ones; the room is for the large one and half of the others.

    Two of the small ones earn more together.
    """
    rows = [initiative("A", tokens, gmv=3e12), *(initiative(f"B{n:02}", 1.0, gmv=small) for n in range(count))]
    rules = (Synergy(members=("B00", "B01"), kpi="gmv", value=small / 2),)
    return plan(rows, scenario(capacity=tokens + count // 2, rules=rules))


@pytest.fixture
def no_solver(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A solver that finds nothing, and how often it was asked."""
    calls: list[int] = []

    def run(*_arguments: object) -> Answer:
        calls.append(1)
        return Answer(StopReason.INFEASIBLE)

    monkeypatch.setattr(solve, "run", run)
    return calls


def test_few_initiatives_far_apart_need_no_solver(no_solver: list[int]) -> None:
    """0.0003 beside 3e12 is a ten-quadrillionth: the solver's own scale hides it, and the answer has it."""
    question = asked(8, 3e-4)
    answer = solve_scenario(question, "S", explain=False)
    assert (answer.status, answer.ties_broken, no_solver) == (Status.OPTIMAL, True, [])
    assert answer.selected == ("A",), "what is worth so little ties, and costs tokens"


def test_what_was_forbidden_is_not_found_again(no_solver: list[int]) -> None:
    """Selection by selection, in the order of their value, until there is none."""
    question = asked(2, 2.0)
    own = question.scenario("S")
    search = Search(Candidates(question, own), rules_of(question, own), SolverChoice())
    aim = objective_of(question, own).over(search.candidates)
    values = []
    while (found := search.best(aim.terms, Clock(), value_of=aim.value)).bits is not None:
        assert found.reason is StopReason.OPTIMAL
        values.append(found.value)
        search.forbid(found.bits, range(3))
    assert values == [3e12 + 2.0, 3e12 + 2.0, 3e12, 5.0, 2.0, 2.0, 0.0]
    assert (found.reason, no_solver) == (StopReason.INFEASIBLE, [])


@pytest.mark.parametrize(("count", "small", "tokens"), [(20, 3e-4, 5e8), (8, 3e9, 50.0)], ids=["many", "not far apart"])
def test_a_solver_is_asked_for_all_else(no_solver: list[int], count: int, small: float, tokens: float) -> None:
    question = asked(count, small, tokens)
    own = question.scenario("S")
    search = Search(Candidates(question, own), rules_of(question, own), SolverChoice())
    aim = objective_of(question, own).over(search.candidates)
    assert search.best(aim.terms, Clock(), value_of=aim.value).bits is None
    assert no_solver
