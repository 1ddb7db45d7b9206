"""Errors of the service as RFC 9457 problem documents, every one of them: ours, the framework's, and defects."""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from sheets_sync.jobs.run_table import IdempotencyConflictError
from sheets_sync.service.request_limits import RequestLimit

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
LOGGED_PER_MINUTE = 10
"""Defects of one caller's requests that are logged in a minute."""
_LONGEST_ECHO = 200


class ProblemDocument(BaseModel):
    """What an error answers (RFC 9457); `type` names the kind of problem for programs, `detail` is for people."""

    type: str = Field(description="urn:sheetplan:problem:..., stable, or about:blank if the status is enough.")
    title: str
    status: int
    detail: str
    errors: list[dict[str, Any]] | None = Field(None, description="For an invalid request: what is wrong, and where.")


@dataclass
class Problem(Exception):  # noqa: N818 -- named as the RFC names it
    """An error that is reported to the caller."""

    status: int
    kind: str | None
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)
    errors: list[dict[str, Any]] | None = None

    def document(self) -> dict[str, Any]:
        """The JSON document."""
        document: dict[str, Any] = {
            "type": "about:blank" if self.kind is None else f"urn:sheetplan:problem:{self.kind}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        return document | ({} if self.errors is None else {"errors": self.errors})

    def response(self) -> Response:
        """The whole answer."""
        body = json.dumps(self.document(), ensure_ascii=False)
        return Response(body, status_code=self.status, media_type=MEDIA_TYPE, headers=dict(self.headers))


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems of a guarded call, for the OpenAPI document: those of every such call, and these."""
    schema = {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}
    return {
        status: {"description": "A problem document.", "content": {MEDIA_TYPE: schema}}
        for status in (401, 413, 429, 500, 503, *statuses)
    }


def install(app: FastAPI) -> None:
    """Answer every error of the app with a problem document."""
    logged = RequestLimit(LOGGED_PER_MINUTE, clock=time.monotonic)
    logging.getLogger("uvicorn.error").addFilter(_ServerLog())

    @app.exception_handler(Problem)
    async def ours(_: Request, error: Problem) -> Response:
        return error.response()

    @app.exception_handler(IdempotencyConflictError)
    async def conflict(_: Request, error: IdempotencyConflictError) -> Response:
        return Problem(422, "idempotency-key-reused", str(error)).response()

    @app.exception_handler(HTTPException)
    async def of_the_framework(request: Request, error: HTTPException) -> Response:
        details = {
            404: f"Nothing exists at {_path(request)}.",
            405: f"{request.method} is not allowed at {_path(request)}.",
        }
        detail = details.get(error.status_code, str(error.detail))
        return Problem(error.status_code, None, detail, headers=error.headers or {}).response()

    @app.exception_handler(RequestValidationError)
    async def not_valid(_: Request, error: RequestValidationError) -> Response:
        errors = [
            {"place": ".".join(str(part) for part in item["loc"]), "message": str(item["msg"])}
            for item in error.errors()
        ]
        detail = "; ".join(f"{item['place']}: {item['message']}" for item in errors)
        return Problem(422, "invalid-request", detail, errors=errors).response()

    @app.exception_handler(SQLAlchemyError)
    async def no_store(_: Request, error: SQLAlchemyError) -> Response:
        logger.error("The store cannot be used", exc_info=error, extra={"action": "store_unreachable"})
        detail = "The run database is currently unavailable. Try again in a minute."
        return Problem(503, "store-unreachable", detail, headers={"Retry-After": "10"}).response()

    @app.exception_handler(Exception)
    async def defect(request: Request, error: Exception) -> Response:
        # The log has the traceback; the caller gets none, nor can one caller fill the log.
        if logged.take(request.client.host if request.client else "unknown") == 0:
            logger.error("A request failed", exc_info=error, extra={"action": "request_failed"})
        return Problem(500, "defect", "This is a bug in sheetplan; see the service's log for details.").response()


def _path(request: Request) -> str:
    """The path as it was asked for, cut where it is very long; read without the Host header, which may be anything."""
    path = str(request.scope["path"])
    return path if len(path) <= _LONGEST_ECHO else path[:_LONGEST_ECHO] + "..."


class _ServerLog(logging.Filter):
    """Keeps out what `defect` has logged already, and all but a few of the warnings that strangers can cause.

    What is no HTTP at all has no caller that we could count by.
    """

    def __init__(self) -> None:
        super().__init__()
        self._warned = RequestLimit(LOGGED_PER_MINUTE, clock=time.monotonic)

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno == logging.WARNING:
            return self._warned.take("anybody") == 0
        return not record.getMessage().startswith("Exception in ASGI application")
