"""What can take the place of what, under every rule at once."""

from optimizer.plan import Prerequisite, Slice, TokenBound
from optimizer.studies.swaps import Swaps
from tests.optimizer.plans import initiative, plan, scenario

UK, DE = {"market": "UK"}, {"market": "DE"}
FOUR = [
    initiative("A", 6, gmv=1.0, dimensions=UK),
    initiative("B", 4, gmv=1.0, dimensions=UK),
    initiative("C", 4, gmv=1.0, dimensions=DE),
    initiative("D", 0, gmv=1.0, dimensions=DE),
]


def test_what_needs_no_more_of_any_limit_can_take_the_place() -> None:
    """B for A; C and D for either, since they are outside of the cap on the UK; but B and A not for C."""
    cap = TokenBound(slice=Slice(dimension="market", key="UK"), max_tokens=7.0)
    asked = scenario(capacity=10.0, rules=(cap,))
    swaps = Swaps.of(plan(FOUR, asked), asked)
    assert swaps is not None
    assert {key: swaps.replacing(key) for key in "ABCD"} == {
        "A": ["A", "B", "C", "D"],
        "B": ["B", "C", "D"],
        "C": ["C", "D"],
        "D": ["D"],
    }
    assert {key: swaps.replaced_by(key) for key in "AD"} == {"A": ["A"], "D": ["A", "B", "C", "D"]}
    assert [len(swaps.hindering(key)) for key in "ACD"] == [2, 1, 0]


def test_what_another_one_needs_is_not_replaced() -> None:
    asked = scenario(capacity=10.0, rules=(Prerequisite(initiative="A", requires=("B",)),))
    swaps = Swaps.of(plan(FOUR, asked), asked)
    assert swaps is not None
    assert swaps.replacing("B") == ["B"]
    assert swaps.replaced_by("A") == ["A"]
