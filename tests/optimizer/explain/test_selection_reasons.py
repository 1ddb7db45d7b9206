"""Why in, why out: each reason on the smallest plan that has it, and every candidate of random plans gets one."""

import pytest

from optimizer import solve_plan
from optimizer.explain.selection_reasons import MERIT
from optimizer.plan import (
    TOKENS,
    AnyPrerequisite,
    Ban,
    CountBound,
    Initiative,
    Scenario,
    ShareBound,
    Slice,
    Target,
    TargetKind,
    TokenBound,
)
from optimizer.portfolio import Portfolio
from tests.optimizer.plans import initiative, plan, random_plan, scenario


def told(initiatives: list[Initiative], asked: Scenario) -> dict[str, str]:
    """The reasons of the scenario's proven answer."""
    question = plan(initiatives, asked)
    (answer,) = solve_plan(question, [asked.name])
    assert isinstance(answer, Portfolio)
    return dict(answer.reasons)


def test_what_is_selected_for_its_score_is_on_merit_and_the_rest_would_not_fit() -> None:
    found = told([initiative("A", 60, gmv=120), initiative("B", 50, gmv=100)], scenario(capacity=100))
    assert found == {"A": MERIT, "B": "would not fit: needs 50 tokens, 40 left"}


def test_what_brings_less_per_token_is_told_with_the_room_that_is_left() -> None:
    found = told([initiative("A", 60, gmv=120), initiative("B", 50, gmv=10)], scenario(capacity=100))
    assert found["B"] == "brings less per token than those on merit: needs 50 tokens, 40 left"


def test_a_mandate_is_told_with_its_reason() -> None:
    must = initiative("A", is_mandatory=True, mandate_reason="payment regulation", prerequisite_keys=("B",))
    found = told([must, initiative("B"), initiative("C", gmv=0.0)], scenario(capacity=9))
    assert found == {
        "A": "mandatory: payment regulation",
        "B": "needed by A",
        "C": "adds nothing to the objective",
    }


def test_a_prerequisite_that_is_out_is_named() -> None:
    found = told([initiative("A", 5, gmv=1), initiative("B", 1, gmv=9, prerequisite_keys=("A",))], scenario(capacity=3))
    assert found["B"] == "needs A, which is not selected"


def test_a_prerequisite_of_another_period_is_named() -> None:
    items = [initiative("A", period_key="2026-Q4"), initiative("B", gmv=9, prerequisite_keys=("A",))]
    assert told(items, scenario(capacity=3, period_key="2026-Q3")) == {"B": "needs A, which is not a candidate"}


def test_what_is_in_by_the_order_of_ties_alone_is_not_said_to_serve_a_rule() -> None:
    found = told([initiative("A", 0.0, gmv=0.0), initiative("B", gmv=5.0)], scenario(capacity=3))
    assert found == {"A": "as good with it as without it", "B": MERIT}


def test_what_needs_an_initiative_is_told_beside_its_merit() -> None:
    """B alone would go for D, and C for E: "on merit" would say only half of why they are in."""
    items = [
        initiative("A", 5, gmv=90),
        initiative("B", 5, gmv=1),
        initiative("C", 5, gmv=2, dimensions={"team": "x"}),
        initiative("D", 5, gmv=8),
        initiative("E", 5, gmv=7, dimensions={"team": "x"}),
    ]
    rules = (
        AnyPrerequisite(initiative="A", any_of=("B",)),
        CountBound(members=("C", "E"), min_count=1),
        CountBound(members=("D", "E"), max_count=1),
        ShareBound(slice=Slice(dimension="team", key="x"), min_share=0.2),
    )
    assert told(items, scenario(capacity=20, rules=rules)) == {
        "A": MERIT,
        "B": "on merit, and needed by A",
        "C": "on merit, and keeps 1 of C and E selected",
        "D": MERIT,
        "E": "no place left: at most 1 of D and E is selected",
    }


def test_exclusions_variants_and_bans_are_named() -> None:
    items = [
        initiative("A", gmv=9, exclusion_keys=("B",)),
        initiative("B", gmv=1),
        initiative("MVP", gmv=5, variant_of="checkout"),
        initiative("FULL", gmv=6, variant_of="checkout"),
        initiative("X", gmv=100),
    ]
    found = told(items, scenario(capacity=9, rules=(Ban(initiative="X", source="Constraints!G5"),)))
    assert found == {
        "A": MERIT,
        "B": "excluded by A, which is selected",
        "MVP": "variant FULL selected instead",
        "FULL": MERIT,
        "X": "left out by a rule of the scenario (Constraints!G5)",
    }


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        pytest.param(
            {"rules": (TokenBound(slice=Slice(dimension="market", key="UK"), max_tokens=12.0),)},
            "would not fit: needs 10 tokens for market UK, 2 left",
            id="cap of a slice",
        ),
        pytest.param(
            {"rules": (CountBound(max_count=1),)},
            "no place left: at most 1 initiative is selected for the whole portfolio",
            id="count cap",
        ),
        pytest.param(
            {"capacities": {TOKENS: 99.0, "design days": 3.0}},
            "would not fit: needs 2 design days, 1 left",
            id="further resource",
        ),
        pytest.param(
            {"capacities": {TOKENS: 11.0, "design days": 3.0}},
            "would not fit: needs 2 design days, 1 left, and 10 tokens, 1 left",
            id="two resources",
        ),
    ],
)
def test_the_limit_that_keeps_it_out_is_named(limits: dict[str, object], expected: str) -> None:
    items = [
        initiative(key, 10, gmv=value, dimensions={"market": "UK"}, costs={"design days": 2.0})
        for key, value in (("A", 9), ("B", 9.0))
    ]
    asked = Scenario(
        **{"name": "S", "objective_mode": scenario().objective_mode, "capacities": {TOKENS: 99.0}, **limits}
    )
    assert told(items, asked)["B"] == expected


def test_what_would_break_a_floor_is_told() -> None:
    floor = Target(kpi="retention_30d", value=1.0, kind=TargetKind.FLOOR)
    items = [initiative("A", retention_30d=1.0), initiative("B", gmv=5.0, retention_30d=-0.5)]
    found = told(items, scenario(capacity=9, targets=(floor,)))
    assert found == {
        "A": "keeps the floor for retention_30d",
        "B": "would break the floor for retention_30d",
    }


def test_a_bundle_goes_as_a_whole() -> None:
    items = [initiative("A", gmv=9, bundle_key="Launch"), initiative("B", 90, bundle_key="Launch")]
    assert told(items, scenario(capacity=9)) == {
        "A": "bundle Launch does not fit or pay as a whole",
        "B": "would not fit: needs 90 tokens, 9 left",
    }


def test_nothing_is_told_where_there_is_no_portfolio() -> None:
    must = initiative("A", 9, is_mandatory=True, mandate_reason="law")
    assert told([must], scenario(capacity=1)) == {}


@pytest.mark.parametrize("seed", range(12))
def test_every_candidate_of_a_random_plan_gets_a_reason(seed: int) -> None:
    question = random_plan(seed, 9)
    (answer,) = solve_plan(question, ["S"])
    assert isinstance(answer, Portfolio)
    found = answer.reasons
    candidates = {item.key for item in question.candidates(question.scenario("S"))}
    assert set(found) == (candidates if answer.status.has_portfolio else set())
    assert all(found.values())
