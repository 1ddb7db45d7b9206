"""The container: built from the Containerfile and run, where there is an engine to do so."""

import json
import secrets
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import container_engine

ROOT = Path(__file__).parent.parent
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

pytestmark = pytest.mark.needs_container_engine


def run(*command: str, timeout_s: float = 120) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=timeout_s)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def container() -> Iterator[tuple[str, ...]]:
    """The beginning of a command line that runs `sheetplan` in a fresh container of the image."""
    engine, image = container_engine(), f"sheetplan-test-{secrets.token_hex(4)}"
    assert engine is not None
    run(engine, "build", "-t", image, "-f", "Containerfile", ".", timeout_s=900)
    yield engine, "run", "--rm", image
    run(engine, "rmi", "--force", image)


def test_the_image_has_this_version_and_solves_the_example(container: tuple[str, ...]) -> None:
    assert run(*container, "--version") == f"sheetplan {VERSION}\n"
    outcome = json.loads(run(*container, "demo", "--json"))
    assert outcome["written"] is True
    assert {scenario["status"] for scenario in outcome["scenarios"]} <= {"optimal", "targets_missed"}


def test_the_image_runs_as_a_user_without_rights_and_has_the_service(container: tuple[str, ...]) -> None:
    *before, image = container
    who = run(*before, "--entrypoint", "id", image, "-un")
    assert who == "sheetplan\n"
    assert "Serve HTTP triggers" in run(*container, "serve", "--help")
