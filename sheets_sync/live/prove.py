"""All proofs on one scratch sheet, one after the other, and the sheet as it was when they are done."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gspread.exceptions import APIError

from config.settings import GoogleSettings
from sheets_sync.google.changed_files import ChangedFiles
from sheets_sync.google.connection import Connection, refused
from sheets_sync.google.credentials import emulator_address
from sheets_sync.google.shared_connection import shared_connection
from sheets_sync.live.proofs import Proof, ProofError, proofs
from sheets_sync.live.recording import Recording
from sheets_sync.live.scratch import Scratch
from sheets_sync.workbook.backend import WorkbookError

SIZES = (10_000, 100_000, 500_000)
"""Cells of the reads that are timed."""
DRIVE_WAIT_S = 600.0


@dataclass(frozen=True)
class Confirmed:
    """How one proof ended: what was found, or why it failed."""

    proof: str
    passed: bool
    what: str


@dataclass(frozen=True)
class Proofs:
    """Where the proofs take place, and how much they take."""

    connection: Connection
    files: ChangedFiles
    sizes: Sequence[int] = SIZES
    drive_wait_s: float = DRIVE_WAIT_S

    @classmethod
    def of(cls, settings: GoogleSettings) -> "Proofs":
        """With the installation's own credentials.

        Raises:
            WorkbookUnreachableError: none are found, or they cannot be used.
        """
        return cls(shared_connection(settings, emulator_address()), ChangedFiles.of(settings))

    def prove(self, spreadsheet_id: str, answers: Path | None) -> Iterator[Confirmed]:
        """Each proof as it ends; the raw answers go into a file at the end.

        Raises:
            WorkbookRefusedError: the sheet is not empty.
            WorkbookError: it cannot be reached.
        """
        scratch = open_scratch(spreadsheet_id, self.connection)
        recording = Recording(spreadsheet_id)
        recording.listen(self.connection)
        try:
            for proof in proofs(self.files, self.sizes, self.drive_wait_s):
                recording.begin(proof.name, is_kept=proof.is_kept)
                yield confirmed(proof, scratch)
        finally:
            recording.begin("", is_kept=False)
            cleaned = _cleaned(scratch.clean_up, self.connection, scratch.address)
            if answers is not None:
                recording.write(answers)
        # Not within `finally`: a generator that is closed early may not yield again.
        yield cleaned


def open_scratch(spreadsheet_id: str, connection: Connection) -> Scratch:
    """The scratch sheet, if it is empty.

    Raises:
        WorkbookRefusedError: it is not.
        WorkbookError: it cannot be reached.
    """
    try:
        return Scratch(spreadsheet_id, connection)
    except APIError as error:
        raise refused(error, connection.situation(spreadsheet_id)) from None


def confirmed(proof: Proof, scratch: Scratch) -> Confirmed:
    """How a proof ends; none of them ends the others."""
    try:
        return Confirmed(proof.name, passed=True, what=proof.run(scratch))
    except (ProofError, WorkbookError) as error:
        return Confirmed(proof.name, passed=False, what=str(error))
    except APIError as error:
        return Confirmed(
            proof.name, passed=False, what=str(refused(error, scratch.connection.situation(scratch.address)))
        )
    except (KeyError, IndexError) as error:
        # A proof that builds on one that failed does not find its tab.
        return Confirmed(proof.name, passed=False, what=f"not found: {error}")


def _cleaned(clean_up: Callable[[], None], connection: Connection, address: str) -> Confirmed:
    try:
        clean_up()
    except WorkbookError as error:
        return Confirmed("clean up", passed=False, what=str(error))
    except APIError as error:
        return Confirmed("clean up", passed=False, what=str(refused(error, connection.situation(address))))
    return Confirmed("clean up", passed=True, what="the sheet is empty again")
