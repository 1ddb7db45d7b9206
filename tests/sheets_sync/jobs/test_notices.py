"""Who is told of what: events from runs, then real receivers, each told once whatever crashes."""

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from config.settings import NotifySettings, RegisteredWorkbook, Settings, SmtpSettings
from sheets_sync.jobs.job_database import Database
from sheets_sync.jobs.notice_channels import DELIVERY, SIGNATURE, TIMESTAMP, NotSentError, Sender, signature
from sheets_sync.jobs.notices import Notices
from sheets_sync.jobs.run_table import Asked, RunTable, State
from sheets_sync.request import new_run_id
from sheets_sync.store import RunEnd, open_store
from tests.receiver import Receiver, receiving
from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.conftest import Install
from tests.sheets_sync.installation import free_port, google_workbook
from tests.sheets_sync.keys import Key
from tests.workbooks import WORKED_EXAMPLE, edited

SECRET = "a secret for webhooks of tests"
KEY = "x" * 44


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def mailbox() -> Iterator[tuple[int, list[Any]]]:
    """A mail server: its port, and what it got."""
    got: list[Any] = []

    class Handler:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
            got.append(envelope)
            return "250 OK"

    controller = Controller(Handler(), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller.port, got
    controller.stop()


class Desk:
    """A run table, and the notices of one workbook."""

    def __init__(self, store: str, notify: NotifySettings, smtp: SmtpSettings | None = None) -> None:
        self.now = 1_800_000_000.0
        self.database = Database(store)
        self.database.create_tables()
        self.runs = RunTable(self.database, now=lambda: self.now)
        self.settings = Settings(
            workbooks={"q3": RegisteredWorkbook(location=KEY, notify=notify)}, smtp=smtp or SmtpSettings()
        )
        self.notices = self.another()
        self.notices.begin()

    def another(self) -> Notices:
        """The notices of another worker."""
        return Notices(self.settings, self.database, Sender(self.settings.smtp), now=lambda: self.now)

    def run(self, state: State, exit_code: int = 0, outcome: Any = None, summary: str = "In words.") -> str:
        """A run that ended so."""
        run = self.runs.accept(Asked("q3", f"google:{KEY}", KEY, None, "schedule", ""))
        self.runs.begin(run.run_id, "me", deadline_s=60)
        self.runs.finish(run.run_id, "me", state, exit_code=exit_code, summary=summary, outcome=outcome)
        self.now += 60
        return run.run_id

    def fails(self, exit_code: int = 4) -> str:
        return self.run(State.FAILED, exit_code)

    def succeeds(self, outcome: Any = None) -> str:
        return self.run(State.SUCCEEDED, 0, outcome)

    def other(self, exit_code: int, summary: str, trigger: str = "sync") -> None:
        """A run that was not the service's ended so."""
        end = datetime.fromtimestamp(self.now, UTC)
        began, address = end - timedelta(seconds=1), f"https://docs.google.com/spreadsheets/d/{KEY}"
        open_store(self.settings.store).note_end(
            RunEnd(
                new_run_id(began), address, trigger, "", began.isoformat(), end.isoformat(), exit_code, summary, False
            )
        )
        self.now += 60


@pytest.fixture(autouse=True)
def own_past_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEETPLAN_STORE__PATH", str(tmp_path / "past" / "runs.sqlite3"))


@pytest.fixture
def desk(store: str, receiver: Receiver) -> Iterator[Desk]:
    made = Desk(store, NotifySettings(webhook=receiver.url, webhook_secret=SECRET))
    yield made
    made.database.close()


def target(kpi: str, *, met: bool, key: str | None = None) -> dict[str, Any]:
    return {"kpi": kpi, "met": met, "dimension_key": key}


def outcome(*targets: dict[str, Any], differs: Any = ()) -> dict[str, Any]:
    return {"scenarios": [{"scenario": "Stretch", "targets": list(targets)}], "differs_from_approved": list(differs)}


def test_runs_of_sync_and_the_command_line_are_told_too_and_nothing_twice(desk: Desk, receiver: Receiver) -> None:
    """Whoever finds first that a workbook is broken, or works again; the others then find nothing new."""
    desk.succeeds()
    desk.other(5, "gone")
    for _ in range(2):
        desk.notices.look()
        desk.another().look()
    assert receiver.events == ["failed"]
    assert receiver.got[0][1]["text"] == "gone"
    desk.other(5, "gone")
    desk.fails(5)
    desk.notices.look()
    assert receiver.events == ["failed"]
    desk.other(0, "4 of 4 scenarios solved.", "command line")
    desk.notices.look()
    desk.succeeds()
    desk.notices.look()
    assert receiver.events == ["failed", "recovered"]


def test_failing_and_recovering_is_told_once_each(desk: Desk, receiver: Receiver) -> None:
    desk.succeeds()
    for _ in range(3):
        desk.fails()
        desk.notices.look()
    desk.fails(5)
    desk.succeeds()
    desk.succeeds()
    desk.notices.look()
    assert receiver.events == ["failed", "failed", "recovered"]
    assert [document["exit_code"] for _, document in receiver.got] == [4, 5, 0]


def test_a_target_is_told_when_it_is_newly_missed(desk: Desk, receiver: Receiver) -> None:
    desk.succeeds(outcome(target("gmv", met=True), target("nps", met=False)))
    for _ in range(2):
        desk.succeeds(outcome(target("gmv", met=False, key="UK"), target("nps", met=False)))
    desk.succeeds(outcome(target("gmv", met=True, key="UK"), target("nps", met=False)))
    desk.notices.look()
    assert [document["text"] for _, document in receiver.got] == [
        "Targets newly missed: Stretch: nps.",
        "Targets newly missed: Stretch: gmv for UK.",
    ]


def test_the_same_difference_from_the_approved_plan_is_told_once(desk: Desk, receiver: Receiver) -> None:
    first = {"scenario": "Stretch", "approved_by": "Ana", "approved_run_id": "r1", "came_in": ["B"], "went_out": []}
    for differs in ([first], [first], [], [first], [first | {"went_out": ["A"]}]):
        desk.succeeds(outcome(differs=differs))
    desk.notices.look()
    assert [document["text"] for _, document in receiver.got] == [
        "Stretch differs from the plan that Ana approved. In: B. Out: nothing.",
        "Stretch differs from the plan that Ana approved. In: B. Out: A.",
    ]


def test_several_workers_tell_one_thing_once(desk: Desk, receiver: Receiver) -> None:
    workers = [desk.another() for _ in range(4)]
    for _ in range(5):
        desk.fails()
        desk.succeeds()
        threads = [threading.Thread(target=worker.look) for worker in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(receiver.events) == ["failed"] * 5 + ["recovered"] * 5


def test_a_worker_that_dies_while_it_sends_leads_to_no_second_message(desk: Desk, receiver: Receiver) -> None:
    class Dies(Sender):
        def send(self, *arguments: Any) -> None:
            super().send(*arguments)
            raise KeyboardInterrupt

    desk.fails()
    with pytest.raises(KeyboardInterrupt):
        Notices(desk.settings, desk.database, Dies(desk.settings.smtp), now=lambda: desk.now).look()
    desk.notices.look()
    assert receiver.events == ["failed"]


def test_a_receiver_that_refuses_is_tried_again_and_given_up(
    desk: Desk, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.status = 503
    desk.fails()
    for _ in range(10):
        desk.notices.look()
        desk.notices.look()
        desk.now += 3600
    assert len(receiver.got) == 5
    assert len({headers[DELIVERY] for headers, _ in receiver.got}) == 1
    assert "webhook answered 503" in caplog.text
    assert "secret-part" not in caplog.text


def test_runs_before_the_first_look_are_not_told(store: str, receiver: Receiver) -> None:
    desk = Desk(store, NotifySettings(email=("a@example.com",)))
    desk.fails()
    with desk.database.begin() as connection:
        connection.exec_driver_sql("DELETE FROM sheetplan_watches")
    desk.settings = Settings(
        workbooks={"q3": RegisteredWorkbook(location=KEY, notify=NotifySettings(webhook=receiver.url))}
    )
    later = desk.another()
    later.begin()
    later.look()
    desk.fails(5)
    later.look()
    assert [document["exit_code"] for _, document in receiver.got] == [5]
    desk.database.close()


def test_a_webhook_can_prove_who_sent_it(desk: Desk, receiver: Receiver) -> None:
    run_id = desk.fails()
    desk.notices.look()
    (headers, document), body = receiver.got[0], receiver.bodies[0]
    assert headers[SIGNATURE] == signature(SECRET, headers[TIMESTAMP], body)
    assert headers[SIGNATURE] != signature("another secret of that length", headers[TIMESTAMP], body)
    assert document == {
        "event": "failed", "workbook": "q3", "run_id": run_id, "state": "failed", "exit_code": 4, "text": "In words.",
        "results_url": None,
    }  # fmt: skip


def test_a_chat_gets_a_text_that_calls_nobody(tmp_path: Path, receiver: Receiver) -> None:
    desk = Desk(f"sqlite:///{tmp_path / 'jobs.db'}", NotifySettings(chat=receiver.url))
    run_id = desk.run(State.FAILED, 3, summary="<!channel> <users/all> is a department")
    desk.notices.look()
    assert receiver.got[0][1] == {
        "text": f"sheetplan: q3 failed\n‹!channel› ‹users/all› is a department\nRun {run_id}."
    }
    desk.database.close()


def test_people_get_an_e_mail(tmp_path: Path, mailbox: tuple[int, list[Any]]) -> None:
    port, got = mailbox
    desk = Desk(
        f"sqlite:///{tmp_path / 'jobs.db'}",
        NotifySettings(email=("ana@example.com", "ben@example.com")),
        SmtpSettings(port=port, sender="plans@example.com"),
    )
    desk.run(State.FAILED, 3, summary="Ünsolved.\nBcc: eve@example.com")
    desk.notices.look()
    (envelope,) = got
    assert (envelope.mail_from, envelope.rcpt_tos) == ("plans@example.com", ["ana@example.com", "ben@example.com"])
    assert b"Subject: sheetplan: q3 failed" in envelope.content
    desk.database.close()


def test_a_mail_server_that_cannot_prove_its_name_gets_neither_password_nor_e_mail(tmp_path: Path) -> None:
    """Its certificate is signed by nobody who is trusted here."""
    pem = tmp_path / "mail.pem"
    pem.write_bytes(Key("mail").pem())
    certified = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certified.load_cert_chain(pem)
    controller = Controller(None, hostname="127.0.0.1", port=free_port(), tls_context=certified, require_starttls=True)
    controller.start()
    smtp = SmtpSettings(port=controller.port, starttls=True, username="plans", password="hunter2-hunter2")
    document = {"event": "failed", "workbook": "q3", "text": "", "run_id": "r", "results_url": None}
    try:
        with pytest.raises(NotSentError, match=r"^email cannot be reached \(SSLCertVerificationError\)$"):
            Sender(smtp).send("email", NotifySettings(email=("ana@example.com",)), "key", document)
    finally:
        controller.stop()


def test_no_error_and_no_setting_shows_a_secret() -> None:
    notify = NotifySettings(webhook="http://127.0.0.1:9/secret-part", webhook_secret=SECRET)
    smtp = SmtpSettings(port=9, username="plans", password="hunter2-hunter2")
    for shown in (repr(notify), str(smtp), notify.model_dump_json(), smtp.model_dump_json()):
        assert "secret-part" not in shown
        assert SECRET not in shown
        assert "hunter2" not in shown
    document = {"event": "failed", "workbook": "q3", "text": "", "run_id": "r", "results_url": None}
    for channel in ("webhook", "email"):
        with pytest.raises(NotSentError) as error:
            Sender(smtp).send(channel, notify, "key", document)
        assert "secret-part" not in str(error.value)
        assert error.value.__cause__ is None


def test_the_service_tells_of_a_run_that_fails_and_of_one_that_works_again(
    install: Install, google: SheetsServer, receiver: Receiver
) -> None:
    installation = install()
    broken = google_workbook(google, edited(WORKED_EXAMPLE, {"Scenarios!B2": "north_str"}))
    installation.register("q3", broken, notify={"webhook": receiver.url})
    installation.serve()
    installation.finished(installation.click("q3"))
    installation.wait(lambda: "failed" in receiver.events, "the failure is told")
    client = google.client()
    client.open_by_key(broken).worksheet("Scenarios").update_acell("B2", "north_star")
    client.http_client.session.close()
    installation.finished(installation.click("q3"))
    installation.wait(lambda: "recovered" in receiver.events, "the recovery is told")
    assert receiver.events.count("failed") == receiver.events.count("target_missed") == 1
    assert "secret-part" not in installation.logs()
