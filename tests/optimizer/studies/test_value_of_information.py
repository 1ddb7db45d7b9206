"""What knowing one number is worth, against solving again for each draw of it."""

import numpy as np
import pytest

from optimizer import evaluate, solve_scenario
from optimizer.plan import Accrual, Plan
from optimizer.studies.edits import ContributionOf, ForceIn, LeaveOut
from optimizer.studies.robustness import Robustness, solve_robustness
from optimizer.studies.study import Study
from optimizer.studies.value_of_information import EstimateToCheck
from tests.optimizer.plans import GMV, initiative, scenario
from tests.optimizer.studies.test_robustness import FOUR, study_of
from tests.optimizer.studies.test_studies import best


def checks(found: Robustness) -> tuple[EstimateToCheck, ...]:
    assert found.to_check is not None
    return found.to_check


def test_what_is_worth_checking_is_what_knowing_would_change() -> None:
    """B and C nearly tie for the second place; D never comes in, whatever it turns out to bring."""
    keys = [one.estimate.initiative for one in checks(solve_robustness(study_of(*FOUR), samples=400))]
    assert set(keys[:2]) == {"B", "C"}
    assert "D" not in keys


def test_the_worth_of_knowing_is_what_deciding_afterwards_gains() -> None:
    """For each draw of one number: the best plan with it, against the plan made without."""
    study = study_of(*FOUR)
    found = solve_robustness(study, samples=60)
    first = checks(found)[0]
    row = found.beliefs.estimates.index(first.estimate)
    drawn = found.beliefs.draws(60, 1)[:, row]
    gains = []
    for number in drawn:
        edit = ContributionOf(first.estimate.initiative, first.estimate.of, float(number))
        truth = best(study, edit)
        assert truth is not None
        gains.append(float(truth[-1]))
    stay = [
        evaluate(edit_plan(study, first.estimate.initiative, n), "S", study.answer.selected).objective for n in drawn
    ]
    rest = solve_scenario(edit_plan(study, first.estimate.initiative, float(drawn.mean())), "S").objective
    assert first.worth == pytest.approx(np.mean(gains) - max(np.mean(stay), rest or 0.0), rel=1e-6)


def edit_plan(study: Study, key: str, number: float) -> object:
    return ContributionOf(key, "gmv", float(number)).apply(study.plan, study.scenario)


@pytest.mark.parametrize("accrues", list(Accrual))
def test_over_several_periods_a_number_counts_as_often_as_the_plan_earns_it(accrues: Accrual) -> None:
    """For each draw: the better of the plan and the one that decides the other way, each with the number as drawn."""
    year = ("Q1", "Q2", "Q3")
    whole = Plan(
        kpis=(GMV.model_copy(update={"accrues": accrues}),),
        initiatives=(
            initiative("A", 6, gmv=100.0, duration=2),
            initiative("B", 4, gmv=60.0),
            initiative("C", 4, gmv=55.0),
        ),
        scenarios=(scenario(capacity=10.0, from_period="Q1", to_period="Q3"),),
        periods=year,
    )
    study = Study(whole, solve_scenario(whole, "S", explain=False))
    found = solve_robustness(study, samples=30)
    assert {one.is_least for one in checks(found)} == {accrues is Accrual.EACH_PERIOD}
    for one in checks(found):
        key = one.estimate.initiative
        edit = LeaveOut(key) if key in study.answer.selected else ForceIn(key)
        plans = [study.answer.starts, study.solve(edit).starts]
        row = found.beliefs.estimates.index(one.estimate)
        values = np.array(
            [
                [evaluate(edit_plan(study, key, number), "S", starts).objective for starts in plans]
                for number in found.beliefs.draws(30, 1)[:, row]
            ]
        )
        assert one.worth == pytest.approx(values.max(axis=1).mean() - values.mean(axis=0).max(), rel=1e-6)
