"""Goals that come first as floors, for questions about what is otherwise possible beside an answer."""

from collections.abc import Iterable

from optimizer.plan import ObjectiveMode, Scenario, TargetKind
from optimizer.portfolio import TargetOutcome


def with_goals_held(scenario: Scenario, outcomes: Iterable[TargetOutcome]) -> Scenario:
    """The scenario with its secondary objective, where goals come first, and with each goal as a floor.

    A goal that a plan reaches is to be reached; one that it misses is to be missed by no more. `outcomes` are the
    targets of that plan. In the other modes goals bind nothing, and are left out.
    """
    is_lexicographic = scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC
    floors = [target for target in scenario.targets if target.kind is TargetKind.FLOOR]
    held = [
        one.target.model_copy(
            update={
                "kind": TargetKind.FLOOR,
                "value": one.target.value if one.met else one.achieved,
                "stated": None,
                "baseline": None,
            }
        )
        for one in outcomes
        if is_lexicographic and one.target.kind is TargetKind.GOAL
    ]
    return scenario.model_copy(
        update={
            "objective_mode": scenario.secondary_objective if is_lexicographic else scenario.objective_mode,
            "targets": (*floors, *held),
            "target_priorities": (),
        }
    )
