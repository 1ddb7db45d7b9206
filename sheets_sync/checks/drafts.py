"""What the rows of the KPIs, Initiatives and Scenarios tabs say, before it is known whether a plan can be made of them.

A draft holds what could be read; what could not has left an issue behind, and marks the draft as broken.
"""

from dataclasses import dataclass, field
from datetime import date

from openpyxl.utils.cell import coordinate_to_tuple

from config.names import fold_key
from optimizer import plan
from sheets_sync.inputs.periods import Period
from sheets_sync.workbook.snapshot import a1


@dataclass(frozen=True, slots=True)
class Place:
    """A cell of a tab (by the tab's own title), the tab itself, or (all None) the workbook."""

    tab: str | None = None
    row: int | None = None
    column: int | None = None

    @property
    def cell(self) -> str | None:
        """The A1 address; None for a tab or the workbook."""
        return None if self.row is None else a1(self.row, self.column or 1)

    @staticmethod
    def parse(text: str) -> "Place":
        """The place of a text such as ``Constraints!G3``."""
        tab, _, cell = text.rpartition("!")
        row, column = coordinate_to_tuple(cell)
        return Place(tab, row, column)

    def __str__(self) -> str:
        return f"{self.tab}!{self.cell}" if self.cell else self.tab or "workbook"


@dataclass(frozen=True, slots=True)
class NamedPeriod:
    """One period of plans over several: as the sheet writes it, and what it means where it is one of the calendar."""

    name: str
    meaning: Period | None = None
    first_day: date | None = None
    last_day: date | None = None
    """As the Periods tab says; None where it does not."""


@dataclass(slots=True)
class Timing:
    """What a row of the Initiatives tab says about time; it counts in plans over several periods.

    `earliest` and `latest` are as written, until `sheets_sync.checks.timing` puts periods of the plan in their place.
    """

    is_in_progress: bool = False
    earliest: str | None = None
    latest: str | None = None
    duration: int = 1
    profile: tuple[float, ...] = ()
    may_stop: bool = False
    stop_cost: float = 0.0
    places: dict[str, Place] = field(default_factory=dict)
    """The cells that say something, by the name of the column."""


@dataclass(slots=True)
class KpiDraft:
    """One row of the KPIs tab."""

    row: int
    key: str
    name: str = ""
    unit: str = ""
    number_format: str = ""
    direction: plan.Direction = plan.Direction.HIGHER
    is_north_star: bool = False
    scale: float | None = None
    is_required: bool = False
    feeds: str | None = None
    accrues: plan.Accrual = plan.Accrual.ONCE
    is_active: bool = True
    has_unread_scale: bool = False
    counts_something: bool = False


@dataclass(slots=True)
class InitiativeDraft:
    """One row of the Initiatives tab; keys that it names are as first written in their own rows.

    `tokens` and `key` are None where they cannot be read. A period that cannot be read may be any: `any_period`.
    """

    row: int
    place: Place
    key: str | None
    title: str = ""
    tokens: float | None = None
    costs: dict[str, float] = field(default_factory=dict)
    contributions: dict[str, float] = field(default_factory=dict)
    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)
    cost_ranges: dict[str, tuple[float, float]] = field(default_factory=dict)
    token_range: tuple[float, float] | None = None
    confidence: float | None = None
    dimensions: dict[str, str] = field(default_factory=dict)
    period: str | None = None
    any_period: bool = False
    meaning: Period | None = None
    """What the period means, where it is one of the calendar."""
    is_candidate: bool = True
    has_zero: bool = False
    """Whether it says 0 for some KPI: somebody has thought about what it brings."""
    is_done: bool = False
    """Whether it is finished: it costs and brings nothing any more, and what needs it has it."""
    is_mandatory: bool = False
    mandate_reason: str = ""
    bundle: str | None = None
    prerequisites: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    variant_of: str | None = None
    timing: "Timing" = field(default_factory=lambda: Timing())
    is_broken: bool = False

    def takes_part_in(self, scenario: "ScenarioDraft") -> bool:
        """Whether it is, or as far as it can be read might be, a candidate of the scenario."""
        if not self.is_candidate:
            return False
        if self.any_period or self.period is None or (scenario.horizon and self.timing.is_in_progress):
            return True
        return (scenario.period is None and not scenario.horizon) or self.is_in(scenario)

    def can_share_a_period(self, other: "InitiativeDraft") -> bool:
        """Whether some period holds both: they are equal, or one is a part of the other."""
        if None in (self.period, other.period) or self.period == other.period:
            return True
        if self.meaning is None or other.meaning is None:
            return False
        return self.meaning.lies_in(other.meaning) or other.meaning.lies_in(self.meaning)

    def is_in(self, scenario: "ScenarioDraft") -> bool:
        """Whether its period is the scenario's or one of them, or a part of it."""
        if scenario.horizon:
            return any(self.lies_in(period) for period in scenario.horizon)
        if self.period == scenario.period:
            return True
        if self.meaning is None or scenario.meaning is None:
            return False
        return self.meaning.lies_in(scenario.meaning)

    def lies_in(self, period: "NamedPeriod") -> bool:
        """Whether its period is this one, or a part of it."""
        if self.period is None or self.meaning is None or period.meaning is None:
            return self.period is not None and fold_key(self.period) == fold_key(period.name)
        return self.meaning.lies_in(period.meaning)


@dataclass(slots=True)
class ScenarioDraft:
    """One row of the Scenarios tab, and what the Constraints and Targets tabs add to it.

    `name` is the text that the row shows even where it cannot be used (blank, a duplicate); `places` has the cell of
    each column by canonical name; `has_...` says that the row fills in a setting, or holds amounts that cannot be read.
    """

    row: int
    place: Place
    name: str
    is_ticked: bool = True
    period: str | None = None
    meaning: Period | None = None
    first: str | None = None
    last: str | None = None
    horizon: tuple[NamedPeriod, ...] = ()
    """The periods of a plan over several, from `first` to `last`; empty in a plan of one."""
    mode: plan.ObjectiveMode | None = None
    north_star: str | None = None
    weights: dict[str, float] = field(default_factory=dict)
    targets: list[plan.Target] = field(default_factory=list)
    priorities: tuple[tuple[str, ...], ...] = ()
    secondary: plan.ObjectiveMode = plan.ObjectiveMode.NORTH_STAR
    capacities: dict[str, float] = field(default_factory=dict)
    capacity_sources: dict[str, str] = field(default_factory=dict)
    reserve: float = 0.0
    keep: str | None = None
    max_changes: int | None = None
    normalization: plan.Normalization = plan.Normalization.NONE
    rules: list[plan.RuleSpec] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)
    has_secondary: bool = False
    has_normalization: bool = False
    has_priority: bool = False
    has_unread_weights: bool = False
    has_unread_targets: bool = False

    @property
    def uses_weights(self) -> bool:
        """Whether weights take part in its objective."""
        return self._aims_for(plan.ObjectiveMode.WEIGHTED_KPIS)

    @property
    def uses_north_star(self) -> bool:
        """Whether a north star takes part in its objective."""
        return self._aims_for(plan.ObjectiveMode.NORTH_STAR)

    @property
    def slices(self) -> list[plan.Slice]:
        """The slices that its rules and targets are about."""
        named = [part for rule in self.rules for part in rule.mentions().slices]
        return [*named, *(target.slice for target in self.targets if target.slice is not None)]

    @property
    def weighted(self) -> list[str]:
        """The KPIs with a weight above 0, where weights take part at all."""
        return [kpi for kpi, weight in self.weights.items() if weight > 0] if self.uses_weights else []

    def _aims_for(self, mode: plan.ObjectiveMode) -> bool:
        return self.mode is mode or (self.mode is plan.ObjectiveMode.LEXICOGRAPHIC and self.secondary is mode)
