"""The only place that calls a solver: HiGHS in process, or CBC as a program of its own.

PuLP's status is not used: after a time limit it says Optimal for a mere incumbent. HiGHS' own model status, incumbent
and bound are read from its object, CBC's from its log and solution file. CBC prints its bound with six digits, so the
bound of an unfinished run is widened by as much.
"""

import contextlib
import math
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import highspy
import numpy as np
import pulp

from optimizer.errors import Cancelled, SolverError, SolverUnavailableError
from optimizer.portfolio import SolverName as SolverName
from optimizer.portfolio import StopReason

_SMALLEST_COEFFICIENT = 1e-12
_ABSOLUTE_GAP = 1e-6
"""In the model's scaled objective, whose largest coefficient is about 1e6."""
_CBC_GRACE_S = 0.5
"""How long CBC may go on after its time limit before it is killed."""
_CBC_DIGITS = 1e-5
_POLL_S = 0.02


@dataclass(frozen=True, slots=True)
class Limits:
    """What a solver may use: wall time in seconds (None: unlimited), gap, threads, a wish to stop, presolve.

    `cutoff`: answers with a larger objective (in the problem's own scale) do not count, as if they were infeasible.
    """

    time_limit_s: float | None = None
    relative_gap: float = 0.0
    threads: int = 1
    cancel: threading.Event | None = None
    presolve: bool = True
    cutoff: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Why the solver stopped and what it claims; values are in the problem's variables.

    `objective` is None where there is no incumbent, `bound` where nothing is known; both as the solver claims them, in
    the problem's own scale.
    """

    reason: StopReason
    objective: float | None
    bound: float | None


def solver_version(name: SolverName) -> tuple[str, str]:
    """Name for people and version of a solver.

    Raises:
        SolverUnavailableError: it is not installed.
    """
    if name == "highs":
        return "HiGHS", f"{highspy.HIGHS_VERSION_MAJOR}.{highspy.HIGHS_VERSION_MINOR}.{highspy.HIGHS_VERSION_PATCH}"
    cbc_path()
    return "CBC", version("cbcbox")


def run(problem: pulp.LpProblem, name: SolverName, limits: Limits) -> Answer:
    """Minimizes a problem; its variables carry the incumbent afterwards.

    Raises:
        Cancelled: `limits.cancel` was set.
        SolverError: the solver crashed.
        SolverUnavailableError: it is not installed.
    """
    solver = _adapter(name, limits, mip=True)
    solver.actualSolve(problem)
    return _within(solver.answer, limits.cutoff)


def duals(problem: pulp.LpProblem, name: SolverName, limits: Limits) -> list[float] | None:
    """Row prices of the linear relaxation, in the order of the rows; None where it was not solved to the end."""
    solver = _adapter(name, limits, mip=False)
    solver.actualSolve(problem)
    if solver.answer.reason is not StopReason.OPTIMAL:
        return None
    return [constraint.pi or 0.0 for constraint in _constraints(problem)]


def _within(answer: Answer, cutoff: float | None) -> Answer:
    """The answer without an incumbent beyond the cutoff: HiGHS may return one, and calls it optimal.

    That nothing else is left (INFEASIBLE) is only believed where the bound says so too: next to an incumbent that is
    one unit beyond the cutoff, HiGHS was seen to drop the answer for the sake of a rounding error of 1e-13.
    """
    if cutoff is None or (answer.objective is not None and answer.objective <= cutoff):
        return answer
    is_proven = answer.reason is StopReason.OPTIMAL and answer.bound is not None and answer.bound > cutoff
    return Answer(StopReason.INFEASIBLE if is_proven else answer.reason, None, answer.bound)


def _adapter(name: SolverName, limits: Limits, *, mip: bool) -> "_Highs | _Cbc":
    if limits.cancel is not None and limits.cancel.is_set():
        raise Cancelled("stopped before the solver began")
    if name == "highs":
        return _Highs(limits, mip=mip)
    if name == "cbc":
        return _Cbc(limits, cbc_path(), mip=mip)
    raise SolverUnavailableError(f"there is no solver {name!r}; use highs or cbc")


def _constraints(problem: pulp.LpProblem) -> list[pulp.LpConstraint]:
    # `LpProblem.constraints` is deprecated as a mapping and not yet a method in PuLP 3.3.
    return list(problem._constraints.values())


class _SilentHighs(highspy.Highs):
    """HiGHS without the banner that `highspy.Highs()` prints on standard output."""

    def __init__(self) -> None:
        # The parent's own __init__ switches callbacks on, which prints before output can be switched off.
        super(highspy.Highs, self).__init__()
        self.setOptionValue("output_flag", False)


_HIGHS_REASONS = {
    highspy.HighsModelStatus.kOptimal: StopReason.OPTIMAL,
    highspy.HighsModelStatus.kInfeasible: StopReason.INFEASIBLE,
    highspy.HighsModelStatus.kUnboundedOrInfeasible: StopReason.INFEASIBLE,
    highspy.HighsModelStatus.kTimeLimit: StopReason.TIME_LIMIT,
}
_thread = threading.local()


class _Highs(pulp.HiGHS):  # type: ignore[misc]
    """PuLP's HiGHS solver, handing the matrix over at once and reading HiGHS' own verdict."""

    def __init__(self, limits: Limits, *, mip: bool) -> None:
        super().__init__(mip=mip, msg=False)
        self.limits = limits
        self.answer = Answer(StopReason.ERROR, None, None)

    def actualSolve(self, problem: pulp.LpProblem, **_: object) -> int:  # noqa: N802 - PuLP's name
        highs = _SilentHighs()
        problem.solverModel = highs
        try:
            self._configure(highs)
            self.buildSolverModel(problem)
            highs.run()
            return self._read(problem, highs)
        finally:
            problem.solverModel = None

    def _configure(self, highs: highspy.Highs) -> None:
        threads = self.limits.threads
        if getattr(_thread, "highs_threads", threads) != threads:
            # HiGHS keeps one scheduler per thread and refuses another number of workers.
            getattr(highs, "resetThreadScheduler", highs.resetGlobalScheduler)(True)
        _thread.highs_threads = threads
        options: dict[str, float | int | str] = {
            "threads": threads,
            "random_seed": 0,
            "mip_rel_gap": self.limits.relative_gap,
            "mip_abs_gap": _ABSOLUTE_GAP,
            "small_matrix_value": _SMALLEST_COEFFICIENT,
            "presolve": "choose" if self.limits.presolve else "off",
        }
        if self.limits.time_limit_s is not None:
            options["time_limit"] = max(0.0, self.limits.time_limit_s)
        if self.limits.cutoff is not None:
            options["objective_bound"] = self.limits.cutoff
        for option, value in options.items():
            highs.setOptionValue(option, value)
        if self.limits.cancel is not None:
            highs.setCallback(_interrupt_when(self.limits.cancel), None)
            highs.startCallback(highspy.cb.HighsCallbackType.kCallbackMipInterrupt)
            highs.startCallback(highspy.cb.HighsCallbackType.kCallbackSimplexInterrupt)

    def buildSolverModel(self, problem: pulp.LpProblem) -> None:  # noqa: N802 - PuLP's name
        """Passes the whole model as arrays: a thousandth of the time of PuLP's column by column."""
        # By number: PuLP sorts by name, so that x10 comes before x2, and the order of columns steers the search.
        variables = sorted(problem.variables(), key=lambda variable: (len(variable.name), variable.name))
        for index, variable in enumerate(variables):
            variable.index = index
        constraints = _constraints(problem)
        infinity = highspy.kHighsInf
        lp = highspy.HighsLp()
        lp.num_col_ = len(variables)
        lp.num_row_ = len(constraints)
        objective = problem.objective
        lp.col_cost_ = np.array([objective.get(variable, 0.0) for variable in variables])
        lp.col_lower_ = np.array([-infinity if v.lowBound is None else v.lowBound for v in variables], dtype=float)
        lp.col_upper_ = np.array([infinity if v.upBound is None else v.upBound for v in variables], dtype=float)
        lower = (constraint.getLb() for constraint in constraints)
        upper = (constraint.getUb() for constraint in constraints)
        lp.row_lower_ = np.array([-infinity if bound is None else bound for bound in lower], dtype=float)
        lp.row_upper_ = np.array([infinity if bound is None else bound for bound in upper], dtype=float)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.cumsum([0, *(len(constraint) for constraint in constraints)], dtype=np.int32)
        lp.a_matrix_.index_ = np.array([v.index for constraint in constraints for v in constraint], dtype=np.int32)
        lp.a_matrix_.value_ = np.array([a for constraint in constraints for a in constraint.values()], dtype=float)
        if self.mip:
            kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            lp.integrality_ = [kinds[variable.cat == pulp.LpInteger] for variable in variables]
        if problem.solverModel.passModel(lp) == highspy.HighsStatus.kError:
            raise SolverError("HiGHS refused the model")

    def _read(self, problem: pulp.LpProblem, highs: highspy.Highs) -> int:
        status = highs.getModelStatus()
        info = highs.getInfo()
        if status == highspy.HighsModelStatus.kInterrupt:
            raise Cancelled("stopped while HiGHS was solving")
        reason = _HIGHS_REASONS.get(status)
        if reason is None:
            raise SolverError(f"HiGHS ended with status {highs.modelStatusToString(status)!r}")
        has_values = reason is not StopReason.INFEASIBLE and bool(
            info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        )
        if has_values:
            solution = highs.getSolution()
            values = solution.col_value
            for variable in problem.variables():
                variable.varValue = values[variable.index]
            if not self.mip:
                for constraint, price in zip(_constraints(problem), solution.row_dual, strict=True):
                    constraint.pi = price
        bound = info.mip_dual_bound if self.mip else info.objective_function_value
        self.answer = Answer(
            reason,
            info.objective_function_value if has_values else None,
            bound if reason is not StopReason.INFEASIBLE and math.isfinite(bound) else None,
        )
        return int(pulp.LpStatusOptimal if has_values else pulp.LpStatusNotSolved)


def _interrupt_when(cancel: threading.Event) -> Callable[..., None]:
    """A HiGHS callback that stops the solver once `cancel` is set."""

    def callback(_kind: object, _message: object, _output: object, wish: Any, _data: object) -> None:
        if cancel.is_set():
            wish.user_interrupt = True

    return callback


def cbc_path() -> str:
    """Path of the CBC program.

    Raises:
        SolverUnavailableError: the extra is not installed.
    """
    try:
        return str(import_module("cbcbox").cbc_bin_path())
    except ImportError:
        raise SolverUnavailableError(
            "CBC is not installed. Install it with: pip install 'sheetplan[cbc]', or use the solver highs"
        ) from None


class _Cbc(pulp.COIN_CMD):  # type: ignore[misc]
    """PuLP's CBC solver, killed when it overruns or is cancelled, its termination read from log and solution file."""

    def __init__(self, limits: Limits, path: str, *, mip: bool) -> None:
        super().__init__(path=path, mip=mip, msg=False)
        self.limits = limits
        self.answer = Answer(StopReason.ERROR, None, None)

    def actualSolve(self, problem: pulp.LpProblem, **_: object) -> int:  # noqa: N802 - PuLP's name
        with tempfile.TemporaryDirectory(prefix="sheetplan-") as folder:
            model, solution, log = (Path(folder) / name for name in ("model.mps", "solution.txt", "log.txt"))
            variables, *_names = problem.writeMPS(str(model), rename=1)
            self._call([str(model), *self._arguments(), "-printingOptions", "all", "-solution", str(solution)], log)
            text = log.read_text(errors="replace")
            lines = solution.read_text().splitlines() if solution.exists() else []
        return self._read(problem, variables, lines, text)

    def _arguments(self) -> list[str]:
        limits = self.limits
        options: dict[str, object] = {
            "ratioGap": limits.relative_gap,
            "allowableGap": _ABSOLUTE_GAP,
            "increment": _ABSOLUTE_GAP,
            "threads": limits.threads if limits.threads > 1 else 0,
            "randomCbcSeed": 1,
            "timeMode": "elapsed",
        }
        if limits.time_limit_s is not None:
            options["seconds"] = max(0.01, limits.time_limit_s)
        if limits.cutoff is not None:
            options["cutoff"] = limits.cutoff
        if not limits.presolve:
            options |= {"presolve": "off", "preprocess": "off"}
        words = [word for name, value in options.items() for word in (f"-{name}", str(value))]
        return [*words, "-solve" if self.mip else "-initialSolve"]

    def _call(self, arguments: list[str], log: Path) -> None:
        limit = self.limits.time_limit_s
        deadline = math.inf if limit is None else time.monotonic() + max(0.0, limit) + _CBC_GRACE_S
        with (
            log.open("w") as output,
            subprocess.Popen(
                [self.path, *arguments], stdout=output, stderr=output, stdin=subprocess.DEVNULL
            ) as process,
        ):
            try:
                while True:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        code = process.wait(_POLL_S)
                        break
                    if self.limits.cancel is not None and self.limits.cancel.is_set():
                        raise Cancelled("stopped while CBC was solving")
                    if time.monotonic() > deadline:
                        return
            finally:
                process.kill()
        if code:
            raise SolverError(f"CBC ended with code {code}: {log.read_text(errors='replace')[-300:].strip()}")

    def _read(self, problem: pulp.LpProblem, variables: list[pulp.LpVariable], lines: list[str], log: str) -> int:
        """CBC's first line says how it ended: Optimal, Infeasible, Integer infeasible, Stopped on ..."""
        verdict = lines[0].lower() if lines else "stopped on time (killed)"
        if "infeasible" in verdict:
            self.answer = Answer(StopReason.INFEASIBLE, None, None)
            return int(pulp.LpStatusInfeasible)
        is_optimal = verdict.startswith("optimal")
        if not is_optimal and not verdict.startswith("stopped on"):
            raise SolverError(f"CBC ended with: {lines[0] if lines else log[-300:].strip()}")
        claimed = re.search(r"objective value\s+(\S+)", verdict)
        has_values = claimed is not None and "no integer solution" not in verdict
        if has_values:
            self._assign(problem, variables, lines[1:])
        objective = float(claimed.group(1)) if has_values and claimed else None
        bound = objective if is_optimal else _cbc_bound(log)
        reason = StopReason.OPTIMAL if is_optimal else StopReason.TIME_LIMIT
        self.answer = Answer(reason, objective, bound)
        return int(pulp.LpStatusOptimal if has_values else pulp.LpStatusNotSolved)

    @staticmethod
    def _assign(problem: pulp.LpProblem, variables: list[pulp.LpVariable], lines: list[str]) -> None:
        constraints = _constraints(problem)
        for line in lines:
            # A value outside its bounds has a row that begins with two stars.
            _index, name, value, price = line.replace("**", " ").split()
            position = int(name[1:])
            if name.startswith("X"):
                variables[position].varValue = float(value)
            else:
                constraints[position].pi = float(price)


def _cbc_bound(log: str) -> float | None:
    """The bound that CBC had when it stopped, widened by the digits that it does not print."""
    found = re.findall(r"^(?:Lower|Upper) bound:\s+(\S+)", log, re.MULTILINE)
    with contextlib.suppress(IndexError, ValueError):
        bound = float(found[-1])
        if math.isfinite(bound) and abs(bound) < 1e50:
            return bound - _CBC_DIGITS * abs(bound)
    return None
