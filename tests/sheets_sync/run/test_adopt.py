"""Adopting a list, from a file of a tracker or a Google Sheet, to the first right answer."""

import pytest

from config.settings import Settings
from sheets_sync.adopt.proposal import Answers
from sheets_sync.opening import open_workbook
from sheets_sync.request import RunRequest
from sheets_sync.run.adopt import Source, issues_after, propose_for, read_source, write_proposal
from sheets_sync.run.run_workbook import run_workbook
from sheets_sync.workbook.backend import WorkbookUnreachableError
from tests.sheets_sync.adopt.exports import HEADERS, READ, VALUE, write_export
from tests.sheets_sync.google_sheets import make_plan


@pytest.mark.parametrize("tool", HEADERS)
def test_the_headers_of_the_common_trackers_are_read_without_a_columns_tab(tool, tmp_path):
    source = read_source(str(write_export(tmp_path / f"{tool}.csv", tool)), Settings())
    proposal = propose_for(source, Answers(capacity=9, value=VALUE[tool]))
    meanings = {column.header: column.meaning for column in proposal.columns}
    expected = {header: field for header, field in READ[tool].items() if field}
    assert {header: meanings[header] for header in expected} == expected
    assert "Columns" not in [tab.title for tab in proposal.tabs]
    read = sum(meaning is not None for meaning in meanings.values())
    print(f"\n{tool}: {read} of {len(meanings)} headers read: {meanings}")


@pytest.mark.parametrize("tool", HEADERS)
def test_an_export_becomes_a_workbook_with_the_right_answer(tool, tmp_path):
    path = write_export(tmp_path / f"{tool}.csv", tool, separator=";")
    before = path.read_bytes()
    source = read_source(str(path), Settings())
    proposal = propose_for(source, Answers(capacity=9, value=VALUE[tool]))
    assert [issue for issue in issues_after(source, proposal) if issue.severity == "error"] == []
    name, created = write_proposal(source, proposal, Settings())
    assert (name, created) == (str(tmp_path / f"{tool}.xlsx"), ["KPIs", "Scenarios", "Constraints"])
    assert path.read_bytes() == before
    (scenario,) = run_workbook(open_workbook(name, Settings()), RunRequest()).scenarios
    assert scenario.status == "optimal"
    assert scenario.portfolio is not None
    assert list(scenario.portfolio.selected) == ["PAY-1", "PAY-2"]


def test_a_google_sheet_is_adopted_without_an_edit_of_its_list(sheets_server):
    plan = make_plan(sheets_server)
    plan.book.del_worksheet(plan.book.worksheet("Initiatives"))
    rows = [["ID", "Title", "Effort", "Value"], ["A", "One", 3, 10], ["B", "Two", 4, 9], ["C", "Three", 5, 12]]
    plan.add_tab("Roadmap", rows)
    before = plan.sheet_json("Roadmap")
    workbook = plan.open()
    source = Source(plan.id, workbook.read(lambda _title: True), workbook)
    proposal = propose_for(source, Answers(capacity=8, value="Value"))
    _, created = write_proposal(source, proposal, Settings())
    assert created == ["KPIs", "Scenarios", "Constraints"]
    assert plan.sheet_json("Roadmap") == before
    (scenario,) = run_workbook(plan.open(), RunRequest()).scenarios
    assert list(scenario.portfolio.selected) == ["A", "C"]
    plan.close()


def test_a_source_of_a_user_that_is_not_there_is_refused_in_words():
    with pytest.raises(WorkbookUnreachableError, match=r"backlog\.csv cannot be opened: there is no such user"):
        read_source("~nosuchuser/backlog.csv", Settings())
