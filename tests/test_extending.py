"""docs/extending.md is true: its code, put into a copy of the repository, gives a rule that is known everywhere."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest

from tests.workbooks import write_workbook

ROOT = Path(__file__).parents[1]
_EDIT = re.compile(r"<!-- (\S+\.py) (new|end|after: (.*?)) -->\n```\w+\n(.*?)```\n", re.DOTALL)

KPIS = [["kpi_key", "kpi_level", "unit"], ["gmv", "north_star", "GBP"]]
INITIATIVES = [
    ["initiative_key", "engineering_tokens", "category", "gmv", "is_mandatory", "mandate_reason"],
    ["GROW-1", 70, "Growth", 900, False, None],
    ["GROW-2", 20, "Growth", 0, False, None],
    ["GROW-3", 80, "Growth", 10, False, None],
    ["TRUST-1", 30, "Trust", 0, False, None],
]
SCENARIOS = [["scenario_name", "objective_mode", "capacity_total_tokens"], ["Base", "north_star", 200]]
CONSTRAINTS = [
    ["constraint_type", "dimension", "dimension_key", "average_tokens"],
    ["average_cap", "category", "Growth", 50],
]

CHECKED_WITHOUT_A_SOLVER = """
import sys
import optimizer
from optimizer import evaluate, explain_infeasible
from optimizer.plan import *
from optimizer.rules import AverageBound

print(optimizer.__file__)
trust = Slice(dimension="category", key="Trust")
average = AverageBound(slice=trust, tokens=30.0, source="Constraints!D2")
items = (
    Initiative(key="A", costs={TOKENS: 45.0}, dimensions={"category": "Trust"}, is_mandatory=True),
    Initiative(key="B", costs={TOKENS: 20.0}, dimensions={"category": "Trust"}, contributions={"gmv": 1.0}),
)
question = Scenario(name="S", objective_mode=ObjectiveMode.NORTH_STAR, capacities={TOKENS: 99.0}, rules=(average,))
plan = Plan(kpis=(Kpi(key="gmv", is_north_star=True),), initiatives=items, scenarios=(question,))
print([(broken.rule.kind, broken.amount) for broken in evaluate(plan, "S", {"A", "B"}).violations])
print(explain_infeasible(plan, "S").sentence)
print([way.sentence for way in explain_infeasible(plan, "S").relaxations])
"""


@dataclass(frozen=True)
class Copy:
    """The repository with the change made."""

    root: Path

    def python(self, *arguments: str) -> str:
        done = subprocess.run([sys.executable, *arguments], cwd=self.root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def run(self, rows: list[list[object]]) -> tuple[dict, Path]:
        """The one scenario of a run of these constraints, as JSON, and the workbook that it wrote."""
        tabs = {"KPIs": KPIS, "Initiatives": INITIATIVES, "Scenarios": SCENARIOS, "Constraints": rows}
        path = write_workbook(self.root / "plan.xlsx", tabs)
        return json.loads(self.python("-m", "sheets_sync", "run", str(path), "--json"))["scenarios"][0], path


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """What the page says, done: each block of code goes where the comment above it says."""
    root = tmp_path_factory.mktemp("copy")
    for room in ("optimizer", "config", "sheets_sync", "scripts", "docs"):
        shutil.copytree(ROOT / room, root / room, ignore=shutil.ignore_patterns("__pycache__"))
    edits = _EDIT.findall((ROOT / "docs" / "extending.md").read_text(encoding="utf-8"))
    assert len(edits) == 9
    for name, how, anchor, code in edits:
        path = root / name
        text = "" if how == "new" else path.read_text(encoding="utf-8")
        if how in ("new", "end"):
            text = f"{text}\n\n{code}".lstrip("\n")
        else:
            assert text.count(f"{anchor}\n") == 1, f"{anchor!r} is not once in {name}"
            text = text.replace(f"{anchor}\n", f"{anchor}\n{code}")
        path.write_text(text, encoding="utf-8")
    return Copy(root)


def test_checker_and_explanation_know_the_rule(copy: Copy) -> None:
    found = copy.python("-c", CHECKED_WITHOUT_A_SOLVER).splitlines()
    assert found == [
        str(copy.root / "optimizer" / "__init__.py"),
        "[('average_cap', 5.0)]",
        "No portfolio keeps these rules together: A is mandatory and category Trust costs at most 30 "
        "tokens on average (Constraints!D2).",
        "['make A not mandatory', 'drop the average for category Trust']",
    ]


def test_reasons_and_report_know_the_rule(copy: Copy) -> None:
    scenario, path = copy.run(CONSTRAINTS)
    assert scenario["selected"] == ["GROW-1", "GROW-2"]
    assert scenario["reasons"] == {
        "GROW-1": "on merit",
        "GROW-2": "keeps category Growth at 50 on average",
        "GROW-3": "would push category Growth above 50 on average",
        "TRUST-1": "adds nothing to the objective",
    }
    results = openpyxl.load_workbook(path)["Results details"]
    rows = [[cell.value for cell in row[:8]] for row in results.iter_rows()]
    (use,) = [row for row in rows if row[2] == "category Growth"]
    assert use[:2] == ["Base", "engineering_tokens"]
    assert (use[4], use[7]) == (90, 100)


def test_a_wrong_row_of_the_new_type_is_reported_as_any_other(copy: Copy) -> None:
    twice = [*CONSTRAINTS, CONSTRAINTS[1]]
    tabs = {"KPIs": KPIS, "Initiatives": INITIATIVES, "Scenarios": SCENARIOS, "Constraints": twice}
    path = write_workbook(copy.root / "wrong.xlsx", tabs)
    command = [sys.executable, "-m", "sheets_sync", "check", str(path), "--json"]
    done = subprocess.run(command, cwd=copy.root, capture_output=True, text=True, check=False)
    issues = json.loads(done.stdout)["issues"]
    (repeated,) = [issue for issue in issues if issue["tab"] == "Constraints"]
    assert (repeated["cell"], repeated["code"]) == ("D3", "repeated_rule")
    assert repeated["message"].startswith("An average for category Growth")


def test_documentation_follows(copy: Copy) -> None:
    copy.python("-m", "scripts.documentation", "--write")
    workbook = (copy.root / "docs" / "workbook.md").read_text(encoding="utf-8")
    assert "| `average_tokens` |  | number, at least 0 | average_cap: the most that initiatives" in workbook
    assert (
        "| `average_cap` | `dimension`, `dimension_key`, `average_tokens` |  | what is selected in the slice costs"
        in workbook
    )
    rules = (copy.root / "docs" / "optimizer.md").read_text(encoding="utf-8")
    assert (
        "| (30) | What is selected in a slice may not cost more than so many engineering tokens on average. |" in rules
    )
