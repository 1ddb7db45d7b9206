"""The workbook protocol on an .xlsx or .xlsm file."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from os import PathLike
from pathlib import Path

from sheets_sync.excel import files
from sheets_sync.excel.apply_changes import apply_changes
from sheets_sync.excel.blank_file import blank_workbook
from sheets_sync.excel.document_properties import read_properties
from sheets_sync.excel.edit import WorkbookEditor
from sheets_sync.excel.input_tabs import add_tab
from sheets_sync.excel.losses import remove_signature, what_is_lost
from sheets_sync.excel.read_snapshot import named_areas, read_tabs, recalculates_on_load
from sheets_sync.workbook.backend import (
    REPORT_NAMES,
    FurtherTabs,
    TabFilter,
    WorkbookChangedError,
    WorkbookRefusedError,
    WorkbookUnreachableError,
    Written,
    named_further,
    no_further_tabs,
)
from sheets_sync.workbook.changes import Changes
from sheets_sync.workbook.run_lock import RunLock
from sheets_sync.workbook.snapshot import Snapshot
from sheets_sync.workbook.template import TabTemplate


class ExcelWorkbook:
    """An .xlsx or .xlsm file; symbolic links are followed, files above `max_bytes` are refused.

    It remembers which bytes it read last, so that a write notices when someone saved the file in between.
    """

    def __init__(self, path: str | PathLike[str], *, max_bytes: int = 100_000_000) -> None:
        self._given = Path(path)
        self._path = self._given.resolve()
        self._max_bytes = max_bytes
        self._read_digest: str | None = None
        # Of fixed length: a name that is as long as the system allows leaves no room for more.
        digest = hashlib.sha256(self._path.name.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        self._lock = RunLock(self._path.parent / f".sheetplan-{digest}.lock", self.locator)

    @property
    def locator(self) -> str:
        """The path, as it was given."""
        return str(self._given)

    def read(self, wanted: TabFilter, further: FurtherTabs = no_further_tabs) -> Snapshot:
        """Read the wanted tabs, and the further ones that these name, at one moment.

        Raises:
            WorkbookUnreachableError: missing, unreadable, or not an .xlsx workbook.
        """
        content = files.load(self._path, self._max_bytes)
        package = files.unpack(self._path, content, self._max_bytes)
        with files.damage_reported(self._path):
            areas = named_areas(package)
            report = {areas[name].tab for ours, name in REPORT_NAMES.items() if name in areas and wanted(ours)}
            titles = tuple(entry.title for entry in package.sheets)
            tabs = read_tabs(package, lambda title: title in report or wanted(title))
            if named := named_further(tabs, titles, further):
                tabs |= read_tabs(package, named.__contains__)
            snapshot = Snapshot(
                locator=self.locator,
                title=self._path.stem,
                tabs={title: tabs[title] for title in titles if title in tabs},
                named_areas=areas,
                titles=titles,
                recalculates_on_load=recalculates_on_load(package),
                properties=read_properties(package),
            )
        self._read_digest = content.digest
        return snapshot

    def write(self, changes: Changes, *, force: bool = False) -> Written:
        """Apply all changes in one atomic save, or none of them; `force` accepts what cannot be kept.

        Raises:
            WorkbookUnreachableError: the file cannot be reached or not be written.
            WorkbookRefusedError: writing would lose something and `force` is False; or overwrite what people wrote;
                or a spreadsheet program has the file open.
            WorkbookChangedError: the file is no longer the one that was read last.
            WorkbookBusyError: another run holds the file.
        """
        with self.locked():
            files.refuse_if_not_writable(self._path)
            content = files.load(self._path, self._max_bytes)
            if self._read_digest not in (None, content.digest):
                raise WorkbookChangedError(files.changed_sentence(self._path))
            package = files.unpack(self._path, content, self._max_bytes)
            losses = what_is_lost(package)
            if losses and not force:
                raise WorkbookRefusedError(
                    f"{self.locator} was not written, because saving would lose: {'; '.join(losses)}. "
                    "Work on a copy, or give --force to accept the loss."
                )
            remove_signature(package)
            with files.damage_reported(self._path):
                editor = WorkbookEditor(package)
            with files.damage_reported(self._path, reading=False):
                notices = apply_changes(editor, changes)
                data = package.save()
            copy = files.keep_copy(self._path, content, changes.kept_as) if changes.kept_as else ""
            self._read_digest = files.save(self._path, data, content).digest
        return Written(notices=notices, copy=copy)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the file against other runs of sheetplan, from reading to writing; may be nested.

        Raises:
            WorkbookBusyError: another run holds it.
            WorkbookUnreachableError: the folder does not exist or may not be written, or the file is a folder.
        """
        # The lock would make missing folders, and a mistyped path leave them behind.
        files.refuse_if_no_folder(self._path)
        files.refuse_folder(self._path)
        with ExitStack() as held:
            try:
                held.enter_context(self._lock.held())
            except OSError as problem:
                raise WorkbookUnreachableError(files.save_problem(self._path, problem)) from None
            yield

    def create_tabs(self, templates: Sequence[TabTemplate]) -> Sequence[str]:
        """Create the file where it does not exist, and each tab that is missing; returns their titles.

        Raises:
            WorkbookUnreachableError: the file cannot be reached or not be written.
            WorkbookRefusedError: a spreadsheet program has the file open.
            WorkbookBusyError: another run holds the file.
        """
        with self.locked():
            files.refuse_if_not_writable(self._path)
            exists = self._path.exists()
            content = files.load(self._path, self._max_bytes) if exists else None
            package = blank_workbook() if content is None else files.unpack(self._path, content, self._max_bytes)
            with files.damage_reported(self._path, reading=False):
                editor = WorkbookEditor(package)
                created = [template.title for template in templates if add_tab(editor, template)]
                data = package.save() if created else None
            if data is not None:
                self._read_digest = files.save(self._path, data, content).digest
            return created
