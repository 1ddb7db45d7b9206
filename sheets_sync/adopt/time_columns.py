"""Dates and sprints of a list: over which periods it could be planned, and what its columns then mean."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from config.columns import Value
from config.names import clean, fold_header, fold_key
from config.tabs import INITIATIVES
from sheets_sync.adopt.questions import AdoptionError
from sheets_sync.inputs.cell_text import shown
from sheets_sync.inputs.frames import Frame
from sheets_sync.inputs.header_matching import header_text
from sheets_sync.inputs.periods import Period, PeriodKind, parse_period
from sheets_sync.workbook.snapshot import Cell, CellKind, Tab

SPRINT, MONTH, QUARTER = "sprint", "month", "quarter"
OVER = (SPRINT, MONTH, QUARTER)
"""What a list may be planned over."""
MOST_PERIODS = 60
_STARTS = frozenset(
    map(fold_header, ("start", "starts", "start date", "planned start", "begin", "begin date", "earliest start"))
)
_FINISHES = frozenset(
    map(
        fold_header,
        (
            *("due", "due date", "end", "ends", "end date", "finish", "finish date", "target date", "deadline"),
            *("planned end", "planned finish", "latest finish"),
        ),
    )
)
_DONE = "done"
_DAY = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")


@dataclass(frozen=True)
class TimeColumns:
    """What a list says about time.

    `dates` has earliest_start or latest_finish by header, `days` every such day of what is not done, `sprints` the
    names in the column of sprints in the order of time.
    """

    dates: Mapping[str, str] = field(default_factory=dict)
    days: tuple[date, ...] = ()
    sprint_header: str = ""
    sprints: tuple[str, ...] = ()

    @property
    def choices(self) -> tuple[str, ...]:
        """What the list can be planned over."""
        by_sprint = (SPRINT,) if len(self.sprints) > 1 else ()
        return (*by_sprint, MONTH, QUARTER) if len(set(self.days)) > 1 else by_sprint

    @property
    def notes(self) -> list[str]:
        """What a person may want to know before choosing."""
        found = []
        if SPRINT in self.choices:
            found.append(
                f'"{self.sprint_header}" names {len(self.sprints)} periods. With --over {SPRINT} the plan decides what '
                "starts when: rows with one of them start in it, the others in any."
            )
        if QUARTER in self.choices:
            named = " and ".join(f'"{header}"' for header in self.dates)
            hold = "hold" if len(self.dates) > 1 else "holds"
            found.append(
                f"{named} {hold} dates. With --over {MONTH} or --over {QUARTER} the plan decides what starts when, "
                "within these dates."
            )
        return found

    @property
    def is_dated(self) -> bool:
        """Whether the names of the sprints say when they are."""
        return any(parse_period(name) is not None or _days_named(name) for name in self.sprints)

    def meanings(self, over: str | None) -> Mapping[str, str]:
        """What headers mean in a plan over these periods, by header; sprints do not say in which month work starts."""
        if over not in (MONTH, QUARTER):
            return {}
        is_of_calendar = all(parse_period(name) is not None for name in self.sprints)
        return self.dates if is_of_calendar else {**self.dates, self.sprint_header: "ignore"}

    def periods(self, over: str, first_day: date | None = None, length: int | None = None) -> list[dict[str, Value]]:
        """The rows of the Periods tab; sprints begin on `first_day`, one every `length` days.

        Raises:
            AdoptionError: the list has no such periods, or too many of them, or the days are those of no sprints.
        """
        if (first_day is None) != (length is None):
            raise AdoptionError("Give both --sprint-start and --sprint-days, or neither.")
        if first_day is not None and (over != SPRINT or self.is_dated):
            named = "sprints without dates" if over == SPRINT else "--over sprint"
            raise AdoptionError(f"--sprint-start and --sprint-days are for {named}.")
        if over not in self.choices:
            needs = "a column of sprints" if over == SPRINT else "a column of dates, such as Start date or Due date,"
            raise AdoptionError(f"--over {over} needs {needs} with at least two different values in the list.")
        if over == SPRINT:
            return _sprints(self.sprints, first_day, length)
        first, last = (_period_of(day, over).serial or 0 for day in (min(self.days), max(self.days)))
        if last - first >= MOST_PERIODS:
            raise AdoptionError(
                f"The dates go from {min(self.days)} to {max(self.days)}, which are {last - first + 1} {over}s. "
                "Correct them, or plan over longer periods."
            )
        rows: list[dict[str, Value]] = []
        for serial in range(first, last + 1):
            period = _period_of(min(self.days), over).at(serial)
            starts, ends = period.days() or (min(self.days), max(self.days))
            rows.append({"period_key": period.key, "starts": starts.isoformat(), "ends": ends.isoformat()})
        return rows


NO_DATES = (
    "These periods have no dates, so a plan over them can hold no day, such as a deadline. Give --sprint-start and "
    "--sprint-days (the first day of the first one, and the days from one to the next), or fill in Starts and Ends on "
    "the tab Periods."
)
"""What a person is told where neither the names of sprints nor anybody says when they are."""


def _sprints(names: Sequence[str], first_day: date | None, length: int | None) -> list[dict[str, Value]]:
    """A row for each sprint: with its days where they are given, or where its name has them."""
    rows: list[dict[str, Value]] = []
    for number, name in enumerate(names):
        row: dict[str, Value] = {"period_key": name}
        days = _days_named(name)
        if first_day is not None and length is not None:
            try:
                begin = first_day + timedelta(days=number * length)
                days = (begin, begin + timedelta(days=length - 1))
            except OverflowError:
                raise AdoptionError(f"--sprint-days {length} is too long: the calendar ends before {name}.") from None
        row |= {column: day.isoformat() for column, day in zip(("starts", "ends"), days, strict=False)}
        rows.append(row)
    return rows


def _days_named(name: str) -> tuple[date, ...]:
    """The first and the last day in the name of a sprint, such as "Sprint 9 (2026-07-06 to 2026-07-17)"."""
    found = []
    for text in _DAY.findall(name):
        try:
            found.append(date.fromisoformat(text))
        except ValueError:
            return ()
    return tuple(found) if len(found) <= 2 and found == sorted(found) else ()


def time_columns(tab: Tab, frame: Frame) -> TimeColumns:
    """What the columns of a list say about time."""
    dates: dict[str, str] = {}
    days: list[date] = []
    open_rows = _open_rows(frame)
    for number, cell in enumerate(tab.rows[frame.header_row - 1], start=1):
        header = header_text(cell)
        name = _field_of(header)
        cells = [tab.cell(row, number) for row in frame.rows]
        found = [_day(one) for one in cells if not one.is_blank]
        if name is None or name in dates.values() or not found or None in found:
            continue
        dates[header] = name
        days += [day for row in open_rows if (day := _day(tab.cell(row, number))) is not None]
    period = frame.fields.get("period_key")
    texts = dict(zip(frame.rows, map(clean, map(shown, frame.column("period_key"))), strict=False))
    names = {fold_key(text): text for row in open_rows if (text := texts.get(row, ""))}
    return TimeColumns(dates, tuple(days), period.header if period else "", tuple(sorted(names.values(), key=_in_time)))


def _field_of(header: str) -> str | None:
    folded = fold_header(header)
    return "earliest_start" if folded in _STARTS else "latest_finish" if folded in _FINISHES else None


def _open_rows(frame: Frame) -> Sequence[int]:
    """The rows of what is not done."""
    spellings = INITIATIVES.column("status").choice_spellings
    states = frame.column("status")
    is_done = [spellings.get(fold_header(shown(cell))) == _DONE for cell in states] or [False] * len(frame.rows)
    return [row for row, done in zip(frame.rows, is_done, strict=True) if not done]


def _day(cell: Cell) -> date | None:
    if isinstance(cell.value, datetime):
        return cell.value.date()
    try:
        return date.fromisoformat(shown(cell)) if cell.kind is CellKind.TEXT else None
    except ValueError:
        return None


def _period_of(day: date, over: str) -> Period:
    if over == MONTH:
        return Period(PeriodKind.MONTH, day.year, day.month)
    return Period(PeriodKind.QUARTER, day.year, (day.month - 1) // 3 + 1)


def _in_time(name: str) -> tuple[int, tuple[tuple[bool, int, str], ...]]:
    """Calendar periods by the calendar, others by their text, in which 10 comes after 9."""
    meaning = parse_period(name)
    serial = None if meaning is None else meaning.serial
    if days := _days_named(name):
        serial = days[0].toordinal()
    parts = re.split(r"(\d+)", fold_key(name))
    return serial or 0, tuple((part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts)
