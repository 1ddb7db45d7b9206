"""What the rows of the Initiatives tab say about time: read with the row, checked once the plans' periods are known."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any

from config.tabs import LONGEST_PROFILE
from optimizer.exact import reaches, stays_within
from optimizer.plan import Mandate, Prerequisite, rules_of_kind
from sheets_sync.checks.context import CheckContext
from sheets_sync.checks.drafts import InitiativeDraft, Place, ScenarioDraft, Timing
from sheets_sync.checks.issue_collector import Touches, only
from sheets_sync.checks.tab_reader import TabReader
from sheets_sync.checks.timeline import find_period, is_before
from sheets_sync.inputs.cell_text import shown_number

PROFILE = tuple(f"tokens_in_{number}" for number in range(1, LONGEST_PROFILE + 1))
OF_PLANS_OVER_PERIODS = ("earliest_start", "latest_finish", "duration_periods", *PROFILE, "may_stop", "stop_cost")
_OF_WORK_IN_PROGRESS = ("remaining_tokens", "may_stop", "stop_cost")


def read_timing(reader: TabReader, statuses: Mapping[int, str]) -> dict[int, Timing]:
    """What each row says, as far as it can be read; nothing about periods is checked yet."""
    earliest, latest = reader.periods("earliest_start"), reader.periods("latest_finish")
    durations, stop_costs = reader.numbers("duration_periods"), reader.numbers("stop_cost")
    may_stop = reader.booleans("may_stop")
    profiles = [reader.numbers(name) for name in PROFILE]
    found = {}
    for row in reader.frame.rows:
        spent = [amounts.get(row) for amounts in profiles]
        while spent and spent[-1] is None:
            spent.pop()
        filled = reader.filled(row)
        found[row] = Timing(
            is_in_progress=statuses.get(row) == "in_progress",
            earliest=earliest.get(row),
            latest=latest.get(row),
            duration=int(durations.get(row, len(spent) or 1)) or 1,
            profile=tuple(amount or 0.0 for amount in spent),
            may_stop=may_stop.get(row, False),
            stop_cost=stop_costs.get(row, 0.0),
            places={
                name: reader.place(row, name)
                for name in (*OF_PLANS_OVER_PERIODS, "remaining_tokens")
                if name in filled and not (name == "may_stop" and row in may_stop and not may_stop[row])
            },
        )
        if row in durations and not durations[row].is_integer():
            found[row].places["part of a period"] = reader.place(row, "duration_periods")
    return found


def with_remaining(reader: TabReader, tokens: Mapping[int, float], statuses: Mapping[int, str]) -> dict[int, float]:
    """The tokens of each row; of work in progress what remains, where the row says so."""
    remaining = reader.numbers("remaining_tokens")
    return {**tokens, **{row: left for row, left in remaining.items() if statuses.get(row) == "in_progress"}}


def mentioned_periods(drafts: Sequence[InitiativeDraft]) -> Iterator[str]:
    """Every period that the rows speak of in their dates."""
    for draft in drafts:
        yield from (text for text in (draft.timing.earliest, draft.timing.latest) if text is not None)


def settle_timing(context: CheckContext, reader: TabReader) -> None:
    """Put periods of the plan in place of what is written, and report what cannot be."""
    has_horizons = any(scenario.first or scenario.last for scenario in context.scenarios)
    if not has_horizons:
        _report_unused(context, reader)
    for draft in context.initiatives:
        _Row(context, draft).settle(has_horizons=has_horizons)


def _report_unused(context: CheckContext, reader: TabReader) -> None:
    """Once per column: it counts in plans over several periods, and there is none."""
    for name in OF_PLANS_OVER_PERIODS:
        place = next((d.timing.places[name] for d in context.initiatives if name in d.timing.places), None)
        if place is not None and context.scenarios:
            context.findings.add("timing_not_used", place, column=reader.label(name))


@dataclass(frozen=True)
class _Row:
    context: CheckContext
    draft: InitiativeDraft

    def settle(self, *, has_horizons: bool) -> None:
        draft, timing = self.draft, self.draft.timing
        for column in _OF_WORK_IN_PROGRESS:
            if column in timing.places and not timing.is_in_progress:
                self._warn("not_in_progress", column, key=draft.key or "")
        if not has_horizons:
            return
        if "part of a period" in timing.places:
            self._stop("part_of_a_period", "duration_periods")
        self._check_profile()
        if draft.is_done or not draft.is_candidate:
            timing.earliest = timing.latest = None
        if timing.is_in_progress or is_before(self.context.timeline, timing.earliest):
            timing.earliest = None
        earliest = self._period("earliest_start", timing.earliest)
        latest = self._period("latest_finish", timing.latest)
        timing.earliest = None if earliest is None else self.context.timeline[earliest[0]].name
        timing.latest = None if latest is None else self.context.timeline[latest[1]].name
        if earliest is not None and latest is not None and earliest[0] + timing.duration - 1 > latest[1]:
            takes = _periods(timing.duration)
            self._stop("finish_before_start", "latest_finish", first=timing.earliest, last=timing.latest, periods=takes)
            timing.latest = None

    def _check_profile(self) -> None:
        timing, tokens = self.draft.timing, self.draft.tokens
        if not timing.profile:
            return
        last = PROFILE[len(timing.profile) - 1]
        total = fsum(timing.profile)
        if len(timing.profile) != timing.duration:
            self._stop("profile_length", last, count=len(timing.profile), periods=_periods(timing.duration))
        elif tokens is not None and not (reaches(total, tokens) and stays_within(total, tokens)):
            self._stop("profile_sum", last, total=shown_number(total), tokens=shown_number(tokens))
        else:
            return
        timing.profile = ()

    def _period(self, column: str, text: str | None) -> tuple[int, int] | None:
        if text is None or not self.context.timeline:
            return None
        found = find_period(self.context.timeline, text)
        if found is None:
            names = f"{self.context.timeline[0].name} to {self.context.timeline[-1].name}"
            self._stop("unknown_period", column, value=text, where=f"among {names}")
        return found

    def _stop(self, code: str, column: str, **values: Any) -> None:
        self.context.findings.add(code, self._place(column), self._touches, **{"column": column, **values})

    def _warn(self, code: str, column: str, **values: Any) -> None:
        self.context.findings.add(code, self._place(column), **{"column": column, **values})

    def _place(self, column: str) -> Place:
        return self.draft.timing.places.get(column, self.draft.place)

    @property
    def _touches(self) -> Touches:
        draft = self.draft

        def touches(scenario: ScenarioDraft) -> bool:
            return bool(scenario.first) and draft.takes_part_in(scenario)

        return touches


def _periods(count: int) -> str:
    return "1 period" if count == 1 else f"{count} periods"


def report_too_late(context: CheckContext) -> None:
    """What can never be finished in time: it is too long, or what it needs takes too long; once all rules are read."""
    by_key = context.initiatives_by_key
    numbers = {period.name: place for place, period in enumerate(context.timeline)}
    for scenario in context.scenarios:
        if not scenario.horizon:
            continue
        first, length = numbers[scenario.horizon[0].name], len(scenario.horizon)
        ready = _earliest_finishes(scenario, by_key, numbers, first)
        mandated = {rule.initiative for rule in rules_of_kind(scenario.rules, Mandate)}
        for key, draft in by_key.items():
            if key not in ready or draft.is_broken:
                continue
            finish, waits_for = ready[key]
            latest = length - 1 if draft.timing.latest is None else numbers[draft.timing.latest] - first
            if finish > min(latest, length - 1):
                because = (
                    f'because "{waits_for}" comes first'
                    if waits_for
                    else f"because it takes {_periods(draft.timing.duration)}"
                )
                column = "latest_finish" if "latest_finish" in draft.timing.places else "duration_periods"
                place = draft.timing.places.get(column, draft.place)
                end = scenario.horizon[min(latest, length - 1)].name if latest >= 0 else draft.timing.latest
                values: dict[str, Any] = {"key": key, "last": end, "because": because, "scenario": scenario.name}
                if draft.is_mandatory or key in mandated:
                    context.findings.add("mandatory_too_late", place, only(scenario), **values)
                else:
                    context.findings.add("never_in_time", place, **values)


def _earliest_finishes(
    scenario: ScenarioDraft, by_key: Mapping[str, InitiativeDraft], numbers: Mapping[str, int], first: int
) -> dict[str, tuple[int, str]]:
    """The earliest period in which each candidate can be finished, and what it waits for; cycles are left out."""
    needs = {key: [(other, 0) for other in draft.prerequisites] for key, draft in by_key.items()}
    for rule in rules_of_kind(scenario.rules, Prerequisite):
        needs.setdefault(rule.initiative, []).extend((other, rule.lag) for other in rule.requires)
    found: dict[str, tuple[int, str]] = {}
    waiting = {key for key, draft in by_key.items() if draft.takes_part_in(scenario)}
    while True:
        open_ones = [key for key in waiting if all(other not in waiting for other, _ in needs[key])]
        if not open_ones:
            return found
        for key in sorted(open_ones):
            timing = by_key[key].timing
            start = 0 if timing.earliest is None else max(0, numbers[timing.earliest] - first)
            waits_for = ""
            for other, lag in needs[key] if not timing.is_in_progress else ():
                if other in found and found[other][0] + lag > start:
                    start, waits_for = found[other][0] + lag, other
            found[key] = (start + timing.duration - 1, waits_for)
        waiting.difference_update(open_ones)
