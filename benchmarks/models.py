"""The registry of models: planning workbooks of any size, the same cells every time.

Five KPIs, six departments with a cap each, five scenarios (every objective mode and normalization `none`, `scale` and
`target`), and the rules that real workbooks have: mandatory work, bundles, prerequisites, exclusions, variants,
synergies, floors and goals. A model is a workbook, so that reading and checking are measured on what a person would
have typed, and the plan is what the checks make of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random

import xlsxwriter

from optimizer.plan import Plan
from sheets_sync.checks import check
from sheets_sync.workbook.snapshot import BLANK, Cell, CellKind, Snapshot, Tab

SIZES = (30, 300, 3_000, 30_000)
"""Numbers of initiatives: a team, a large company's candidates for a quarter, and two sizes for the limits."""

Value = str | float | bool | None
Table = Sequence[Sequence[Value]]
"""A header row and the rows below it."""

DEPARTMENTS = ("Growth", "Checkout", "Supply", "Trust & Safety", "Logistics", "Platform")
MARKETS = ("UK", "DE", "FR", "Global")
TOKEN_SHARE = 0.45
"""Part of all engineering tokens that there is capacity for."""
DESIGN_DAYS_PER_INITIATIVE = 4.0
TARGET_SHARE = 0.6
"""Part of a KPI's total over all initiatives that a goal asks for: with capacity for less than half, a hard one."""
ONE_OF = {"mandatory": 40, "bundle": 20, "prerequisite": 8, "variant": 15, "exclusion": 25, "synergy": 50}
"""One initiative (or group of them) in so many has the property."""

KPIS: Table = (
    ("kpi_key", "kpi_name", "kpi_level", "unit", "direction", "scale", "feeds"),
    ("gmv", "Gross merchandise value", "north_star", "GBP", "higher", 250_000.0, None),
    ("conversion_rate", "Conversion rate", "strategic", "fraction", "higher", 0.005, None),
    ("retention_30d", "30-day retention", "strategic", "fraction", "higher", 0.005, None),
    ("active_sellers", "Active sellers", "strategic", "count", "higher", 200.0, None),
    ("delivery_days", "Delivery time", "strategic", "days", "lower", 0.15, None),
)
INITIATIVE_HEADERS = (
    *("initiative_key", "title", "department", "market", "engineering_tokens", "cost: design days"),
    *("gmv", "conversion_rate", "retention_30d", "active_sellers", "delivery_days"),
    *("is_mandatory", "mandate_reason", "bundle_key", "prerequisite_keys", "exclusion_keys", "variant_of"),
)


@dataclass(frozen=True)
class Model:
    """The workbook of `size` initiatives; `seed` tells workbooks of one size apart."""

    size: int
    seed: int = 0

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """Every tab by its title."""
        initiatives = self._initiatives()
        return {
            "KPIs": KPIS,
            "Initiatives": initiatives,
            "Scenarios": _scenarios(initiatives),
            "Constraints": self._constraints(initiatives),
            "Targets": self._targets(initiatives),
        }

    def plan(self) -> Plan:
        """The plan that the checks make of the workbook.

        Raises:
            ValueError: the checks found an error, so the model is not the one that is meant.
        """
        checked = check(self.snapshot())
        if checked.plan is None or checked.stopped:
            raise ValueError(f"the model of {self.size} initiatives has errors: {checked.issues[:3]}")
        return checked.plan

    def snapshot(self) -> Snapshot:
        """The workbook as if it had been read."""
        tabs = {title: Tab(title, [[_cell(value) for value in row] for row in t]) for title, t in self.tables.items()}
        return Snapshot(locator="model", title="model", tabs=tabs)

    def write(self, path: Path) -> None:
        """Writes the workbook as .xlsx."""
        workbook = xlsxwriter.Workbook(path)
        for title, table in self.tables.items():
            sheet = workbook.add_worksheet(title)
            for number, row in enumerate(table):
                sheet.write_row(number, 0, row)
        workbook.close()

    def _initiatives(self) -> Table:
        # Text seeds are hashed the same way on every machine and Python.
        random = Random(f"{self.size}/{self.seed}")
        return (INITIATIVE_HEADERS, *(_initiative(number, random) for number in range(self.size)))

    @staticmethod
    def _constraints(initiatives: Table) -> Table:
        headers = ("constraint_type", "dimension", "dimension_key", "max_tokens", "member_keys", "kpi_key", "value")
        # A fifth of the capacity for a department: six of them want a sixth each, so some caps bind.
        cap = float(round(_total(initiatives, "engineering_tokens") * TOKEN_SHARE / 5))
        caps = [("capacity_cap", "department", key, cap, None, None, None) for key in DEPARTMENTS]
        synergies = [
            ("synergy_bonus", None, None, None, f"{_key(first)}, {_key(first + 2)}", "gmv", 90_000.0)
            for first in range(5, len(initiatives) - 3, ONE_OF["synergy"])
        ]
        return (headers, *caps, *synergies)

    @staticmethod
    def _targets(initiatives: Table) -> Table:
        retention = round(_total(initiatives, "retention_30d") * TARGET_SHARE, 3)
        delivery = round(_total(initiatives, "delivery_days") * TARGET_SHARE, 2)
        sellers = round(_total(initiatives, "active_sellers") * 0.3, -1)
        return (
            ("scenario_name", "kpi_key", "floor_or_goal", "target_value"),
            (None, "active_sellers", "floor", sellers),
            ("Weighted by target", "retention_30d", "goal", retention),
            ("Weighted by target", "delivery_days", "goal", delivery),
            ("Retention first", "retention_30d", "goal", retention),
            ("Retention first", "delivery_days", "goal", delivery),
        )


def _initiative(number: int, random: Random) -> tuple[Value, ...]:
    """One row: whole tokens, rounded estimates, more effort for more effect, so that no choice is obvious."""
    tokens = min(150.0, max(3.0, float(round(random.lognormvariate(3.4, 0.7)))))
    gmv = max(5_000.0, round(tokens * random.lognormvariate(8.4, 0.6) / 5_000) * 5_000.0)
    small = {
        key: random.randint(1, 12) * unit if random.random() < 0.5 else None
        for key, unit in (("conversion_rate", 0.001), ("retention_30d", 0.001), ("active_sellers", 10.0))
    }
    delivery = -random.randint(1, 6) * 0.05 if random.random() < 0.25 else None
    is_mandatory = number % ONE_OF["mandatory"] == 0
    return (
        *(_key(number), f"Improvement {number}", random.choice(DEPARTMENTS), random.choice(MARKETS)),
        *(tokens, float(random.randint(0, 12)), gmv),
        *(None if value is None else round(value, 3) for value in small.values()),
        None if delivery is None else round(delivery, 2),
        *(is_mandatory, "Regulation from next quarter" if is_mandatory else None),
        f"bundle-{number // ONE_OF['bundle']}" if number % ONE_OF["bundle"] in (3, 4) else None,
        _key(number - 1) if number % ONE_OF["prerequisite"] == 7 else None,
        _key(number - 2) if number % ONE_OF["exclusion"] == 9 else None,
        f"variant-{number // ONE_OF['variant']}" if number % ONE_OF["variant"] in (11, 13) else None,
    )


def _scenarios(initiatives: Table) -> Table:
    tokens = _total(initiatives, "engineering_tokens")
    full, lean = float(round(tokens * TOKEN_SHARE)), float(round(tokens * TOKEN_SHARE * 0.8))
    days = DESIGN_DAYS_PER_INITIATIVE * (len(initiatives) - 1)
    headers = (
        *("scenario_name", "objective_mode", "capacity_total_tokens", "capacity: design days", "normalization"),
        *("weight: gmv", "weight: retention_30d", "weight: active_sellers", "weight: delivery_days", "target_priority"),
    )
    no_weights = (None, None, None, None)
    return (
        headers,
        ("Most GMV", "north_star", full, days, None, *no_weights, None),
        ("Lean year", "north_star", lean, days, None, *no_weights, None),
        ("Balanced", "weighted_kpis", full, days, "scale", 1.0, 0.6, 0.4, 0.3, None),
        ("Weighted by target", "weighted_kpis", full, days, "target", None, 1.0, None, 0.5, None),
        ("Retention first", "lexicographic", full, days, None, *no_weights, "retention_30d > delivery_days"),
    )


def _key(number: int) -> str:
    return f"INIT-{number:05d}"


def _total(table: Table, header: str) -> float:
    column = table[0].index(header)
    return sum(float(row[column] or 0.0) for row in table[1:])


def _cell(value: Value) -> Cell:
    if value is None:
        return BLANK
    if isinstance(value, bool):
        return Cell(CellKind.BOOLEAN, value, str(value).upper())
    if isinstance(value, str):
        return Cell(CellKind.TEXT, value, value)
    return Cell(CellKind.NUMBER, value, f"{value:g}")
