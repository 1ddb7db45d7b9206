"""The roll use case: propose the next planning cycle from what was approved, and write it in one step with a copy."""

from dataclasses import dataclass, replace
from typing import Any

from config.names import fold_key
from optimizer.plan import Plan, Scenario
from sheets_sync.checks import check
from sheets_sync.inputs.earlier_plans import EarlierPlans
from sheets_sync.issues.issue import Issue
from sheets_sync.run.known_approvals import known_plans
from sheets_sync.run.previous_runs import last_run_plans, last_selections
from sheets_sync.run.question_errors import RollError
from sheets_sync.run.read_inputs import refuse_unknown, wanted_tabs
from sheets_sync.run.roll_proposal import RollProposal, RollStep, propose_roll
from sheets_sync.store import RunStore
from sheets_sync.workbook.backend import Workbook
from sheets_sync.workbook.changes import Changes
from sheets_sync.workbook.snapshot import BLANK, Cell, CellKind, Snapshot, Tab


@dataclass(frozen=True)
class Rolled:
    """What was proposed, what a check would then say, and whether it was written; `copy` is what was kept."""

    workbook: str
    proposal: RollProposal
    issues: tuple[Issue, ...]
    written: bool = False
    copy: str = ""

    def to_json(self) -> dict[str, Any]:
        """Ready for json.dumps."""
        return {
            "workbook": self.workbook,
            **self.proposal.to_json(),
            "issues": [str(issue) for issue in self.issues],
            "written": self.written,
            "copy": self.copy or None,
        }


def roll(
    workbook: Workbook, to: str, scenario: str | None, store: RunStore | None, *, write: bool, force: bool = False
) -> Rolled:
    """Propose that a scenario goes on from the period `to`, and with `write` change the sheet accordingly.

    Raises:
        RollError: there is no such plan, nothing that it is based on, or the period is none to go on from.
        UnknownScenarioError: the workbook has no such scenario.
        WorkbookError: the workbook cannot be reached, is busy, or refuses to be written.
    """
    with workbook.locked():
        snapshot = workbook.read(wanted_tabs)
        earlier = EarlierPlans(known_plans(snapshot, store), last_run_plans(last_selections(snapshot)))
        names = [one.name for one in check(snapshot).scenarios]
        checked = check(snapshot, names, earlier=earlier)
        if scenario is not None:
            refuse_unknown(checked, [scenario])
        chosen = _scenario(checked.plan, scenario)
        folded = fold_key(chosen.name)
        approved, last = earlier.approved.get(folded), earlier.last_runs.get(folded)
        base = approved or last
        if base is None or not base.starts:
            raise RollError(
                f'"{chosen.name}" has no approval and no run over its periods yet, so nothing says what was to be done '
                "by then. Run it first; approve it if the plan is agreed."
            )
        keep = "approved" if approved is not None else "last run"
        proposal = propose_roll(snapshot, checked, chosen, base, to, keep=keep)
        after = check(_edited(snapshot, proposal.steps), names, earlier=earlier)
        rolled = Rolled(workbook.locator, proposal, after.issues)
        if not write or not proposal.steps:
            return rolled
        changes = Changes(edits=proposal.edits, kept_as=f"before {proposal.to_period}")
        return replace(rolled, written=True, copy=workbook.write(changes, force=force).copy)


def _scenario(plan: Plan | None, name: str | None) -> Scenario:
    """The scenario that is asked for, or the only one that plans several periods."""
    if plan is None:
        raise RollError("No scenario can be read without errors. See them with: sheetplan check")
    timed = [one for one in plan.scenarios if one.from_period is not None]
    if name is not None:
        found = next((one for one in timed if fold_key(one.name) == fold_key(name)), None)
        if found is None:
            raise RollError(
                f'"{name}" has errors (see: sheetplan check), or plans no periods: only a scenario with from_period '
                "and to_period can be rolled on."
            )
        return found
    if not timed:
        raise RollError("No scenario plans several periods: none has from_period and to_period.")
    if len(timed) > 1:
        listed = ", ".join(one.name for one in timed)
        raise RollError(f"Several scenarios plan several periods: {listed}. Say which one is real with --scenario.")
    return timed[0]


def _edited(snapshot: Snapshot, steps: tuple[RollStep, ...]) -> Snapshot:
    """The snapshot as it would be read with the new values."""
    tabs = dict(snapshot.tabs)
    for step in steps:
        tab = tabs[step.tab]
        rows = [list(row) for row in tab.rows]
        row = rows[step.row - 1]
        row += [BLANK] * (step.column - len(row))
        row[step.column - 1] = _cell(step.value)
        tabs[step.tab] = Tab(tab.title, rows, tab.merges, tab.tables)
    return replace(snapshot, tabs=tabs)


def _cell(value: str | float | None) -> Cell:
    if value is None:
        return BLANK
    kind = CellKind.TEXT if isinstance(value, str) else CellKind.NUMBER
    return Cell(kind, value, value if isinstance(value, str) else f"{value:g}")
