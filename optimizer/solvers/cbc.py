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
from dataclasses import replace
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import numpy as np

from optimizer.errors import Cancelled, SolverError, SolverUnavailableError
from optimizer.model.matrix import Matrix
from optimizer.portfolio import StopReason
from optimizer.solvers.answer import ABSOLUTE_GAP, Answer, Limits, units_of_look
from optimizer.solvers.highs import write_mps

_GRACE_S = 0.5
"""How long CBC may go on after its time limit before it is killed."""
_DIGITS = 1e-5
_LOOKS_PER_NODE = 3
_POLL_S = 0.02
_PRESOLVED_ABOVE = 100
"""Up to so many columns CBC goes without presolve, which was seen to lose the best selection of a plan of two."""


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


def minimize(matrix: Matrix, limits: Limits, *, relaxed: bool = False) -> Answer:
    """Solves a matrix, or its linear relaxation (`relaxed`), which has prices too.

    Raises:
        Cancelled: `limits.cancel` was set.
        SolverError: CBC crashed, or ended in a way that says nothing.
        SolverUnavailableError: it is not installed.
    """
    path = cbc_path()
    with tempfile.TemporaryDirectory(prefix="sheetplan-") as folder:
        model, solution, log = (Path(folder) / name for name in ("model.mps", "solution.txt", "log.txt"))
        # The objective's constant is kept out: who reads files, reads it with either sign.
        write_mps(replace(matrix, offset=0.0), model)
        nodes = [n for n in (limits.nodes, _nodes_of(limits.looks(len(matrix.value)))) if n is not None]
        words = [
            *_options(_without_presolve(matrix, limits), matrix.offset, min(nodes, default=None)),
            "-initialSolve" if relaxed else "-solve",
        ]
        _call([path, str(model), *words, "-printingOptions", "all", "-solution", str(solution)], limits, log)
        text = log.read_text(errors="replace")
        lines = solution.read_text().splitlines() if solution.exists() else []
    return _read(matrix, lines, text)


def _without_presolve(matrix: Matrix, limits: Limits) -> Limits:
    return limits if matrix.width > _PRESOLVED_ABOVE else replace(limits, presolve=False)


def _nodes_of(looks: int | None) -> int | None:
    """CBC counts nodes: each is as much work as some looks of HiGHS."""
    return None if looks is None else max(1, looks // _LOOKS_PER_NODE)


def _options(limits: Limits, offset: float, nodes: int | None) -> list[str]:
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
        options["cutoff"] = limits.cutoff - offset
    if nodes is not None:
        options["maxNodes"] = nodes
    if not limits.presolve:
        options |= {"presolve": "off", "preprocess": "off"}
    return [word for name, value in options.items() for word in (f"-{name}", str(value))]


def _call(command: list[str], limits: Limits, log: Path) -> None:
    limit = limits.time_limit_s
    deadline = math.inf if limit is None else time.monotonic() + max(0.0, limit) + _GRACE_S
    with (
        log.open("w") as output,
        subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL) as process,
    ):
        try:
            while True:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    code = process.wait(_POLL_S)
                    break
                if limits.is_cancelled:
                    raise Cancelled("stopped while CBC was solving")
                if time.monotonic() > deadline:
                    return
        finally:
            process.kill()
    if code:
        raise SolverError(f"CBC ended with code {code}: {log.read_text(errors='replace')[-300:].strip()}")


def _read(matrix: Matrix, lines: list[str], log: str) -> Answer:
    """CBC's first line says how it ended: Optimal, Infeasible, Integer infeasible, Stopped on ..."""
    verdict = lines[0].lower() if lines else "stopped on time (killed)"
    if "infeasible" in verdict:
        return Answer(StopReason.INFEASIBLE)
    is_optimal = verdict.startswith("optimal")
    if not is_optimal and not verdict.startswith("stopped on"):
        raise SolverError(f"CBC ended with: {lines[0] if lines else log[-300:].strip()}")
    claimed = re.search(r"objective value\s+(\S+)", verdict)
    has_values = claimed is not None and "no integer solution" not in verdict
    values, prices = np.zeros(matrix.width), np.zeros(len(matrix.row_lower))
    for line in lines[1:] if has_values else []:
        # A value outside its bounds has a row that begins with two stars.
        _index, name, value, price = line.replace("**", " ").split()
        if name.startswith("x"):
            values[int(name[1:])] = float(value)
        else:
            prices[int(name[1:])] = float(price)
    objective = float(claimed.group(1)) if has_values and claimed else None
    bound = objective if is_optimal else _bound_in(log)
    stopped = StopReason.EFFORT if verdict.startswith("stopped on nodes") else StopReason.TIME_LIMIT
    counted = re.findall(r"^Enumerated nodes:\s+(\d+)", log, re.MULTILINE)
    return Answer(
        StopReason.OPTIMAL if is_optimal else stopped,
        None if objective is None else objective + matrix.offset,
        None if bound is None else bound + matrix.offset,
        values if has_values else None,
        prices if has_values else None,
        _LOOKS_PER_NODE * sum(map(int, counted)) * units_of_look(len(matrix.value)),
    )


def _bound_in(log: str) -> float | None:
    """The bound that CBC had when it stopped, widened by the digits that it does not print."""
    found = re.findall(r"^(?:Lower|Upper) bound:\s+(\S+)", log, re.MULTILINE)
    with contextlib.suppress(IndexError, ValueError):
        bound = float(found[-1])
        if math.isfinite(bound) and abs(bound) < 1e50:
            return bound - _DIGITS * abs(bound)
    return None
