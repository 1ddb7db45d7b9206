"""One way to ask many related questions about a scenario: edited plans, each solved only once, several side by side.

What is compared must be measured alike. A weighted sum that is normalized by ideals would get other factors in each
edited plan, so a study keeps the factors of the answer that it is about: s[k] is stated as a scale of ``1 / s[k]``,
which is the same formula (`optimizer.model.objectives`).
"""

import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator

from optimizer import exact
from optimizer.errors import PlanError
from optimizer.evaluate import Evaluation
from optimizer.model.objectives import Objective, goal_levels, objective_of
from optimizer.plan import Ban, Initiative, Mandate, Normalization, ObjectiveMode, Plan, Scenario
from optimizer.portfolio import PROVEN, Portfolio, SolverName
from optimizer.scenario import solve_scenario
from optimizer.search.stages import EXACT_UP_TO
from optimizer.studies.edits import Edit, edited
from optimizer.studies.plan_json import answer_from_json, answer_to_json, plan_from_json, plan_to_json
from optimizer.studies.question_set import OtherWorkers
from optimizer.studies.quick_answers import quick_answer

Worth = tuple[float, ...]
"""What a portfolio is worth, most important part first, larger is better: minus the relative shortfall of each level of
goals (lexicographic mode only), then the objective."""


@dataclass(frozen=True)
class Study:
    """A scenario with its answer, and how further questions about it are solved; equal ones are solved once.

    `time_limit_s` is wall time in seconds for each solve. `cancel` ends all of them when it is set from another thread.
    `others` may answer some of many questions.
    """

    whole_plan: Plan
    answer: Portfolio
    solver: SolverName = "highs"
    time_limit_s: float | None = None
    cancel: threading.Event = field(default_factory=threading.Event)
    others: OtherWorkers | None = field(default=None, repr=False)
    _solved: dict[tuple[tuple[Edit, ...], bool], Portfolio] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Refuses an answer that there is nothing to compare with.

        Raises:
            PlanError: the answer has no portfolio.
        """
        if not self.answer.status.has_portfolio:
            raise PlanError(f"scenario {self.answer.scenario!r} has no portfolio to compare with")

    def __getstate__(self) -> dict[str, object]:
        """What another process needs: without the answers so far, and with a wish to stop of its own."""
        return {name: value for name, value in self.__dict__.items() if name not in ("cancel", "others", "_solved")}

    def __setstate__(self, state: dict[str, object]) -> None:
        """The same study in another process."""
        self.__dict__.update(state, cancel=threading.Event(), others=None, _solved={})

    def to_json(self) -> dict[str, Any]:
        """What another machine needs, ready for json.dumps."""
        return {
            "plan": plan_to_json(self.whole_plan),
            "answer": answer_to_json(self.answer),
            "solver": self.solver,
            "time_limit_s": self.time_limit_s,
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Study":
        """The same study on another machine, with a wish to stop of its own.

        Raises:
            pydantic.ValidationError: it is none.
        """
        plan, answer = plan_from_json(document["plan"]), answer_from_json(document["answer"])
        return cls(plan, answer, document["solver"], document["time_limit_s"])

    @cached_property
    def plan(self) -> Plan:
        """The plan with only this scenario, its normalization stated by the factors of the answer."""
        scenario = self.whole_plan.scenario(self.answer.scenario)
        factors = self.answer.factors
        if not factors:
            return self.whole_plan.model_copy(update={"scenarios": (scenario,)})
        kpis = tuple(
            kpi.model_copy(update={"scale": 1.0 / factors[kpi.key]}) if kpi.key in factors else kpi
            for kpi in self.whole_plan.kpis
        )
        fixed = scenario.model_copy(update={"normalization": Normalization.SCALE})
        return self.whole_plan.model_copy(update={"kpis": kpis, "scenarios": (fixed,)})

    @property
    def scenario(self) -> Scenario:
        """The scenario of `plan`."""
        return self.plan.scenarios[0]

    @cached_property
    def candidates(self) -> tuple[Initiative, ...]:
        """What the scenario may select."""
        return self.plan.candidates(self.scenario)

    @property
    def room(self) -> float:
        """How far apart, relative to them, two values must be for one to be better: what a proof leaves open."""
        return exact.RELATIVE if len(self.candidates) <= EXACT_UP_TO else PROVEN

    def is_commanded(self, initiative: str) -> bool:
        """Whether a rule names the initiative as mandatory, or as left out: then no number of it decides."""
        named = any(isinstance(rule, Mandate | Ban) and rule.initiative == initiative for rule in self.scenario.rules)
        return named or self.plan.initiative(initiative).is_mandatory

    def solve(self, *edits: Edit, break_ties: bool = True, near: Collection[str] = ()) -> Portfolio:
        """The answer with some edits; of equally good portfolios the one nearest to the answer of the study.

        Without `break_ties` it is any of them, without reasons and scores of single initiatives, which is quicker where
        only the worth counts. `near` is then what else, beside the answer, may be nearly the best.

        Raises:
            Cancelled: `cancel` was set.
            DefectError, SolverError, SolverUnavailableError: as `optimizer.scenario.solve_scenario`.
            KeyError: an edit is about an initiative that the plan does not have.
        """
        known = self._solved.get((edits, True)) or self._solved.get((edits, break_ties))
        if known is None:
            plan = edited(self.plan, self.scenario.name, edits)
            if not break_ties and self.solver == "highs":
                known = self._quick_answer(plan, near)
            if known is None:
                known = solve_scenario(
                    plan,
                    self.scenario.name,
                    previous_selection=self.answer.selected,
                    solver=self.solver,
                    time_limit_s=self.time_limit_s,
                    explain=False,
                    break_ties=break_ties,
                    cancel=self.cancel,
                )
            self._solved[edits, break_ties] = known
        return known

    def _quick_answer(self, plan: Plan, near: Collection[str]) -> Portfolio | None:
        starts = (self.answer.selected, near) if near else (self.answer.selected,)
        return quick_answer(plan, self.scenario.name, starts, time_limit_s=self.time_limit_s, cancel=self.cancel)

    def worth(self, portfolio: Portfolio | Evaluation, *edits: Edit) -> Worth:
        """What a portfolio of the plan with these edits is worth.

        Raises:
            PlanError: it has none.
        """
        if portfolio.objective is None:
            raise PlanError(f"scenario {self.scenario.name!r} has no portfolio")
        plan = edited(self.plan, self.scenario.name, edits)
        levels: list[float] = []
        if self.scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC:
            short = {outcome.target: outcome.shortfall for outcome in portfolio.targets}
            levels += [
                -exact.total(short[goal.target] / goal.denominator for goal in level.goals)
                for level in goal_levels(plan, self.scenario)
            ]
        return (*levels, self.objective.sign * portfolio.objective)

    @cached_property
    def objective(self) -> Objective:
        """The scenario's objective, with the factors of the answer."""
        return objective_of(self.plan, self.scenario)


SharedStudy = Annotated[Study, PlainValidator(Study.from_json), PlainSerializer(Study.to_json)]
"""A study as a part of something that is stated as JSON."""


def is_better(worth: Worth, other: Worth, room: float = exact.RELATIVE) -> bool:
    """Whether `worth` is more than `other`, most important part first, by more than `room`, which is relative."""
    for mine, theirs in zip(worth, other, strict=True):
        tolerance = max(room * max(abs(mine), abs(theirs)), exact.ABSOLUTE_AT_ZERO)
        if mine - theirs > tolerance:
            return True
        if theirs - mine > tolerance:
            return False
    return False
