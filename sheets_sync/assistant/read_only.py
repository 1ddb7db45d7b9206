"""A workbook that can be read and nothing else, and remembers what people typed into it."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

from sheets_sync.assistant.quoting import SheetTexts, texts_of
from sheets_sync.checks import check
from sheets_sync.inputs.frames import Frame
from sheets_sync.workbook.backend import FurtherTabs, TabFilter, Workbook, Written, no_further_tabs
from sheets_sync.workbook.changes import Changes
from sheets_sync.workbook.snapshot import Snapshot
from sheets_sync.workbook.template import TabTemplate


class ReadOnlyWorkbook:
    """Another workbook, without its ways to write: whoever tries has a defect, and changes nothing."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self.texts = SheetTexts(())
        self._snapshot: Snapshot | None = None

    @property
    def locator(self) -> str:
        """How a person names it."""
        return self._workbook.locator

    def read(self, wanted: TabFilter, further: FurtherTabs = no_further_tabs) -> Snapshot:
        """Read, as the workbook does."""
        snapshot = self._workbook.read(wanted, further)
        self.texts = SheetTexts(texts_of(snapshot))
        self._snapshot = snapshot
        return snapshot

    @property
    def was_read(self) -> bool:
        """Whether it is known what people typed into it."""
        return self._snapshot is not None

    @property
    def frames(self) -> Mapping[str, Frame]:
        """The input tabs as they were read last; none before that."""
        return {} if self._snapshot is None else check(self._snapshot).frames

    def locked(self) -> AbstractContextManager[None]:
        """Who writes nothing needs no lock."""
        return nullcontext()

    def write(self, changes: Changes, *, force: bool = False) -> Written:  # noqa: ARG002 -- nothing is written
        """Refused.

        Raises:
            PermissionError: always.
        """
        raise PermissionError("assistants do not write")

    def create_tabs(self, templates: Sequence[TabTemplate]) -> Sequence[str]:  # noqa: ARG002 -- nothing is written
        """Refused.

        Raises:
            PermissionError: always.
        """
        raise PermissionError("assistants do not write")
