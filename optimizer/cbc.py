"""CBC, a program of its own: fed through files, killed when it overruns or is cancelled.

Its termination is read from its log and solution file. CBC prints its bound with six digits, so the bound of an
unfinished run is widened by as much.
"""

import contextlib
import math
import re
import subprocess
import tempfile
import time
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pulp

from optimizer.errors import Cancelled, SolverError, SolverUnavailableError
from optimizer.limits import ABSOLUTE_GAP, Answer, Limits
from optimizer.matrix import constraints_of
from optimizer.portfolio import StopReason

_GRACE_S = 0.5
"""How long CBC may go on after its time limit before it is killed."""
_DIGITS = 1e-5
_POLL_S = 0.02


def cbc_version() -> str:
    """The version of CBC.

    Raises:
        SolverUnavailableError: the extra is not installed.
    """
    cbc_path()
    return version("cbcbox")


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


def minimize(problem: pulp.LpProblem, limits: Limits, *, relaxed: bool = False) -> Answer:
    """Solves a problem, or its linear relaxation; its variables, and the rows' prices, carry the answer afterwards.

    Raises:
        Cancelled: `limits.cancel` was set.
        SolverError: CBC crashed.
        SolverUnavailableError: it is not installed.
    """
    solver = _Cbc(limits, cbc_path(), mip=not relaxed)
    solver.actualSolve(problem)
    return solver.answer


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
            "allowableGap": ABSOLUTE_GAP,
            "increment": ABSOLUTE_GAP,
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
        deadline = math.inf if limit is None else time.monotonic() + max(0.0, limit) + _GRACE_S
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
                    if self.limits.is_cancelled:
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
        bound = objective if is_optimal else _bound_in(log)
        reason = StopReason.OPTIMAL if is_optimal else StopReason.TIME_LIMIT
        self.answer = Answer(reason, objective, bound)
        return int(pulp.LpStatusOptimal if has_values else pulp.LpStatusNotSolved)

    @staticmethod
    def _assign(problem: pulp.LpProblem, variables: list[pulp.LpVariable], lines: list[str]) -> None:
        constraints = constraints_of(problem)
        for line in lines:
            # A value outside its bounds has a row that begins with two stars.
            _index, name, value, price = line.replace("**", " ").split()
            position = int(name[1:])
            if name.startswith("X"):
                variables[position].varValue = float(value)
            else:
                constraints[position].pi = float(price)


def _bound_in(log: str) -> float | None:
    """The bound that CBC had when it stopped, widened by the digits that it does not print."""
    found = re.findall(r"^(?:Lower|Upper) bound:\s+(\S+)", log, re.MULTILINE)
    with contextlib.suppress(IndexError, ValueError):
        bound = float(found[-1])
        if math.isfinite(bound) and abs(bound) < 1e50:
            return bound - _DIGITS * abs(bound)
    return None
