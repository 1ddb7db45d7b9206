"""The project's own promises: who imports whom, what is pinned, what is documented."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grimp
import pytest

from sheets_sync.cli import cli

ROOT = Path(__file__).parent.parent
LOCKS = ["requirements.lock", "requirements-test.lock", "requirements-bench.lock"]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = ("optimizer", "config", "sheets_sync")

DISTRIBUTIONS = {"google": "google-auth", "pydantic_core": "pydantic", "cbcbox": "pulp", "PIL": "pillow"}
"""The dependency that brings a top-level module, where the names differ."""
OPTIMIZER_MAY_IMPORT = {"pydantic", "pydantic_core", "pulp", "numpy", "highspy", "cbcbox"}
IMPURE = {
    *("datetime", "os", "pathlib", "random", "shutil", "socket", "subprocess", "sqlite3", "tempfile", "time", "urllib"),
    *("asyncio", "concurrent", "multiprocessing"),
}
OPTIMIZER_EXCEPTIONS = {
    # CBC is a program of its own: it is started, fed through files, and killed when it overruns.
    "optimizer.solvers.cbc": {"subprocess", "tempfile", "pathlib", "time"},
    # HiGHS writes CBC's files.
    "optimizer.solvers.highs": {"pathlib"},
    # Where problems are large, HiGHS is a program of its own too.
    "optimizer.solvers.highs_process": {"os", "subprocess", "tempfile", "pathlib", "time"},
    # Time limits are measured, and decide nothing but when to stop.
    "optimizer.search.clock": {"time"},
    "optimizer.search.tie_breaking": {"time"},
    "optimizer.search.stages": {"time"},
    # Neighborhoods are drawn from a source with a fixed seed: the same ones each time, on every machine.
    "optimizer.search.neighborhoods": {"random"},
    # Scenarios side by side, as many as there are cores, and the questions of a study likewise.
    "optimizer.scenarios": {"concurrent", "os"},
    # Long studies of many small solves have a process for each core.
    "optimizer.studies.parallel": {"concurrent", "multiprocessing", "os", "time"},
}
"""Where the optimizer touches the world outside, and why; everything else in it is pure."""


def locked(name: str) -> Iterator[tuple[str, str, list[str]]]:
    """(package, version, hashes) of each entry of a lock file."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        match = re.match(r"([a-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+)", line)
        assert match, f"{name}: {line[:80]!r} pins no version"
        yield match[1], match[2], re.findall(r"--hash=sha256:([0-9a-f]{64})\b", line)


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    """Which module imports which, the world outside included."""
    return grimp.build_graph(*PACKAGES, include_external_packages=True, cache_dir=None)


def test_import_contracts_of_pyproject_are_kept() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run(
        [linter, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("inner", ["optimizer", "config"])
def test_inner_packages_import_no_other_package_of_ours(imports: grimp.ImportGraph, inner: str) -> None:
    for other in set(PACKAGES) - {inner}:
        assert not imports.find_shortest_chains(inner, other, as_packages=True)


def test_optimizer_imports_nothing_impure_and_few_libraries(imports: grimp.ImportGraph) -> None:
    """Whatever is not named here needs a decision, not just an import."""
    found = {
        (module, imported.partition(".")[0])
        for module in imports.find_descendants("optimizer") | {"optimizer"}
        for imported in imports.find_modules_directly_imported_by(module)
        if imported.partition(".")[0] not in PACKAGES
    }
    libraries = {name for _, name in found if name not in sys.stdlib_module_names}
    assert libraries <= OPTIMIZER_MAY_IMPORT
    impure = {(module, name) for module, name in found if name in IMPURE}
    assert impure == {(module, name) for module, names in OPTIMIZER_EXCEPTIONS.items() for name in names}


def test_every_library_that_is_imported_is_a_declared_dependency(imports: grimp.ImportGraph) -> None:
    """A library that only comes along with another one disappears when that one changes its mind."""
    ours = {module for module in imports.modules if module.partition(".")[0] in PACKAGES}
    used = {
        imported.partition(".")[0] for module in ours for imported in imports.find_modules_directly_imported_by(module)
    }
    libraries = used - set(PACKAGES) - sys.stdlib_module_names
    extras = PYPROJECT["project"]["optional-dependencies"]
    asked = [*PYPROJECT["project"]["dependencies"], *extras["service"], *extras["mcp"], *extras["charts"]]
    declared = {re.split(r"[^A-Za-z0-9_.-]", text)[0] for text in asked}
    assert {DISTRIBUTIONS.get(name, name.replace("_", "-")) for name in libraries} <= declared


def test_only_the_service_needs_what_its_extra_brings(imports: grimp.ImportGraph) -> None:
    """Whoever installs without the extra has every command but `serve` and `worker`."""
    extra = {re.split(r"[^A-Za-z0-9_.-]", text)[0] for text in PYPROJECT["project"]["optional-dependencies"]["service"]}
    brought = {name for name in extra if name not in ("psycopg", "tzdata")}
    importers = {
        module
        for module in imports.modules
        for imported in imports.find_modules_directly_imported_by(module)
        if DISTRIBUTIONS.get(top := imported.partition(".")[0], top.replace("_", "-")) in brought
    }
    outside = {module for module in importers if not module.startswith(("sheets_sync.jobs.", "sheets_sync.service."))}
    assert outside == {"sheets_sync.cli.service_commands"}


def test_the_job_engine_has_one_door(imports: grimp.ImportGraph) -> None:
    importers = {
        module
        for module in imports.modules
        for imported in imports.find_modules_directly_imported_by(module)
        if imported.partition(".")[0] == "dbos"
    }
    # The command only asks whether it is installed.
    assert importers == {"sheets_sync.jobs.durable", "sheets_sync.cli.service_commands"}


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_file_holds_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|@ |--(extra-)?index-url|--find-links", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_file_pins_each_package_once_with_hashes(lock: str) -> None:
    entries = list(locked(lock))
    assert len({package for package, _, _ in entries}) == len(entries) > 0
    assert [package for package, _, hashes in entries if not hashes] == []


def test_node_packages_are_pinned_by_hash_and_without_address() -> None:
    folder = ROOT / "tests" / "sheets_sync" / "apps_script"
    text = (folder / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in text
    entries = json.loads(text)["packages"]
    asked = json.loads((folder / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert entries.pop("")["devDependencies"] == asked
    assert all(re.fullmatch(r"[0-9.]+", version) for version in asked.values())
    assert [name for name, entry in entries.items() if not entry["integrity"].startswith("sha512-")] == []


def test_lock_hashes_cover_other_platforms() -> None:
    """A compiled package has a wheel per platform and Python: one hash alone would be this machine's only."""
    hashes = {package: found for package, _, found in locked("requirements.lock")}
    assert all(len(hashes[package]) > 20 for package in ("numpy", "pandas", "highspy", "pydantic-core"))


def test_smaller_lock_files_are_contained_in_larger_ones() -> None:
    small, middle, large = ({entry[:2] for entry in locked(lock)} for lock in LOCKS)
    assert small < middle < large


@pytest.mark.parametrize("lock", LOCKS)
def test_every_dependency_of_the_project_is_locked(lock: str) -> None:
    """pyproject.toml was changed, and `make lock` forgotten."""
    pinned = {package for package, _, _ in locked(lock)}
    for requirement in [*PYPROJECT["project"]["dependencies"], *PYPROJECT["build-system"]["requires"]]:
        name = re.match(r"[A-Za-z0-9._-]+", requirement)
        assert name
        assert name[0].lower().replace("_", "-") in pinned


def test_changelog_opens_with_the_version_of_pyproject() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[(\d[^\]]*)\]", changelog, re.MULTILINE)
    assert versions[0] == PYPROJECT["project"]["version"]
    assert len(set(versions)) == len(versions)


def make_targets() -> set[str]:
    """The targets meant for people."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^\.PHONY: (\S+)$", makefile, re.MULTILINE))


def test_make_alone_lists_every_target_with_an_explanation() -> None:
    result = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    listed = dict(re.findall(r"^  make (\S+) +(\S.*)$", result.stdout, re.MULTILINE))
    assert set(listed) == make_targets()
    assert {"setup", "demo", "test", "lint", "format", "bench", "clean", "lock"} <= set(listed)


def code_in(document: Path) -> str:
    """What a document shows as code: indented and fenced blocks, and words between backticks."""
    text = document.read_text(encoding="utf-8")
    return "\n".join(re.findall(r"^```.*?^```|^ {4}[^\n]*|`[^`\n]+`", text, re.MULTILINE | re.DOTALL))


DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_make_targets_in_documents_exist(document: Path) -> None:
    used = set(re.findall(r"\bmake (?:[A-Z]+=\S+ )*([a-z][a-z-]*)", code_in(document)))
    assert used <= make_targets()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_and_options_in_documents_exist(document: Path) -> None:
    for name, rest in re.findall(r"\bsheetplan ([a-z]+(?:-[a-z]+)*)\b([^`\n]*)", code_in(document)):
        assert name in cli.commands, f"there is no command {name!r}"
        options = {option for parameter in cli.commands[name].params for option in parameter.opts}
        assert set(re.findall(r"(?<!\S)--[a-z-]+", rest)) <= options, f"sheetplan {name}{rest}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text(encoding="utf-8"))
    missing = [target for target in targets if "://" not in target and not (document.parent / target).exists()]
    assert missing == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel that would be released, built from a copy of the tree."""
    tree = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__"))
    for path in [*ROOT.glob("*.md"), ROOT / "pyproject.toml", ROOT / "LICENSE"]:
        shutil.copy(path, tree)
    build = "from setuptools.build_meta import build_wheel; build_wheel('dist')"
    subprocess.run([sys.executable, "-c", build], cwd=tree, check=True, capture_output=True, timeout=120)
    return zipfile.ZipFile(next((tree / "dist").glob("*.whl")))


def test_wheel_holds_every_module_and_data_file(wheel: zipfile.ZipFile) -> None:
    """What works from a clone works when installed: the example, and whatever else is not Python, is packaged too."""
    packaged = {name for name in wheel.namelist() if not name.startswith("sheetplan-")}
    in_tree = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packaged == in_tree
    assert any(name.endswith("/LICENSE") for name in wheel.namelist())


def test_trees_of_packages_are_listed_for_packaging_and_typed() -> None:
    """Three top-level packages: setuptools finds them only by name, and each says that it is typed."""
    include = PYPROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    for package in PACKAGES:
        assert {package, f"{package}.*"} <= set(include)
        assert (ROOT / package / "py.typed").is_file()
        folders = {path.parent for path in (ROOT / package).rglob("*.py")}
        assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_every_promise_of_the_threat_model_names_a_test_that_exists() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)`", page)
    assert len(named) >= 15
    assert [path for path in named if not (ROOT / path).is_file()] == []


@pytest.fixture(scope="module")
def installed(wheel: zipfile.ZipFile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of a fresh environment that holds the wheel with its extras, in the locked versions."""
    folder = tmp_path_factory.mktemp("installed")
    locked = [line.split(" ")[0] for line in (ROOT / "requirements-test.lock").read_text().splitlines() if "==" in line]
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(locked))
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True, timeout=120)
    commands = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    # Of a hundred libraries few are imported here: compiling all of them would take longer than the rest of the test.
    pip = [sys.executable, "-m", "pip", "--python", commands / "python", "install", "--no-compile"]
    pip += ["--quiet", "--only-binary", ":all:", "-c", constraints]
    done = subprocess.run(
        [*pip, f"{wheel.filename}[cbc,mcp,service,traces]"], capture_output=True, text=True, timeout=900
    )
    if done.returncode and any(sign in done.stderr for sign in NO_NETWORK):
        pytest.skip("packages cannot be downloaded here")
    assert done.returncode == 0, done.stderr
    return commands


NO_NETWORK = ("Failed to establish a new connection", "Temporary failure in name resolution", "Network is unreachable")


def test_an_installed_wheel_runs_away_from_the_clone(installed: Path, tmp_path: Path) -> None:
    """The example with both solvers, and the commands of the extra: nothing is taken from the working directory."""
    store = str(tmp_path / "runs.sqlite3")
    environment = {"PATH": str(installed), "HOME": str(tmp_path), "SHEETPLAN_STORE__PATH": store}

    def sheetplan(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [installed / "sheetplan", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=180)

    assert sheetplan("--version").stdout == f"sheetplan {PYPROJECT['project']['version']}\n"
    demo = sheetplan("demo", "--json")
    assert demo.returncode == 0, demo.stderr
    workbook = next(tmp_path.rglob("*.xlsx"))
    again = sheetplan("run", str(workbook), "--scenario", "GMV first", "--solver", "cbc", "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["scenarios"][0]["solver"]["name"] == "CBC"
    assert sheetplan("serve", "--help").returncode == 0
    assert "Name registered workbooks, or give --all." in sheetplan("sync").stderr
    worker = "from sheets_sync.jobs.worker import Worker; from sheets_sync.service.app import create_app"
    subprocess.run([installed / "python", "-c", worker], cwd=tmp_path, check=True, timeout=60)


def test_the_container_copies_what_the_package_is_made_of() -> None:
    """Building it takes an engine and the network; that it names what is there needs neither."""
    lines = (ROOT / "Containerfile").read_text(encoding="utf-8").splitlines()
    copied = {source for line in lines if line.startswith("COPY ") for source in line.split()[1:-1]}
    assert copied == {"requirements.lock", "pyproject.toml", "README.md", "LICENSE", *PACKAGES}
    assert all((ROOT / source).exists() for source in copied)
    assert "USER sheetplan" in lines
