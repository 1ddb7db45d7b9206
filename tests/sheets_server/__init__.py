"""A local stand-in for Google Sheets v4 and the part of Drive v3 that gspread uses, over real HTTP."""

from .faults import Fault
from .http_server import CallRecord
from .server import RedirectedSession, SheetsServer

__all__ = ["CallRecord", "Fault", "RedirectedSession", "SheetsServer"]
