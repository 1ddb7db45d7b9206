"""Lexicographic goals as stages: the shortfall of a level, and holding it.

For goal t with direction d, value v and denominator |v| (u[t] >= 0 a continuous column):

    (15) |v| u[t] + d * total >= d * v      so that u[t] is at least the relative shortfall
    stage: minimize sum of u[t] over the level's goals, and hold it within 1e-9 relative

A shortfall counts from the exact sums, and is 0 where the goal is met within the tolerance of `optimizer.exact`. Where
rounding could decide whether it is held, it is measured without any.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from optimizer import exact
from optimizer.model.objectives import Goal, GoalLevel, goal_levels
from optimizer.model.problem import LOOSE
from optimizer.model.rows import Bits, Candidates, Row, Sense, Terms, flip_one_of
from optimizer.plan import ObjectiveMode, Plan, Scenario

_SURE = 1e-13
"""What rounding may add to a difference of relative shortfalls, and far more than that."""


@dataclass(frozen=True, slots=True)
class _GoalColumn:
    goal: Goal
    column: int
    total: Terms

    def relative_shortfall(self, bits: Bits) -> float:
        """0 where the goal is met."""
        if self.met().is_kept_by(bits):
            return 0.0
        # In one sum: what the total loses by rounding may be all that is left beside the target.
        asked = self.goal.direction * self.goal.target.value
        return exact.total([asked, *(-addend for addend in self.total.addends(bits))]) / self.goal.denominator

    def shortfall_as_written(self, bits: Bits) -> Fraction:
        """The same without any rounding."""
        if self.met().is_kept_by(bits):
            return Fraction(0)
        asked = self.goal.direction * exact.as_written(self.goal.target.value)
        return (asked - self.total.as_written(bits)) / exact.as_written(self.goal.denominator)

    def row(self) -> Row:
        """(15)."""
        terms = Terms((*self.total.columns, self.column), (*self.total.coefficients, self.goal.denominator))
        return Row(terms, Sense.AT_LEAST, self.goal.direction * self.goal.target.value, soft=True)

    def met(self) -> Row:
        """The row that the goal is met."""
        return Row(self.total, Sense.AT_LEAST, self.goal.direction * self.goal.target.value)


class LevelStage:
    """One level of goals: its relative shortfall as something to minimize, and then to hold."""

    def __init__(self, level: GoalLevel, candidates: Candidates, first_column: int) -> None:
        self.level = level
        self._goals = [
            _GoalColumn(
                goal,
                column,
                candidates.kpi_terms(goal.target.kpi, goal.target.slice, goal.direction, goal.target.period),
            )
            for column, goal in enumerate(level.goals, start=first_column)
        ]

    @property
    def stage_name(self) -> str:
        """What the stage that minimizes the shortfall is called in the answer."""
        return f"shortfall of {self.level.name}"

    @property
    def terms(self) -> Terms:
        """The sum of the level's shortfall columns."""
        return Terms(tuple(goal.column for goal in self._goals), (1.0,) * len(self._goals))

    @property
    def guide(self) -> Terms:
        """The sum of the level's goals, each relative to what its shortfall is relative to: more of it is nearer."""
        amounts: dict[int, float] = {}
        for goal in self._goals:
            for column, coefficient in zip(goal.total.columns, goal.total.coefficients, strict=True):
                amounts[column] = amounts.get(column, 0.0) + coefficient / goal.goal.denominator
        return Terms(tuple(amounts), tuple(amounts.values()))

    def rows(self) -> Iterator[Row]:
        """Rows (15) of the level."""
        return (goal.row() for goal in self._goals)

    def cut(self, bits: Bits) -> None:  # noqa: ARG002
        """A shortfall forbids nothing."""
        return

    def value(self, bits: Bits) -> float:
        """The sum of relative shortfalls, exactly."""
        return exact.total(goal.relative_shortfall(bits) for goal in self._goals)

    def as_written(self, bits: Bits) -> Fraction:
        """The same without any rounding."""
        return sum((goal.shortfall_as_written(bits) for goal in self._goals), Fraction(0))

    def bounds(self) -> Sequence[float]:
        """The largest shortfall that each column can need."""
        return [
            max(0.0, goal.goal.direction * goal.goal.target.value - sum(c for c in goal.total.coefficients if c < 0))
            / goal.goal.denominator
            * (1 + exact.RELATIVE)
            for goal in self._goals
        ]

    def limits(self, value: float) -> list[float]:
        """The largest shortfall of each column in a selection whose sum is no more than `value`.

        What is met within the tolerance counts as met, and its column needs room for as much.
        """
        room = LOOSE * (value + 1.0)
        return [
            value + room + 2.0 * exact.tolerance(goal.goal.target.value) / goal.goal.denominator for goal in self._goals
        ]

    def met(self) -> list[Row]:
        """The rows that every goal of the level is met."""
        return [goal.met() for goal in self._goals]

    def hold(self, value: float, written: Fraction | None = None) -> "ShortfallHold":
        """The demand that the shortfall stays at `value` (above 0), within the tolerance.

        `written` is the value without rounding, where it is known.
        """
        return ShortfallHold(self, value, exact.as_written(value) if written is None else written)

    def kept_at(self, bits: Bits) -> "Sequence[Row | ShortfallHold]":
        """The demands that the level stays as good as on a selection: every goal met, or else the shortfall held."""
        value = self.value(bits)
        return self.met() if value == 0 else [self.hold(value, self.as_written(bits))]

    def helpful(self, bits: Bits) -> Iterator[int]:
        """Columns whose flip brings at least one goal of the level closer."""
        columns = {
            column
            for goal in self._goals
            for column, coefficient in zip(goal.total.columns, goal.total.coefficients, strict=True)
            if coefficient and (coefficient > 0) != bool(bits[column])
        }
        return iter(sorted(columns))


@dataclass(frozen=True)
class ShortfallHold:
    """The relative shortfall of a level stays at its least value."""

    stage: LevelStage
    value: float
    written: Fraction

    def rows(self) -> Iterator[Row]:
        """``sum of u[t] <= value``; rows (15) are there already."""
        # Looser than it means, because (15) is not loosened: `cut` is what keeps it exact.
        slack = LOOSE * (self.value + len(self.stage.level.goals))
        yield Row(self.stage.terms, Sense.AT_MOST, self.value + slack, soft=True)

    def cut(self, bits: Bits) -> Row | None:
        """Without a flip that helps a goal the shortfall cannot fall: one of these must come."""
        if self._is_held(bits):
            return None
        return flip_one_of(self.stage.helpful(bits), bits)

    def _is_held(self, bits: Bits) -> bool:
        value = self.stage.value(bits)
        if abs(value - self.value - exact.tolerance(self.value)) > _SURE * max(value, 1.0):
            return exact.stays_within(value, self.value)
        return exact.reaches_as_written(-self.stage.as_written(bits), -self.written)


def level_stages(plan: Plan, scenario: Scenario, candidates: Candidates) -> list[LevelStage]:
    """The goals of a lexicographic scenario as stages, most important first; none in the other modes."""
    if scenario.objective_mode is not ObjectiveMode.LEXICOGRAPHIC:
        return []
    stages: list[LevelStage] = []
    column = candidates.width
    for level in goal_levels(plan, scenario):
        stages.append(LevelStage(level, candidates, column))
        column += len(level.goals)
    return stages
