"""A plan made by hand, held against the best: what it breaks, what the same money buys, and the fewest changes to it.

Each question is a plan of its own for the same search. The worth of a portfolio is the scenario's objective, with the
factors of the study's answer; spending and changes are KPIs to which each initiative contributes its part:

    better at the same cost    maximize worth, using no more of any resource than the plan does
    cheaper at the same value  minimize the use of one resource, with at least the plan's worth (36)
    fewest changes             minimize sum of (1 - x[i]) over what is in the plan + sum of x[i] over what is not,
                               with a worth of at least the best one's less a share of it (36)

Where goals come before the objective, a plan that is better or cheaper misses none of them by more than the plan made
by hand, and the plan with the fewest changes none by more than the best one.

Over several periods the plan says when each initiative starts, and another start is a change as well (22). The fewest
changes d are found by halving: with at most d changes the best worth is enough, with d - 1 it is not, and both is
proven.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, partial

from optimizer import exact
from optimizer.evaluate import Evaluation, Violation, evaluate, selection_of
from optimizer.explain.relaxations import in_words
from optimizer.plan import TOKENS, ChangeLimit, Direction, Kpi, ObjectiveMode, Plan, Scenario, Selection
from optimizer.portfolio import Portfolio, RuleInWords, Status
from optimizer.rules import holding_objective, rules_of
from optimizer.rules.rule import BoundRule
from optimizer.scenario import solve_scenario
from optimizer.studies.held_goals import with_goals_held
from optimizer.studies.moves import Move, Moved, moved_between, moves_between
from optimizer.studies.opposite import is_verdict
from optimizer.studies.parallel import Stopped, solve_next
from optimizer.studies.stated_kpis import distance_amounts, floor, key_of, with_stated
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
    """A rule that the plan breaks, and by how much, in the rule's own unit; None for a rule of yes or no.

    `by` is the amount as people read it.
    """

    rule: RuleInWords
    amount: float | None
    by: str = ""


@dataclass(frozen=True)
class Alternative:
    """A plan that is better in one way: what differs from the one made by hand, and what it amounts to.

    `objective` is as people see the objective. Over several periods `starts` has the period in which each initiative
    starts, and `moved` what starts in another one.
    """

    selected: tuple[str, ...]
    came_in: tuple[str, ...]
    went_out: tuple[str, ...]
    objective: float
    resources: Mapping[str, float]
    starts: Mapping[str, str] = field(default_factory=dict)
    moved: tuple[Moved, ...] = ()


@dataclass(frozen=True)
class Audit:
    """What was found out about a plan made by hand.

    Attributes:
        evaluation: its totals, uses and targets.
        broken: the rules that it breaks.
        strangers: what it holds that is no candidate of the scenario, or starts when it cannot.
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


def audit_plan(
    study: Study, selection: Collection[str] | Mapping[str, str], *, stop: Callable[[], bool] = lambda: False
) -> Audit:
    """Audit a plan made by hand in the scenario of a study: keys, and over several periods when each starts.

    The best plan is the study's answer. In lexicographic mode the worth is that of the secondary objective, and goals
    are held. `stop` is asked again and again; True ends the audit with what was found so far, as Ctrl-C does.

    Raises:
        Cancelled, DefectError, SolverError, SolverUnavailableError: as `optimizer.scenario.solve_scenario`.
        KeyError: the plan has no such initiative.
        PlanError: the scenario has several periods, and a start is missing or not in one of them.
    """
    return _Auditor(study, selection_of(study.plan, study.scenario, selection), stop).audit()


class _Auditor:
    def __init__(self, study: Study, selection: Selection, stop: Callable[[], bool]) -> None:
        self.study = study
        self.stop = stop
        self.selection = selection
        self.horizon = study.plan.horizon(study.scenario)
        self.evaluation = evaluate(study.plan, study.scenario.name, selection)
        self.is_proven = True

    def audit(self) -> Audit:
        answer = self.study.answer
        looked_for = {
            AuditQuestion.BETTER: self._better,
            AuditQuestion.CHEAPER: self._cheaper,
            AuditQuestion.NEAR_BEST: self._nearest_in_time if self.horizon else self._nearest,
        }
        found: dict[AuditQuestion, Alternative | None] = {}
        unproven = []
        try:
            for question, look in looked_for.items():
                self.is_proven = True
                found[question] = look()
                if not self.is_proven:
                    unproven.append(question)
        except (KeyboardInterrupt, Stopped):
            pass
        near_best = found.get(AuditQuestion.NEAR_BEST)
        return Audit(
            evaluation=self.evaluation,
            broken=tuple(map(_broken, self.evaluation.violations)),
            strangers=self.evaluation.strangers,
            best_objective=answer.objective or 0.0,
            better=found.get(AuditQuestion.BETTER),
            cheaper=found.get(AuditQuestion.CHEAPER),
            near_best=near_best,
            moves=() if near_best is None else moves_between(self.study, self.selection, self._selection_of(near_best)),
            unproven=tuple(unproven),
            unanswered=tuple(question for question in looked_for if question not in found),
        )

    def _selection_of(self, other: Alternative) -> Selection:
        starts = other.starts if self.horizon else other.selected
        return selection_of(self.study.plan, self.study.scenario, starts)

    @property
    def _worth(self) -> float:
        """The worth of the plan; larger is better."""
        return self.study.objective.sign * self.evaluation.objective

    def _better(self) -> Alternative | None:
        scenario = with_goals_held(self.study.scenario, self.evaluation.targets)
        spent = [
            floor(_used(one.resource), exact.total([one.used, *(-cost for cost in self._stops(one.resource).values())]))
            for one in self.evaluation.resources
        ]
        found = self._solved(scenario.model_copy(update={"targets": (*scenario.targets, *spent)}))
        if found is None:
            return None
        gain = self.study.objective.sign * found.objective - self._worth
        return found if gain > self.study.room * abs(self._worth) else None

    def _cheaper(self) -> Alternative | None:
        resource = next(iter(self.study.scenario.capacities), TOKENS)
        scenario = with_goals_held(self.study.scenario, self.evaluation.targets)
        found = self._solved(_minimizing(scenario, _used(resource)), self._worth)
        used = next((use.used for use in self.evaluation.resources if use.resource == resource), 0.0)
        return found if found is not None and found.resources[resource] < used * (1 - self.study.room) else None

    def _nearest(self) -> Alternative | None:
        scenario = with_goals_held(self.study.scenario, self.study.answer.targets)
        return self._solved(_minimizing(scenario, _CHANGES), self._near_best)

    @property
    def _near_best(self) -> float:
        """The least worth that is near the best."""
        best = self.study.objective.sign * (self.study.answer.objective or 0.0)
        return best - NEAR_BEST * abs(best)

    def _nearest_in_time(self) -> Alternative | None:
        """The fewest changes, another start being one; of the plans with as many the best."""
        study, sign = self.study, self.study.objective.sign
        scenario = with_goals_held(study.scenario, study.answer.targets)
        nearest = self._alternative(study.answer)
        impossible, possible = -1, self._changes(nearest)
        while possible - impossible > 1:
            most = (impossible + possible) // 2
            limited = scenario.model_copy(update={"rules": (*scenario.rules, self._at_most(most))})
            found = self._ask(limited)
            worth = None if found.objective is None else sign * found.objective
            if worth is not None and exact.reaches(worth, self._near_best):
                nearest = self._alternative(found)
                possible = self._changes(nearest)
                continue
            bound = None if found.bound is None else sign * found.bound
            self.is_proven &= found.status is Status.INFEASIBLE or (bound is not None and bound < self._near_best)
            impossible = most
        return nearest

    def _at_most(self, most: int) -> ChangeLimit:
        """The rule that so many initiatives come in, go out or start in another period."""
        chosen = tuple(one.key for one in self.study.candidates if one.key in self.selection)
        starts = {key: self.horizon[self.selection.starts[key]] for key in chosen}
        return ChangeLimit(reference=chosen, most=most, since="your plan", starts=starts)

    def _changes(self, other: Alternative) -> int:
        """How many changes of candidates lead to another plan."""
        candidates = {one.key for one in self.study.candidates}
        gone = sum(key in candidates for key in other.went_out)
        return len(other.came_in) + gone + len(other.moved)

    def _solved(self, scenario: Scenario, least: float | None = None) -> Alternative | None:
        """The best plan of one question; None where there is none, or none was found in time."""
        found = self._ask(scenario, least)
        self.is_proven &= is_verdict(found)
        return self._alternative(found) if found.status.has_portfolio else None

    def _ask(self, scenario: Scenario, least: float | None = None) -> Portfolio:
        """The answer to one question, of the plans that are worth at least so much where that is given."""
        study = self.study
        plan = self._stated.model_copy(update={"scenarios": (scenario,)})
        rules = list(rules_of(plan, scenario))
        if least is not None:
            rules.append(holding_objective(plan, scenario, study.objective, least))
        question = partial(
            solve_scenario,
            plan,
            scenario.name,
            previous_selection=self.selection,
            solver=study.solver,
            time_limit_s=study.time_limit_s,
            explain=False,
            known=[self.selection, study.answer.selection],
            rules=rules,
            cancel=study.cancel,
        )
        return solve_next(question, study.cancel, self.stop)

    @cached_property
    def _stated(self) -> Plan:
        """The plan with use and changes as KPIs."""
        study = self.study
        amounts = {Kpi(key=_CHANGES, direction=Direction.LOWER): distance_amounts(study, self.selection)}
        for use in self.evaluation.resources:
            used, stops = Kpi(key=_used(use.resource), direction=Direction.LOWER), self._stops(use.resource)
            amounts[used] = {
                one.key: exact.total([one.costs.get(use.resource, 0.0), -stops.get(one.key, 0.0)])
                for one in study.candidates
            }
        return with_stated(study.plan, amounts)

    def _stops(self, resource: str) -> Mapping[str, float]:
        """What it costs to stop what may be stopped: it is saved where that goes on."""
        study = self.study
        return {one.key: one.stop_cost for one in study.plan.stoppable(study.scenario) if resource == TOKENS}

    def _alternative(self, found: Portfolio) -> Alternative:
        plan, name = self.study.plan, self.study.scenario.name
        truth = evaluate(plan, name, found.selection)
        return Alternative(
            selected=found.selected,
            came_in=tuple(key for key in found.selected if key not in self.selection),
            went_out=tuple(one.key for one in plan.initiatives if one.key in self.selection - set(found.selected)),
            objective=truth.objective,
            resources={use.resource: use.used for use in truth.resources},
            starts=truth.starts,
            moved=moved_between(self.evaluation.starts, truth.starts),
        )


def _broken(violation: Violation) -> BrokenRule:
    rule = violation.rule
    if not isinstance(rule, BoundRule):
        return BrokenRule(in_words(rule), None)
    return BrokenRule(in_words(rule), violation.amount, rule.shown(float(f"{violation.amount:.12g}")))


def _minimizing(scenario: Scenario, kpi: str) -> Scenario:
    """The scenario that only asks for as little as possible of a KPI."""
    return scenario.model_copy(update={"objective_mode": ObjectiveMode.NORTH_STAR, "north_star": kpi})


def _used(resource: str) -> str:
    return key_of(f"used {resource}")
