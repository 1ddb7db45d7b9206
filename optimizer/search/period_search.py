"""The best plan over several periods: as a whole where that is quick, else by parts, from above and from below.

    1. The whole problem for so much work: most plans are proven then. A large one is built without a solver before
       that, and a very large one is only built.
    2. From below: better and better selections, each the best within a neighborhood of the one before
       (`optimizer.search.neighborhoods`; large neighborhood search: Shaw 1998).
    3. From above: a bound on what each group (team) can do, at prices for what links them
       (`optimizer.search.group_bound`). What the groups were seen to do is put together, repaired, and goes into 2.
    4. With what is left, the whole problem again from there.

2 and 3 take turns until they meet, or until neither gets any further. Both are counted in work, so the same inputs end
at the same place; the clock is only a limit.
"""

from collections.abc import Callable, Collection
from math import inf

from optimizer.model.rows import Bits, Terms
from optimizer.portfolio import StopReason
from optimizer.search.clock import Clock
from optimizer.search.core_search import CORE_ABOVE, CoreFound, best_by_core
from optimizer.search.exact_search import Search
from optimizer.search.found import Found
from optimizer.search.group_bound import GroupBound
from optimizer.search.groups import Groups
from optimizer.search.sides import STALLED, Aim, FromAbove, FromBelow, Side

_WHOLE_UNITS, _WHOLE_SHARE = 60_000.0, 0.05
"""The whole problem may take so much work at first, or this part of all there is if that is less."""
_HEAVY_ABOVE = 1_000.0
"""Up to so many entries the whole problem costs a solver what its looks count for, and beyond as many times as much as
it has more: with 11,000 a look was seen to take 40 ms instead of 2."""
_WHOLE_UP_TO = 4_000
"""Of more columns a solver has no plan for a long time (seen: 13 CPU seconds with 7,000, none of them a look)."""
_TURN_UNITS, _TURN_SHARE = 120_000.0, 0.05
"""A turn of 2 or 3 takes this part of all there is, or so much where there is no limit."""
_FIRST_TURNS = 2.0
"""The first turn of 2 is so many times as long: prices begin better with a good selection."""
_PARTS_UNITS, _PARTS_SHARE = 10_000_000.0, 0.95
"""2 and 3 together take so much where there is no limit; else they leave the rest for 4."""
_ROUND_TURNS = 5.0
"""A round of all groups may come to take as long as so many turns."""
_MEMORY = 0.5
"""What a turn brings, relative to the value, counts beside so much of what those before it brought."""
_PATIENCE = 6
"""After so many turns in a row that brought nothing the rest of the work goes into the whole problem."""


def best_over_periods(
    search: Search,
    terms: Terms,
    clock: Clock,
    *,
    relative_gap: float = 0.0,
    value_of: Callable[[Bits], float] | None = None,
    twice: bool = False,
    known: Collection[Bits] = (),
) -> CoreFound:
    """The largest value of `terms`, as `best_by_core` finds it; never less than that of a `known` selection.

    Raises:
        Cancelled: the clock's caller wished to stop.
        SolverError: the solver crashed, and no selection is known.
    """
    aim = Aim(search, terms, value_of or terms.value, relative_gap)
    is_large = search.candidates.width > CORE_ABOVE
    built = aim.built(known) if is_large else None
    known = known if built is None else [*known, built]

    def whole(units: float, known: Collection[Bits]) -> CoreFound:
        """The whole problem, for what costs a solver so much work."""
        price = max(1.0, len(search.model.arrays.matrix().value) / _HEAVY_ABOVE)
        part = clock.of_work(units / price)
        found = best_by_core(
            search,
            terms,
            part,
            relative_gap=relative_gap,
            value_of=value_of,
            twice=twice,
            known=known,
            # Cores are for few long rows: over periods they were seen to prove less, and later.
            has_core=not is_large or not known,
        )
        clock.work.spend((price - 1) * part.work.done)
        return found

    work = clock.work.left
    if built is None or search.candidates.width <= _WHOLE_UP_TO:
        first = whole(min(_WHOLE_UNITS, _WHOLE_SHARE * work), known)
    else:
        first = CoreFound(aim.bounded(Found(StopReason.EFFORT, tuple(built), aim.value_of(built), None), clock), None)
    found = first.found
    if not found.reason.is_limit or clock.is_over or clock.is_work_done:
        return first
    if found.bits is None:
        # Hardly anything is possible: a solver has to go on.
        return whole(inf, known)
    most = _PARTS_UNITS if work == inf else _PARTS_SHARE * work
    closer = _by_parts(aim, found, clock, min(_TURN_UNITS, _TURN_SHARE * work), most)
    if closer.reason is StopReason.OPTIMAL or clock.is_over or clock.is_work_done:
        return CoreFound(closer, None)
    assert closer.bits is not None
    last = whole(clock.work.left, [closer.bits]).found
    return CoreFound(aim.settled(last if closer.bound is None else last.with_bound(closer.bound, -1)), None)


def _by_parts(aim: Aim, found: Found, clock: Clock, turn: float, most: float) -> Found:
    """A better answer, after turns of so much work each and in all no more than `most`; OPTIMAL where the sides met."""
    assert found.bits is not None
    search = aim.search
    search.model.minimize(aim.terms, -1)
    matrix = search.model.arrays.matrix()
    groups = Groups.of(search.candidates, matrix)
    bound, prices = aim.relaxed(clock)
    below = FromBelow(aim, groups, found.bits, min(bound, inf if found.bound is None else found.bound))
    above = None
    if groups is not None and prices is not None:
        above = FromAbove(aim, GroupBound(matrix, groups, prices), below, _ROUND_TURNS * turn)
    end = clock.work.done + most
    brought: dict[Side, float] = {below: inf}
    stalled, length = 0, _FIRST_TURNS * turn
    while stalled < _PATIENCE and not (below.is_met or clock.is_over or clock.work.done >= end):
        gap = below.gap
        sides: list[Side] = [below] if above is None or not above.promise else [below, above]
        hopes = {side: max(brought.get(side, 0.0), side.promise * gap) for side in sides}
        side = max(hopes, key=lambda side: hopes[side])
        # Luck may still come from below.
        side = side if hopes[side] > STALLED else below
        side.go_on(clock.of_work(min(length, end - clock.work.done)))
        closed = 0.0 if below.gap == gap else (gap - below.gap) * turn / length
        before = brought.get(side, 0.0)
        brought[side] = closed if before == inf else (1 - _MEMORY) * closed + _MEMORY * before
        stalled = 0 if closed > STALLED or side.promise else stalled + 1
        length = turn
    reason = StopReason.TIME_LIMIT if clock.is_over else StopReason.EFFORT
    proven = None if below.bound == inf else max(below.value, below.bound)
    return aim.settled(Found(reason, below.bits, below.value, proven))
