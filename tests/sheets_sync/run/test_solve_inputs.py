"""Prices are for information: where they cannot be found the answers stand, and somebody is told."""

from pathlib import Path

import pytest

from optimizer.errors import DefectError, OptimizerError, SolverError
from optimizer.studies.study import Study
from sheets_sync.excel import ExcelWorkbook
from sheets_sync.request import RunRequest
from sheets_sync.run.run_workbook import run_workbook
from tests.workbooks import WORKED_EXAMPLE, write_workbook


@pytest.mark.parametrize("problem", [SolverError("HiGHS broke off"), DefectError("the totals differ")])
def test_prices_that_cannot_be_found_leave_the_answers_and_are_logged(
    problem: OptimizerError, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_workbook(tmp_path / "plan.xlsx", WORKED_EXAMPLE)
    usual = run_workbook(ExcelWorkbook(path), RunRequest(dry_run=True))

    def fail(_study: Study, _units: float) -> None:
        raise problem

    monkeypatch.setattr("optimizer.studies.prices.decision_prices", fail)
    outcome = run_workbook(ExcelWorkbook(path), RunRequest(dry_run=True))
    assert [one.portfolio.selected for one in outcome.scenarios if one.portfolio] == [
        one.portfolio.selected for one in usual.scenarios if one.portfolio
    ]
    prices = [price for one in outcome.scenarios if one.portfolio for price in one.portfolio.prices.values()]
    assert prices
    assert not any(price.is_proven for price in prices)
    # Scenarios are solved side by side, so the lines may come in any order.
    assert sorted(record.getMessage() for record in caplog.records) == sorted(
        f"What other decisions would come to is not known in {one.name}: {problem}" for one in outcome.scenarios
    )
