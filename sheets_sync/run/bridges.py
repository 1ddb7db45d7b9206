"""From an earlier run's plan to a later one, step by step: what came from estimates, initiatives, capacity, rules."""

from collections.abc import Iterable, Mapping
from typing import Any

from config.names import fold_key
from optimizer.plan import Plan
from optimizer.portfolio import SolverName, Status
from optimizer.studies.bridge import Bridge, Cause, Side, bridge_between
from sheets_sync.checks import check
from sheets_sync.outcome import RunOutcome
from sheets_sync.report.approvals import NOT_APPROVED, ApprovalState
from sheets_sync.report.bridge_block import ScenarioBridge
from sheets_sync.request import RunRequest
from sheets_sync.store import RunRecord, RunStore, StoreError, WorkbookIdentity

MOST_INITIATIVES = 400
"""In larger plans a run works out no bridge, as its solves could take as long as the run; `sheetplan diff` does."""
LONGEST_S = 10.0
"""Seconds for each solve of a bridge in a run; a step that is not proven by then is shown with the next one."""
_WITH_PLAN = frozenset(status.value for status in Status if status.has_portfolio)
_PLACES = {cause: place for place, cause in enumerate(Cause)}


def bridges_of_run(
    outcome: RunOutcome,
    request: RunRequest,
    approvals: Mapping[str, ApprovalState],
    store: RunStore | None,
    workbook: WorkbookIdentity,
) -> dict[str, ScenarioBridge]:
    """How each answer came from the approved plan, or without one from the last run; by folded scenario name."""
    if store is None or outcome.plan is None or len(outcome.plan.initiatives) > MOST_INITIATIVES:
        return {}
    bridges, earlier = {}, _EarlierRuns(store, workbook, outcome.facts.run_id)
    for scenario in outcome.scenarios:
        state, portfolio = approvals.get(fold_key(scenario.name), NOT_APPROVED), scenario.portfolio
        if portfolio is None or not portfolio.status.has_portfolio:
            continue
        run_id = earlier.last_of(scenario.name) if state.plan is None else state.plan.run_id
        before = None if run_id is None else earlier.side(run_id, scenario.name)
        if before is None:
            continue
        after = Side(outcome.plan, portfolio.selected, portfolio.kpi_totals, portfolio.starts)
        limit = min(request.time_limit_s or LONGEST_S, LONGEST_S)
        bridge = bridge_between(scenario.name, before, after, solver=request.solver, time_limit_s=limit)
        since = f"last run: {run_id}" if state.plan is None else f"approved: {run_id}"
        bridges[fold_key(scenario.name)] = _shown(since, bridge)
    return bridges


class _EarlierRuns:
    """Runs of a workbook as they are kept, each read and checked once; what is no longer kept is None."""

    def __init__(self, store: RunStore, workbook: WorkbookIdentity, run_id: str) -> None:
        self._store = store
        self._kept: dict[str, tuple[RunRecord, Plan | None] | None] = {}
        try:
            self._runs = [summary for summary in store.runs(workbook) if summary.run_id != run_id]
        except StoreError:  # reported where the run is kept
            self._runs = []

    def last_of(self, scenario: str) -> str | None:
        """The newest run that had a plan for a scenario."""
        asked = fold_key(scenario)
        with_plan = (
            run
            for run in self._runs
            if any(fold_key(name) == asked and status in _WITH_PLAN for name, status in run.scenarios)
        )
        newest = next(with_plan, None)
        return None if newest is None else newest.run_id

    def side(self, run_id: str, scenario: str) -> Side | None:
        """What a run answered to a scenario."""
        if run_id not in self._kept:
            try:
                record = self._store.run(run_id)
                self._kept[run_id] = (record, plan_of(record))
            except StoreError:
                self._kept[run_id] = None
        kept = self._kept[run_id]
        return None if kept is None else _side(*kept, scenario)


def _shown(since: str, bridge: Bridge) -> ScenarioBridge:
    steps = [
        (tuple(_PLACES[cause] for cause in step.causes), {kpi: float(change) for kpi, change in step.changes.items()})
        for step in bridge.steps
    ]
    return ScenarioBridge(since, bridge.before, bridge.after, steps)


def plan_of(record: RunRecord) -> Plan | None:
    """The plan of a kept run; None where its workbook did not give one."""
    return check(record.snapshot, record.options["scenarios"]).plan


def _side(record: RunRecord, plan: Plan | None, scenario: str) -> Side | None:
    """What a kept run answered to a scenario, under the name that is asked for; None where it gave no portfolio."""
    answer = record.scenario(scenario)
    if plan is None or answer is None or answer["objective"] is None:
        return None
    asked = next((item for item in plan.scenarios if fold_key(item.name) == fold_key(scenario)), None)
    keys = {initiative.key for initiative in plan.initiatives}
    if asked is None or not keys.issuperset(answer["selected"]):
        return None
    renamed = plan.model_copy(update={"scenarios": (asked.model_copy(update={"name": scenario}),)})
    return Side(renamed, tuple(answer["selected"]), dict(answer["kpi_totals"]), dict(answer.get("starts", {})))


def bridge_of_runs(
    before: RunRecord, after: RunRecord, scenario: str, *, solver: SolverName, time_limit_s: float | None
) -> Bridge | None:
    """How a scenario's answer came from that of an earlier run; None where one of them has none."""
    then, now = (_side(record, plan_of(record), scenario) for record in (before, after))
    if then is None or now is None:
        return None
    return bridge_between(scenario, then, now, solver=solver, time_limit_s=time_limit_s)


def moved_json(moved: Iterable[tuple[str, str, str]]) -> list[dict[str, str]]:
    """Initiatives that start in another period, ready for json.dumps."""
    return [{"initiative": key, "from": was, "to": now} for key, was, now in moved]


def bridge_json(bridge: Bridge) -> dict[str, Any]:
    """A bridge ready for json.dumps; each change is the float nearest to the exact one."""
    return {
        "before": dict(bridge.before),
        "after": dict(bridge.after),
        "steps": [
            {
                "causes": [cause.value for cause in step.causes],
                "changes": {kpi: float(change) for kpi, change in step.changes.items()},
                "came_in": list(step.came_in),
                "went_out": list(step.went_out),
                **({"moved": moved_json(step.moved)} if step.moved else {}),
            }
            for step in bridge.steps
        ],
    }
