"""Answers of scenarios as JSON text and back, so that a run that was interrupted need not solve again."""

from typing import Any

from pydantic import TypeAdapter

import optimizer.portfolio
from optimizer.conflict import Conflict
from optimizer.errors import OptimizerError
from optimizer.parallel import Answer, ScenarioFailure
from optimizer.portfolio import Portfolio

Json = dict[str, Any]

_portfolios = TypeAdapter(Portfolio)
# The optimizer names the type of `conflict` for type checkers only, because the modules need each other.
_portfolios.rebuild(_types_namespace={**vars(optimizer.portfolio), "Conflict": Conflict})


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
