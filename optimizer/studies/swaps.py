"""Exchanges of one initiative for another that no rule can forbid, whatever else is selected.

Every rule of a plan of one period is a row over what is selected (`optimizer.model.rows`). Where no row is any worse
for j than for i, any portfolio with i and without j keeps every rule with j in the place of i too.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.model.rows import Candidates
from optimizer.plan import Plan, Scenario
from optimizer.rules import rules_of
from optimizer.search.clock import Clock
from optimizer.search.solver_calls import SolverChoice
from optimizer.search.stages import Question


@dataclass(frozen=True)
class Swaps:
    """What a scenario's rows say of each candidate: a row is kept where its `amounts`, selected, reach its bound.

    `is_free` says of which candidates no rule alone decides.
    """

    columns: dict[str, int]
    amounts: NDArray[np.float64]
    bounds: NDArray[np.float64]
    is_free: NDArray[np.bool_]

    @classmethod
    def of(cls, plan: Plan, scenario: Scenario) -> "Swaps | None":
        """The rows of a scenario; None over several periods, or with synergies, which have columns of their own."""
        candidates = Candidates(plan, scenario)
        if candidates.horizon or candidates.width != len(candidates.options):
            return None
        clock = Clock.with_work(None, None)
        question = Question(plan, scenario, rules_of(plan, scenario), candidates, SolverChoice(), clock, False)
        search = question.search()
        rows = list(search.rows())
        if any(row.soft for row in rows):
            return None
        amounts = np.zeros((len(rows), candidates.width))
        for number, row in enumerate(rows):
            amounts[number, list(row.terms.columns)] = row.direction * np.array(row.terms.coefficients)
        return cls(
            {option.key: column for column, option in enumerate(candidates.options)},
            amounts,
            np.array([row.direction * row.bound for row in rows]),
            np.array([not search.model.is_fixed(column) for column in range(candidates.width)]),
        )

    def replaced_by(self, key: str) -> list[str]:
        """The candidates whose place this one can always take."""
        return self._named(self.amounts[:, [self.columns[key]]] >= self.amounts)

    def replacing(self, key: str) -> list[str]:
        """The candidates that can always take the place of this one."""
        return self._named(self.amounts >= self.amounts[:, [self.columns[key]]])

    def hindering(self, key: str) -> list[int]:
        """The rows that can forbid to add the candidate."""
        found: list[int] = np.flatnonzero(self.amounts[:, self.columns[key]] < 0).tolist()
        return found

    def _named(self, is_no_worse: NDArray[np.bool_]) -> list[str]:
        kept = is_no_worse.all(axis=0) & self.is_free
        return [key for key, column in self.columns.items() if kept[column]]
