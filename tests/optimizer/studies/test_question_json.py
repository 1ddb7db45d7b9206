"""Studies whose questions are answered elsewhere, and go there and back as JSON, find what they find alone."""

import json
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer import solve_scenario
from optimizer.plan import TOKENS, ChangeLimit, Kept, Plan, RuleSpec
from optimizer.studies.capacity_value import Limit, has_floor_on_capacity, solve_capacity_curve
from optimizer.studies.core_index import core_index
from optimizer.studies.frontier import Measure, solve_frontier
from optimizer.studies.opposite import solve_opposites
from optimizer.studies.plan_json import answer_from_json, answer_to_json, plan_from_json, plan_to_json
from optimizer.studies.question_json import (
    KINDS,
    answers_from_json,
    answers_to_json,
    questions_from_json,
    questions_to_json,
)
from optimizer.studies.question_set import Found, QuestionSet
from optimizer.studies.robustness import solve_robustness
from optimizer.studies.rule_prices import solve_rule_prices
from optimizer.studies.study import Study
from optimizer.studies.thresholds import all_thresholds
from tests.optimizer.plans import initiative, plan, random_plan, scenario
from tests.optimizer.timed_plans import random_timed_plan

ORACLE = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


class Elsewhere:
    """Another machine: what goes there, and what comes back, is JSON. Of several questions it leaves the first."""

    def __init__(self) -> None:
        self.kinds: set[str] = set()

    after_s = 0.0

    def are_there(self) -> bool:
        return True

    def answer(
        self,
        questions: QuestionSet[Found],
        numbers: Sequence[int],
        expected_s: float,
        stop: Callable[[], bool],
        on_answer: Callable[[Found], None],
    ) -> Mapping[int, Found]:
        del expected_s, stop
        sent = json.dumps(questions_to_json(questions))
        there = questions_from_json(json.loads(sent))
        assert json.dumps(questions_to_json(there)) == sent
        asked = numbers[len(numbers) > 1 :]
        answers = [there.answer(number) for number in asked]
        back = answers_from_json(questions, answers_to_json(there, answers))
        assert back == answers
        for answer in back:
            on_answer(answer)
        self.kinds.add(type(questions).__name__)
        return dict(zip(asked, back, strict=True))


def findings(whole: Plan, others: Elsewhere | None) -> dict[str, Any]:
    """What each study finds, but for which of equally good plans it names."""
    answer = solve_scenario(whole, "S", explain=False)

    def study() -> Study:
        return Study(whole, answer, others=others)

    def never() -> bool:
        return False

    measures = [Measure(kpi.key) for kpi in whole.kpis[:2]]
    frontiers = [
        solve_frontier(whole, "S", *measures, alone=1, most_entries=entries, workers=1, others=others)
        for entries in (0, 10_000)
    ]
    found: dict[str, Any] = {
        "frontiers": [[(point.first, point.second) for point in one.points] for one in frontiers],
        "complete": [one.is_complete for one in frontiers],
    }
    if not answer.status.has_portfolio:
        return found
    opposites = solve_opposites(study(), workers=1, stop=never)
    sure = solve_robustness(study(), samples=12, seed=3, workers=1)
    prices = solve_rule_prices(study(), dimensions=["market"], workers=1)
    found |= {
        "opposites": [(one.initiative, one.portfolio.status, one.worth, one.objective_change) for one in opposites],
        "thresholds": all_thresholds(study(), opposites, workers=1),
        "core": [(one.initiative, one.core) for one in core_index(study(), spread=0.2, workers=1)],
        "robustness": (sure.picked, sure.kpis, sure.limits, sure.targets, sure.near_best, sure.regret, sure.to_check),
        "prices": [
            (one.rule, one.portfolio.status, one.objective_change)
            for one in [*prices.rules, *([prices.together] if prices.together else []), *prices.equal_shares]
        ],
    }
    asked = study().scenario
    if TOKENS in asked.capacities and not has_floor_on_capacity(asked, TOKENS):
        curve = solve_capacity_curve(study(), Limit(TOKENS), workers=1)
        steps = [(one.amount, one.worth) for one in curve.steps]
        found["curve"] = (curve.low, curve.high, steps, curve.least_possible, curve.is_stopped)
    return found


def plan_of(seed: int) -> Plan:
    return random_timed_plan(seed, 4, 2) if seed % 3 == 2 else random_plan(seed, 5)


def knapsack(size: int) -> Plan:
    """Whole costs and two KPIs; half of all costs fit."""
    random = Random(1)
    initiatives = [
        initiative(
            f"I{number:03}", random.randint(10, 100), gmv=random.randint(10, 500), churn=random.randint(-99, -10)
        )
        for number in range(size)
    ]
    return plan(initiatives, scenario(capacity=27 * size))


def test_studies_whose_questions_are_answered_elsewhere_find_the_same() -> None:
    elsewhere = Elsewhere()
    for seed in (4, 26):
        assert findings(plan_of(seed), elsewhere) == findings(plan_of(seed), None)
    # A model holds the opposites of fifty candidates.
    many, few = knapsack(151), knapsack(30)
    answer, measures = solve_scenario(many, "S", explain=False), (Measure("gmv"), Measure("churn"))
    studies = [Study(many, answer, others=others) for others in (elsewhere, None)]
    one, other = (
        [(one.initiative, one.worth) for one in solve_opposites(study, workers=1, stop=lambda: False)]
        for study in studies
    )
    assert one == other
    one, other = (
        [(point.first, point.second) for point in solve_frontier(few, "S", *measures, alone=1, others=others).points]
        for others in (elsewhere, None)
    )
    assert one == other
    assert elsewhere.kinds == {kind.__name__ for kind in KINDS}


@settings(ORACLE, max_examples=40)
@given(seed=st.integers(0, 10**9))
def test_plans_and_answers_are_the_same_after_they_were_json(seed: int) -> None:
    whole = plan_of(seed)
    assert plan_from_json(plan_to_json(whole)) == whole
    text = answer_to_json(solve_scenario(whole, "S"))
    assert answer_to_json(answer_from_json(text)) == text


def test_an_answer_is_the_same_text_in_every_process() -> None:
    """A worker that takes a study over finds its parts by that text; sets have another order in each process."""
    keys = [f"I{number}" for number in range(9)]
    rules = (ChangeLimit(reference=tuple(keys), most=3),)
    whole = plan([initiative(key, 1, gmv=1.0) for key in keys], scenario(capacity=6.0, rules=rules))
    text = answer_to_json(solve_scenario(whole, "S"))
    assert f'"changes_from":{json.dumps(keys, separators=(",", ":"))}' in text


def test_rules_of_every_kind_are_the_same_after_they_were_json() -> None:
    kept = scenario(rules=(Kept(initiative="A", source="Scenarios!I2"),))
    plans = [plan([initiative("A", 6, gmv=100.0)], kept), *map(plan_of, range(30))]
    assert {type(rule) for one in plans for rule in one.scenarios[0].rules} == set(RuleSpec.__subclasses__())
    assert [plan_from_json(plan_to_json(one)) for one in plans] == plans
