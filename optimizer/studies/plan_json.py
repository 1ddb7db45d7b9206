"""A plan, and an answer to one of its scenarios, as JSON text and back: what another machine needs to go on with them.

Rules are of many kinds, so each is written with the name of its class.
"""

import json
from dataclasses import replace
from functools import cache

from pydantic import TypeAdapter

from optimizer.plan import Plan
from optimizer.plan.rule_specs import RuleSpec
from optimizer.portfolio import Portfolio


def plan_to_json(plan: Plan) -> str:
    """The plan as JSON text."""
    document = plan.model_dump(mode="json", exclude={"scenarios": {"__all__": {"rules"}}})
    for scenario, stated in zip(plan.scenarios, document["scenarios"], strict=True):
        stated["rules"] = [[type(rule).__name__, rule.model_dump(mode="json")] for rule in scenario.rules]
    return json.dumps(document)


def plan_from_json(text: str) -> Plan:
    """The same plan again.

    Raises:
        pydantic.ValidationError: it is no plan.
    """
    document = json.loads(text)
    kinds = {kind.__name__: kind for kind in RuleSpec.__subclasses__()}
    rules = [
        tuple(kinds[name].model_validate_json(json.dumps(stated)) for name, stated in scenario.pop("rules"))
        for scenario in document["scenarios"]
    ]
    plan = Plan.model_validate_json(json.dumps(document))
    scenarios = zip(plan.scenarios, rules, strict=True)
    return plan.model_copy(update={"scenarios": tuple(one.model_copy(update={"rules": own}) for one, own in scenarios)})


def answer_to_json(answer: Portfolio) -> str:
    """The answer as JSON text, without how long it took: the same answer is the same text."""
    stages = tuple(replace(stage, seconds=0.0) for stage in answer.stages)
    timeless = replace(answer, stages=stages, solver=replace(answer.solver, seconds=0.0))
    return _portfolios().dump_json(timeless).decode()


def answer_from_json(text: str) -> Portfolio:
    """The same answer again.

    Raises:
        pydantic.ValidationError: it is none.
    """
    return _portfolios().validate_json(text)


@cache
def _portfolios() -> TypeAdapter[Portfolio]:
    return TypeAdapter(Portfolio)
