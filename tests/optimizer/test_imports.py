"""Who only wants a plan does not wait for solvers, and every public name is there whatever was imported before."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import optimizer

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


def test_unknown_name_is_told_as_python_does() -> None:
    with pytest.raises(AttributeError, match="module 'optimizer' has no attribute 'solve_all'"):
        optimizer.solve_all  # noqa: B018
