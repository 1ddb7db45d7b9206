"""Other plans for a scenario: the next best ones, and those near the best that differ most from it.

With S the selection of a plan that is listed, another one differs from it in

    D(S) = sum of (1 - x[i]) over i in S + sum of x[i] over the other candidates

initiatives. The next best plan is the best with ``D(S) >= 1`` for every S that is listed. The most different plan
within a share g of the best has at least the worth ``best - g * |best|`` (36), and the largest d such that
``D(S) >= d`` for every S listed; of those it is the best. d is found by halving, and both d and that d + 1 is
impossible are proven.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from optimizer.evaluate import evaluate
from optimizer.plan import Scenario
from optimizer.portfolio import Portfolio
from optimizer.rules import holding_objective, rules_of
from optimizer.scenario import solve_scenario
from optimizer.studies.held_goals import with_goals_held
from optimizer.studies.opposite import is_verdict
from optimizer.studies.parallel import Stopped, solve_next
from optimizer.studies.stated_kpis import distance_amounts, distance_kpi, floor, with_stated
from optimizer.studies.study import Study


@dataclass(frozen=True)
class OtherPlan:
    """Another plan for the scenario.

    `objective_change` is its objective less the answer's, as people see the objective. `came_in` and `went_out` are
    against the answer, in the order of the plan. `differences` is the least number of initiatives in which it differs
    from any plan listed before it, the answer included. `is_proven` says that no other plan belongs in its place.
    """

    portfolio: Portfolio
    objective_change: float
    came_in: tuple[str, ...]
    went_out: tuple[str, ...]
    differences: int
    is_proven: bool


@dataclass(frozen=True)
class Alternatives:
    """Other plans than the answer.

    `next_best` has the best first; `different` are within the share `within` of the best, the one that differs most
    first. `is_all` says that there is no other plan than the answer and the next best ones; `is_all_within` that every
    plan within that share of the best is listed. `is_stopped` says that somebody ended the search: further plans are
    missing.
    """

    next_best: tuple[OtherPlan, ...]
    different: tuple[OtherPlan, ...]
    within: float
    is_all: bool
    is_all_within: bool
    is_stopped: bool = False

    @property
    def plans(self) -> tuple[OtherPlan, ...]:
        """Both kinds, in the order in which they are listed."""
        return (*self.next_best, *self.different)


def solve_alternatives(
    study: Study,
    *,
    count: int,
    within: float,
    on_done: Callable[[], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Alternatives:
    """Up to `count` next best plans, and up to `count` most different ones within a share of the best.

    Goals of a lexicographic scenario count first for the next best plans, as in the answer; a plan that differs misses
    none of them by more than the answer does. `on_done` is called after each plan. `stop` is asked again and again;
    True ends the search with the plans found so far, as Ctrl-C does.

    Raises:
        Cancelled, DefectError, SolverError, SolverUnavailableError: as `optimizer.scenario.solve_scenario`.
    """
    search = _Search(study, within, stop)
    next_best: list[OtherPlan] = []
    different: list[OtherPlan] = []
    kinds = [(next_best, search.next_best()), (different, search.different())]
    is_stopped = False
    try:
        for plans, found in kinds:
            while len(plans) < count and (plan := next(found, None)) is not None:
                plans.append(plan)
                if on_done is not None:
                    on_done()
    except (KeyboardInterrupt, Stopped):
        is_stopped = True
    return Alternatives(
        next_best=tuple(next_best),
        different=tuple(different),
        within=within,
        is_all=search.is_exhausted,
        is_all_within=search.is_exhausted_within,
        is_stopped=is_stopped,
    )


class _Search:
    def __init__(self, study: Study, within: float, stop: Callable[[], bool]) -> None:
        self.study = study
        self.stop = stop
        self.within = within
        self.listed = [frozenset(study.answer.selected)]
        self.is_exhausted = False
        self.is_exhausted_within = False

    def next_best(self) -> Iterator[OtherPlan]:
        """The best plan that is not listed yet, again and again."""
        while True:
            found = self._solve(self.study.scenario, least=1)
            if not found.status.has_portfolio:
                self.is_exhausted = self.is_exhausted_within = is_verdict(found)
                return
            yield self._listed(found, is_proven=is_verdict(found))

    def different(self) -> Iterator[OtherPlan]:
        """The plan within the share of the best that differs most from all that are listed, again and again."""
        if self.is_exhausted:
            return
        scenario = with_goals_held(self.study.scenario, self.study.answer.targets)
        most = len(self.study.candidates)
        while True:
            found, is_proven = self._farthest(scenario, most)
            if found is None:
                self.is_exhausted_within = is_proven
                return
            other = self._listed(found, is_proven=is_proven)
            # Each plan that is listed only adds to what the next one must differ from.
            most = other.differences
            yield other

    def _farthest(self, scenario: Scenario, most: int) -> tuple[Portfolio | None, bool]:
        """The best of the plans that differ most, and whether both is proven; None where none is left."""
        low, high, best, is_proven = 1, most, None, True
        while low <= high:
            middle = (low + high) // 2 if best is not None else low
            found = self._solve(scenario, least=middle, worth=self._near_best())
            if found.status.has_portfolio:
                low, best = max(middle, self._differences(found)) + 1, found
            else:
                high = middle - 1
            is_proven &= is_verdict(found)
        if best is None:
            return None, is_proven
        # The last plan found may differ by more than it had to, and then a better one may do the same.
        settled = self._solve(scenario, least=self._differences(best), worth=self._near_best())
        return (settled if settled.status.has_portfolio else best), is_proven and is_verdict(settled)

    def _near_best(self) -> float:
        """The least worth within the share of the best; larger is better."""
        best = self.study.objective.sign * (self.study.answer.objective or 0.0)
        return best - self.within * abs(best)

    def _solve(self, scenario: Scenario, *, least: int, worth: float | None = None) -> Portfolio:
        """The best plan that differs from each listed one in at least so many initiatives, and is worth as much."""
        study = self.study
        amounts = {distance_kpi(f"distance {n}"): distance_amounts(study, s) for n, s in enumerate(self.listed)}
        floors = [floor(kpi.key, least - len(s)) for kpi, s in zip(amounts, self.listed, strict=True)]
        asked = scenario.model_copy(update={"targets": (*scenario.targets, *floors)})
        plan = with_stated(study.plan.model_copy(update={"scenarios": (asked,)}), amounts)
        rules = list(rules_of(plan, asked))
        if worth is not None:
            rules.append(holding_objective(plan, asked, study.objective, worth))
        question = partial(
            solve_scenario,
            plan,
            asked.name,
            previous_selection=study.answer.selected,
            solver=study.solver,
            time_limit_s=study.time_limit_s,
            explain=False,
            rules=rules,
            cancel=study.cancel,
        )
        found = solve_next(question, study.cancel, self.stop)
        return self._as_people_know_it(found) if found.status.has_portfolio else found

    def _as_people_know_it(self, found: Portfolio) -> Portfolio:
        """The portfolio with totals and targets of the plan, without those that state the question."""
        study = self.study
        truth = evaluate(study.plan, study.scenario.name, found.selection)
        return replace(
            found,
            objective=truth.objective,
            kpi_totals=truth.kpi_totals,
            targets=truth.targets,
            synergies=truth.synergies,
        )

    def _listed(self, found: Portfolio, *, is_proven: bool) -> OtherPlan:
        answer, selected = self.study.answer, frozenset(found.selected)
        other = OtherPlan(
            portfolio=found,
            objective_change=(found.objective or 0.0) - (answer.objective or 0.0),
            came_in=tuple(key for key in found.selected if key not in answer.selected),
            went_out=tuple(key for key in answer.selected if key not in selected),
            differences=self._differences(found),
            is_proven=is_proven,
        )
        self.listed.append(selected)
        return other

    def _differences(self, found: Portfolio) -> int:
        return min(len(other.symmetric_difference(found.selected)) for other in self.listed)


def share_of_plans(answer: Portfolio, others: Sequence[OtherPlan]) -> dict[str, float]:
    """The share of the plans, the answer included, that select each initiative which any of them does."""
    plans = [frozenset(answer.selected), *(frozenset(other.portfolio.selected) for other in others)]
    keys = dict.fromkeys([*answer.selected, *(key for other in others for key in other.portfolio.selected)])
    return {key: sum(key in plan for plan in plans) / len(plans) for key in keys}
