"""What an installation remembers: runs listed, two runs compared, a run solved again; and a store that fails."""

import json
import os
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from config.settings import StoreSettings
from sheets_sync.store import RunRecord, RunStore, StoreError, WorkbookIdentity, canonical_outcome, open_store
from sheets_sync.store.snapshot_json import snapshot_from, snapshot_json
from sheets_sync.workbook.snapshot import Area, Cell, CellKind, Snapshot, Tab, TableArea
from tests.end_to_end.cli import Sheetplan
from tests.workbooks import WORKED_EXAMPLE, edited, write_workbook


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "kept" / "runs.sqlite3"
    monkeypatch.setenv("SHEETPLAN_STORE__PATH", str(path))
    return path


def run(sheetplan: Sheetplan, workbook: Path, *options: str) -> dict:
    return sheetplan("run", workbook, "--json", *options).document


def change(workbook: Path, formats: Mapping[str, str] | None = None, **edits: object) -> None:
    """Change the input tabs, and number formats there; outputs of runs stay as they are."""
    book = openpyxl.load_workbook(workbook)
    for place, value in edits.items():
        tab, address = place.split("_")
        book[tab][address].value = value
    for place, pattern in (formats or {}).items():
        tab, address = place.split("_")
        book[tab][address].number_format = pattern
    book.save(workbook)


def test_runs_are_listed_newest_first_and_by_workbook(sheetplan: Sheetplan, worked_example: Path) -> None:
    assert sheetplan("runs").out == "No run is stored yet.\n"
    first = run(sheetplan, worked_example)["run_id"]
    second = run(sheetplan, worked_example)["run_id"]
    other = write_workbook(worked_example.with_name("other.xlsx"), WORKED_EXAMPLE)
    third = run(sheetplan, other)["run_id"]
    listed = sheetplan("runs", "--json").document["runs"]
    assert [item["run_id"] for item in listed] == [third, second, first]
    assert listed[-1]["scenarios"][0] == {"scenario": "Pure north star", "status": "optimal"}
    assert [item["run_id"] for item in sheetplan("runs", "other.xlsx", "--json").document["runs"]] == [third]
    lines = sheetplan("runs", worked_example).out.splitlines()
    assert [line.split()[0] for line in lines] == [second, first]
    assert lines[0].endswith("3 optimal, 1 targets_missed")


def test_runs_of_a_workbook_that_nobody_knows_name_the_nearest(
    sheetplan: Sheetplan, worked_example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sheetplan("runs", worked_example).out == f"No run of {worked_example} is stored yet.\n"
    run(sheetplan, worked_example)
    said = sheetplan("runs", "plam.xlsx")
    assert said.code == 2
    unknown = "no such file, address or registered name, and no stored run of it."
    assert said.err == (
        f"sheetplan: There is no workbook plam.xlsx: {unknown} Did you mean {worked_example.resolve()}?\n"
    )
    monkeypatch.setenv("SHEETPLAN_WORKBOOKS", json.dumps({"marketplace": {"location": "m.xlsx"}}))
    assert sheetplan("runs", "marketplace").out == "No run of marketplace is stored yet.\n"
    assert sheetplan("runs", "market-place").err.endswith("Did you mean marketplace?\n")
    assert sheetplan("runs", "nothing like it", "--json").document["error"]["exit_code"] == 2
    worked_example.unlink()
    assert sheetplan("runs", worked_example).out.count("\n") == 1


def test_a_dry_run_is_not_kept(sheetplan: Sheetplan, worked_example: Path, own_store: Path) -> None:
    run(sheetplan, worked_example, "--dry-run")
    assert not own_store.exists()


def test_diff_tells_estimates_initiatives_and_totals(sheetplan: Sheetplan, worked_example: Path) -> None:
    first = run(sheetplan, worked_example)["run_id"]
    change(worked_example, Initiatives_D3=130000, Initiatives_E2=0.001, Initiatives_B4="Gift card shop")
    second = run(sheetplan, worked_example)["run_id"]
    found = sheetplan("diff", worked_example, first, "--json").document
    assert (found["before"], found["after"]) == (first, second)
    assert [list(item.values()) for item in found["inputs"]] == [
        ["Initiatives", "A", "contribution: retention_30d", None, 0.001, None, "0.001"],
        ["Initiatives", "B", "contribution: gmv", 80000, 130000, "80000", "130000"],
        ["Initiatives", "C", "title", *(texts := ["Gift cards", "Gift card shop"]), *texts],
    ]
    pure = found["scenarios"][0]
    assert (pure["came_in"], pure["went_out"]) == (["B"], ["A"])
    assert pure["figures"][:2] == [
        {"name": "objective", "before": 160000.0, "after": 170000.0},
        {"name": "gmv", "before": 160000.0, "after": 170000.0},
    ]
    said = sheetplan("diff", worked_example, second, first).out
    assert said.startswith(f"From {first} to {second}\n")
    assert "  Initiatives B: contribution: gmv 80000 -> 130000\n" in said
    assert "  In: B\n  Out: A\n" in said
    assert "  gmv: £160,000 -> £170,000 (+£10,000)\n" in said
    assert sheetplan("diff", worked_example).out == said


def test_diff_tells_rows_that_came_and_went(sheetplan: Sheetplan, tmp_path: Path) -> None:
    rules = [["constraint_type", "member_keys", "scenario_name"], ["exclude_pair", "A, B", None]]
    path = write_workbook(tmp_path / "w.xlsx", WORKED_EXAMPLE | {"Constraints": rules})
    first = run(sheetplan, path)["run_id"]
    rows = {
        **edited(WORKED_EXAMPLE, {"Initiatives!A4": "D"}),
        "Constraints": [rules[0], ["exclude_pair", "B, D", None]],
    }
    run(sheetplan, write_workbook(path, rows))
    inputs = sheetplan("diff", path, first, "--json").document["inputs"]
    assert [list(item.values()) for item in inputs] == [
        ["Initiatives", "C", None, "C", None, "C", None],
        ["Initiatives", "D", None, None, "D", None, "D"],
        ["Constraints", *[text := "constraint_type exclude_pair, member_keys A, B"], None, text, None, text, None],
        ["Constraints", *[text := "constraint_type exclude_pair, member_keys B, D"], None, None, text, None, text],
    ]


def test_diff_prints_as_many_digits_as_tell_two_numbers_apart(sheetplan: Sheetplan, tmp_path: Path) -> None:
    rules = [["constraint_type", "dimension", "dimension_key", "max_tokens"], ["capacity_cap", "market", "UK", 90]]
    tabs = edited(WORKED_EXAMPLE, {"Initiatives!G1": "market", "Initiatives!G2": "UK"}) | {"Constraints": rules}
    path = write_workbook(tmp_path / "w.xlsx", tabs)
    formats = {"Initiatives_E3": "0.00%", "Initiatives_D2": "#,##0", "Constraints_D2": "0"}
    change(path, formats=formats, Initiatives_E3=0.003, Initiatives_D2=120000, Constraints_D2=90)
    first = run(sheetplan, path)["run_id"]
    change(path, formats=formats, Initiatives_E3=0.00301, Initiatives_D2=120000.25, Constraints_D2=90.4)
    run(sheetplan, path)
    said = sheetplan("diff", path, first).out
    assert "  Initiatives A: contribution: gmv 120,000 -> 120,000.25\n" in said
    assert "  Initiatives B: contribution: retention_30d 0.3% -> 0.301%\n" in said
    assert "capacity_cap, dimension market, dimension_key UK, max_tokens 90: gone\n" in said
    assert "capacity_cap, dimension market, dimension_key UK, max_tokens 90.4: new\n" in said
    inputs = sheetplan("diff", path, first, "--json").document["inputs"]
    assert [(item["before"], item["after"]) for item in inputs[:2]] == [(120000, 120000.25), (0.003, 0.00301)]


def test_diff_of_the_same_inputs_says_so(sheetplan: Sheetplan, worked_example: Path) -> None:
    said = sheetplan("diff", worked_example)
    assert said.code == 2
    assert said.err == f"sheetplan: There is no stored run of {worked_example}. Run it first: sheetplan run\n"
    first = run(sheetplan, worked_example)["run_id"]
    said = sheetplan("diff", worked_example, first)
    assert said.code == 2
    assert said.err == (
        f"sheetplan: {first} is the only stored run of {worked_example}, so there is nothing to compare it with.\n"
    )
    run(sheetplan, worked_example)
    said = sheetplan("diff", worked_example, first)
    assert said.out.count("  the same\n") == 5


def test_replay_gives_the_same_bytes_also_after_the_workbook_changed(
    sheetplan: Sheetplan, worked_example: Path
) -> None:
    document = run(sheetplan, worked_example, "--scenario", "weighted")
    change(worked_example, Initiatives_D3=1)
    said = sheetplan("replay", document["run_id"][:17])
    assert (said.code, said.out) == (0, f"{document['run_id']}: the same answer, byte for byte.\n")
    found = sheetplan("replay", document["run_id"], "--json").document
    assert found["same"] is True
    assert found["sha256"] == found["replayed_sha256"]


def test_replay_of_another_answer_says_where_it_differs(
    sheetplan: Sheetplan, worked_example: Path, own_store: Path
) -> None:
    run_id = run(sheetplan, worked_example)["run_id"]
    store = RunStore(own_store, keep_runs=9)
    kept = store.run(run_id).to_json()
    kept["outcome"]["scenarios"][0]["objective"] = 1.0
    store.keep(RunRecord.from_json(kept))
    said = sheetplan("replay", run_id)
    assert said.code == 1
    assert said.out == f"{run_id}: the answer differs.\n  scenarios[0].objective: 1.0 -> 160000.0\n"


def test_ties_are_replayed_towards_the_selection_of_then(sheetplan: Sheetplan, tmp_path: Path) -> None:
    """Two equal initiatives, of which one fits: the last run decides, and replay remembers which that was."""
    tabs = edited(WORKED_EXAMPLE, {"Initiatives!C3": 60, "Initiatives!D3": 120000, "Initiatives!F3": 0.002})
    tabs["Scenarios"] = [["scenario_name", "objective_mode", "capacity_total_tokens"], ["Only", "north_star", 60]]
    path = write_workbook(tmp_path / "w.xlsx", edited(tabs, {"Initiatives!D2": 1, "Initiatives!E3": None}))
    assert run(sheetplan, path)["scenarios"][0]["selected"] == ["B"]
    change(path, Initiatives_D2=120000)
    second = run(sheetplan, path)
    assert second["scenarios"][0]["selected"] == ["B"]
    assert sheetplan("replay", second["run_id"]).code == 0


@pytest.mark.parametrize("command", ["replay", "diff w.xlsx"])
def test_an_unknown_run_is_reported(sheetplan: Sheetplan, command: str) -> None:
    said = sheetplan(*command.split(), "20200101")
    assert said.code == 2
    assert said.err == (
        "sheetplan: No stored run has an id that begins with 20200101. List them with: sheetplan runs\n"
    )


def test_a_store_that_cannot_be_written_fails_no_run(
    sheetplan: Sheetplan, worked_example: Path, own_store: Path
) -> None:
    own_store.parent.mkdir()
    own_store.write_text("not a database, but long enough to be taken for one by nobody" * 20)
    said = sheetplan("run", worked_example)
    assert said.code == 0
    reported = " ".join(said.err.split())
    assert "cannot be used: file is not a database." in reported
    assert "This run was written to the workbook, but diff and replay will not know it." in reported


def record(run_id: str, started_at: datetime, workbook: str = "w") -> RunRecord:
    outcome = {"run_id": run_id, "started_at": started_at.isoformat(), "inputs_fingerprint": "f", "scenarios": []}
    return RunRecord(workbook, "test", "", "1", {}, {}, Snapshot("w", "w", {}), outcome)


def test_old_runs_are_let_go_of(own_store: Path) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    store = RunStore(own_store, keep_runs=3, keep_days=30)
    for day in range(5):
        store.keep(record(f"r{day}", start + timedelta(days=day)))
        store.keep(record(f"other{day}", start + timedelta(days=day), "other"))
    assert [run.run_id for run in store.runs(WorkbookIdentity("w"))] == ["r4", "r3", "r2"]
    store.keep(record("late", start + timedelta(days=33, hours=1), "other"))
    assert [run.run_id for run in store.runs()] == ["late", "r4", "other4"]


def test_the_store_is_for_its_owner_only(own_store: Path) -> None:
    open_store(StoreSettings(path=own_store)).keep(record("r", datetime.now(UTC)))
    if os.name == "posix":
        assert own_store.stat().st_mode & 0o077 == 0
        assert own_store.parent.stat().st_mode & 0o077 == 0


def test_a_store_of_a_later_version_is_left_alone(own_store: Path) -> None:
    own_store.parent.mkdir()
    with sqlite3.connect(own_store) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(StoreError, match="later version of sheetplan"):
        RunStore(own_store, keep_runs=1).runs()


def test_a_beginning_that_several_runs_share_is_reported(own_store: Path) -> None:
    store = RunStore(own_store, keep_runs=9)
    for name in ("r10", "r11", "r1"):
        store.keep(record(name, datetime(2026, 1, 1, tzinfo=UTC)))
    assert store.run("r1").run_id == "r1"
    with pytest.raises(StoreError, match="More than one stored run has an id that begins with r"):
        store.run("r")


def test_every_kind_of_cell_comes_back_as_it_was() -> None:
    cells = [
        Cell(CellKind.NUMBER, 0.1 + 0.2, "0.3"),
        Cell(CellKind.NUMBER, 7, "007"),
        Cell(CellKind.NUMBER, 5.0, "5", "=2+3"),
        Cell(CellKind.NUMBER, 0.2, "20%", format="0%"),
        Cell(CellKind.NUMBER, 0.4, "40%", "=2*B6", "0%"),
        Cell(CellKind.TEXT, "naïve\n", "naïve\n"),
        Cell(CellKind.BOOLEAN, True, "TRUE"),
        Cell(CellKind.DATE, datetime(2026, 3, 1), "2026-03"),
        Cell(CellKind.ERROR, "#REF!", "#REF!"),
        Cell(CellKind.UNCALCULATED, None, "", "=A1"),
        Cell(CellKind.BLANK),
    ]
    merged = (Area("KPIs", 1, 1, 2, 3),)
    tables = (TableArea("Plan", Area("KPIs", 4, 1, 9, 3), 9), TableArea("Other", Area("KPIs", 4, 5, 6, 5)))
    tabs = {"KPIs": Tab("KPIs", [cells, []], merged, tables), "Notes": Tab("Notes", [cells])}
    kept = Snapshot("w.xlsx", "w", tabs, locale="de_DE", recalculates_on_load=True)
    again = snapshot_from(json.loads(json.dumps(snapshot_json(kept))))
    assert again == Snapshot("w.xlsx", "w", {"KPIs": tabs["KPIs"]}, locale="de_DE", recalculates_on_load=True)


def test_a_record_of_before_merges_and_formats_is_still_read() -> None:
    rows = [["key", None, ["n", 5.0, "5", "=2+3"], ["n", 7, "007"]]]
    old = {"locator": "w.xlsx", "title": "w", "locale": None, "time_zone": None, "tabs": {"KPIs": rows}}
    cells = [
        Cell(CellKind.TEXT, "key", "key"),
        Cell(CellKind.BLANK),
        Cell(CellKind.NUMBER, 5.0, "5", "=2+3"),
        Cell(CellKind.NUMBER, 7, "007"),
    ]
    assert snapshot_from(old) == Snapshot("w.xlsx", "w", {"KPIs": Tab("KPIs", [cells])})


def test_the_canonical_outcome_knows_no_clock(sheetplan: Sheetplan, worked_example: Path) -> None:
    first, second = (run(sheetplan, worked_example) for _ in range(2))
    assert first["run_id"] != second["run_id"]
    assert canonical_outcome(first) == canonical_outcome(second)


def test_the_canonical_outcome_is_that_of_records_from_before_reasons(
    sheetplan: Sheetplan, worked_example: Path
) -> None:
    """Reasons are words about the answer: a later release may word them better, and the answer is the same."""
    now = run(sheetplan, worked_example)
    before = now | {"scenarios": [{k: v for k, v in item.items() if k != "reasons"} for item in now["scenarios"]]}
    assert before != now
    assert canonical_outcome(before) == canonical_outcome(now)


def test_diff_says_where_the_change_of_each_kpi_comes_from(sheetplan: Sheetplan, worked_example: Path) -> None:
    """A + C = 160,000 then. A brings 10,000 less; at 110 tokens A + B fit; a rule then keeps B out."""
    first = run(sheetplan, worked_example, "--scenario", "Pure north star")["run_id"]
    book = openpyxl.load_workbook(worked_example)
    book["Initiatives"]["D2"].value, book["Scenarios"]["C2"].value = 110000, 110
    rules = book.create_sheet("Constraints")
    rules.append(["scenario_name", "constraint_type", "member_keys"])
    rules.append(["Pure north star", "exclude_initiative", "A"])
    book.save(worked_example)
    run(sheetplan, worked_example, "--scenario", "Pure north star")
    lines = sheetplan("diff", worked_example, first).out.splitlines()
    assert lines[lines.index("  Where the change comes from:") :] == [
        "  Where the change comes from:",
        "    changed estimates: gmv -£10,000",
        "    capacity: gmv +£40,000, retention_30d +1.500% (in: B; out: C)",
        "    rules and weights: gmv -£70,000, conversion_rate -0.200% (in: C; out: A)",
    ]
    (found,) = sheetplan("diff", worked_example, first, "--json").document["scenarios"]
    assert [step["causes"] for step in found["bridge"]["steps"]] == [
        ["estimates"], ["initiatives"], ["capacity"], ["rules"],
    ]  # fmt: skip
    for kpi, after in found["bridge"]["after"].items():
        moved = sum(step["changes"][kpi] for step in found["bridge"]["steps"])
        assert found["bridge"]["before"][kpi] + moved == pytest.approx(after, rel=1e-12)
