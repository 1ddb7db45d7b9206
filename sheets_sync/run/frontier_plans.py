"""All efficient plans of a scenario between two KPIs, or a KPI and a resource, and where the scenarios' answers are.

Read once, solve, write nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from config.names import fold_key
from optimizer.plan import Plan, spoken_resource
from optimizer.portfolio import Portfolio
from optimizer.studies.frontier import EfficientPlan, Frontier, Measure, solve_frontier
from sheets_sync.inputs.name_matching import Vocabulary
from sheets_sync.outcome import ExitCode, RunOutcome, issues_json
from sheets_sync.request import SILENT, Progress, RunRequest, new_run_id
from sheets_sync.run.make_outcome import make_outcome
from sheets_sync.run.question_errors import UnknownMeasureError
from sheets_sync.run.read_inputs import Reading, check_inputs, past_plans, refuse_unknown, wanted_tabs
from sheets_sync.run.resource_names import find_resource
from sheets_sync.run.solve_inputs import solve_inputs
from sheets_sync.store import RunStore
from sheets_sync.workbook.backend import Workbook


@dataclass(frozen=True)
class PlacedAnswer:
    """A scenario's answer beside a frontier: its totals, and an efficient plan that is better, None where it is one."""

    scenario: str
    first: float
    second: float
    better: EfficientPlan | None
    is_beyond: bool = False


@dataclass(frozen=True)
class FrontierAnswer:
    """A frontier and the scenarios' answers beside it; `frontier` is None where the scenario cannot be solved."""

    outcome: RunOutcome
    scenario: str
    inputs: Reading
    frontier: Frontier | None
    placed: tuple[PlacedAnswer, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """Of the command that asked: without an efficient plan the scenario is unsolved."""
        if self.frontier is None:
            return ExitCode.WORKBOOK_ERRORS
        return ExitCode.DONE if self.frontier.points else ExitCode.UNSOLVED

    @property
    def is_stopped(self) -> bool:
        """Whether it ended early, by a deadline or Ctrl-C."""
        return self.frontier is not None and self.frontier.is_stopped

    def to_json(self) -> dict[str, Any]:
        """Ready for json.dumps; totals are in native units."""
        found = self.frontier
        return {
            "workbook": self.outcome.facts.workbook,
            "run_id": self.outcome.facts.run_id,
            "inputs_fingerprint": self.outcome.facts.fingerprint,
            "scenario": self.scenario,
            "issues": issues_json(self.outcome.issues),
            "by": [] if found is None else [found.first.name, found.second.name],
            "complete": found is not None and found.is_complete,
            "proven": found is not None and found.is_proven,
            "stopped": found is not None and found.is_stopped,
            "points": [] if found is None else [_point_json(point) for point in found.points],
            "scenarios": [
                {
                    "scenario": one.scenario,
                    "totals": [one.first, one.second],
                    "efficient": one.better is None,
                    "better": None if one.better is None else [one.better.first, one.better.second],
                }
                for one in self.placed
            ],
        }


def _point_json(point: EfficientPlan) -> dict[str, Any]:
    return {"totals": [point.first, point.second], "selected": list(point.portfolio.selected)}


def frontier_plans(
    workbook: Workbook,
    scenario: str,
    measures: Sequence[str],
    request: RunRequest,
    *,
    points: int | None = None,
    store: RunStore | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Progress = SILENT,
    stop: Callable[[], bool] = lambda: False,
) -> FrontierAnswer:
    """The frontier of a scenario between two measures, each the key or name of a KPI, or a resource.

    `store` knows which approvals this installation recorded, as for a run. `stop` ends the search with the plans found
    so far, as Ctrl-C does.

    Raises:
        UnknownMeasureError: a measure is neither a KPI nor a resource, or both are the same.
        UnknownScenarioError: the workbook has no such scenario.
        WorkbookError: the workbook cannot be reached.
    """
    started_at = clock()
    progress.reading()
    snapshot = workbook.read(wanted_tabs)
    past = past_plans(snapshot, store)
    previous, approved = past.previous, past.approved
    ticked = [one.name for one in check_inputs(snapshot, previous, None, approved).checked.scenarios if one.is_chosen]
    reading = check_inputs(snapshot, previous, [*ticked, scenario], approved)
    plan = reading.checked.plan
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
    name = next((one for one in reading.scenarios if fold_key(one) == fold_key(scenario)), None)
    if plan is None or name is None:
        refuse_unknown(reading.checked, [scenario])
        return FrontierAnswer(outcome, scenario, reading, None)
    first, second = (_measure(plan, text) for text in measures)
    if first == second:
        raise UnknownMeasureError(f"A frontier needs two different measures, and both are {first.name}.")
    found = solve_frontier(
        plan,
        name,
        first,
        second,
        points=points,
        solver=request.solver,
        time_limit_s=request.time_limit_s,
        on_done=progress.solved,
        cancel=progress.cancel,
        stop=stop,
        others=progress.others,
    )
    return FrontierAnswer(outcome, name, reading, found, tuple(_placed(plan, outcome, found)))


def _measure(plan: Plan, text: str) -> Measure:
    """The KPI or resource that a person names; a KPI where it could be both.

    Raises:
        UnknownMeasureError: it is neither.
    """
    kpi = Vocabulary([k.key for k in plan.kpis], [(k.name, k.key) for k in plan.kpis if k.name]).find(text)
    if kpi is not None:
        return Measure(kpi)
    resources = list(dict.fromkeys(resource for one in plan.initiatives for resource in one.costs))
    found = find_resource(text, resources)
    if found is None:
        have = ", ".join([*(k.key for k in plan.kpis), *map(spoken_resource, resources)])
        raise UnknownMeasureError(f'"{text}" is neither a KPI nor a resource of the workbook. It has: {have}.')
    return Measure(found, is_resource=True)


def _placed(plan: Plan, outcome: RunOutcome, found: Frontier) -> list[PlacedAnswer]:
    placed = []
    for one in outcome.scenarios:
        if one.portfolio is None or not one.solved:
            continue
        first, second = (total_of(measure, one.portfolio) for measure in (found.first, found.second))
        signs = [sign_of(plan, measure) for measure in (found.first, found.second)]
        points = [point for point in found.points if _is_better((point.first, point.second), (first, second), signs)]
        better = next(iter(points), None)
        is_beyond = any(_is_better((first, second), (point.first, point.second), signs) for point in found.points)
        placed.append(PlacedAnswer(one.name, first, second, better, is_beyond))
    return placed


def total_of(measure: Measure, portfolio: Portfolio) -> float:
    """What a portfolio brings of a KPI, or uses of a resource."""
    if not measure.is_resource:
        return portfolio.kpi_totals[measure.name]
    used: Mapping[str, float] = {use.resource: use.used for use in portfolio.resources}
    return used.get(measure.name, 0.0)


def sign_of(plan: Plan, measure: Measure) -> int:
    """+1 where more of a measure is better, -1 where less is."""
    return -1 if measure.is_resource else plan.kpi(measure.name).direction.sign


def _is_better(these: tuple[float, float], others: tuple[float, float], signs: Sequence[int]) -> bool:
    """Whether some totals are at least as good as others in both measures, and better in one."""
    gains = [sign * (mine - theirs) for sign, mine, theirs in zip(signs, these, others, strict=True)]
    rounding = [1e-9 * max(abs(total), abs(total + gain)) for total, gain in zip(others, gains, strict=True)]
    not_worse = all(gain >= -room for gain, room in zip(gains, rounding, strict=True))
    return not_worse and any(gain > room for gain, room in zip(gains, rounding, strict=True))
