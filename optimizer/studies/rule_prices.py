"""What each rule costs: the same scenario solved without it, and what an equal share for every team would cost.

Capacities have a curve of their own (`optimizer.studies.capacity_value`). What one cell says is one rule, also where it
holds in each of several periods. A rule costs nothing where the best plan
without it is worth no more; several rules together may cost more than their prices add up to, since each alone may be
kept by another.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from optimizer.evaluate import evaluate
from optimizer.explain.relaxations import Cell, cells_of, in_words
from optimizer.plan import TOKENS, ObjectiveMode, Plan, Scenario, ShareBound, Slice, Target, TargetKind
from optimizer.portfolio import Portfolio, RuleInWords, TargetOutcome
from optimizer.rules import holding, rules_of
from optimizer.rules.rule import Rule
from optimizer.scenario import solve_scenario
from optimizer.studies.edits import STUDY
from optimizer.studies.opposite import is_verdict
from optimizer.studies.parallel import solve_many
from optimizer.studies.study import Study
from optimizer.studies.study_questions import StudyQuestions
from optimizer.wording import percent, with_source


@dataclass(frozen=True)
class RulePrice:
    """The best plan without a rule (or, of an equal share, with it), against the answer.

    `objective_change` is its objective less the answer's, as people see the objective; None where there is no such
    plan, or none was found in time (see the status of `portfolio`). `targets` are those of the scenario as the plan
    meets them. `came_in` and `went_out` are in the order of the plan. `is_proven` says that time ended no proof.
    """

    rule: RuleInWords
    portfolio: Portfolio
    objective_change: float | None
    targets: tuple[TargetOutcome, ...]
    came_in: tuple[str, ...]
    went_out: tuple[str, ...]
    is_proven: bool

    @property
    def changes_nothing(self) -> bool:
        """Whether the answer is the best plan without the rule too."""
        return not self.came_in and not self.went_out


@dataclass(frozen=True)
class RulePrices:
    """The price of each rule, of all of them together, and of an equal share for each value of a dimension.

    `together` is without rules, reserve and goals, None where these are fewer than two; `equal_shares` has one for each
    dimension. `missing` is how many further prices, in this order, were not found because somebody ended the study.
    """

    rules: tuple[RulePrice, ...]
    together: RulePrice | None
    equal_shares: tuple[RulePrice, ...]
    missing: int = 0


def solve_rule_prices(
    study: Study,
    *,
    dimensions: Sequence[str] = (),
    workers: int | None = None,
    on_begin: Callable[[int], None] | None = None,
    on_done: Callable[[], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> RulePrices:
    """Solve a scenario without each of its rules and, in lexicographic mode, its goals; capacities stay.

    For each of `dimensions`, it is also solved with no value of the dimension getting more than an equal share of the
    first limited resource. `workers` is how many are solved at once, None for one per core. `on_begin` is called with
    the number of solves, `on_done` after each. `stop` is asked again and again; True ends the study with the prices
    found so far, as Ctrl-C does.

    Raises:
        Cancelled, DefectError, SolverError, SolverUnavailableError: as `optimizer.scenario.solve_scenario`.
    """
    questions = RulePriceQuestions(study, tuple(dimensions))
    if on_begin is not None:
        on_begin(len(questions))
    found = solve_many(questions, stop, workers=workers, on_done=on_done)
    single, rest = questions.single, found[questions.single :]
    together = rest.pop(0) if questions.has_together and rest else None
    return RulePrices(tuple(found[:single]), together, tuple(rest), len(questions) - len(found))


@dataclass(frozen=True)
class RulePriceQuestions(StudyQuestions[RulePrice]):
    """The price of each rule, then of all together, then of equal shares for each of `dimensions`."""

    dimensions: tuple[str, ...]

    @cached_property
    def _rules(self) -> Sequence[Rule]:
        return rules_of(self.study.plan, self.study.scenario)

    @cached_property
    def _priced(self) -> list[Cell]:
        return [*dict.fromkeys(cells_of([rule for rule in self._rules if not rule.is_capacity]).values())]

    @cached_property
    def _alone(self) -> list[Callable[[], RulePrice]]:
        study = self.study
        solves = [partial(_without, study, cell, self._rules) for cell in self._priced]
        if study.scenario.reserve:
            solves.append(partial(_without_reserve, study))
        return [*solves, *(partial(_without_goal, study, goal) for goal in _goals(study.scenario))]

    @cached_property
    def _solves(self) -> list[Callable[[], RulePrice]]:
        together = [partial(_without_all, self.study)] if self.has_together else []
        return [*self._alone, *together, *(partial(_with_equal_shares, self.study, one) for one in self._shared)]

    @cached_property
    def _shared(self) -> list[str]:
        return [one for one in self.dimensions if _values(self.study, one)]

    @property
    def has_together(self) -> bool:
        """Whether there is a price of all rules together."""
        return len(self._alone) > 1

    @property
    def single(self) -> int:
        """How many are the price of one rule, or goal."""
        return len(self._alone)

    def __len__(self) -> int:
        """How many prices there are."""
        return len(self._solves)

    def answer(self, number: int) -> RulePrice:
        """One of them."""
        return self._solves[number]()


def _goals(scenario: Scenario) -> list[Target]:
    if scenario.objective_mode is not ObjectiveMode.LEXICOGRAPHIC:
        return []
    return [target for target in scenario.targets if target.kind is TargetKind.GOAL]


def _without(study: Study, dropped: Cell, rules: Sequence[Rule]) -> RulePrice:
    kept = [rule for rule in rules if rule not in dropped]
    return _price(study, in_words(*dropped), _solve(study, study.plan, kept))


def _without_all(study: Study) -> RulePrice:
    """Without rules, reserve and goals: everything that has a price of its own."""
    scenario = _without_goals(study.scenario, _goals(study.scenario)).model_copy(update={"reserve": 0.0})
    plan = study.plan.model_copy(update={"scenarios": (scenario,)})
    kept = [rule for rule in rules_of(plan, scenario) if rule.is_capacity]
    return _price(study, RuleInWords("rules", "all of them together", None), _solve(study, plan, kept))


def _without_reserve(study: Study) -> RulePrice:
    scenario = study.scenario
    words = f"{percent(scenario.reserve)} of every capacity is kept free"
    sourced = RuleInWords("reserve", with_source(words, scenario.reserve_source), scenario.reserve_source)
    plan = study.plan.model_copy(update={"scenarios": (scenario.model_copy(update={"reserve": 0.0}),)})
    return _price(study, sourced, _solve(study, plan, None))


def _without_goals(scenario: Scenario, goals: Sequence[Target]) -> Scenario:
    targets = tuple(target for target in scenario.targets if target not in goals)
    others = scenario.model_copy(update={"targets": targets})
    if goals and not _goals(others):
        others = others.model_copy(update={"objective_mode": others.secondary_objective, "target_priorities": ()})
    priorities = tuple(group for group in others.target_priorities if any(t.kpi in group for t in targets))
    return others.model_copy(update={"target_priorities": priorities})


def _without_goal(study: Study, goal: Target) -> RulePrice:
    plan = study.plan.model_copy(update={"scenarios": (_without_goals(study.scenario, [goal]),)})
    return _price(study, in_words(holding(study.plan, study.scenario, goal)), _solve(study, plan, None))


def _values(study: Study, dimension: str) -> list[str]:
    """The values that candidates have in a dimension; none where there are fewer than two."""
    values = dict.fromkeys(one.dimensions[dimension] for one in study.candidates if dimension in one.dimensions)
    return list(values) if len(values) > 1 and study.scenario.capacities else []


def _with_equal_shares(study: Study, dimension: str) -> RulePrice:
    values = _values(study, dimension)
    resource = TOKENS if TOKENS in study.scenario.capacities else next(iter(study.scenario.capacities))
    shares = tuple(
        ShareBound(
            slice=Slice(dimension=dimension, key=value),
            max_share=1 / len(values),
            resource=resource,
            of_capacity=True,
            source=STUDY,
        )
        for value in values
    )
    scenario = study.scenario.model_copy(update={"rules": (*study.scenario.rules, *shares)})
    plan = study.plan.model_copy(update={"scenarios": (scenario,)})
    words = RuleInWords("equal_share", f"an equal share of the capacity for each {dimension}", None)
    return _price(study, words, _solve(study, plan, None))


def _solve(study: Study, plan: Plan, rules: Sequence[Rule] | None) -> Portfolio:
    return solve_scenario(
        plan,
        study.scenario.name,
        previous_selection=study.answer.selected,
        solver=study.solver,
        time_limit_s=study.time_limit_s,
        explain=False,
        rules=rules,
        cancel=study.cancel,
    )


def _price(study: Study, words: RuleInWords, found: Portfolio) -> RulePrice:
    answer, is_proven = study.answer, is_verdict(found)
    if found.objective is None or answer.objective is None:
        return RulePrice(words, found, None, (), (), (), is_proven)
    truth = evaluate(study.plan, study.scenario.name, found.selection)
    return RulePrice(
        rule=words,
        portfolio=found,
        objective_change=found.objective - answer.objective,
        targets=truth.targets,
        came_in=tuple(key for key in found.selected if key not in answer.selected),
        went_out=tuple(key for key in answer.selected if key not in found.selected),
        is_proven=is_proven,
    )
