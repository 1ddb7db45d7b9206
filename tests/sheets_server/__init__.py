"""A local stand-in for Google Sheets v4 and the part of Drive v3 that gspread uses, over real HTTP.

    with SheetsServer() as server:
        book = server.client().create("Plan")              # the real gspread, talking to this server
        server.edit(book.id, "Sheet1!B2", "12%")           # a person types while we solve
        server.fault("reset_after", r"POST .*:batchUpdate")  # the next batch is applied, its answer lost
        server.calls("batchUpdate")                        # what was sent, how large, what came back
        server.cell(book.id, "Sheet1!B2")                  # a stored cell, as spreadsheets.get answers it

Requests and answers are checked against Google's API description, which google-api-python-client brings along. What
the description allows but this server does not do is answered with 501, never with silence. It does not hide rows by
filters, evaluate conditional formats or spill arrays over cells; sorting, slicers, pivot tables, filter views,
dimension groups and comments are not served.
"""

from .faults import Fault
from .http_server import CallRecord
from .redirect import redirected_session
from .server import SheetsServer

__all__ = ["CallRecord", "Fault", "SheetsServer", "redirected_session"]
