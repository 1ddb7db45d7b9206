"""One ordered list for every budget: cut it where the money ends, and what is above is nearly the best plan for it.

The best plans for several budgets b_1 < ... < b_n of one resource need not hold each other. The list does: it is a
chain S_1 within S_2 within ... S_n, where S_k keeps every rule at b_k. Chains begin with the best plan at one budget;
the plans at the others are then the best that hold the next smaller plan known and lie within the next larger one,
step by step away from the start, or the ends first and then by halving. Each S_k is then solved again between its
neighbours, as long as one becomes better. Of all chains the one counts that loses the least in all, in the objective.

Between two budgets the initiatives are ordered by worth per unit of the resource, each behind what it needs
(`optimizer.studies.priority_order`).

Over several periods a budget is a percentage of what limits the resource today: the capacity of the whole plan, and
those of each period and team, are all multiplied by it. When something starts may differ from budget to budget, so the
S_k hold each other as sets of initiatives. What is between S_k and S_k+1 is within S_k+1, so it keeps its capacities
with the starts that it has there.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from math import ceil

from optimizer import exact
from optimizer.errors import PlanError
from optimizer.evaluate import kpi_addends
from optimizer.plan import Ban, Mandate, Scenario, Selection, spoken_resource
from optimizer.portfolio import Portfolio
from optimizer.scenario import solve_scenario
from optimizer.studies.edits import STUDY
from optimizer.studies.grid import step_of
from optimizer.studies.opposite import is_verdict
from optimizer.studies.parallel import Stopped, solve_next, solve_until
from optimizer.studies.priority_budgets import is_limited, with_part_of_capacity, without_goals
from optimizer.studies.priority_order import ordered_groups
from optimizer.studies.study import Study

BUDGETS = 20
_SWEEPS = 4
"""Improving the plans between their neighbours is stopped after so many rounds."""
_PERCENT = (50.0, 150.0)
"""Budgets of a plan over several periods, in percent of today's capacities, where nobody asked for others."""
_STARTS_IN_TIME = 7
"""Over several periods each plan takes longer to find, so chains begin at about so many budgets only."""


@dataclass(frozen=True)
class Line:
    """One line of the list: initiatives that only come together, what they cost, and what all lines up to here spend.

    `budget` is the number of the first budget of the list that the line is within; over several periods `starts` has
    the period in which each of them starts at that budget.
    """

    initiatives: tuple[str, ...]
    cost: float
    spent: float
    budget: int
    starts: Mapping[str, str]


@dataclass(frozen=True)
class Budget:
    """What the list brings at one amount of the resource, beside the best plan there.

    Over several periods `amount` is in percent of today's capacities, and `starts` has the period in which each
    initiative of the list starts at this budget.
    `lines` is how many lines are within it, and `objective` and `best` are as people see the objective. `loss_amount`,
    at least 0 and in the unit of the objective, is how much the list can lose at most against any plan, with the proof
    that there is (`is_proven`: the best plan itself is proven); `loss` is the same as a share of the best, None where
    something is lost and the best is nothing. `lines`, `objective` and both losses are None where no plan that fits the
    list keeps every rule; `best` where no plan does.
    """

    amount: float
    lines: int | None
    objective: float | None
    best: float | None
    loss: float | None
    loss_amount: float | None
    is_proven: bool
    starts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PriorityList:
    """Initiatives in the order in which money should be spent on them, and what cutting the list at each budget loses.

    `left_out` are candidates that no plan of the list selects, even with as much as it asks for. `is_stopped` says that
    somebody ended the search: the list is the best of those compared by then, or there is none yet. `is_in_percent`
    says that budgets are in percent of today's capacities, as they are over several periods.
    """

    resource: str
    lines: tuple[Line, ...]
    budgets: tuple[Budget, ...]
    left_out: tuple[str, ...]
    is_in_percent: bool = False
    is_stopped: bool = False

    @property
    def largest_loss(self) -> float | None:
        """The largest loss as a share of the best, of all budgets at which some plan keeps the rules.

        None where the list has no plan at one of them, or what it loses is no share of the best.
        """
        return _largest(one.loss for one in self.budgets if one.best is not None)

    @property
    def largest_loss_amount(self) -> float | None:
        """The largest loss in the unit of the objective, of all budgets at which some plan keeps the rules.

        None where the list has no plan at one of them.
        """
        return _largest(one.loss_amount for one in self.budgets if one.best is not None)


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
    is less. Over several periods they are percentages of today's capacities, 50 and 150 where they are not given.
    Today's capacity is one of the amounts where it is between them. `on_done` is called after each solve of a best
    plan, and after each chain. `stop` is asked again and again; True ends the search with the best list found so far,
    as Ctrl-C does.

    Raises:
        Cancelled, DefectError, SolverError, SolverUnavailableError: as `optimizer.scenario.solve_scenario`.
        PlanError: nothing that the scenario may select costs any of the resource, there are no amounts between `bottom`
            and `top`, or nothing limits the resource in a plan over several periods.
    """
    if not any(one.costs.get(resource) for one in study.candidates):
        raise PlanError(f"nothing in scenario {study.scenario.name!r} costs any {spoken_resource(resource)!r}")
    search = _Search(study, resource, stop)
    try:
        return search.list_of(search.amounts(budgets, bottom, top), on_done or (lambda: None))
    except (KeyboardInterrupt, Stopped):
        return PriorityList(resource, (), (), (), bool(search.horizon), is_stopped=True)


@dataclass(frozen=True)
class _Cut:
    """A plan of a list at one budget, and its objective, larger is better."""

    selection: Selection
    worth: float

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(self.selection)


Chain = tuple[_Cut | None, ...]
"""The plan of a list at each budget; None where no plan between its neighbours keeps every rule."""


class _Search:
    def __init__(self, study: Study, resource: str, stop: Callable[[], bool]) -> None:
        self.study = study
        self.stop = stop
        self.resource = resource
        self.scenario = without_goals(study.scenario)
        self.horizon = study.plan.horizon(study.scenario)
        self.costs = {one.key: one.costs.get(resource, 0.0) for one in study.candidates}
        self.solved: dict[tuple[float, frozenset[str], frozenset[str] | None], _Cut | None] = {}

    def amounts(self, count: int, bottom: float | None, top: float | None) -> list[float]:
        """The budgets, from the smallest."""
        if self.horizon:
            if not is_limited(self.scenario, self.resource):
                raise PlanError(f"nothing limits {spoken_resource(self.resource)} in scenario {self.scenario.name!r}")
            today = 100.0
            top = max(_PERCENT[1], bottom or 0.0) if top is None else top
            bottom = min(_PERCENT[0], top / 2) if bottom is None else bottom
            # One more than the steps between them, so that they are round.
            count, unit = count + 1, 1.0 if top - bottom >= count else 0.01
        else:
            top = self._most_used() if top is None else top
            today = self.scenario.capacities.get(self.resource, top)
            bottom = min(today, top) / 2 if bottom is None else bottom
            # Amounts between two on the grid of costs buy nothing, and read badly.
            unit = step_of(self.costs.values())
        if not 0 <= bottom < top:
            ends = f"{bottom:g}% to {top:g}%" if self.horizon else f"{bottom:g} to {top:g}"
            raise PlanError(f"there are no budgets of {spoken_resource(self.resource)} from {ends}")
        step = (top - bottom) / (count - 1)
        even = {float(f"{round((bottom + step * number) / unit) * unit:.12g}") for number in range(1, count - 1)}
        return sorted(amount for amount in even | {bottom, today, top} if bottom <= amount <= top)

    def _most_used(self) -> float:
        """What the best plan uses where the resource is not limited."""
        free = {name: most for name, most in self.scenario.capacities.items() if name != self.resource}
        without = self.scenario.model_copy(update={"capacities": free})
        widest = solve_next(partial(self._solve, without), self.study.cancel, self.stop)
        return self._cost(widest.selected) / (1 - self.scenario.reserve)

    def list_of(self, amounts: Sequence[float], on_done: Callable[[], None]) -> PriorityList:
        plans = [partial(self._solve, self._at(amount)) for amount in amounts]
        best = solve_until(plans, self.study.cancel, self.stop, on_done=on_done)
        if len(best) < len(amounts):
            raise Stopped
        starts = [at for at, found in enumerate(best) if found.status.has_portfolio]
        if self.horizon:
            starts = [at for place, at in enumerate(starts) if place % ceil(len(starts) / _STARTS_IN_TIME) == 0]
        chained = partial(self._chain, amounts, best)
        orders = [partial(chained, at, halving=halving) for at in starts for halving in (False, True)]
        chains = solve_until(orders, self.study.cancel, self.stop, on_done=on_done)
        is_stopped = len(chains) < len(orders)
        if not chains and is_stopped:
            raise Stopped
        if not chains:
            budgets = tuple(map(_nothing, amounts))
            return PriorityList(self.resource, (), budgets, tuple(self.costs), bool(self.horizon))
        chain = min(chains, key=lambda one: self._losses(one, best))
        if self.horizon:
            settled = [partial(self._settled, *one) for one in zip(amounts, chain, strict=True)]
            done = solve_until(settled, self.study.cancel, self.stop)
            chain = (*done, *chain[len(done) :])
        lines = tuple(self._lines(chain))
        return PriorityList(
            self.resource,
            lines,
            tuple(self._budgets(amounts, chain, best, lines)),
            tuple(key for key in self.costs if all(cut is None or key not in cut.selection for cut in chain)),
            bool(self.horizon),
            is_stopped,
        )

    def _chain(self, amounts: Sequence[float], best: Sequence[Portfolio], start: int, *, halving: bool) -> Chain:
        """The chain that begins with the best plan at one budget, and goes on step by step or by halving."""
        chain: list[_Cut | None] = [None] * len(amounts)
        chain[start] = self._cut(best[start])
        for at in _halved(start, len(amounts)) if halving else _outwards(start, len(amounts)):
            chain[at] = self._between(amounts[at], _below(chain, at), _above(chain, at))
        for _ in range(_SWEEPS):
            before = tuple(chain)
            for at, mine in enumerate(chain):
                found = self._between(amounts[at], _below(chain, at), _above(chain, at))
                if found is not None and (mine is None or found.worth > mine.worth):
                    chain[at] = found
            if tuple(chain) == before:
                break
        return tuple(chain)

    def _between(self, amount: float, inner: frozenset[str], outer: frozenset[str] | None) -> _Cut | None:
        """The best plan at a budget that holds `inner`, within `outer`; None where there is none."""
        question = (amount, inner, outer)
        if question not in self.solved:
            found = self._solve(self._scenario_between(amount, inner, outer), break_ties=not self.horizon)
            self.solved[question] = self._cut(found) if found.status.has_portfolio else None
        return self.solved[question]

    def _scenario_between(self, amount: float, inner: frozenset[str], outer: frozenset[str] | None) -> Scenario:
        scenario = self._at(amount)
        mandates = [Mandate(initiative=key, source=STUDY) for key in self.costs if key in inner]
        barred = [] if outer is None else [key for key in self.costs if key not in outer]
        bans = [Ban(initiative=key, source=STUDY) for key in barred]
        return scenario.model_copy(update={"rules": (*scenario.rules, *mandates, *bans)})

    def _settled(self, amount: float, cut: _Cut | None) -> _Cut | None:
        """The same plan, with the earliest of the starts that are as good."""
        if cut is None:
            return None
        found = self._solve(self._scenario_between(amount, cut.keys, cut.keys))
        return self._cut(found) if found.status.has_portfolio else cut

    def _cut(self, found: Portfolio) -> _Cut:
        return _Cut(found.selection, self._worth(found.selection, found.selection))

    def _at(self, amount: float) -> Scenario:
        """The scenario with a budget."""
        if not self.horizon:
            return self.scenario.model_copy(update={"capacities": {**self.scenario.capacities, self.resource: amount}})
        return with_part_of_capacity(self.scenario, self.resource, amount)

    def _solve(self, scenario: Scenario, *, break_ties: bool = True) -> Portfolio:
        return solve_scenario(
            self.study.plan.model_copy(update={"scenarios": (scenario,)}),
            scenario.name,
            previous_selection=self.study.answer.selection,
            solver=self.study.solver,
            time_limit_s=self.study.time_limit_s,
            explain=False,
            break_ties=break_ties,
            cancel=self.study.cancel,
        )

    def _worth(self, selected: Collection[str], starts: Selection) -> float:
        """The objective of some initiatives, larger is better; `starts` has when each one begins."""
        plan, objective = self.study.plan, self.study.objective
        chosen = [one for one in self.study.candidates if one.key in selected]
        own = Selection({one.key: starts.starts[one.key] for one in chosen})
        return objective.value(
            {kpi: kpi_addends(plan, self.scenario, chosen, kpi, selection=own) for kpi in objective.coefficients}
        )

    def _cost(self, selected: Iterable[str]) -> float:
        return exact.total(self.costs[key] for key in selected)

    def _losses(self, chain: Chain, best: Sequence[Portfolio]) -> float:
        """What makes one chain worse than another: all that it loses, in the objective; without a plan that is all.

        Shares of the best would count a little that is lost where there is little to gain as much as all that matters.
        """
        both = zip(chain, best, strict=True)
        return exact.total(self._short(cut, self._most(found)) for cut, found in both if found.objective is not None)

    def _most(self, found: Portfolio) -> float:
        """The best at a budget, or how good it can be at most where that is not proven; larger is better."""
        best = found.objective if found.bound is None or is_verdict(found) else found.bound
        return self.study.objective.sign * (best or 0.0)

    def _short(self, cut: _Cut | None, most: float) -> float:
        short = abs(most) if cut is None else most - cut.worth
        return 0.0 if cut is not None and short <= exact.tolerance(most) else short

    def _lines(self, chain: Chain) -> Iterator[Line]:
        above, spent = frozenset[str](), 0.0
        for number, cut in enumerate(chain):
            if cut is None:
                continue
            starts = self._starts(cut)
            groups = ordered_groups(
                self.study.plan,
                self.scenario,
                cut.keys - above,
                above,
                worth=partial(self._worth, starts=cut.selection),
                cost=self._cost,
            )
            for group in groups:
                cost = self._cost(group)
                spent = exact.total((spent, cost))
                yield Line(tuple(group), cost, spent, number, {key: starts[key] for key in group if key in starts})
            above |= cut.keys

    def _starts(self, cut: _Cut) -> dict[str, str]:
        """The period in which each initiative of a plan starts, in the order of the sheet; empty in one period."""
        if not self.horizon:
            return {}
        return {key: self.horizon[cut.selection.starts[key]] for key in self.costs if key in cut.selection}

    def _budgets(
        self, amounts: Sequence[float], chain: Chain, best: Sequence[Portfolio], lines: Sequence[Line]
    ) -> Iterator[Budget]:
        sign = self.study.objective.sign
        for at, (amount, cut, found) in enumerate(zip(amounts, chain, best, strict=True)):
            if not found.status.has_portfolio or found.objective is None:
                yield _nothing(amount, is_proven=is_verdict(found))
                continue
            best_found = sign * found.objective
            if cut is not None and not is_verdict(found):
                # The list may hold a better plan than the search for the best one found in its time.
                best_found = max(best_found, cut.worth)
            most = self._most(found)
            lost = None if cut is None else self._short(cut, most)
            yield Budget(
                amount=amount,
                lines=None if cut is None else sum(line.budget <= at for line in lines),
                objective=None if cut is None else sign * cut.worth,
                best=sign * best_found,
                loss=lost if not lost else _share(lost, most),
                loss_amount=lost,
                is_proven=is_verdict(found),
                starts={} if cut is None else self._starts(cut),
            )


def _nothing(amount: float, *, is_proven: bool = True) -> Budget:
    return Budget(amount, None, None, None, None, None, is_proven)


def _share(lost: float, most: float) -> float | None:
    return lost / abs(most) if abs(most) > exact.ABSOLUTE_AT_ZERO else None


def _largest(losses: Iterable[float | None]) -> float | None:
    known = list(losses)
    return max((loss for loss in known if loss is not None), default=None) if None not in known else None


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


def _above(chain: Sequence[_Cut | None], at: int) -> frozenset[str] | None:
    """The plan at the next larger budget that has one."""
    return next((cut.keys for cut in chain[at + 1 :] if cut is not None), None)


def _below(chain: Sequence[_Cut | None], at: int) -> frozenset[str]:
    """The plan at the next smaller budget that has one."""
    return next((cut.keys for cut in reversed(chain[:at]) if cut is not None), frozenset())
