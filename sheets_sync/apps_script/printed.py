"""The script as it is pasted: three files, of which one begins with the names that `config` knows."""

import json
import re
from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from config.names import INVISIBLE, SEPARATORS, fold_header
from config.tabs import CONSTRAINTS, HEADER_SEARCH_ROWS, SCENARIOS, TARGETS

CODE, SIDEBAR, MANIFEST = "Code", "Sidebar.html", "appsscript.json"
PARTS = ("menu.js", "runs.js", "setup.js", "approve.js", "questions.js", "scenario.js", "connect.js", "service.js")
"""The code in the order in which it is read."""
MARK = "Written by sheetplan apps-script"
"""Says of a file that it is ours and may be replaced."""

_URL = re.compile(r"(https?)://([^\s/?#@]+)(/[^\s?#]*)?", re.IGNORECASE)
_LOCAL = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?", re.IGNORECASE)


class ServiceAddressError(Exception):
    """The address cannot be that of a service; the message says what is expected."""


def service_url(text: str) -> str:
    """The address of a service as the script keeps it, without a slash at its end.

    Raises:
        ServiceAddressError: it is not an https address (or http on this machine), or holds a password or a query.
    """
    parts = _URL.fullmatch(text)
    if parts is None or (parts[1].lower() != "https" and not _LOCAL.fullmatch(parts[2])):
        raise ServiceAddressError(
            f'"{text}" cannot be the address of the service. Give one that begins with https:// and holds no password, '
            "question mark or blank, such as https://sheetplan.example.com."
        )
    return text.rstrip("/")


def script_files(url: str | None = None) -> Mapping[str, str]:
    """The script's files by name; the code is called as the editor calls it, `Code.gs`.

    Args:
        url: address of the service, from `service_url`; the script then calls no other host, and nobody needs to enter
            it. None leaves the address to Connect in the menu.
    """
    folder = files("sheets_sync.apps_script") / "script"
    parts = {name: (folder / name).read_text(encoding="utf-8") for name in (*PARTS, SIDEBAR, MANIFEST)}
    code = "\n".join([_names(url), *(parts[name] for name in PARTS)])
    doctype, rest = parts[SIDEBAR].split("\n", 1)
    manifest = json.loads(parts[MANIFEST])
    if url is not None and url.startswith("https:"):
        # Google compares prefixes, and takes one without a path for no prefix at all.
        manifest["urlFetchWhitelist"] = [f"{url}/"]
    return {
        f"{CODE}.gs": code,
        SIDEBAR: f"{doctype}\n<!-- {MARK} {version('sheetplan')}. -->\n{rest}",
        MANIFEST: json.dumps(manifest, indent=2) + "\n",
    }


def _names(url: str | None) -> str:
    key = SCENARIOS.column(SCENARIOS.key_column)
    others = {spelling for column in SCENARIOS.columns if column is not key for spelling in column.spellings}
    table: dict[str, Any] = {
        "url": url or "",
        "headerSearchRows": HEADER_SEARCH_ROWS,
        "invisible": INVISIBLE.pattern,
        "separators": SEPARATORS.pattern,
        "scenarios": {
            "name": SCENARIOS.name,
            "tabs": sorted(SCENARIOS.spellings),
            "keyColumn": key.name,
            "keyHeaders": sorted(key.spellings),
            # One that an alias of the key column shares is no further column.
            "otherHeaders": sorted(others - key.spellings),
        },
        "ruleTabs": sorted({*CONSTRAINTS.spellings, *TARGETS.spellings}),
    }
    assert fold_header(key.name) in key.spellings
    return (
        f"// {MARK} {version('sheetplan')}. To change it, print it anew: what is changed here is lost then.\n\n"
        "/** Where the service is, and the names that it knows tabs and columns by. */\n"
        f"const SHEETPLAN_ = {json.dumps(table, indent=2)};\n"
    )
