"""One ordered list for every budget: cut it where the money ends, and what is above is nearly the best plan for it.

The best plans for several budgets b_1 < ... < b_n of one resource need not hold each other. The list does: it is a
chain S_1 within S_2 within ... S_n, where S_k keeps every rule at b_k. Chains begin with the best plan at one budget;
the plans at the others are then the best that hold the next smaller plan known and lie within the next larger one,
step by step away from the start, or the ends first and then by halving. Each S_k is then solved again between its
neighbours, as long as one becomes better. Of all chains the one counts whose losses are the least together. What the
list loses at X

Between two budgets the initiatives are ordered by worth per unit of the resource, each behind what it needs.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from optimizer import exact
from optimizer.errors import PlanError
from optimizer.evaluate import kpi_addends
from optimizer.plan import Ban, Bundle, Mandate, ObjectiveMode, Prerequisite, Scenario, TargetKind, rules_of_kind
from optimizer.portfolio import Portfolio
from optimizer.scenario import solve_scenario
from optimizer.studies.edits import STUDY
from optimizer.studies.grid import step_of
from optimizer.studies.opposite import is_verdict
from optimizer.studies.parallel import Stopped, solve_next, solve_until
from optimizer.studies.study import Study

BUDGETS = 20
_SWEEPS = 4
"""Improving the plans between their neighbours is stopped after so many rounds."""
_FREE = 1e-12
"""A cost below this counts as this where worth per unit is compared."""


@dataclass(frozen=True)
class Line:
    """One line of the list: initiatives that only come together, what they cost, and what all lines up to here spend.

    `budget` is the number of the first budget of the list that the line is within.
    """

    initiatives: tuple[str, ...]
    cost: float
    spent: float
    budget: int


@dataclass(frozen=True)
class Budget:
    """What the list brings at one amount of the resource, beside the best plan there.

    `lines` is how many lines are within it, and `objective` and `best` are as people see the objective. `loss` is a
    share of the best, at least 0: how much the list can lose at most against any plan, with the proof that there is
    (`is_proven`: the best plan itself is proven). `lines`, `objective` and `loss` are None where no plan that fits the
    list keeps every rule; `best` where no plan does.
    """

    amount: float
    lines: int | None
    objective: float | None
    best: float | None
    loss: float | None
    is_proven: bool


@dataclass(frozen=True)
class PriorityList:
    """Initiatives in the order in which money should be spent on them, and what cutting the list at each budget loses.

    `left_out` are candidates that no plan of the list selects, even with as much as it asks for. `is_stopped` says that
    somebody ended the search: the list is the best of those compared by then, or there is none yet.
    """

    resource: str
    lines: tuple[Line, ...]
    budgets: tuple[Budget, ...]
    left_out: tuple[str, ...]
    is_stopped: bool = False

    @property
    def largest_loss(self) -> float | None:
        """The largest loss at any budget at which some plan keeps the rules; None where the list has none of them."""
        losses = [one.loss for one in self.budgets if one.best is not None]
        return None if not losses or any(loss is None for loss in losses) else max(loss or 0.0 for loss in losses)


def solve_priorities(
    study: Study,
    resource: str,
    *,
    budgets: int = BUDGETS,
    bottom: float | None = None,
    top: float | None = None,
    on_done: Callable[[], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> PriorityList:
    """The list for one resource, and what it loses at `budgets` amounts, evenly spread from `bottom` to `top`.

    All other rules and floors of the scenario hold at each of them; goals play no part. Without `top` it is what the
    best plan uses where the resource is not limited, without `bottom` half of today's capacity, or of `top` where that
    is less. Today's capacity is one of the amounts where it is between them. `on_done` is called after each solve of a
    best plan, and after each chain. `stop` is asked again and again; True ends the search with the best list found so
    far, as Ctrl-C does.

    Raises:
        Cancelled, DefectError, SolverError, SolverUnavailableError: as `optimizer.scenario.solve_scenario`.
        PlanError: the scenario has several periods, nothing that it may select costs any of the resource, or there are
            no amounts between `bottom` and `top`.
    """
    if study.plan.horizon(study.scenario):
        raise PlanError(f"scenario {study.scenario.name!r} has several periods, and a list has one budget")
    if not any(one.costs.get(resource) for one in study.candidates):
        raise PlanError(f"nothing in scenario {study.scenario.name!r} costs any {resource!r}")
    search = _Search(study, resource, stop)
    try:
        return search.list_of(search.amounts(budgets, bottom, top), on_done or (lambda: None))
    except (KeyboardInterrupt, Stopped):
        return PriorityList(resource, (), (), (), is_stopped=True)


Chain = tuple[frozenset[str] | None, ...]
"""The plan of a list at each budget; None where no plan between its neighbours keeps every rule."""


class _Search:
    def __init__(self, study: Study, resource: str, stop: Callable[[], bool]) -> None:
        self.study = study
        self.stop = stop
        self.resource = resource
        self.scenario = _without_goals(study.scenario)
        self.costs = {one.key: one.costs.get(resource, 0.0) for one in study.candidates}
        self.solved: dict[tuple[float, frozenset[str], frozenset[str] | None], frozenset[str] | None] = {}

    def amounts(self, count: int, bottom: float | None, top: float | None) -> list[float]:
        """The budgets, from the smallest."""
        if top is None:
            free = {name: most for name, most in self.scenario.capacities.items() if name != self.resource}
            without = self.scenario.model_copy(update={"capacities": free})
            widest = solve_next(partial(self._solve, without), self.study.cancel, self.stop)
            top = self._cost(widest.selected) / (1 - self.scenario.reserve)
        today = self.scenario.capacities.get(self.resource, top)
        if bottom is None:
            bottom = min(today, top) / 2
        if not 0 <= bottom < top:
            raise PlanError(f"there are no budgets of {self.resource} from {bottom:g} to {top:g}")
        step = (top - bottom) / (count - 1)
        unit = step_of(self.costs.values())
        # Amounts between two on the grid of costs buy nothing, and read badly.
        even = {float(f"{round((bottom + step * number) / unit) * unit:.12g}") for number in range(1, count - 1)}
        return sorted(amount for amount in even | {bottom, today, top} if bottom <= amount <= top)

    def list_of(self, amounts: Sequence[float], on_done: Callable[[], None]) -> PriorityList:
        plans = [partial(self._solve, self._at(amount)) for amount in amounts]
        best = solve_until(plans, self.study.cancel, self.stop, on_done=on_done)
        if len(best) < len(amounts):
            raise Stopped
        starts = [at for at, found in enumerate(best) if found.status.has_portfolio]
        chained = partial(self._chain, amounts, best)
        orders = [partial(chained, at, halving=halving) for at in starts for halving in (False, True)]
        chains = solve_until(orders, self.study.cancel, self.stop, on_done=on_done)
        is_stopped = len(chains) < len(orders)
        if not chains and is_stopped:
            raise Stopped
        if not chains:
            return PriorityList(self.resource, (), tuple(map(_nothing, amounts)), tuple(self.costs))
        chain = min(chains, key=lambda one: self._losses(one, best))
        lines = tuple(self._lines(chain))
        return PriorityList(
            self.resource,
            lines,
            tuple(self._budgets(amounts, chain, best, lines)),
            tuple(key for key in self.costs if all(plan is None or key not in plan for plan in chain)),
            is_stopped,
        )

    def _chain(self, amounts: Sequence[float], best: Sequence[Portfolio], start: int, *, halving: bool) -> Chain:
        """The chain that begins with the best plan at one budget, and goes on step by step or by halving."""
        chain: list[frozenset[str] | None] = [None] * len(amounts)
        chain[start] = frozenset(best[start].selected)
        for at in _halved(start, len(amounts)) if halving else _outwards(start, len(amounts)):
            chain[at] = self._between(amounts[at], _below(chain, at), _above(chain, at))
        for _ in range(_SWEEPS):
            before = tuple(chain)
            for at, mine in enumerate(chain):
                found = self._between(amounts[at], _below(chain, at), _above(chain, at))
                if found is not None and (mine is None or self._worth(found) > self._worth(mine)):
                    chain[at] = found
            if tuple(chain) == before:
                break
        return tuple(chain)

    def _between(self, amount: float, inner: frozenset[str], outer: frozenset[str] | None) -> frozenset[str] | None:
        """The best plan at a budget that holds `inner`, within `outer`; None where there is none."""
        question = (amount, inner, outer)
        if question not in self.solved:
            scenario = self._at(amount)
            mandates = [Mandate(initiative=key, source=STUDY) for key in self.costs if key in inner]
            barred = [] if outer is None else [key for key in self.costs if key not in outer]
            bans = [Ban(initiative=key, source=STUDY) for key in barred]
            found = self._solve(scenario.model_copy(update={"rules": (*scenario.rules, *mandates, *bans)}))
            self.solved[question] = frozenset(found.selected) if found.status.has_portfolio else None
        return self.solved[question]

    def _at(self, amount: float) -> Scenario:
        return self.scenario.model_copy(update={"capacities": {**self.scenario.capacities, self.resource: amount}})

    def _solve(self, scenario: Scenario) -> Portfolio:
        return solve_scenario(
            self.study.plan.model_copy(update={"scenarios": (scenario,)}),
            scenario.name,
            previous_selection=self.study.answer.selected,
            solver=self.study.solver,
            time_limit_s=self.study.time_limit_s,
            explain=False,
            cancel=self.study.cancel,
        )

    def _worth(self, selected: Iterable[str]) -> float:
        """The objective of a plan, larger is better."""
        keys = frozenset(selected)
        chosen = [one for one in self.study.candidates if one.key in keys]
        plan, objective = self.study.plan, self.study.objective
        return objective.value({kpi: kpi_addends(plan, self.scenario, chosen, kpi) for kpi in objective.coefficients})

    def _cost(self, selected: Iterable[str]) -> float:
        return exact.total(self.costs[key] for key in selected)

    def _losses(self, chain: Chain, best: Sequence[Portfolio]) -> float:
        """What makes one chain worse than another: all its losses together; a budget without a plan loses all."""
        losses = (
            self._loss(plan, found) for plan, found in zip(chain, best, strict=True) if found.objective is not None
        )
        return exact.total(1.0 if loss is None else loss for loss in losses)

    def _loss(self, plan: frozenset[str] | None, found: Portfolio) -> float | None:
        if plan is None or found.objective is None:
            return None
        sign = self.study.objective.sign
        most = sign * (found.objective if found.bound is None or is_verdict(found) else found.bound)
        short = most - self._worth(plan)
        return 0.0 if short <= exact.tolerance(most) else short / max(abs(most), exact.ABSOLUTE_AT_ZERO)

    def _lines(self, chain: Chain) -> Iterator[Line]:
        above: frozenset[str] = frozenset()
        spent = 0.0
        for number, plan in enumerate(chain):
            for group in self._ordered(above, plan or above):
                cost = self._cost(group)
                spent = exact.total((spent, cost))
                yield Line(tuple(group), cost, spent, number)
            above |= plan or above

    def _ordered(self, above: frozenset[str], plan: frozenset[str]) -> Iterator[list[str]]:
        """What a plan adds to what is above it, each group behind those it needs, the most worth per cost first."""
        groups = self._groups(plan - above)
        done = set(above)
        base = self._worth(done)
        while groups:
            choices = [self._with_needs(group, groups, done) for group in groups]
            gains = [self._worth({*done, *_keys(choice)}) - base for choice in choices]
            costs = [max(self._cost(_keys(choice)), _FREE) for choice in choices]
            at = max(range(len(choices)), key=lambda n: gains[n] / costs[n])
            for group in choices[at]:
                groups.remove(group)
                done |= set(group)
                yield group
            base = self._worth(done)

    def _groups(self, keys: frozenset[str]) -> list[list[str]]:
        """The initiatives, in the order of the plan; those of one bundle, or that need each other, in one group."""
        group_of = {one.key: {one.key} for one in self.study.candidates if one.key in keys}
        for members in self._together(keys):
            merged = set().union(*(group_of[key] for key in members))
            for key in merged:
                group_of[key] = merged
        groups = {id(group): [key for key in group_of if key in group] for group in group_of.values()}
        return list(groups.values())

    def _together(self, keys: frozenset[str]) -> Iterator[list[str]]:
        bundles: dict[str, list[str]] = {}
        for one in self.study.candidates:
            if one.bundle_key is not None and one.key in keys:
                bundles.setdefault(one.bundle_key, []).append(one.key)
        yield from bundles.values()
        for bundle in rules_of_kind(self.scenario.rules, Bundle):
            yield [key for key in bundle.members if key in keys]
        for key in keys:
            for other in self._needs(key) & keys:
                if key in self._all_needs(other):
                    yield [key, other]

    def _needs(self, key: str) -> set[str]:
        initiative = self.study.plan.initiative(key)
        rules = rules_of_kind(self.scenario.rules, Prerequisite)
        return {*initiative.prerequisite_keys, *(k for rule in rules if rule.initiative == key for k in rule.requires)}

    def _all_needs(self, key: str) -> set[str]:
        found, waiting = set[str](), [key]
        while waiting:
            for other in self._needs(waiting.pop()) - found:
                found.add(other)
                waiting.append(other)
        return found

    def _with_needs(self, group: list[str], groups: Sequence[list[str]], done: set[str]) -> list[list[str]]:
        """A group behind all groups that it needs and that are not in the list yet."""
        needed = set(group).union(*(self._all_needs(key) for key in group)) - done
        chosen = [other for other in groups if needed & set(other)]
        # A group needs fewer others than one that needs it.
        return sorted(chosen, key=lambda other: len(set().union(*(self._all_needs(key) for key in other)) - done))

    def _budgets(
        self, amounts: Sequence[float], chain: Chain, best: Sequence[Portfolio], lines: Sequence[Line]
    ) -> Iterator[Budget]:
        sign = self.study.objective.sign
        for at, (amount, plan, found) in enumerate(zip(amounts, chain, best, strict=True)):
            if not found.status.has_portfolio:
                yield _nothing(amount, is_proven=is_verdict(found))
                continue
            loss = self._loss(plan, found)
            yield Budget(
                amount=amount,
                lines=None if plan is None else sum(line.budget <= at for line in lines),
                objective=None if plan is None else sign * self._worth(plan),
                best=found.objective,
                loss=loss,
                is_proven=is_verdict(found),
            )


def _nothing(amount: float, *, is_proven: bool = True) -> Budget:
    return Budget(amount, None, None, None, None, is_proven)


def _outwards(start: int, count: int) -> Iterator[int]:
    """All places but the start, down to the first and then up to the last."""
    yield from range(start - 1, -1, -1)
    yield from range(start + 1, count)


def _halved(start: int, count: int) -> Iterator[int]:
    """All places but the start: the last and the first, then the middle of each gap."""
    known = sorted({0, start, count - 1})
    yield from (place for place in (count - 1, 0) if place != start)
    gaps = [(low, high) for low, high in pairwise(known) if high - low > 1]
    while gaps:
        low, high = gaps.pop(0)
        middle = (low + high) // 2
        yield middle
        gaps += [(one, other) for one, other in ((low, middle), (middle, high)) if other - one > 1]


def _above(chain: Sequence[frozenset[str] | None], at: int) -> frozenset[str] | None:
    """The plan at the next larger budget that has one."""
    return next((plan for plan in chain[at + 1 :] if plan is not None), None)


def _below(chain: Sequence[frozenset[str] | None], at: int) -> frozenset[str]:
    """The plan at the next smaller budget that has one."""
    return next((plan for plan in reversed(chain[:at]) if plan is not None), frozenset())


def _keys(groups: Iterable[Iterable[str]]) -> list[str]:
    return [key for group in groups for key in group]


def _without_goals(scenario: Scenario) -> Scenario:
    """The scenario with only its floors, in the mode of its objective."""
    mode = scenario.objective_mode
    return scenario.model_copy(
        update={
            "targets": tuple(target for target in scenario.targets if target.kind is TargetKind.FLOOR),
            "target_priorities": (),
            "objective_mode": scenario.secondary_objective if mode is ObjectiveMode.LEXICOGRAPHIC else mode,
        }
    )
