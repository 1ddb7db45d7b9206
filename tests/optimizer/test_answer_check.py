"""A portfolio that disagrees with the plan never becomes a result."""

from dataclasses import replace

import pytest

from optimizer import DefectError, evaluate, solve_scenario
from optimizer.answer_check import check_portfolio
from optimizer.portfolio import Portfolio
from tests.optimizer.plans import initiative, plan, scenario

ASKED = plan(
    [initiative("A", gmv=3.0), initiative("B", gmv=2.0), initiative("C", gmv=9.0, is_candidate=False)],
    scenario(capacity=1.0, capacity_sources={"engineering_tokens": "Scenarios!G2"}),
)


def check(portfolio: Portfolio) -> None:
    check_portfolio(portfolio, evaluate(ASKED, "S", portfolio.selected))


def test_solved_portfolio_passes() -> None:
    check(solve_scenario(ASKED, "S"))


@pytest.mark.parametrize(
    ("lie", "message"),
    [
        (
            {"selected": ("A", "B")},
            r"scenario 'S': the selection breaks the token capacity is 1 \(Scenarios!G2\) \[off by 1\]",
        ),
        ({"selected": ("C",)}, "scenario 'S': selected, but no candidates: C"),
        ({"selected": ("B",)}, "scenario 'S': objective is claimed to be 3.0, but the selection gives 2.0"),
        ({"objective": None}, "scenario 'S': objective is claimed to be None, but the selection gives 3.0"),
        ({"kpi_totals": {}}, "scenario 'S': total of gmv is claimed to be None, but the selection gives 3.0"),
    ],
)
def test_lie_is_a_defect(lie: dict[str, object], message: str) -> None:
    with pytest.raises(DefectError, match=f"^{message}$"):
        check(replace(solve_scenario(ASKED, "S"), **lie))


def test_evaluation_refuses_unknown_keys() -> None:
    with pytest.raises(KeyError):
        evaluate(ASKED, "S", ["Z"])
    with pytest.raises(KeyError):
        evaluate(ASKED, "T", ["A"])
