"""Google's raw answers, kept as a fixture that the test suite replays: no secret, no name, no address in them."""

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import requests

from sheets_sync.google.connection import Connection

Json = dict[str, Any]

E_MAIL = re.compile(r"[\w.+-]+@[\w.-]+\.\w+")
SOMEBODY, SPREADSHEET, TITLE = "somebody@example.com", "SPREADSHEET", "Scratch"


class Recording:
    """Answers by proof, in the order in which they came; those of the token endpoint never pass here."""

    def __init__(self, spreadsheet_id: str) -> None:
        self._id = spreadsheet_id
        self._answers: dict[str, list[Json]] = {}
        self._current: list[Json] | None = None

    def listen(self, connection: Connection) -> None:
        """Keep the answers to this connection's calls from now on."""
        connection.http.session.hooks["response"].append(self._keep)

    def begin(self, proof: str, *, is_kept: bool) -> None:
        """The answers that follow belong to this proof, or are not kept."""
        self._current = self._answers.setdefault(proof, []) if is_kept else None

    def write(self, file: Path) -> None:
        """Write the fixture."""
        proofs = [
            f"{json.dumps(name)}: [\n" + ",\n".join(map(_line, answers)) + "\n]"
            for name, answers in self._answers.items()
        ]
        file.write_text('{"proofs": {\n' + ",\n".join(proofs) + "\n}}\n", encoding="utf-8")

    def _keep(self, response: requests.Response, **_: Any) -> None:
        if self._current is None:
            return
        path = (response.request.path_url or "").partition("?")[0].replace(self._id, SPREADSHEET)
        body: Any = None
        with suppress(ValueError):
            body = self._nameless(response.json())
        self._current.append(
            {"method": response.request.method, "path": path, "status": response.status_code, "body": body}
        )

    def _nameless(self, value: Any) -> Any:
        if isinstance(value, dict):
            kept = {name: self._nameless(item) for name, item in value.items()}
            if "locale" in kept and "title" in kept:
                kept["title"] = TITLE
            return kept
        if isinstance(value, list):
            return [self._nameless(item) for item in value]
        return E_MAIL.sub(SOMEBODY, value.replace(self._id, SPREADSHEET)) if isinstance(value, str) else value


def _line(answer: Json) -> str:
    """One answer on one line, so that a difference between two recordings can be read."""
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
