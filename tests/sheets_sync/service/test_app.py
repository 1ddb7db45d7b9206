"""The service as its callers see it: real processes, real HTTP, the local Google."""

import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.conftest import Install
from tests.sheets_sync.installation import (
    PERSON_EMAIL,
    SCENARIOS,
    Installation,
    copies,
    free_port,
    google_workbook,
    rows_of,
)


@pytest.fixture
def installation(install: Install, google: SheetsServer) -> Installation:
    """The service with one registered workbook."""
    made = install()
    made.register("q3", google_workbook(google))
    made.serve()
    return made


def test_a_run_is_accepted_watched_and_written(installation: Installation, google: SheetsServer) -> None:
    answer = installation.call("POST", "/v1/runs", {"workbook": "q3", "trigger": "menu"})
    assert answer.status_code == 202
    run_id = answer.json()["run_id"]
    assert answer.json() == {"run_id": run_id, "status_url": f"/v1/runs/{run_id}"}
    assert answer.headers["Location"] == f"/v1/runs/{run_id}"
    run = installation.finished(run_id)
    assert run["state"] == "succeeded", run
    assert run["exit_code"] == 0
    assert run["written"] is True
    assert run["progress"] == {"phase": "", "scenarios_done": SCENARIOS, "scenarios_total": SCENARIOS}
    assert run["summary"].startswith("4 of 4 scenarios solved. Stretch: Targets missed")
    key = installation.workbooks["q3"]["location"]
    (results,) = [
        sheet["properties"]["sheetId"]
        for sheet in google.workbook_json(key)["sheets"]
        if sheet["properties"]["title"] == "Results"
    ]
    assert run["results_url"] == f"https://docs.google.com/spreadsheets/d/{key}/edit#gid={results}"
    assert run["outcome"]["run_id"] == run_id
    rows = rows_of(google, key)
    assert [row["run_id"] for row in rows] == [run_id] * SCENARIOS
    assert {(row["trigger"], row["person"]) for row in rows} == {("menu", PERSON_EMAIL)}
    # One read and one write, as from the command line.
    assert [call.method for call in google.calls("/v4/")][-2:] == ["GET", "POST"]
    listed = installation.call("GET", "/v1/runs?workbook=q3").json()["runs"]
    assert [(item["run_id"], item["outcome"]) for item in listed] == [(run_id, None)]


def test_a_hundred_clicks_give_one_run_and_the_next_click_the_next(install: Install, google: SheetsServer) -> None:
    installation = install()
    first, other = copies(google, 2)
    installation.register("q3", first)
    installation.register("q4", other)
    installation.serve()
    # The first read takes a while, so that the run of the hundred clicks waits behind it.
    google.fault("delay", "GET .*spreadsheets/", delay_s=3.0, times=1)
    busy = installation.click("q3")
    installation.wait(lambda: installation.run(busy)["state"] == "running", "the first run begins")
    started = time.monotonic()
    with ThreadPoolExecutor(20) as pool:
        clicked = list(pool.map(lambda _: installation.click("q3"), range(100)))
    seconds = time.monotonic() - started
    print(f"\n100 clicks in {seconds:.2f} s")
    (joined,) = set(clicked)
    assert joined != busy
    assert installation.click("q3", scenarios=["Stretch"]) != joined
    assert installation.run(joined)["clicks"] == 100
    assert installation.finished(joined)["state"] == "succeeded"
    assert installation.click("q3") != joined
    assert installation.finished(installation.click("q4"))["state"] == "succeeded"


def test_a_repeated_idempotency_key_gives_the_same_run(installation: Installation) -> None:
    run_id = installation.click("q3", key="monday")
    installation.finished(run_id)
    assert installation.click("q3", key="monday") == run_id
    assert installation.click("q3", key="tuesday") != run_id
    again = installation.call(
        "POST", "/v1/runs", {"workbook": "q3", "scenarios": ["Stretch"]}, Idempotency_Key="monday"
    )
    assert again.status_code == 422
    assert again.json()["type"] == "urn:sheetplan:problem:idempotency-key-reused"


def test_an_idempotency_key_is_each_persons_own(installation: Installation) -> None:
    run_id = installation.click("q3", key="monday")
    installation.finished(run_id)
    other = installation.call(
        "POST", "/v1/runs", {"workbook": "q3"}, person="ben@example.com", Idempotency_Key="monday"
    )
    assert other.json()["run_id"] != run_id


def test_a_run_that_has_not_written_yet_can_be_cancelled(installation: Installation, google: SheetsServer) -> None:
    google.fault("delay", "GET .*spreadsheets/", delay_s=1.5, times=1)
    run_id = installation.click("q3")
    installation.wait(lambda: installation.run(run_id)["state"] == "running", "the run begins")
    waiting = installation.click("q3")
    for cancelled in (run_id, waiting):
        answer = installation.call("POST", f"/v1/runs/{cancelled}/cancel")
        assert answer.status_code == 202
        assert answer.json()["state"] == "cancelled"
        assert answer.json()["summary"] == f"Cancelled by {PERSON_EMAIL}; nothing was written."
    later = installation.click("q3")
    assert installation.finished(later)["state"] == "succeeded"
    assert installation.run(run_id)["state"] == "cancelled"
    assert {row["run_id"] for row in rows_of(google, installation.workbooks["q3"]["location"])} == {later}
    assert installation.call("POST", f"/v1/runs/{later}/cancel").json()["state"] == "succeeded"


def test_what_is_not_solved_is_no_success(install: Install, google: SheetsServer) -> None:
    """A run that ends without every scenario solved is reported as failed, in words, with what was written."""
    from tests.workbooks import WORKED_EXAMPLE, edited

    installation = install()
    broken = edited(WORKED_EXAMPLE, {"Scenarios!B2": "north_str"})
    impossible = WORKED_EXAMPLE | {
        "Constraints": [["scenario_name", "constraint_type", "value"], ["Stretch", "count_floor", 3]]
    }
    installation.register("broken", google_workbook(google, broken))
    installation.register("impossible", google_workbook(google, impossible))
    installation.register("missing", "x" * 40)
    installation.serve()
    runs = {name: installation.click(name) for name in ("broken", "impossible", "missing")}
    ended = {name: installation.finished(run_id) for name, run_id in runs.items()}
    assert {name: (run["state"], run["exit_code"]) for name, run in ended.items()} == {
        "broken": ("failed", 3), "impossible": ("failed", 4), "missing": ("failed", 5),
    }  # fmt: skip
    lines = [line for line in installation.log_lines() if line.get("action") == "run_ended"]
    assert {(line["workbook"], line["level"]) for line in lines} == {(name, "error") for name in runs}
    assert ended["broken"]["summary"].startswith("3 of 4 scenarios solved. ")
    assert "Pure north star: Invalid" in ended["broken"]["summary"]
    assert ended["broken"]["written"] is True
    assert ended["broken"]["issues"][0]["cell"] == "B2"
    assert "Stretch: Infeasible" in ended["impossible"]["summary"]
    assert ended["missing"]["written"] is False
    assert ended["missing"]["results_url"] == f"https://docs.google.com/spreadsheets/d/{'x' * 40}"
    unknown = installation.finished(installation.click("impossible", scenarios=["Purest"]))
    assert (unknown["state"], unknown["exit_code"]) == ("failed", 2)
    assert unknown["summary"].startswith("There is no scenario Purest in the workbook.")


def test_a_run_past_its_deadline_is_failed_and_the_next_goes_on(install: Install, google: SheetsServer) -> None:
    installation = install(run_deadline_s=1.0)
    installation.register("q3", google_workbook(google))
    installation.serve()
    google.fault("delay", "GET .*spreadsheets/", delay_s=2.5, times=1)
    run = installation.finished(installation.click("q3"))
    assert run["state"] == "failed"
    assert run["summary"].startswith("The run took longer than 1 s and was stopped. Nothing was written.")
    assert rows_of(google, installation.workbooks["q3"]["location"]) == []


def test_quotas_kept_for_all_workers_lead_to_no_refusal(install: Install, google: SheetsServer, store: str) -> None:
    """Two workers, more workbooks than they run at once, Google's quotas: nobody is refused, nobody starves.

    `WORKBOOKS=40 pytest -k quotas` is the long form.
    """
    count = int(os.environ.get("WORKBOOKS", "8"))
    installation = install(store=store)
    installation.settings = {"google": {"reads_per_minute": 60, "writes_per_minute": 60}}
    names = {f"team{number}": key for number, key in enumerate(copies(google, count))}
    for name, key in names.items():
        installation.register(name, key)
    google.set_quota(60, 60)
    installation.serve()
    installation.start("worker")
    installation.wait(lambda: installation.logs().count("Worker started as ") == 2, "the second worker starts")
    started = time.monotonic()
    runs = [installation.click(name) for name in names]
    ended = [installation.finished(run_id, timeout_s=300) for run_id in runs]
    assert {run["state"] for run in ended} == {"succeeded"}
    print(f"\n{count} workbooks in {time.monotonic() - started:.0f} s")
    assert [call for call in google.calls("/v4/") if call.status == 429] == []
    for name, key in names.items():
        assert len(rows_of(google, key)) == SCENARIOS, name
    begun = [line for line in installation.log_lines() if line.get("action") == "run_begun"]
    assert len(begun) == count
    workers = [log.read_text().count('"run_begun"') for log in installation.folder.glob("*.log")]
    assert all(workers), f"one worker did nothing: {workers}"
    assert all(line["run_id"] for line in begun)


def test_the_service_ends_in_order_and_goes_on_where_it_was(install: Install, google: SheetsServer) -> None:
    installation = install()
    installation.register("q3", google_workbook(google))
    installation.serve(cold=True)
    google.fault("delay", "GET .*spreadsheets/", delay_s=1.0, times=1)
    under_way = installation.click("q3")
    installation.wait(lambda: installation.run(under_way)["state"] == "running", "the run begins")
    waiting = installation.click("q3")
    (process,) = installation.processes
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0
    installation.processes.clear()
    installation.serve(cold=True)
    assert installation.run(under_way)["state"] == "succeeded"
    assert installation.finished(waiting)["state"] == "succeeded"


def test_health_readiness_and_metrics_need_no_identity(installation: Installation) -> None:
    installation.finished(installation.click("q3"))
    assert requests.get(f"{installation.url}/healthz", timeout=5).json() == {"status": "ok", "checks": {}}
    ready = requests.get(f"{installation.url}/readyz", timeout=5)
    assert ready.json() == {"status": "ok", "checks": {"store": "ok", "credentials": "ok"}}
    page = requests.get(f"{installation.url}/metrics", timeout=5).text
    for line in (
        'sheetplan_runs_ended_total{exit_code="0",state="succeeded",workbook="q3"} 1.0',
        'sheetplan_phase_seconds_count{phase="read",workbook="q3"} 1.0',
        'sheetplan_phase_seconds_count{phase="solve",workbook="q3"} 4.0',
        'sheetplan_phase_seconds_count{phase="write",workbook="q3"} 1.0',
        "sheetplan_google_calls_total 3.0",
        'sheetplan_google_retries_total{workbook="q3"} 0.0',
        "sheetplan_queue_length 0.0",
        'sheetplan_runs{state="succeeded"} 1.0',
    ):
        assert line in page.splitlines()


def test_answers_are_kept_out_of_caches_and_counted_without_words_of_strangers(installation: Installation) -> None:
    """A signed request has no header by which a shared cache would know that its answer is for one person."""
    answers = [
        installation.call("GET", "/v1/runs"),
        requests.get(f"{installation.url}/v1/runs", timeout=5),
        *(requests.request(f"EVIL{number}", installation.url, timeout=5) for number in range(3)),
    ]
    assert [answer.status_code for answer in answers] == [200, 401, 405, 405, 405]
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
    assert {answer.headers["X-Content-Type-Options"] for answer in answers} == {"nosniff"}
    page = requests.get(f"{installation.url}/metrics", timeout=5).text
    assert 'sheetplan_http_requests_total{method="GET",status="401"} 1.0' in page.splitlines()
    assert 'sheetplan_http_requests_total{method="other",status="405"} 3.0' in page.splitlines()
    assert "EVIL" not in page


def test_another_site_can_neither_frame_the_page_nor_call_in_a_persons_name(installation: Installation) -> None:
    """Nothing that a browser sends by itself identifies anybody, and no other origin may read or send what does."""
    elsewhere = {"Origin": "https://evil.example", "Cookie": "identity=ana@example.com"}
    policy = requests.get(installation.url, headers=elsewhere, timeout=5).headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    preflight = elsewhere | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    url = f"{installation.url}/v1/runs"
    answers = [
        requests.options(url, headers=preflight, timeout=5),
        requests.post(url, headers=elsewhere | {"Content-Type": "text/plain"}, data='{"workbook": "q3"}', timeout=5),
        requests.get(url, headers=elsewhere, auth=("ana@example.com", "anything"), timeout=5),
        installation.call("GET", "/v1/runs", Origin="https://evil.example"),
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 200]
    assert [name for answer in answers for name in answer.headers if name.casefold().startswith("access-control")] == []
    assert installation.call("GET", "/v1/runs").json() == {"runs": []}


def test_a_worker_answers_probes_on_a_port_of_its_own_and_nothing_else(
    installation: Installation, google: SheetsServer
) -> None:
    port = free_port()
    worker = installation.start("worker", "--port", str(port), cold=True)
    url = f"http://127.0.0.1:{port}"
    installation.wait(lambda: re.search(rf"slot-\d {url}", installation.logs()) is not None, "it says where it answers")
    assert requests.get(f"{url}/healthz", timeout=5).json() == {"status": "ok", "checks": {}}
    assert requests.get(f"{url}/readyz", timeout=5).json()["checks"] == {"store": "ok", "credentials": "ok"}
    assert "sheetplan_queue_length 0.0" in requests.get(f"{url}/metrics", timeout=5).text.splitlines()
    refused = requests.post(f"{url}/v1/runs", json={"workbook": "q3"}, timeout=5)
    assert (refused.status_code, refused.json()["detail"]) == (404, "Nothing exists at /v1/runs.")
    # Once the service is gone, whoever had the run, it ends here and is counted here.
    google.fault("delay", "GET .*spreadsheets/", delay_s=1.0, times=1)
    installation.click("q3")
    installation.kill(installation.processes[0])
    ended = 'sheetplan_runs_ended_total{exit_code="0",state="succeeded",workbook="q3"} 1.0'
    installation.wait(lambda: ended in requests.get(f"{url}/metrics", timeout=5).text, "the run ends")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=30) == 0


def test_every_log_line_of_a_run_names_it(installation: Installation, google: SheetsServer) -> None:
    google.fault("status", "GET .*spreadsheets/", status=503, times=1)
    run_id = installation.click("q3")
    installation.finished(run_id)
    actions = ["run_begun", "google_call_retried", "run_ended"]
    lines = [line for line in installation.log_lines() if line.get("action") in actions]
    assert [(line["action"], line.get("run_id"), line.get("workbook")) for line in lines] == [
        (action, run_id, "q3") for action in actions
    ]
    assert lines[-1]["level"] == "info"
    retried = 'sheetplan_google_retries_total{workbook="q3"} 1.0'
    assert retried in requests.get(f"{installation.url}/metrics", timeout=5).text


@pytest.mark.parametrize(
    ("service", "reported"),
    [
        ({"slots": 1}, "All 1 worker slots of sqlite:///"),
        (
            {"store": "postgresql://sheetplan:hunter2@127.0.0.1:9/none"},
            "service.database cannot be used (OperationalError)",
        ),
        ({"store": "sqlite:////nowhere/store.db"}, "service.database cannot be used (OperationalError)"),
        ({"port": None}, "service.host and service.port cannot be used to listen on: Address already in use"),
    ],
)
def test_what_keeps_the_service_from_starting_is_reported(install: Install, service: dict, reported: str) -> None:
    installation = install(**{name: value for name, value in service.items() if value is not None})
    if "port" in service or "slots" in service:
        installation.serve()
    if "slots" in service:
        installation.service["port"] = free_port()
    assert installation.start("serve").wait(timeout=30) == 2
    assert f"sheetplan: {reported}" in installation.logs()
    assert "Traceback" not in installation.logs()
    assert "hunter2" not in installation.logs()
