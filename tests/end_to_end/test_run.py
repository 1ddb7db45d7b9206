"""The main job through its public door: a workbook in, Results, Runs, statuses and JSON out."""

import shutil
import sys
from pathlib import Path

import openpyxl
import pytest

from tests.end_to_end.cli import Sheetplan
from tests.workbooks import (
    WORKED_EXAMPLE,
    column_below,
    edited,
    named_range_values,
    values,
    write_workbook,
    written_cells,
)


def by_name(document: dict) -> dict[str, dict]:
    return {scenario["scenario"]: scenario for scenario in document["scenarios"]}


def test_worked_example_gives_the_answers_of_the_specification(sheetplan: Sheetplan, worked_example: Path) -> None:
    said = sheetplan("run", worked_example, "--json")
    assert said.code == 0
    assert said.err == ""
    answers = by_name(said.document)
    assert [scenario["scenario"] for scenario in said.document["scenarios"]] == list(answers)
    assert answers["Pure north star"]["selected"] == ["A", "C"]
    assert answers["Pure north star"]["objective"] == 160000
    assert answers["Pure north star"]["status"] == "optimal"
    assert answers["Weighted"]["selected"] == ["A", "C"]
    assert answers["Weighted"]["objective"] == pytest.approx(160000.0004, rel=1e-12)
    assert answers["Reachable"]["selected"] == ["B", "C"]
    assert answers["Reachable"]["status"] == "optimal"
    stretch = answers["Stretch"]
    assert stretch["status"] == "targets_missed"
    assert stretch["selected"] == ["B", "C"]
    (target,) = stretch["targets"]
    assert target["kpi"] == "retention_30d"
    assert target["shortfall"] == pytest.approx(0.005, rel=1e-12)
    assert target["met"] is False
    assert stretch["capacity"] == {"engineering_tokens": {"used": 90.0, "available": 100.0}}
    assert stretch["kpi_totals"] == {"gmv": 120000.0, "retention_30d": 0.015, "conversion_rate": 0.0}


def test_json_has_every_key_of_the_interface(sheetplan: Sheetplan, worked_example: Path) -> None:
    document = sheetplan("run", worked_example, "--dry-run", "--json").document
    assert set(document) == {
        "run_id", "workbook", "started_at", "finished_at", "inputs_fingerprint", "written", "results_url", "notices",
        "issues", "scenarios",
    }  # fmt: skip
    assert document["written"] is False
    assert document["started_at"].endswith("+00:00")
    assert len(document["inputs_fingerprint"]) == 64
    for scenario in document["scenarios"]:
        assert {
            "scenario", "objective_mode", "status", "objective", "bound", "gap", "selected", "capacity", "kpi_totals",
            "targets", "stages", "solver", "reasons",
        } <= set(scenario)  # fmt: skip
        assert set(scenario["selected"]) <= set(scenario["reasons"])
        assert all(scenario["reasons"].values())
        assert scenario["gap"] <= 1e-6
        assert scenario["solver"]["name"] == "HiGHS"


def test_dry_run_leaves_the_file_as_it_was(sheetplan: Sheetplan, worked_example: Path) -> None:
    before = worked_example.read_bytes()
    assert sheetplan("run", worked_example, "--dry-run").code == 0
    assert worked_example.read_bytes() == before
    assert sheetplan("check", worked_example).code == 0
    assert worked_example.read_bytes() == before


def test_both_solvers_give_the_same_portfolios(sheetplan: Sheetplan, worked_example: Path) -> None:
    highs = sheetplan("run", worked_example, "--dry-run", "--json").document
    cbc = sheetplan("run", worked_example, "--dry-run", "--json", "--solver", "cbc").document
    assert {name: s["selected"] for name, s in by_name(highs).items()} == {
        name: s["selected"] for name, s in by_name(cbc).items()
    }
    assert {s["solver"]["name"] for s in cbc["scenarios"]} == {"CBC"}


def test_results_hold_the_selection_totals_and_checks(sheetplan: Sheetplan, worked_example: Path) -> None:
    document = sheetplan("run", worked_example, "--json").document
    (check,), = named_range_values(worked_example, "sheetplan_check")  # fmt: skip
    assert check.startswith("OK: all ")
    header, *rows = named_range_values(worked_example, "sheetplan_selection")
    for scenario in document["scenarios"]:
        column = header.index(scenario["scenario"])
        assert sorted(row[0] for row in rows if row[column] == 1) == sorted(scenario["selected"])
    header, *totals = named_range_values(worked_example, "sheetplan_totals")
    written = {(row[0], row[1]): row[header.index("Total")] for row in totals}
    for scenario in document["scenarios"]:
        for kpi, total in scenario["kpi_totals"].items():
            assert written[scenario["scenario"], kpi] == pytest.approx(total, rel=1e-12)


def test_results_and_json_tell_the_value_and_tolerance_of_each_stage(
    sheetplan: Sheetplan, worked_example: Path
) -> None:
    """Stretch asks for 0.02 of retention and reaches 0.015: a quarter short, and then the most GMV."""
    stretch = by_name(sheetplan("run", worked_example, "--json").document)["Stretch"]
    first, second = stretch["stages"][:2]
    assert (first["stage"], first["unit"], first["reason"]) == (
        "shortfall of retention_30d", "relative shortfall", "optimal",
    )  # fmt: skip
    assert first["value"] == first["bound"] == pytest.approx(0.25)
    assert first["tolerance"] == pytest.approx(0.25e-9)
    assert (second["stage"], second["value"], second["gap"]) == ("objective", stretch["objective"], 0)
    header, *rows = named_range_values(worked_example, "sheetplan_stages")
    assert header == [
        "Scenario", "Stage", "Unit", "Value", "Best possible", "Proven", "Tolerance", "What it is",
    ]  # fmt: skip
    assert [row[:-1] for row in rows[-2:]] == [
        ["Stretch", first["stage"], first["unit"], first["value"], first["bound"], "yes", first["tolerance"]],
        ["Stretch", "objective", "GBP", second["value"], second["bound"], "yes", second["tolerance"]],
    ]


def test_every_scenario_has_a_name_for_its_totals(sheetplan: Sheetplan, worked_example: Path) -> None:
    sheetplan("run", worked_example)
    assert named_range_values(worked_example, "sheetplan_totals_pure_north_star") == [[160000], [0], [0.002]]


def test_statuses_are_written_beside_the_inputs_and_nothing_else(sheetplan: Sheetplan, worked_example: Path) -> None:
    before = {title: values(worked_example, title) for title in WORKED_EXAMPLE}
    sheetplan("run", worked_example)
    after = {title: values(worked_example, title) for title in WORKED_EXAMPLE}
    assert after["KPIs"] == before["KPIs"]
    assert {place: value for place, value in after["Initiatives"].items() if place not in before["Initiatives"]} == {
        "G1": "sync_status", "G2": "OK", "G3": "OK", "G4": "OK",
        "H1": "decision",
        "H2": "In some (2 of 4): would not fit: needs 60 tokens, 10 left (Reachable, Stretch); Pure north star in, "
              "Weighted in, Reachable out, Stretch out",
        "H3": "In some (2 of 4): would not fit: needs 50 tokens, 0 left (in 2 of 4); Pure north star out, "
              "Weighted out, Reachable in, Stretch in",
        "H4": "In: on merit; Pure north star in, Weighted in, Reachable in, Stretch in",
    }  # fmt: skip
    written = {place: value for place, value in after["Scenarios"].items() if place not in before["Scenarios"]}
    assert written["I1"] == "run_status"
    assert written["I2"] == (
        "No target set. Aim: most Gross merchandise value. Brings Gross merchandise value £160,000 with 2 of 3 "
        "initiatives; Tokens 100 of 100 (100%). ✓ proven best."
    )
    assert written["I5"] == (
        "Target missed. Missed: 30-day retention 1.500% of the 2.000% asked for, short by 0.500%. Aim: its targets, "
        "then most Gross merchandise value. Brings Gross merchandise value £120,000, 30-day retention 1.500% with 2 of "
        "3 initiatives; Tokens 90 of 100 (90%). ✓ proven best. retention_30d: at most 1.5% of the 2% asked for can be "
        "reached within the rules; no token capacity would be enough for it: all candidates together do "
        "not reach it."
    )
    for title, cells in before.items():
        assert {place: after[title][place] for place in cells} == cells


def test_a_changed_number_gives_the_new_answer(sheetplan: Sheetplan, worked_example: Path) -> None:
    sheetplan("run", worked_example)
    book = openpyxl.load_workbook(worked_example)
    book["Initiatives"]["D4"].value = 900000
    book.save(worked_example)
    answers = by_name(sheetplan("run", worked_example, "--json").document)
    assert answers["Pure north star"]["selected"] == ["A", "C"]
    assert answers["Pure north star"]["objective"] == 1020000
    assert column_below(worked_example, "Runs", "scenario_name") == list(answers) * 2


def test_second_run_on_the_same_inputs_changes_run_id_and_times_only(
    sheetplan: Sheetplan, worked_example: Path
) -> None:
    sheetplan("run", worked_example)
    first = values(worked_example, "Results")
    sheetplan("run", worked_example)
    second = values(worked_example, "Results")
    assert set(first) == set(second)
    changed = {place for place in first if first[place] != second[place]}
    labels = {first.get(f"A{place[1:]}", first[place]) for place in changed}
    # Two runs within the same minute show the same time.
    run_ids = set(column_below(worked_example, "Runs", "run_id"))
    timed = {label for label in labels if label.startswith("Run on ") or " UTC, " in label}
    others = labels - timed - {"When", "Run"} - run_ids
    assert others == {"First run. Not approved."}
    assert len(column_below(worked_example, "Runs", "run_id")) == 8


def test_what_people_wrote_beside_results_and_in_other_tabs_stays(sheetplan: Sheetplan, worked_example: Path) -> None:
    sheetplan("run", worked_example)
    book = openpyxl.load_workbook(worked_example)
    results = book["Results"]
    beside = f"{openpyxl.utils.get_column_letter(results.max_column + 2)}5"
    results[beside].value = "signed: finance"
    book.create_sheet("Team notes")["B2"].value = "=1+1"
    book.save(worked_example)
    assert sheetplan("run", worked_example).code == 0
    book = openpyxl.load_workbook(worked_example)
    assert book["Results"][beside].value == "signed: finance"
    assert book["Team notes"]["B2"].value == "=1+1"


def test_every_mistake_has_its_cell_and_stops_only_what_it_touches(sheetplan: Sheetplan, tmp_path: Path) -> None:
    broken = edited(WORKED_EXAMPLE, {"Scenarios!B2": "north_str", "Scenarios!D3": "1,0", "Scenarios!C4": 0})
    path = write_workbook(tmp_path / "broken.xlsx", broken)
    said = sheetplan("run", path, "--json")
    assert said.code == 3
    errors = {f"{i['tab']}!{i['cell']}" for i in said.document["issues"] if i["severity"] == "error"}
    assert errors == {"Scenarios!B2", "Scenarios!D3", "Scenarios!C4"}
    assert {s["scenario"]: s["status"] for s in said.document["scenarios"]} == {
        "Pure north star": "invalid", "Weighted": "invalid", "Reachable": "invalid", "Stretch": "targets_missed",
    }  # fmt: skip
    statuses = column_below(path, "Scenarios", "run_status")
    assert statuses[0].startswith("No plan: the workbook has errors. Scenarios!B2: ")
    assert statuses[3].startswith("Target missed. ")


def test_results_keep_the_last_answer_where_nothing_could_be_solved(sheetplan: Sheetplan, worked_example: Path) -> None:
    sheetplan("run", worked_example)
    book = openpyxl.load_workbook(worked_example)
    book["Initiatives"]["C2"].value = "sixty"
    book.save(worked_example)
    before = written_cells(worked_example, "Results")
    said = sheetplan("run", worked_example)
    assert said.code == 3
    assert "Initiatives!C2" in said.out
    assert written_cells(worked_example, "Results") == before
    assert column_below(worked_example, "Initiatives", "sync_status") == [
        'Error C2: engineering_tokens is "sixty", which is text, not a number. Type a plain number, or clear the cell.',
        "OK",
        "OK",
    ]
    assert column_below(worked_example, "Runs", "status")[-4:] == ["invalid"] * 4


def test_a_named_scenario_runs_alone_ticked_or_not(sheetplan: Sheetplan, worked_example: Path) -> None:
    said = sheetplan("run", worked_example, "--scenario", "pure NORTH star", "--json")
    assert [scenario["scenario"] for scenario in said.document["scenarios"]] == ["Pure north star"]


def test_an_unknown_scenario_is_reported_with_those_there_are(sheetplan: Sheetplan, worked_example: Path) -> None:
    said = sheetplan("run", worked_example, "--scenario", "Purest")
    assert said.code == 2
    assert said.err == (
        "sheetplan: There is no scenario Purest in the workbook. "
        "It has: Pure north star, Weighted, Reachable, Stretch.\n"
    )


def test_an_infeasible_scenario_is_exit_code_four_and_leaves_the_others(sheetplan: Sheetplan, tmp_path: Path) -> None:
    rule = [["scenario_name", "constraint_type", "value"], ["Pure north star", "count_floor", 3]]
    path = write_workbook(tmp_path / "w.xlsx", WORKED_EXAMPLE | {"Constraints": rule})
    said = sheetplan("run", path, "--json")
    assert said.code == 4
    answers = by_name(said.document)
    assert answers["Pure north star"]["status"] == "infeasible"
    assert answers["Pure north star"]["objective"] is None
    assert answers["Weighted"]["status"] == "optimal"
    status = column_below(path, "Scenarios", "run_status")[0]
    assert status.startswith("No plan keeps every rule. ")
    assert "Constraints!C2" in status or "Constraints!A2" in status
    assert "from 100 to 150" in status


@pytest.mark.parametrize("missing", ["KPIs", "Initiatives", "Scenarios"])
def test_a_missing_tab_is_reported(sheetplan: Sheetplan, tmp_path: Path, missing: str) -> None:
    tabs = {title: rows for title, rows in WORKED_EXAMPLE.items() if title != missing}
    said = sheetplan("run", write_workbook(tmp_path / "w.xlsx", tabs), "--json")
    assert said.code == 3
    assert any(issue["code"] == "missing_tab" and missing in issue["message"] for issue in said.document["issues"])


def test_a_copy_of_the_workbook_gives_the_same_fingerprint(
    sheetplan: Sheetplan, worked_example: Path, tmp_path: Path
) -> None:
    copy = shutil.copy(worked_example, tmp_path / "copy.xlsx")
    first = sheetplan("run", worked_example, "--json").document["inputs_fingerprint"]
    again = sheetplan("run", worked_example, "--json").document["inputs_fingerprint"]
    assert first == again == sheetplan("run", copy, "--dry-run", "--json").document["inputs_fingerprint"]


def test_costs_and_dimensions_of_initiatives_that_take_no_part_do_not_stop_the_writing(
    sheetplan: Sheetplan, tmp_path: Path
) -> None:
    initiatives = [
        ["initiative_key", "engineering_tokens", "gmv", "cost: design days", "department", "period_key"],
        ["A", 10, 100, None, None, "2026-Q1"],
        ["B", 10, 100, 3, "Growth", "2026-Q2"],
    ]
    scenarios = [
        ["scenario_name", "objective_mode", "capacity_total_tokens", "period_key"],
        ["now", "north_star", 100, "2026-Q1"],
    ]
    tabs = WORKED_EXAMPLE | {
        "Initiatives": initiatives,
        "Scenarios": scenarios,
        "Constraints": [
            ["constraint_type", "dimension", "dimension_key", "max_tokens"],
            ["capacity_cap", "department", "Growth", 50],
        ],
        "Targets": [
            ["kpi_key", "dimension", "dimension_key", "floor_or_goal", "target_value"],
            ["gmv", "department", "Growth", "goal", 10],
        ],
    }
    path = write_workbook(tmp_path / "w.xlsx", tabs)
    said = sheetplan("run", path, "--json")
    assert said.code == 0, said.err
    assert by_name(said.document)["now"]["selected"] == ["A"]
    ((check,),) = named_range_values(path, "sheetplan_check")
    assert check.startswith("OK: all ")


def test_a_key_respelt_in_another_case_is_the_same_initiative_as_in_the_last_run(
    sheetplan: Sheetplan, tmp_path: Path
) -> None:
    header, first = ["initiative_key", "engineering_tokens", "gmv"], ["A", 10, 100]
    scenarios = [["scenario_name", "objective_mode", "capacity_total_tokens"], ["one", "north_star", 10]]
    tabs = WORKED_EXAMPLE | {"Initiatives": [header, ["B", 10, 200], first], "Scenarios": scenarios}
    path = write_workbook(tmp_path / "w.xlsx", tabs)
    assert by_name(sheetplan("run", path, "--json").document)["one"]["selected"] == ["B"]
    book = openpyxl.load_workbook(path)
    book["Initiatives"]["A2"].value, book["Initiatives"]["C2"].value = "b", 100
    book.save(path)
    assert by_name(sheetplan("run", path, "--json").document)["one"]["selected"] == ["b"]
    assert column_below(path, "Runs", "came_in")[-1] is None
    assert column_below(path, "Runs", "went_out")[-1] is None


def test_what_is_said_to_be_written_is_what_was_written(sheetplan: Sheetplan, tmp_path: Path) -> None:
    empty = write_workbook(tmp_path / "empty.xlsx", {"Sheet": [["nothing"]]})
    before = empty.read_bytes()
    said = sheetplan("run", empty)
    assert said.code == 3
    assert said.out.endswith("\nNothing was written.\n")
    assert sheetplan("run", empty, "--json").document["written"] is False
    assert empty.read_bytes() == before
    broken = write_workbook(tmp_path / "broken.xlsx", edited(WORKED_EXAMPLE, {"Initiatives!C2": "sixty"}))
    assert sheetplan("run", broken).out.endswith(
        f"\nWritten to {broken}: Runs, Initiatives, Scenarios. "
        "Results was left unchanged because no scenario was solved.\n"
    )


def test_models_are_written_for_other_solvers(sheetplan: Sheetplan, worked_example: Path, tmp_path: Path) -> None:
    lp, mps = tmp_path / "model.lp", tmp_path / "one.mps"
    said = sheetplan("run", worked_example, "--dry-run", "--json", "--lp", lp)
    names = [f"model-{name}.lp" for name in ("Pure_north_star", "Weighted", "Reachable", "Stretch")]
    assert said.err == f"Models written: {', '.join(str(tmp_path / name) for name in names)}.\n"
    assert set(said.document) >= {"scenarios"}
    assert "capacity_1: the token capacity is 100 (Scenarios!" in (tmp_path / names[0]).read_text()
    said = sheetplan("run", worked_example, "--dry-run", "--scenario", "Weighted", "--mps", mps)
    assert said.err.endswith(f"Models written: {mps}.\n")
    assert mps.read_text().startswith("* Scenario Weighted, status optimal.\n")


def test_model_that_cannot_be_written_is_an_error(sheetplan: Sheetplan, worked_example: Path, tmp_path: Path) -> None:
    lp = tmp_path / "nowhere" / "model.lp"
    said = sheetplan("run", worked_example, "--dry-run", "--scenario", "Weighted", "--lp", lp)
    assert said.code == 2
    assert f"{lp} cannot be written: there is no folder {lp.parent}." in said.err


@pytest.mark.parametrize("limit", ["nan", "inf", "-inf", "0", "-0.0", "-1", "1e400", "ten"])
def test_a_time_limit_that_is_none_is_refused(sheetplan: Sheetplan, worked_example: Path, limit: str) -> None:
    before = worked_example.read_bytes()
    said = sheetplan("run", worked_example, f"--time-limit={limit}")
    assert said.code == 2
    assert said.err.endswith(
        f"Error: Invalid value for '--time-limit': {limit} is not a number of seconds above 0. Leave the option out "
        "for the default.\n"
    )
    assert (said.out, worked_example.read_bytes()) == ("", before)


def test_a_solver_that_is_not_installed_is_refused(
    sheetplan: Sheetplan, worked_example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written, and no scenario counts as failed."""
    before = worked_example.read_bytes()
    monkeypatch.setitem(sys.modules, "cbcbox", None)
    said = sheetplan("run", worked_example, "--solver", "cbc")
    assert said.code == 2
    assert said.err.endswith(
        "CBC is not installed. Install it with: pip install 'sheetplan[cbc]', or use the solver highs\n"
    )
    assert worked_example.read_bytes() == before
