"""What an answer says about itself: whether the clock decided, and that nothing is no less than nothing."""

from optimizer import solve_scenario
from tests.optimizer.plans import CHURN, initiative, plan, scenario
from tests.optimizer.solvers.test_solve import hard


def test_answer_that_is_proven_with_every_tie_compared_does_not_depend_on_the_clock() -> None:
    answer = solve_scenario(plan([initiative("A", gmv=1.0)], scenario(capacity=1.0)), "S", time_limit_s=60.0)
    assert not answer.is_clock_decided


def test_answer_that_time_cut_short_says_that_the_clock_decided() -> None:
    """With no time at all: in a moment the work that it buys may be used up first."""
    assert solve_scenario(hard(), "S", time_limit_s=0.0, explain=False).is_clock_decided


def test_nothing_has_no_sign() -> None:
    """The total of a KPI where lower is better is measured with its sign turned, and 0 stays 0."""
    star = CHURN.model_copy(update={"is_north_star": True})
    answer = solve_scenario(plan([initiative("A", churn=2.0)], scenario(capacity=1.0), kpis=(star,)), "S")
    stages = [number for stage in answer.stages for number in (stage.value, stage.bound)]
    shown = [answer.objective, answer.bound, *answer.kpi_totals.values(), *stages]
    assert [repr(number) for number in shown] == ["0.0"] * len(shown)
