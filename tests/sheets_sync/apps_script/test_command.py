"""`sheetplan apps-script`: what it prints, writes and pushes, and what it refuses."""

import json
import os
import re
from importlib.resources import files
from pathlib import Path

import pytest

from sheets_sync.apps_script.printed import PARTS
from tests.end_to_end.cli import Said, Sheetplan

SCOPES = [
    "openid",
    "https://www.googleapis.com/auth/userinfo.email",
    "https://www.googleapis.com/auth/spreadsheets.currentonly",
    "https://www.googleapis.com/auth/script.external_request",
    "https://www.googleapis.com/auth/script.container.ui",
]
SOURCE = files("sheets_sync.apps_script") / "script"


class Command:
    """Calls `sheetplan apps-script` in a folder, with further programs on PATH."""

    def __init__(self, sheetplan: Sheetplan, monkeypatch: pytest.MonkeyPatch) -> None:
        self._sheetplan, self._monkeypatch = sheetplan, monkeypatch

    def __call__(self, *arguments: str, cwd: Path, path: Path | None = None) -> Said:
        with self._monkeypatch.context() as patch:
            patch.chdir(cwd)
            if path is not None:
                patch.setenv("PATH", str(path), prepend=os.pathsep)
            return self._sheetplan("apps-script", *arguments)


@pytest.fixture
def sheetplan(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    return Command(Sheetplan(capsys), monkeypatch)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder as `clasp clone` leaves it."""
    (tmp_path / ".clasp.json").write_text('{"scriptId": "abc", "rootDir": ""}')
    (tmp_path / "appsscript.json").write_text('{"timeZone": "Europe/London", "dependencies": {}}')
    (tmp_path / "Code.js").write_text("function myFunction() {\n  \n}\n")
    return tmp_path


def clasp(folder: Path, exit_code: int = 0) -> Path:
    """A clasp that notes how it was called; returns the folder to put on PATH."""
    program = folder / "bin" / "clasp"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$PWD: $@" >>"{folder}/called"\necho "Pushed 3 files."\nexit {exit_code}\n')
    program.chmod(0o755)
    return program.parent


def test_it_prints_steps_and_the_very_files_of_the_package(sheetplan: Command, tmp_path: Path) -> None:
    done = sheetplan(cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    steps, *printed = re.split(r"^======== (.+) ========\n", done.out, flags=re.MULTILINE)
    assert steps.startswith("1. In the sheet, open Extensions > Apps Script.\n2. ")
    assert "service.audience" in steps
    shown = dict(zip(printed[::2], printed[1::2], strict=True))
    assert list(shown) == ["Code.gs", "Sidebar.html", "appsscript.json"]
    assert shown["Code.gs"].endswith("\n".join((SOURCE / part).read_text() for part in PARTS) + "\n")
    # A printed file ends with the blank line that parts it from the next.
    assert (SOURCE / "Sidebar.html").read_text().split("\n", 1)[1] in shown["Sidebar.html"]
    assert json.loads(shown["appsscript.json"]) == json.loads((SOURCE / "appsscript.json").read_text())
    assert json.loads(shown["appsscript.json"])["oauthScopes"] == SCOPES


def test_json_holds_the_files(sheetplan: Command, tmp_path: Path) -> None:
    done = sheetplan("--json", "--url", "https://plan.example.com/team/", cwd=tmp_path)
    document = json.loads(done.out)
    assert document["url"] == "https://plan.example.com/team"
    assert (document["pushed"], document["written"]) == (False, [])
    assert '"url": "https://plan.example.com/team",' in document["files"]["Code.gs"]
    manifest = json.loads(document["files"]["appsscript.json"])
    assert manifest["urlFetchWhitelist"] == ["https://plan.example.com/team/"]


@pytest.mark.parametrize(
    "url",
    ["", "plan.example.com", "http://plan.example.com", "https://me:pass@plan.example.com", "https://a.example.com?b=c",
     "http://localhost.example.com", "https://a b"],
)  # fmt: skip
def test_an_address_that_cannot_be_a_services_is_refused(sheetplan: Command, tmp_path: Path, url: str) -> None:
    done = sheetplan("--url", url, cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert f'Error: "{url}" cannot be the address of the service. Give one that begins with https://' in done.err


def test_a_service_on_this_machine_may_be_plain_http(sheetplan: Command, tmp_path: Path) -> None:
    done = sheetplan("--json", "--url", "http://localhost:8080", cwd=tmp_path)
    manifest = json.loads(json.loads(done.out)["files"]["appsscript.json"])
    assert "urlFetchWhitelist" not in manifest


def test_files_are_written_into_a_folder_and_again_over_themselves(sheetplan: Command, tmp_path: Path) -> None:
    for _ in range(2):
        done = sheetplan("--into", "made/here", cwd=tmp_path)
        assert done.code == 0, done.err
        assert done.out == "Written: made/here/Code.js, made/here/Sidebar.html, made/here/appsscript.json.\n"
    assert {file.name for file in (tmp_path / "made/here").iterdir()} == {"Code.js", "Sidebar.html", "appsscript.json"}


def test_clasp_pushes_and_the_project_keeps_what_is_its_own(sheetplan: Command, project: Path) -> None:
    done = sheetplan("--push", "--json", "--url", "https://plan.example.com", cwd=project, path=clasp(project))
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert document["pushed"] is True
    assert "Pushed 3 files." in done.err
    assert (project / "called").read_text() == f"{project}: push --force\n"
    manifest = json.loads((project / "appsscript.json").read_text())
    assert manifest["timeZone"] == "Europe/London"
    assert manifest["oauthScopes"] == SCOPES
    assert manifest["urlFetchWhitelist"] == ["https://plan.example.com/"]
    assert "function sheetplanRunTicked()" in (project / "Code.js").read_text()


def test_the_folder_of_a_clasp_project_may_be_named_and_hold_its_files_further_down(
    sheetplan: Command, project: Path
) -> None:
    (project / "src").mkdir()
    (project / ".clasp.json").write_text('{"scriptId": "abc", "rootDir": "src"}')
    (project / "appsscript.json").rename(project / "src" / "appsscript.json")
    done = sheetplan("--push", "--into", str(project), cwd=project.parent, path=clasp(project))
    assert done.code == 0, done.err
    assert "Reload the sheet and choose Sheetplan > Connect..." in done.out
    assert (project / "src" / "Code.js").exists()
    assert (project / "called").read_text() == f"{project}: push --force\n"


def test_code_of_the_project_is_never_overwritten_nor_robbed_of_its_rights(sheetplan: Command, project: Path) -> None:
    theirs = "function onOpen() { SpreadsheetApp.getUi(); }\n"
    (project / "Code.js").write_text(theirs)
    path = clasp(project)
    scopes = {"oauthScopes": ["https://www.googleapis.com/auth/drive"]}
    (project / "appsscript.json").write_text(json.dumps(scopes))
    refused = sheetplan("--push", cwd=project, path=path)
    assert refused.code == 2
    assert "Code.js holds something else. Give it another name" in refused.err
    (project / "Code.js").rename(project / "Ours.js")
    (project / "appsscript.json").write_text("{}")
    refused = sheetplan("--push", cwd=project, path=path)
    assert refused.code == 2
    assert "appsscript.json lists no oauthScopes" in refused.err
    assert not (project / "called").exists()
    (project / "appsscript.json").write_text(json.dumps(scopes))
    done = sheetplan("--push", "--url", "https://plan.example.com", cwd=project, path=path)
    assert done.code == 0, done.err
    manifest = json.loads((project / "appsscript.json").read_text())
    assert manifest["oauthScopes"] == [*scopes["oauthScopes"], *SCOPES]
    assert "urlFetchWhitelist" not in manifest
    assert (project / "Ours.js").read_text() == theirs


@pytest.mark.parametrize(
    ("file", "content", "reported"),
    [
        (".clasp.json", None, "There is no .clasp.json in "),
        (".clasp.json", "[]", "is not what clasp writes."),
        ("appsscript.json", None, "Fetch the project first, or it is lost: clasp pull"),
        ("appsscript.json", "[]", "appsscript.json is not a JSON object. Mend or delete it"),
    ],
)
def test_a_project_that_is_not_set_up_is_reported_before_anything_is_written(
    sheetplan: Command, project: Path, file: str, content: str | None, reported: str
) -> None:
    (project / file).unlink() if content is None else (project / file).write_text(content)
    done = sheetplan("--push", cwd=project, path=clasp(project))
    assert done.code == 2
    assert reported in done.err
    assert not (project / "Sidebar.html").exists()
    assert not (project / "called").exists()


def test_clasp_that_is_missing_or_fails_is_reported(
    sheetplan: Command, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = sheetplan("--push", cwd=project, path=clasp(project, exit_code=3))
    assert failed.code == 5
    assert "sheetplan: clasp could not push the script (exit code 3). It says: Pushed 3 files." in failed.err
    monkeypatch.setenv("PATH", str(project / "nowhere"))
    missing = sheetplan("--push", cwd=project)
    assert missing.code == 2
    assert "clasp is not installed. Install it with: npm install --global @google/clasp" in missing.err
