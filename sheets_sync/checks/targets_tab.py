"""Checks of the Targets tab; every sound row becomes a target of the scenarios that it is for."""

from decimal import Decimal

from optimizer.plan import Target, TargetKind
from sheets_sync.checks.amounts import find_kpi
from sheets_sync.checks.cell_values import Fault
from sheets_sync.checks.context import CheckContext
from sheets_sync.checks.drafts import ScenarioDraft
from sheets_sync.checks.row_scope import Repeats, Scope, ScopeReader
from sheets_sync.checks.tab_reader import TabReader
from sheets_sync.checks.timeline import find_period
from sheets_sync.inputs.frames import Frame
from sheets_sync.inputs.periods import fold_period


def read_targets(frame: Frame, context: CheckContext) -> None:
    """Add every sound row to its scenarios, and report everything wrong, also what the Scenarios tab already gave."""
    reader = TabReader(frame, context.findings, context.locale)
    names, kinds = reader.keys("kpi_key"), reader.choices("floor_or_goal")
    values, baselines = reader.numbers("target_value"), reader.numbers("baseline_value")
    periods = reader.keys("period_key")
    reader.require("kpi_key", names, code="blank_key")
    reader.require("target_value", values, "Type a number in the KPI's own unit.")
    scopes = ScopeReader(reader, context)
    inactive = context.inactive_kpis
    repeats = Repeats(context.findings, "repeated_target")
    for scenario in context.scenarios:
        for target in scenario.targets:
            repeats.note(scenario, (target.kind, target.kpi, target.slice, None), target.source or "")
    for row in frame.rows:
        scope = scopes.read(row)
        kpi = find_kpi(context.kpi_names, names[row]) if row in names else None
        if isinstance(kpi, Fault):
            reader.fault(row, "kpi_key", kpi)
        elif kpi in inactive:
            reader.fault(row, "kpi_key", Fault("inactive_kpi", {"kpi": kpi, "column": reader.label("kpi_key")}))
        kind = TargetKind(kinds.get(row, TargetKind.GOAL.value))
        period, asked = _period(reader, row, periods.get(row), scope, context)
        broken = reader.report(row, scope.touches, about=scope.named)
        if broken or not isinstance(kpi, str) or row not in values:
            for scenario in scope.scenarios:
                scenario.has_unread_targets = True
            continue
        place = reader.place(row, "target_value")
        part = ("" if scope.slice is None else f" in {scope.slice}") + (f" by {period}" if period else "")
        repeats.check(scope, (kind, kpi, scope.slice, period), place, kind=kind.value, kpi=kpi, slice=part)
        baseline = baselines.get(row)
        target = Target(
            kpi=kpi,
            value=values[row] if baseline is None else _difference(values[row], baseline),
            kind=kind,
            slice=scope.slice,
            period=period,
            stated=None if baseline is None else values[row],
            baseline=baseline,
            source=str(place),
        )
        for scenario in asked:
            scenario.targets.append(target if scenario.horizon else target.model_copy(update={"period": None}))


def _period(
    reader: TabReader, row: int, text: str | None, scope: Scope, context: CheckContext
) -> tuple[str | None, list[ScenarioDraft]]:
    """The period by whose end a target is to be reached, and the scenarios that plan it.

    A plan of one period has the target where it is that period.
    """
    if text is None:
        return None, list(scope.scenarios)
    found = find_period(context.timeline, text)
    name = None if found is None else context.timeline[found[1]].name
    asked = [s for s in scope.scenarios if s.horizon and any(period.name == name for period in s.horizon)]
    asked += [
        s
        for s in scope.scenarios
        if not s.horizon and s.period is not None and fold_period(s.period) == fold_period(text)
    ]
    if not asked:
        values = {"value": text, "column": reader.label("period_key")}
        reader.fault(row, "period_key", Fault("target_of_no_plan", values))
    return name, asked


def _difference(level: float, baseline: float) -> float:
    """What is missing to the level, in decimal: 0.35 - 0.3 is 0.05 to whoever typed it, not 0.04999999999999999."""
    return float(Decimal(repr(level)) - Decimal(repr(baseline)))
