"""The floor that studies put under an objective: what it allows, what it forbids, and that its row says the same."""

from itertools import product

from optimizer import solve_scenario
from optimizer.model.rows import Candidates
from optimizer.plan import Accrual, ObjectiveMode, Plan, Selection, Synergy
from optimizer.rules import holding_objective
from optimizer.studies.study import Study
from tests.optimizer.plans import CHURN, GMV, initiative, scenario

WEIGHTED = scenario(
    ObjectiveMode.WEIGHTED_KPIS,
    capacity=10.0,
    weights={"gmv": 1.0, "churn": 2.0},
    from_period="Q1",
    to_period="Q3",
    rules=(Synergy(members=("A", "B"), kpi="gmv", value=10.0),),
)
WHOLE = Plan(
    kpis=(GMV.model_copy(update={"accrues": Accrual.EACH_PERIOD}), CHURN),
    initiatives=(initiative("A", 1, gmv=5.0, churn=1.0), initiative("B", 1, gmv=3.0, churn=-4.0)),
    scenarios=(WEIGHTED,),
    periods=("Q1", "Q2", "Q3"),
)


def test_kpis_that_accrue_in_different_ways_add_up_to_one_floor() -> None:
    """GMV counts in each later quarter, churn once: A in Q1 and B in Q2 are 2*5 - 2 + 3 + 8, and 10 in Q3 together."""
    objective = Study(WHOLE, solve_scenario(WHOLE, "S", explain=False)).objective
    rule = holding_objective(WHOLE, WEIGHTED, objective, 29.0)
    assert rule.sentence() == "the objective must come to at least 29"
    assert rule.violation(Selection({"A": 0, "B": 1})) == 0.0
    assert rule.violation(Selection({"A": 1, "B": 1})) == 5.0
    candidates = Candidates(WHOLE, WEIGHTED)
    (row,) = rule.rows(candidates)
    for a, b in product((None, 0, 1, 2), repeat=2):
        selection = Selection({key: start for key, start in (("A", a), ("B", b)) if start is not None})
        assert row.is_kept_by(candidates.bits_of(selection)) == (not rule.violation(selection))
    assert [rule.added_at("A", 0), rule.added_at("B", 1), rule.added_by("B")] == [8.0, 11.0, 11.0]
