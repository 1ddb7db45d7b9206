"""What each rule of a scenario in a workbook costs, and what equal shares would cost. Nothing is written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from config.names import fold_key
from optimizer.studies.rule_prices import RulePrice, RulePrices, solve_rule_prices
from optimizer.studies.study import Study
from sheets_sync.outcome import targets_json
from sheets_sync.request import SILENT, Progress, RunRequest
from sheets_sync.run.question_errors import UnknownDimensionError
from sheets_sync.run.read_study import StudyAnswer, read_study
from sheets_sync.store import RunStore
from sheets_sync.workbook.backend import Workbook

TEAMS = "department"
"""The dimension whose values get equal shares, where the plan has it and nobody names another."""


@dataclass(frozen=True)
class RulePriceAnswer(StudyAnswer):
    """A scenario's answer and the prices of its rules; `prices` is None where it has no answer."""

    prices: RulePrices | None

    @property
    def is_stopped(self) -> bool:
        """Whether it ended early, by a deadline or Ctrl-C."""
        return self.prices is not None and self.prices.missing > 0

    def to_json(self) -> dict[str, Any]:
        """Ready for json.dumps; amounts are in native units."""
        found = self.prices
        document: dict[str, Any] = {**self.beginning_json(), "prices": None}
        if found is not None:
            document["prices"] = {
                "rules": [_price_json(one) for one in found.rules],
                "together": None if found.together is None else _price_json(found.together),
                "equal_shares": [_price_json(one) for one in found.equal_shares],
            }
        return document


def _price_json(one: RulePrice) -> dict[str, Any]:
    return {
        "rule": one.rule.wording,
        "kind": one.rule.kind,
        "source": one.rule.source,
        "status": one.portfolio.status.value,
        "objective_change": one.objective_change,
        "targets": targets_json(one.targets),
        "came_in": list(one.came_in),
        "went_out": list(one.went_out),
        "proven": one.is_proven,
    }


def rule_price_list(
    workbook: Workbook,
    scenario: str,
    request: RunRequest,
    *,
    dimension: str | None = None,
    store: RunStore | None = None,
    progress: Progress = SILENT,
    stop: Callable[[], bool] = lambda: False,
) -> RulePriceAnswer:
    """The prices of a scenario's rules, and of an equal share for each value of a dimension (None: each department).

    `store` knows which approvals this installation recorded, as for a run. `stop` ends the study with what was found so
    far, as Ctrl-C does.

    Raises:
        UnknownDimensionError: no initiative has a value in that dimension.
        UnknownScenarioError: the workbook has no such scenario.
        WorkbookError: the workbook cannot be reached.
    """
    reading = read_study(workbook, scenario, request, store=store, progress=progress)
    if reading.study is None:
        return RulePriceAnswer(reading, None)
    dimensions = _dimensions(reading.study, dimension)
    found = solve_rule_prices(
        reading.study, dimensions=dimensions, on_begin=progress.solving, on_done=progress.solved, stop=stop
    )
    return RulePriceAnswer(reading, found)


def _dimensions(study: Study, text: str | None) -> Sequence[str]:
    """The dimension that a person means.

    Raises:
        UnknownDimensionError: no initiative has a value there; the message says which dimensions there are.
    """
    have = list(dict.fromkeys(name for one in study.plan.initiatives for name in one.dimensions))
    if text is None:
        return [TEAMS] if TEAMS in have else []
    found = [name for name in have if fold_key(name) == fold_key(text)]
    if not found:
        raise UnknownDimensionError(
            f'No initiative has a value in "{text}". The list has values in: {", ".join(have) or "no dimension"}.'
        )
    return found
