"""`sheetplan doctor`: what a run needs, checked one by one, each with what was found and what to do about it.

Nothing is changed anywhere: whether we may write is asked with a replacement of a text that no cell holds.
"""

import platform
import secrets
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import requests
from google.auth import exceptions as auth_exceptions
from google.auth.transport.requests import Request
from gspread.exceptions import APIError
from gspread.http_client import ParamsType
from gspread.urls import SPREADSHEET_BATCH_UPDATE_URL, SPREADSHEET_URL

from config.settings import GoogleSettings, Settings
from config.tabs import COLUMNS, INPUT_TABS, find_tab
from optimizer.errors import SolverUnavailableError
from optimizer.solvers.solve import SolverName, solver_version
from sheets_sync.google.changed_files import ChangedFiles
from sheets_sync.google.connection import Connection, refused, unreachable
from sheets_sync.google.credentials import emulator_address
from sheets_sync.google.faults import Situation
from sheets_sync.google.locator import address_of
from sheets_sync.google.shared_connection import shared_connection
from sheets_sync.google.transport import CutBodyError
from sheets_sync.opening import GoogleSheet, place_of, sheet_at
from sheets_sync.workbook.backend import WorkbookError, WorkbookUnreachableError

SHOWN_PACKAGES = ("gspread", "google-auth", "pulp", "highspy", "pandas", "openpyxl", "pydantic")
OLDEST_PYTHON = (3, 11)
SKEW_WARNED_S, SKEW_REFUSED_S = 30.0, 300.0
"""A token request is signed with the local time; Google refuses it when that is minutes off."""

Json = dict[str, Any]


class Status(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One check: what was looked at, how it ended, what was found, and what to do where that is not well."""

    check: str
    status: Status
    what: str
    cure: str = ""


def diagnose(
    workbook: str | None, settings: Settings, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> list[Finding]:
    """Every check that makes sense: this machine always, Google and the workbook if one is given.

    Args:
        workbook: what the person calls it; without one, Google's credentials are checked alone.
        settings: the installation's.
        now: the machine's clock.
    """
    findings = [_python(), _packages(), _solver(settings.solver)]
    drive = _drive(settings)
    if workbook is None:
        return [*findings, *_google(None, settings.google, now, ""), *drive]
    init = f"sheetplan init {shlex.quote(workbook)}"
    try:
        at = place_of(workbook, settings).at
    except WorkbookUnreachableError as error:
        return [*findings, _failed("workbook", error)]
    if isinstance(at, GoogleSheet):
        return [*findings, *_google(at.spreadsheet_id, settings.google, now, init), *drive]
    if at.path.exists():
        return [*findings, _file(at.path, init)]
    missing = f"{at.path} is neither a Google Sheet's address nor a file."
    cure = "Give the address that the browser shows, or the path of an .xlsx file."
    return [*findings, Finding("workbook", Status.FAIL, missing, cure)]


def _python() -> Finding:
    found = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info >= OLDEST_PYTHON:
        return Finding("python", Status.OK, found)
    return Finding("python", Status.FAIL, found, "Install Python 3.11 or newer.")


def _packages() -> Finding:
    missing: list[str] = []
    found: list[str] = []
    for name in ("sheetplan", *SHOWN_PACKAGES):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Finding("packages", Status.WARN, f"not installed: {', '.join(missing)}", "Run make setup.")
    return Finding("packages", Status.OK, ", ".join(found))


def _solver(name: SolverName) -> Finding:
    try:
        title, number = solver_version(name)
    except SolverUnavailableError as error:
        return Finding("solver", Status.FAIL, str(error), 'Install it with pip install "sheetplan[cbc]", or use highs.')
    return Finding("solver", Status.OK, f"{title} {number}")


def _file(path: Path, init: str) -> Finding:
    from sheets_sync.excel import ExcelWorkbook

    try:
        snapshot = ExcelWorkbook(path).read(lambda title: find_tab(title) is not None)
    except WorkbookError as error:
        return _failed("workbook", error)
    return _tabs(list(snapshot.tabs), init)


def _google(
    spreadsheet_id: str | None, settings: GoogleSettings, now: Callable[[], datetime], init: str
) -> Iterator[Finding]:
    try:
        connection = shared_connection(settings, emulator_address())
    except WorkbookUnreachableError as error:
        yield _failed("credentials", error)
        return
    identity = connection.identity
    who = f" as {identity.account}" if identity.account else ""
    yield Finding("credentials", Status.OK, identity.kind + who)
    address = address_of(spreadsheet_id) if spreadsheet_id is not None else "Google Sheets"
    situation = connection.situation(address)
    if connection.emulator is None:
        token = _token(connection, situation)
        yield token
        if token.status is Status.FAIL:
            return
    if spreadsheet_id is not None:
        yield from _spreadsheet(spreadsheet_id, connection, situation, now, init)


def _token(connection: Connection, situation: Situation) -> Finding:
    credentials = connection.identity.credentials
    try:
        credentials.refresh(Request())  # type: ignore[no-untyped-call]  # google-auth is half typed
    except (auth_exceptions.GoogleAuthError, requests.RequestException) as error:
        return _failed("token", unreachable(error, situation, connection.patience.deadline_s))
    scopes = getattr(credentials, "granted_scopes", None) or getattr(credentials, "scopes", None) or ()
    covered = f" for {', '.join(scope.rpartition('/')[2] for scope in scopes)}" if scopes else ""
    return Finding("token", Status.OK, f"Google gives a token{covered}")


def _spreadsheet(
    spreadsheet_id: str, connection: Connection, situation: Situation, now: Callable[[], datetime], init: str
) -> Iterator[Finding]:
    params: ParamsType = {"fields": "properties(title,locale,timeZone),sheets(properties(title))"}
    try:
        response = connection.http.request("get", SPREADSHEET_URL % spreadsheet_id, params=params)
        answer: Json = response.json()
    except APIError as error:
        yield _failed("workbook", refused(error, situation))
        return
    except (requests.RequestException, CutBodyError, auth_exceptions.GoogleAuthError, ValueError) as error:
        yield _failed("workbook", unreachable(error, situation, connection.patience.deadline_s))
        return
    properties = answer.get("properties", {})
    details = ", ".join(properties[name] for name in ("locale", "timeZone") if name in properties)
    yield Finding("workbook", Status.OK, f'"{properties.get("title", "")}" can be read ({details})')
    yield from _clock(response.headers.get("Date"), now())
    yield _editor(spreadsheet_id, connection, connection.situation(situation.address, writing=True))
    yield _tabs([sheet["properties"]["title"] for sheet in answer.get("sheets", ())], init)


def _drive(settings: Settings) -> Iterator[Finding]:
    """Where tick boxes are watched, Drive is asked as the service asks it."""
    watched = [name for name, workbook in settings.workbooks.items() if workbook.tick_box]
    if not watched:
        return
    try:
        listed = ChangedFiles.of(settings.google).since(None)
    except WorkbookError as error:
        yield _failed("drive", error)
        return
    sheets = {name: sheet_at(settings.workbooks[name].location) for name in watched}
    missing = [name for name, sheet in sheets.items() if sheet is not None and sheet.spreadsheet_id not in listed]
    if missing:
        what = f"Drive does not list {', '.join(missing)}, so that ticks there are never seen"
        yield Finding("drive", Status.FAIL, what, "Share each of them with the account, by its address, as Editor.")
        return
    yield Finding("drive", Status.OK, f"Drive lists every workbook whose tick boxes are watched ({', '.join(watched)})")


def _clock(date: str | None, now: datetime) -> Iterator[Finding]:
    if date is None:
        return
    skew = (now - parsedate_to_datetime(date)).total_seconds()
    found = f"this machine's clock is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} Google's"
    cure = "Let the operating system set its clock from the network (NTP)."
    if abs(skew) < SKEW_WARNED_S:
        yield Finding("clock", Status.OK, found)
    else:
        yield Finding("clock", Status.FAIL if abs(skew) > SKEW_REFUSED_S else Status.WARN, found, cure)


def _editor(spreadsheet_id: str, connection: Connection, situation: Situation) -> Finding:
    # A random text that no cell holds: the call is a write in every respect but that it changes nothing.
    nothing = secrets.token_hex(24)
    search = {"find": nothing, "replacement": nothing, "allSheets": True, "matchEntireCell": True}
    body = {"requests": [{"findReplace": search}]}
    url = SPREADSHEET_BATCH_UPDATE_URL % spreadsheet_id
    try:
        connection.call("post", url, situation, params={"fields": "spreadsheetId"}, body=body)
    except APIError as error:
        return _failed("role", refused(error, situation))
    except WorkbookError as error:
        return _failed("role", error)
    return Finding("role", Status.OK, f"{situation.who} may edit the spreadsheet")


def _tabs(titles: Sequence[str], init: str) -> Finding:
    found = {tab.name: title for title in titles if (tab := find_tab(title)) is not None}
    missing = [tab.name for tab in INPUT_TABS if tab.required and tab.name not in found]
    reported = ", ".join(found.values()) or "none"
    if not missing:
        return Finding("tabs", Status.OK, f"input tabs: {reported}")
    if COLUMNS.name in found:
        named = f"{found[COLUMNS.name]} may name a tab for {', '.join(missing)}; sheetplan check reads it"
        return Finding("tabs", Status.OK, f"input tabs: {reported}; {named}")
    cure = f"Run {init}: it adds the missing tabs and changes nothing else; or sheetplan adopt, around your own list."
    return Finding("tabs", Status.FAIL, f"input tabs: {reported}; missing: {', '.join(missing)}", cure)


def _failed(check: str, error: WorkbookError) -> Finding:
    """Our messages say first what happened, then what to do."""
    text = str(error)
    what, _, cure = text.partition(". ")
    return Finding(check, Status.FAIL, f"{what}." if cure else text, cure)
