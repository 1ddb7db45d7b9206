"""The admin paths: what tests in other processes use in place of the Python door."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from .conformance import read_json
from .errors import ApiError
from .faults import Fault
from .service import Request, Response, error_response, json_response

if TYPE_CHECKING:
    from .server import SheetsServer


class Admin:
    """Answers what comes in under `/__admin__/`; an unknown path lists the known ones."""

    def __init__(self, server: SheetsServer) -> None:
        self.server = server
        self.routes: dict[str, Callable[[dict[str, str], Any], Any]] = {
            "GET calls": lambda query, _: [vars(call) for call in server.calls(query.get("match", ""))],
            "GET count": lambda query, _: {"count": len(server.calls(query.get("match", "")))},
            "POST reset": self._reset,
            "GET faults": lambda _query, _: server.faults.listing(),
            "POST faults": lambda _query, body: server.faults.add(Fault(**body)) and server.faults.listing(),
            "DELETE faults": lambda _query, _: server.faults.clear(),
            "POST quota": lambda _query, body: server.set_quota(body.get("reads"), body.get("writes")),
            "POST clock": lambda _query, body: server.advance(body["advance"]),
            "POST apis": lambda _query, body: server.disable_api(body["service"], disabled=body["disabled"]),
            "POST service-accounts": lambda _query, body: server.service_account(body["email"]),
            "POST users": lambda _query, body: server.authorized_user(body["email"], body["scopes"]),
            "GET workbooks": self._workbooks,
        }
        self.workbook_routes: dict[str, Callable[[str, Any], Any]] = {
            "GET": lambda key, _: server.workbook_json(key),
            "POST edit": lambda key, body: server.edit(key, body["range"], body["value"]),
            "POST share": lambda key, body: server.share(key, body["email"], body.get("role", "writer")),
            "POST unshare": lambda key, body: server.unshare(key, body["email"]),
            "POST formula-results": lambda key, body: server.set_formula_result(key, body["formula"], body["result"]),
        }

    def answer(self, request: Request) -> Response:
        """The response to an admin request."""
        parts = [unquote(part) for part in request.path.strip("/").split("/")[1:]]
        query = {name: values[0] for name, values in parse_qs(request.query).items()}
        try:
            body = read_json(request.body)
            if len(parts) > 1 and parts[0] == "workbooks":
                name = " ".join([request.method, *parts[2:]])
                route = self.workbook_routes.get(name)
                result = route(parts[1], body) if route else None
            else:
                name = " ".join([request.method, *parts])
                plain = self.routes.get(name)
                route, result = plain, plain(query, body) if plain else None  # type: ignore[assignment]
        except ApiError as error:
            return error_response(error)
        except (KeyError, TypeError, ValueError) as problem:
            return json_response({"error": f"{type(problem).__name__}: {problem}"}, 400)
        if route is None:
            known = [*self.routes, *(f"{name} (workbooks/ID)" for name in self.workbook_routes)]
            return json_response({"error": f"There is no {name}.", "known": known}, 404)
        return json_response(result if result is not None else {})

    def _reset(self, query: dict[str, str], _body: Any) -> None:
        self.server.log.clear()
        self.server.faults.clear()
        if json.loads(query.get("workbooks", "false")):
            with self.server.store.lock:
                self.server.store.books.clear()
                self.server.store.save()

    def _workbooks(self, _query: dict[str, str], _body: Any) -> list[dict[str, Any]]:
        with self.server.store.lock:
            books = list(self.server.store.books.values())
        return [{"id": book.id, "title": book.title, "permissions": book.permissions} for book in books]
