"""Errors in the two shapes that Google's services answer with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

PROJECT_NUMBER = "123456789012"

STATUS_NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    409: "ABORTED",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


class ApiError(Exception):
    """A call that the server refuses: HTTP code, message, and optional details and headers."""

    def __init__(
        self,
        code: int,
        message: str,
        *,
        details: Sequence[dict[str, Any]] = (),
        drive: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = list(details)
        self.drive = drive
        self.headers = headers or {}

    def payload(self) -> dict[str, Any]:
        """The JSON body; Drive v3 lists its reasons in `errors`, Sheets v4 in `details`."""
        body: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.drive is not None:
            body["errors"] = [{"message": self.message, **self.drive}]
        if self.drive is not None and not self.details:
            return {"error": body}
        body["status"] = STATUS_NAMES.get(self.code, "UNKNOWN")
        if self.details:
            body["details"] = self.details
        return {"error": body}


class RequestError(Exception):
    """What is wrong with one request of a batch; the batch adds which one it was."""


def invalid(message: str) -> ApiError:
    """400 INVALID_ARGUMENT with `message`."""
    return ApiError(400, message)


def bad_request(violations: Sequence[tuple[str, str]]) -> ApiError:
    """400 for a payload that breaks the API description: pairs of field path and description."""
    return ApiError(
        400,
        "\n".join(text for _, text in violations),
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.BadRequest",
                "fieldViolations": [
                    {"field": field, "description": text} if field else {"description": text}
                    for field, text in violations
                ],
            }
        ],
    )


def not_served(what: str) -> ApiError:
    """501: valid for the real service, but this server does not do it."""
    return ApiError(501, f"{what} is valid, but this server does not serve it.")


def not_found() -> ApiError:
    """404 of the Sheets API."""
    return ApiError(404, "Requested entity was not found.")


def file_not_found(file_id: str) -> ApiError:
    """404 of the Drive API, which is also its answer for a file that the caller may not see."""
    return ApiError(
        404,
        f"File not found: {file_id}.",
        drive={"domain": "global", "reason": "notFound", "location": "fileId", "locationType": "parameter"},
    )


def permission_denied() -> ApiError:
    """403 for a caller who lacks the role that the call needs."""
    return ApiError(403, "The caller does not have permission")


def unauthenticated() -> ApiError:
    """401 for a missing, unknown or expired access token."""
    return ApiError(
        401,
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "ACCESS_TOKEN_TYPE_UNSUPPORTED",
                "metadata": {"service": "sheets.googleapis.com"},
            }
        ],
        headers={"WWW-Authenticate": 'Bearer realm="https://accounts.google.com/", error="invalid_token"'},
    )


def scope_insufficient(service: str) -> ApiError:
    """403 for a token whose scopes do not cover the method."""
    return ApiError(
        403,
        "Request had insufficient authentication scopes.",
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                "domain": "googleapis.com",
                "metadata": {"service": service},
            }
        ],
    )


def service_disabled(service: str, title: str) -> ApiError:
    """403 for a project in which the API was never switched on."""
    url = f"https://console.developers.google.com/apis/api/{service}/overview?project={PROJECT_NUMBER}"
    message = (
        f"{title} has not been used in project {PROJECT_NUMBER} before or it is disabled. Enable it by visiting {url} "
        "then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems "
        "and retry."
    )
    if service == "drive.googleapis.com":
        drive = {"domain": "usageLimits", "reason": "accessNotConfigured", "extendedHelp": url}
        return ApiError(403, message, drive=drive)
    return ApiError(
        403,
        message,
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.Help",
                "links": [{"description": "Google developers console API activation", "url": url}],
            },
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "SERVICE_DISABLED",
                "domain": "googleapis.com",
                "metadata": {"service": service, "consumer": f"projects/{PROJECT_NUMBER}"},
            },
        ],
    )


def quota_exceeded(kind: str, limit: int) -> ApiError:
    """429; `kind` is "Read" or "Write", `limit` the calls allowed per minute and user."""
    consumer = f"project_number:{PROJECT_NUMBER}"
    return ApiError(
        429,
        f"Quota exceeded for quota metric '{kind} requests' and limit '{kind} requests per minute per user' of service "
        f"'sheets.googleapis.com' for consumer '{consumer}'.",
        details=[
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "RATE_LIMIT_EXCEEDED",
                "domain": "googleapis.com",
                "metadata": {
                    "service": "sheets.googleapis.com",
                    "consumer": f"projects/{PROJECT_NUMBER}",
                    "quota_limit": f"{kind}RequestsPerMinutePerUser",
                    "quota_limit_value": str(limit),
                    "quota_location": "global",
                    "quota_metric": f"sheets.googleapis.com/{kind.lower()}_requests",
                },
            },
            {
                "@type": "type.googleapis.com/google.rpc.Help",
                "links": [
                    {
                        "description": "Request a higher quota limit.",
                        "url": "https://cloud.google.com/docs/quotas/help/request_increase",
                    }
                ],
            },
        ],
    )
