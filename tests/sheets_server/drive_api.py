"""The part of Drive v3 that gspread uses: files and their permissions."""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from .a1 import Area
from .batch_sheets import add_sheet
from .book import Json, Workbook
from .discovery import load
from .draft import Caller, Draft
from .drive_query import invalid_value, parse_query
from .errors import ApiError, file_not_found, not_served, permission_denied
from .fieldmask import parse_projection, project
from .render import Renderer, new_book_properties
from .sheets_api import Call
from .store import ROLES, Store

SPREADSHEET_TYPE = "application/vnd.google-apps.spreadsheet"

# What Drive answers where `fields` is not given.
_DEFAULT_FIELDS = {
    "File": "kind,id,name,mimeType",
    "FileList": "kind,incompleteSearch,nextPageToken,files(kind,id,name,mimeType)",
    "Permission": "kind,id,type,role",
    "PermissionList": "kind,nextPageToken,permissions(kind,id,type,role)",
}


class DriveApi:
    """Serves checked calls on a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def answer(self, call: Call) -> Json | bytes | None:
        """The JSON answer, the bytes of an export, or None for an empty answer."""
        handler: Callable[[Call], Any] | None = getattr(
            self, "_do_" + call.method_id.removeprefix("drive.").replace(".", "_"), None
        )
        if handler is None:
            raise not_served(call.method_id)
        with self.store.lock:
            answer: Any = handler(call)
        if not isinstance(answer, dict):
            return answer  # type: ignore[no-any-return]
        fields = call.query.get("fields") or _DEFAULT_FIELDS.get(call.response, "*")
        if fields == "*":
            return answer
        return project(answer, parse_projection(load("drive"), call.response, fields))  # type: ignore[no-any-return]

    def file(self, book: Workbook) -> Json:
        """A workbook as a Drive file."""
        owners = [item for item in book.permissions if item["role"] == "owner"]
        return {
            "kind": "drive#file",
            "id": book.id,
            "name": book.title,
            "mimeType": SPREADSHEET_TYPE,
            "parents": ["root"],
            "createdTime": _timestamp(book.created),
            "modifiedTime": _timestamp(self._shown_moment(book)),
            "version": str(book.version),
            "trashed": book.trashed,
            "owners": [{"kind": "drive#user", "emailAddress": item["emailAddress"]} for item in owners],
            "permissions": book.permissions,
            "webViewLink": f"https://docs.google.com/spreadsheets/d/{book.id}/edit?usp=drivesdk",
        }

    def _shown_moment(self, book: Workbook) -> float:
        """The newest change that Drive has taken notice of."""
        known = self.store.now() - self.store.habits.modified_lag_s
        moments = book.moments or [book.modified]
        return max((moment for moment in moments if moment <= known), default=moments[0])

    def _in_corpora(self, book: Workbook, query: Json) -> bool:
        """Whether a search looks where the file is: into shared drives only if asked, and not if there is no time."""
        if book.drive_id is None:
            return True
        if query.get("corpora", "user") != "allDrives" or self.store.habits.incomplete_search:
            return False
        return bool(query.get("includeItemsFromAllDrives"))

    def _open(self, call: Call, *, write: bool) -> Workbook:
        return self.store.open(call.path["fileId"], call.email, write=write, drive=True)[0]

    def _do_files_list(self, call: Call) -> Json:
        test = parse_query(call.query["q"]) if call.query.get("q") else (lambda _file: True)
        if call.query.get("corpora") == "allDrives" and not call.query.get("supportsAllDrives"):
            raise invalid_value("supportsAllDrives")
        seen = [book for book in self.store.books.values() if self.store.role(book, call.email)]
        books = [book for book in seen if self._in_corpora(book, call.query)]
        files = [file for book in books if test(file := self.file(book))]
        for key in reversed(str(call.query.get("orderBy", "modifiedTime desc")).split(",")):
            name, _, direction = key.strip().partition(" ")
            if name.removesuffix("_natural") not in ("name", "modifiedTime", "createdTime", "folder"):
                raise invalid_value("orderBy")
            files.sort(key=lambda file: str(file.get(name, "")), reverse=direction == "desc")
        size = call.query.get("pageSize", 100)
        if not 1 <= size <= 1000:
            raise invalid_value("pageSize")
        token = call.query.get("pageToken") or "0"
        if not token.isdigit():
            raise invalid_value("pageToken")
        start = int(token)
        is_cut = self.store.habits.incomplete_search and call.query.get("corpora") == "allDrives"
        answer: Json = {"kind": "drive#fileList", "incompleteSearch": is_cut, "files": files[start : start + size]}
        if start + size < len(files):
            answer["nextPageToken"] = str(start + size)
        return answer

    def _do_files_get(self, call: Call) -> Json:
        if call.query.get("alt") == "media":
            raise not_served("Downloading a file")
        book = self._open(call, write=False)
        if book.drive_id is not None and not call.query.get("supportsAllDrives"):
            raise file_not_found(book.id)
        return self.file(book)

    def _do_files_create(self, call: Call) -> Json:
        if call.body.get("mimeType") != SPREADSHEET_TYPE:
            raise not_served(f"Creating a file of type {call.body.get('mimeType')}")
        book = self.store.create(new_book_properties(call.body.get("name", "Untitled")), call.email)
        draft = Draft(book, Caller(call.email, "owner"), load("sheets"))
        draft.book.permissions = book.permissions
        add_sheet(draft, {})
        self.store.commit(draft.book)
        return self.file(draft.book)

    def _do_files_copy(self, call: Call) -> Json:
        source = self._open(call, write=False)
        copy = source.copy()
        blank = self.store.create({}, call.email)
        copy.id, copy.permissions, copy.created = blank.id, blank.permissions, 0.0
        copy.properties = {**source.properties, "title": call.body.get("name", f"Copy of {source.title}")}
        self.store.commit(copy)
        return self.file(copy)

    def _do_files_update(self, call: Call) -> Json:
        copy = self._open(call, write=True).copy()
        if "name" in call.body:
            copy.properties = {**copy.properties, "title": call.body["name"]}
        if "trashed" in call.body:
            copy.trashed = call.body["trashed"]
        self.store.commit(copy)
        return self.file(copy)

    def _do_files_delete(self, call: Call) -> None:
        book = self._open(call, write=True)
        if self.store.role(book, call.email) != "owner":
            raise permission_denied()
        self.store.forget(book.id)

    def _do_files_export(self, call: Call) -> bytes:
        book = self._open(call, write=False)
        if call.query.get("mimeType") != "text/csv":
            raise not_served(f"Exporting as {call.query.get('mimeType')}")
        rows = Renderer(book, self.store.calculator(book)).values(
            book.sheets[0], Area(), "FORMATTED_VALUE", "FORMATTED_STRING"
        )
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerows(rows)
        return text.getvalue().removesuffix("\r\n").encode()

    def import_csv(self, key: str, email: str, content: bytes) -> Json:
        """Replace a workbook's sheets by one that holds the CSV (gspread uses the upload path of Drive v2)."""
        with self.store.lock:
            book, role = self.store.open(key, email, write=True, drive=True)
            draft = Draft(book, Caller(email, role), load("sheets"))
            sheet = draft.book.sheets[0]
            draft.book.sheets = [sheet]
            sheet.rows = {}
            sheet.properties = {**sheet.properties, "title": book.title}
            rows = list(csv.reader(io.StringIO(content.decode("utf-8"))))
            width = max((len(row) for row in rows), default=1)
            sheet.resize(max(sheet.row_count, len(rows)), max(sheet.column_count, width))
            for at, row in enumerate(rows):
                for column, value in enumerate(row):
                    draft.enter(sheet, at, column, value, raw=False)
            self.store.commit(draft.book)
            return {"kind": "drive#file", "id": key, "title": book.title, "mimeType": SPREADSHEET_TYPE}

    def _do_permissions_list(self, call: Call) -> Json:
        return {"kind": "drive#permissionList", "permissions": self._open(call, write=False).permissions}

    def _do_permissions_create(self, call: Call) -> Json:
        copy = self._open(call, write=True).copy()
        permission = share(copy, call.body.get("type", ""), call.body.get("role", ""), call.body)
        self.store.commit(copy)
        return permission

    def _permission(self, call: Call, book: Workbook) -> Json:
        for item in book.permissions:
            if item["id"] == call.path["permissionId"]:
                return item
        drive = {"domain": "global", "reason": "notFound", "location": "permissionId", "locationType": "parameter"}
        raise ApiError(404, f"Permission not found: {call.path['permissionId']}.", drive=drive)

    def _do_permissions_get(self, call: Call) -> Json:
        return self._permission(call, self._open(call, write=False))

    def _do_permissions_delete(self, call: Call) -> None:
        copy = self._open(call, write=True).copy()
        copy.permissions.remove(self._permission(call, copy))
        self.store.commit(copy)

    def _do_permissions_update(self, call: Call) -> Json:
        copy = self._open(call, write=True).copy()
        permission = self._permission(call, copy)
        permission["role"] = _checked_role(str(call.body.get("role", permission["role"])))
        if permission["role"] == "owner":
            for item in copy.permissions:
                if item is not permission and item["role"] == "owner":
                    item["role"] = "writer"
        self.store.commit(copy)
        return permission

    def _do_comments_list(self, call: Call) -> Json:
        self._open(call, write=False)
        return {"kind": "drive#commentList", "comments": []}


def _checked_role(role: str) -> str:
    if role not in ROLES:
        raise invalid_value("permission.role")
    return role


def share(book: Workbook, kind: str, role: str, details: Json) -> Json:
    """Give somebody a role on a workbook, in place of the one that they had."""
    if kind not in ("user", "group", "domain", "anyone"):
        raise invalid_value("permission.type")
    permission: Json = {"kind": "drive#permission", "type": kind, "role": _checked_role(role)}
    email = details.get("emailAddress", "")
    if kind in ("user", "group"):
        if not email:
            raise invalid_value("permission.emailAddress")
        permission["emailAddress"] = email
        permission["displayName"] = email.partition("@")[0]
    if kind == "domain":
        permission["domain"] = details.get("domain", "")
    identity = email or permission.get("domain", "") or "anyoneWithLink"
    permission["id"] = identity if kind == "anyone" else str(zlib.crc32(identity.casefold().encode()))
    book.permissions = [item for item in book.permissions if item["id"] != permission["id"]]
    book.permissions.append(permission)
    return permission


def _timestamp(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
