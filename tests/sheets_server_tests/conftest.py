from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gspread
import pytest

from tests.sheets_server import SheetsServer


@pytest.fixture
def server() -> Iterator[SheetsServer]:
    with SheetsServer() as running:
        yield running


@pytest.fixture
def client(server: SheetsServer) -> gspread.Client:
    return server.client()


@pytest.fixture
def book(client: gspread.Client) -> gspread.Spreadsheet:
    return client.create("Plan")


@pytest.fixture
def sheet(book: gspread.Spreadsheet) -> gspread.Worksheet:
    return book.sheet1


@pytest.fixture
def refused() -> Callable[..., dict[str, Any]]:
    """Run a call that must be refused; give the `error` object of the answer."""

    def run(action: Callable[..., Any], *arguments: Any, **options: Any) -> dict[str, Any]:
        with pytest.raises(gspread.exceptions.APIError) as caught:
            action(*arguments, **options)
        error: dict[str, Any] = caught.value.response.json()["error"]
        assert error["code"] == caught.value.response.status_code
        return error

    return run
