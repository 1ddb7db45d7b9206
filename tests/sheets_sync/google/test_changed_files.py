"""Which spreadsheets changed: late, in shared drives, and where Drive looks only in part."""

import pytest

from sheets_sync.google.changed_files import ChangedFiles
from sheets_sync.google.connection import connect
from sheets_sync.workbook.backend import WorkbookUnreachableError

MINUTE = 60.0


@pytest.fixture
def files(plan):
    connection = connect(emulator=plan.server.url, patience=plan.time.patience())
    yield ChangedFiles(connection)
    connection.close()


def moments(plan, files, minutes_back=None):
    since = None if minutes_back is None else plan.server.store.now() - minutes_back * MINUTE
    return files.since(since, [plan.id])


def test_a_change_that_drive_shows_ten_minutes_late_is_within_the_overlap(plan, files):
    plan.server.habits.modified_lag_s = 10 * MINUTE
    before = moments(plan, files)
    plan.server.advance(30 * MINUTE)
    plan.server.edit(plan.id, "Initiatives!B2", 7)
    plan.server.advance(9 * MINUTE)
    assert moments(plan, files, 20) == {}
    plan.server.advance(2 * MINUTE)
    (moment,) = moments(plan, files, 20).values()
    assert moment > before[plan.id]


def test_a_sheet_in_a_shared_drive_is_seen(plan, files):
    plan.server.book(plan.id).drive_id = "0AShared"
    assert list(moments(plan, files)) == [plan.id]


def test_where_drive_looks_only_in_part_watched_sheets_are_asked_for_one_by_one(plan, files, caplog):
    other = plan.server.client().create("Gone")
    plan.server.book(plan.id).drive_id = "0AShared"
    plan.server.habits.incomplete_search = True
    plan.server.client().del_spreadsheet(other.id)
    plan.server.log.clear()
    assert list(files.since(None, [plan.id, other.id])) == [plan.id]
    assert [call.path for call in plan.server.calls("/drive/")] == [
        "/drive/v3/files",
        f"/drive/v3/files/{plan.id}",
        f"/drive/v3/files/{other.id}",
    ]
    (record,) = [record for record in caplog.records if getattr(record, "action", "") == "drive_file_unreachable"]
    assert "[not-found]" in record.getMessage()


def test_drives_faults_are_called_drives(plan, files):
    plan.server.disable_api("drive.googleapis.com")
    with pytest.raises(
        WorkbookUnreachableError, match=r"The Google Drive API is not enabled .*library/drive\.googleapis"
    ):
        files.since(None)


def test_many_pages_are_read_to_the_end(plan, files, monkeypatch):
    monkeypatch.setattr("sheets_sync.google.changed_files.PAGE", 2)
    ids = {plan.id, *(plan.server.client().create(f"Plan {number}").id for number in range(4))}
    assert files.since(None).keys() == ids


def test_of_many_pages_that_are_incomplete_only_what_they_leave_out_is_asked_for_once(plan, files, monkeypatch):
    monkeypatch.setattr("sheets_sync.google.changed_files.PAGE", 2)
    plan.server.habits.incomplete_search = True
    ids = {plan.id, *(plan.server.client().create(f"Plan {number}").id for number in range(4))}
    plan.server.book(plan.id).drive_id = "0AShared"
    plan.server.log.clear()
    assert files.since(None, ids).keys() == ids
    paths = [call.path for call in plan.server.calls("/drive/")]
    assert paths == ["/drive/v3/files", "/drive/v3/files", f"/drive/v3/files/{plan.id}"]
