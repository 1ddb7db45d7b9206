"""Where everything is in the decision table of Results: its columns and rows.

Columns A to C label an initiative (key, title, team), then comes one column per scenario, then costs and KPIs, group,
what changed, why. What a print leaves out is right of that: whether its inputs changed since, further dimensions, and
in plans over several periods 1 for what is selected, because there the scenario's own column says when it starts. Such
plans also have a roadmap below, with one column for each period from the first scenario's column on: where these are
more than there are columns, *why* takes several narrow ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from config.tabs import DIMENSIONS
from optimizer.plan import TOKENS, Initiative, Kpi, Plan, Scenario, Synergy
from sheets_sync.outcome import RunOutcome, ScenarioOutcome
from sheets_sync.report.decisions import Group, decisions_of
from sheets_sync.workbook.backend import RESULTS
from sheets_sync.workbook.snapshot import Area

TITLE = RESULTS
LEAD_COLUMN = 3
FIRST_SCENARIO_COLUMN = 4


@dataclass(frozen=True)
class SynergyRow:
    """One synergy as a row of the decision table: the scenarios in which it may be earned, by position."""

    synergy: Synergy
    scenarios: tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    """The rows and columns of the decision table; `top` is the row of its header."""

    plan: Plan
    scenarios: tuple[ScenarioOutcome, ...]
    initiatives: tuple[Initiative, ...]
    groups: Mapping[str, Group]
    """Group by key of the initiative."""
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
        """The column of the scenario at a 0-based position: 1 where it selects, or the period in which work starts."""
        return FIRST_SCENARIO_COLUMN + position

    @property
    def last_scenario_column(self) -> int:
        """The column of the last scenario."""
        return self.scenario_column(len(self.scenarios) - 1)

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
        """The dimensions in which a shown initiative has a value, or that a bound or target slices by; team first."""
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

    def dimension_column(self, dimension: str) -> int:
        """The column of an initiative's value in a dimension: the first one beside the title, the others behind."""
        position = self.dimensions.index(dimension)
        return LEAD_COLUMN if position == 0 else self.state_column + position

    def resource_column(self, resource: str) -> int:
        """The column of what an initiative costs of a resource."""
        return self.first_figure_column + self.resources.index(resource)

    def kpi_column(self, key: str) -> int:
        """The column of the contributions to a KPI."""
        position = [kpi.key for kpi in self.kpis].index(key)
        return self.first_figure_column + len(self.resources) + position

    @property
    def last_figure_column(self) -> int:
        """The last column of the initiatives' figures."""
        return self.first_figure_column + len(self.resources) + len(self.kpis) - 1

    @property
    def group_column(self) -> int:
        """The column that says in or out in a word, for filters and subtotals."""
        return self.last_figure_column + 1

    @property
    def changed_column(self) -> int:
        """The column of what is different from the last run and from the approved plan."""
        return self.group_column + 1

    @property
    def reason_column(self) -> int:
        """The column of why an initiative is in or out; its text runs on over the rest of what is printed."""
        return self.changed_column + 1

    @property
    def is_priced(self) -> bool:
        """Whether reasons say what the opposite decision comes to."""
        return any(one.portfolio is not None and one.portfolio.prices for one in self.scenarios)

    @cached_property
    def timed(self) -> tuple[int, ...]:
        """The positions of the scenarios that plan several periods and have an answer."""
        return tuple(
            position
            for position, scenario in enumerate(self.scenarios)
            if scenario.portfolio is not None and scenario.portfolio.status.has_portfolio and scenario.portfolio.horizon
        )

    @cached_property
    def most_periods(self) -> int:
        """The periods of the longest of these plans."""
        portfolios = [self.scenarios[position].portfolio for position in self.timed]
        return max((len(portfolio.horizon) for portfolio in portfolios if portfolio is not None), default=0)

    @property
    def last_printed_column(self) -> int:
        """The last column that is printed."""
        return max(self.reason_column, FIRST_SCENARIO_COLUMN + self.most_periods - 1)

    @property
    def state_column(self) -> int:
        """The column that says whether an initiative's inputs changed since the run."""
        return self.last_printed_column + 1

    def selected_column(self, position: int) -> int:
        """The column that holds 1 for what a scenario selects: its own, but in plans over several periods."""
        if position not in self.timed:
            return self.scenario_column(position)
        return self.state_column + max(len(self.dimensions), 1) + self.timed.index(position)

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
        """One column of the decision table, below its header."""
        bottom = self.last_row if with_synergies else self.last_initiative_row
        return Area(TITLE, self.first_row, column, max(bottom, self.first_row), column)


def layout_of(outcome: RunOutcome, plan: Plan, top: int) -> Layout:
    """What the decision table of this run lists, with its header at row `top`."""
    synergies: dict[Synergy, list[int]] = {}
    for position, scenario in enumerate(outcome.scenarios):
        if scenario.portfolio is None or not scenario.portfolio.status.has_portfolio:
            continue
        for synergy in plan.scenario(scenario.name).synergies:
            synergies.setdefault(synergy, []).append(position)
    decisions = decisions_of(plan, outcome.scenarios)
    return Layout(
        plan=plan,
        scenarios=outcome.scenarios,
        initiatives=tuple(decision.initiative for decision in decisions),
        groups={decision.initiative.key: decision.group for decision in decisions},
        synergies=tuple(SynergyRow(synergy, tuple(positions)) for synergy, positions in synergies.items()),
        top=top,
    )
