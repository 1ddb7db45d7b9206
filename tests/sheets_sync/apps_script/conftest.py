"""What the tests of the Apps Script stand on: Node, its packages, the printed script, a running service with sheets."""

import json
import random
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from config.names import fold_header
from config.tabs import SCENARIOS
from sheets_sync.apps_script.printed import script_files
from sheets_sync.apps_script.project import write_files
from tests.sheets_server.server import SheetsServer
from tests.sheets_sync.installation import Installation, free_port, google_workbook
from tests.sheets_sync.keys import AUDIENCE, KeyServer
from tests.workbooks import WORKED_EXAMPLE, Rows, edited

HERE = Path(__file__).parent
PEOPLE = ["ana@example.com", "ben@example.com"]


@pytest.fixture(scope="package")
def node() -> str:
    """The path of Node.js."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("Node.js is not installed (scripts/install-test-deps)")
    return found


@pytest.fixture(scope="package")
def compiler(node: str) -> Path:
    """TypeScript's compiler, which checks types in JavaScript too."""
    found = HERE / "node_modules" / ".bin" / "tsc"
    if not found.exists():
        pytest.skip("The packages of tests/sheets_sync/apps_script are not installed (scripts/install-test-deps)")
    return found


@pytest.fixture(scope="package")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the script as it is pasted."""
    folder = tmp_path_factory.mktemp("printed")
    write_files(script_files(), folder)
    return folder


@pytest.fixture(scope="package")
def key_server() -> Iterator[KeyServer]:
    """Signs identity tokens, and publishes its keys as Google does."""
    with KeyServer() as server:
        yield server


@pytest.fixture(scope="package")
def google() -> Iterator[SheetsServer]:
    """The local stand-in for Google."""
    with SheetsServer() as server:
        yield server


def _moved() -> dict[str, Rows]:
    """The scenarios under an alias, below a title block, with columns moved and renamed."""
    header, *rows = WORKED_EXAMPLE["Scenarios"]
    renamed = ["Name" if text == "scenario_name" else str(text).replace("_", " ").title() for text in header]
    moved = [["Scenario"], [], ["Name of the plan:", "Q3"], [], [None, *renamed], *([None, *row] for row in rows)]
    tabs = {title: content for title, content in WORKED_EXAMPLE.items() if title != "Scenarios"}
    return {"Scenario config": moved, **tabs}


@pytest.fixture(scope="package")
def sheets(google: SheetsServer) -> dict[str, str]:
    """Spreadsheets by name."""
    headless = WORKED_EXAMPLE | {"Scenarios": [["Ideas"], *WORKED_EXAMPLE["Scenarios"][1:]]}
    mistakes = {"Scenarios!B2": "north_str", "Initiatives!G1": "size", "Initiatives!G2": 3, "Initiatives!G3": 5}
    ideas: Rows = [["ID", "Idea", "Effort", "Priority"], ["A", "One", 3, "High"], ["B", "Two", 4, "Low"]]
    worked = ("q3", "run", "impatient", "wishes", "lost", "last", "sidebar", "watched", "cancelled", "approve", "left")
    rules = {"Constraints": [["constraint_type", "member_keys"], ["exclude_initiative", "A"]]}
    return {
        **{name: google_workbook(google, title=name) for name in worked},
        "rules": google_workbook(google, WORKED_EXAMPLE | rules),
        "broken": google_workbook(google, edited(WORKED_EXAMPLE, mistakes)),
        "moved": google_workbook(google, _moved()),
        "headless": google_workbook(google, headless),
        "empty": google_workbook(google, {}),
        "ideas": google_workbook(google, {"Q3 ideas": ideas}),
        "wished": google_workbook(google, {"Notes": [["Hello"]], "Q3 ideas": ideas}),
        "gone": "x" * 44,
    }


@pytest.fixture(scope="package")
def service(
    tmp_path_factory: pytest.TempPathFactory, google: SheetsServer, key_server: KeyServer, sheets: dict[str, str]
) -> Iterator[Installation]:
    """The service, with every sheet registered."""
    folder = tmp_path_factory.mktemp("apps-script-service")
    made = Installation(folder, google, audience=[AUDIENCE], certificates_url=key_server.url)
    for name, key in sheets.items():
        made.register(name, key, allowed=PEOPLE)
    made.serve()
    yield made
    made.stop()


class _Stranger(BaseHTTPRequestHandler):
    """Answers that are not the service's: pages, redirects, a proxy without it, a host that keeps /healthz."""

    def do_GET(self) -> None:
        problem = {"title": "Too Many Requests", "status": 429}
        problem["detail"] = "Too many requests in a minute. Try again in 7 s."
        answers: dict[str, tuple[int, str]] = {
            "/page": (200, "<html>Welcome</html>"),
            "/moved": (302, ""),
            "/cloud-run": (403, "<html><title>403 Forbidden</title>Your client does not have permission</html>"),
            "/down": (503, "<html>no healthy upstream</html>"),
            "/cloud/openapi.json": (200, json.dumps({"info": {"title": "sheetplan"}})),
            "/cloud/v1": (429, json.dumps(problem)),
        }
        status, text = next((found for path, found in answers.items() if self.path.startswith(path)), (404, "<html>"))
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "https://elsewhere.example.com/")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture(scope="package")
def strangers() -> Iterator[str]:
    """The address of a server that is not sheetplan."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Stranger)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def _headers() -> list[tuple[str, str]]:
    """Spellings of headers of the Scenarios tab, and near misses, each with what it means to the service."""
    chance = random.Random(7)
    key = SCENARIOS.column(SCENARIOS.key_column)
    names = sorted({name for column in SCENARIOS.columns for name in (column.name, *column.aliases)})
    found = []
    for name in names * 6:
        text = "".join(
            chance.choice(
                (letter, letter.upper(), letter, "\u200b" + letter, letter + " ", "-" + letter, "\u2011" + letter)
            )
            for letter in name
        )
        text = chance.choice(
            (text, text, f"\u00a0{text}", text.replace("s", "\u017f"), text[1:], f"{text}s", f"{text}\u00df")
        )
        column = SCENARIOS.find_column(text)
        found.append((text, "none" if column is None else "key" if column is key else "other"))
    assert any(fold_header(text) != text for text, _ in found)
    return found


@pytest.fixture(scope="package")
def stage(
    service: Installation,
    google: SheetsServer,
    key_server: KeyServer,
    sheets: dict[str, str],
    strangers: str,
    printed: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """All that the Node side needs to know, as JSON."""
    with_address = tmp_path_factory.mktemp("printed-with-address")
    write_files(script_files("https://plan.example.com"), with_address)
    return json.dumps(
        {
            "service": service.url,
            "google": google.url,
            "nowhere": f"http://127.0.0.1:{free_port()}",
            "strangers": strangers,
            "sheets": sheets,
            "printed": str(printed),
            "printedWithAddress": str(with_address),
            "headers": _headers(),
            "tokens": {
                "ana": key_server.token(),
                "ben": key_server.token(email="ben@example.com"),
                "eve": key_server.token(email="eve@example.com"),
                "expired": key_server.token(iat=1_700_000_000, exp=1_700_003_600),
                "otherScript": key_server.token(aud="other.apps.googleusercontent.com"),
                "nobody": key_server.token(email=None, email_verified=None),
            },
        }
    )
