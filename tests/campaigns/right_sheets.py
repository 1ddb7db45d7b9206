"""Right sheets with a known answer: a random list of initiatives, and the best portfolio found by trying all."""

from dataclasses import dataclass, field
from itertools import combinations
from random import Random
from typing import Any

from openpyxl.utils import get_column_letter

from sheets_sync.workbook.snapshot import Snapshot
from tests.sheets_sync.sheets import Calculated, Extras, snapshot

COLUMNS = (
    *("initiative_key", "title", "engineering_tokens", "department", "gmv", "retention_30d", "period_key"),
    *("is_candidate", "is_mandatory", "mandate_reason", "prerequisite_keys", "exclusion_keys", "variant_of"),
)
TEAMS = ("Growth", "Core", "Mobile", "Platform")
PERIODS = ("2026-Q3", "2026-Q4")


@dataclass
class Entry:
    """One initiative as it is meant."""

    key: str
    tokens: int
    team: str
    gmv: int
    retention: float | None
    period: str | None = None
    is_candidate: bool = True
    is_mandatory: bool = False
    prerequisite: str | None = None
    exclusion: str | None = None
    variant: str | None = None


@dataclass
class Meaning:
    """What a sheet says: initiatives, a capacity, caps by team, and the period that is planned (None: all)."""

    entries: list[Entry]
    capacity: int
    caps: dict[str, int]
    period: str | None


def random_meaning(rng: Random) -> Meaning:
    """Five to eleven initiatives of two to four teams, with caps and references; doing nothing is always possible."""
    teams = TEAMS[: rng.randint(2, 4)]
    entries = [
        Entry(
            f"PAY-{number}",
            rng.randint(1, 20),
            rng.choice(teams),
            rng.randint(1_000, 900_000),
            rng.choice([None, rng.randint(1, 40) / 1000]),
            rng.choice([None, *PERIODS]) if rng.random() < 0.5 else None,
            rng.random() < 0.9,
        )
        for number in range(1, rng.randint(5, 11) + 1)
    ]
    entries.sort(key=lambda entry: entry.team)
    for entry in entries:
        if rng.random() < 0.2:
            entry.prerequisite = rng.choice([other.key for other in entries if other.key < entry.key] or [None])
        if rng.random() < 0.15:
            entry.exclusion = rng.choice([other.key for other in entries if other is not entry])
    for entry in rng.sample(entries, 2) if rng.random() < 0.3 else []:
        entry.variant = "checkout scope"
    total = sum(entry.tokens for entry in entries)
    meaning = Meaning(entries, rng.randint(total // 3 + 1, total), {}, rng.choice([None, PERIODS[0]]))
    free = [entry for entry in entries if not (entry.prerequisite or entry.exclusion or entry.variant)]
    if free and rng.random() < 0.3:
        chosen = rng.choice(free)
        chosen.is_mandatory, chosen.is_candidate, chosen.period = True, True, None
        meaning.capacity = max(meaning.capacity, chosen.tokens)
    used = sorted({entry.team for entry in entries})
    for team in rng.sample(used, min(rng.randint(0, 2), len(used))):
        needed = sum(entry.tokens for entry in entries if entry.team == team and entry.is_mandatory)
        meaning.caps[team] = max(needed, rng.randint(5, 30))
    return meaning


def best_portfolio(meaning: Meaning) -> frozenset[str] | None:
    """The keys of the portfolio with the most GMV, by trying all; None where none keeps the rules, or two are best."""
    candidates = [
        entry for entry in meaning.entries
        if entry.is_candidate and (None in (entry.period, meaning.period) or entry.period == meaning.period)
    ]  # fmt: skip
    best: tuple[int, frozenset[str]] | None = None
    is_tied = False
    for size in range(len(candidates) + 1):
        for chosen in combinations(candidates, size):
            if not _keeps_rules(chosen, meaning):
                continue
            value = sum(entry.gmv for entry in chosen)
            if best is None or value > best[0]:
                best, is_tied = (value, frozenset(entry.key for entry in chosen)), False
            elif value == best[0]:
                is_tied = True
    return None if best is None or is_tied else best[1]


def _keeps_rules(chosen: tuple[Entry, ...], meaning: Meaning) -> bool:
    keys = {entry.key for entry in chosen}
    if sum(entry.tokens for entry in chosen) > meaning.capacity:
        return False
    for team, cap in meaning.caps.items():
        if sum(entry.tokens for entry in chosen if entry.team == team) > cap:
            return False
    if any(entry.is_mandatory and entry.key not in keys for entry in meaning.entries):
        return False
    if any(entry.prerequisite not in (None, *keys) or entry.exclusion in keys for entry in chosen):
        return False
    variants = [entry.variant for entry in chosen if entry.variant is not None]
    return len(variants) == len(set(variants))


@dataclass
class Line:
    """A row of the list: an entry, or one of the things that people put between entries."""

    values: dict[str, Any]
    is_entry: bool = False
    meant: dict[str, int] = field(default_factory=dict)
    """Its numbers, however they are written."""
    sums: list["Line"] = field(default_factory=list)
    """The lines that a row of totals sums, by formulas."""


@dataclass
class Drawn:
    """A sheet before it is laid out: lines below a header row, in columns with headers of their own."""

    lines: list[Line]
    headers: dict[str, str]
    columns: list[str]
    scenario: dict[str, Any]
    rules: list[list[Any]]
    above: list[list[Any]] = field(default_factory=list)
    right: list[list[Any]] = field(default_factory=list)
    below: list[list[Any]] = field(default_factory=list)
    merged_teams: bool = False
    unit: str = "GBP"

    @property
    def entries(self) -> list[Line]:
        """The lines that are initiatives."""
        return [line for line in self.lines if line.is_entry]


def draw(meaning: Meaning) -> Drawn:
    """The sheet as this product's documentation would have it."""
    lines = [
        Line(
            dict(zip(COLUMNS, [
                entry.key, f"Title of {entry.key}", entry.tokens, entry.team, entry.gmv, entry.retention, entry.period,
                entry.is_candidate, entry.is_mandatory, "law" if entry.is_mandatory else None, entry.prerequisite,
                entry.exclusion, entry.variant,
            ], strict=True)),
            is_entry=True,
            meant={"engineering_tokens": entry.tokens, "gmv": entry.gmv},
        )
        for entry in meaning.entries
    ]  # fmt: skip
    return Drawn(
        lines,
        {name: name for name in COLUMNS},
        list(COLUMNS),
        {"scenario": "S", "mode": "north_star", "capacity": meaning.capacity, "period": meaning.period},
        [["capacity_cap", "department", team, cap] for team, cap in meaning.caps.items()],
    )


def lay_out(drawn: Drawn) -> Snapshot:
    """The workbook as it is read."""
    at = {name: number for number, name in enumerate(drawn.columns)}
    first = len(drawn.above) + 2
    row_of = {id(line): first + number for number, line in enumerate(drawn.lines)}
    rows = [*drawn.above, [drawn.headers[name] for name in drawn.columns]]
    for line in drawn.lines:
        row = [line.values.get(name) for name in drawn.columns]
        for name in ("engineering_tokens", "gmv") if line.sums else ():
            top, bottom = row_of[id(line.sums[0])], row_of[id(line.sums[-1])]
            letter = get_column_letter(at[name] + 1)
            total = sum(_plain(other.values[name]) for other in line.sums if other.is_entry)
            row[at[name]] = Calculated(f"=SUM({letter}{top}:{letter}{bottom})", total)
        rows.append(row)
    for number, extra in enumerate(drawn.right):
        while len(rows) <= first - 2 + number:
            rows.append([])
        row = rows[first - 2 + number]
        row += [None] * (len(drawn.columns) + 1 - len(row)) + extra
    rows += [[] for _ in range(2)] + drawn.below if drawn.below else []
    merges = _merge_teams(drawn, rows, at["department"], row_of) if drawn.merged_teams else []
    kpis = [["kpi_key", "kpi_level", "unit", "direction"], ["gmv", "north_star", drawn.unit, "higher"]]
    tabs = {
        "KPIs": [*kpis, ["retention_30d", "strategic", "fraction", "higher"]],
        "Initiatives": rows,
        "Scenarios": [list(drawn.scenario), list(drawn.scenario.values())],
        "Constraints": [["constraint_type", "dimension", "dimension_key", "max_tokens"], *drawn.rules],
    }
    return snapshot(tabs, "en_GB", Extras(merges=merges))


def _plain(value: Any) -> float:
    number = getattr(value, "value", value)
    return number if isinstance(number, int | float) else 0


def _merge_teams(drawn: Drawn, rows: list[list[Any]], column: int, row_of: dict[int, int]) -> list[str]:
    """Merge equal teams of neighbouring entries: all but the first cell are blank then."""
    merges = []
    runs: list[list[Line]] = []
    for before, line in zip([None, *drawn.lines], drawn.lines, strict=False):
        same = before is not None and before.is_entry and before.values["department"] == line.values.get("department")
        if line.is_entry and same:
            runs[-1].append(line)
        elif line.is_entry:
            runs.append([line])
    letter = get_column_letter(column + 1)
    for run in (run for run in runs if len(run) > 1):
        top, bottom = row_of[id(run[0])], row_of[id(run[-1])]
        merges.append(f"Initiatives!{letter}{top}:{letter}{bottom}")
        for row in range(top + 1, bottom + 1):
            rows[row - 1][column] = None
    return merges
