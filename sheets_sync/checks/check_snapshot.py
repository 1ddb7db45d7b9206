"""The door of the checks: a snapshot becomes a plan, or everything that is wrong in it, in one pass."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from config.columns import InputTab
from config.names import fold_header, fold_key
from config.tabs import (
    CAPACITY,
    COLUMNS,
    CONSTRAINTS,
    HEADER_SEARCH_ROWS,
    INITIATIVES,
    INPUT_TABS,
    KPIS,
    PERIODS,
    SCENARIOS,
    TARGETS,
)
from optimizer.plan import TOKENS, Accrual, Plan
from sheets_sync.checks.build_plan import build_plan
from sheets_sync.checks.capacity_tab import check_capacities, read_capacities
from sheets_sync.checks.columns_tab import ColumnMeanings, read_columns_tab
from sheets_sync.checks.constraints_tab import read_constraints
from sheets_sync.checks.context import CheckContext
from sheets_sync.checks.drafts import InitiativeDraft, NamedPeriod, Place
from sheets_sync.checks.header_checks import TouchesRows, check_headers
from sheets_sync.checks.initiatives_tab import read_initiatives
from sheets_sync.checks.issue_collector import Findings, Touches, everywhere, where_candidates
from sheets_sync.checks.kept_plans import add_kept_plans
from sheets_sync.checks.kpi_sense import report_odd_kpis, report_odd_targets
from sheets_sync.checks.kpi_units import refuse_percentages, settle_units
from sheets_sync.checks.kpis_tab import kpi_vocabulary, read_kpis
from sheets_sync.checks.list_rows import report_left_out, report_merged, report_uncalculated
from sheets_sync.checks.magnitudes import report_far_apart
from sheets_sync.checks.mandatory import check_mandatory
from sheets_sync.checks.near_values import report_near_values
from sheets_sync.checks.period_use import report_period_use
from sheets_sync.checks.scenario_objectives import check_objectives
from sheets_sync.checks.scenarios_tab import read_scenarios
from sheets_sync.checks.tab_reader import TabReader
from sheets_sync.checks.targets_tab import read_targets
from sheets_sync.checks.timeline import read_periods, settle_horizons
from sheets_sync.checks.timing import mentioned_periods, report_too_late, settle_timing
from sheets_sync.inputs.cell_text import shown
from sheets_sync.inputs.earlier_plans import EarlierPlans
from sheets_sync.inputs.frames import Frame, read_frame
from sheets_sync.inputs.header_matching import find_header_row, header_text
from sheets_sync.inputs.name_matching import Vocabulary
from sheets_sync.inputs.stated_tabs import columns_frame, columns_tab, stated_tabs
from sheets_sync.issues.issue import Issue
from sheets_sync.workbook.snapshot import CellKind, Snapshot, Tab, a1


@dataclass(frozen=True, slots=True)
class CheckedScenario:
    """One row of the Scenarios tab: whether it is to run, and the errors that stop it.

    `weight_places` has the cell of each weight (``Scenarios!G3``) by the KPI's key.
    """

    name: str
    row: int
    place: str
    objective_mode: str
    is_chosen: bool
    errors: tuple[Issue, ...] = ()
    weight_places: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Checked:
    """What the checks made of a snapshot.

    `plan` holds the chosen scenarios that no error stops; it is None where there are none. `scenarios` has every row of
    the Scenarios tab, in the order of the sheet, `stopped` the errors of the chosen ones that are stopped, by name.
    `timeline` has the periods of plans over several.
    """

    plan: Plan | None
    issues: tuple[Issue, ...]
    scenarios: tuple[CheckedScenario, ...]
    frames: Mapping[str, Frame] = field(repr=False)
    timeline: tuple[NamedPeriod, ...] = field(default=(), repr=False)

    @property
    def stopped(self) -> Mapping[str, tuple[Issue, ...]]:
        """The errors that stop each chosen scenario, by the scenario's name."""
        stopped: dict[str, tuple[Issue, ...]] = {}
        for scenario in self.scenarios:
            if scenario.is_chosen and scenario.errors:
                stopped[scenario.name] = (*stopped.get(scenario.name, ()), *scenario.errors)
        return {name: tuple(dict.fromkeys(errors)) for name, errors in stopped.items()}

    def contribution_place(self, initiative: str, kpi: str) -> str:
        """The cell of a contribution (``Initiatives!F7``), or that of the initiative's key where it has none."""
        assert self.plan is not None
        key_cell = Place.parse(self.plan.initiative(initiative).source or "")
        frame = self.frames[INITIATIVES.name]
        column = frame.number_of(INITIATIVES.family("contribution").header(kpi))
        return str(replace(key_cell, column=column or frame.number_of("kpi_contribution_json") or key_cell.column))

    def cost_place(self, initiative: str, resource: str) -> str:
        """The cell of a cost (``Initiatives!C7``), or that of the initiative's key where it has none of its own."""
        assert self.plan is not None
        found = self.plan.initiative(initiative)
        key_cell, frame = Place.parse(found.source or ""), self.frames[INITIATIVES.name]
        at = frame.rows.index(key_cell.row) if key_cell.row in frame.rows else 0
        names = [INITIATIVES.family("cost").header(resource)]
        if resource == TOKENS:
            names = [*(["remaining_tokens"] if found.is_in_progress else []), TOKENS, "size"]
        filled = (name for name in names if not frame.column(name)[at].is_blank)
        return str(replace(key_cell, column=frame.number_of(next(filled, "")) or key_cell.column))

    def capacity_place(self, scenario: str, resource: str) -> str | None:
        """The cell of a scenario's own capacity (``Scenarios!C2``); None where its row has none."""
        frame = self.frames[SCENARIOS.name]
        name = "capacity_total_tokens" if resource == TOKENS else SCENARIOS.family("capacity").header(resource)
        column = frame.number_of(name)
        row = next((one.row for one in self.scenarios if one.name == scenario), None)
        return None if column is None or row is None else f"{frame.title}!{a1(row, column)}"


def check(
    snapshot: Snapshot, scenarios: Collection[str] | None = None, *, earlier: EarlierPlans | None = None
) -> Checked:
    """Check everything in the input tabs.

    `earlier` has the plans that scenarios may keep; without it, the plan is not one to solve where they do.

    `scenarios` names those to run instead of the ticked ones; case and surrounding blanks do not matter, and names that
    are no scenario of the workbook are ignored (compare with `Checked.scenarios`).
    """
    context = CheckContext(snapshot.locale)
    findings = context.findings
    tabs = _find_tabs(snapshot, findings)
    frames: dict[str, Frame] = {}
    if KPIS.name in tabs:
        frames[KPIS.name] = read_frame(tabs[KPIS.name], KPIS, context.kpi_names)
        context.kpis = read_kpis(frames[KPIS.name], findings, snapshot.locale)
    if not context.kpis:
        findings.silence("unknown_kpi", "ignored_numeric_column", "no_contribution", "no_north_star", "no_targets")
        findings.silence("missing_weights", "priority_without_target", "missing_target")
    context.kpi_names = kpi_vocabulary(context.kpis)
    meanings = _read_meanings(snapshot, tabs, context)
    context.sizes, context.worths = meanings.sizes, meanings.worths
    for spec in (INITIATIVES, SCENARIOS, CONSTRAINTS, TARGETS, PERIODS, CAPACITY):
        if spec.name in tabs:
            frames[spec.name] = read_frame(tabs[spec.name], spec, context.kpi_names, meanings.of(spec))
    context.expects_tokens = SCENARIOS.name in frames and _limits_tokens(frames[SCENARIOS.name])
    if INITIATIVES.name in frames:
        frame = frames[INITIATIVES.name]
        context.initiatives = read_initiatives(frame, context)
        context.resources = [str(cost.member) for cost in frame.family("cost")]
    if not context.initiatives:
        findings.silence("unknown_initiative", "unknown_dimension_key", "unused_capacity", "weight_without_effect")
        findings.silence("period_without_initiatives", "unreachable_floor", "idle_north_star")
    if SCENARIOS.name in frames:
        context.scenarios = read_scenarios(frames[SCENARIOS.name], context)
    if not context.scenarios:
        findings.silence("unknown_scenario")
    _settle_periods(frames, context)
    if CONSTRAINTS.name in frames:
        read_constraints(frames[CONSTRAINTS.name], context)
    if TARGETS.name in frames:
        read_targets(frames[TARGETS.name], context)
    if CAPACITY.name in frames:
        read_capacities(frames[CAPACITY.name], context)
    check_capacities(context)
    report_too_late(context)
    if INITIATIVES.name in frames and context.initiatives:
        _look_twice(frames[INITIATIVES.name], context)
        refuse_percentages(frames, context.kpis, context.scenarios, findings)
    if earlier is not None:
        add_kept_plans(context, earlier)
    report_odd_targets(context.scenarios, context.kpis, findings)
    check_objectives(context.scenarios, context.initiatives, context.kpis, findings)
    check_mandatory(context)
    for name, frame in frames.items():
        check_headers(frame, findings, context.kpi_names, _touched(name, context.initiatives), _excused(frame, context))
        report_left_out(frame, tabs[name], findings, context.initiatives if name == INITIATIVES.name else ())
        report_merged(frame, tabs[name], findings)
        if snapshot.recalculates_on_load:
            report_uncalculated(frame, findings)
        if frame.spec.required and frame.header_found and not frame.rows:
            place = Place(frame.title, frame.header_row, 1)
            findings.add("no_rows", place, everywhere, tab=frame.title, advice=_FIRST_ROWS[name])
    stated = columns_tab(snapshot.tabs)
    if stated is not None:
        frames[COLUMNS.name] = columns_frame(stated)
    return _conclude(context, frames, scenarios)


def _settle_periods(frames: Mapping[str, Frame], context: CheckContext) -> None:
    """The periods of plans over several, and what initiatives say about time."""
    listed = read_periods(frames[PERIODS.name], context) if PERIODS.name in frames else []
    mentioned = list(mentioned_periods(context.initiatives))
    for name in (TARGETS.name, CAPACITY.name):
        frame = frames.get(name)
        if frame is not None and "period_key" in frame.fields:
            mentioned += [shown(cell) for cell in frame.column("period_key") if cell.kind is CellKind.TEXT]
    settle_horizons(context, listed, mentioned)
    each = next((kpi for kpi in context.kpis if kpi.is_active and kpi.accrues is Accrual.EACH_PERIOD), None)
    if each is not None and context.scenarios and not any(scenario.first for scenario in context.scenarios):
        reader = TabReader(frames[KPIS.name], context.findings, context.locale)
        context.findings.add("timing_not_used", reader.place(each.row, "accrues"), column=reader.label("accrues"))
    if INITIATIVES.name in frames:
        settle_timing(context, TabReader(frames[INITIATIVES.name], context.findings, context.locale))


def _limits_tokens(scenarios: Frame) -> bool:
    name = "capacity_total_tokens"
    return name in scenarios.fields and not all(cell.is_blank for cell in scenarios.column(name))


def _excused(frame: Frame, context: CheckContext) -> list[str]:
    """Required columns that a tab can lack, because other columns of it say as much."""
    if frame.spec is INITIATIVES and context.expects_tokens:
        return []
    columns = [column for column in frame.spec.columns if column.instead_family]
    # Plans over several periods may have all their capacities on the Capacity tab, which is checked by itself.
    over_periods = bool(context.scenarios) and all(scenario.first is not None for scenario in context.scenarios)
    is_elsewhere = frame.spec is SCENARIOS and over_periods
    return [column.name for column in columns if is_elsewhere or frame.family(column.instead_family)]


def _look_twice(frame: Frame, context: CheckContext) -> None:
    """What is read without an error, and is probably not what the person means."""
    reader = TabReader(frame, context.findings, context.locale)
    settle_units(reader, context.initiatives, context.kpis, context.findings)
    report_near_values(reader, context.initiatives, context.scenarios, context.findings)
    report_period_use(reader, context.initiatives, context.scenarios, context.findings)
    report_far_apart(reader, context.initiatives, context.scenarios, context.kpis, context.findings)
    report_odd_kpis(reader, context.initiatives, context.kpis, context.findings)


_FIRST_ROWS = {
    KPIS.name: "List the measures that your work should move, one row each, such as revenue; make one of them the "
    "north_star.",
    INITIATIVES.name: "List what could be done, one row each, with its effort and, in one column per KPI headed by the "
    "KPI's name, how far it moves that KPI.",
    SCENARIOS.name: "Add one row per plan that you want to see: a name, an objective mode and a capacity.",
}
"""What to fill in first on each required tab that is empty."""


def _read_meanings(snapshot: Snapshot, tabs: Mapping[str, Tab], context: CheckContext) -> ColumnMeanings:
    """What the Columns tab says, where there is one that says anything."""
    tab = columns_tab(snapshot.tabs)
    if tab is None:
        return ColumnMeanings()
    frame = columns_frame(tab)
    check_headers(frame, context.findings, Vocabulary(()), lambda _rows: everywhere)
    names = [name for kpi in context.kpis for name in (kpi.key, kpi.name) if name]
    titles = snapshot.titles or tuple(snapshot.tabs)
    return read_columns_tab(frame, tabs, names, context.findings, snapshot.locale, titles)


def _find_tabs(snapshot: Snapshot, findings: Findings) -> dict[str, Tab]:
    """The tab to read for each input, by the input's canonical name."""
    found: dict[str, Tab] = {}
    stated = {spec.name: title for title, spec in stated_tabs(snapshot.tabs).items()}
    for spec in INPUT_TABS:
        if spec.name in stated:
            found[spec.name] = snapshot.tabs[stated[spec.name]]
            _report_ignored(snapshot, spec, found[spec.name], findings)
            continue
        same = [tab for title, tab in snapshot.tabs.items() if fold_header(title) in spec.spellings]
        if not same:
            same = [tab for title, tab in snapshot.tabs.items() if fold_header(title) in spec.lookalike_spellings]
        if not same:
            if spec.required:
                findings.add("missing_tab", Place(), everywhere, tab=spec.name, there=_tabs_there(snapshot))
            continue
        found[spec.name] = _preferred(same, spec, findings)
    for name in [name for name, tab in found.items() if _is_optional_and_empty(name, tab)]:
        del found[name]
    for spec in INPUT_TABS:
        tab = found.get(spec.name)
        if tab is not None and not spec.required and not _is_meant(spec, tab):
            findings.add("tab_of_another_meaning", Place(tab.title, 1, 1), title=tab.title, tab=spec.name)
            del found[spec.name]
    return found


def _report_ignored(snapshot: Snapshot, spec: InputTab, used: Tab, findings: Findings) -> None:
    """Report tabs of the input's own name beside the one that the tab Columns says is it."""
    for title, tab in snapshot.tabs.items():
        if tab is not used and fold_header(title) in spec.spellings:
            findings.add("ignored_tab", Place(title, 1, 1), title=title, tab=spec.name, used=used.title)


def _tabs_there(snapshot: Snapshot) -> str:
    """The titles of the workbook's tabs, for a message about one that is missing."""
    titles = [f'"{title}"' for title in snapshot.titles or snapshot.tabs][:_TITLES_SHOWN]
    if not titles:
        return ""
    return f"; the workbook has {titles[0]}" if len(titles) == 1 else f"; its tabs are {', '.join(titles)}"


_TITLES_SHOWN = 12


def _preferred(same: Sequence[Tab], spec: InputTab, findings: Findings) -> Tab:
    """The one of several tabs with the same meaning: the canonical one, if the others do not look like inputs."""
    canonical = [tab for tab in same if fold_header(tab.title) == fold_header(spec.name)]
    used = (canonical or list(same))[0]
    others = [tab for tab in same if tab is not used]
    rivals = [tab for tab in others if find_header_row(tab, spec) is not None]
    if rivals or (others and find_header_row(used, spec) is None):
        titles = " and ".join(f'"{tab.title}"' for tab in same)
        findings.add("ambiguous_tab", Place(others[0].title, 1, 1), everywhere, titles=titles, tab=spec.name)
    else:
        for tab in others:
            findings.add("ignored_tab", Place(tab.title, 1, 1), title=tab.title, tab=spec.name, used=used.title)
    return used


def _is_meant(spec: InputTab, tab: Tab) -> bool:
    """Whether a tab has a header row of ours, or one that was probably meant to be: two of our columns side by side."""
    if find_header_row(tab, spec) is not None:
        return True
    return any(
        len({column.name for cell in row if (column := spec.find_column(header_text(cell))) is not None}) > 1
        for row in tab.rows[:HEADER_SEARCH_ROWS]
    )


def _is_optional_and_empty(name: str, tab: Tab) -> bool:
    required = {spec.name for spec in INPUT_TABS if spec.required}
    return name not in required and all(cell.is_blank for row in tab.rows for cell in row)


def _touched(tab: str, initiatives: Sequence[InitiativeDraft]) -> TouchesRows:
    """Which scenarios are affected by some rows of a tab."""

    def by_rows(rows: Iterable[int]) -> Touches:
        wanted = frozenset(rows)
        if tab == INITIATIVES.name:
            return where_candidates(draft for draft in initiatives if draft.row in wanted)
        return (lambda scenario: scenario.row in wanted) if tab == SCENARIOS.name else everywhere

    return by_rows


def _conclude(context: CheckContext, frames: Mapping[str, Frame], chosen: Collection[str] | None) -> Checked:
    drafts = context.scenarios
    errors = context.findings.stopped(drafts)
    names = None if chosen is None else {fold_key(name) for name in chosen}
    scenarios = tuple(
        CheckedScenario(
            name=draft.name,
            row=draft.row,
            place=str(draft.place),
            objective_mode="" if draft.mode is None else draft.mode.value,
            is_chosen=draft.is_ticked if names is None else fold_key(draft.name) in names,
            errors=errors.get(draft.row, ()),
            weight_places={kpi: str(draft.places[f"weight: {kpi}"]) for kpi in draft.weights},
        )
        for draft in drafts
    )
    valid = [
        draft for draft, scenario in zip(drafts, scenarios, strict=True) if scenario.is_chosen and not scenario.errors
    ]
    periods = [period.name for period in context.timeline]
    plan = build_plan(context.kpis, context.initiatives, valid, periods) if valid else None
    return Checked(plan, context.findings.issues(), scenarios, frames, tuple(context.timeline))
