"""Runs the command line as its users do, in this process, and keeps all that it said."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from sheets_sync.cli import main


@dataclass(frozen=True)
class Said:
    """What a command printed, and the exit code it ended with."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output as the one JSON document it must be."""
        return json.loads(self.out)


class Sheetplan:
    """Calls `sheetplan` with arguments."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> Said:
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        said = self._capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Said(int(ended.value.code or 0), said.out, said.err)
