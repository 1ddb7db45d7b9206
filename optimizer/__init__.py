"""Pure portfolio optimization: a validated plan in, a checked portfolio out; no I/O, no clock, no environment."""

from optimizer.conflict import Conflict, explain_infeasible
from optimizer.errors import (
    Cancelled,
    DefectError,
    OptimizerError,
    PlanError,
    SolverError,
    SolverUnavailableError,
)
from optimizer.evaluate import Evaluation, Violation, evaluate
from optimizer.parallel import ScenarioFailure, solve_plan
from optimizer.relax import Change, Relaxation, RuleInWords
from optimizer.scenario import solve_scenario
from optimizer.solve import SolverName

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
