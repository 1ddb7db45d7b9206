"""A complete frontier band by band: what lists say (`optimizer.search.efficient_selections`), or a solver.

From the best of the first measure on, one band of the second measure after the other is settled, as wide as lists stay
short. Where even a narrow one leaves too much to list, the best of the first measure is asked for at its beginning;
nothing else that has no more of the second measure than that plan is efficient, so the next band begins beyond it. At
first both are given little to do, and in turns more, so that what is quicker is found before much time is lost.

After some bands the rest is cut into parts that are found side by side.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from math import inf

from optimizer.errors import Cancelled
from optimizer.model.rows import Bits
from optimizer.portfolio import Portfolio
from optimizer.search.efficient_selections import EfficientSelections
from optimizer.studies.frontier_axes import floor_of
from optimizer.studies.frontier_questions import EfficientPlan, FrontierParts, Questions
from optimizer.studies.parallel import Stopped, solve_many

_BANDS = 40
"""So many bands of equal width are begun with."""
_WIDER, _NARROWER = 4, 8
"""They become no more than so many times wider or narrower."""
_PARTS, _SHORTER = 6, 2
"""A fixed number of parts, so that nothing depends on how many cores there are. They get shorter, because what is near
the best of the second measure takes longer: half of the parts have a quarter of the way before them."""
_EFFORTS = ((60_000, 1_500.0), (300_000, 12_000.0))
"""Before lists may be as long as they may at most, and a solver may work as long as it needs: entries at once, and
units of work, which take about as long (measured)."""
_IN_VAIN = 2
"""After so many answers of a solver, one after the other, it is asked first, until it takes more work."""

Totals = tuple[int, int]


def banded_plans(
    ask: Questions, most_entries: int, *, alone: int, workers: int | None, on_done: Callable[[], None] | None
) -> Iterator[EfficientPlan] | None:
    """Every efficient plan, the best of the first measure first; None without lists, and where no plan is possible.

    The iterator raises Stopped after what was found before somebody asked for it, which is all before some plan.

    Args:
        ask: the questions.
        most_entries: as `optimizer.search.efficient_selections`.
        alone: after so many bands the rest is found in parts.
        workers: how many parts are found at once, None for one per core.
        on_done: called after each band, and after each part.

    Raises:
        Stopped: somebody asked for what was found so far, which is nothing.
    """
    found = ask.selections() if most_entries else None
    if found is None:
        return None
    bands = _Bands(ask, *found, most_entries)
    for axis in ask.axes:
        end = ask.solve(axis, ())
        if not end.status.has_portfolio:
            return None
        bands.learn(end)
    return _plans(bands, alone, workers, on_done)


def _plans(
    bands: "_Bands", alone: int, workers: int | None, on_done: Callable[[], None] | None
) -> Iterator[EfficientPlan]:
    known = bands.selections.known
    ends = list(known)
    begin, end = ends[0][1], ends[-1][1] + 1
    others = list(known.values())
    reached, parts = begin, list[tuple[int, int]]()
    found: list[tuple[list[tuple[int, EfficientPlan]], bool]] = []
    is_stopped = False
    try:
        for step in bands.settled(begin, end, alone):
            reached = step
            if on_done is not None:
                on_done()
        parts = _parts(reached, end)
        known_there = tuple(map(tuple, others))
        questions = BandParts(bands.ask, known_there, tuple(parts), end - begin, bands.most_entries, bands.level)
        found = solve_many(questions, bands.ask.stop, workers=workers, on_done=on_done)
    except (KeyboardInterrupt, Stopped):
        is_stopped = True
    is_stopped |= len(found) < len(parts)
    reached = parts[len(found) - 1][1] if found else reached
    # What is missing may be better by both measures than what was found last.
    most = bands.selections.bound(reached) if is_stopped else -inf
    efficient: list[EfficientPlan] = []
    for points, is_proven in reversed([(bands.plans(begin, parts[0][0] if parts else reached), True), *found]):
        bands.ask.is_proven &= is_proven
        for first, point in reversed(points):
            if first > most:
                efficient.append(point)
                most = first
    yield from reversed(efficient)
    if is_stopped:
        raise Stopped


def _parts(reached: int, end: int) -> list[tuple[int, int]]:
    """What is left, cut into parts that take about as long each."""
    left = end - reached
    floors = [end - round(left * (1 - number / _PARTS) ** _SHORTER) for number in range(_PARTS + 1)]
    return [(first, before) for first, before in pairwise(floors) if first < before]


@dataclass(frozen=True)
class BandParts(FrontierParts[tuple[list[tuple[int, EfficientPlan]], bool]]):
    """Parts of a frontier that is `whole` steps wide, each from a step to below another.

    `known` are selections, among them the best by the second measure; `most_entries` is as for the whole frontier, and
    `level` the effort that was needed before.
    """

    known: tuple[tuple[int, ...], ...]
    parts: tuple[tuple[int, int], ...]
    whole: int
    most_entries: int
    level: int

    def __len__(self) -> int:
        """How many there are."""
        return len(self.parts)

    def answer(self, number: int) -> tuple[list[tuple[int, EfficientPlan]], bool]:
        """Plans of a part with their first measure in steps, and whether all of them are proven.

        They are all that are efficient, and others that only a plan beyond the part is better than.
        """
        begin, end = self.parts[number]
        own = self.ask.part()
        found = own.selections()
        assert found is not None, "what could be listed before can be listed again"
        bands = _Bands(own, *found, self.most_entries, self.level)
        for bits in self.known:
            bands.selections.learn(bits)
        for _ in bands.settled(begin, end, whole=self.whole):
            pass
        return bands.plans(begin, end), own.is_proven


@dataclass(slots=True)
class _Bands:
    ask: Questions
    selections: EfficientSelections
    unit: float
    most_entries: int
    level: int = 0
    asked: dict[Totals, Portfolio] = field(default_factory=dict)

    def settled(self, begin: int, end: int, most: float = inf, *, whole: int | None = None) -> Iterator[int]:
        """Learns all that is efficient from `begin` to below `end`, or in the first bands: how far, step by step.

        Raises:
            Cancelled: the caller wished to stop.
            Stopped: somebody asked for what was found so far.
        """
        width = max(1, (whole or end - begin) // _BANDS)
        widest, narrowest = _WIDER * width, max(1, width // _NARROWER)
        efforts = [effort for effort in _EFFORTS if effort[0] < self.most_entries] + [(self.most_entries, inf)]
        in_vain = done = 0
        was_too_wide = False
        while begin < end and done < most:
            entries, units = efforts[self.level]
            if in_vain < _IN_VAIN:
                if self.selections.settle(begin, min(end, begin + width), self._check, entries):
                    begin, in_vain, done = min(end, begin + width), 0, done + 1
                    # What was too wide just now is so next time.
                    width, was_too_wide = width if was_too_wide else min(widest, 2 * width), False
                    yield begin
                    continue
                was_too_wide = True
                if width > narrowest:
                    width = (width + 1) // 2
                    continue
            elif units == inf:
                units = _EFFORTS[-1][1]
            best = self._best_from(begin, units)
            if best is None:
                self.level, in_vain = min(self.level + 1, len(efforts) - 1), 0
            elif best.status.has_portfolio:
                begin, in_vain, done = max(begin, self.learn(best)[1]) + 1, in_vain + 1, done + 1
                yield min(begin, end)
            else:
                return

    def _check(self) -> None:
        if self.ask.cancel.is_set():
            raise Cancelled("stopped on request")
        if self.ask.stop():
            raise Stopped

    def _best_from(self, begin: int, units: float) -> Portfolio | None:
        """The best of the first measure from `begin` on; None where so many units of work are too few."""
        near = self.selections.best_of(begin)
        if near is not None:
            self.ask.near = (tuple(self.ask.candidates.keys(self.selections.known[near])),)
        aim, floors = self.ask.axes[0], (floor_of(self.ask.axes[1], self._second(begin)),)
        return self.ask.solve(aim, floors) if units == inf else self.ask.quick(aim, floors, units)

    def learn(self, best: Portfolio) -> Totals:
        """Adds the answer of a solver; its totals."""
        bits = self.ask.candidates.bits_of(best.selected)
        totals = self.selections.totals(bits)
        self.selections.learn(bits)
        self.asked[totals] = best
        return totals

    def plans(self, begin: int, end: int) -> list[tuple[int, EfficientPlan]]:
        """What is known from `begin` to below `end`, with the first measure in steps."""
        found = self.selections.known.items()
        return [(totals[0], self._plan(totals, bits)) for totals, bits in found if begin <= totals[1] < end]

    def _plan(self, totals: Totals, bits: Bits) -> EfficientPlan:
        """The plan of a selection; as the solver has it where that was asked, proven or not."""
        if totals in self.asked:
            return self.ask.point(self.asked[totals])
        return self.ask.proven(bits, self._second(totals[1]))

    def _second(self, steps: int) -> float:
        """So many steps of the second measure in its own unit."""
        return self.ask.sign * float(Decimal(repr(self.unit)) * steps)
