"""An installation of the service as operators have it: settings file, store, processes; callers over HTTP."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import requests

from sheets_sync.service.secret import NONCE, PERSON, SIGNATURE, TIMESTAMP, signature
from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.warm_process import WarmProcess
from tests.workbooks import WORKED_EXAMPLE, Rows

SECRET = "a shared secret for tests only"
PERSON_EMAIL = "ana@example.com"
SCENARIOS = len(WORKED_EXAMPLE["Scenarios"]) - 1
FINAL = ("succeeded", "failed", "cancelled")
Process = subprocess.Popen[bytes] | WarmProcess


def google_workbook(server: SheetsServer, tabs: Mapping[str, Rows] = WORKED_EXAMPLE, title: str = "Plan") -> str:
    """A spreadsheet with the given tabs on the local Google; returns its id."""
    client = server.client()
    book = client.create(title)
    for name, rows in tabs.items():
        sheet = book.add_worksheet(name, len(rows) + 5, 15)
        sheet.update([["" if value is None else value for value in row] for row in rows], raw=True)
    client.http_client.session.close()
    return str(book.id)


def copies(server: SheetsServer, count: int) -> list[str]:
    """So many spreadsheets with the worked example."""
    first = google_workbook(server)
    client = server.client()
    ids = [first, *(client.copy(first, title=f"Plan {number}").id for number in range(1, count))]
    client.http_client.session.close()
    server.log.clear()
    return ids


def rows_of(server: SheetsServer, key: str, title: str = "Runs") -> list[dict[str, Any]]:
    """A tab with a header in its first row, as dictionaries."""
    sheets = {sheet["properties"]["title"]: sheet for sheet in server.workbook_json(key)["sheets"]}
    grid = sheets[title]["data"][0].get("rowData", []) if title in sheets else []
    values = [[_plain(cell) for cell in row.get("values", [])] for row in grid]
    header, *rows = [row for row in values if any(value is not None for value in row)] or [[]]
    return [dict(zip(header, row, strict=False)) for row in rows]


def _plain(cell: Mapping[str, Any]) -> Any:
    value = cell.get("effectiveValue", {})
    return next(iter(value.values()), None)


class Installation:
    """One folder with a sheetplan.toml, and the processes that were started in it."""

    def __init__(self, folder: Path, google: SheetsServer, *, store: str | None = None, **service: Any) -> None:
        self.folder = folder
        self.google = google
        self.service = {
            "database": store or f"sqlite:///{folder / 'store.db'}",
            "port": free_port(),
            "shared_secret": SECRET,
            "poll_s": 0.1,
            "requests_per_minute": 100_000,
            "clicks_per_minute": 100_000,
            "jitter_s": 0.0,
            **service,
        }
        self.workbooks: dict[str, dict[str, Any]] = {}
        self.settings: dict[str, Any] = {"google": {"reads_per_minute": 10_000, "writes_per_minute": 10_000}}
        self.processes: list[Process] = []
        self._logs = 0

    @property
    def url(self) -> str:
        """Where the service answers."""
        return f"http://127.0.0.1:{self.service['port']}"

    @property
    def past_runs(self) -> Path:
        """The store of past runs; a test must not write into the folder of whoever runs it."""
        return self.folder / "runs.sqlite3"

    def register(self, name: str, location: str, **details: Any) -> None:
        """One more workbook in the settings; the person of these tests may run it."""
        self.workbooks[name] = {"location": location, "allowed": [PERSON_EMAIL], **details}

    def write_settings(self) -> Path:
        """The settings file, as TOML."""
        lines = _table("service", self.service)
        for name, table in self.settings.items():
            lines += _table(name, table)
        for name, table in self.workbooks.items():
            lines += _table(f"workbooks.{name}", table)
        file = self.folder / "sheetplan.toml"
        file.write_text("\n".join(lines), encoding="utf-8")
        return file

    def start(self, *command: str, cold: bool = False) -> Process:
        """Start `sheetplan COMMAND...` in this installation; its logs go to a file.

        Cold: as a person starts it, with nothing loaded before.
        """
        self._logs += 1
        log = self.folder / f"{command[0]}-{self._logs}.log"
        environment = os.environ | {
            "SHEETS_EMULATOR_HOST": self.google.url,
            "SHEETPLAN_CONFIG": str(self.write_settings()),
            "SHEETPLAN_STORE__PATH": str(self.past_runs),
        }
        process: Process
        if cold:
            with log.open("wb") as file:
                arguments = [sys.executable, "-m", "sheets_sync", *command]
                process = subprocess.Popen(arguments, cwd=self.folder, env=environment, stdout=file, stderr=file)
        else:
            process = WarmProcess(command, folder=self.folder, environment=environment, log=log)
        self.processes.append(process)
        return process

    def serve(self, timeout_s: float = 60, *, cold: bool = False) -> Process:
        """Start the service and wait until it answers."""
        process = self.start("serve", cold=cold)
        self.wait(lambda: self.answers() or process.poll() is not None, "the service answers", timeout_s)
        assert process.poll() is None, self.logs()
        return process

    def answers(self) -> bool:
        """Whether the service answers."""
        try:
            return requests.get(f"{self.url}/healthz", timeout=2).ok
        except requests.RequestException:
            return False

    def kill(self, process: Process) -> None:
        """kill -9."""
        process.kill()
        process.wait()
        self.processes.remove(process)

    def stop(self) -> None:
        """SIGTERM to all, and no process left."""
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()

    def logs(self) -> str:
        """Everything that the processes said."""
        return "\n".join(file.read_text(errors="replace") for file in sorted(self.folder.glob("*.log")))

    def log_lines(self) -> list[dict[str, Any]]:
        """Their structured logs."""
        return [json.loads(line) for line in self.logs().splitlines() if line.startswith("{")]

    def call(
        self, method: str, target: str, body: Any = None, *, person: str = PERSON_EMAIL, **headers: str
    ) -> requests.Response:
        """A request signed with the shared secret."""
        data = b"" if body is None else json.dumps(body).encode()
        stamp, nonce = str(int(time.time())), secrets.token_urlsafe(16)
        signed = signature(SECRET, method=method, target=target, timestamp=stamp, nonce=nonce, person=person, body=data)
        proof = {SIGNATURE: signed, TIMESTAMP: stamp, NONCE: nonce, PERSON: person}
        if body is not None:
            proof["Content-Type"] = "application/json"
        return requests.request(
            method,
            self.url + target,
            data=data,
            headers=proof | {name.replace("_", "-"): value for name, value in headers.items()},
            timeout=30,
        )

    def click(self, workbook: str, *, key: str | None = None, scenarios: list[str] | None = None) -> str:
        """Ask for a run; returns its id."""
        body: dict[str, Any] = {"workbook": workbook} | ({} if scenarios is None else {"scenarios": scenarios})
        answer = self.call("POST", "/v1/runs", body, **({} if key is None else {"Idempotency-Key": key}))
        assert answer.status_code == 202, answer.text
        return str(answer.json()["run_id"])

    def insist(self, workbook: str, key: str) -> str:
        """Click until the service takes it, as a person does whose first clicks met a service that was just down."""
        for _ in range(300):
            try:
                return self.click(workbook, key=key)
            except requests.RequestException:
                time.sleep(0.1)
        raise AssertionError("the service did not come back\n" + self.logs()[-3000:])

    def run(self, run_id: str) -> dict[str, Any]:
        """A run as the service tells it."""
        answer = self.call("GET", f"/v1/runs/{run_id}")
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def finished(self, run_id: str, timeout_s: float = 60) -> dict[str, Any]:
        """The run once it has ended."""
        self.wait(lambda: self.run(run_id)["state"] in FINAL, f"run {run_id} ends", timeout_s)
        return self.run(run_id)

    def wait(self, condition: Callable[[], bool], what: str, timeout_s: float = 60) -> None:
        """Wait until something is so."""
        end = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < end, f"in vain: {what}\n{self.logs()[-5000:]}"
            time.sleep(0.05)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _table(name: str, values: Mapping[str, Any]) -> list[str]:
    # JSON's texts, numbers, lists and truth values are TOML's too.
    plain = [f"{key} = {json.dumps(value)}" for key, value in values.items() if not isinstance(value, Mapping)]
    tables = [_table(f"{name}.{key}", value) for key, value in values.items() if isinstance(value, Mapping)]
    return [f"[{name}]", *plain, "", *(line for table in tables for line in table)]
