"""The script as it is pasted: its types against Google's, its behaviour in Node.js against the running service."""

import json
import os
import re
import subprocess
from pathlib import Path

from tests.sheets_sync.apps_script.conftest import HERE

MINUTE_S = 60


def compile_with(compiler: Path, configuration: Path) -> str:
    done = subprocess.run(
        [compiler, "--project", configuration], capture_output=True, text=True, check=False, timeout=MINUTE_S
    )
    return done.stdout + done.stderr


def check_types(compiler: Path, folder: Path, code: str) -> str:
    """What the compiler says of some code in the script's place."""
    folder.mkdir()
    (folder / "Code.js").write_text(code, encoding="utf-8")
    configuration = folder / "tsconfig.json"
    configuration.write_text(json.dumps({"extends": str(HERE / "script.tsconfig.json"), "files": ["Code.js"]}))
    return compile_with(compiler, configuration)


def test_the_script_uses_googles_services_as_their_types_say(compiler: Path, printed: Path, tmp_path: Path) -> None:
    code = (printed / "Code.js").read_text(encoding="utf-8")
    assert check_types(compiler, tmp_path / "as-printed", code) == ""
    # The compiler really looks: a method that Google does not have, and one of browsers only.
    wrong = check_types(compiler, tmp_path / "wrong", code.replace(".getDisplayValues()", ".getShownValues()"))
    assert "Property 'getShownValues' does not exist on type 'Range'." in wrong
    assert "Cannot find name 'URL'" in check_types(compiler, tmp_path / "browser", f"{code}\nnew URL('x');\n")


def test_the_fakes_are_like_googles_services_and_the_tests_like_the_fakes(compiler: Path) -> None:
    assert compile_with(compiler, HERE / "tsconfig.json") == ""


def test_clicks_are_answered_in_words_by_the_running_service(node: str, stage: str) -> None:
    """Every test of script.test.mjs; its report is shown where one fails."""
    done = subprocess.run(
        [node, "--test", "--test-reporter=tap", HERE / "script.test.mjs"],
        env=os.environ | {"SHEETPLAN_TEST_STAGE": stage},
        capture_output=True,
        text=True,
        check=False,
        timeout=4 * MINUTE_S,
    )
    report = done.stdout + done.stderr
    assert done.returncode == 0, report
    assert "\n# skipped 0" in report, report
    passed = re.search(r"^# pass (\d+)$", report, re.MULTILINE)
    assert passed, report
    written = len(re.findall(r"^test\(", (HERE / "script.test.mjs").read_text(encoding="utf-8"), re.MULTILINE))
    # Some versions of Node.js count the file as a test of its own.
    assert int(passed[1]) in (written, written + 1)
