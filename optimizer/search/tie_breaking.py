"""Among portfolios with the same objective, one answer: the same with every solver, machine and order of rows.

Let T be the portfolios that keep every rule and hold every stage (objective within 1e-9 relative of the best). In T:

    (a) the fewest changes against the last run's selection (skipped without a last run)
    (b) of these the fewest engineering tokens (within 1e-9 relative)
    (c) of these the one that holds the first initiative, in sorted order of keys, in which they differ

and over several periods:

    (d) of these the one that starts its initiatives earlier: the least sum of the numbers of their periods
    (e) of these the one that starts the first initiative, in sorted order, in which they differ earlier

Most often T has one portfolio, or very few. So what is known of T stands in a pool, every search is for *another*
portfolio, and when none is left the best of the pool by (a) to (e) is the answer:

    0. Initiatives that are equal in all that counts are ordered: of those the first keys are selected.
    1. Columns with whose other value no portfolio can tie are fixed, by the bound of `lagrangian_bound`. Where the
       objective's stage was left with a small gap (large plans), the gap is closed: only the very best can tie.
    2. Up to `_ASKED` times: the other portfolio with the best *objective*, among those that are no worse by the first
       criterion, with a cutoff just beyond the tolerance. If there is none in T, the pool is all that counts. The
       solver's bounds work for this question as they did for the best portfolio; where a row holds the objective
       instead they do not.
    3. Criterion by criterion: the other portfolio in T that is best by it; the least value is held for the next
       criterion. (c) and (e) go in blocks of keys with weights 2^19 ... 1.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from time import perf_counter
from typing import TypeVar

from optimizer import exact
from optimizer.model.objectives import ObjectiveHold, ObjectiveTerms
from optimizer.model.rows import Bits, Row, Sense, Terms, flip_one_of
from optimizer.portfolio import Stage, StopReason
from optimizer.search.clock import Clock
from optimizer.search.equal_columns import EqualColumns
from optimizer.search.exact_search import Search
from optimizer.search.found import Found
from optimizer.search.lagrangian_bound import LagrangianBound
from optimizer.search.nearby import MOST_COLUMNS, MOST_ENTRIES, Nearby

OTHERS = "others as good"
"""What the stages are called that look for other portfolios of the same objective."""
_ASKED, _ASKED_WHERE_MANY_TIE = 2, 1
"""Measured: fewer leave proofs to step 3, which may take three times as long; more are lost time where many tie."""
_ASKED_FOR_LESS = 30
"""A solver that does not see what is tiny beside a coefficient finds one portfolio after the other, and says so by its
bound."""
_FIXED_ABOVE = 60
"""Up to so many binary columns the bound costs more than it saves (measured)."""
_ONE_PRICE_ABOVE = 5_000
_PRESOLVED = 5_000
"""Up to so many free columns a solver's presolve is used: it helps, but see `Search.leave_out_presolve`."""
_MOST_EQUAL = 3_000
"""With more columns that are equal to others nearly all selections tie: rows for their order alone would take as long
as ties may, and nothing would come of it. They are ordered in the best that is known, and the rest is left open."""
_FEW_ENTRIES = 200_000
"""Looking at all that may tie is worth some milliseconds where a solver takes no more (`optimizer.search.nearby`)."""
_MOST_NEAR, _MOST_NEAR_COLUMNS = 1_000, 1_000_000
"""So many ties are compared one by one, and so many with so many columns in all: half a second."""
_TO_THE_END = 0.5
"""How much of the time may go into closing the gap."""
_UNITS_PER_ENTRY, _UNITS_PER_COLUMN = 0.5, 0.4
"""Of work (`Work`): a solver presolves and solves a relaxation before it looks whether to go on, which takes some 10
microseconds for each entry in columns that are not fixed (measured: 7 to 25); getting the problem to it takes 8 for
each column. Where many questions are asked that takes longer than all that is counted by looks."""
_SEARCH = 0.4
"""A question is asked where so much of that is left for the search after it: with less it would decide nothing."""
_BLOCK = 20
_SURE = 1e-15
"""Relative to a sum of costs: what rounding may add to the difference of two."""
_ROUNDED_TOLERANCE = 1.001
"""A bound that is short of the tolerance by rounding says nothing."""
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class TieBreak:
    """The chosen portfolio; `complete` is False where time ended the tie-breaking, or the proof before it.

    Nothing within the rules is better than `bound` (None: not known).
    """

    bits: tuple[int, ...]
    bound: float | None
    complete: bool
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class _Criterion:
    """Something to minimize among ties; `settles` are groups of x columns: it settles how many of each are on."""

    name: str
    unit: str
    terms: Terms
    constant: float = 0.0
    settles: Sequence[Sequence[int]] = ()

    def value(self, bits: Bits) -> float:
        return exact.total([self.constant, self.terms.value(bits)])

    def best_of(self, pool: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
        """Those with the least value, within the tolerance."""
        least = min(pool, key=self.terms.value)
        return [bits for bits in pool if self.is_no_worse(bits, least)]

    def is_no_worse(self, bits: Bits, least: Bits) -> bool:
        """Whether it is within the tolerance of the least value; where rounding could decide, exactly."""
        value, most = self.terms.value(bits), self.terms.value(least)
        if abs(value - most - exact.tolerance(most)) > _SURE * max(abs(value), abs(most)):
            return exact.stays_within(value, most)
        return exact.reaches_as_written(-self.terms.as_written(bits), -self.terms.as_written(least))

    def is_least(self, bits: Bits, bound: float | None) -> bool:
        """Whether a bound on all leaves nothing that is less, the tolerance aside."""
        value = self.terms.value(bits)
        return bound is None or value - bound <= _ROUNDED_TOLERANCE * exact.tolerance(value)

    def hold(self, pool: Sequence[tuple[int, ...]]) -> "_Hold":
        """The demand to be no worse than the best of `pool`."""
        return _Hold(self, min(pool, key=self.terms.value))


@dataclass(frozen=True, slots=True)
class _Hold:
    """A criterion stays within the tolerance of what it is on a selection."""

    criterion: _Criterion
    least: Bits

    def rows(self) -> Iterator[Row]:
        """``terms <= least``."""
        yield self._row()

    def cut(self, bits: Bits) -> Row | None:
        """None where `bits` is no worse, else a row that forbids it."""
        if self.criterion.is_no_worse(bits, self.least):
            return None
        row = self._row()
        return row.cut(bits) or flip_one_of(row.helpful(bits), bits)

    def _row(self) -> Row:
        terms = self.criterion.terms
        return Row(terms, Sense.AT_MOST, terms.value(self.least), tight=True)


def break_ties(
    search: Search,
    objective: ObjectiveTerms,
    best: Found,
    previous: Collection[str] | None,
    clock: Clock,
    *,
    bound: LagrangianBound | None = None,
    ties_are_likely: bool = False,
) -> TieBreak:
    """The one portfolio among those that tie with `best`, which the objective's stage found.

    `search` already holds the rules and every earlier stage; it is used up. `bound` is on the objective, where it is
    known already. `ties_are_likely` asks for others only once.

    Raises:
        ValueError: `best` is no portfolio.
    """
    if best.bits is None or best.value is None:
        raise ValueError("ties are broken among portfolios, and there is none")
    # One answer with every solver: CBC sees small differences less well, and what ties is no matter of taste.
    search.calls.solver = replace(search.solver, name="highs")
    if bound is None and search.candidates.width > _FIXED_ABOVE:
        search.add_count_rows(objective.terms)
        # A large plan without a bound so far was answered without a solver: one price decides, and is soon found.
        is_large = search.candidates.width > _ONE_PRICE_ABOVE
        bound = search.free_bound(objective.terms, clock) if is_large else search.bound(objective.terms, clock)
    if bound is not None:
        search.fix_what_cannot_tie(best.value, bound)
    stages: list[Stage] = []
    if not _is_tight(best):
        best = _to_the_end(search, objective, best, clock, stages)
        if bound is not None and best.value is not None:
            search.fix_what_cannot_tie(best.value, bound)
    assert best.bits is not None
    columns = [c for c in range(len(search.candidates.options)) if not search.model.is_fixed(c)]
    if not columns:
        return TieBreak(best.bits, best.bound, _is_tight(best), tuple(stages))
    if len(columns) > _PRESOLVED:
        search.leave_out_presolve()
    criteria = list(_criteria(search, previous))
    equals = EqualColumns.of(search, [objective.terms, *(c.terms for c in criteria if not c.settles)], columns)
    if equals.count > _MOST_EQUAL:
        return TieBreak(equals.ordered(best.bits), best.bound, False, tuple(stages))
    for row in equals.rows():
        search.demand(row)
    ties = _Ties(search, objective, equals.ordered(best.bits), criteria, columns)
    complete: bool | None = True
    may_be_few = bound is not None and len(columns) <= MOST_COLUMNS
    if not may_be_few or not ties.know_all_near(MOST_ENTRIES if ties_are_likely else _FEW_ENTRIES):
        complete = ties.ask_for_others(clock, _ASKED_WHERE_MANY_TIE if ties_are_likely else _ASKED)
    if complete is None:
        complete = ties.go_by_criteria(clock)
    chosen = ties.first()
    least = None if best.bound is None else max(best.bound, objective.value(chosen))
    return TieBreak(chosen, least, complete and _is_tight(best), (*stages, *ties.stages))


def _is_tight(found: Found) -> bool:
    return found.gap is not None and found.gap <= exact.RELATIVE


def _to_the_end(search: Search, objective: ObjectiveTerms, best: Found, clock: Clock, stages: list[Stage]) -> Found:
    """The very best, or what half of the time came to."""
    begun = perf_counter()
    near = None if best.value is None else Nearby(search, objective.terms).best(best.value, objective.value)
    half = clock.share(_TO_THE_END)
    if near is not None and near.bits is not None:
        value = objective.value(near.bits)
        last = Found(StopReason.OPTIMAL, near.bits, value, value)
    elif _pays(search, half):
        last = search.best(objective.terms, half, value_of=objective.value)
    else:
        last = replace(best, reason=StopReason.EFFORT)
    if last.value is None or (best.value is not None and last.value < best.value):
        last = replace(last, bits=best.bits, value=best.value)
    last = replace(last, bound=min((b for b in (best.bound, last.bound) if b is not None), default=None))
    own = objective.objective
    seconds = perf_counter() - begun
    stages.append(last.as_stage("objective to the end", own.unit, seconds, sign=own.sign, breaks_ties=True))
    return last


def _pays(search: Search, clock: Clock) -> bool:
    """Takes what a solver does before its first look off the work; False where there is too little for a search."""
    matrix = search.model.arrays.matrix()
    is_free = matrix.upper > matrix.lower
    units = _UNITS_PER_ENTRY * int(is_free[matrix.index].sum()) + _UNITS_PER_COLUMN * matrix.width
    if (1 + _SEARCH) * units > clock.work.left:
        return False
    clock.work.spend(units)
    return True


class _Ties:
    """What is known of T (`pool`, never empty), and the search for more of it."""

    def __init__(
        self,
        search: Search,
        objective: ObjectiveTerms,
        best: tuple[int, ...],
        criteria: Sequence[_Criterion],
        columns: Sequence[int],
    ) -> None:
        self.search = search
        self.objective = objective
        self.columns = columns
        self.criteria = criteria
        self.best = best
        self.pool: list[tuple[int, ...]] = []
        self.stages: list[Stage] = []
        self.is_held = False
        self._know(best)

    def first(self) -> tuple[int, ...]:
        """The best of the pool by (a) to (e)."""
        pool = self.pool
        for criterion in self.criteria:
            pool = criterion.best_of(pool)
        return max(pool)

    def know_all_near(self, most: int) -> bool:
        """Whether all that may tie could be looked at, with so much effort: the pool is then all that counts."""
        begun = perf_counter()
        value = self.objective.value(self.best)
        near = Nearby(self.search, self.objective.terms).above(value - 2 * exact.tolerance(value), most)
        few = min(_MOST_NEAR, _MOST_NEAR_COLUMNS // len(self.best))
        found = [] if near is None else list(islice(near, few + 1))
        if near is None or len(found) > few:
            return False
        best = max([self.best, *found], key=self.objective.value)
        if self.objective.exceeds(best, self.best):
            self.best = best
        self.pool = [bits for bits in dict.fromkeys([self.pool[0], *found]) if self.objective.ties(bits, self.best)]
        if len(self.pool) > 1:
            self._record("others as good", "portfolios", StopReason.OPTIMAL, float(len(self.pool) - 1), begun)
        return True

    def ask_for_others(self, clock: Clock, times: int) -> bool | None:
        """Looks for others by their objective; whether the pool then is all that counts, None where that is open."""
        for _ in range(times):
            begun = perf_counter()
            self.search.demand(self.criteria[0].hold(self.pool))
            if not _pays(self.search, clock):
                self._record(OTHERS, "portfolios", StopReason.EFFORT, float(len(self.pool) - 1), begun)
                return False
            found = self.search.best(
                self.objective.terms,
                clock,
                value_of=self.objective.value,
                as_good_as=self.objective.value(self.best),
                twice=True,
            )
            is_new = found.bits is not None and self._know(found.bits)
            is_last = found.reason is StopReason.INFEASIBLE or not self._may_tie(found.bound)
            if len(self.pool) > 1 or not is_last:
                self._record(OTHERS, "portfolios", found.reason, float(len(self.pool) - 1), begun)
            if is_last:
                return True
            if found.reason.is_limit:
                return False
            if not is_new:
                break
        return None

    def go_by_criteria(self, clock: Clock) -> bool:
        """Settles one criterion after the other; False where time ended first."""
        self._hold()
        for criterion in self.criteria:
            begun = perf_counter()
            for _ in range(_ASKED_FOR_LESS):
                # Only what is no worse can take the place of the best so far: all else need not be looked at.
                self.search.demand(criterion.hold(self.pool))
                if not _pays(self.search, clock):
                    self._record(
                        criterion.name, criterion.unit, StopReason.EFFORT, criterion.value(self.pool[0]), begun
                    )
                    return False
                found = self.search.best(criterion.terms, clock, sign=1)
                if found.bits is not None:
                    self._know(found.bits)
                self.pool = criterion.best_of(self.pool)
                is_least = criterion.is_least(self.pool[0], found.bound)
                if is_least or found.reason is not StopReason.OPTIMAL:
                    break
            reason = StopReason.EFFORT if found.reason is StopReason.OPTIMAL and not is_least else found.reason
            self._record(criterion.name, criterion.unit, reason, criterion.value(self.pool[0]), begun)
            if reason is not StopReason.OPTIMAL:
                return reason is StopReason.INFEASIBLE
            if criterion.settles:
                for group in criterion.settles:
                    self._settle(group)
            else:
                self.search.demand(criterion.hold(self.pool))
        return True

    def _settle(self, group: Sequence[int]) -> None:
        """Whether one of some columns is on, of which at most one can be, stays as it is in the best so far."""
        if len(group) == 1:
            self.search.model.fix(group[0], self.pool[0][group[0]])
        elif any(self.pool[0][column] for column in group):
            self.search.demand(Row(Terms(group, (1.0,) * len(group)), Sense.AT_LEAST, 1.0))
        else:
            for column in group:
                self.search.model.fix(column, 0)

    def _know(self, bits: tuple[int, ...]) -> bool:
        """Takes a portfolio into the pool if it ties, and forbids it; whether it does."""
        if not self.objective.ties(bits, self.best):
            return False
        self.pool.append(bits)
        self.search.forbid(bits, self.columns)
        if self.objective.exceeds(bits, self.best):
            self.best = bits
            self.pool = [other for other in self.pool if self.objective.ties(other, bits)]
            if self.is_held:
                self._hold()
        return True

    def _hold(self) -> None:
        self.is_held = True
        self.search.demand(ObjectiveHold(self.objective, self.best))

    def _may_tie(self, bound: float | None) -> bool:
        value = self.objective.value(self.best)
        return bound is None or value - bound <= _ROUNDED_TOLERANCE * exact.tolerance(value)

    def _record(self, name: str, unit: str, reason: StopReason, value: float, begun: float) -> None:
        is_proven = not reason.is_limit
        self.stages.append(
            Stage(
                name=name,
                unit=unit,
                reason=StopReason.OPTIMAL if is_proven else reason,
                value=value,
                bound=value if is_proven else None,
                gap=0.0 if is_proven else None,
                tolerance=exact.tolerance(value),
                seconds=perf_counter() - begun,
                breaks_ties=True,
            )
        )


def _criteria(search: Search, previous: Collection[str] | None) -> Iterator[_Criterion]:
    candidates = search.candidates
    if previous is not None:
        last = frozenset(previous)
        terms = candidates.terms(lambda initiative: -1.0 if initiative.key in last else 1.0)
        yield _Criterion("fewest changes", "initiatives", terms, float(len(last.intersection(candidates.columns))))
    yield _Criterion("fewest tokens", "engineering_tokens", candidates.cost_terms())
    is_open = [not search.model.is_fixed(column) for column in range(len(candidates.options))]
    free = {key: group for key, group in candidates.columns.items() if any(is_open[column] for column in group)}
    for keys in _blocks(list(free)):
        name = f"first keys ({keys[0]} to {keys[-1]})"
        yield _Criterion(name, "order", _ordered([free[key] for key in keys]), settles=[free[key] for key in keys])
    if candidates.horizon:
        yield _Criterion("earliest starts", "periods", candidates.terms_at(lambda option: float(option.start or 0)))
        starts = [column for group in free.values() if len(group) > 1 for column in group if is_open[column]]
        for block in _blocks(starts):
            name = f"first starts ({candidates.options[block[0]].key} to {candidates.options[block[-1]].key})"
            groups = [(column,) for column in block]
            yield _Criterion(name, "order", _ordered(groups), settles=groups)


def _blocks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[start : start + _BLOCK] for start in range(0, len(items), _BLOCK))


def _ordered(groups: Sequence[Sequence[int]]) -> Terms:
    """The less, the more of the first groups are on."""
    pairs = [(column, -(2.0 ** (_BLOCK - 1 - place))) for place, group in enumerate(groups) for column in group]
    return Terms(tuple(column for column, _ in pairs), tuple(weight for _, weight in pairs))
