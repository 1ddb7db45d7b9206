"""Which capacity turns the decision about an initiative, from the best plans at all capacities: known once, for all.

Let W(b) be the worth of the best plan at capacity b, and P(b) one of those plans; V(b) that of the best one without
initiative i, and V_i(b) that of the best one with it. Where P(b) has i, V_i(b) = W(b); where it has not, V(b) = W(b).
As b grows none of them falls, and W changes only at single amounts, so there are few plans P, the same for every i.

    entering  on an interval [u, e] of one W with i in P: V_i = W, and V rises. It is in for certain in all of it
              where V(u) < W, and else in none of it, because V = W from u on
    leaving   on one with i not in P: V = W, and V_i rises. It is out for certain up to the last b with V_i(b) < W

Elsewhere the decision is not turned for certain. So one or two solves per initiative and interval are left to do, and
only in the few intervals whose best plan decides the other way.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor

from optimizer import exact
from optimizer.plan import ShareBound
from optimizer.portfolio import Portfolio
from optimizer.studies.capacity_value import Limit, fits, resource_costs
from optimizer.studies.edits import Edit, ForceIn, LeaveOut
from optimizer.studies.grid import Grid, last_that, step_of
from optimizer.studies.opposite import is_verdict
from optimizer.studies.study import Study, Worth, is_better

_FIRST_BLOCK = 8
"""Upwards, so many steps of the column are looked at first, and then ever twice as many."""


class NotProven(Exception):  # noqa: N818 - ends one search, on purpose
    """Time ended a proof, so nothing is known about the number asked for."""


@dataclass(frozen=True, slots=True)
class _Interval:
    """Capacities with one best plan: `near` and `far` are steps of the column away from today's, both included.

    `worth` is None where no plan keeps every rule.
    """

    near: int
    far: int
    worth: Worth | None
    selected: frozenset[str]


class OneWay:
    """The amounts of one limit above today's, or below, with the best plan at each, found as far as needed."""

    def __init__(self, study: Study, limit: Limit, *, is_upwards: bool) -> None:
        self.study, self.limit, self.is_upwards = study, limit, is_upwards
        now, spent = limit.amount(study.scenario), resource_costs(study, limit.resource)
        self.step = step_of([*spent, now])
        self.grid = Grid(now, self.step, 1 if is_upwards else -1)
        all_fit = exact.total(spent) / (1 - study.scenario.reserve)
        reach = min(now / self.step, ceil((all_fit - now) / self.step) + 1) if is_upwards else now / 2 / self.step
        self.most = floor(reach)
        self.all_fit = is_upwards and now + self.most * self.step >= all_fit and not _grows_for_ever(study, limit)
        """Whether everything fits at the largest of these amounts, so that even larger ones change nothing."""
        self._found: list[_Interval] = []
        self._walking = self._upwards() if is_upwards else self._downwards(1, self.most)
        self._is_unproven = False
        self._lock = threading.Lock()

    def first(self, initiative: str) -> int | None:
        """The steps to the first capacity at which a decision is the other one for certain; None where there is none.

        Upwards for what is left out, and downwards for what is selected.

        Raises:
            Cancelled, DefectError, SolverError, SolverUnavailableError: as `Study.solve`.
            NotProven: time ended a proof on the way.
        """
        for one in self._intervals():
            if one.worth is None or (initiative in one.selected) is not self.is_upwards:
                continue
            turned = self._entered(one, initiative) if self.is_upwards else self._left(one, initiative)
            if turned is not None:
                return turned
        return None

    def _intervals(self) -> Iterator[_Interval]:
        """Those that are known, and then further ones."""
        at = 0
        while True:
            with self._lock:
                if at == len(self._found):
                    if self._is_unproven:
                        raise NotProven
                    further = next(self._walking, None)
                    if further is None:
                        return
                    self._found.append(further)
            yield self._found[at]
            at += 1

    def _upwards(self) -> Iterator[_Interval]:
        begin, width = 1, _FIRST_BLOCK
        while begin <= self.most:
            end = min(self.most, begin + width - 1)
            yield from reversed(list(self._downwards(end, begin)))
            begin, width = end + 1, 2 * width

    def _downwards(self, first: int, last: int) -> Iterator[_Interval]:
        """The intervals from the larger capacity down to the smaller one, both in steps away from today's."""
        way = -1 if self.is_upwards else 1
        at, before = first, frozenset[str]()
        while (last - at) * way >= 0:
            edit = self._edit(at)
            found = self.study.solve(edit, break_ties=False, near=before)
            if not is_verdict(found):
                self._is_unproven = True
                raise NotProven
            if not found.status.has_portfolio:
                yield _Interval(min(at, last), max(at, last), None, frozenset())
                return
            least = self._least(found, at, last)
            before = frozenset(found.selected)
            yield _Interval(min(at, least), max(at, least), self.study.worth(found, edit), before)
            at = least + way

    def _least(self, found: Portfolio, at: int, last: int) -> int:
        """The steps to the least capacity, as far as `last`, at which the best plan at `at` still fits."""
        furthest = last
        if self.limit.rule is None:
            used = next(use.used for use in found.resources if use.resource == self.limit.resource)
            needed = used / (1 - self.study.scenario.reserve)
            beyond = floor(abs(self.grid.number(at) - needed) / self.step * (1 + exact.RELATIVE))
            furthest = at + (-1 if self.is_upwards else 1) * min(beyond, abs(last - at))
        return last_that(lambda steps: fits(self.study, self._edit(steps), found), at, furthest)

    def _entered(self, one: _Interval, initiative: str) -> int | None:
        without = self._worth(one.near, LeaveOut(initiative), one)
        return one.near if without is None or self._is_better(one.worth, without) else None

    def _left(self, one: _Interval, initiative: str) -> int | None:
        def is_left(steps: int) -> bool:
            inside = self._worth(steps, ForceIn(initiative), one)
            return inside is None or self._is_better(one.worth, inside)

        if is_left(one.near):
            return one.near
        if one.near == one.far or not is_left(one.far):
            return None
        # It is left out at the far end, and not at the near one.
        return last_that(is_left, one.far, one.near)

    def _worth(self, steps: int, decided: Edit, one: _Interval) -> Worth | None:
        edits = (decided, self._edit(steps))
        found = self.study.solve(*edits, break_ties=False, near=one.selected)
        if not is_verdict(found):
            raise NotProven
        return self.study.worth(found, *edits) if found.status.has_portfolio else None

    def _is_better(self, worth: Worth | None, other: Worth) -> bool:
        return worth is not None and is_better(worth, other, self.study.room)

    def _edit(self, steps: int) -> Edit:
        return self.limit.edit(self.grid.number(steps))


def _grows_for_ever(study: Study, limit: Limit) -> bool:
    """Whether a share of the capacity binds too, or work that is stopped costs something beside all others."""
    has_share = any(
        isinstance(rule, ShareBound) and rule.of_capacity and rule.resource == limit.resource
        for rule in study.scenario.rules
    )
    return has_share or any(one.stop_cost for one in study.candidates)


class CapacityTurns:
    """The capacities of a study, above today's and below, for all of its initiatives."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self._ways: dict[tuple[Limit, bool], OneWay] = {}
        self._lock = threading.Lock()

    def of(self, limit: Limit, *, is_upwards: bool) -> OneWay:
        """The amounts of one limit, one way."""
        with self._lock:
            known = self._ways.get((limit, is_upwards))
            if known is None:
                known = self._ways[limit, is_upwards] = OneWay(self.study, limit, is_upwards=is_upwards)
            return known
