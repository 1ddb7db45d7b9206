"""A kept run solved again, wherever its workbook is: only what it decided is compared."""

import json

from sheets_sync.request import SILENT, RunRequest
from sheets_sync.run.replay import replay_run
from sheets_sync.run.run_workbook import run_workbook
from sheets_sync.store import RunStore
from sheets_sync.store.run_record import ANSWER
from tests.sheets_sync.run.conftest import PlanWorkbook


def test_a_run_comes_out_the_same_when_it_is_solved_again(planned: PlanWorkbook, store: RunStore) -> None:
    """At Google its outcome names where Results opened, which the replay, that writes nothing, does not have."""
    outcome = run_workbook(planned.open(), RunRequest(), store=store)
    planned.type("Initiatives", "D3", 130000)
    found = replay_run(store.run(outcome.facts.run_id), SILENT)
    assert (found.is_same, found.differences) == (True, [])


def test_only_what_a_run_decided_is_compared(planned: PlanWorkbook, store: RunStore) -> None:
    outcome = run_workbook(planned.open(), RunRequest(scenarios=["Stretch"]), store=store)
    compared = json.loads(replay_run(store.run(outcome.facts.run_id), SILENT).kept)
    assert set(compared) == {"inputs_fingerprint", "scenarios"}
    assert [set(scenario) for scenario in compared["scenarios"]] == [set(ANSWER)]
