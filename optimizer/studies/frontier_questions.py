"""The questions of a frontier: the best of one measure under a floor on the other, and what proven plans come to."""

import threading
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from math import inf
from typing import Annotated, Any

import numpy as np
from pydantic import PlainSerializer, PlainValidator

from optimizer import exact
from optimizer.model.objectives import objective_of
from optimizer.model.rows import Bits, Candidates, Terms
from optimizer.plan import Kpi, Plan, Scenario, Target, TargetKind
from optimizer.portfolio import Portfolio, SolverName
from optimizer.rules import rules_of
from optimizer.scenario import proven_portfolio, solve_scenario
from optimizer.search.clock import Clock
from optimizer.search.efficient_selections import EfficientSelections
from optimizer.search.solver_calls import SolverChoice
from optimizer.search.stages import Question
from optimizer.studies.frontier_axes import Measure, floor_of, grid_of_totals, with_axes
from optimizer.studies.parallel import Stopped
from optimizer.studies.plan_json import plan_from_json, plan_to_json
from optimizer.studies.question_set import Found, OtherWorkers, QuestionSet
from optimizer.studies.quick_answers import quick_answer

_BEYOND = 4.0
"""So many tolerances beyond a total are kept by no plan that has only that total."""


@dataclass(frozen=True, slots=True)
class EfficientPlan:
    """One point of a frontier: the totals of both measures in their own units, and the plan."""

    first: float
    second: float
    portfolio: Portfolio


class Questions:
    """What is asked about the plan of a scenario whose measures are both KPIs, and what was proven so far.

    Attributes:
        axes: the measures.
        is_proven: whether time ended no proof.
        near: selections that may be nearly the best answer to the next question.
    """

    def __init__(
        self,
        plan: Plan,
        scenario: Scenario,
        measures: tuple[Measure, Measure],
        *,
        solver: SolverName,
        time_limit_s: float | None,
        cancel: threading.Event,
        stop: Callable[[], bool],
        others: OtherWorkers | None = None,
    ) -> None:
        self.cancel, self.stop, self.others = cancel, stop, others
        self._about = plan, scenario.name, measures
        self.solver: SolverName = solver
        self.time_limit_s = time_limit_s
        self._plan, self.axes = with_axes(plan, scenario, measures)
        self._scenario = self._plan.scenarios[0]
        self.is_proven = True
        self.near: tuple[tuple[str, ...], ...] = ()

    def __getstate__(self) -> dict[str, object]:
        """What another process needs: with a wish to stop of its own."""
        own = ("cancel", "stop", "others", "candidates")
        return {name: value for name, value in self.__dict__.items() if name not in own}

    def __setstate__(self, state: dict[str, object]) -> None:
        """The same questions in another process."""
        self.__dict__.update(state, cancel=threading.Event(), stop=lambda: False, others=None)

    def to_json(self) -> dict[str, Any]:
        """What another machine needs, ready for json.dumps."""
        plan, scenario, measures = self._about
        return {
            "plan": plan_to_json(plan),
            "scenario": scenario,
            "measures": [(one.name, one.is_resource) for one in measures],
            "solver": self.solver,
            "time_limit_s": self.time_limit_s,
            "near": self.near,
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Questions":
        """The same questions on another machine, with a wish to stop of their own.

        Raises:
            pydantic.ValidationError: they are none.
        """
        plan = plan_from_json(document["plan"])
        first, second = (Measure(*one) for one in document["measures"])
        own = cls(
            plan,
            plan.scenario(document["scenario"]),
            (first, second),
            solver=document["solver"],
            time_limit_s=document["time_limit_s"],
            cancel=threading.Event(),
            stop=lambda: False,
        )
        own.near = tuple(map(tuple, document["near"]))
        return own

    def part(self) -> "Questions":
        """The same questions for a part of the frontier; whoever asked for all parts ends them, by `cancel`."""
        own = copy(self)
        own.stop, own.is_proven = lambda: False, True
        return own

    @property
    def sign(self) -> int:
        """+1 where more of the second measure is better, -1 where less is."""
        return self.axes[1].direction.sign

    @cached_property
    def step(self) -> float:
        """The decimal place on which every total of the second measure lies."""
        return grid_of_totals(self._plan, self._scenario, self.axes[1])

    @cached_property
    def candidates(self) -> Candidates:
        """The columns of all questions."""
        return Candidates(self._plan, self._scenario)

    def solve(self, aim: Kpi, floors: tuple[Target, ...]) -> Portfolio:
        """The best of a measure under floors, beside those of the scenario.

        Raises:
            Stopped: somebody asked for what was found so far.
            Cancelled, DefectError, SolverError, SolverUnavailableError: as `optimizer.scenario.solve_scenario`.
        """
        if self.stop():
            raise Stopped
        found = self.quick(aim, floors)
        if found is None:
            found = solve_scenario(
                self._asked(aim, floors),
                self._scenario.name,
                solver=self.solver,
                time_limit_s=self.time_limit_s,
                explain=False,
                break_ties=False,
                cancel=self.cancel,
            )
        if found.status.has_portfolio:
            self.near = (found.selected,)
        self.is_proven &= found.status.value in ("optimal", "infeasible")
        return found

    def quick(self, aim: Kpi, floors: tuple[Target, ...], units: float = inf) -> Portfolio | None:
        """The same, where it is proven by HiGHS with some units of work (`optimizer.search.clock`); else None."""
        if self.solver != "highs":
            return None
        clock = Clock.with_work(self.time_limit_s)
        plan, work = self._asked(aim, floors), clock.work.part(units)
        name, limit_s = self._scenario.name, self.time_limit_s
        return quick_answer(plan, name, self.near, time_limit_s=limit_s, work=work, cancel=self.cancel)

    def _asked(self, aim: Kpi, floors: tuple[Target, ...]) -> Plan:
        kept = tuple(target for target in self._scenario.targets if target.kind is TargetKind.FLOOR)
        asked = self._scenario.model_copy(update={"north_star": aim.key, "targets": (*kept, *floors)})
        return self._plan.model_copy(update={"scenarios": (asked,)})

    def point(self, portfolio: Portfolio) -> EfficientPlan:
        """A plan as a point of the frontier."""
        one, two = self.axes
        return EfficientPlan(portfolio.kpi_totals[one.key], portfolio.kpi_totals[two.key], portfolio)

    def beyond(self, total: float) -> float:
        """The next total of the second measure that is better than one by more than a bound is kept within."""
        unit = Decimal(repr(self.step))
        beyond = float((round(Decimal(repr(self.sign * total)) / unit) + 1) * unit)
        return self.sign * max(beyond, self.sign * total + _BEYOND * exact.tolerance(total))

    def proven(self, bits: Bits, second: float) -> EfficientPlan:
        """A selection that was proven to be the best by the first measure with so much of the second.

        Raises:
            DefectError: it disagrees with the plan.
        """
        plan = self._asked(self.axes[0], (floor_of(self.axes[1], second),))
        question = self._question(plan)
        objective = objective_of(plan, question.scenario)
        return self.point(proven_portfolio(question, objective, self.candidates.keys(bits)))

    def _question(self, plan: Plan) -> Question:
        (scenario,) = plan.scenarios
        return Question(
            plan,
            scenario,
            rules_of(plan, scenario),
            self.candidates,
            SolverChoice(self.solver),
            Clock(self.time_limit_s, self.cancel),
            breaks_ties=False,
        )

    def selections(self) -> tuple[EfficientSelections, float] | None:
        """A way to list efficient selections, and what its step of the second measure is in the measure's own unit.

        None where a solver has to be asked: over several periods, for who wants CBC, and where totals lie on no grid
        that is coarse enough.
        """
        if self.solver != "highs" or self.candidates.horizon:
            return None
        terms = [self.candidates.kpi_terms(axis.key, sign=axis.direction.sign) for axis in self.axes]
        grids = [grid_of_totals(self._plan, self._scenario, axis) for axis in self.axes]
        steps = [_step_of(one, grid) for one, grid in zip(terms, grids, strict=True)]
        search = self._question(self._asked(self.axes[0], ())).search()
        if not EfficientSelections.can_list(search, list(zip(terms, steps, strict=True))):
            return None
        return EfficientSelections(search, terms[0], terms[1], (steps[0], steps[1])), steps[1]


SharedQuestions = Annotated[Questions, PlainValidator(Questions.from_json), PlainSerializer(Questions.to_json)]
"""The questions of a frontier as a part of something that is stated as JSON."""


@dataclass(frozen=True)
class FrontierParts(QuestionSet[Found]):
    """Parts of a frontier, each of which is found apart from the others."""

    ask: SharedQuestions

    @property
    def cancel(self) -> threading.Event:
        """That of the frontier."""
        return self.ask.cancel

    @property
    def others(self) -> OtherWorkers | None:
        """Those of the frontier."""
        return self.ask.others


def _step_of(terms: Terms, grid: float) -> float:
    """What the coefficients are multiples of, which are all on a grid."""
    counts = np.round(np.abs(np.array(terms.coefficients)) / grid).astype(np.int64)
    return float(Decimal(repr(grid)) * max(1, int(np.gcd.reduce(counts))))
