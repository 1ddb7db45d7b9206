"""The outcome of a scenario in words."""

from dataclasses import replace

import pytest

from optimizer.portfolio import Portfolio, Stage, Status, StopReason
from sheets_sync.outcome import ScenarioOutcome

STAGE = Stage("objective", "GBP", StopReason.OPTIMAL, 1.0, 1.0, 0.0, 1e-9, 0.1)


@pytest.mark.parametrize(
    ("stages", "words"),
    [
        (
            [replace(STAGE, reason=StopReason.TIME_LIMIT, gap=0.1)],
            "Feasible: the time limit was reached before it was proven best",
        ),
        (
            [replace(STAGE, reason=StopReason.EFFORT, gap=0.1)],
            "Feasible: proving it best takes more work than this time limit allows",
        ),
        ([replace(STAGE, gap=0.1)], "Feasible: numbers differ too much in size to prove that nothing is better"),
        (
            [replace(STAGE, gap=0.1), replace(STAGE, reason=StopReason.TIME_LIMIT, breaks_ties=True)],
            "Feasible: numbers differ too much in size to prove that nothing is better",
        ),
    ],
    ids=["time", "work", "digits", "digits, and time for ties"],
)
def test_feasible_says_what_ended_the_proof(stages: list[Stage], words: str) -> None:
    portfolio = Portfolio(scenario="S", status=Status.FEASIBLE, stages=tuple(stages))
    assert ScenarioOutcome("S", "north_star", portfolio).words == words


@pytest.mark.parametrize(("defect", "status"), [(True, "no_solution"), (False, "invalid")])
def test_scenario_without_an_answer_is_a_defect_or_for_people_to_mend(defect: bool, status: str) -> None:
    outcome = ScenarioOutcome("S", "lexicographic", None, ("why",), defect=defect)
    assert (outcome.status, outcome.solved) == (status, False)
