"""Every error that people read has an exit code of its own, written down once."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import sheets_sync
from sheets_sync.outcome import ORDER, ExitCode, first_code
from sheets_sync.run.exit_codes import EXIT_CODES, exit_code_of
from sheets_sync.run.read_inputs import UnknownScenarioError
from sheets_sync.workbook.backend import WorkbookBusyError, WorkbookError, WorkbookRejectedError


def below(kind: type[Exception]) -> Iterator[type[Exception]]:
    for child in kind.__subclasses__():
        yield child
        yield from below(child)


def test_every_error_of_workbooks_is_in_the_table() -> None:
    for module in pkgutil.walk_packages(sheets_sync.__path__, "sheets_sync."):
        if module.name != "sheets_sync.__main__":
            importlib.import_module(module.name)
    ours = {kind for kind in below(WorkbookError) if kind.__module__.startswith("sheets_sync.")}
    assert len(ours) >= 5
    assert ours <= set(EXIT_CODES)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (WorkbookBusyError(), ExitCode.BUSY),
        (UnknownScenarioError(), ExitCode.USAGE),
        (WorkbookRejectedError(), ExitCode.DEFECT),
        (KeyError(), ExitCode.DEFECT),
    ],
    ids=lambda value: type(value).__name__,
)
def test_exit_code_of_an_error(error: Exception, code: ExitCode) -> None:
    assert exit_code_of(error) is code


def test_an_error_without_an_entry_has_the_code_of_the_class_above_it() -> None:
    assert exit_code_of(type("Locked", (WorkbookBusyError,), {})()) is ExitCode.BUSY


def test_of_several_codes_the_first_of_5_6_3_4_counts() -> None:
    assert [int(code) for code in ORDER[:4]] == [5, 6, 3, 4]
    assert sorted(ORDER) == sorted(ExitCode)
    assert first_code([ExitCode.DONE, ExitCode.UNSOLVED, ExitCode.WORKBOOK_ERRORS]) is ExitCode.WORKBOOK_ERRORS
    assert first_code([ExitCode.DEFECT, ExitCode.DONE]) is ExitCode.DEFECT
    assert first_code([]) is ExitCode.DONE
