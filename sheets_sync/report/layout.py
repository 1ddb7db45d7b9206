"""Where everything is on Results: the columns that all blocks share, and what the selection block lists.

Columns A to C label things, then comes one column per scenario (the long tables use the same columns for their
attributes), then the initiatives' figures as they were in the run, whether they changed since, and why in or out.
"""

from dataclasses import dataclass
from functools import cached_property

from config.tabs import DIMENSIONS
from optimizer.plan import TOKENS, Initiative, Kpi, Plan, Scenario, Synergy
from sheets_sync.outcome import RunOutcome, ScenarioOutcome
from sheets_sync.workbook.backend import RESULTS
from sheets_sync.workbook.snapshot import Area

TITLE = RESULTS
FIRST_SCENARIO_COLUMN = 4
LONG_TABLE_WIDTH = 13


@dataclass(frozen=True)
class SynergyRow:
    """One synergy as a row of the selection block: the scenarios in which it may be earned, by position."""

    synergy: Synergy
    scenarios: tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    """The rows and columns of the selection block; `top` is the row of its header."""

    plan: Plan
    scenarios: tuple[ScenarioOutcome, ...]
    initiatives: tuple[Initiative, ...]
    synergies: tuple[SynergyRow, ...]
    top: int

    @property
    def first_row(self) -> int:
        """The first initiative's row."""
        return self.top + 1

    @property
    def last_initiative_row(self) -> int:
        """The last initiative's row (the header's where there is none)."""
        return self.top + len(self.initiatives)

    @property
    def last_row(self) -> int:
        """The last row, synergies included."""
        return self.last_initiative_row + len(self.synergies)

    def scenario_column(self, position: int) -> int:
        """The column of the scenario at a 0-based position."""
        return FIRST_SCENARIO_COLUMN + position

    @property
    def first_figure_column(self) -> int:
        """The column right of the scenarios."""
        return FIRST_SCENARIO_COLUMN + len(self.scenarios)

    @cached_property
    def resources(self) -> tuple[str, ...]:
        """Tokens first, if there are any, then every further resource that a scenario limits or reports the use of."""
        seen = {TOKENS: None} if self.has_tokens else {}
        for scenario in self.plan_scenarios:
            seen |= dict.fromkeys(scenario.capacities)
        for outcome in self.scenarios:
            if outcome.portfolio is not None:
                seen |= dict.fromkeys(use.resource for use in outcome.portfolio.resources)
        return tuple(seen)

    @cached_property
    def has_tokens(self) -> bool:
        """Whether tokens are shown: always, but in a plan of other resources only."""
        uses = [use.resource for o in self.scenarios if o.portfolio is not None for use in o.portfolio.resources]
        return TOKENS in uses or not uses

    @cached_property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions in which a shown initiative has a value, or that a bound or target slices by."""
        used = {dimension for initiative in self.initiatives for dimension in initiative.dimensions}
        for scenario in self.plan_scenarios:
            used |= {target.slice.dimension for target in scenario.targets if target.slice is not None}
        for outcome in self.scenarios:
            if outcome.portfolio is not None:
                used |= {use.slice.dimension for use in outcome.portfolio.slices if use.slice is not None}
        return tuple(dimension for dimension in DIMENSIONS if dimension in used)

    @cached_property
    def plan_scenarios(self) -> tuple[Scenario, ...]:
        """The plan's scenarios behind the shown ones that have a portfolio."""
        return tuple(self.plan.scenario(outcome.name) for outcome in self.scenarios if outcome.portfolio is not None)

    @cached_property
    def kpis(self) -> tuple[Kpi, ...]:
        """Every active KPI in the order of the sheet."""
        return self.plan.kpis

    def resource_column(self, resource: str) -> int:
        """The column of what an initiative costs of a resource."""
        return self.first_figure_column + len(self.dimensions) + self.resources.index(resource)

    def dimension_column(self, dimension: str) -> int:
        """The column of an initiative's value in a dimension."""
        return self.first_figure_column + self.dimensions.index(dimension)

    def kpi_column(self, key: str) -> int:
        """The column of the contributions to a KPI."""
        position = [kpi.key for kpi in self.kpis].index(key)
        return self.first_figure_column + len(self.resources) + len(self.dimensions) + position

    @property
    def state_column(self) -> int:
        """The column that says whether an initiative's inputs changed since the run."""
        return self.last_figure_column + 1

    @property
    def reason_column(self) -> int:
        """The column of why an initiative is in or out: the last, so that its text may run on."""
        return self.state_column + 1

    @property
    def last_column(self) -> int:
        """The last column of the blocks of the answer."""
        return max(self.reason_column, LONG_TABLE_WIDTH)

    @property
    def last_figure_column(self) -> int:
        """The last column of the initiatives' figures."""
        figures = len(self.resources) + len(self.dimensions) + len(self.kpis)
        return self.first_figure_column + figures - 1

    def shows(self, key: str) -> bool:
        """Whether an initiative has a row."""
        return key in self._rows_by_key

    def initiative_row(self, key: str) -> int:
        """The row of an initiative; KeyError where it is not shown."""
        return self._rows_by_key[key]

    @cached_property
    def _rows_by_key(self) -> dict[str, int]:
        return {initiative.key: self.first_row + offset for offset, initiative in enumerate(self.initiatives)}

    def column_area(self, column: int, *, with_synergies: bool = True) -> Area:
        """One column of the selection block, below its header."""
        bottom = self.last_row if with_synergies else self.last_initiative_row
        return Area(TITLE, self.first_row, column, max(bottom, self.first_row), column)


def layout_of(outcome: RunOutcome, plan: Plan, top: int) -> Layout:
    """What the selection block of this run lists, with its header at row `top`."""
    shown: set[str] = set()
    synergies: dict[Synergy, list[int]] = {}
    for position, scenario in enumerate(outcome.scenarios):
        if scenario.portfolio is None or not scenario.portfolio.status.has_portfolio:
            continue
        shown.update(initiative.key for initiative in plan.candidates(plan.scenario(scenario.name)))
        for synergy in plan.scenario(scenario.name).synergies:
            synergies.setdefault(synergy, []).append(position)
    return Layout(
        plan=plan,
        scenarios=outcome.scenarios,
        initiatives=tuple(initiative for initiative in plan.initiatives if initiative.key in shown),
        synergies=tuple(SynergyRow(synergy, tuple(positions)) for synergy, positions in synergies.items()),
        top=top,
    )
