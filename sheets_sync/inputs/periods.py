"""Planning periods by what they mean: `2026-Q3`, `Q3 2026`, `3Q26` and `Q3/26` are one quarter.

A text that is no calendar period (a sprint, `later`) has no meaning of its own here and is compared as a key. A fiscal
period (`FY26 Q3`) equals only fiscal ones, because where a fiscal year begins is not in the sheet.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from config.names import fold_key

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAMES = {
    "january": 1, "february": 2, "march": 3, "april": 4, "june": 6, "july": 7, "august": 8, "september": 9, "sept": 9,
    "october": 10, "november": 11, "december": 12, **{name: number for number, name in enumerate(_MONTHS, start=1)},
}  # fmt: skip
_SEPARATOR = r"[\s._/\-\u2010-\u2015\u2212',]*"
_YEAR = r"(?P<year>(?:19|20)\d\d|\d\d)"
_LONG_YEAR = r"(?P<year>(?:19|20)\d\d)"


class PeriodKind(StrEnum):
    """How long a period is."""

    YEAR = "year"
    HALF = "half"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"


_MONTHS_IN = {PeriodKind.YEAR: 12, PeriodKind.HALF: 6, PeriodKind.QUARTER: 3, PeriodKind.MONTH: 1}


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar or fiscal period.

    `number` counts the halves, quarters, months or ISO weeks of the year from 1, or is the day of the year; 1 for a
    year. `year` is None where the text gives none (`Q3`); for weeks it is the ISO year.
    """

    kind: PeriodKind
    year: int | None
    number: int = 1
    is_fiscal: bool = False

    @property
    def key(self) -> str:
        """The same text for all spellings, such as ``2026-Q3``, ``FY2026-Q3``, ``2026-07`` or ``Q3``."""
        if self.kind is PeriodKind.DAY:
            return self._day().isoformat()
        year = "" if self.year is None else f"{'FY' if self.is_fiscal else ''}{self.year}"
        part = {
            PeriodKind.YEAR: "",
            PeriodKind.HALF: f"H{self.number}",
            PeriodKind.QUARTER: f"Q{self.number}",
            PeriodKind.MONTH: f"{self.number:02}" if year else _MONTHS[self.number - 1],
            PeriodKind.WEEK: f"W{self.number:02}",
        }[self.kind]
        return "-".join(text for text in (year, part) if text)

    def lies_in(self, other: "Period") -> bool:
        """Whether `other` is this period, or a longer one of the same calendar that holds all of it.

        A week is held by a year only, and only by its ISO year: it may reach over the end of a month.
        """
        if self == other:
            return True
        if self.is_fiscal != other.is_fiscal or self.year is None or self.year != other.year:
            return False
        if other.kind is PeriodKind.YEAR:
            return True
        mine, theirs = self._months(), other._months()
        return mine is not None and theirs is not None and theirs[0] <= mine[0] and mine[1] <= theirs[1]

    @property
    def serial(self) -> int | None:
        """The place of the period among all of its kind, so that the next one has the next number.

        None where it has no year, and for weeks and days.
        """
        length = _MONTHS_IN.get(self.kind)
        return None if length is None or self.year is None else self.year * (12 // length) + self.number - 1

    def months(self) -> tuple[int, int] | None:
        """The first and the last month that it touches, counted from year 0; None without a year, and for weeks."""
        months = self._months()
        return None if months is None or self.year is None else (self.year * 12 + months[0], self.year * 12 + months[1])

    def days(self) -> tuple[date, date] | None:
        """The first and the last day; None without a year, and for fiscal periods."""
        if self.year is None or self.is_fiscal:
            return None
        if self.kind is PeriodKind.WEEK:
            return date.fromisocalendar(self.year, self.number, 1), date.fromisocalendar(self.year, self.number, 7)
        if self.kind is PeriodKind.DAY:
            return self._day(), self._day()
        first, last = self._months() or (1, 12)
        end = date(self.year + last // 12, last % 12 + 1, 1)
        return date(self.year, first, 1), date.fromordinal(end.toordinal() - 1)

    def at(self, serial: int) -> "Period":
        """The period of the same kind and calendar at another place."""
        in_year = 12 // _MONTHS_IN[self.kind]
        return Period(self.kind, serial // in_year, serial % in_year + 1, self.is_fiscal)

    def _months(self) -> tuple[int, int] | None:
        """The first and the last month; None where it is not made of months (a week), or shorter than `DAY` says."""
        length = _MONTHS_IN.get(self.kind)
        if length is not None:
            return (self.number - 1) * length + 1, self.number * length
        return (self._day().month,) * 2 if self.kind is PeriodKind.DAY else None

    def _day(self) -> date:
        return date.fromordinal(date(self.year or 1, 1, 1).toordinal() + self.number - 1)


def period_of_date(moment: date) -> Period:
    """The period that a date is: itself, one day."""
    return Period(PeriodKind.DAY, moment.year, moment.timetuple().tm_yday)


def parse_period(text: str) -> Period | None:
    """What a text means as a period; None where it is none, or could be two (``03/04``)."""
    folded = fold_key(text)
    plain, fiscal_signs = re.subn(r"(?<![a-z])(?:fy|fiscal year|fiscal)\s*'?", "", folded)
    is_fiscal = fiscal_signs > 0
    plain = plain.strip()
    for pattern, kind in _PATTERNS:
        found = pattern.fullmatch(plain)
        if found is not None:
            return _period(kind, found.groupdict(), is_fiscal=is_fiscal)
    if is_fiscal:
        found = re.fullmatch(rf"{_YEAR}(?:/\d\d(?:\d\d)?)?", plain)
        return None if found is None else Period(PeriodKind.YEAR, _full_year(found["year"]), is_fiscal=True)
    return None


def _spellings(mark: str, number: str) -> tuple[str, ...]:
    """The ways in which a part of the year is written: year before it, after it, or not at all."""
    part = rf"(?:{mark}{_SEPARATOR}(?P<number>{number}))"
    return (
        rf"{_YEAR}{_SEPARATOR}{part}",
        rf"{part}{_SEPARATOR}{_YEAR}",
        part,
    )


def _reversed_spellings(mark: str, number: str) -> tuple[str, ...]:
    """The same with the number first: ``3Q26``, ``1H 2026``."""
    part = rf"(?P<number>{number}){mark}"
    return (rf"{part}{_SEPARATOR}{_YEAR}", rf"{_LONG_YEAR}{_SEPARATOR}{part}", part)


_NAME = rf"(?P<name>{'|'.join(sorted(_MONTH_NAMES, key=len, reverse=True))})\.?"
_SHAPES: tuple[tuple[PeriodKind, tuple[str, ...]], ...] = (
    (PeriodKind.DAY, (r"(?P<iso>\d{4}-\d\d-\d\d)",)),
    (PeriodKind.QUARTER, (*_spellings(r"(?:q|quarter|qtr)", "[1-4]"), *_reversed_spellings("q", "[1-4]"))),
    (PeriodKind.HALF, (*_spellings(r"(?:h|half)", "[12]"), *_reversed_spellings("h", "[12]"))),
    (PeriodKind.WEEK, _spellings(r"(?:w|wk|week|cw|kw)", "0?[1-9]|[1-4][0-9]|5[0-3]")),
    (
        PeriodKind.MONTH,
        (
            rf"{_LONG_YEAR}[-/._ ]?m?(?P<number>0[1-9]|1[0-2])",
            rf"{_LONG_YEAR}[-/._ ]m?(?P<number>[1-9])",
            rf"m?(?P<number>0?[1-9]|1[0-2])[-/._ ]{_LONG_YEAR}",
            rf"{_NAME}{_SEPARATOR}{_YEAR}",
            rf"{_LONG_YEAR}{_SEPARATOR}{_NAME}",
            _NAME,
        ),
    ),
    (PeriodKind.YEAR, (_LONG_YEAR, rf"(?:cy|year)\s*{_YEAR}")),
)
_PATTERNS = tuple((re.compile(shape), kind) for kind, shapes in _SHAPES for shape in shapes)


def _period(kind: PeriodKind, groups: dict[str, str | None], *, is_fiscal: bool) -> Period | None:
    if (iso := groups.get("iso")) is not None:
        try:
            return period_of_date(date.fromisoformat(iso))
        except ValueError:
            return None
    text = groups.get("year")
    year = None if text is None else _full_year(text)
    name, number = groups.get("name"), groups.get("number")
    which = _MONTH_NAMES[name] if name is not None else int(number or 1)
    if kind is PeriodKind.WEEK and year is not None and which > _weeks_in(year):
        return None
    return Period(kind, year, which, is_fiscal)


def _full_year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _weeks_in(year: int) -> int:
    """52 or 53: the number of the ISO week in which December 28 lies."""
    return date(year, 12, 28).isocalendar().week


class PeriodNames:
    """Periods as first written: of all spellings of one period, the first stands for it."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._first: dict[str, str] = {}
        for text in texts:
            self._first.setdefault(fold_period(text), text)

    def spelling(self, text: str) -> str:
        """The period as first written; the text itself where nothing means the same."""
        return self._first.get(fold_period(text), text)


def fold_period(text: str) -> str:
    """What all spellings of one period have in common; of a text that is no calendar period, what keys have."""
    period = parse_period(text)
    return fold_key(text) if period is None else f"period {period.key}"
