"""What all commands share that ask further questions about an answer."""

import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from sheets_sync.cli.session import installation, person

if TYPE_CHECKING:
    from rich.console import Console

    from sheets_sync.request import RunRequest
    from sheets_sync.run.read_study import StudyReading
    from sheets_sync.store import RunStore


class Percentage(click.ParamType):  # type: ignore[type-arg]
    """A percentage from 0% to 100%, such as ``20%``; the number is its part of 1."""

    name = "percentage"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The part of 1.

        Raises:
            click.BadParameter: it is no percentage.
        """
        found = re.fullmatch(r"\s*(\d{1,3}(?:\.\d+)?)\s*%\s*", str(value))
        if isinstance(value, float):
            return value
        if found is None or float(found[1]) > 100:
            self.fail(f"{value} is not a percentage from 0% to 100%, such as 20%.", param, ctx)
        return float(found[1]) / 100


def deadline(seconds: float | None) -> Callable[[], bool]:
    """Whether so many seconds have passed since this call; never where there is no limit."""
    if seconds is None:
        return lambda: False
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


def study_store() -> "RunStore":
    """The installation's store, which knows the approvals."""
    from sheets_sync.store import open_store

    return open_store(installation().store)


def study_request(scenarios: tuple[str, ...] | None, time_limit: float | None) -> "RunRequest":
    """A run that writes nothing, with the installation's solver; `time_limit` is seconds for each solve."""
    from sheets_sync.request import RunRequest

    settings = installation()
    return RunRequest(
        scenarios=scenarios,
        dry_run=True,
        solver="cbc" if settings.solver == "cbc" else "highs",
        time_limit_s=time_limit or settings.time_limit_s,
        person=person(),
    )


def show_answer(console: "Console", reading: "StudyReading") -> None:
    """The errors of the workbook, and the scenario's outcome in one line: what every study begins with."""
    from sheets_sync.cli.console import show_errors
    from sheets_sync.outcome import run_status

    show_errors(console, reading.outcome.issues)
    for scenario in reading.outcome.scenarios:
        text = f"{scenario.name}: {run_status(scenario, reading.outcome.plan)}"
        console.print(text, markup=False, soft_wrap=True)
