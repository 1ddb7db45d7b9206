"""A problem as arrays, and what is left of it when some columns are fixed."""

from itertools import product
from random import Random

import numpy as np
import pulp
import pytest

from optimizer.matrix import Matrix, matrix_of, open_part


def problem() -> pulp.LpProblem:
    """minimize 2 x0 - 3 x2 + u0 with x0 + x2 - x10 <= 1 and x2 + 4 u0 >= 2."""
    asked = pulp.LpProblem("p", pulp.LpMinimize)
    x = {n: asked.add_variable(f"x{n}", 0, 1, pulp.LpInteger) for n in (10, 2, 0)}
    shortfall = asked.add_variable("u0", 0, None)
    asked.setObjective(2 * x[0] - 3 * x[2] + 0 * x[10] + shortfall)
    asked.addConstraint(pulp.LpConstraint(x[0] + x[2] - x[10], pulp.LpConstraintLE, "c0", 1))
    asked.addConstraint(pulp.LpConstraint(x[2] + 4 * shortfall, pulp.LpConstraintGE, "c1", 2))
    return asked


def dense(matrix: Matrix) -> np.ndarray:
    rows = np.zeros((len(matrix.row_lower), matrix.width))
    rows[matrix.row_of_entry, matrix.index] = matrix.value
    return rows


def test_matrix_has_columns_by_number_and_rows_in_their_order() -> None:
    matrix = matrix_of(problem())
    assert matrix.cost.tolist() == [1, 2, -3, 0]
    assert matrix.upper.tolist() == [np.inf, 1, 1, 1]
    assert matrix.is_integer.tolist() == [False, True, True, True]
    assert dense(matrix).tolist() == [[0, 1, 1, -1], [4, 0, 1, 0]]
    assert (matrix.row_lower.tolist(), matrix.row_upper.tolist()) == ([-np.inf, 2], [1, np.inf])


def test_fixed_columns_move_into_bounds_and_offset() -> None:
    asked = problem()
    chosen = next(variable for variable in asked.variables() if variable.name == "x2")
    chosen.lowBound = chosen.upBound = 1
    part, columns = open_part(matrix_of(asked))
    assert columns.tolist() == [0, 1, 3]
    assert (part.offset, part.cost.tolist()) == (-3, [1, 2, 0])
    assert dense(part).tolist() == [[0, 1, -1], [4, 0, 0]]
    assert (part.row_lower.tolist(), part.row_upper.tolist()) == ([-np.inf, 1], [0, np.inf])


def test_rows_that_cannot_be_broken_any_more_are_left_out() -> None:
    asked = problem()
    chosen = next(variable for variable in asked.variables() if variable.name == "x10")
    chosen.lowBound = chosen.upBound = 1
    assert dense(open_part(matrix_of(asked))[0]).tolist() == [[4, 0, 1]]


@pytest.mark.parametrize("seed", range(20))
def test_open_part_allows_what_the_whole_allows_at_the_same_cost(seed: int) -> None:
    random = Random(seed)
    width, height = 6, 4
    rows = [[random.choice([0, 0, 1, -2, 3]) for _ in range(width)] for _ in range(height)]
    fixed = [random.choice([None, None, 0, 1]) for _ in range(width)]
    index = [column for row in rows for column in range(width) if row[column]]
    whole = Matrix(
        offset=1.5,
        cost=np.array([random.uniform(-1, 1) for _ in range(width)]),
        lower=np.array([float(value or 0) for value in fixed]),
        upper=np.array([1.0 if value is None else float(value) for value in fixed]),
        is_integer=np.ones(width, dtype=bool),
        row_lower=np.array([random.choice([-np.inf, -1.0, 0.0, 1.0]) for _ in rows]),
        row_upper=np.array([random.choice([np.inf, 2.0]) for _ in rows]),
        start=np.cumsum([0, *(sum(map(bool, row)) for row in rows)]).astype(np.int32),
        index=np.array(index, dtype=np.int32),
        value=np.array([float(a) for row in rows for a in row if a]),
    )
    part, columns = open_part(whole)
    for bits in product((0.0, 1.0), repeat=len(columns)):
        full = whole.lower.copy()
        full[columns] = bits
        assert part.offset + part.cost @ bits == pytest.approx(whole.offset + whole.cost @ full)
        amounts, own = dense(whole) @ full, dense(part) @ np.array(bits)
        is_kept = (amounts >= whole.row_lower).all() and (amounts <= whole.row_upper).all()
        assert is_kept == bool((own >= part.row_lower).all() and (own <= part.row_upper).all())
