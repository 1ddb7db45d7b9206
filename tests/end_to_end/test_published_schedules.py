"""Published problems of what to do and when, solved through a workbook: each comes to the answer that is in print.

"Choice of expansion projects", section 13.6 of Gueret, Prins and Sevaux, Applications of Optimisation with Xpress-MP
(2002): what each project costs in each of five years and brings in the end, and the funds of each year. The answer is
projects 3, 4 and 5 for 19.89 million; every project takes all five years, so when it starts is no choice.

"Job sequencing with deadlines", section 4.4 of Horowitz and Sahni, Fundamentals of Computer Algorithms (1978): jobs of
one unit of time each, one at a time, which earn their profit if they are finished by their deadline. All selections
that can be done are printed with their values; the best is jobs 1 and 4 for 127, of which 4 comes first.

Project j301_1 of PSPLIB: jobs that last several days and need one of four resources, many of them after others. It
takes 43 days and no less.
"""

from collections import Counter
from itertools import combinations, compress, product
from math import fsum
from pathlib import Path

import pytest

from optimizer import solve_scenario
from optimizer.portfolio import Status
from sheets_sync.checks import check
from sheets_sync.excel import ExcelWorkbook
from sheets_sync.run.read_inputs import wanted_tabs
from tests.end_to_end.cli import Sheetplan
from tests.workbooks import write_workbook

YEARS = ("2027", "2028", "2029", "2030", "2031")
FUNDS = (4.8, 6.0, 4.8, 4.2, 3.5)
PROJECTS = (
    ("Expand assembly line", 10.8, (1.8, 2.4, 2.4, 1.8, 1.5)),
    ("Reorganize the main shop", 4.8, (1.2, 1.8, 2.4, 0.6, 0.5)),
    ("New painting facilities", 3.2, (1.2, 1.0, 0.0, 0.48, 0.0)),
    ("Research for a new concept car", 4.44, (1.4, 1.4, 1.2, 1.2, 1.2)),
    ("Reorganize the logistics chain", 12.25, (1.6, 2.1, 2.5, 2.0, 1.8)),
)


def test_no_other_selection_is_within_the_funds_and_as_good() -> None:
    found = {}
    for chosen in product((False, True), repeat=len(PROJECTS)):
        picked = list(compress(PROJECTS, chosen))
        if all(fsum(costs[year] for _, _, costs in picked) <= funds for year, funds in enumerate(FUNDS)):
            found[chosen] = fsum(benefit for _, benefit, _ in picked)
    best = max(found, key=lambda chosen: found[chosen])
    assert (best, found[best]) == ((False, False, True, True, True), pytest.approx(19.89))
    assert sum(value >= 19.89 for value in found.values()) == 1


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_published_optimum_is_found_through_a_workbook(sheetplan: Sheetplan, tmp_path: Path, solver: str) -> None:
    shares = [f"Tokens in {number}" for number in range(1, len(YEARS) + 1)]
    path = write_workbook(
        tmp_path / "expansion.xlsx",
        {
            "KPIs": [["KPI", "Level"], ["benefit", "north_star"]],
            "Initiatives": [
                ["Initiative", "Title", "Effort", "Duration periods", *shares, "benefit"],
                *(
                    [f"P{number}", title, round(sum(costs), 2), len(costs), *costs, benefit]
                    for number, (title, benefit, costs) in enumerate(PROJECTS, start=1)
                ),
            ],
            "Scenarios": [
                ["Scenario", "From period", "To period", "Objective mode"],
                ["Five years", YEARS[0], YEARS[-1], "north_star"],
            ],
            "Capacity": [["Period", "Amount"], *zip(YEARS, FUNDS, strict=True)],
        },
    )
    said = sheetplan("run", path, "--json", "--solver", solver)
    assert said.code == 0, said.out
    (answer,) = said.document["scenarios"]
    assert (answer["status"], answer["selected"]) == ("optimal", ["P3", "P4", "P5"])
    assert answer["objective"] == pytest.approx(19.89)


PROFITS, DEADLINES = (100, 10, 15, 27), (2, 1, 2, 1)
FEASIBLE = {
    (): 0, (1, 2): 110, (1, 3): 115, (1, 4): 127, (2, 3): 25, (3, 4): 42, (1,): 100, (2,): 10, (3,): 15, (4,): 27,
}  # fmt: skip
"""The values of all selections that can be done; the empty one is not printed."""


def test_published_jobs_with_deadlines_are_selected_and_ordered(sheetplan: Sheetplan, tmp_path: Path) -> None:
    """One scenario chooses freely; one for each selection must do these jobs and no others."""
    jobs = range(1, len(PROFITS) + 1)
    asked = {f"{chosen}": chosen for size in range(len(PROFITS) + 1) for chosen in combinations(jobs, size)}
    rules = [
        [name, "mandatory" if job in chosen else "exclude_initiative", f"J{job}", "asked for"]
        for name, chosen in asked.items()
        for job in jobs
    ]
    path = write_workbook(
        tmp_path / "jobs.xlsx",
        {
            "KPIs": [["KPI", "Level"], ["profit", "north_star"]],
            "Initiatives": [
                ["Initiative", "Effort", "Latest finish", "profit"],
                *(
                    [f"J{job}", 1, f"Slot {by}", profit]
                    for job, by, profit in zip(jobs, DEADLINES, PROFITS, strict=True)
                ),
            ],
            "Scenarios": [
                ["Scenario", "From period", "To period", "Objective mode"],
                *([name, "Slot 1", "Slot 2", "north_star"] for name in ("free", *asked)),
            ],
            "Periods": [["Period"], ["Slot 1"], ["Slot 2"]],
            "Capacity": [["Amount"], [1]],
            "Constraints": [["Scenario", "Type", "Member keys", "Notes"], *rules],
        },
    )
    free, *others = sheetplan("run", path, "--json", "--dry-run").document["scenarios"]
    assert (free["status"], free["objective"], free["starts"]) == ("optimal", 127, {"J1": "Slot 2", "J4": "Slot 1"})
    found = {asked[one["scenario"]]: one["objective"] for one in others if one["status"] == "optimal"}
    assert found == FEASIBLE
    assert {one["status"] for one in others} == {"optimal", "infeasible"}


def test_published_project_takes_as_long_as_it_says_and_no_less(sheetplan: Sheetplan, tmp_path: Path) -> None:
    lines = (Path(__file__).parents[1] / "data" / "psplib-j301-1.txt").read_text().splitlines()
    (days,), units, *jobs = ([int(word) for word in line.split()] for line in lines if not line.startswith("#"))
    resources = [f"R{number}" for number in range(1, len(units) + 1)]
    last = {job: duration for job, duration, *_ in jobs}
    needs = [(later, job) for job, _, _, _, *after in jobs for later in after]

    def workbook(length: int) -> Path:
        rows = [
            [
                f"J{job}",
                0,
                duration,
                True,
                "all of it",
                *(amount * duration * (at == resource) or None for at in range(1, 5)),
            ]
            for job, duration, resource, amount, *_ in jobs
        ]
        return write_workbook(
            tmp_path / f"{length} days.xlsx",
            {
                "KPIs": [["KPI", "Level"], ["value", "north_star"]],
                "Initiatives": [
                    ["Initiative", "Effort", "Duration periods", "Mandatory", "Mandatory reason",
                     *(f"cost: {resource}" for resource in resources), "value"],
                    *([*row, 1] for row in rows),
                ],
                "Scenarios": [
                    ["Scenario", "From period", "To period", "Objective mode"],
                    ["Project", "Day 1", f"Day {length}", "north_star"],
                ],
                "Periods": [["Period"], *([f"Day {day}"] for day in range(1, length + 1))],
                "Capacity": [["Resource", "Amount"], *zip(resources, units, strict=True)],
                "Constraints": [
                    ["Type", "Member keys", "Lag periods"],
                    *(["prerequisite", f"J{later}, J{job}", 1] for later, job in needs),
                ],
            },
        )  # fmt: skip

    (answer,) = sheetplan("run", workbook(days), "--json", "--dry-run").document["scenarios"]
    assert (answer["status"], answer["objective"]) == ("optimal", len(jobs))
    starts = {int(key.removeprefix("J")): int(day.removeprefix("Day ")) for key, day in answer["starts"].items()}
    assert all(starts[later] >= starts[job] + last[job] for later, job in needs)
    used = Counter[tuple[int, int]]()
    for job, duration, resource, amount, *_ in jobs:
        used += Counter({(resource, starts[job] + day): amount for day in range(duration)})
    assert max(day for _, day in used) == days
    assert all(amount <= units[resource - 1] for (resource, _), amount in used.items())
    # One day less, and without looking for the reasons.
    plan = check(ExcelWorkbook(workbook(days - 1)).read(wanted_tabs)).plan
    assert plan is not None
    assert solve_scenario(plan, "Project", explain=False).status is Status.INFEASIBLE
