"""The steps of every study on the command line: read, ask, show, keep, write, draw."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sheets_sync.cli.session import Session, installation, person

if TYPE_CHECKING:
    from rich.console import Console

    from sheets_sync.outcome import ExitCode
    from sheets_sync.report.analysis import Analysis
    from sheets_sync.request import Progress, RunRequest
    from sheets_sync.run.answer_question import Studied
    from sheets_sync.run.question import Question
    from sheets_sync.run.read_study import StudyReading
    from sheets_sync.store import RunStore
    from sheets_sync.workbook.backend import Workbook


INSTALL_CHARTS = (
    'A chart as .png needs the extra "charts". Install it with: pip install "sheetplan[charts]", or draw a .svg file.'
)


Answer = TypeVar("Answer", bound="Studied")
Json = dict[str, Any]


def _own_document(found: Any) -> Json:
    document: Json = found.to_json()
    return document


def ask_and_write(
    session: Session,
    workbook: str,
    question: "Callable[[Workbook, Progress], Answer]",
    show: "Callable[[Console, Answer], None]",
    analysis: "Callable[[Answer], Analysis | None]",
    *,
    asked: "Question",
    time_limit: float | None,
    write: bool,
    force: bool,
    scenarios: tuple[str, ...] | None = None,
    charts: Sequence[Path] = (),
    document: Callable[[Answer], Json] = _own_document,
) -> "ExitCode":
    """Ask a question about a workbook, show the answer, and keep it as what was `asked`.

    With `write` its `analysis` goes to the workbook, and its first chart to each of the files `charts`.

    Raises:
        click.UsageError: `force` is given without `write`, or a chart is no .svg or .png file or cannot be written.
        SettingsError: a chart is a .png file, and the extra for those is not installed.
        WorkbookBusyError: the workbook is to be written, and a run of it is under way.
    """
    from sheets_sync.cli.console import ProgressBar, show_lines
    from sheets_sync.opening import open_workbook
    from sheets_sync.run.kept_studies import keep_study

    for chart in charts:
        _refuse_other_charts(chart)
    opened = open_workbook(workbook, installation())
    with _held_for_writing(opened, write=write, force=force):
        with ProgressBar(session.err) as progress:
            found = question(opened, progress)
        if not session.as_json:
            # Now: a workbook or a file that cannot be written must not cost the answer.
            show(session.out, found)
        answer = document(found)
        notices = keep_study(study_store(), asked, study_request(scenarios, time_limit), found, answer)
        show_lines(session.err, notices)
        studied = analysis(found) if write or charts else None
        if write:
            show_lines(session.err, _written(opened, studied, found, force=force))
    for chart in charts:
        show_lines(session.err, [_drawn(studied, chart)])
    if session.as_json:
        session.print_json(answer)
    return found.exit_code


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
    from sheets_sync.cli.console import show_errors, show_lines
    from sheets_sync.outcome import brief_status

    outcome = reading.outcome
    show_errors(console, outcome.issues)
    show_lines(console, (f"{one.name}: {brief_status(one, outcome.plan)}" for one in outcome.scenarios))


@contextmanager
def _held_for_writing(workbook: "Workbook", *, write: bool, force: bool) -> Iterator[None]:
    """Hold the workbook from reading to writing, where it is written.

    Raises:
        click.UsageError: `force` is given without `write`.
        WorkbookBusyError: a run of it is under way.
    """
    if force and not write:
        raise click.UsageError("--force goes with --write.")
    with workbook.locked() if write else nullcontext():
        yield


def _refuse_other_charts(chart: Path) -> None:
    """Refuse a chart that cannot be drawn, before anything is solved.

    Raises:
        SettingsError: it is a .png file, and the extra for those is not installed.
        click.UsageError: the file is no .svg or .png file.
    """
    from importlib.util import find_spec

    from config.settings import SettingsError

    kind = chart.suffix.casefold()
    if kind not in (".svg", ".png"):
        raise click.UsageError(f"{chart} is no .svg or .png file. Give --chart a name such as chart.svg.")
    if kind == ".png" and find_spec("PIL") is None:
        raise SettingsError(INSTALL_CHARTS)


def _drawn(analysis: "Analysis | None", chart: Path) -> str:
    """Draw the first chart of a study into a file; returns what to tell people on standard error.

    Raises:
        click.UsageError: the file cannot be written.
    """
    from sheets_sync.report.study_chart import draw_chart

    table = next((one for one in analysis.tables if one.chart and one.rows), None) if analysis else None
    if table is None:
        return f"There is nothing to draw, so {chart} was not written."
    drawing = draw_chart(table)
    if chart.suffix.casefold() == ".png":
        from sheets_sync.report.png_chart import render_png

        content = render_png(drawing)
    else:
        from sheets_sync.report.svg_chart import render_svg

        content = render_svg(drawing).encode()
    try:
        chart.write_bytes(content)
    except OSError as problem:
        raise click.UsageError(f"{chart} cannot be written: {problem.strerror or problem}.") from None
    return f"Drawn to {chart}."


def _written(workbook: "Workbook", analysis: "Analysis | None", found: "Studied", *, force: bool) -> list[str]:
    """Write a study to the workbook; returns what to tell people on standard error."""
    from sheets_sync.run.write_analysis import write_analysis
    from sheets_sync.workbook.backend import ANALYSIS

    if analysis is None:
        return ["There is no answer to study, so the tab Analysis was not written."]
    notices = write_analysis(workbook, analysis, found.outcome, found.inputs, is_stopped=found.is_stopped, force=force)
    return [*notices, f"Written to the tab {ANALYSIS}."]
