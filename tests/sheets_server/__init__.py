"""A local stand-in for Google Sheets v4 and the part of Drive v3 that gspread uses, over real HTTP."""

from .faults import Fault
from .http_server import CallRecord
from .redirect import redirected_session
from .server import SheetsServer

__all__ = ["CallRecord", "Fault", "SheetsServer", "redirected_session"]
