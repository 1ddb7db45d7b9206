"""Answers survive being written down: a run that was interrupted reports what it had already found."""

import pytest

from optimizer.errors import OptimizerError
from optimizer.plan import CountBound, Slice, Synergy, TokenBound
from optimizer.scenario import solve_scenario
from optimizer.scenarios import ScenarioFailure
from sheets_sync.jobs.answer_json import from_json, to_json
from tests.optimizer.plans import initiative, plan, random_plan, scenario


def test_reasons_and_uses_come_back_as_they_were() -> None:
    uk = Slice(dimension="market", key="UK")
    rules = (
        TokenBound(slice=uk, min_tokens=10.0, max_tokens=60.0, source="Constraints!F2"),
        CountBound(max_count=1),
        Synergy(members=("A", "B"), kpi="gmv", value=5.0),
    )
    items = [initiative(key, 50.0, gmv=9.0, dimensions={"market": "UK"}) for key in "AB"]
    answer = solve_scenario(plan(items, scenario(capacity=200.0, rules=rules)), "S")
    assert answer.reasons == {
        "A": "on merit, and keeps the floor for market UK",
        "B": "would not fit: needs 50 tokens for market UK, 10 left",
    }
    assert [(use.of_what, use.used, use.minimum, use.maximum) for use in answer.slices] == [
        ("engineering_tokens", 50.0, 10.0, 60.0),
        ("initiatives", 1.0, None, 1.0),
    ]
    assert from_json("S", to_json(answer)) == answer


@pytest.mark.parametrize("seed", range(8))
def test_any_answer_comes_back_as_it_was(seed: int) -> None:
    answer = solve_scenario(random_plan(seed, 7), "S")
    assert from_json("S", to_json(answer)) == answer


def test_a_failure_comes_back_with_its_words() -> None:
    found = from_json("S", to_json(ScenarioFailure("S", OptimizerError("the solver crashed"))))
    assert isinstance(found, ScenarioFailure)
    assert str(found) == "S: the solver crashed"
