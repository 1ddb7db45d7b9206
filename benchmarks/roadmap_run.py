"""A whole run at the limit of size: 1,000 initiatives, 8 periods, 20 teams, from a workbook and back into it.

``python -m benchmarks.roadmap_run 60`` gives the scenario 60 seconds of the clock and prints how long reading and
checking take, what the answer is, and what the run needed with all its processes; sizes after that, such as
``300x8x10``, are taken instead.
"""

import sys
import tempfile
from pathlib import Path

import openpyxl

from benchmarks.clock import cpu_time
from benchmarks.peak import run_apart
from benchmarks.roadmaps import NAME, TEAM, VALUE, RoadmapSize, roadmap
from optimizer.plan import TOKENS, PeriodCapacity, Prerequisite, rules_of_kind
from sheets_sync.checks import check
from sheets_sync.excel import ExcelWorkbook
from sheets_sync.run.read_inputs import wanted_tabs

LARGEST = RoadmapSize(1_000, 8, 20)


def write_roadmap(size: RoadmapSize, path: Path) -> None:
    """The plan of a size as a workbook."""
    plan = roadmap(size)
    scenario = plan.scenario(NAME)
    needs = {rule.initiative: rule.requires[0] for rule in rules_of_kind(scenario.rules, Prerequisite)}
    tabs: dict[str, list[list[object]]] = {
        "KPIs": [["kpi_key", "kpi_level"], [VALUE, "north_star"]],
        "Initiatives": [
            ["initiative_key", "engineering_tokens", TEAM, "duration_periods", "prerequisite_keys", VALUE],
            *(
                [i.key, i.costs[TOKENS], i.dimensions[TEAM], i.duration, needs.get(i.key), i.contributions[VALUE]]
                for i in plan.initiatives
            ),
        ],
        "Scenarios": [
            ["scenario_name", "from_period", "to_period", "objective_mode"],
            [NAME, scenario.from_period, scenario.to_period, "north_star"],
        ],
        "Periods": [["period_key"], *([period] for period in plan.periods)],
        "Capacity": [
            ["dimension", "dimension_key", "amount"],
            *(
                [TEAM, limit.slice.key, limit.amount]
                for limit in rules_of_kind(scenario.rules, PeriodCapacity)
                if limit.slice is not None
            ),
        ],
    }
    book = openpyxl.Workbook()
    for sheet in book.worksheets:
        book.remove(sheet)
    for title, rows in tabs.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)


def main(limit_s: float, size: RoadmapSize) -> None:
    """Prints the figures."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roadmap.xlsx"
        write_roadmap(size, path)
        begun = cpu_time()
        checked = check(ExcelWorkbook(path).read(wanted_tabs))
        print(f"{size}: read and checked in {cpu_time() - begun:.1f} CPU s, {len(checked.issues)} issues")
        run = run_apart(path, limit_s)
        print(f"{', '.join(run.statuses)} after {run.wall_s:.0f} s of the clock and {run.cpu_s:.0f} CPU s")
        print(f"{run.peak_mib:.0f} MiB at most")
        runs = openpyxl.load_workbook(path, read_only=True)["Runs"]
        header, *_, last = runs.iter_rows(values_only=True)
        print({name: value for name, value in zip(header, last, strict=False) if name in ("objective", "bound", "gap")})


if __name__ == "__main__":
    main(float(sys.argv[1]), RoadmapSize(*map(int, sys.argv[2].split("x"))) if len(sys.argv) > 2 else LARGEST)
