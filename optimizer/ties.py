"""Among portfolios with the same objective, one answer: the same with every solver, machine and order of rows.

Let T be the portfolios that keep every rule and hold every stage (objective within 1e-9 relative of the best). In T:

    (a) the fewest changes against the last run's selection (skipped without a last run)
    (b) of these the fewest engineering tokens (within 1e-9 relative)
    (c) of these the one that holds the first initiative, in sorted order of keys, in which they differ

Most often T has one portfolio, and that is cheap to see: prices of the linear relaxation bound what any portfolio can
reach, so columns whose other value would cost more than the tolerance are fixed (reduced cost fixing: Dantzig,
Fulkerson, Johnson 1954), and a search for the second best portfolio by the objective proves it worse. Otherwise the
best *other* portfolio by the next criterion is searched for, among those that are no worse by it. Where there is none
the answer is found; else the better of the two is the best of that criterion, which is held, and the next criterion is
asked. (c) goes in blocks of keys with weights 2^19 ... 1.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

from optimizer import exact
from optimizer.clock import Clock
from optimizer.objectives import ObjectiveHold, ObjectiveTerms
from optimizer.portfolio import Stage, StopReason
from optimizer.rows import Bits, Row, Sense, Terms
from optimizer.search import Search

_BLOCK = 20
_SAME = 1e-12
"""Objectives this close (relative) are equal but for rounding; an answer that is better by more was missed before."""
_FIXING_MARGIN = 1e-11


@dataclass(frozen=True, slots=True)
class TieBreak:
    """The chosen portfolio; `complete` is False where time ended the tie-breaking."""

    bits: tuple[int, ...]
    complete: bool
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class _Criterion:
    """Something to minimize among ties; `settles` are the x columns that its value settles."""

    name: str
    unit: str
    terms: Terms
    constant: float = 0.0
    settles: Sequence[int] = ()

    def value(self, bits: Bits) -> float:
        return exact.total([self.constant, self.terms.value(bits)])


def break_ties(
    search: Search,
    objective: ObjectiveTerms,
    best: Bits,
    previous: Collection[str] | None,
    clock: Clock,
    *,
    ties_are_likely: bool = False,
) -> TieBreak:
    """The one portfolio among those that tie with `best`.

    `search` already holds the rules and every earlier stage; it is used up. `ties_are_likely` does without the search
    for the second best, which is lost time where it ties.
    """
    chosen = tuple(best)
    complete = True
    stages: list[Stage] = []
    value = objective.value(chosen)
    if search.candidates.width:
        fix_by_prices(search, objective.terms, value, clock)
    columns = [c for c in range(len(search.candidates.initiatives)) if not search.model.is_fixed(c)]
    if not columns:
        return TieBreak(chosen, complete, ())
    search.forbid(chosen, columns)
    if not ties_are_likely and _second_best_is_worse(search, objective, value, clock):
        return TieBreak(chosen, complete, ())
    search.demand(ObjectiveHold(objective, value))
    for criterion in _criteria(search, previous):
        begun = perf_counter()
        # Only what is no worse by the criterion can take the place of `chosen`: all else need not be looked at.
        search.demand(Row(criterion.terms, Sense.AT_MOST, criterion.terms.value(chosen), tight=True))
        found = search.best(criterion.terms, clock, sign=1)
        if found.bits is not None:
            other = objective.value(found.bits)
            if other > value + _SAME * abs(value):
                value = other
                search.demand(ObjectiveHold(objective, value))
            if not exact.reaches(objective.value(chosen), value) or not _precedes(criterion, chosen, found.bits):
                chosen = found.bits
        reason = found.reason
        held = criterion.value(chosen)
        stages.append(
            Stage(
                name=criterion.name,
                unit=criterion.unit,
                reason=StopReason.OPTIMAL if reason is StopReason.INFEASIBLE else reason,
                value=held,
                bound=held if reason is not StopReason.TIME_LIMIT else None,
                gap=0.0 if reason is not StopReason.TIME_LIMIT else None,
                tolerance=exact.tolerance(held),
                seconds=perf_counter() - begun,
            )
        )
        if reason is StopReason.INFEASIBLE:
            break
        if reason is StopReason.TIME_LIMIT:
            complete = False
            break
        for column in criterion.settles:
            search.model.fix(column, chosen[column])
        if not criterion.settles:
            search.demand(Row(criterion.terms, Sense.AT_MOST, criterion.terms.value(chosen), tight=True))
        search.forbid(chosen, columns)
    return TieBreak(chosen, complete, tuple(stages))


def _second_best_is_worse(search: Search, objective: ObjectiveTerms, value: float, clock: Clock) -> bool:
    """Whether everything that `search` still allows is proven to be worse than `value`, so that nothing ties.

    Solvers prove a bound on an objective much faster than that no other portfolio keeps a row which only the best do.
    """
    second = search.best(objective.terms, clock, value_of=objective.value)
    if second.reason is StopReason.INFEASIBLE:
        return True
    return second.bound is not None and not exact.reaches(second.bound, value)


def _precedes(criterion: _Criterion, chosen: Bits, other: Bits) -> bool:
    """Whether `chosen` is at least as good by the criterion."""
    return exact.stays_within(criterion.terms.value(chosen), criterion.terms.value(other))


def _criteria(search: Search, previous: Collection[str] | None) -> Iterator[_Criterion]:
    initiatives = search.candidates.initiatives
    if previous is not None:
        last = frozenset(previous)
        signs = tuple(-1.0 if initiative.key in last else 1.0 for initiative in initiatives)
        terms = Terms(tuple(range(len(initiatives))), signs)
        yield _Criterion("fewest changes", "initiatives", terms, float(sum(sign < 0 for sign in signs)))
    yield _Criterion("fewest tokens", "engineering_tokens", search.candidates.terms(lambda i: i.tokens))
    free = [c for c in range(len(initiatives)) if not search.model.is_fixed(c)]
    for start in range(0, len(free), _BLOCK):
        block = free[start : start + _BLOCK]
        weights = tuple(-(2.0 ** (_BLOCK - 1 - place)) for place in range(len(block)))
        name = f"first keys ({initiatives[block[0]].key} to {initiatives[block[-1]].key})"
        yield _Criterion(name, "order", Terms(tuple(block), weights), settles=block)


def fix_by_prices(search: Search, objective: Terms, value: float, clock: Clock) -> None:
    """Fixes the columns that have the same value in every portfolio that ties with `value`.

    For any prices p >= 0 of the rows g(z) >= 0, ``max of objective + p * g(z)`` over the box bounds what any portfolio
    reaches; taking column j to its other value lowers that bound by |r[j]|, its reduced cost. The bound is recomputed
    here from the prices, so a solver's inaccuracy can make it weaker but never wrong.
    """
    model = search.model
    prices = search.prices(clock)
    if prices is None:
        return
    costs = [0.0] * len(model.variables)
    for column, coefficient in zip(objective.columns, objective.coefficients, strict=True):
        costs[column] = coefficient
    bound = 0.0
    size = 0.0
    for (row, scale), scaled_price in zip(model.scaled_rows(), prices, strict=True):
        price = abs(scaled_price) / (scale * model.cost_scale)
        if not price:
            continue
        direction = row.direction * price
        # Every portfolio that counts keeps the row within the tolerance, whatever slack the solver's row has.
        kept = row.bound if row.soft else row.bound - row.direction * exact.tolerance(row.bound)
        bound -= direction * kept
        size += abs(direction * kept)
        for column, coefficient in zip(row.terms.columns, row.terms.coefficients, strict=True):
            costs[column] += direction * coefficient
    width = search.candidates.width
    for variable, cost in zip(model.variables, costs, strict=True):
        reach = max(0.0, cost) * variable.upBound
        bound += reach
        size += reach
    least = value - exact.tolerance(value) - _FIXING_MARGIN * (size + abs(value))
    for column, cost in enumerate(costs[:width]):
        if bound - abs(cost) < least:
            model.fix(column, int(cost > 0))
