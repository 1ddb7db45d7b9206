"""The stated model: the plan's own numbers under names that a person can read, with the same best objective."""

import pulp
import pytest

from optimizer import solve_scenario
from optimizer.plan import (
    TOKENS,
    Ban,
    Normalization,
    ObjectiveMode,
    Plan,
    Prerequisite,
    Scenario,
    Synergy,
    Target,
    TargetKind,
)
from optimizer.portfolio import Portfolio, Status
from optimizer.stated_model import StatedModel, stated_model
from tests.optimizer.plans import initiative, plan, random_plan, scenario


def asked(*, capacity: float = 7.0, **fields: object) -> Plan:
    own = scenario(capacity=capacity, capacity_sources={TOKENS: "Scenarios!G2"}, **fields)
    three = [
        initiative("A-1", 3.0, title="Wallets", gmv=100.5, churn=-2.0, source="Initiatives!A2"),
        initiative("A_1", 4.0, gmv=80.0, churn=-3.0),
        initiative("B", 5.0, gmv=120.0, churn=1.0),
    ]
    return plan(three, own)


def stated(asked_plan: Plan) -> tuple[StatedModel, Portfolio]:
    portfolio = solve_scenario(asked_plan, "S")
    return stated_model(asked_plan, portfolio), portfolio


def rows(model: StatedModel) -> dict[str, str]:
    return {constraint.name: str(constraint).replace("= -0.0", "= 0.0") for constraint in model.problem.constraints()}


def test_rows_and_columns_have_the_numbers_and_words_of_the_plan() -> None:
    model, _ = stated(
        asked(
            rules=(
                Ban(initiative="B", source="Constraints!A2"),
                Prerequisite(initiative="A_1", requires=("A-1",)),
                Synergy(members=("A-1", "A_1"), kpi="gmv", value=7.5),
            ),
        )
    )
    assert rows(model) == {
        "capacity_1": "3.0*x0 + 4.0*x1 + 5.0*x2 <= 7.0",
        "exclude_initiative_1": "x2 <= 0.0",
        "prerequisite_1": "-x0 + x1 <= 0.0",
        "synergy_1": "x0 - y0 >= 0.0",
        "synergy_2": "x1 - y0 >= 0.0",
        "synergy_3": "x0 + x1 - y0 <= 1.0",
    }
    assert model.legend["x0"] == "A-1 Wallets (Initiatives!A2)"
    assert model.legend["x1"] == "A_1"
    assert model.legend["y0"] == "synergy of A-1 and A_1"
    assert model.legend["capacity_1"] == "the token capacity is 7 (Scenarios!G2)"
    assert model.problem.sense == pulp.LpMaximize
    assert str(model.problem.objective) == "100.5*x0 + 80.0*x1 + 120.0*x2 + 7.5*y0"


def test_lower_is_better_is_minimized_in_its_own_sign() -> None:
    model, portfolio = stated(asked(north_star="churn"))
    assert model.problem.sense == pulp.LpMinimize
    assert str(model.problem.objective) == "-2.0*x0 - 3.0*x1 + x2"
    assert portfolio.objective == -5.0


def test_the_remark_has_the_answer_without_the_noise_of_binary_fractions() -> None:
    weights = {"gmv": 0.9, "churn": 0.7}
    model, portfolio = stated(
        asked(mode=ObjectiveMode.WEIGHTED_KPIS, weights=weights, normalization=Normalization.NONE)
    )
    assert len(str(portfolio.objective)) > 12
    assert any(remark.endswith("The answer has 165.95.") for remark in model.remarks)


def test_lexicographic_is_its_last_stage_with_each_level_held() -> None:
    goals = (Target(kpi="churn", value=-6.0, source="Targets!F2"), Target(kpi="gmv", value=100.0))
    model, portfolio = stated(
        asked(mode=ObjectiveMode.LEXICOGRAPHIC, targets=goals, target_priorities=(("churn",), ("gmv",)))
    )
    assert portfolio.status is Status.TARGETS_MISSED
    held = rows(model)
    assert held["goal_1"] == "6.0*u0 + 2.0*x0 + 3.0*x1 - x2 >= 6.0"
    assert held["goal_2"] == "100.0*u1 + 100.5*x0 + 80.0*x1 + 120.0*x2 >= 100.0"
    assert held["goals_held_1"].startswith("u0 <= 0.16666666")
    assert held["goals_held_2"] == "u1 <= 1e-12"
    assert model.legend["goal_1"] == "churn should move by -6 (Targets!F2); u0 is the share that is missing"
    assert any("last stage" in remark for remark in model.remarks)


def test_goals_of_a_scenario_without_an_answer_are_not_held() -> None:
    floor = Target(kpi="gmv", value=1e6, kind=TargetKind.FLOOR)
    model, portfolio = stated(asked(mode=ObjectiveMode.LEXICOGRAPHIC, targets=(floor, Target(kpi="churn", value=-6.0))))
    assert portfolio.status is Status.INFEASIBLE
    assert "Not held, because not solved: the shortfall of churn." in model.remarks
    assert not [name for name in rows(model) if name.startswith("goals_held")]


def test_unknown_ideals_leave_the_objective_empty() -> None:
    floor = Target(kpi="gmv", value=1e6, kind=TargetKind.FLOOR)
    weighted = {"mode": ObjectiveMode.WEIGHTED_KPIS, "weights": {"gmv": 1.0}, "normalization": Normalization.IDEAL}
    model, _ = stated(asked(targets=(floor,), **weighted))
    assert set(model.problem.objective.values()) == {0.0}
    assert any(remark.startswith("The objective is empty") for remark in model.remarks)


def best(model: StatedModel) -> float | None:
    """The best objective by PuLP's own way to a solver."""
    model.problem.solve(pulp.HiGHS(msg=False, gapRel=0.0, threads=1))
    return pulp.value(model.problem.objective) if model.problem.status == pulp.LpStatusOptimal else None


def usual(seed: int) -> tuple[Plan, Scenario]:
    drawn = random_plan(seed, 9)
    return drawn, drawn.scenarios[0]


@pytest.mark.parametrize("seed", range(40))
def test_random_plans_have_the_same_best_objective(seed: int) -> None:
    drawn, own = usual(seed)
    portfolio = solve_scenario(drawn, own.name, explain=False)
    if portfolio.objective is None:
        return
    assert best(stated_model(drawn, portfolio)) == pytest.approx(portfolio.objective, rel=1e-5, abs=1e-9)
