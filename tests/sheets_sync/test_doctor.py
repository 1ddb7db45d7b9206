"""The doctor finds what is wrong, says what to do, and changes nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from config.settings import GoogleSettings, Settings
from optimizer.errors import SolverUnavailableError
from sheets_sync import doctor
from sheets_sync.doctor import Finding, Status, diagnose
from sheets_sync.google.connection import connect
from sheets_sync.google.credentials import EMULATOR_VARIABLE, KEY_VARIABLE, NONE_FOUND, find_identity
from sheets_sync.google.locator import address_of
from sheets_sync.google.shared_connection import shared_connection
from tests.sheets_sync.google_sheets import Plan
from tests.workbooks import WORKED_EXAMPLE, write_workbook

ACCOUNT = "planner@team.iam.gserviceaccount.com"
GOOGLE = GoogleSettings(deadline_s=2)
SETTINGS = Settings(google=GOOGLE)


@pytest.fixture
def sick(plan: Plan, monkeypatch):
    """Diagnoses the plan, reached through the emulator's variable."""
    monkeypatch.setenv(EMULATOR_VARIABLE, plan.server.url)
    yield lambda **options: found(diagnose(address_of(plan.id), SETTINGS, **options))
    shared_connection(GOOGLE, plan.server.url).close()
    shared_connection.cache_clear()


def found(findings: list[Finding]) -> dict[str, Finding]:
    assert len({finding.check for finding in findings}) == len(findings)
    assert all(finding.cure for finding in findings if finding.status is not Status.OK)
    return {finding.check: finding for finding in findings}


def test_a_healthy_workbook_passes_every_check_and_stays_as_it_was(plan, sick):
    for title in ("KPIs", "Scenarios"):
        plan.add_tab(title, WORKED_EXAMPLE[title][:1])
    before = plan.server.workbook_json(plan.id)
    findings = sick()
    assert list(findings) == ["python", "packages", "solver", "credentials", "workbook", "clock", "role", "tabs"]
    assert {finding.status for finding in findings.values()} == {Status.OK}
    assert findings["workbook"].what == '"Plan" can be read (en_US, Etc/GMT)'
    assert findings["tabs"].what == "input tabs: Initiatives, KPIs, Scenarios"
    assert plan.server.workbook_json(plan.id) == before


def test_missing_tabs_are_named_with_the_cure(plan, sick):
    assert sick()["tabs"] == Finding(
        "tabs",
        Status.FAIL,
        "input tabs: Initiatives; missing: KPIs, Scenarios",
        f"Run sheetplan init {address_of(plan.id)}: it adds the missing tabs and changes nothing else; or "
        "sheetplan adopt, around your own list.",
    )


@pytest.mark.parametrize(("skew", "status"), [(5, Status.OK), (-90, Status.WARN), (900, Status.FAIL)])
def test_a_wrong_clock_is_reported(sick, skew, status):
    clock = sick(now=lambda: datetime.now(UTC) + timedelta(seconds=skew))["clock"]
    assert clock.status is status
    assert ("ahead of" if skew > 0 else "behind") in clock.what


def test_a_viewer_is_reported_which_role_to_ask_for(plan, monkeypatch, tmp_path):
    plan.server.store.require_auth = True
    monkeypatch.setenv(KEY_VARIABLE, str(plan.server.service_account_file(tmp_path / "key.json", ACCOUNT)))
    plan.server.unshare(plan.id, "anyone")
    plan.server.share(plan.id, ACCOUNT, "reader")
    connection = connect(emulator=plan.server.url, patience=plan.time.patience(), identity=find_identity())
    monkeypatch.setattr(doctor, "shared_connection", lambda *_: connection)
    findings = found(diagnose(plan.id, SETTINGS))
    connection.close()
    assert findings["credentials"].what == f"service account key as {ACCOUNT}"
    assert findings["workbook"].status is Status.OK
    assert findings["role"].status is Status.FAIL
    assert f"give {ACCOUNT} the role Editor" in findings["role"].cure


def test_a_workbook_that_is_not_there_is_reported(plan, monkeypatch):
    monkeypatch.setenv(EMULATOR_VARIABLE, plan.server.url)
    findings = found(diagnose("0" * 44, SETTINGS))
    assert findings["workbook"].status is Status.FAIL
    assert "There is no spreadsheet at" in findings["workbook"].what
    shared_connection(GOOGLE, plan.server.url).close()
    shared_connection.cache_clear()


def test_without_credentials_the_cure_is_reported():
    findings = found(diagnose(None, SETTINGS))
    assert findings["credentials"].status is Status.FAIL
    assert f"{findings['credentials'].what} {findings['credentials'].cure}" == NONE_FOUND


def test_a_key_whose_account_is_gone_gets_no_token(plan, monkeypatch, tmp_path):
    monkeypatch.setenv(KEY_VARIABLE, str(plan.server.service_account_file(tmp_path / "key.json", ACCOUNT)))
    plan.server.store.service_keys.clear()
    findings = found(diagnose(None, SETTINGS))
    assert findings["token"].status is Status.FAIL
    assert "Google refuses a token for" in findings["token"].what
    shared_connection.cache_clear()


def test_a_token_is_asked_for_and_its_scope_told(plan, monkeypatch, tmp_path):
    monkeypatch.setenv(KEY_VARIABLE, str(plan.server.service_account_file(tmp_path / "key.json", ACCOUNT)))
    findings = found(diagnose(None, SETTINGS))
    assert findings["token"] == Finding("token", Status.OK, "Google gives a token for spreadsheets")
    shared_connection.cache_clear()


def test_a_file_is_read_as_a_file(tmp_path):
    path = write_workbook(tmp_path / "plan.xlsx", WORKED_EXAMPLE)
    assert found(diagnose(str(path), SETTINGS))["tabs"].status is Status.OK
    path.write_bytes(b"no workbook")
    assert found(diagnose(str(path), SETTINGS))["workbook"].status is Status.FAIL


def test_what_is_neither_address_nor_file_is_reported():
    finding = found(diagnose("growth plan", SETTINGS))["workbook"]
    assert finding.what == "growth plan is neither a Google Sheet's address nor a file."


def test_a_solver_that_is_not_installed_is_reported(monkeypatch):
    def missing(name: str) -> tuple[str, str]:
        raise SolverUnavailableError(f"the solver {name} is not installed")

    monkeypatch.setattr(doctor, "solver_version", missing)
    assert found(diagnose(None, SETTINGS.model_copy(update={"solver": "cbc"})))["solver"] == Finding(
        "solver",
        Status.FAIL,
        "the solver cbc is not installed",
        'Install it with pip install "sheetplan[cbc]", or use highs.',
    )


class TestDrive:
    """Where tick boxes are watched, Drive must list the sheets."""

    @pytest.fixture
    def asked(self, plan, monkeypatch):
        monkeypatch.setenv(EMULATOR_VARIABLE, plan.server.url)
        boxes = {"q3": {"location": plan.id, "tick_box": True}}
        yield lambda: found(diagnose(None, Settings(google=GOOGLE, workbooks=boxes))).get("drive")
        shared_connection.cache_clear()

    def test_a_sheet_that_is_listed_is_well(self, asked):
        assert asked() == Finding(
            "drive", Status.OK, "Drive lists every workbook whose tick boxes are watched (q3)"
        )  # fmt: skip

    def test_one_that_is_not_is_named(self, plan, asked):
        plan.server.store.forget(plan.id)
        assert asked() == Finding(
            "drive",
            Status.FAIL,
            "Drive does not list q3, so that ticks there are never seen",
            "Share each of them with the account, by its address, as Editor.",
        )

    def test_drives_own_faults_are_told_as_drives(self, plan, asked):
        plan.server.disable_api("drive.googleapis.com")
        assert asked().what.startswith("The Google Drive API is not enabled")


def test_without_tick_boxes_drive_is_left_alone(plan, sick):
    sick()
    assert plan.server.calls("/drive/") == []
