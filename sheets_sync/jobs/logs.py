"""Structured logs: one JSON object per line, with the run that it is about."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from config.control_characters import printable_json

_run_id: ContextVar[str | None] = ContextVar("run_id", default=None)
_workbook: ContextVar[str | None] = ContextVar("workbook", default=None)

_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "taskName", "color_message"}
_FOREIGN = frozenset({"applicationID", "applicationVersion", "executorID", "operationUUID"})


@contextmanager
def about_run(run_id: str, workbook: str | None = None) -> Iterator[None]:
    """Everything that is logged inside is about this run of this workbook."""
    token, other = _run_id.set(run_id), _workbook.set(workbook)
    try:
        yield
    finally:
        _run_id.reset(token)
        _workbook.reset(other)


def workbook_of_run() -> str | None:
    """The workbook of the run that this is called for; None outside of runs."""
    return _workbook.get()


class JsonFormatter(logging.Formatter):
    """A record as one line: time, level, logger, message, run_id, workbook, and whatever was given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        run_id = getattr(record, "run_id", None) or _run_id.get()
        if run_id is not None:
            line["run_id"] = run_id
        workbook = getattr(record, "workbook", None) or _workbook.get()
        if workbook is not None:
            line["workbook"] = workbook
        line |= {name: value for name, value in vars(record).items() if name not in _USUAL | _FOREIGN | line.keys()}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return printable_json(json.dumps(line, ensure_ascii=False, default=str))


def log_as_json(level: int = logging.INFO) -> None:
    """Send all logs of this process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
