"""Pure portfolio optimization: a validated plan in, a checked portfolio out; no I/O, no clock, no environment.

What needs a solver is loaded when it is first used: who only wants a plan (`optimizer.plan`) does not wait for it.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from optimizer.errors import (
    Cancelled,
    DefectError,
    OptimizerError,
    PlanError,
    SolverError,
    SolverUnavailableError,
)

# Not lazy: the module has the function's name, and would take its place in this package when it is loaded later.
from optimizer.evaluate import Evaluation, Violation, evaluate
from optimizer.portfolio import Change, Conflict, Relaxation, RuleInWords, SolverName

if TYPE_CHECKING:
    from optimizer.explain.conflict import explain_infeasible
    from optimizer.scenario import solve_scenario
    from optimizer.scenarios import ScenarioFailure, solve_plan

__all__ = [
    "Cancelled",
    "Change",
    "Conflict",
    "DefectError",
    "Evaluation",
    "OptimizerError",
    "PlanError",
    "Relaxation",
    "RuleInWords",
    "ScenarioFailure",
    "SolverError",
    "SolverName",
    "SolverUnavailableError",
    "Violation",
    "evaluate",
    "explain_infeasible",
    "solve_plan",
    "solve_scenario",
]

_HOMES = {
    "ScenarioFailure": "optimizer.scenarios",
    "explain_infeasible": "optimizer.explain.conflict",
    "solve_plan": "optimizer.scenarios",
    "solve_scenario": "optimizer.scenario",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
