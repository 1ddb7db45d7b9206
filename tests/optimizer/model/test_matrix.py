"""A problem as arrays, and what is left of it when some columns are fixed."""

from itertools import product
from random import Random

import numpy as np
import pulp
import pytest

from optimizer.model.matrix import Arrays, Matrix, open_part


class Asked:
    """minimize 2 x0 - 3 x2 + u0 with x0 + x2 - x10 <= 1 and x2 + 4 u0 >= 2; columns x0, x2, x10, u0."""

    def __init__(self) -> None:
        self.problem = pulp.LpProblem("p", pulp.LpMinimize)
        self.x = [self.problem.add_variable(f"x{n}", 0, 1, pulp.LpInteger) for n in (0, 2, 10)]
        self.shortfall = self.problem.add_variable("u0", 0, None)
        self.arrays = Arrays(self.problem, [*self.x, self.shortfall])
        self.problem.setObjective(2 * self.x[0] - 3 * self.x[1] + self.shortfall)
        self.at_most(self.x[0] + self.x[1] - self.x[2], 1)
        self.problem.addConstraint(pulp.LpConstraint(self.x[1] + 4 * self.shortfall, pulp.LpConstraintGE, "c1", 2))

    def at_most(self, expression: pulp.LpAffineExpression, bound: float) -> None:
        name = f"c{self.problem.numConstraints()}"
        self.problem.addConstraint(pulp.LpConstraint(expression, pulp.LpConstraintLE, name, bound))

    def fix(self, place: int) -> None:
        self.x[place].lowBound = self.x[place].upBound = 1


def dense(matrix: Matrix) -> np.ndarray:
    rows = np.zeros((len(matrix.row_lower), matrix.width))
    rows[matrix.row_of_entry, matrix.index] = matrix.value
    return rows


def test_matrix_is_the_problem() -> None:
    matrix = Asked().arrays.matrix()
    assert matrix.cost.tolist() == [2, -3, 0, 1]
    assert matrix.upper.tolist() == [1, 1, 1, np.inf]
    assert matrix.is_integer.tolist() == [True, True, True, False]
    assert dense(matrix).tolist() == [[1, 1, -1, 0], [0, 1, 0, 4]]
    assert (matrix.row_lower.tolist(), matrix.row_upper.tolist()) == ([-np.inf, 2], [1, np.inf])


def test_matrix_has_what_came_since_it_was_last_asked_for() -> None:
    asked = Asked()
    asked.arrays.matrix()
    asked.at_most(asked.x[0] + 5 * asked.x[2], 4)
    asked.problem.setObjective(7 * asked.x[2])
    asked.fix(1)
    matrix = asked.arrays.matrix()
    assert dense(matrix).tolist() == [[1, 1, -1, 0], [0, 1, 0, 4], [1, 0, 5, 0]]
    assert (matrix.row_upper.tolist(), matrix.cost.tolist()) == ([1, np.inf, 4], [0, 0, 7, 0])
    assert matrix.lower.tolist() == [0, 1, 0, 0]


def test_fixed_columns_move_into_bounds_and_offset() -> None:
    asked = Asked()
    asked.fix(1)
    part, columns = open_part(asked.arrays.matrix())
    assert columns.tolist() == [0, 2, 3]
    assert (part.offset, part.cost.tolist()) == (-3, [2, 0, 1])
    assert dense(part).tolist() == [[1, -1, 0], [0, 0, 4]]
    assert (part.row_lower.tolist(), part.row_upper.tolist()) == ([-np.inf, 1], [0, np.inf])


def test_rows_that_cannot_be_broken_any_more_are_left_out() -> None:
    asked = Asked()
    asked.fix(2)
    assert dense(open_part(asked.arrays.matrix())[0]).tolist() == [[0, 1, 4]]


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
