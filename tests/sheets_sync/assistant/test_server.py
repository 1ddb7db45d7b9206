"""The command over standard input and output, spoken to by the SDK's own client."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

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
