"""What names a Google Sheet, and what does not."""

import pytest

from sheets_sync.google.locator import address_of, parse_locator
from sheets_sync.workbook.backend import WorkbookUnreachableError

ID = "1AbC-dEfGhIjKlMnOpQrStUvWxYz_0123456789abcdEF"


@pytest.mark.parametrize(
    "text",
    [
        ID,
        f"  {ID}\n",
        f"https://docs.google.com/spreadsheets/d/{ID}/edit#gid=0",
        f"https://docs.google.com/spreadsheets/u/1/d/{ID}/edit?usp=sharing",
        f"docs.google.com/spreadsheets/d/{ID}",
        f"https://drive.google.com/open?id={ID}",
        f"https://docs.google.com/spreadsheet/ccc?key={ID}",
        address_of(ID),
    ],
)
def test_an_address_or_id_names_its_spreadsheet(text):
    assert parse_locator(text) == ID


@pytest.mark.parametrize(
    "text", ["plan.xlsx", "growth", "https://example.com/d/" + ID, "", "C:\\plans\\q3.xlsx", "a b"]
)
def test_other_texts_are_left_to_others(text):
    assert parse_locator(text) is None


def test_a_published_copy_is_refused_with_the_cure():
    address = "https://docs.google.com/spreadsheets/d/e/2PACX-1vS/pubhtml"
    with pytest.raises(WorkbookUnreachableError) as error:
        parse_locator(address)
    assert str(error.value) == (
        f"{address} is the published copy of a sheet, which can only be looked at. Open the sheet itself and copy the "
        "address from the browser: https://docs.google.com/spreadsheets/d/..."
    )


def test_an_address_of_google_without_an_id_is_refused():
    with pytest.raises(WorkbookUnreachableError, match="does not hold a spreadsheet's id"):
        parse_locator("https://docs.google.com/spreadsheets/")
