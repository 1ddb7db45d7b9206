"""The status page: plain HTML, CSS and JavaScript, served as they stand in the package; it holds no data itself.

What it shows it asks of the same calls as everyone, with the identity that the person at the browser gives.
"""

from collections.abc import Awaitable, Callable
from importlib.resources import files

from fastapi import FastAPI
from fastapi.responses import Response

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
FILES = {
    "/": ("status.html", "text/html; charset=utf-8"),
    "/status.js": ("status.js", "text/javascript; charset=utf-8"),
    "/status.css": ("status.css", "text/css; charset=utf-8"),
}


def install(app: FastAPI) -> None:
    """Serve the page at /."""
    for path, (name, media_type) in FILES.items():
        content = (files("sheets_sync.service") / "web" / name).read_bytes()
        app.add_api_route(path, _sender(content, media_type), methods=["GET"], include_in_schema=False)


def _sender(content: bytes, media_type: str) -> Callable[[], Awaitable[Response]]:
    async def send() -> Response:
        return Response(content, media_type=media_type, headers=HEADERS)

    return send
