"""The periods of plans over several, in the order of time: those of the Periods tab, or the calendar's.

Without the tab the scenarios' first and last periods say how long a period is, and everything between the earliest and
the latest period that the workbook speaks of is a period of the plan.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sheets_sync.checks.cell_values import Fault
from sheets_sync.checks.context import CheckContext
from sheets_sync.checks.drafts import NamedPeriod, Place, ScenarioDraft
from sheets_sync.checks.issue_collector import only
from sheets_sync.checks.tab_reader import TabReader
from sheets_sync.inputs.frames import Frame
from sheets_sync.inputs.periods import Period, PeriodNames, fold_period, parse_period

MOST_PERIODS = 120
"""A plan over more periods is probably a mistake in a year."""


def read_periods(frame: Frame, context: CheckContext) -> list[NamedPeriod]:
    """The rows of the Periods tab, in their order; blank and repeated names are reported, and dates that cannot be."""
    reader = TabReader(frame, context.findings, context.locale)
    names = reader.keys("period_key")
    reader.require("period_key", names, code="blank_key")
    first: dict[str, int] = {}
    for row, name in names.items():
        other = first.setdefault(fold_period(name), row)
        if other != row:
            reader.fault(row, "period_key", Fault("duplicate_key", {"value": name, "cell": reader.place(other).cell}))
    days = _checked_days(reader, names, list(first.values()))
    for row in frame.rows:
        reader.report(row, lambda scenario: scenario.first is not None)
    return [NamedPeriod(names[row], parse_period(names[row]), *days[row]) for row in first.values()]


def _checked_days(
    reader: TabReader, names: Mapping[int, str], rows: Sequence[int]
) -> dict[int, tuple[date | None, date | None]]:
    """The first and the last day of each period, in their order; what contradicts it is noted at its cell."""
    starts, ends = reader.dates("starts"), reader.dates("ends")
    days: dict[int, tuple[date | None, date | None]] = {}
    for at, row in enumerate(rows):
        above, below = rows[at - 1] if at else None, rows[at + 1] if at + 1 < len(rows) else None
        first = starts.get(row) or (_next(ends.get(above), 1) if above is not None else None)
        last = ends.get(row) or (_next(starts.get(below), -1) if below is not None else None)
        days[row] = first, last
        if first is not None and last is not None and last < first:
            cell = "ends" if row in ends else "starts"
            reader.fault(row, cell, Fault("period_backwards", {"name": names[row], "start": first, "end": last}))
            days[row] = None, None
        before = None if above is None else days[above][1]
        if before is None or row not in starts or starts[row] == _next(before, 1):
            continue
        values = {"name": names[row], "start": starts[row], "other": names[rows[at - 1]], "end": before}
        if starts[row] <= before:
            reader.fault(row, "starts", Fault("periods_overlap", values))
        elif (gap := (starts[row] - before).days - 1) > _LONG_WEEKEND:
            reader.fault(row, "starts", Fault("periods_gap", {**values, "days": gap}))
    return days


_LONG_WEEKEND = 4
"""Days between two sprints of which nobody needs to be told."""


def _next(day: date | None, step: int) -> date | None:
    return None if day is None else day + timedelta(days=step)


def settle_horizons(context: CheckContext, listed: Sequence[NamedPeriod], mentioned: Iterable[str]) -> None:
    """Give each scenario its periods, and the context all of them; what is wrong is reported at its cell.

    `listed` are those of the Periods tab, `mentioned` further periods that the workbook speaks of.
    """
    asked = [scenario for scenario in context.scenarios if scenario.first or scenario.last]
    sound = [scenario for scenario in asked if _has_both_ends(scenario, context)]
    context.timeline = list(listed) if listed else _of_calendar(sound, mentioned, context)
    for scenario in sound:
        ends = []
        for column, text in (("from_period", scenario.first), ("to_period", scenario.last)):
            found = find_period(context.timeline, text or "")
            if found is None:
                if context.timeline or listed:
                    _report(context, "unknown_period", scenario, column, value=text, where=_where(listed))
                continue
            ends.append(found[0] if column == "from_period" else found[1])
        if len(ends) < 2:
            continue
        if ends[0] > ends[1]:
            _report(context, "periods_reversed", scenario, "to_period", first=scenario.first, last=scenario.last)
            continue
        scenario.horizon = tuple(context.timeline[ends[0] : ends[1] + 1])
    if asked and not any(scenario.horizon for scenario in asked):
        # What is about the periods of such plans cannot be judged before they have some.
        context.findings.silence("timing_not_used", "target_of_no_plan", "capacity_not_used")


def find_period(timeline: Sequence[NamedPeriod], text: str) -> tuple[int, int] | None:
    """The first and the last of the periods that a text means: itself, those within it, or the one that holds it.

    Where the Periods tab has dates, the periods that share days with it. A day between two periods means the later one
    as a start, and the earlier one as an end.
    """
    folded, meaning = fold_period(text), parse_period(text)
    same = [place for place, period in enumerate(timeline) if fold_period(period.name) == folded]
    if not same and meaning is not None:
        pairs = [(place, period.meaning) for place, period in enumerate(timeline) if period.meaning is not None]
        same = [place for place, other in pairs if other.lies_in(meaning)]
        same = same or [place for place, other in pairs if meaning.lies_in(other)]
        same = same or _by_days(timeline, meaning)
    return (same[0], same[-1]) if same else None


def is_before(timeline: Sequence[NamedPeriod], text: str | None) -> bool:
    """Whether a text means days before the first period, as the Periods tab or the calendar dates it."""
    meaning = None if text is None else parse_period(text)
    span = None if meaning is None else meaning.days()
    first = timeline[0] if timeline else None
    if first is None or span is None:
        return False
    days = first.meaning.days() if first.meaning is not None else None
    start = first.first_day or (None if days is None else days[0])
    return start is not None and span[1] < start


def _by_days(timeline: Sequence[NamedPeriod], meaning: Period) -> list[int]:
    span = meaning.days()
    dated = [(at, one.first_day, one.last_day) for at, one in enumerate(timeline)]
    known = [(at, first, last) for at, first, last in dated if first is not None and last is not None]
    if span is None or not known:
        return []
    shared = [at for at, first, last in known if first <= span[1] and span[0] <= last]
    if shared or span[1] < known[0][1] or span[0] > known[-1][2]:
        return shared
    later = next(at for at, first, _ in known if first > span[1])
    return [later, later - 1]


def _where(listed: Sequence[NamedPeriod]) -> str:
    return "of the Periods tab" if listed else "such as 2026-Q3"


def _has_both_ends(scenario: ScenarioDraft, context: CheckContext) -> bool:
    if scenario.first is None or scenario.last is None:
        column = "from_period" if scenario.first is None else "to_period"
        _report(context, "period_without_end", scenario, column)
        return False
    if scenario.period is not None:
        _report(context, "period_and_horizon", scenario, "period_key", value=scenario.period)
        return False
    return True


def _of_calendar(
    scenarios: Sequence[ScenarioDraft], mentioned: Iterable[str], context: CheckContext
) -> list[NamedPeriod]:
    """Every period of the scenarios' length from the earliest to the latest one; none where they have no one length."""
    ends: list[Period] = []
    for scenario, column, text in _ends(scenarios):
        meaning = parse_period(text)
        if meaning is None or meaning.serial is None:
            _report(context, "unknown_period", scenario, column, value=text, where=_where(()))
            return []
        if ends and (meaning.kind, meaning.is_fiscal) != (ends[0].kind, ends[0].is_fiscal):
            _report(context, "mixed_periods", scenario, column, value=text, other=ends[0].key)
            return []
        ends.append(meaning)
    if not ends:
        return []
    texts = [text for *_, text in _ends(scenarios)] + list(mentioned)
    # As the scenarios write them; all others in one way, however other tabs write them.
    spelling = PeriodNames(text for *_, text in _ends(scenarios))
    places = [place for end in ends if (place := end.serial) is not None]
    for text in texts:
        places += _places(ends[0], parse_period(text))
    if max(places) - min(places) >= MOST_PERIODS:
        scenario = scenarios[0]
        _report(context, "too_many_periods", scenario, "to_period", count=max(places) - min(places) + 1)
        return []
    periods = [ends[0].at(serial) for serial in range(min(places), max(places) + 1)]
    return [NamedPeriod(spelling.spelling(period.key), period) for period in periods]


def _places(like: Period, meaning: Period | None) -> list[int]:
    """Where a period begins and ends among those of the same length as `like`."""
    months = None if meaning is None or meaning.is_fiscal != like.is_fiscal else meaning.months()
    at_zero = like.at(0).months()
    if months is None or at_zero is None:
        return []
    length = at_zero[1] - at_zero[0] + 1
    return [(month - 1) // length for month in months]


def _ends(scenarios: Iterable[ScenarioDraft]) -> Iterator[tuple[ScenarioDraft, str, str]]:
    for scenario in scenarios:
        yield scenario, "from_period", scenario.first or ""
        yield scenario, "to_period", scenario.last or ""


def _report(context: CheckContext, code: str, scenario: ScenarioDraft, cell: str, **values: Any) -> None:
    place: Place = scenario.places.get(cell, scenario.place)
    context.findings.add(code, place, only(scenario), about=scenario, **{"column": cell, **values})
