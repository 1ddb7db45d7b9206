"""A published selection of projects over five years, with a budget for each year, solved through a workbook.

"Choice of expansion projects", section 13.6 of Gueret, Prins and Sevaux, Applications of Optimisation with Xpress-MP
(2002): what each project costs in each of five years and brings in the end, and the funds of each year. The answer is
projects 3, 4 and 5 for 19.89 million; every project takes all five years, so when it starts is no choice.
"""

from itertools import compress, product
from math import fsum
from pathlib import Path

import pytest

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
