"""What can go wrong in the optimizer that is not an answer.

OptimizerError
 +-- PlanError               the plan asks for something that it does not define; mended in the workbook
 +-- SolverUnavailableError  a solver that is not installed; mended by installing it
 +-- SolverError             a solver that crashed or gave nothing that can be read
 +-- Cancelled               the caller asked to stop
 +-- DefectError             an answer that disagrees with the plan; always our fault, never shown as a result
"""


class OptimizerError(Exception):
    """Base of everything that the optimizer raises on purpose."""


class PlanError(OptimizerError, ValueError):
    """The plan asks for something that it does not define, such as a north star that no KPI is."""


class SolverUnavailableError(OptimizerError):
    """The solver asked for is not installed."""


class SolverError(OptimizerError):
    """A solver crashed, or gave an answer that cannot be read."""


class Cancelled(OptimizerError):  # noqa: N818 - an expected outcome, not an error
    """The caller asked to stop before the answer was there."""


class DefectError(OptimizerError):
    """A solver's answer disagrees with the plan. A defect of ours: it must never become a result."""
