"""Who only wants a plan does not wait for solvers, and every public name is there whatever was imported before."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import optimizer
from optimizer.rules import RULES

ROOT = Path(__file__).parents[2]
HEAVY = {"pulp", "highspy", "numpy"}


def python(code: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *options, "-c", code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)


def loaded_by(statement: str) -> set[str]:
    """Top-level packages that Python loads for a statement, from its own account of imports."""
    report = python(statement, "-X", "importtime").stderr
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in report.splitlines()}


@pytest.mark.parametrize(
    "statement",
    ["import optimizer.plan", "import optimizer.portfolio", "from optimizer import evaluate, solve_plan, SolverName"],
)
def test_plan_and_answer_need_no_solver(statement: str) -> None:
    loaded = loaded_by(statement)
    assert "optimizer" in loaded
    assert not HEAVY & loaded


def test_solving_loads_the_solver() -> None:
    assert loaded_by("from optimizer import solve_scenario") >= HEAVY


def test_public_names_are_what_their_modules_define() -> None:
    for name in optimizer.__all__:
        found = getattr(optimizer, name)
        home = getattr(found, "__module__", "typing")
        assert home == "typing" or getattr(import_module(home), name) is found
        assert name in dir(optimizer)


def test_function_is_not_hidden_by_the_module_of_its_name() -> None:
    python("import optimizer.scenario, optimizer.evaluate\nfrom optimizer import evaluate\nassert callable(evaluate)")


def test_unknown_name_is_reported_as_python_does() -> None:
    with pytest.raises(AttributeError, match="module 'optimizer' has no attribute 'solve_all'"):
        optimizer.solve_all  # noqa: B018


def test_only_the_rules_know_rule_classes() -> None:
    """So that a new rule cannot be forgotten: everything else goes by what every rule can do."""
    classes = {rule_class.__name__ for rule_class in RULES}
    homes = {rule_class.__module__ for rule_class in RULES}
    rooms = [ROOT / name for name in ("optimizer", "sheets_sync", "config", "scripts")]
    files = [path for room in rooms for path in room.rglob("*.py") if path.parent != ROOT / "optimizer" / "rules"]
    assert len(files) > 100
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.module not in homes, path
            names = [getattr(node, "id", None), getattr(node, "attr", None), getattr(node, "name", None)]
            assert not classes.intersection(filter(None, names)), f"{path}: {names}"
