"""Why each initiative is in or out, and what it would take to change that. Nothing is written."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from optimizer.plan import Initiative, Plan
from optimizer.portfolio import Conflict
from optimizer.studies.opposite import Opposite, solve_opposite, solve_opposites, why_impossible
from optimizer.studies.parallel import Stopped, solve_next
from optimizer.studies.study import Study
from optimizer.studies.thresholds import Threshold, ThresholdKind, Unturned, all_thresholds, turns_of
from sheets_sync.checks import Checked
from sheets_sync.outcome import ExitCode, RunOutcome, ScenarioOutcome, worse_targets_json
from sheets_sync.request import SILENT, Progress, RunRequest, new_run_id
from sheets_sync.run.make_outcome import make_outcome
from sheets_sync.run.named_initiative import initiative_named
from sheets_sync.run.read_inputs import Reading, read_inputs
from sheets_sync.run.solve_inputs import solve_inputs
from sheets_sync.store import RunStore
from sheets_sync.workbook.backend import Workbook


@dataclass(frozen=True)
class Decision:
    """One initiative in one scenario: in or out, why, and what the opposite would take.

    `opposite` is None for what is no candidate of the scenario, and where the search was stopped. `thresholds` are
    looked for where they, or one initiative, were asked about, `unturned` (costs and capacities that turn nothing) and
    `conflict` only for one; `is_commanded` says that a rule names it as mandatory or left out.
    """

    initiative: Initiative
    is_selected: bool
    reason: str
    is_commanded: bool = False
    opposite: Opposite | None = None
    thresholds: tuple[Threshold, ...] = ()
    unturned: tuple[Unturned, ...] = ()
    conflict: Conflict | None = None


@dataclass(frozen=True)
class ScenarioExplanation:
    """The decisions of one scenario, in the order of the sheet; `study` is None where there is no portfolio."""

    outcome: ScenarioOutcome
    study: Study | None
    decisions: tuple[Decision, ...]
    is_stopped: bool = False
    """Whether it was ended before all decisions, or all numbers at which they turn, were found."""
    is_of_one: bool = False
    """Whether one initiative was asked about."""


@dataclass(frozen=True)
class Explanation:
    """A run that wrote nothing, and the decisions of its scenarios explained."""

    outcome: RunOutcome
    scenarios: tuple[ScenarioExplanation, ...]
    inputs: Reading

    @property
    def is_stopped(self) -> bool:
        """Whether it ended early."""
        return any(scenario.is_stopped for scenario in self.scenarios)

    @property
    def exit_code(self) -> ExitCode:
        """Of the command that asked."""
        return self.outcome.exit_code


def explain_decisions(
    workbook: Workbook,
    request: RunRequest,
    *,
    initiative: str | None = None,
    with_thresholds: bool = False,
    store: RunStore | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Progress = SILENT,
    stop: Callable[[], bool] | None = None,
) -> Explanation:
    """Explain the decisions of the scenarios asked for; with `initiative` (a key, a title, or a cell of
    its row) about that one alone, and at which numbers it turns; `with_thresholds` at which numbers each one does.

    `stop`, where there is one, is asked again and again: it, or Ctrl-C, ends the search with what was found so far.
    `store` knows which approvals this installation recorded, as for a run.

    Raises:
        UnknownInitiativeError: the workbook has no such initiative.
        UnknownScenarioError: `request.scenarios` names one that is not in the workbook.
        WorkbookError: the workbook cannot be reached.
    """
    started_at = clock()
    progress.reading()
    reading = read_inputs(workbook, request.scenarios, store)
    plan = reading.checked.plan
    key = None if initiative is None or plan is None else initiative_named(reading, plan, initiative)
    answers = solve_inputs(reading, request, progress)
    outcome = make_outcome(
        reading,
        answers,
        request,
        run_id=new_run_id(started_at),
        workbook=workbook.locator,
        started_at=started_at,
        finished_at=clock(),
    )
    if plan is None:
        return Explanation(outcome, (), reading)
    solved = [scenario for scenario in outcome.scenarios if scenario.solved]
    if key is None:
        steps = sum(len(plan.candidates(plan.scenario(scenario.name))) for scenario in solved)
        progress.solving(2 * steps if with_thresholds else steps)
    asked = _Asked(key, with_thresholds, request, progress, stop)
    scenarios = tuple(_explained(scenario, plan, asked) for scenario in outcome.scenarios)
    return Explanation(outcome, scenarios, reading)


@dataclass(frozen=True)
class _Asked:
    """What is asked of each scenario; `key` is the one initiative that it is about."""

    key: str | None
    with_thresholds: bool
    request: RunRequest
    progress: Progress
    stop: Callable[[], bool] | None


def _explained(scenario: ScenarioOutcome, plan: Plan, asked: _Asked) -> ScenarioExplanation:
    portfolio = scenario.portfolio
    if not scenario.solved or portfolio is None:
        return ScenarioExplanation(scenario, None, ())
    request, progress = asked.request, asked.progress
    study = Study(
        plan,
        portfolio,
        solver=request.solver,
        time_limit_s=request.time_limit_s,
        cancel=progress.cancel or threading.Event(),
        others=progress.others,
    )
    if asked.key is not None:
        return _one_decision(scenario, study, asked.key, asked.stop)
    return _all_decisions(scenario, study, asked)


def _all_decisions(scenario: ScenarioOutcome, study: Study, asked: _Asked) -> ScenarioExplanation:
    progress, stop = asked.progress, asked.stop
    opposites = solve_opposites(study, on_done=progress.solved, stop=stop)
    found: Sequence[tuple[Threshold, ...]] = ()
    if asked.with_thresholds and not study.cancel.is_set():
        found = all_thresholds(study, opposites, on_done=progress.solved, stop=stop or (lambda: False))
    padded = [*found, *[()] * (len(opposites) - len(found))]
    decisions = tuple(
        _decision(study, study.plan.initiative(opposite.initiative), opposite, thresholds=own)
        for opposite, own in zip(opposites, padded, strict=True)
    )
    wanted = len(study.candidates)
    is_stopped = len(opposites) < wanted or (asked.with_thresholds and len(found) < wanted)
    return ScenarioExplanation(scenario, study, decisions, is_stopped)


def _decision(study: Study, initiative: Initiative, opposite: Opposite | None, **more: Any) -> Decision:
    reason = study.answer.reasons.get(initiative.key, "")
    is_commanded = study.is_commanded(initiative.key)
    return Decision(initiative, initiative.key in study.answer.selected, reason, is_commanded, opposite, **more)


def _one_decision(
    scenario: ScenarioOutcome, study: Study, key: str, stop: Callable[[], bool] | None
) -> ScenarioExplanation:
    """One decision in depth; where it was stopped, with what was found until then."""
    initiative = study.plan.initiative(key)
    if initiative not in study.candidates:
        stranger = Decision(initiative, False, "not a candidate of this scenario")
        return ScenarioExplanation(scenario, study, (stranger,), is_of_one=True)
    depth = _Depth(study, initiative)
    is_stopped = False
    if stop is None:
        depth.look()
    else:
        try:
            solve_next(depth.look, study.cancel, stop)
        except (KeyboardInterrupt, Stopped):
            is_stopped = True
    return ScenarioExplanation(scenario, study, (depth.decision(),), is_stopped, is_of_one=True)


class _Depth:
    """What is found out about one decision, step by step."""

    def __init__(self, study: Study, initiative: Initiative) -> None:
        self.study = study
        self.initiative = initiative
        self.opposite: Opposite | None = None
        self.turns: list[Threshold | Unturned] = []
        self.conflict: Conflict | None = None

    def look(self) -> None:
        """Find out everything, the most important first."""
        opposite = solve_opposite(self.study, self.initiative)
        self.opposite = opposite
        if opposite.is_proven:
            # Those found before it is stopped stay.
            self.turns.extend(turns_of(self.study, opposite))
        self.conflict = why_impossible(self.study, opposite)

    def decision(self) -> Decision:
        """The decision with what was found."""
        found = tuple(one for one in self.turns if isinstance(one, Threshold))
        unturned = tuple(one for one in self.turns if isinstance(one, Unturned))
        more = {"thresholds": found, "unturned": unturned, "conflict": self.conflict}
        return _decision(self.study, self.initiative, self.opposite, **more)


def decision_json(decision: Decision, scenario: str, checked: Checked) -> dict[str, Any]:
    """A decision in a scenario as a JSON document; amounts are in native units, with their cells in what was read."""
    opposite = decision.opposite
    return {
        "initiative": decision.initiative.key,
        "title": decision.initiative.title,
        "selected": decision.is_selected,
        "reason": decision.reason,
        "opposite": None if opposite is None else _opposite_json(opposite),
        "thresholds": [
            {
                "of": one.of,
                "kind": one.kind.value,
                "now": one.now,
                "turns_at": one.turns_at,
                "holds_until": one.holds_until,
                "cell": _cell_of(one, decision.initiative.key, scenario, checked),
            }
            for one in decision.thresholds
        ],
        "unturned": [
            {
                "of": one.of,
                "kind": one.kind.value,
                "now": one.now,
                "looked_to": one.looked_to,
                "however_far": one.is_however_far,
                "cell": _cell_of(one, decision.initiative.key, scenario, checked),
            }
            for one in decision.unturned
        ],
        "conflict": None if decision.conflict is None else decision.conflict.sentence,
        "relaxations": [one.sentence for one in decision.conflict.relaxations] if decision.conflict else [],
    }


def _cell_of(threshold: Threshold | Unturned, initiative: str, scenario: str, checked: Checked) -> str | None:
    """The cell of the number that a threshold is about."""
    if threshold.kind is ThresholdKind.CONTRIBUTION:
        return checked.contribution_place(initiative, threshold.of)
    if threshold.kind is ThresholdKind.COST:
        return checked.cost_place(initiative, threshold.of)
    if threshold.limit is not None and threshold.limit.rule is not None:
        return threshold.limit.rule.source
    return checked.capacity_place(scenario, threshold.of)


def _opposite_json(opposite: Opposite) -> dict[str, Any]:
    return {
        "status": opposite.portfolio.status.value,
        "objective": opposite.portfolio.objective,
        "objective_change": opposite.objective_change,
        "gap": opposite.portfolio.gap,
        "came_in": list(opposite.came_in),
        "went_out": list(opposite.went_out),
        "targets_worse": worse_targets_json(opposite.targets_worse),
    }
