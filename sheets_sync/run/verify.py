"""Verifying a workbook on any machine: solved again from what it carries, every figure recomputed, every seal checked.

Nothing is written, and no store is needed; one that has recorded the approvals is asked about them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from typing import Any

from optimizer.portfolio import Portfolio, SolverInfo, Stage, StopReason
from sheets_sync.checks import check
from sheets_sync.inputs.fingerprint import fingerprint
from sheets_sync.outcome import RunOutcome, ScenarioOutcome
from sheets_sync.report.approvals import StateKind
from sheets_sync.report.kept_run_block import KEPT_NAME, kept_run_text
from sheets_sync.request import Progress
from sheets_sync.run.cells_as_written import cell_differences
from sheets_sync.run.kept_run import KeptRun, unpack_run
from sheets_sync.run.known_approvals import known_here
from sheets_sync.run.read_inputs import wanted_tabs
from sheets_sync.run.replay import solve_again
from sheets_sync.run.write_outcome import changes_of
from sheets_sync.signoff.states import all_states
from sheets_sync.store import RunRecord, RunStore, canonical_outcome
from sheets_sync.workbook.backend import Workbook, WorkbookRefusedError
from sheets_sync.workbook.snapshot import Snapshot

SHOWN = 20
"""Cells that are named before the others are only counted."""


@dataclass(frozen=True)
class Finding:
    """One thing that was checked: whether it is as it should be, and what was found, in a sentence."""

    ok: bool
    words: str


@dataclass(frozen=True)
class Verified:
    """All that was checked about a workbook and the run that it shows."""

    run_id: str
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()

    @property
    def is_ok(self) -> bool:
        """Whether everything is as it should be."""
        return all(finding.ok for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        """Ready for json.dumps."""
        findings = [vars(finding) for finding in self.findings]
        return {"run_id": self.run_id, "ok": self.is_ok, "findings": findings, "notes": list(self.notes)}


def verify(workbook: Workbook, store: RunStore | None, progress: Progress) -> Verified:
    """Check a workbook against the run that it carries, and its approvals against their seals.

    Raises:
        WorkbookRefusedError: it carries no run.
        WorkbookError: it cannot be reached.
    """
    progress.reading()
    snapshot = workbook.read(wanted_tabs)
    text = kept_run_text(snapshot)
    if not text:
        raise WorkbookRefusedError(
            f"{snapshot.locator} has no run to verify in Results details. Run it once, then verify."
        )
    kept = unpack_run(text)
    approvals = tuple(_approvals(snapshot, store))
    if kept is None:
        broken = Finding(False, "ALTERED: the run that Results details keeps cannot be read: its text was changed.")
        return Verified("", (broken, *approvals))
    record = kept.record
    outcome = solve_again(record, progress, with_prices=True)
    findings = [*_inputs(record), _answer(record, outcome), *_cells(snapshot, kept, outcome), *approvals]
    return Verified(record.run_id, tuple(findings), tuple(_notes(snapshot, record)))


def _inputs(record: RunRecord) -> Iterator[Finding]:
    is_same = fingerprint(check(record.snapshot).frames) == record.fingerprint
    words = f"Inputs: those that the run {record.run_id} read, fingerprint {record.fingerprint[:16]}."
    changed = "ALTERED: the inputs that Results details keeps are not those of the fingerprint of the run."
    yield Finding(is_same, words if is_same else changed)


def _answer(record: RunRecord, outcome: RunOutcome) -> Finding:
    count = len(outcome.scenarios)
    if canonical_outcome(outcome.to_json()) == canonical_outcome(record.outcome):
        return Finding(True, f"Solved again: the same answer for {count} scenario{'' if count == 1 else 's'}.")
    return Finding(False, "ALTERED: solved again from the inputs that it keeps, the run has another answer.")


def _cells(snapshot: Snapshot, kept: KeptRun, outcome: RunOutcome) -> Iterator[Finding]:
    """Results and Results details as the run wrote them: every value, every formula and what it gives."""
    record = kept.record
    if record.sheetplan_version != version("sheetplan"):
        words = f"Cells of Results: not compared, because sheetplan {record.sheetplan_version} wrote them."
        yield Finding(True, words)
        return
    checked = check(record.snapshot, record.options["scenarios"])
    written = changes_of(_as_told(outcome, record), checked, record.snapshot, kept.approvals, bridges=kept.bridges)
    is_stale = fingerprint(check(snapshot).frames) != record.fingerprint
    counted, found = 0, list[str]()
    for sheet in (written.results, written.details):
        if sheet is not None:
            count, differences = cell_differences(snapshot, sheet, without=KEPT_NAME, is_stale=is_stale)
            counted += count
            found += differences
    if not found:
        yield Finding(True, f"Figures: all {counted:,} cells of Results and Results details are as the run wrote them.")
    yield from (Finding(False, f"ALTERED: {words}.") for words in found[:SHOWN])
    if len(found) > SHOWN:
        yield Finding(False, f"ALTERED: {len(found) - SHOWN:,} more cells.")


def _as_told(outcome: RunOutcome, record: RunRecord) -> RunOutcome:
    """The outcome with what the run itself says of its search: another machine takes other times to the same answer."""
    told = record.outcome
    facts = replace(
        outcome.facts,
        workbook=told["workbook"],
        finished_at=datetime.fromisoformat(told["finished_at"]),
        trigger=record.trigger,
        person=record.person,
    )
    return replace(outcome, facts=facts, scenarios=tuple(_searched(item, record) for item in outcome.scenarios))


def _searched(scenario: ScenarioOutcome, record: RunRecord) -> ScenarioOutcome:
    told = record.scenario(scenario.name)
    if scenario.portfolio is None or told is None or told["solver"] is None:
        return scenario
    names = [item["stage"] for item in told["stages"]]
    # What comes after the objective only chooses among equals.
    last = names.index("objective") if "objective" in names else len(names)
    portfolio: Portfolio = replace(
        scenario.portfolio,
        bound=told["bound"],
        gap=told["gap"],
        solver=SolverInfo(told["solver"]["name"], told["solver"]["version"], told["solver"]["seconds"]),
        stages=tuple(
            Stage(
                item["stage"],
                item["unit"],
                StopReason(item["reason"]),
                item["value"],
                item["bound"],
                item["gap"],
                item["tolerance"],
                item["seconds"],
                breaks_ties=at > last,
            )
            for at, item in enumerate(told["stages"])
        ),
    )
    return replace(scenario, portfolio=portfolio)


def _approvals(snapshot: Snapshot, store: RunStore | None) -> Iterator[Finding]:
    for scenario, state in all_states(snapshot, known_here(snapshot, store)):
        yield Finding(state.kind is not StateKind.ALTERED, f"{scenario}: {state.words}.")


def _notes(snapshot: Snapshot, record: RunRecord) -> Iterator[str]:
    if fingerprint(check(snapshot).frames) != record.fingerprint:
        yield "The inputs have changed since this run."
