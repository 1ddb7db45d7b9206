"""How a Google Sheet is named: by its URL, as the browser shows it, or by its bare id.

One strict parser, because what it returns decides which workbook is opened: an id has only letters, digits, hyphens and
underscores, so that no address can be read as a path, another host or another call.
"""

import re
from urllib.parse import parse_qsl, urlsplit

from sheets_sync.workbook.backend import WorkbookUnreachableError

_ID = re.compile(r"[A-Za-z0-9_-]{20,200}\Z", re.ASCII)
_LOOKS_LIKE_AN_ID = re.compile(r"[A-Za-z0-9_-]{25,200}\Z", re.ASCII)
"""Without an address around it, a shorter text is more likely a name."""
_IN_PATH = re.compile(r"(?:/a/[^/]+)?/(?:spreadsheets|file)(?:/u/[0-9]{1,2})?/d/([^/]*)(?:/|\Z)", re.ASCII)
_ID_IN_QUERY = frozenset({"/open", "/uc", "/spreadsheet/ccc", "/spreadsheets/ccc", "/ccc"})
_PUBLISHED = re.compile(r"/spreadsheets/(?:u/[0-9]{1,2}/)?d/e/")
_HOSTS = frozenset({"docs.google.com", "drive.google.com", "sheets.google.com", "spreadsheets.google.com"})
_SCHEMES = frozenset({"http", "https"})
_LONGEST = 2000
_NOT_IN_ADDRESSES = re.compile(r"[\x00-\x20\x7f\\]")


def parse_locator(text: str) -> str | None:
    """The spreadsheet id that `text` means; None where it is neither a Google address nor an id (a path, a name).

    Raises:
        WorkbookUnreachableError: a Google address that holds no spreadsheet's id.
    """
    text = text.strip()
    if _LOOKS_LIKE_AN_ID.match(text):
        return text
    if len(text) > _LONGEST or _NOT_IN_ADDRESSES.search(text):
        return None
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        is_plain = parts.port is None and "@" not in parts.netloc
    except ValueError:
        return None
    if parts.scheme.casefold() not in _SCHEMES or (parts.hostname or "") not in _HOSTS or not is_plain:
        return None
    if _PUBLISHED.match(parts.path):
        raise WorkbookUnreachableError(
            f"{text} is the published copy of a sheet, which can only be looked at. Open the sheet itself and copy the "
            "address from the browser: https://docs.google.com/spreadsheets/d/..."
        )
    found = _id_in(parts.path, parts.query)
    if found is None or not _ID.match(found):
        raise WorkbookUnreachableError(
            f"{text} does not hold a spreadsheet's id. Open the sheet and copy the address from the browser: "
            "https://docs.google.com/spreadsheets/d/..."
        )
    return found


def _id_in(path: str, query: str) -> str | None:
    """What an address has in the place of the id; None where it has none, or more than one."""
    in_path = _IN_PATH.match(path)
    if in_path:
        return in_path[1]
    if path not in _ID_IN_QUERY:
        return None
    found = {value for name, value in parse_qsl(query) if name in ("id", "key")}
    return found.pop() if len(found) == 1 else None


def address_of(spreadsheet_id: str) -> str:
    """The address at which a person opens the spreadsheet."""
    return f"https://docs.google.com/spreadsheets/d/{spreadsheet_id}"


def tab_address(spreadsheet_id: str, sheet_id: int) -> str:
    """The address at which a person opens one tab of it."""
    return f"{address_of(spreadsheet_id)}/edit#gid={sheet_id}"
