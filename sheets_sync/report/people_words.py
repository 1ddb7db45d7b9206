"""The words of Results: what people call their KPIs, resources and slices, instead of what sheetplan calls them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.names import fold_header
from config.tabs import INITIATIVES
from config.units import amount_of
from optimizer.plan import TOKENS, Direction, Kpi, ObjectiveMode, Plan, Slice
from optimizer.portfolio import SliceUse
from optimizer.wording import listing, number
from sheets_sync.inputs.frames import Frame

PLAIN_TOKENS = "Tokens"
_REMARK = re.compile(r"[(\[]([^()\[\]]+)[)\]]")
_TOKENS = re.compile(r"\btokens(?= spent\b)|\btoken(?= capacity\b)")
_TOKEN_WORDS = re.compile(r"(?<=\d )tokens?\b|(?<=\bper )token\b")
_MANDATE = "mandatory:"
_UNITS = frozenset({"days", "points", "hours", "weeks", "months", "sprints"})
"""Words for what an effort is counted in that read well in a sentence."""
LISTED_KEYS = 6
"""Keys that a sentence names before it only counts the rest."""


@dataclass(frozen=True)
class Words:
    """What this workbook calls things; `frames` are its input tabs by canonical name."""

    plan: Plan
    frames: Mapping[str, Frame]

    def kpi(self, key: str) -> str:
        """The name of a KPI; its key where it has none."""
        return self.plan.kpi(key).name or key

    def resource(self, resource: str) -> str:
        """A resource by the header of its column: ``Effort (days)`` rather than ``engineering_tokens``."""
        if resource != TOKENS:
            return resource
        header = self._header(TOKENS)
        plain = {fold_header(name) for name in (TOKENS, "tokens")}
        return PLAIN_TOKENS if header is None or fold_header(header) in plain else header

    @cached_property
    def token_unit(self) -> str:
        """What an effort is counted in, by its column's header: ``days`` of ``Effort (days)``; else tokens."""
        header = self.resource(TOKENS)
        remark = _REMARK.search(header)
        words = (remark[1] if remark is not None else header).casefold().split()
        return next((word for word in reversed(words) if word in _UNITS), "tokens")

    def spoken(self, text: str) -> str:
        """A sentence of the optimizer with people's own words for tokens; what people wrote themselves is in others."""
        header = self.resource(TOKENS)
        if header != PLAIN_TOKENS:
            text = _TOKENS.sub(lambda _: header, text)
        unit = self.token_unit
        return _TOKEN_WORDS.sub(lambda found: unit if found[0] == "tokens" else unit.removesuffix("s"), text)

    def reason(self, text: str) -> str:
        """Why an initiative is in or out, likewise; a mandate is said in the words of whoever gave it."""
        return text if text.startswith(_MANDATE) else self.spoken(text)

    def dimension(self, dimension: str) -> str:
        """A dimension by the header of its column."""
        return self._header(dimension) or dimension.capitalize()

    def slice(self, where: Slice | None) -> str:
        """``UK``, the value alone: it says by itself what it is; empty for the whole portfolio."""
        return "" if where is None else where.key

    def place(self, use: SliceUse) -> str:
        """What a bound is about: the value of a dimension, or the initiatives that it names; empty for all."""
        return listing(use.members, most=3) if use.members else self.slice(use.slice)

    def amount(self, value: float, key: str) -> str:
        """An amount of a KPI as a person writes it."""
        return amount_of(value, self.plan.kpi(key))

    def aim(self, scenario_name: str) -> str:
        """What a scenario is after, such as ``most GMV``."""
        scenario = self.plan.scenario(scenario_name)
        if scenario.uses_weights:
            named = [self.kpi(key) for key, weight in scenario.weights.items() if weight > 0]
            aim = f"best mix of {' and '.join(filter(None, [', '.join(named[:-1]), named[-1]]))}" if named else ""
        else:
            north_star = north_star_of(self.plan, scenario_name)
            aim = "" if north_star is None else self._most(self.plan.kpi(north_star))
        if scenario.objective_mode is ObjectiveMode.LEXICOGRAPHIC:
            return ", then ".join(filter(None, ["its targets", aim]))
        return aim

    def _most(self, kpi: Kpi) -> str:
        return f"{'most' if kpi.direction is Direction.HIGHER else 'least'} {kpi.name or kpi.key}"

    def _header(self, column: str) -> str | None:
        frame = self.frames.get(INITIATIVES.name)
        field = None if frame is None else frame.fields.get(column)
        return None if field is None else field.header.strip()


def north_star_of(plan: Plan, scenario_name: str) -> str | None:
    """The key of a scenario's north star: its own, else the KPIs tab's; None where there is neither."""
    own = plan.scenario(scenario_name).north_star
    return own or next((kpi.key for kpi in plan.kpis if kpi.is_north_star), None)


def plain_amount(value: float) -> str:
    """An amount of a resource: ``1,200`` or ``12.5``."""
    return f"{value:,.10g}"


def share_of(part: float, whole: float) -> str:
    """``99.5%``: rounded down, so that only what is used up reads as 100%."""
    if not whole:
        return "0%"
    tenths = int(part / whole * 1_000 + 1e-9)
    return f"{tenths / 10:g}%"


def part_of_mix(amount: float, whole: float) -> str:
    """An amount of a weighted sum as people can judge it: a part of the whole, ``2.1%``; a number where that is 0."""
    if not whole:
        return number(float(f"{amount:.4g}"))
    part = amount / abs(whole)
    if part >= 0.0005:
        return f"{part:.1%}"
    return f"{part:.3%}" if part >= 0.00001 else "under 0.001%"


def listed(keys: Sequence[str]) -> str:
    """The keys, as far as a sentence has room for them."""
    more = len(keys) - LISTED_KEYS
    return ", ".join(keys) if more <= 1 else f"{', '.join(keys[:LISTED_KEYS])} and {more} more"


def local_zone(name: str | None) -> tzinfo | None:
    """The time zone of that IANA name; None for UTC itself, and for a name that this machine does not know."""
    if name is None or name.startswith("Etc/") or name in ("UTC", "GMT"):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def moment_in_words(moment: datetime, zone_name: str | None) -> str:
    """``5 January 2026, 10:00 Europe/Berlin (09:00 UTC)``; only UTC where the workbook has no time zone."""
    zone = local_zone(zone_name)
    if zone is None:
        return f"{day_in_words(moment)}, {moment:%H:%M} UTC"
    local = moment.astimezone(zone)
    utc = f"{moment:%H:%M} UTC" if local.date() == moment.date() else f"{day_in_words(moment)}, {moment:%H:%M} UTC"
    return f"{day_in_words(local)}, {local:%H:%M} {zone_name} ({utc})"


def day_in_words(moment: datetime) -> str:
    """``5 January 2026``."""
    months = (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    )  # fmt: skip
    return f"{moment.day} {months[moment.month - 1]} {moment.year}"
