"""A plan made by hand, held against the best: what it breaks, what the same money buys, and the fewest changes to it.

Each question is a plan of its own for the same search. The worth of a portfolio is the scenario's objective (with the
factors of the study's answer), stated as a KPI to which each initiative contributes its score; spending and changes
are such KPIs too:

    better at the same cost    maximize worth, using no more of any resource than the plan does
    cheaper at the same value  minimize the use of one resource, with at least the plan's worth
    fewest changes             minimize sum of (1 - x[i]) over what is in the plan + sum of x[i] over what is not,
                               with a worth of at least the best one's less a share of it

Where goals come before the objective, a plan that is better or cheaper misses none of them by more than the plan made
by hand, and the plan with the fewest changes none by more than the best one.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, partial

from optimizer.errors import PlanError
from optimizer.evaluate import Evaluation, evaluate
from optimizer.explain.relaxations import in_words
from optimizer.plan import TOKENS, Direction, Kpi, ObjectiveMode, Plan, Target, TargetKind
from optimizer.portfolio import Portfolio, RuleInWords, TargetOutcome
from optimizer.rules.rule import BoundRule
from optimizer.scenario import solve_scenario
from optimizer.studies.moves import Move, moves_between
from optimizer.studies.opposite import is_verdict
from optimizer.studies.parallel import Stopped, solve_next
from optimizer.studies.stated_kpis import (
    WORTH,
    distance_amounts,
    floor,
    key_of,
    with_stated,
    worth_amounts,
    worth_of_synergies,
)
from optimizer.studies.study import Study

NEAR_BEST = 0.01
"""How far from the best, relative to it, the plan with the fewest changes may be."""
_CHANGES = key_of("changes")


class AuditQuestion(StrEnum):
    """What an audit looks for by solving, in this order."""

    BETTER = "better_at_the_same_cost"
    CHEAPER = "cheaper_at_the_same_value"
    NEAR_BEST = "fewest_changes_to_near_best"


@dataclass(frozen=True)
class BrokenRule:
    """A rule that the plan breaks, and by how much, in the rule's own unit; None for a rule of yes or no."""

    rule: RuleInWords
    amount: float | None


@dataclass(frozen=True)
class Alternative:
    """A plan that is better in one way: what differs from the one made by hand, and what it amounts to.

    `objective` is as people see the objective.
    """

    selected: tuple[str, ...]
    came_in: tuple[str, ...]
    went_out: tuple[str, ...]
    objective: float
    resources: Mapping[str, float]


@dataclass(frozen=True)
class Audit:
    """What was found out about a plan made by hand.

    Attributes:
        evaluation: its totals, uses and targets.
        broken: the rules that it breaks.
        strangers: what it holds that is no candidate of the scenario.
        best_objective: the objective of the best plan, as people see it.
        better: more worth for no more of any resource; None where there is none, or `unproven`.
        cheaper: the same worth for less of the first resource that is limited; likewise.
        near_best: the plan with the fewest changes that keeps all rules and is within `NEAR_BEST` of the best; None
            where none was found in time.
        moves: the way there in small moves, each with its price.
        unproven: what time ended before it was proven that there is nothing, or nothing more, to be found.
        unanswered: what was not looked for because somebody ended the audit; its plan is None.
    """

    evaluation: Evaluation
    broken: tuple[BrokenRule, ...]
    strangers: tuple[str, ...]
    best_objective: float
    better: Alternative | None
    cheaper: Alternative | None
    near_best: Alternative | None
    moves: tuple[Move, ...] = ()
    unproven: tuple[AuditQuestion, ...] = ()
    unanswered: tuple[AuditQuestion, ...] = ()

    @property
    def alternatives(self) -> Mapping[AuditQuestion, Alternative | None]:
        """The plan that answers each question."""
        return {
            AuditQuestion.BETTER: self.better,
            AuditQuestion.CHEAPER: self.cheaper,
            AuditQuestion.NEAR_BEST: self.near_best,
        }


def audit_plan(study: Study, selection: Collection[str], *, stop: Callable[[], bool] = lambda: False) -> Audit:
    """Audit a plan made by hand in the scenario of a study. The best plan is the study's answer.

    In lexicographic mode the worth is that of the secondary objective, and goals are held. `stop` is asked again and
    again; True ends the audit with what was found so far, as Ctrl-C does.

    Raises:
        Cancelled, DefectError, SolverError, SolverUnavailableError: as `optimizer.scenario.solve_scenario`.
        KeyError: the plan has no such initiative.
        PlanError: the scenario has several periods; a selection alone does not say when anything starts.
    """
    if study.plan.horizon(study.scenario):
        raise PlanError(
            f"scenario {study.scenario.name!r} has several periods: a selection does not say what starts when"
        )
    return _Auditor(study, frozenset(selection), stop).audit()


class _Auditor:
    def __init__(self, study: Study, selection: frozenset[str], stop: Callable[[], bool]) -> None:
        self.study = study
        self.stop = stop
        self.selection = selection
        self.evaluation = evaluate(study.plan, study.scenario.name, selection)
        self.is_proven = True

    def audit(self) -> Audit:
        answer = self.study.answer
        looked_for = {
            AuditQuestion.BETTER: self._better,
            AuditQuestion.CHEAPER: self._cheaper,
            AuditQuestion.NEAR_BEST: self._near_best,
        }
        found: dict[AuditQuestion, Alternative | None] = {}
        unproven = []
        try:
            for question, look in looked_for.items():
                found[question] = look()
                if not self.is_proven:
                    unproven.append(question)
        except (KeyboardInterrupt, Stopped):
            pass
        near_best = found.get(AuditQuestion.NEAR_BEST)
        return Audit(
            evaluation=self.evaluation,
            broken=tuple(
                BrokenRule(in_words(one.rule), one.amount if isinstance(one.rule, BoundRule) else None)
                for one in self.evaluation.violations
            ),
            strangers=self.evaluation.strangers,
            best_objective=answer.objective or 0.0,
            better=found.get(AuditQuestion.BETTER),
            cheaper=found.get(AuditQuestion.CHEAPER),
            near_best=near_best,
            moves=() if near_best is None else moves_between(self.study, self.selection, near_best.selected),
            unproven=tuple(unproven),
            unanswered=tuple(question for question in looked_for if question not in found),
        )

    @property
    def _worth(self) -> float:
        """The worth of the plan; larger is better."""
        return self.study.objective.sign * self.evaluation.objective

    def _better(self) -> Alternative | None:
        spent = [floor(_used(one.resource), one.used) for one in self.evaluation.resources]
        found = self._solve(WORTH, [*spent, *self._held(self.evaluation.targets)])
        if found is None:
            return None
        gain = self.study.objective.sign * found.objective - self._worth
        return found if gain > self.study.room * abs(self._worth) else None

    def _cheaper(self) -> Alternative | None:
        resource = next(iter(self.study.scenario.capacities), TOKENS)
        found = self._solve(_used(resource), [floor(WORTH, self._worth), *self._held(self.evaluation.targets)])
        used = next((use.used for use in self.evaluation.resources if use.resource == resource), 0.0)
        return found if found is not None and found.resources[resource] < used * (1 - self.study.room) else None

    def _near_best(self) -> Alternative | None:
        best = self.study.objective.sign * (self.study.answer.objective or 0.0)
        bounds = [floor(WORTH, best - NEAR_BEST * abs(best)), *self._held(self.study.answer.targets)]
        return self._solve(_CHANGES, bounds)

    def _held(self, outcomes: Sequence[TargetOutcome]) -> list[Target]:
        """Floors that hold each goal where it comes first: reached, or missed by no more than in a plan."""
        if self.study.scenario.objective_mode is not ObjectiveMode.LEXICOGRAPHIC:
            return []
        return [
            one.target.model_copy(
                update={
                    "kind": TargetKind.FLOOR,
                    "value": one.target.value if one.met else one.achieved,
                    "stated": None,
                    "baseline": None,
                }
            )
            for one in outcomes
            if one.target.kind is TargetKind.GOAL
        ]

    def _solve(self, aim: str, bounds: Sequence[Target]) -> Alternative | None:
        """The best plan of one question; None where there is none, or none was found in time."""
        scenario = self._stated.scenarios[0]
        kept = tuple(target for target in scenario.targets if target.kind is TargetKind.FLOOR)
        asked = scenario.model_copy(update={"north_star": aim, "targets": (*kept, *bounds)})
        question = partial(
            solve_scenario,
            self._stated.model_copy(update={"scenarios": (asked,)}),
            asked.name,
            previous_selection=self.selection,
            solver=self.study.solver,
            time_limit_s=self.study.time_limit_s,
            explain=False,
            cancel=self.study.cancel,
        )
        found = solve_next(question, self.study.cancel, self.stop)
        self.is_proven = is_verdict(found)
        return self._alternative(found) if found.status.has_portfolio else None

    @cached_property
    def _stated(self) -> Plan:
        """The plan with worth, use and changes as KPIs."""
        study = self.study
        amounts = {
            Kpi(key=WORTH): worth_amounts(study),
            Kpi(key=_CHANGES, direction=Direction.LOWER): distance_amounts(study, self.selection),
        }
        for use in self.evaluation.resources:
            used = Kpi(key=_used(use.resource), direction=Direction.LOWER)
            amounts[used] = {one.key: one.costs.get(use.resource, 0.0) for one in study.candidates}
        scenario = study.scenario.model_copy(
            update={
                "objective_mode": ObjectiveMode.NORTH_STAR,
                "rules": (*study.scenario.rules, *worth_of_synergies(study)),
            }
        )
        return with_stated(study.plan.model_copy(update={"scenarios": (scenario,)}), amounts)

    def _alternative(self, found: Portfolio) -> Alternative:
        plan, name = self.study.plan, self.study.scenario.name
        truth = evaluate(plan, name, found.selected)
        return Alternative(
            selected=found.selected,
            came_in=tuple(key for key in found.selected if key not in self.selection),
            went_out=tuple(one.key for one in plan.initiatives if one.key in self.selection - set(found.selected)),
            objective=truth.objective,
            resources={use.resource: use.used for use in truth.resources},
        )


def _used(resource: str) -> str:
    return key_of(f"used {resource}")
