"""What an audit says where time ended a proof: not that there is nothing."""

from dataclasses import replace
from pathlib import Path

from config.settings import Settings
from optimizer.studies.audit import AuditQuestion
from sheets_sync.opening import open_workbook
from sheets_sync.request import RunRequest
from sheets_sync.run.audit_column import audit_column
from sheets_sync.run.audit_in_words import audit_sentences
from tests.workbooks import WORKED_EXAMPLE, edited, write_workbook


def test_what_time_ended_is_not_called_proven(tmp_path: Path) -> None:
    ticked = {"Initiatives!H1": "Ours", "Initiatives!H3": True, "Initiatives!H4": True}
    book = write_workbook(tmp_path / "plan.xlsx", edited(WORKED_EXAMPLE, ticked))
    found = audit_column(open_workbook(str(book), Settings()), "Pure north star", "Ours", RunRequest(dry_run=True))
    assert found.audit is not None
    late = replace(found.audit, better=None, cheaper=None, unproven=tuple(AuditQuestion))
    assert list(audit_sentences(replace(found, audit=late)))[3:] == [
        "At the same cost nothing better was found in the time allowed.",
        "At the same value nothing cheaper was found in the time allowed.",
        "Fewest changes to within 1% of the best: add A (Faster search); drop B (Loyalty club): £40,000 more Gross "
        "merchandise value; tokens +10. That is Gross merchandise value £160,000, 100 tokens. Fewer changes were not "
        "ruled out in the time allowed.",
    ]
