"""How sure a plan is, draw by draw against brute force."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer import solve_scenario
from optimizer.plan import TOKENS, ObjectiveMode, Slice, Target, TokenBound
from optimizer.studies.draws import drawn_plan, evaluate_answer
from optimizer.studies.robustness import Robustness, solve_robustness
from optimizer.studies.study import Study
from tests.optimizer.oracle import Oracle
from tests.optimizer.plans import initiative, plan, random_plan, scenario

ORACLE = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def study_of(*initiatives: object, capacity: float = 10.0, **fields: object) -> Study:
    whole = plan(list(initiatives), scenario(capacity=capacity, **fields))
    return Study(whole, solve_scenario(whole, "S", explain=False))


FOUR = (
    initiative("A", 6, gmv=100.0, dimensions={"market": "UK"}),
    initiative("B", 4, gmv=60.0, dimensions={"market": "DE"}),
    initiative("C", 4, gmv=55.0, dimensions={"market": "UK"}),
    initiative("D", 3, gmv=2.0, dimensions={"market": "DE"}),
)


def check_robustness(seed: int, size: int, samples: int = 8) -> None:
    """Every share against brute force in each draw of a random plan."""
    whole = random_plan(seed, size)
    answer = solve_scenario(whole, "S", explain=False)
    if not answer.status.has_portfolio:
        return
    study = Study(whole, answer)
    found = solve_robustness(study, samples=samples, seed=seed, workers=2)
    plans = [
        drawn_plan(study.plan, found.beliefs.estimates, row.tolist()) for row in found.beliefs.draws(samples, seed)
    ]
    truths = [Oracle(drawn, drawn.scenario("S")) for drawn in plans]
    answers = [truth.answer(study.answer.selected) for truth in truths]
    assert found.done == samples
    assert found.keeps_all == np.mean([truth.keeps_rules(frozenset(answer.selected)) for truth in truths])
    assert found.impossible == np.mean([one.selected is None for one in answers])
    if all(one.ties == 1 or one.selected is None for one in answers):
        chosen = [one.selected for one in answers if one.selected is not None]
        for key, share in found.picked.items():
            assert share == (np.mean([key in selected for selected in chosen]) if chosen else 0.0)


@settings(ORACLE, max_examples=8)
@given(seed=st.integers(0, 10**9), size=st.integers(1, 6))
def test_shares_agree_with_brute_force_in_every_draw(seed: int, size: int) -> None:
    check_robustness(seed, size)


def test_any_number_of_threads_gives_the_same_answer() -> None:
    def told(found: Robustness) -> object:
        return replace(found, beliefs=None)

    study = study_of(*FOUR)
    assert told(solve_robustness(study, samples=20, workers=1)) == told(solve_robustness(study, samples=20, workers=2))


def test_chances_are_those_of_the_plan_with_the_drawn_numbers() -> None:
    study = study_of(
        *FOUR,
        rules=(TokenBound(slice=Slice(dimension="market", key="UK"), min_tokens=5.0, max_tokens=6.5),),
        targets=(Target(kpi="gmv", value=150.0),),
    )
    found = solve_robustness(study, samples=40)
    plans = [drawn_plan(study.plan, found.beliefs.estimates, row.tolist()) for row in found.beliefs.draws(40, 1)]
    spent = np.array([[p.initiative("A").tokens, p.initiative("B").tokens] for p in plans])
    totals = [evaluate_answer(study, p).kpi_totals["gmv"] for p in plans]
    assert study.answer.selected == ("A", "B")
    assert [(one.resource, one.bound, one.is_floor, one.chance) for one in found.limits] == [
        (TOKENS, 10.0, False, np.mean(spent.sum(axis=1) <= 10)),
        (TOKENS, 6.5, False, np.mean(spent[:, 0] <= 6.5)),
        (TOKENS, 5.0, True, np.mean(spent[:, 0] >= 5)),
    ]
    (target,) = found.targets
    assert target.chance == np.mean(np.array(totals) >= 150)
    outlook = found.kpis[0]
    assert (outlook.estimated, outlook.median) == (160.0, pytest.approx(np.median(totals)))
    assert outlook.worst_tenth == pytest.approx(np.percentile(totals, 10))


def test_the_worst_tenth_of_what_should_be_low_is_high() -> None:
    study = study_of(initiative("A", 1, gmv=10.0, churn=5.0))
    churn = next(one for one in solve_robustness(study, samples=50).kpis if one.kpi == "churn")
    assert churn.worst_tenth > churn.median


def test_it_stops_with_the_draws_that_are_done() -> None:
    study, done = study_of(*FOUR), []
    found = solve_robustness(study, samples=300, on_done=done.append, stop=lambda: bool(done))
    assert (found.done, found.asked) == (5, 300)
    assert found.to_check is None


def test_goals_that_come_first_have_no_regret() -> None:
    study = study_of(*FOUR, mode=ObjectiveMode.LEXICOGRAPHIC, targets=(Target(kpi="gmv", value=150.0),))
    found = solve_robustness(study, samples=5)
    assert (found.regret, found.worst_regret) == (None, None)
