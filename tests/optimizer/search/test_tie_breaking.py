"""Among portfolios with the same objective: closest to the last run, then fewer tokens, then the first key."""

import random
import string

import pytest

from optimizer import solve_scenario
from optimizer.plan import ObjectiveMode, Plan, Target
from tests.optimizer.plans import initiative, plan, scenario


def twins(count: int, chosen: float, tokens: float = 1.0) -> Plan:
    """`count` initiatives that differ by key alone, with room for `chosen` of them."""
    keys = [f"I{number:04}" for number in range(count)]
    return plan([initiative(key, tokens, gmv=1.0) for key in keys], scenario(capacity=chosen * tokens))


def test_equals_that_are_left_uncompared_are_no_matter_of_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.search.tie_breaking._MOST_EQUAL", 2)
    answer = solve_scenario(twins(6, 3.0), "S")
    assert (answer.status.value, answer.ties_broken, answer.is_clock_decided) == ("optimal", False, False)


def test_time_that_is_over_before_ties_are_compared_is_said() -> None:
    answer = solve_scenario(twins(6, 3.0), "S", time_limit_s=1e-9, explain=False)
    assert (answer.status.value, answer.ties_broken, answer.is_clock_decided) == ("optimal", False, True)
    assert (answer.stages[-1].name, answer.stages[-1].reason.value) == ("others as good", "time_limit")


@pytest.fixture(params=["highs", "cbc"])
def solver(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_first_key_in_sorted_order_wins(solver: str) -> None:
    assert solve_scenario(twins(9, 3.0), "S", solver=solver).selected == ("I0000", "I0001", "I0002")


def test_first_keys_win_over_several_blocks(solver: str) -> None:
    answer = solve_scenario(twins(50, 30.0), "S", solver=solver)
    assert answer.selected == tuple(f"I{number:04}" for number in range(30))
    assert answer.ties_broken


def test_too_many_equals_are_ordered_and_the_rest_is_said_to_be_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.search.tie_breaking._MOST_EQUAL", 40)
    answer = solve_scenario(twins(50, 30.0), "S")
    assert answer.selected == tuple(f"I{number:04}" for number in range(30))
    assert not answer.ties_broken


def test_fewer_tokens_win_over_the_first_key(solver: str) -> None:
    asked = plan([initiative("A", 3.0, gmv=1.0), initiative("B", 2.0, gmv=1.0)], scenario(capacity=3.0))
    assert solve_scenario(asked, "S", solver=solver).selected == ("B",)


def test_fewest_changes_win_over_fewer_tokens(solver: str) -> None:
    asked = plan([initiative("A", 3.0, gmv=1.0), initiative("B", 2.0, gmv=1.0)], scenario(capacity=3.0))
    assert solve_scenario(asked, "S", solver=solver, previous_selection=["A"]).selected == ("A",)


def test_last_run_without_selection_is_not_no_last_run() -> None:
    """From nothing, one initiative is a smaller change than two, though both cost the same."""
    asked = plan(
        [
            initiative("A", 2.0, gmv=2.0),
            initiative("B", 1.0, gmv=1.0),
            initiative("C", 1.0, gmv=1.0, retention_30d=0.0),
        ],
        scenario(capacity=2.0),
    )
    assert solve_scenario(asked, "S", previous_selection=[]).selected == ("A",)
    assert solve_scenario(asked, "S", previous_selection=["B", "C"]).selected == ("B", "C")
    assert solve_scenario(asked, "S").selected == ("A",)


def test_only_candidates_count_as_changes() -> None:
    asked = plan(
        [initiative("A", gmv=1.0), initiative("B", gmv=1.0), initiative("Z", gmv=9.0, is_candidate=False)],
        scenario(capacity=1.0),
    )
    assert solve_scenario(asked, "S", previous_selection=["Z", "B", "gone"]).selected == ("B",)


def test_idle_initiatives_stay_out(solver: str) -> None:
    """What brings nothing and costs something is not selected."""
    asked = plan([initiative("A", 1.0, gmv=1.0), initiative("B", 1.0)], scenario(capacity=5.0))
    assert solve_scenario(asked, "S", solver=solver).selected == ("A",)


def test_free_idle_initiative_is_held_by_the_last_rule() -> None:
    asked = plan([initiative("A", 0.0), initiative("B", 1.0, gmv=1.0)], scenario(capacity=5.0))
    assert solve_scenario(asked, "S").selected == ("A", "B")


@pytest.mark.parametrize(("bonus", "selected"), [(0.9e-9, ("A",)), (1.1e-9, ("B",))], ids=["within", "beyond"])
def test_objectives_tie_within_1e_9(bonus: float, selected: tuple[str, ...], solver: str) -> None:
    asked = plan([initiative("A", gmv=1e6), initiative("B", gmv=1e6 * (1 + bonus))], scenario(capacity=1.0))
    assert solve_scenario(asked, "S", solver=solver).selected == selected


def test_ties_hold_every_goal(solver: str) -> None:
    """A and B tie in gmv, but only B brings the goal nearer."""
    asked = plan(
        [initiative("A", 1.0, gmv=5.0), initiative("B", 2.0, gmv=5.0, retention_30d=0.01)],
        scenario(ObjectiveMode.LEXICOGRAPHIC, 2.0, targets=(Target(kpi="retention_30d", value=0.03),)),
    )
    assert solve_scenario(asked, "S", solver=solver).selected == ("B",)


def shuffled(asked: Plan, seed: int) -> Plan:
    initiatives = list(asked.initiatives)
    random.Random(seed).shuffle(initiatives)
    return asked.model_copy(update={"initiatives": tuple(initiatives)})


def many_ties(seed: int) -> Plan:
    """Forty initiatives of few different values: many portfolios are equally good."""
    source = random.Random(seed)
    keys = ["".join(source.choices(string.ascii_uppercase, k=4)) + str(number) for number in range(40)]
    return plan(
        [initiative(key, float(source.randint(1, 3)), gmv=float(source.randint(1, 3))) for key in keys],
        scenario(capacity=30.0),
    )


@pytest.mark.parametrize("seed", range(4))
def test_same_answer_whatever_solver_threads_order_and_repetition(seed: int) -> None:
    asked = many_ties(seed)
    last = [initiative.key for initiative in asked.initiatives[::3]]
    answers = {
        frozenset(solve_scenario(question, "S", previous_selection=last, **how).selected)
        for question in (asked, shuffled(asked, 1), shuffled(asked, 2))
        for how in ({}, {"threads": 2}, {"solver": "cbc"}, {"solver": "cbc", "threads": 2})
    }
    assert len(answers) == 1


def test_large_plan_says_when_ties_were_not_broken_in_time() -> None:
    answer = solve_scenario(twins(1_001, 500.0), "S", time_limit_s=20.0)
    assert answer.status.has_portfolio
    assert len(answer.selected) == 500
    if answer.ties_broken:
        assert answer.selected == tuple(f"I{number:04}" for number in range(500))


def test_many_questions_of_one_large_plan_count_though_a_solver_hardly_looks_up_in_each() -> None:
    """Each takes a third of a second here and looks up five times; there would be some twenty in ten seconds."""
    source = random.Random(1)
    sizes = [source.randint(1, 1000) * 2.0 for _ in range(2000)]
    large = plan([initiative(f"I{n:04}", size, gmv=size) for n, size in enumerate(sizes)], scenario(capacity=4321.0))
    answer = solve_scenario(large, "S", explain=False)
    assert not answer.ties_broken
    assert len([stage for stage in answer.stages if stage.breaks_ties]) <= 5


def test_answer_without_ties_needs_no_further_stage(solver: str) -> None:
    """The second best is proven worse, though it costs far fewer tokens: nothing is left to choose between."""
    amounts = {"A": (7.0, 60.0), "B": (5.0, 50.0), "C": (4.0, 41.0), "D": (3.0, 22.0), "E": (2.0, 18.5)}
    asked = plan([initiative(key, t, gmv=g) for key, (t, g) in amounts.items()], scenario(capacity=11.0))
    answer = solve_scenario(asked, "S", solver=solver)
    assert answer.selected == ("B", "C", "E")
    assert answer.ties_broken
    assert [stage.name for stage in answer.stages] == ["objective"]


def test_search_by_objective_ends_ties_that_are_few(solver: str) -> None:
    """Two portfolios tie: the second search by objective finds no other, so nothing is asked by tokens or keys."""
    asked = plan(
        [initiative("A", 2.0, gmv=5.0), initiative("B", 2.0, gmv=5.0), initiative("C", 2.0, gmv=4.0)],
        scenario(capacity=2.0),
    )
    answer = solve_scenario(asked, "S", solver=solver)
    assert answer.selected == ("A",)
    assert answer.ties_broken
    assert {stage.name for stage in answer.stages} <= {"objective", "others as good"}


def test_other_portfolio_that_costs_more_does_not_count_as_a_tie() -> None:
    """B, C tie with A, but A costs less: the search for others asks for no more tokens than A has."""
    asked = plan(
        [initiative("A", 2.0, gmv=5.0), *(initiative(key, 3.0, gmv=5.0) for key in "BCDE")], scenario(capacity=3.0)
    )
    answer = solve_scenario(asked, "S")
    assert answer.selected == ("A",)
    assert answer.ties_broken


def test_tie_that_cbc_calls_infeasible_is_found(solver: str) -> None:
    """The objective gains 13 in 1.5e11 with I3, and nothing else: a tie, and fewer tokens win."""
    amounts = {"I0": -2.706831e0, "I1": 30824065.4, "I2": 5.257396e-7, "I3": 13.1348, "I4": 150336592769.2}
    tokens = {"I2": 1.20923613e-8}
    asked = plan(
        [initiative(key, tokens.get(key, 1.0), gmv=value) for key, value in amounts.items()], scenario(capacity=3.0)
    )
    assert solve_scenario(asked, "S", solver=solver, explain=False).selected == ("I1", "I4")


def test_equal_initiatives_are_ordered_not_searched() -> None:
    """600 of eight kinds: more equally good portfolios than could ever be looked at."""
    source = random.Random(1)
    kinds = [(float(source.randint(1, 50)), float(source.randint(1, 50))) for _ in range(8)]
    rows = []
    for n in range(600):
        tokens, gmv = source.choice(kinds)
        rows.append(initiative(f"I{n:03}", tokens, gmv=gmv))
    answer = solve_scenario(plan(rows, scenario(capacity=5000.0)), "S", explain=False)
    assert answer.ties_broken
    chosen = set(answer.selected)
    for kind in kinds:
        same = [row.key for row in rows if (row.tokens, row.contributions["gmv"]) == kind]
        assert [key in chosen for key in same] == sorted((key in chosen for key in same), reverse=True)
