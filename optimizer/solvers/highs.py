"""HiGHS in this process: a matrix in, HiGHS' own verdict, incumbent and bound out."""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import highspy
import numpy as np

from optimizer.errors import Cancelled, SolverError
from optimizer.model.matrix import Matrix
from optimizer.portfolio import StopReason
from optimizer.solvers.answer import ABSOLUTE_GAP, Answer, Limits, LinearMethod, units_of_look

_SMALLEST_COEFFICIENT = 1e-12
_REASONS = {
    highspy.HighsModelStatus.kOptimal: StopReason.OPTIMAL,
    highspy.HighsModelStatus.kInfeasible: StopReason.INFEASIBLE,
    highspy.HighsModelStatus.kUnboundedOrInfeasible: StopReason.INFEASIBLE,
    highspy.HighsModelStatus.kTimeLimit: StopReason.TIME_LIMIT,
    highspy.HighsModelStatus.kSolutionLimit: StopReason.EFFORT,
    highspy.HighsModelStatus.kObjectiveTarget: StopReason.EFFORT,
}
_ONLY_FOR_ANSWERS = (
    "mip_allow_restart",
    "mip_detect_symmetry",
    "mip_heuristic_run_feasibility_jump",
    "mip_heuristic_run_rens",
    "mip_heuristic_run_rins",
    "mip_heuristic_run_root_reduced_cost",
)
"""Measured with 40 to 100 columns and a good cutoff: without these a proof takes a third of the time, or less."""
_OPTIONS_OF_METHODS: dict[LinearMethod, dict[str, float | int | str]] = {
    "simplex": {},
    "interior": {"solver": "ipm", "run_crossover": "off", "presolve": "off"},
    "first order": {"solver": "pdlp", "pdlp_optimality_tolerance": 1e-3, "presolve": "off"},
}
"""Measured with 30,000 columns and as many rows: from within, without presolve and crossover, takes a twentieth of the
simplex' time to nearly all of it. With 300,000 rows first order steps take seconds, and all else minutes."""
_EARLIER = 0.75
"""First order steps look at the clock so seldom that they were seen to take a quarter longer than they may."""
_KINDS = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
_thread = threading.local()

OnProgress = Callable[[Answer], None]
"""Called with each better incumbent (with values) and bound (without) while HiGHS works; must be quick."""


class _SilentHighs(highspy.Highs):
    """HiGHS without the banner that `highspy.Highs()` prints on standard output."""

    def __init__(self) -> None:
        # The parent's own __init__ switches callbacks on, which prints before output can be switched off.
        super(highspy.Highs, self).__init__()
        self.setOptionValue("output_flag", False)


def highs_version() -> str:
    """The version of HiGHS."""
    return f"{highspy.HIGHS_VERSION_MAJOR}.{highspy.HIGHS_VERSION_MINOR}.{highspy.HIGHS_VERSION_PATCH}"


def minimize(matrix: Matrix, limits: Limits, *, relaxed: bool = False, on_progress: OnProgress | None = None) -> Answer:
    """Solves a matrix, or its linear relaxation (`relaxed`), which has prices too.

    Raises:
        Cancelled: `limits.cancel` was set.
        SolverError: HiGHS refused the model or ended in a way that says nothing.
    """
    # Without integers HiGHS solves a linear problem, and says nothing in its `mip_dual_bound`.
    relaxed = relaxed or not matrix.is_integer.any()
    highs = _SilentHighs()
    looks = _Looks(units_of_look(len(matrix.value)), None if relaxed else limits.looks(len(matrix.value)))
    _configure(highs, limits, looks, on_progress)
    if highs.passModel(_lp_of(matrix, relaxed=relaxed)) == highspy.HighsStatus.kError:
        raise SolverError("HiGHS refused the model")
    if limits.start is not None and not relaxed:
        start = highspy.HighsSolution()
        start.col_value = limits.start.tolist()
        # A start that HiGHS does not like is no start: the search goes on without it.
        highs.setSolution(start)
    highs.run()
    if relaxed and limits.method == "first order":
        return _read_roughly(highs, limits)
    return _read(highs, looks, relaxed=relaxed)


def write_mps(matrix: Matrix, path: Path) -> None:
    """Writes a matrix as an MPS file, with columns x0, x1, ... and rows c0, c1, ...

    Raises:
        SolverError: HiGHS refused the model, or could not write the file.
    """
    highs = _SilentHighs()
    highs.setOptionValue("small_matrix_value", _SMALLEST_COEFFICIENT)
    lp = _lp_of(matrix, relaxed=False)
    lp.col_names_ = [f"x{column}" for column in range(matrix.width)]
    lp.row_names_ = [f"c{row}" for row in range(len(matrix.row_lower))]
    error = highspy.HighsStatus.kError
    if highs.passModel(lp) == error or highs.writeModel(str(path)) == error:
        raise SolverError("HiGHS could not write the model for CBC")


@dataclass(slots=True)
class _Looks:
    """How often HiGHS looked whether to go on, and may; its path is the same each time, so this counts work."""

    units_each: float
    most: int | None
    count: int = 0

    @property
    def units(self) -> float:
        return self.count * self.units_each

    @property
    def is_over(self) -> bool:
        return self.most is not None and self.count >= self.most


def _configure(highs: highspy.Highs, limits: Limits, looks: _Looks, on_progress: OnProgress | None) -> None:
    if getattr(_thread, "highs_threads", limits.threads) != limits.threads:
        # HiGHS keeps one scheduler per thread and refuses another number of workers.
        getattr(highs, "resetThreadScheduler", highs.resetGlobalScheduler)(True)
    _thread.highs_threads = limits.threads
    options: dict[str, float | int | str] = {
        "threads": limits.threads,
        "random_seed": 0,
        "mip_rel_gap": limits.relative_gap,
        "mip_abs_gap": ABSOLUTE_GAP,
        "small_matrix_value": _SMALLEST_COEFFICIENT,
        "presolve": "choose" if limits.presolve else "off",
    }
    if limits.time_limit_s is not None:
        options["time_limit"] = max(0.0, limits.time_limit_s) * (_EARLIER if limits.method == "first order" else 1.0)
    if limits.cutoff is not None:
        options["objective_bound"] = limits.cutoff
    if limits.enough is not None:
        options["objective_target"] = limits.enough
    if limits.nodes is not None:
        options["mip_max_nodes"] = limits.nodes
    if limits.proves_only:
        options |= dict.fromkeys(_ONLY_FOR_ANSWERS, False)
    options |= _OPTIONS_OF_METHODS[limits.method]
    for option, value in options.items():
        highs.setOptionValue(option, value)
    kinds = highspy.cb.HighsCallbackType
    highs.setCallback(_callback(limits.cancel, looks, on_progress), None)
    highs.startCallback(kinds.kCallbackMipInterrupt)
    if limits.cancel is not None or on_progress is not None:
        highs.startCallback(kinds.kCallbackSimplexInterrupt)
    if on_progress is not None:
        highs.startCallback(kinds.kCallbackMipImprovingSolution)


def _callback(cancel: threading.Event | None, looks: _Looks, on_progress: OnProgress | None) -> Callable[..., None]:
    """A HiGHS callback that counts looks, stops the solver once they are over or `cancel` is set, reports progress."""
    kinds = highspy.cb.HighsCallbackType

    def callback(kind: object, _message: object, out: Any, wish: Any, _data: object) -> None:
        looks.count += kind == kinds.kCallbackMipInterrupt
        if looks.is_over or (cancel is not None and cancel.is_set()):
            wish.user_interrupt = True
        if on_progress is None or kind == kinds.kCallbackSimplexInterrupt:
            return
        is_incumbent = kind == kinds.kCallbackMipImprovingSolution
        on_progress(
            Answer(
                StopReason.TIME_LIMIT,
                out.objective_function_value if is_incumbent else None,
                out.mip_dual_bound if math.isfinite(out.mip_dual_bound) else None,
                np.array(out.mip_solution, dtype=float) if is_incumbent else None,
            )
        )

    return callback


def _lp_of(matrix: Matrix, *, relaxed: bool) -> highspy.HighsLp:
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = matrix.width, len(matrix.row_lower)
    lp.offset_ = matrix.offset
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = matrix.cost, matrix.lower, matrix.upper
    lp.row_lower_, lp.row_upper_ = matrix.row_lower, matrix.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.start, matrix.index, matrix.value
    if not relaxed:
        lp.integrality_ = [_KINDS[is_integer] for is_integer in matrix.is_integer.tolist()]
    return lp


def _read_roughly(highs: highspy.Highs, limits: Limits) -> Answer:
    """Prices and values as they were when the method ended, or its time did; they need not be those of a best solution.

    Only the prices mean something: any of them prove a bound, which is for the caller to calculate.
    """
    if limits.is_cancelled:
        raise Cancelled("stopped while HiGHS was solving")
    solution = highs.getSolution()
    prices = np.array(solution.row_dual, dtype=float)
    if not solution.dual_valid or not prices.any() or not np.isfinite(prices).all():
        return Answer(StopReason.TIME_LIMIT)
    value = highs.getInfo().objective_function_value
    return Answer(StopReason.EFFORT, value, None, np.array(solution.col_value, dtype=float), prices)


def _read(highs: highspy.Highs, looks: _Looks, *, relaxed: bool) -> Answer:
    status = highs.getModelStatus()
    is_interrupted = status == highspy.HighsModelStatus.kInterrupt
    if is_interrupted and not looks.is_over:
        raise Cancelled("stopped while HiGHS was solving")
    reason = StopReason.EFFORT if is_interrupted else _REASONS.get(status)
    if reason is None:
        raise SolverError(f"HiGHS ended with status {highs.modelStatusToString(status)!r}")
    info = highs.getInfo()
    if reason is StopReason.INFEASIBLE:
        return Answer(reason, units=looks.units)
    has_values = bool(info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible)
    solution = highs.getSolution()
    bound = info.objective_function_value if relaxed else info.mip_dual_bound
    return Answer(
        reason,
        info.objective_function_value if has_values else None,
        bound if math.isfinite(bound) else None,
        np.array(solution.col_value, dtype=float) if has_values else None,
        np.array(solution.row_dual, dtype=float) if relaxed and has_values else None,
        looks.units,
    )
