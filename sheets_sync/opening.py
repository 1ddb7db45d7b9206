"""From what a person calls a workbook to where it is, and to the backend that reaches it.

Whether a workbook is a Google Sheet or a file is decided in `place_of`, and nowhere else.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from config.names import fold_key
from config.settings import Settings
from sheets_sync.google.locator import address_of, parse_locator
from sheets_sync.inputs.name_matching import Vocabulary
from sheets_sync.workbook.backend import ID_PROPERTY, Workbook, WorkbookUnreachableError

EXCEL_SUFFIXES = (".xlsx", ".xlsm")
_GOOGLE, _FILE = "google:", "file:"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_LONGEST_SHOWN = 200


@dataclass(frozen=True)
class GoogleSheet:
    """A workbook at Google."""

    spreadsheet_id: str

    @property
    def locator(self) -> str:
        """The address at which people open it."""
        return address_of(self.spreadsheet_id)

    @property
    def key(self) -> str:
        """The same text for all names and addresses of it."""
        return f"{_GOOGLE}{self.spreadsheet_id}"


@dataclass(frozen=True)
class File:
    """A workbook in a file, which need not exist."""

    path: Path

    @property
    def locator(self) -> str:
        """The path, as it was given."""
        return str(self.path)

    @property
    def key(self) -> str:
        """The same text for all names and paths of it."""
        return f"{_FILE}{self.path.resolve()}"


@dataclass(frozen=True)
class Place:
    """Where a workbook is; `registered` is its name in the settings, None for one that is not registered."""

    at: GoogleSheet | File
    registered: str | None = None


def place_of(name: str, settings: Settings) -> Place:
    """Where the workbook is behind a Google Sheets URL, a spreadsheet id, a registered name, or the path of a file.

    Nothing is reached. A registered name goes before a file of the same name; a path is recognised by its ending or by
    being there; what is nothing else is the path of a file that does not exist.

    Raises:
        WorkbookUnreachableError: a Google address that holds no spreadsheet's id, an address of another host, or a text
            that is no path.
    """
    registered = _registered(name, settings)
    location = name if registered is None else settings.workbooks[registered].location
    file = File(path_of(location))
    if file.path.suffix.casefold() in EXCEL_SUFFIXES or file.path.exists():
        return Place(file, registered)
    spreadsheet_id = parse_locator(location)
    return Place(file if spreadsheet_id is None else GoogleSheet(spreadsheet_id), registered)


def _registered(name: str, settings: Settings) -> str | None:
    # An installation may have ten thousand, and a service asks for each.
    if name in settings.workbooks:
        return name
    folded = fold_key(name)
    return next((known for known in settings.workbooks if fold_key(known) == folded), None)


def path_of(text: str) -> Path:
    """A text as the path of a file, which need not exist.

    Raises:
        WorkbookUnreachableError: it is an address, or cannot be a path on this machine.
    """
    shown = text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "..."
    scheme = _SCHEME.match(text)
    if scheme is not None and sheet_at(text) is None:
        if scheme[1].casefold() == "file":
            cure = "Give the path itself, without file://."
        elif ".sharepoint.com" in text.casefold() or "onedrive" in text.casefold():
            cure = "Let OneDrive keep the file on this machine, or download it, and give its path."
        else:
            cure = "Give the address of a Google Sheet, or download the file and give its path."
        raise WorkbookUnreachableError(f"{shown} is an address that sheetplan cannot open. {cure}")
    try:
        path = Path(text).expanduser()
        path.resolve()
        path.exists()
    except RuntimeError as problem:
        reason = "it is a symbolic link to itself" if "loop" in str(problem).casefold() else "there is no such user"
        raise WorkbookUnreachableError(f"{shown} cannot be opened: {reason}. Check the path.") from None
    except (OSError, ValueError) as problem:
        reason = (problem.strerror if isinstance(problem, OSError) else None) or "it is not the path of a file"
        raise WorkbookUnreachableError(f"{shown} cannot be opened: {reason}. Check the path.") from None
    return path


def sheet_at(address: str) -> GoogleSheet | None:
    """The Google Sheet that an address or an id names, from the text alone: no file is looked at. None for other text.

    Raises:
        WorkbookUnreachableError: a Google address that holds no spreadsheet's id.
    """
    spreadsheet_id = parse_locator(address)
    return None if spreadsheet_id is None else GoogleSheet(spreadsheet_id)


def open_workbook(name: str, settings: Settings) -> Workbook:
    """The workbook that a name, address or path means, as `place_of` reads it; nothing is read from it yet.

    Raises:
        WorkbookUnreachableError: a Google address without an id, or a Google Sheet without usable credentials.
    """
    at = place_of(name, settings).at
    # Each backend loads libraries of its own, and a command needs only one of them.
    if isinstance(at, GoogleSheet):
        from sheets_sync.google.shared_connection import open_google

        return open_google(at.spreadsheet_id, settings.google)
    from sheets_sync.excel import ExcelWorkbook

    return ExcelWorkbook(at.path, max_bytes=int(settings.max_file_mb * 1_000_000))


def id_carried_at(place: str) -> str:
    """The id that the workbook at a place carries; empty for a file that carries none, or cannot be read."""
    sheet = sheet_at(place)
    if sheet is not None:
        return sheet.spreadsheet_id
    from sheets_sync.excel import ExcelWorkbook

    try:
        return ExcelWorkbook(place).read(lambda _: False).properties.get(ID_PROPERTY, "")
    except WorkbookUnreachableError:
        return ""


def locator_of(name: str, settings: Settings) -> str:
    """How the workbook behind a name calls itself, without reaching it: an address, or a path as it was given."""
    return place_of(name, settings).at.locator


def workbook_key(name: str, settings: Settings) -> str:
    """The same text for all names, addresses and paths of one workbook: ``google:<id>`` or ``file:<path>``.

    Raises:
        WorkbookUnreachableError: a Google address that holds no spreadsheet's id.
    """
    return place_of(name, settings).at.key


def sheet_of_key(key: str) -> GoogleSheet | None:
    """The Google Sheet that a `workbook_key` means; None for a file's."""
    return GoogleSheet(key.removeprefix(_GOOGLE)) if key.startswith(_GOOGLE) else None


def key_of_locator(locator: str) -> str:
    """The `workbook_key` of a workbook by how it calls itself: a sheet's address, or the full path of a file."""
    sheet = sheet_at(locator) if _SCHEME.match(locator) else None
    return File(Path(locator)).key if sheet is None else sheet.key


def locator_of_key(key: str) -> str:
    """How the workbook behind a `workbook_key` calls itself."""
    sheet = sheet_of_key(key)
    return key.removeprefix(_FILE) if sheet is None else sheet.locator


def is_known(name: str, settings: Settings) -> bool:
    """Whether a name is a registered workbook's, a file's that exists, or the address or id of a sheet."""
    place = place_of(name, settings)
    return place.registered is not None or isinstance(place.at, GoogleSheet) or place.at.path.exists()


def nearest_name(name: str, settings: Settings, locators: Iterable[str]) -> str | None:
    """The registered name or file, of those at these locators, that a mistyped name comes close to."""
    places = {locator: place_of(locator, settings).at for locator in locators}
    files = {at.path.name.casefold(): locator for locator, at in places.items() if isinstance(at, File)}
    meant = {registered.casefold(): registered for registered in settings.workbooks} | files
    near = Vocabulary(meant).nearest(Path(name).name)
    return None if near is None else meant[near]
