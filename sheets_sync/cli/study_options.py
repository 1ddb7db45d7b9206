"""What all commands share that ask further questions about an answer."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from sheets_sync.cli.session import installation, person

if TYPE_CHECKING:
    from rich.console import Console

    from sheets_sync.outcome import RunOutcome
    from sheets_sync.report.analysis import Analysis
    from sheets_sync.request import RunRequest
    from sheets_sync.run.read_inputs import Reading
    from sheets_sync.run.read_study import StudyReading
    from sheets_sync.store import RunStore
    from sheets_sync.workbook.backend import Workbook


INSTALL_CHARTS = (
    'A chart as .png needs the extra "charts". Install it with: pip install "sheetplan[charts]", or draw a .svg file.'
)


class Percent(click.ParamType):  # type: ignore[type-arg]
    """A percentage from 0 to 100, with or without its sign: ``2%`` and ``2`` are both 0.02."""

    name = "percent"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The share.

        Raises:
            click.BadParameter: it is no percentage from 0 to 100.
        """
        if isinstance(value, float):
            return value
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%?", str(value).strip())
        if found is None or float(found[1]) > 100:
            self.fail(f"{value} is not a percentage from 0% to 100%.", param, ctx)
        return float(found[1]) / 100


def deadline(seconds: float | None) -> Callable[[], bool]:
    """Whether so many seconds have passed since this call; never where there is no limit."""
    if seconds is None:
        return lambda: False
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


def writing_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a study the options that write it to the workbook."""
    write = click.option("--write", is_flag=True, help="Also write the study to the tab Analysis of the workbook.")
    force = click.option(
        "--force", is_flag=True, help="With --write: accept what saving an .xlsx file of this kind would lose."
    )
    return write(force(command))


@contextmanager
def held_for_writing(workbook: "Workbook", *, write: bool, force: bool) -> Iterator[None]:
    """Hold the workbook from reading to writing, where it is written.

    Raises:
        click.UsageError: `force` is given without `write`.
        WorkbookBusyError: a run of it is under way.
    """
    if force and not write:
        raise click.UsageError("--force goes with --write.")
    with workbook.locked() if write else nullcontext():
        yield


def chart_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a study the option that draws its chart as a file."""
    path = click.Path(dir_okay=False, writable=True)
    return click.option("--chart", type=path, metavar="FILE", help="Also draw the chart as a .svg or .png file.")(
        command
    )


def refuse_other_charts(chart: str | None) -> None:
    """Refuse a chart that cannot be drawn, before anything is solved.

    Raises:
        SettingsError: it is a .png file, and the extra for those is not installed.
        click.UsageError: the file is no .svg or .png file.
    """
    from importlib.util import find_spec

    from config.settings import SettingsError

    if chart is None:
        return
    if not chart.casefold().endswith((".svg", ".png")):
        raise click.UsageError(f"{chart} is no .svg or .png file. Give --chart a name such as chart.svg.")
    if chart.casefold().endswith(".png") and find_spec("PIL") is None:
        raise SettingsError(INSTALL_CHARTS)


def drawn(analysis: "Analysis | None", chart: str) -> str:
    """Draw the first chart of a study into a file; returns what to tell people on standard error.

    Raises:
        click.UsageError: the file cannot be written.
    """
    from sheets_sync.report.study_chart import draw_chart

    table = next((one for one in analysis.tables if one.chart and one.rows), None) if analysis else None
    if table is None:
        return f"There is nothing to draw, so {chart} was not written."
    drawing = draw_chart(table)
    if chart.casefold().endswith(".png"):
        from sheets_sync.report.png_chart import render_png

        content = render_png(drawing)
    else:
        from sheets_sync.report.svg_chart import render_svg

        content = render_svg(drawing).encode()
    try:
        Path(chart).write_bytes(content)
    except OSError as problem:
        raise click.UsageError(f"{chart} cannot be written: {problem.strerror or problem}.") from None
    return f"Drawn to {chart}."


class StudyRun(Protocol):
    """The run that a study began with, and what it read."""

    @property
    def outcome(self) -> "RunOutcome":
        """The run, which wrote nothing."""

    @property
    def inputs(self) -> "Reading":
        """What was read."""


def written(workbook: "Workbook", analysis: "Analysis | None", run: StudyRun, *, force: bool) -> list[str]:
    """Write a study to the workbook; returns what to tell people on standard error."""
    from sheets_sync.run.write_analysis import write_analysis
    from sheets_sync.workbook.backend import ANALYSIS

    if analysis is None:
        return ["There is no answer to study, so the tab Analysis was not written."]
    notices = write_analysis(workbook, analysis, run.outcome, run.inputs, force=force)
    return [*notices, f"Written to the tab {ANALYSIS}."]


def tell(console: "Console", notices: Sequence[str]) -> None:
    """Print notices, a line each."""
    for notice in notices:
        console.print(notice, markup=False, soft_wrap=True)


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
