"""How sure the plan of a scenario is while its estimates are not. Nothing is written."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from optimizer.studies.core_index import CoreMembership, core_index
from optimizer.studies.parallel import load_early
from optimizer.studies.robustness import Chance, Robustness, solve_robustness
from optimizer.studies.weights import WeightEnd, WeightInterval, weight_intervals
from sheets_sync.request import SILENT, Progress, RunRequest
from sheets_sync.run.question import Question
from sheets_sync.run.read_study import StudyAnswer, read_study
from sheets_sync.store import RunStore
from sheets_sync.workbook.backend import Workbook

_MANY = 500
"""So many draws take seconds: what helps with them is loaded while the workbook is read."""


@dataclass(frozen=True)
class RobustnessRequest:
    """What is asked: how many draws, which ones, how far off estimates without a range may be, and what they share.

    `with_core` also asks which initiatives are safe wherever in their ranges the estimates are.
    """

    samples: int
    seed: int
    spread: float
    common: float
    with_core: bool = False

    @classmethod
    def of(cls, question: Question) -> "RobustnessRequest":
        """What a question asks, which is one about robustness."""
        assert question.samples is not None
        assert question.seed is not None
        assert question.spread is not None
        assert question.common is not None
        return cls(question.samples, question.seed, question.spread, question.common, bool(question.with_core))


@dataclass(frozen=True)
class RobustnessAnswer(StudyAnswer):
    """How sure the plan is; `robustness` is None where the scenario has no answer, `core` where nobody asked."""

    robustness: Robustness | None = None
    weights: tuple[WeightInterval, ...] = ()
    core: tuple[CoreMembership, ...] | None = None

    @property
    def is_stopped(self) -> bool:
        """Whether it ended early, by a deadline or Ctrl-C."""
        found = self.robustness
        return found is not None and (found.done < found.asked or found.to_check is None)

    def to_json(self) -> dict[str, Any]:
        """Ready for json.dumps; amounts are in native units, chances and shares from 0 to 1."""
        found = self.robustness
        document: dict[str, Any] = {**self.beginning_json(), "robustness": None}
        if found is not None:
            document["robustness"] = {
                **_draws_json(found),
                "weights": [_weight_json(one) for one in self.weights],
                "core": None
                if self.core is None
                else {one.initiative: {"core": one.core.value, "case": list(one.case)} for one in self.core},
            }
        return document


def _draws_json(found: Robustness) -> dict[str, Any]:
    return {
        "samples": found.done,
        "samples_asked": found.asked,
        "seed": found.seed,
        "spread": found.spread,
        "common": found.beliefs.common,
        "range_sources": {source.value: count for source, count in found.beliefs.sources.items()},
        "method": "empirical Bayes shrinkage against the optimizer's curse (Smith and Winkler 2006)",
        "picked": dict(found.picked),
        "kpis": {
            one.kpi: {
                "estimated": one.estimated,
                "corrected": one.corrected,
                "median": one.median,
                "worst_tenth": one.worst_tenth,
            }
            for one in found.kpis
        },
        "limits": [_limit_json(one) for one in found.limits],
        "targets": [
            {"kpi": one.target.kpi, "scope": one.target.scope.strip(), "target": one.bound, "chance": one.chance}
            for one in found.targets
            if one.target is not None
        ],
        "keeps_all_rules": found.keeps_all,
        "within_1_percent_of_best": found.near_best,
        "regret": found.regret,
        "regret_worst_tenth": found.worst_regret,
        "impossible": found.impossible,
        "check_first": [
            {
                "initiative": one.estimate.initiative,
                "kpi": one.estimate.of,
                "estimate": one.estimate.value,
                "low": one.estimate.low,
                "high": one.estimate.high,
                "worth": one.worth,
                "at_least": one.is_least,
            }
            for one in found.to_check or ()
        ],
    }


def _limit_json(one: Chance) -> dict[str, Any]:
    return {
        "resource": one.resource,
        "slice": None if one.part is None else str(one.part),
        "period": one.period,
        "kind": "floor" if one.is_floor else "limit",
        "amount": one.bound,
        "chance": one.chance,
    }


def _weight_json(one: WeightInterval) -> dict[str, Any]:
    def end(found: WeightEnd | None) -> dict[str, Any] | None:
        if found is None:
            return None
        return {"weight": found.weight, "came_in": list(found.came_in), "went_out": list(found.went_out)}

    return {"kpi": one.kpi, "weight": one.weight, "low": end(one.low), "high": end(one.high)}


def robustness_study(
    workbook: Workbook,
    scenario: str,
    asked: RobustnessRequest,
    request: RunRequest,
    *,
    store: RunStore | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    progress: Progress = SILENT,
    stop: Callable[[], bool] = lambda: False,
) -> RobustnessAnswer:
    """How sure a scenario's plan is. `stop` ends it with what was found so far, as Ctrl-C does.

    Raises:
        UnknownScenarioError: the workbook has no such scenario.
        WorkbookError: the workbook cannot be reached.
    """
    if asked.samples >= _MANY or asked.with_core:
        load_early()
    reading = read_study(workbook, scenario, request, store=store, clock=clock, progress=progress)
    study = reading.study
    if study is None:
        return RobustnessAnswer(reading)
    intervals = weight_intervals(study, stop=stop)
    progress.solving(asked.samples + (len(study.candidates) if asked.with_core else 0))
    core = None
    if asked.with_core:
        core = core_index(study, spread=asked.spread, on_done=progress.solved, stop=stop)
    was_stopped = core is not None and len(core) < len(study.candidates)

    found = solve_robustness(
        study,
        samples=asked.samples,
        seed=asked.seed,
        spread=asked.spread,
        common=asked.common,
        on_done=partial(_count, progress),
        stop=lambda: was_stopped or stop(),
    )
    return RobustnessAnswer(reading, found, intervals, core)


def _count(progress: Progress, solved: int) -> None:
    for _ in range(solved):
        progress.solved()
