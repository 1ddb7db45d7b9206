"""The one table from an error to the exit code that it ends a run with, for every command, the jobs and the service."""

from collections.abc import Mapping

from config.settings import SettingsError
from optimizer.errors import SolverUnavailableError
from sheets_sync.outcome import ExitCode
from sheets_sync.run.question_errors import (
    ChangeError,
    RollError,
    TickedColumnError,
    UnanswerableError,
    UnknownDimensionError,
    UnknownInitiativeError,
    UnknownLimitError,
    UnknownMeasureError,
)
from sheets_sync.run.read_inputs import UnknownScenarioError
from sheets_sync.store import StoreError
from sheets_sync.workbook.backend import (
    WorkbookBusyError,
    WorkbookChangedError,
    WorkbookError,
    WorkbookRefusedError,
    WorkbookRejectedError,
    WorkbookUnreachableError,
)

EXIT_CODES: Mapping[type[Exception], ExitCode] = {
    SettingsError: ExitCode.USAGE,
    StoreError: ExitCode.USAGE,
    UnknownScenarioError: ExitCode.USAGE,
    UnknownInitiativeError: ExitCode.USAGE,
    ChangeError: ExitCode.USAGE,
    TickedColumnError: ExitCode.USAGE,
    RollError: ExitCode.USAGE,
    UnknownLimitError: ExitCode.USAGE,
    UnknownMeasureError: ExitCode.USAGE,
    UnanswerableError: ExitCode.USAGE,
    UnknownDimensionError: ExitCode.USAGE,
    SolverUnavailableError: ExitCode.USAGE,
    WorkbookUnreachableError: ExitCode.UNREACHABLE,
    WorkbookChangedError: ExitCode.UNREACHABLE,
    WorkbookBusyError: ExitCode.BUSY,
    WorkbookRefusedError: ExitCode.WORKBOOK_ERRORS,
    WorkbookRejectedError: ExitCode.DEFECT,
    WorkbookError: ExitCode.WORKBOOK_ERRORS,
}
"""Errors whose message is for people. Which of several codes counts is `sheets_sync.outcome.first_code`."""

REPORTED: tuple[type[Exception], ...] = tuple(EXIT_CODES)
"""What callers catch and report; anything else is a bug in sheetplan."""


def exit_code_of(error: Exception) -> ExitCode:
    """The exit code of an error: that of its class, else of the nearest class above it, else DEFECT."""
    classes = (kind for kind in type(error).__mro__ if kind in EXIT_CODES)
    return EXIT_CODES[next(classes)] if isinstance(error, REPORTED) else ExitCode.DEFECT
