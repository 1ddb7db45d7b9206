"""The same problem written for the solver by hand: arrays from the plan, `passModel`, the selection that comes back.

What somebody would write who needs this one answer and nothing else: no exact re-check, no rules in words, no ties. It
shares no code with the optimizer's model, only its settings. Rows stay in native units; the objective is scaled by a
power of two as ours is, so that the absolute gap means the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import highspy
import numpy as np

from optimizer import exact
from optimizer.model.objectives import objective_of
from optimizer.plan import Initiative, Plan, Scenario, Slice, TargetKind, TokenBound, rules_of_kind
from optimizer.search.exact_search import Search

ABSOLUTE_GAP = 1e-6
EXACT_UP_TO, LARGE_PLAN_GAP = 1_000, 5e-7
LARGEST_COST = 2.0**20


@dataclass(frozen=True)
class Problem:
    """Minimize ``cost @ z`` for binary z within column and row bounds; the matrix is by rows. `keys` names the first
    columns, the initiatives; synergies follow."""

    keys: Sequence[str]
    cost: np.ndarray
    cost_scale: float
    column_lower: np.ndarray
    row_lower: np.ndarray
    row_upper: np.ndarray
    start: np.ndarray
    index: np.ndarray
    value: np.ndarray

    @property
    def relative_gap(self) -> float:
        """The gap asked of the solver, as for ours."""
        return 0.0 if len(self.keys) <= EXACT_UP_TO else LARGE_PLAN_GAP

    def selected(self, values: Iterable[float]) -> frozenset[str]:
        """The keys that a solver's values select."""
        return frozenset(key for key, value in zip(self.keys, values, strict=False) if value > 0.5)


@dataclass(frozen=True)
class Solved:
    """A solver's selection and its objective in native units; `objective` None where time ended first."""

    selected: frozenset[str]
    objective: float | None


class _Rows:
    """Rows as lists that become arrays."""

    def __init__(self) -> None:
        self.lower: list[float] = []
        self.upper: list[float] = []
        self.lengths: list[int] = []
        self.index: list[np.ndarray] = []
        self.value: list[np.ndarray] = []

    def add(self, lower: float, upper: float, index: Sequence[int] | np.ndarray, value: object = 1.0) -> None:
        columns = np.asarray(index, dtype=np.int32)
        self.lower.append(lower)
        self.upper.append(upper)
        self.lengths.append(len(columns))
        self.index.append(columns)
        self.value.append(np.broadcast_to(np.asarray(value, dtype=float), columns.shape))

    def dense(self, lower: float, upper: float, values: np.ndarray) -> None:
        index = np.flatnonzero(values)
        self.add(lower, upper, index, values[index])


def problem_of(plan: Plan, scenario: Scenario) -> Problem:
    """The objective stage of a scenario without goals of higher priority."""
    initiatives = sorted(plan.candidates(scenario), key=lambda initiative: initiative.key)
    column = {initiative.key: position for position, initiative in enumerate(initiatives)}
    synergies = scenario.synergies
    width = len(initiatives) + len(synergies)
    rows = _Rows()
    infinity = highspy.kHighsInf

    def amounts(values: Iterable[float]) -> np.ndarray:
        return np.pad(np.fromiter(values, float, len(initiatives)), (0, len(synergies)))

    def total(kpi: str, part: Slice | None = None) -> np.ndarray:
        values = amounts(i.contributions.get(kpi, 0.0) if _is_in(i, part) else 0.0 for i in initiatives)
        for position, synergy in enumerate(synergies, start=len(initiatives)):
            if synergy.kpi == kpi and all(_is_in(plan.initiative(key), part) for key in synergy.members):
                values[position] = synergy.value
        return values

    for resource, capacity in scenario.capacities.items():
        rows.dense(-infinity, capacity, amounts(i.costs.get(resource, 0.0) for i in initiatives))
    for bound in rules_of_kind(scenario.rules, TokenBound):
        tokens = amounts(i.tokens if _is_in(i, bound.slice) else 0.0 for i in initiatives)
        rows.dense(bound.min_tokens or 0.0, infinity if bound.max_tokens is None else bound.max_tokens, tokens)
    for target in scenario.targets:
        if target.kind is TargetKind.FLOOR:
            sign = plan.kpi(target.kpi).direction.sign
            rows.dense(sign * target.value, infinity, sign * total(target.kpi, target.slice))

    bundles: dict[str, list[int]] = defaultdict(list)
    variants: dict[str, list[int]] = defaultdict(list)
    for position, initiative in enumerate(initiatives):
        for other in initiative.exclusion_keys:
            rows.add(-infinity, 1.0, (position, column[other]))
        for other in initiative.prerequisite_keys:
            rows.add(0.0, infinity, (column[other], position), (1.0, -1.0))
        if initiative.bundle_key is not None:
            bundles[initiative.bundle_key].append(position)
        if initiative.variant_of is not None:
            variants[initiative.variant_of].append(position)
    for members in bundles.values():
        for pair in pairwise(members):
            rows.add(0.0, 0.0, pair, (1.0, -1.0))
    for members in variants.values():
        rows.add(-infinity, 1.0, members)
    for earned, synergy in enumerate(synergies, start=len(initiatives)):
        members = [column[key] for key in synergy.members]
        for member in members:
            rows.add(0.0, infinity, (member, earned), (1.0, -1.0))
        rows.add(-infinity, len(members) - 1.0, (*members, earned), (1.0,) * len(members) + (-1.0,))

    cost = np.zeros(width)
    for kpi, coefficient in objective_of(plan, scenario).coefficients.items():
        cost -= coefficient * total(kpi)
    scale = LARGEST_COST / exact.power_of_two_near(float(np.abs(cost).max()))
    return Problem(
        keys=[initiative.key for initiative in initiatives],
        cost=cost * scale,
        cost_scale=scale,
        column_lower=amounts(float(i.is_mandatory) for i in initiatives),
        row_lower=np.array(rows.lower),
        row_upper=np.array(rows.upper),
        start=np.cumsum([0, *rows.lengths], dtype=np.int32),
        index=np.concatenate(rows.index),
        value=np.concatenate(rows.value),
    )


def problem_of_search(search: Search) -> Problem:
    """Our own rows, order and scale as arrays: HiGHS then walks the same path, and only our overhead differs."""
    model = search.model
    column = {variable: position for position, variable in enumerate(model.variables)}
    constraints = model.problem.constraints()
    lower, upper = [c.getLb() for c in constraints], [c.getUb() for c in constraints]
    return Problem(
        keys=[initiative.key for initiative in search.candidates.initiatives],
        cost=np.array([model.problem.objective[variable] for variable in model.variables]),
        cost_scale=model.cost_scale,
        column_lower=np.array([variable.lowBound for variable in model.variables], dtype=float),
        row_lower=np.array([-highspy.kHighsInf if bound is None else bound for bound in lower]),
        row_upper=np.array([highspy.kHighsInf if bound is None else bound for bound in upper]),
        start=np.cumsum([0, *(len(constraint) for constraint in constraints)], dtype=np.int32),
        index=np.array([column[variable] for constraint in constraints for variable in constraint], dtype=np.int32),
        value=np.array([a for constraint in constraints for a in constraint.values()], dtype=float),
    )


def solve_with_highs(problem: Problem, time_limit_s: float = highspy.kHighsInf) -> Solved:
    """HiGHS with the optimizer's settings.

    Raises:
        RuntimeError: HiGHS found no proven answer for another reason than time.
    """
    highs = highspy.Highs()
    for option, setting in {
        "output_flag": False,
        "threads": 1,
        "random_seed": 0,
        "mip_rel_gap": problem.relative_gap,
        "mip_abs_gap": ABSOLUTE_GAP,
        "small_matrix_value": 1e-12,
        "time_limit": time_limit_s,
    }.items():
        highs.setOptionValue(option, setting)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(problem.cost), len(problem.row_lower)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = problem.cost, problem.column_lower, np.ones(len(problem.cost))
    lp.row_lower_, lp.row_upper_ = problem.row_lower, problem.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = problem.start, problem.index, problem.value
    lp.integrality_ = [highspy.HighsVarType.kInteger] * len(problem.cost)
    highs.passModel(lp)
    highs.run()
    status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kTimeLimit:
        return Solved(frozenset(), None)
    if status != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError(f"HiGHS ended with status {highs.modelStatusToString(status)}")
    values = highs.getSolution().col_value
    return Solved(problem.selected(values), -highs.getInfo().objective_function_value / problem.cost_scale)


def _is_in(initiative: Initiative, part: Slice | None) -> bool:
    return part is None or initiative.dimensions.get(part.dimension) == part.key
