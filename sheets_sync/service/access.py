"""Which workbooks a caller may run: registered ones whose allow-list has them, unless the installation is open."""

from dataclasses import dataclass

from config.names import fold_key
from config.settings import RegisteredWorkbook, Settings
from sheets_sync.opening import sheet_at, sheet_of_key, workbook_key
from sheets_sync.service.identity import Caller
from sheets_sync.service.problems import Problem
from sheets_sync.workbook.backend import WorkbookUnreachableError


@dataclass(frozen=True)
class KnownWorkbook:
    """A workbook as the service knows it; `registered` is None for one that is run in open mode."""

    name: str
    key: str
    location: str
    registered: RegisteredWorkbook | None = None


class Access:
    """The registered workbooks, and who may use them."""

    def __init__(self, settings: Settings) -> None:
        self._open = settings.service.open_workbooks
        self.workbooks = [
            KnownWorkbook(name, workbook_key(name, settings), workbook.location, workbook)
            for name, workbook in settings.workbooks.items()
        ]

    def find(self, text: str, caller: Caller) -> KnownWorkbook:
        """The workbook that a name, URL or id means, if the caller may use it.

        Raises:
            Problem: it is not registered, or the caller may not use it: one answer for both, so that nobody can find
                out what there is.
        """
        for workbook in self.workbooks:
            if fold_key(workbook.name) == fold_key(text) and self.allows(workbook, caller):
                return workbook
        # What came over the wire is never a path: a file is run by its registered name only.
        try:
            sheet = sheet_at(text)
        except WorkbookUnreachableError as error:
            raise Problem(422, "not-a-workbook", str(error)) from None
        found = next((workbook for workbook in self.workbooks if sheet is not None and workbook.key == sheet.key), None)
        if found is None and self._open and sheet is not None:
            return KnownWorkbook(sheet.spreadsheet_id, sheet.key, sheet.locator)
        if found is None or not self.allows(found, caller):
            who = caller.email or "the holder of the shared secret"
            raise Problem(
                403,
                "workbook-not-allowed",
                f"This workbook is not registered with the service, or {who} may not run it. Ask its operator to add "
                "it, or you, to sheetplan.toml ([workbooks.NAME], allowed).",
            )
        return found

    def allows(self, workbook: KnownWorkbook, caller: Caller) -> bool:
        """Whether the caller may run it and see its runs."""
        if caller.holds_secret:
            return True
        if workbook.registered is None:
            return self._open
        domain = "@" + caller.email.rpartition("@")[2]
        allowed = {entry.strip().casefold() for entry in workbook.registered.allowed}
        return bool({caller.email.casefold(), domain.casefold()} & allowed)

    def allows_key(self, key: str, caller: Caller) -> bool:
        """The same by a workbook's key, for runs of the past."""
        found = next((workbook for workbook in self.workbooks if workbook.key == key), None)
        if found is None:
            return caller.holds_secret or (self._open and sheet_of_key(key) is not None)
        return self.allows(found, caller)

    def keys(self, caller: Caller) -> list[str] | None:
        """The keys of the workbooks that the caller may run; None where these are not only registered ones."""
        if self._open or caller.holds_secret:
            return None
        return [workbook.key for workbook in self.workbooks if self.allows(workbook, caller)]
