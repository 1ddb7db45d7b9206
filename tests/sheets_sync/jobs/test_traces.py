"""Traces of runs: sent over OTLP where the settings say so, and not even loaded where they do not."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from sheets_sync.jobs.durable import TRACES_EXTRA_MISSING
from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.conftest import Install
from tests.sheets_sync.installation import SCENARIOS, google_workbook
from tests.workbooks import WORKED_EXAMPLE


class Receiver(ThreadingHTTPServer):
    """Takes traces as a collector does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Post)
        self.spans: list[Span] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/traces"


class _Post(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                self.server.spans.extend(scope.spans)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def texts(span: Span) -> dict[str, str]:
    return {item.key.removeprefix("sheetplan."): item.value.string_value for item in span.attributes}


def test_each_run_is_a_trace_with_a_span_for_each_step(
    install: Install, google: SheetsServer, receiver: Receiver
) -> None:
    installation = install(traces_url=receiver.url)
    installation.register("q3", google_workbook(google))
    installation.register("gone", "x" * 44)
    service = installation.serve(cold=True)
    ended = {name: installation.finished(installation.click(name)) for name in ("q3", "gone")}
    service.terminate()
    assert service.wait(timeout=30) == 0
    runs = {texts(span)["dbos.operation.workflow_id"]: span for span in receiver.spans if span.name == "sheetplan-run"}
    assert runs.keys() == {run["run_id"] for run in ended.values()}
    whole = runs[ended["q3"]["run_id"]]
    steps = [span for span in receiver.spans if span.trace_id == whole.trace_id and span is not whole]
    assert sorted(span.name for span in steps) == sorted(["read", *["solve"] * SCENARIOS, "finish_solving", "write"])
    assert {texts(span)["workbook"] for span in [whole, *steps] if span.name != "finish_solving"} == {"q3"}
    solved = {texts(span)["scenario"] for span in steps if span.name == "solve"}
    assert solved == {row[0] for row in WORKED_EXAMPLE["Scenarios"][1:]}
    (read,) = [span for span in receiver.spans if span.name == "read" and texts(span)["workbook"] == "gone"]
    assert texts(read)["failed"].startswith("There is no spreadsheet at")


def test_without_the_setting_nothing_that_makes_traces_is_loaded() -> None:
    code = (
        "import sys, sheets_sync.service.server; print([n for n in sys.modules if n.startswith('opentelemetry.sdk')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"


def test_the_setting_without_the_extra_is_reported(install: Install, tmp_path: Path) -> None:
    """As where only the extra `service` is installed."""
    installation = install(traces_url="http://127.0.0.1:9/v1/traces")
    without = (
        "import sys\n"
        "sys.modules['opentelemetry.exporter.otlp.proto.http.trace_exporter'] = None\n"
        "from sheets_sync.cli import main\n"
        "main(['serve'])\n"
    )
    environment = os.environ | {"SHEETPLAN_CONFIG": str(installation.write_settings())}
    command = [sys.executable, "-c", without]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, f"sheetplan: {TRACES_EXTRA_MISSING}")


def test_a_collector_that_is_away_keeps_no_run_and_no_end_waiting(install: Install, google: SheetsServer) -> None:
    installation = install(traces_url="http://127.0.0.1:9/v1/traces")
    installation.register("q3", google_workbook(google))
    service = installation.serve()
    assert installation.finished(installation.click("q3"))["state"] == "succeeded"
    began = time.monotonic()
    service.terminate()
    assert service.wait(timeout=60) == 0
    assert time.monotonic() - began < 30
    assert all("Traceback" not in line for line in installation.logs().splitlines() if not line.startswith("{"))
