"""What more changes to the approved plan, or to the last run, would bring in a scenario. Nothing is written."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from config.names import fold_key
from optimizer.plan import ChangeLimit
from optimizer.portfolio import Portfolio
from optimizer.studies.change_value import ChangeCurve, ChangePoint, solve_change_curve
from optimizer.studies.study import Study
from sheets_sync.inputs.earlier_plans import EarlierPlan
from sheets_sync.inputs.periods import fold_period
from sheets_sync.request import SILENT, Progress, RunRequest
from sheets_sync.run.bridges import moved_json
from sheets_sync.run.decisions_in_words import objective_words
from sheets_sync.run.previous_runs import last_run_plans
from sheets_sync.run.question_errors import UnanswerableError
from sheets_sync.run.read_study import StudyAnswer, read_study
from sheets_sync.store import RunStore
from sheets_sync.workbook.backend import Workbook


@dataclass(frozen=True)
class Changed:
    """What a point changes against the earlier plan."""

    came_in: tuple[str, ...]
    went_out: tuple[str, ...]
    moved: tuple[tuple[str, str, str], ...]

    @property
    def count(self) -> int:
        """How many changes these are."""
        return len(self.came_in) + len(self.went_out) + len(self.moved)


@dataclass(frozen=True)
class ChangeAnswer(StudyAnswer):
    """The curve, and what each of its points changes; none where the scenario has no answer."""

    curve: ChangeCurve | None

    @property
    def is_stopped(self) -> bool:
        """Whether it ended early, by a deadline or Ctrl-C."""
        return self.curve is not None and self.curve.is_stopped

    def changed(self, point: ChangePoint) -> Changed:
        """What a point changes."""
        assert self.curve is not None
        return _changed(self.curve.limit, point.portfolio)

    def to_json(self) -> dict[str, Any]:
        """Ready for json.dumps; amounts are in native units."""
        curve = self.curve
        points = [] if curve is None else [self._point_json(point) for point in curve.points]
        against = None if curve is None else curve.limit.since
        return {**self.beginning_json(), "against": against, "points": points}

    def _point_json(self, point: ChangePoint) -> dict[str, Any]:
        changed, portfolio = self.changed(point), point.portfolio
        return {
            "most": point.most,
            "status": portfolio.status.value,
            "objective": portfolio.objective,
            "gap": portfolio.gap,
            "kpi_totals": dict(portfolio.kpi_totals),
            "changes": changed.count if portfolio.status.has_portfolio else None,
            "came_in": list(changed.came_in),
            "went_out": list(changed.went_out),
            "moved": moved_json(changed.moved),
        }


def change_values(
    workbook: Workbook,
    scenario: str,
    request: RunRequest,
    *,
    most: int,
    store: RunStore | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Progress = SILENT,
    stop: Callable[[], bool] = lambda: False,
) -> ChangeAnswer:
    """The best value with at most 0, 1 ... `most` changes against the newest approval or, without one, the last run.

    `stop` ends the study with what was found so far, as Ctrl-C does.

    Raises:
        UnanswerableError: there is neither.
        UnknownScenarioError: the workbook has no such scenario.
        WorkbookError: the workbook cannot be reached.
    """
    reading = read_study(workbook, scenario, request, store=store, clock=clock, progress=progress)
    if reading.study is None:
        return ChangeAnswer(reading, None)
    folded = fold_key(reading.study.scenario.name)
    earlier = reading.inputs.approved.get(folded) or last_run_plans(reading.inputs.previous).get(folded)
    if earlier is None:
        raise UnanswerableError(
            f'"{reading.study.scenario.name}" has no approval and no run yet, so there is nothing to change. Run it '
            "first."
        )
    return ChangeAnswer(reading, solve_change_curve(reading.study, _limit(reading.study, earlier), most, stop=stop))


def _limit(study: Study, earlier: EarlierPlan) -> ChangeLimit:
    """No changes against an earlier plan, as far as what it selected is still a candidate."""
    candidates = {fold_key(initiative.key): initiative for initiative in study.candidates}
    periods = {fold_period(period): period for period in study.plan.horizon(study.scenario)}
    chosen = {candidates[key].key: key for key in map(fold_key, earlier.selected) if key in candidates}
    then: Mapping[str, str] = {fold_key(key): fold_period(period) for key, period in earlier.starts.items()}
    starts = {
        own: periods[then[key]]
        for own, key in chosen.items()
        if then.get(key) in periods and not candidates[key].is_in_progress
    }
    return ChangeLimit(reference=tuple(chosen), most=0, since=earlier.words, starts=starts, source="change-value")


def _changed(limit: ChangeLimit, portfolio: Portfolio) -> Changed:
    before, now = set(limit.reference), set(portfolio.selected)
    if not portfolio.status.has_portfolio:
        return Changed((), (), ())
    return Changed(
        tuple(key for key in portfolio.selected if key not in before),
        tuple(key for key in limit.reference if key not in now),
        tuple(
            (key, was, portfolio.starts[key])
            for key, was in limit.starts.items()
            if key in now and portfolio.starts[key] != was
        ),
    )


def change_sentences(found: ChangeAnswer) -> Iterator[str]:
    """How far a study came that was ended early."""
    if not found.is_stopped or found.curve is None:
        return
    if not found.curve.points:
        yield "Stopped before anything was found."
        return
    known = [point.most for point in found.curve.points if point.most is not None]
    beyond = f"more than {known[-1]} changes" if known else "limited numbers of changes"
    yield f"Stopped before it was complete; not looked at: {beyond}."


def change_curve_lines(found: ChangeAnswer) -> Iterator[str]:
    """The same as `change_rows`, a sentence for each point."""
    for allowed, words, came_in, went_out, moved in change_rows(found):
        moves = [f"{text} {verb}" for text, verb in ((came_in, "in"), (went_out, "out"), (moved, "moved")) if text]
        yield f"Changes allowed: {allowed}: {'; '.join([words, *moves])}."


def change_rows(found: ChangeAnswer) -> Iterator[tuple[str, str, str, str, str]]:
    """(changes allowed, against no limit, what comes in, goes out, moves) of each point, in words."""
    study, curve = found.reading.study, found.curve
    if study is None or curve is None or not curve.points:
        return
    best = curve.points[-1].portfolio
    for point in curve.points:
        allowed = "any number" if point.most is None else f"at most {point.most}" if point.most else "none"
        if point.portfolio.objective is None or best.objective is None:
            yield allowed, "no plan keeps every rule" if point.is_proven else "none found in time", "", "", ""
            continue
        changed = found.changed(point)
        words = objective_words(study, point.portfolio.objective - best.objective)
        proven = "" if point.is_proven else " (not proven best)"
        moved = ", ".join(f"{key} {was} -> {now}" for key, was, now in changed.moved)
        yield allowed, f"{words}{proven}", ", ".join(changed.came_in), ", ".join(changed.went_out), moved
