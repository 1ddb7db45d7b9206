"""What more, or less, of a capacity would bring in a scenario. Nothing is written."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from config.names import fold_key
from optimizer.errors import PlanError
from optimizer.plan import spoken_resource
from optimizer.studies.capacity_value import (
    CapacityCurve,
    CapacityStep,
    Limit,
    has_floor_on_capacity,
    limits_of,
    solve_capacity_curve,
)
from optimizer.studies.parallel import Stopped
from optimizer.studies.study import Study
from optimizer.wording import number
from sheets_sync.outcome import targets_json
from sheets_sync.request import SILENT, Progress, RunRequest
from sheets_sync.run.question_errors import UnknownLimitError
from sheets_sync.run.read_study import StudyAnswer, read_study
from sheets_sync.run.resource_names import find_resource, without_family
from sheets_sync.store import RunStore
from sheets_sync.workbook.backend import Workbook


@dataclass(frozen=True)
class CapacityAnswer(StudyAnswer):
    """The curves of the limits that were asked about; none where the scenario has no answer.

    `missing` are those that were not looked at because somebody ended the study.
    """

    curves: tuple[CapacityCurve, ...]
    missing: tuple[Limit, ...] = ()

    @property
    def is_stopped(self) -> bool:
        """Whether it ended early, by a deadline or Ctrl-C."""
        return bool(self.missing) or any(curve.is_stopped for curve in self.curves)

    def to_json(self) -> dict[str, Any]:
        """Ready for json.dumps; amounts are in native units."""
        return {**self.beginning_json(), "capacities": [self._curve_json(curve) for curve in self.curves]}

    def _curve_json(self, curve: CapacityCurve) -> dict[str, Any]:
        rule, scenario = curve.limit.rule, self.reading.scenario
        if rule is not None or scenario is None:
            return _curve_json(curve, rule.source if rule else None)
        return _curve_json(curve, self.inputs.checked.capacity_place(scenario.name, curve.limit.resource))


def _curve_json(curve: CapacityCurve, cell: str | None) -> dict[str, Any]:
    return {
        "resource": curve.limit.resource,
        "slice": None if curve.limit.part is None else str(curve.limit.part),
        "period": curve.limit.period,
        "cell": cell,
        "now": curve.now,
        "from": curve.low,
        "to": curve.high,
        "step": curve.step,
        "proven": curve.is_proven,
        "stopped": curve.is_stopped,
        "least_possible": curve.least_possible,
        "steps": [_step_json(step) for step in curve.steps],
    }


def _step_json(step: CapacityStep) -> dict[str, Any]:
    return {
        "amount": step.amount,
        "objective": step.portfolio.objective,
        "kpi_totals": dict(step.portfolio.kpi_totals),
        "targets": targets_json(step.portfolio.targets),
        "selected": list(step.portfolio.selected),
    }


def capacity_values(
    workbook: Workbook,
    scenario: str,
    request: RunRequest,
    *,
    of: str | None = None,
    low: float | None = None,
    high: float | None = None,
    store: RunStore | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Progress = SILENT,
    stop: Callable[[], bool] = lambda: False,
) -> CapacityAnswer:
    """The step curve of one limit: a resource, or the cell of a cap or of a row of capacity; None is each capacity.

    `low` and `high` are where curves begin and end; None is nine tenths of today's amount, and a fifth more. `stop`
    ends the study with what was found so far, as Ctrl-C does.

    Raises:
        UnknownLimitError: the scenario has no such limit, or no curve can be drawn between these ends.
        UnknownScenarioError: the workbook has no such scenario.
        WorkbookError: the workbook cannot be reached.
    """
    reading = read_study(workbook, scenario, request, store=store, clock=clock, progress=progress)
    if reading.study is None:
        return CapacityAnswer(reading, ())
    study = reading.study
    limits = _limits(study, of)
    curves: list[CapacityCurve] = []
    try:
        for limit in limits:
            curves.append(solve_capacity_curve(study, limit, low=low, high=high, stop=stop))
            if curves[-1].is_stopped:
                break
    except (KeyboardInterrupt, Stopped):
        pass
    except PlanError:
        raise UnknownLimitError(_why_no_curve(study, limits[len(curves)])) from None
    return CapacityAnswer(reading, tuple(curves), tuple(limits[len(curves) :]))


def _why_no_curve(study: Study, limit: Limit) -> str:
    now, name = number(limit.amount(study.scenario)), spoken_resource(limit.resource)
    if not has_floor_on_capacity(study.scenario, limit.resource):
        return f"The range of the curve is empty: it would begin above its end. The amount of {name} is {now} now."
    return (
        f"A floor of the scenario is a share of the capacity of {name}: more capacity also asks for more there, so it "
        "has no curve. Give the floor as an amount."
    )


def _limits(study: Study, of: str | None) -> list[Limit]:
    """The limits that a person means.

    Raises:
        UnknownLimitError: there is none; the message says which there are.
    """
    limits = limits_of(study.scenario)
    if of is None:
        found = [limit for limit in limits if limit.rule is None] or list(limits)
    else:
        resource = find_resource(of, (limit.resource for limit in limits if limit.rule is None))
        found = [limit for limit in limits if limit.rule is None and limit.resource == resource]
        found = found or [limit for limit in limits if _is_at(limit, without_family(of))]
    if not found:
        have = ", ".join(_place(limit) for limit in limits) or "no capacity, no row of capacity and no cap"
        begin = "The scenario limits nothing." if of is None else f'The scenario has no capacity "{of}".'
        raise UnknownLimitError(f"{begin} It has: {have}.")
    return found


def _is_at(limit: Limit, text: str) -> bool:
    """Whether the limit is a rule of that cell, or of another cell in its row."""
    source = limit.rule.source if limit.rule is not None else None
    return source is not None and _row_of(source) == _row_of(text)


def _row_of(cell: str) -> tuple[str, str]:
    tab, _, place = cell.rpartition("!")
    return fold_key(tab), "".join(sign for sign in place if sign.isdigit())


def _place(limit: Limit) -> str:
    if limit.rule is None:
        return spoken_resource(limit.resource)
    return limit.rule.source or spoken_resource(limit.resource)
