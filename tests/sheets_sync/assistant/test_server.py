"""The command over standard input and output, spoken to by the SDK's own client."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from config.settings import Settings, StoreSettings
from sheets_sync.assistant.results import CheckResult
from sheets_sync.assistant.server import make_server
from sheets_sync.assistant.tools import Tools
from tests.end_to_end.cli import Sheetplan
from tests.workbooks import WORKED_EXAMPLE, write_workbook

NAMES = [
    "list_workbooks", "read_rows", "check", "run_dry", "explain", "what_if", "frontier", "audit", "capacity_value",
    "rule_prices", "priorities", "alternatives", "change_value", "robustness",
]  # fmt: skip


async def conversation(path: Path) -> None:
    name = path.name
    environment = {**os.environ, "SHEETPLAN_STORE__PATH": str(path.with_name("runs.sqlite3"))}
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "sheets_sync", "mcp", name], cwd=path.parent, env=environment
    )
    async with Client(command) as client:
        tools = (await client.list_tools()).tools
        assert [tool.name for tool in tools] == NAMES
        # No tool can write, so none can be talked into it.
        assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)
        assert all(tool.output_schema for tool in tools)
        run = await client.call_tool("run_dry", {"workbook": name, "scenarios": ["Pure north star"]})
        (scenario,) = run.structured_content["scenarios"]
        assert (run.is_error, scenario["objective"], scenario["selected"]) == (False, 160000.0, ["A", "C"])
        wrong = await client.call_tool("explain", {"workbook": name, "scenario": "Nowhere"})
        assert wrong.is_error
        assert "There is no scenario Nowhere in the workbook." in wrong.content[0].text


@pytest.mark.parametrize(
    ("is_installed", "arguments", "said"),
    [
        (False, ["plan.xlsx"], 'sheetplan mcp needs the extra "mcp". Install it with: pip install "sheetplan[mcp]"'),
        (True, [], "Name the workbooks that assistants may read, or register some in sheetplan.toml."),
    ],
)
def test_what_is_missing_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    is_installed: bool, arguments: list[str], said: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    if not is_installed:
        monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    ended = Sheetplan(capsys)("mcp", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_an_assistant_talks_to_the_command(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "plan.xlsx", WORKED_EXAMPLE)
    before = path.read_bytes()
    asyncio.run(conversation(path))
    assert path.read_bytes() == before


SCENARIO = "Pure north star"
PATIENCE_S = 60


def in_conversation(tools: Tools, talk: Callable[[Client], Awaitable[None]]) -> None:
    """A conversation with a server in this process."""

    async def whole() -> None:
        async with Client(make_server(tools, lambda: tools)) as client:
            await talk(client)

    asyncio.run(whole())


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    path = write_workbook(tmp_path / "plan.xlsx", WORKED_EXAMPLE)
    return Tools({"q3": str(path)}, Settings(store=StoreSettings(path=tmp_path / "runs.sqlite3")))


@pytest.mark.parametrize(
    ("tool", "arguments", "field_name"),
    [
        ("capacity_value", {"low": "inf"}, "low"),
        ("capacity_value", {"high": 1e308}, "high"),
        ("priorities", {"low": -1}, "low"),
        ("priorities", {"high": "nan"}, "high"),
        ("frontier", {"first": "gmv", "second": "tokens", "points": 1}, "points"),
        ("alternatives", {"count": 10**9}, "count"),
        ("alternatives", {"within": -0.5}, "within"),
        ("robustness", {"samples": 10**30}, "samples"),
        ("robustness", {"spread": "inf"}, "spread"),
        ("robustness", {"common": 5}, "common"),
        ("change_value", {"most": -1}, "most"),
        ("what_if", {"changes": ["x" * 1_000_000]}, "changes"),
        ("what_if", {"force_in": ["A"] * 1000}, "force_in"),
        ("explain", {"initiative": ""}, "initiative"),
        ("explain", {"with_threshold": True}, "with_threshold"),
    ],
)
def test_what_no_tool_can_take_is_refused_and_named(
    tools: Tools, tool: str, arguments: dict[str, Any], field_name: str
) -> None:
    """Neither bent into its limits nor left out in silence: the answer would be one to another question."""

    async def talk(client: Client) -> None:
        found = await client.call_tool(tool, {"workbook": "q3", "scenario": SCENARIO, **arguments})
        assert found.is_error
        assert field_name in found.content[0].text
        assert "validation error" in found.content[0].text
        assert len(found.content[0].text) < 1000

    in_conversation(tools, talk)


def test_whoever_asks_is_shown_how_far_the_answer_is(tools: Tools) -> None:
    shown: list[tuple[float, float | None]] = []

    async def talk(client: Client) -> None:
        async def show(done: float, total: float | None, _: str | None) -> None:
            shown.append((done, total))

        asked = {"workbook": "q3", "scenario": SCENARIO}
        await client.call_tool("explain", asked, progress_callback=show)

    in_conversation(tools, talk)
    assert shown[-1][0] == shown[-1][1] > 1
    assert [done for done, _ in shown] == sorted({done for done, _ in shown})


@dataclass(frozen=True)
class PatientTools(Tools):
    """Tools of which one answers only once its caller has gone away."""

    begun: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)

    def check(self, workbook: str) -> CheckResult:
        assert self.call is not None
        self.begun.set()
        if self.call.given_up.wait(PATIENCE_S):
            self.left.set()
        return CheckResult(workbook=workbook, errors=0, warnings=0, issues=[], issues_left_out=0)


def test_a_call_that_is_cancelled_stops_its_work_and_others_go_on() -> None:
    tools = PatientTools({}, Settings())

    async def talk(client: Client) -> None:
        asking = asyncio.create_task(client.call_tool("check", {"workbook": "q3"}))
        assert await asyncio.to_thread(tools.begun.wait, PATIENCE_S)
        books = await client.call_tool("list_workbooks", {})
        assert books.structured_content == {"workbooks": []}
        asking.cancel()
        assert await asyncio.to_thread(tools.left.wait, PATIENCE_S)
        books = await client.call_tool("list_workbooks", {})
        assert not books.is_error

    in_conversation(tools, talk)


def test_a_call_whose_caller_goes_away_stops_its_work() -> None:
    tools = PatientTools({}, Settings())

    async def talk(client: Client) -> None:
        asking = asyncio.create_task(client.call_tool("check", {"workbook": "q3"}))
        assert await asyncio.to_thread(tools.begun.wait, PATIENCE_S)
        asking.cancel()

    in_conversation(tools, talk)
    assert tools.left.wait(PATIENCE_S)


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_command_ends_when_it_is_stopped_though_its_input_is_open(
    tmp_path: Path, sent: signal.Signals, code: int
) -> None:
    path = write_workbook(tmp_path / "plan.xlsx", WORKED_EXAMPLE)
    command = [sys.executable, "-m", "sheets_sync", "mcp", str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
        process.stdin.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": client}) + "\n")
        process.stdin.flush()
        assert "serverInfo" in process.stdout.readline()
        process.send_signal(sent)
        assert process.wait(PATIENCE_S) == code
        assert process.stderr.read().strip() == "Stopped."
