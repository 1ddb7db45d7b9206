"""A request's way through the server: who calls, with which scopes, within which quota, as the API describes it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from . import iam
from .conformance import check_query, check_request, read_json, response_violations
from .discovery import Method, find_method, load
from .drive_api import DriveApi
from .errors import ApiError, scope_insufficient, service_disabled
from .oauth import OAuthError, grant, identify
from .quota import Quota
from .sheets_api import Call, SheetsApi
from .store import Store

_TITLES = {"sheets": "Google Sheets API", "drive": "Google Drive API"}
_UPLOAD = "/upload/drive/v2/files/"
_DRIVE_REASONS = {400: "badRequest", 401: "authError", 403: "insufficientFilePermissions", 501: "notImplemented"}


@dataclass
class Request:
    """What came in over HTTP."""

    method: str
    path: str
    query: str
    authorization: str | None
    body: bytes


@dataclass
class Response:
    """What goes out over HTTP."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=UTF-8"


def json_response(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer; without Google's indentation, which makes Python's encoder ten times slower."""
    return Response(status, json.dumps(value, ensure_ascii=False).encode() + b"\n", headers or {})


def error_response(error: ApiError) -> Response:
    """An error in the shape of the API that was called."""
    return json_response(error.payload(), error.code, error.headers)


class Service:
    """Answers requests of both APIs and of the token endpoint."""

    def __init__(self, store: Store, quota: Quota, *, check_answers: bool) -> None:
        self.store = store
        self.quota = quota
        self.check_answers = check_answers
        self.sheets = SheetsApi(store)
        self.drive = DriveApi(store)

    def answer(self, request: Request) -> Response:
        """The response to a request."""
        try:
            if request.path == "/token" and request.method == "POST":
                return json_response(grant(self.store, request.body))
            if (called := iam.find_account(request.path)) is not None:
                return json_response(iam.answer(self.store, *called, request.authorization, request.body))
            if request.path.startswith(_UPLOAD) and request.method == "PUT":
                return self._upload(request)
            found = find_method(request.method, request.path)
            if found is None:
                return _no_such_url(request.path)
            return self._call(request, *found)
        except OAuthError as refused:
            return json_response(refused.payload, 400)
        except ApiError as error:
            if error.drive is None and request.path.startswith(("/drive/", "/upload/drive/")):
                error.drive = {"domain": "global", "reason": _DRIVE_REASONS.get(error.code, "backendError")}
            return error_response(error)

    def _upload(self, request: Request) -> Response:
        email, _ = self._admit(request, "drive", frozenset({"drive", "drive.file"}))
        key = request.path.removeprefix(_UPLOAD)
        return json_response(self.drive.import_csv(key, email, request.body))

    def _admit(self, request: Request, service: str, scopes: frozenset[str]) -> tuple[str, frozenset[str] | None]:
        email, granted = identify(self.store, request.authorization)
        host = f"{service}.googleapis.com"
        if host in self.store.disabled_services:
            raise service_disabled(host, _TITLES[service])
        if granted is not None and not granted & scopes:
            raise scope_insufficient(host)
        return email, granted

    def _call(self, request: Request, method: Method, path: dict[str, str]) -> Response:
        description = load(method.service)
        email, _ = self._admit(request, method.service, method.scopes)
        if method.service == "sheets":
            kind = "Read" if _reads(method) else "Write"
            with self.store.lock:
                self.quota.take(email, kind, self.store.now())
        for name, schema in method.parameters.items():
            if schema.get("location") == "path" and schema.get("type") == "integer":
                check_query(description, method, {name: [path[name]]})
        query = check_query(description, method, parse_qs(request.query, keep_blank_values=True))
        body = check_request(description, method, read_json(request.body)) if method.request else {}
        call = Call(method.id, method.response or "", path, query, body, email)
        answer = (self.sheets if method.service == "sheets" else self.drive).answer(call)
        if answer is None:
            return Response(204, b"")
        if isinstance(answer, bytes):
            return Response(200, answer, content_type=query.get("mimeType", "application/octet-stream"))
        if self.check_answers and method.response:
            problems = response_violations(description, method.response, answer)
            if problems:
                raise AssertionError(f"The answer of {method.id} does not conform: {problems}")
        response = json_response(answer)
        largest = self.store.habits.largest_answer
        if largest is not None and len(response.body) > largest:
            raise ApiError(500, "Internal error encountered.")
        return response


def _reads(method: Method) -> bool:
    """Whether a method counts against the read quota; reads by POST have no read-only scope to tell them by."""
    return method.http_method == "GET" or method.id.rpartition(".")[2] in (
        "getByDataFilter",
        "batchGetByDataFilter",
        "search",
    )


def _no_such_url(path: str) -> Response:
    text = f"<!DOCTYPE html><title>Error 404 (Not Found)</title><p>The requested URL {path} was not found."
    return Response(404, text.encode(), content_type="text/html; charset=UTF-8")
