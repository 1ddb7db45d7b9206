"""From what a person calls a workbook to the backend that reaches it."""

from collections.abc import Iterable
from pathlib import Path

from config.names import fold_key
from config.settings import Settings
from sheets_sync.inputs.name_matching import Vocabulary
from sheets_sync.workbook.backend import Workbook

EXCEL_SUFFIXES = (".xlsx", ".xlsm")


def open_workbook(name: str, settings: Settings) -> Workbook:
    """The workbook behind a Google Sheets URL, a spreadsheet id, a registered name, or the path of a file.

    Nothing is read yet. A registered name goes before a file of the same name; a path is recognised by its ending or by
    being there.

    Raises:
        WorkbookUnreachableError: a Google locator without usable credentials.
    """
    from sheets_sync.google.locator import parse_locator

    location = location_of(name, settings)
    path = Path(location).expanduser()
    if path.suffix.casefold() not in EXCEL_SUFFIXES and not path.exists():
        spreadsheet_id = parse_locator(location)
        if spreadsheet_id is not None:
            from sheets_sync.google.shared_connection import open_google

            return open_google(spreadsheet_id, settings.google)
    from sheets_sync.excel import ExcelWorkbook

    return ExcelWorkbook(path, max_bytes=int(settings.max_file_mb * 1_000_000))


def locator_of(name: str, settings: Settings) -> str:
    """How the workbook behind a name calls itself, without reaching it: an address, or a path as it was given."""
    from sheets_sync.google.locator import address_of, parse_locator

    location = location_of(name, settings)
    path = Path(location).expanduser()
    if path.suffix.casefold() in EXCEL_SUFFIXES or path.exists():
        return str(path)
    spreadsheet_id = parse_locator(location)
    return str(path) if spreadsheet_id is None else address_of(spreadsheet_id)


def location_of(name: str, settings: Settings) -> str:
    """The URL, id or path behind a registered workbook's name; anything else is a location itself."""
    for registered, workbook in settings.workbooks.items():
        if fold_key(registered) == fold_key(name):
            return workbook.location
    return name


def is_known(name: str, settings: Settings) -> bool:
    """Whether a name is a registered workbook's, a file's that exists, or the address or id of a sheet."""
    location = location_of(name, settings)
    return location != name or Path(location).expanduser().exists() or "://" in locator_of(name, settings)


def nearest_name(name: str, settings: Settings, locators: Iterable[str]) -> str | None:
    """The registered name or file, of those at these locators, that a mistyped name comes close to."""
    files = {Path(locator).name.casefold(): locator for locator in locators if "://" not in locator}
    meant = {registered.casefold(): registered for registered in settings.workbooks} | files
    near = Vocabulary(meant).nearest(Path(name).name)
    return None if near is None else meant[near]


def workbook_key(name: str, settings: Settings) -> str:
    """The same text for all names, addresses and paths of one workbook: ``google:<id>`` or ``file:<path>``.

    Raises:
        WorkbookUnreachableError: a Google address that holds no spreadsheet's id.
    """
    from sheets_sync.google.locator import parse_locator

    location = location_of(name, settings)
    path = Path(location).expanduser()
    if path.suffix.casefold() not in EXCEL_SUFFIXES and not path.exists():
        spreadsheet_id = parse_locator(location)
        if spreadsheet_id is not None:
            return f"google:{spreadsheet_id}"
    return f"file:{path.resolve()}"
