"""What a person calls a workbook, and where it then is: decided once, for every command and the service."""

import os
from pathlib import Path

import pytest

from config.settings import RegisteredWorkbook, Settings
from sheets_sync.opening import (
    File,
    GoogleSheet,
    Place,
    is_known,
    locator_of,
    open_workbook,
    place_of,
    sheet_of_key,
    workbook_key,
)
from sheets_sync.workbook.backend import WorkbookUnreachableError

ID = "1AbC-dEfGhIjKlMnOpQrStUvWxYz_0123456789abcdEF"
ADDRESS = f"https://docs.google.com/spreadsheets/d/{ID}"
SETTINGS = Settings(
    workbooks={
        "Growth": RegisteredWorkbook(location=f"{ADDRESS}/edit#gid=0"),
        "Q4": RegisteredWorkbook(location="plans/q4.xlsx"),
    }
)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("growth", Place(GoogleSheet(ID), "Growth")),
        ("Q4", Place(File(Path("plans/q4.xlsx")), "Q4")),
        (ID, Place(GoogleSheet(ID))),
        (ADDRESS, Place(GoogleSheet(ID))),
        (f"{ID}.xlsx", Place(File(Path(f"{ID}.xlsx")))),
        ("nothing like it", Place(File(Path("nothing like it")))),
    ],
)
def test_place_of_a_workbook(name: str, place: Place) -> None:
    assert place_of(name, SETTINGS) == place


def test_a_file_that_exists_goes_before_an_id_of_the_same_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert isinstance(place_of(ID, SETTINGS).at, GoogleSheet)
    (tmp_path / ID).touch()
    assert place_of(ID, SETTINGS) == Place(File(Path(ID)))


def test_all_names_of_a_workbook_have_one_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert {workbook_key(name, SETTINGS) for name in ("Growth", ID, ADDRESS)} == {f"google:{ID}"}
    names = ("q4", "plans/q4.xlsx", str(tmp_path / "plans" / "q4.xlsx"))
    assert {workbook_key(name, SETTINGS) for name in names} == {f"file:{tmp_path / 'plans' / 'q4.xlsx'}"}


def test_a_key_leads_back_to_its_sheet() -> None:
    sheet = sheet_of_key(workbook_key("Growth", SETTINGS))
    assert sheet is not None
    assert sheet.locator == locator_of("growth", SETTINGS) == ADDRESS
    assert sheet_of_key(workbook_key("Q4", SETTINGS)) is None


@pytest.mark.parametrize(("name", "known"), [("growth", True), ("q4", True), (ID, True), ("q5.xlsx", False)])
def test_a_name_is_known_if_it_is_registered_or_reaches_something(name: str, known: bool) -> None:
    assert is_known(name, SETTINGS) is known


def test_an_address_of_google_without_an_id_is_no_path() -> None:
    with pytest.raises(WorkbookUnreachableError, match="does not hold a spreadsheet's id"):
        place_of("https://docs.google.com/spreadsheets/", SETTINGS)


def test_a_file_is_opened_as_a_file_and_nothing_is_read_yet() -> None:
    assert open_workbook("q4", SETTINGS).locator == "plans/q4.xlsx"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("~nosuchuser/plan.xlsx", "cannot be opened: there is no such user"),
        ("a" * 5000 + ".xlsx", "cannot be opened: File name too long"),
        ("plan\0.xlsx", "cannot be opened: it is not the path of a file"),
        ("file:///home/ana/plan.xlsx", "Give the path itself, without file://."),
        ("https://contoso.sharepoint.com/:x:/r/plan.xlsx", "Let OneDrive keep the file on this machine"),
        ("https://example.com/plan.xlsx", "Give the address of a Google Sheet, or download the file"),
    ],
)
def test_what_is_no_path_is_refused_in_words(text: str, told: str) -> None:
    with pytest.raises(WorkbookUnreachableError) as error:
        open_workbook(text, SETTINGS)
    assert told in str(error.value)
    assert len(str(error.value)) < 500


def test_a_link_to_itself_and_a_pipe_are_refused_in_words(tmp_path: Path) -> None:
    loop, pipe = tmp_path / "loop.xlsx", tmp_path / "pipe.xlsx"
    loop.symlink_to(loop)
    os.mkfifo(pipe)
    for path, told in (
        (loop, "symbolic link"),
        (pipe, "is a pipe, a device or a socket"),
        (Path("/dev/zero"), "device"),
    ):
        with pytest.raises(WorkbookUnreachableError, match=told):
            open_workbook(str(path), SETTINGS).read(lambda _: True)
