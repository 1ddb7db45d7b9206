"""The script in a folder of someone's: written without losing what is theirs, and pushed with clasp."""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sheets_sync.apps_script.printed import CODE, MANIFEST, MARK

CLASP, CLASP_FILE = "clasp", ".clasp.json"
CODE_SUFFIXES = {".gs", ".js", ".ts"}
_NEW_PROJECT = re.compile(r"\s*function myFunction\(\)\s*\{\s*\}\s*")
"""What the editor puts into a project's first file."""


class ProjectError(Exception):
    """The folder cannot take the script, or clasp is not set up; the message says what to do."""


class PushError(Exception):
    """clasp could not push; the message has its own words."""


def write_files(script: Mapping[str, str], folder: Path) -> Sequence[Path]:
    """Write the script into a folder (made where it is not there); returns the files.

    The code is called as the folder calls it: clasp makes `Code.js` of the editor's `Code.gs`. A manifest that is there
    keeps its time zone, libraries and further scopes.

    Raises:
        ProjectError: a file of that name holds something else, or the manifest there is not JSON.
    """
    suffix = ".gs" if (folder / f"{CODE}.gs").exists() else ".js"
    wanted = {folder / name.replace(".gs", suffix): text for name, text in script.items()}
    manifest = folder / MANIFEST
    if manifest.exists():
        wanted[manifest] = _merged(manifest, json.loads(wanted[manifest]))
    for file in wanted:
        if file != manifest and file.exists() and not _is_ours(file):
            raise ProjectError(
                f"{file} holds something else. Give it another name (all files of a script share their functions), and "
                "try again. If it has an onOpen, delete ours from the new file and call sheetplanMenu() in yours."
            )
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in wanted.items():
        file.write_text(text, encoding="utf-8")
    return list(wanted)


def _is_ours(file: Path) -> bool:
    text = file.read_text(encoding="utf-8", errors="replace")
    return MARK in text[:200] or _NEW_PROJECT.fullmatch(text) is not None


def _merged(manifest: Path, ours: Mapping[str, Any]) -> str:
    """Our manifest over the one that is there, which keeps its time zone and whatever else its own files need."""
    try:
        theirs = json.loads(manifest.read_text(encoding="utf-8"))
    except ValueError:
        theirs = None
    if not isinstance(theirs, dict):
        raise ProjectError(f"{manifest} is not a JSON object. Mend or delete it, and try again.")
    is_shared = any(not _is_ours(file) for file in manifest.parent.rglob("*") if file.suffix in CODE_SUFFIXES)
    if is_shared and "oauthScopes" not in theirs:
        raise ProjectError(
            f"{manifest} lists no oauthScopes, and Google no longer finds out what the other files need once it lists "
            "ours. Copy the project's OAuth scopes from Overview in the script editor into it, and try again."
        )
    merged = {**theirs, **ours, "timeZone": theirs.get("timeZone", ours["timeZone"])}
    for name in ("oauthScopes", "urlFetchWhitelist"):
        if name in theirs:
            merged[name] = list(dict.fromkeys([*theirs[name], *ours.get(name, ())]))
    if is_shared and "urlFetchWhitelist" not in theirs:
        # It would keep the other files from the addresses that they call.
        merged.pop("urlFetchWhitelist", None)
    return json.dumps(merged, indent=2) + "\n"


def clasp_folder(folder: Path) -> Path:
    """Where clasp keeps the files of the project in a folder.

    Raises:
        ProjectError: clasp is not set up there.
    """
    file = folder / CLASP_FILE
    if not file.is_file():
        raise ProjectError(
            f"There is no {CLASP_FILE} in {folder}. In the script editor, copy the script's id from Project Settings, "
            "and call there: clasp clone SCRIPT_ID"
        )
    if shutil.which(CLASP) is None:
        raise ProjectError("clasp is not installed. Install it with: npm install --global @google/clasp")
    try:
        project = json.loads(file.read_text(encoding="utf-8"))
        root: Path = folder / project.get("rootDir", "")
    except (ValueError, AttributeError, TypeError):
        raise ProjectError(f"{file} is not what clasp writes. Set it up anew with: clasp clone SCRIPT_ID") from None
    if not (root / MANIFEST).is_file():
        # clasp replaces the whole project by what lies in the folder.
        raise ProjectError(f"There is no {MANIFEST} in {root}. Fetch the project first, or it is lost: clasp pull")
    return root


def push(folder: Path) -> str:
    """Push the project of a folder with clasp; returns what clasp says.

    Raises:
        PushError: clasp failed.
    """
    clasp = shutil.which(CLASP)
    assert clasp is not None
    # --force: the manifest has changed as well, and nobody is there to be asked about it.
    done = subprocess.run(
        [clasp, "push", "--force"], cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    said = f"{done.stdout}{done.stderr}".strip()
    if done.returncode != 0:
        raise PushError(f"clasp could not push the script (exit code {done.returncode}). It says: {said}")
    return said
