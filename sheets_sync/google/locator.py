"""How a Google Sheet is named: by its URL, as the browser shows it, or by its bare id."""

import re
from urllib.parse import parse_qs, urlsplit

from sheets_sync.workbook.backend import WorkbookUnreachableError

_BARE_ID = re.compile(r"[A-Za-z0-9_-]{25,}\Z")
_IN_PATH = re.compile(r"/d/([A-Za-z0-9_-]+)")
_PUBLISHED = re.compile(r"/d/e/")
_HOSTS = {"docs.google.com", "drive.google.com", "sheets.google.com", "spreadsheets.google.com"}


def parse_locator(text: str) -> str | None:
    """The spreadsheet id that `text` means; None where it is neither a Google address nor an id (a path, a name).

    Raises:
        WorkbookUnreachableError: a Google address that holds no spreadsheet's id.
    """
    text = text.strip()
    if _BARE_ID.match(text):
        return text
    address = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if (parts.hostname or "") not in _HOSTS:
        return None
    if _PUBLISHED.search(parts.path):
        raise WorkbookUnreachableError(
            f"{text} is the published copy of a sheet, which can only be looked at. Open the sheet itself and copy the "
            "address from the browser: https://docs.google.com/spreadsheets/d/..."
        )
    found = _IN_PATH.search(parts.path)
    if found:
        return found[1]
    query = parse_qs(parts.query)
    for name in ("id", "key"):
        if name in query:
            return query[name][0]
    raise WorkbookUnreachableError(
        f"{text} does not hold a spreadsheet's id. Open the sheet and copy the address from the browser: "
        "https://docs.google.com/spreadsheets/d/..."
    )


def address_of(spreadsheet_id: str) -> str:
    """The address at which a person opens the spreadsheet."""
    return f"https://docs.google.com/spreadsheets/d/{spreadsheet_id}"


def tab_address(spreadsheet_id: str, sheet_id: int) -> str:
    """The address at which a person opens one tab of it."""
    return f"{address_of(spreadsheet_id)}/edit#gid={sheet_id}"
