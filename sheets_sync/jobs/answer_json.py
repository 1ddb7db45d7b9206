"""Answers of scenarios as JSON text and back, so that a run that was interrupted need not solve again."""

from typing import Any

from pydantic import TypeAdapter

from optimizer.errors import OptimizerError
from optimizer.portfolio import Portfolio
from optimizer.scenarios import Answer, ScenarioFailure

Json = dict[str, Any]

_portfolios = TypeAdapter(Portfolio)


def to_json(answer: Answer) -> Json:
    """The answer as JSON: a portfolio, or why there is none."""
    if isinstance(answer, ScenarioFailure):
        return {"failure": str(answer.error)}
    return {"portfolio": _portfolios.dump_json(answer).decode()}


def from_json(scenario: str, document: Json) -> Answer:
    """The same answer again."""
    if "failure" in document:
        return ScenarioFailure(scenario, OptimizerError(document["failure"]))
    return _portfolios.validate_json(document["portfolio"])
