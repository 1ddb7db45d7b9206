"""A scenario's model as a person would write it down, for anyone's solver: native units, nothing scaled or loosened.

The columns are those of `optimizer.model.problem` (x: initiatives, y: synergies, u: relative shortfalls of goals); the
rows are those of `optimizer.rules` and (15) of `optimizer.search.goal_stages`. Of a lexicographic scenario it is the
last stage: (15) for every goal, the least shortfall of each level held (`goals_held`), and the objective. A level that
was not solved is not held, which the remarks say.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pulp

from optimizer import exact
from optimizer.model.objectives import Objective, objective_of, rewarded_kpis
from optimizer.model.rows import Candidates, Row, Sense, Terms
from optimizer.plan import Normalization, Plan, Scenario
from optimizer.portfolio import Portfolio
from optimizer.rules import rules_of
from optimizer.search.goal_stages import LevelStage, level_stages
from optimizer.wording import listing, number, with_source


@dataclass(frozen=True)
class StatedModel:
    """A PuLP problem with named rows; `legend` says what each column and row stands for, `remarks` what it all is."""

    problem: pulp.LpProblem
    remarks: tuple[str, ...]
    legend: dict[str, str] = field(default_factory=dict)


def stated_model(plan: Plan, portfolio: Portfolio) -> StatedModel:
    """The model that `portfolio` answers; solved exactly, it has the portfolio's objective in the same unit.

    Shortfalls and the factors of normalization `ideal` come from the portfolio, because they are found by solving.
    Where it has no factors, the objective is left empty.

    Raises:
        KeyError: the portfolio's scenario is none of the plan's.
        PlanError: the scenario lacks what its objective needs.
    """
    scenario = plan.scenario(portfolio.scenario)
    candidates = Candidates(plan, scenario)
    levels = level_stages(plan, scenario, candidates)
    objective = _objective(plan, scenario, portfolio)
    held = {level: value for level in levels if (value := _least_shortfall(portfolio, level)) is not None}
    remarks = tuple(_remarks(scenario, portfolio, objective, levels, held))
    building = _Building(candidates, objective, remarks)
    for rule in rules_of(plan, scenario):
        for row in candidates.rows_of(rule):
            building.add(rule.kind, row, rule.wording())
    for row in candidates.start_rows:
        building.add(
            "start", row, "an initiative starts once, or not at all; what is in progress goes on or is stopped"
        )
    for row in candidates.links():
        building.add("synergy", row, "a synergy counts if, and only if, all of its members are selected")
    for level in levels:
        for goal, row in zip(level.level.goals, level.rows(), strict=True):
            moved = f"{goal.target.kpi}{goal.target.scope}"
            meaning = with_source(f"{moved} should move by {number(goal.target.value)}", goal.target.source)
            building.add_column(pulp.LpContinuous, f"u{len(building.columns) - candidates.width}", None, meaning)
            building.add("goal", row, f"{meaning}; {building.columns[-1].name} is the share that is missing")
        if level in held:
            bound = held[level] + exact.tolerance(held[level])
            meaning = f"the shortfall of {level.level.name} stays at its least value"
            building.add("goals_held", Row(level.terms, Sense.AT_MOST, bound), meaning)
    return building.model


def _objective(plan: Plan, scenario: Scenario, portfolio: Portfolio) -> Objective | None:
    """The objective; None where its ideals are not known."""
    known = portfolio.factors
    if scenario.normalization is Normalization.IDEAL and not known.keys() >= set(rewarded_kpis(scenario)):
        return None
    return objective_of(plan, scenario, lambda kpi: 1.0 / known[kpi.key])


def _least_shortfall(portfolio: Portfolio, level: LevelStage) -> float | None:
    """The sum of relative shortfalls that the answer holds; None where the level was not solved."""
    return next((stage.value for stage in portfolio.stages if stage.name == level.stage_name), None)


def _remarks(
    scenario: Scenario,
    portfolio: Portfolio,
    objective: Objective | None,
    levels: list[LevelStage],
    held: dict[LevelStage, float],
) -> Iterator[str]:
    yield f"Scenario {scenario.name}, status {portfolio.status.value}."
    if objective is None:
        yield "The objective is empty: the ideals that it divides by are not known, because there is no portfolio."
    else:
        value = (
            "" if portfolio.objective is None else f" The answer has {number(float(f'{portfolio.objective:.12g}'))}."
        )
        yield f"Objective: {objective.name}, in the unit {objective.unit or 'of the KPI'}.{value}"
    if levels:
        yield (
            "This is the last stage of a lexicographic scenario. Rows goal_n measure by how much each goal is missed, "
            "rows goals_held_n keep the shortfall of each level at the least value that the earlier stages found."
        )
    if missing := [level.level.name for level in levels if level not in held]:
        yield f"Not held, because not solved: the shortfall of {listing(missing)}."
    yield "All numbers are those of the workbook, with 12 digits; a solver keeps rows within its own tolerance."


class _Building:
    """A stated model while its columns and rows are added."""

    def __init__(self, candidates: Candidates, objective: Objective | None, remarks: tuple[str, ...]) -> None:
        is_maximum = objective is None or objective.sign > 0
        problem = pulp.LpProblem("sheetplan", pulp.LpMaximize if is_maximum else pulp.LpMinimize)
        self.model = StatedModel(problem, remarks)
        self.columns: list[pulp.LpVariable] = []
        self._rows: Counter[str] = Counter()
        for number_, option in enumerate(candidates.options):
            initiative = option.initiative
            meaning = f"{initiative.key} {initiative.title}".strip()
            if candidates.horizon:
                when = "is stopped" if option.start is None else f"starts in {candidates.horizon[option.start]}"
                meaning = f"{meaning}: {when}"
            self.add_column(pulp.LpInteger, f"x{number_}", 1, with_source(meaning, initiative.source))
        for number_, (synergy, by) in enumerate((column.synergy, column.by) for column in candidates.synergies):
            meaning = f"synergy of {listing(synergy.members)}"
            if candidates.horizon:
                meaning = f"{meaning} by the end of {candidates.horizon[by]}"
            self.add_column(pulp.LpInteger, f"y{number_}", 1, with_source(meaning, synergy.source))
        terms = Terms((), ()) if objective is None else objective.over(candidates).terms
        # Every column is named here, so that a solver knows those that are in no row too.
        aim = dict.fromkeys(self.columns, 0.0) | self._coefficients(terms, 1 if is_maximum else -1)
        problem.setObjective(pulp.LpAffineExpression(aim))

    def add_column(self, category: str, name: str, upper: float | None, meaning: str) -> None:
        self.columns.append(self.model.problem.add_variable(name, 0, upper, category))
        self.model.legend[name] = meaning

    def add(self, kind: str, row: Row, meaning: str) -> None:
        """Adds a row under the next name of its kind, such as ``capacity_1``."""
        self._rows[kind] += 1
        name = f"{kind}_{self._rows[kind]}"
        # A row over no column says 0 >= 1, or the like; a file can only say it of some column.
        coefficients = self._coefficients(row.terms) or dict.fromkeys(self.columns[:1], 0.0)
        sense = pulp.LpConstraintGE if row.sense is Sense.AT_LEAST else pulp.LpConstraintLE
        expression = pulp.LpAffineExpression(coefficients)
        self.model.problem.addConstraint(pulp.LpConstraint(expression, sense, name, row.bound))
        self.model.legend[name] = meaning

    def _coefficients(self, terms: Terms, sign: int = 1) -> dict[pulp.LpVariable, float]:
        pairs = zip(terms.columns, terms.coefficients, strict=True)
        return {self.columns[column]: sign * coefficient for column, coefficient in pairs}
