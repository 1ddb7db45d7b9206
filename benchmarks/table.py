"""The measurements as tables, for the terminal and for `docs/benchmarks.md`."""

import os
import platform
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from benchmarks.paired import Sides
from benchmarks.peak import WholeRun
from benchmarks.roadmap_table import Line, render_lines
from benchmarks.service import CALLERS, Latency, ServiceFigures, SideBySide
from benchmarks.studies import StudyFigures

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
MARKERS = {
    part: (f"<!-- {part}: begin -->", f"<!-- {part}: end -->")
    for part in ("benchmarks", "roadmaps", "service", "studies")
}
PHASES = ("read", "validate", "build", "solve", "report", "write")
PACKAGES = ("highspy", "pulp", "ortools", "numpy", "openpyxl")
HAND, SAME, TIES, MEMORY = {300: 1.1, 30_000: 1.5}, {300: 1.1, 30_000: 1.5}, 1.0, 1024.0
"""The targets: ours to HiGHS, tie-breaking to the objective stage, and MiB of a whole run."""


@dataclass
class Measured:
    """What a session measured, by size. `phases` are median CPU seconds by (phase, size), `cells` a phase's cells."""

    phases: dict[tuple[str, int], float] = field(default_factory=dict)
    cells: dict[tuple[str, int], int] = field(default_factory=dict)
    sides: dict[int, Sides] = field(default_factory=dict)
    runs: dict[int, WholeRun] = field(default_factory=dict)
    services: dict[str, ServiceFigures] = field(default_factory=dict)
    side_by_side: SideBySide | None = None
    roadmaps: list[Line] = field(default_factory=list)
    studies: list[StudyFigures] = field(default_factory=list)

    @property
    def sizes(self) -> list[int]:
        """Every size of which something was measured, ascending."""
        return sorted({size for _, size in self.phases} | set(self.sides) | set(self.runs))

    @property
    def is_complete(self) -> bool:
        """Whether everything was measured for every size."""
        phases = {(phase, size) for phase in PHASES for size in self.sizes}
        return phases == set(self.phases) and set(self.sizes) == set(self.sides) == set(self.runs)

    def microseconds_per_cell(self, phase: str, size: int) -> float | None:
        """CPU time of a phase per cell that it reads or makes."""
        seconds, cells = self.phases.get((phase, size)), self.cells.get((phase, size))
        return None if seconds is None or not cells else seconds / cells * 1e6


def render(measured: Measured) -> str:
    """The machine and the tables in Markdown; a table without figures is left out."""
    sizes = measured.sizes
    tables = [
        ("CPU time of each phase", _phase_rows(measured)),
        ("Objective stage, from plan to checked portfolio", _side_rows(measured)),
        ("Whole run of five scenarios", _run_rows(measured)),
    ]
    made = [(title, [row for row in rows if any(row[1:])]) for title, rows in tables]
    return "\n\n".join([machine(), *(_table(title, [f"{n:,}" for n in sizes], rows) for title, rows in made if rows)])


def render_service(measured: Measured) -> str:
    """The machine and the tables of the service in Markdown."""
    stores = list(measured.services)
    tables = [_table("The service", stores, list(_service_rows(list(measured.services.values()))))] if stores else []
    if measured.side_by_side is not None:
        tables.append(
            _table("Two runs at once", ["wall time", "to one run alone"], _side_by_side_rows(measured.side_by_side))
        )
    return "\n\n".join([machine(), *tables])


def render_roadmaps(lines: Sequence[Line]) -> str:
    """The machine and plans over several periods in Markdown."""
    return f"{machine()}\n\n{render_lines(lines)}"


def write_roadmaps(lines: Sequence[Line]) -> None:
    """Puts plans over several periods into the documentation."""
    write_page("roadmaps", render_roadmaps(lines))


def render_studies(measured: Measured) -> str:
    """The machine and the studies in Markdown."""
    columns = ["size", "found", "CPU seconds", "one plain solve", "study : as many plain solves"]
    rows = [
        [one.name, str(one.size), one.found, f"{one.seconds:.1f}", _time(one.plain_s), f"{one.ratio:.3f}"]
        for one in measured.studies
    ]
    return "\n\n".join([machine(), _table("Study", columns, rows)])


def write_page(part: str, tables: str) -> None:
    """Puts tables between the markers of the documentation's part.

    Raises:
        ValueError: the page has no such markers.
    """
    begin, end = MARKERS[part]
    page = PAGE.read_text(encoding="utf-8")
    if begin not in page or end not in page:
        raise ValueError(f"{PAGE.name} has no place for the table: {begin} ... {end}")
    before, after = page.split(begin)[0], page.split(end)[1]
    PAGE.write_text(f"{before}{begin}\n\n{tables}\n\n{end}{after}", encoding="utf-8")


def machine() -> str:
    """What the figures were measured on, in general terms."""
    cores = os.cpu_count() or 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    return (
        f"Measured on: {_processor()}, {cores} cores, {memory:.0f} GiB of memory, {platform.system()}, "
        f"Python {platform.python_version()}, {versions}."
    )


_PHASE_NAMES = {
    "read": "read (.xlsx to snapshot)",
    "validate": "validate (snapshot to plan)",
    "build": "build (plan to model, one scenario)",
    "solve": "solve (objective stage, one scenario)",
    "report": "report (answers to cells)",
    "write": "write (cells into .xlsx)",
}


def _phase_rows(measured: Measured) -> Iterable[list[str]]:
    for phase in PHASES:
        seconds = {size: value for (name, size), value in measured.phases.items() if name == phase}
        yield _row(_PHASE_NAMES[phase], measured.sizes, lambda size, seconds=seconds: _time(seconds.get(size)))
    for phase, what in (("validate", "validate, per cell read"), ("report", "report, per cell made")):
        per_cell = {size: measured.microseconds_per_cell(phase, size) for size in measured.sizes}
        yield _row(what, measured.sizes, lambda size, per_cell=per_cell: _micro(per_cell[size]))


def _side_rows(measured: Measured) -> Iterable[list[str]]:
    sides = measured.sides

    def ratio(name: str, value: Callable[[Sides], float | None], targets: dict[int, float]) -> list[str]:
        return _row(
            name,
            measured.sizes,
            lambda size: _ratio(value(sides[size]), targets.get(size)) if size in sides else "",
        )

    everywhere = dict.fromkeys(measured.sizes, TIES)
    yield _row("problems", measured.sizes, lambda size: str(sides[size].problems) if size in sides else "")
    yield _row("ours, CPU time", measured.sizes, lambda size: _time(sides[size].seconds) if size in sides else "")
    yield ratio("ours : HiGHS, the same rows as arrays", lambda side: side.to_same_rows, SAME)
    yield ratio("ours : HiGHS, written by hand", lambda side: side.to_by_hand, HAND)
    yield ratio("tie-breaking : our objective stage", lambda side: side.ties, everywhere)
    yield ratio("ours with tie-breaking : HiGHS, written by hand", lambda side: side.with_ties_to_by_hand, {})
    yield ratio("OR-Tools (SCIP) : HiGHS, written by hand", lambda side: side.or_tools_to_by_hand, {})


def _run_rows(measured: Measured) -> Iterable[list[str]]:
    runs, sizes = measured.runs, measured.sizes

    def memory(size: int) -> str:
        peak = runs[size].peak_mib
        return f"{peak:,.0f} MiB" + ("" if peak < MEMORY else " (missed)")

    yield _row("peak memory", sizes, lambda size: memory(size) if size in runs else "")
    yield _row("wall time", sizes, lambda size: _time(runs[size].wall_s) if size in runs else "")
    yield _row("CPU time", sizes, lambda size: _time(runs[size].cpu_s) if size in runs else "")
    yield _row(
        "proven best",
        sizes,
        lambda size: f"{_proven(runs[size])} of {len(runs[size].statuses)}" if size in runs else "",
    )
    yield _row(
        "every tie compared",
        sizes,
        lambda size: f"{runs[size].ties_broken} of {len(runs[size].statuses)}" if size in runs else "",
    )


def _service_rows(figures: Sequence[ServiceFigures]) -> Iterable[list[str]]:
    def row(name: str, cell: Callable[[ServiceFigures], str]) -> list[str]:
        return [name, *(cell(one) for one in figures)]

    for callers in CALLERS:
        who = "1 caller" if callers == 1 else f"{callers} callers at once"

        def of(one: ServiceFigures, situation: str, callers: int = callers) -> Latency:
            latency: Latency = getattr(one.triggers[callers], situation)
            return latency

        for situation, what in (("waiting", "runs wait"), ("busy", "runs are worked on")):
            name = f"{who}, {what}"
            yield row(f"{name}: triggers per second", lambda one, s=situation, of=of: f"{of(one, s).per_second:,.0f}")
            yield row(f"{name}: p50", lambda one, s=situation, of=of: _time(of(one, s).p50_s))
            yield row(f"{name}: p95", lambda one, s=situation, of=of: _time(of(one, s).p95_s))
        yield row(f"{who}: /healthz, p50", lambda one, of=of: _time(of(one, "healthz").p50_s))
        yield row(f"{who}: /healthz, p95", lambda one, of=of: _time(of(one, "healthz").p95_s))
        yield row(
            f"{who}: trigger : /healthz, p50 (p95)",
            lambda one, of=of: (
                f"{of(one, 'waiting').p50_s / of(one, 'healthz').p50_s:.1f} "
                f"({of(one, 'waiting').p95_s / of(one, 'healthz').p95_s:.1f})"
            ),
        )
    yield row("trivial run without the service", lambda one: _time(one.direct_run_s))
    yield row("trivial run through the service", lambda one: _time(one.service_run_s))
    yield row("overhead of the engine per run", lambda one: _time(one.overhead_s))
    yield row("overhead : run without the service", lambda one: f"{one.overhead_s / one.direct_run_s:.2f}")


def _side_by_side_rows(found: SideBySide) -> list[list[str]]:
    rows = (
        ("one run alone", found.alone_s),
        ("threads of one worker", found.threads_s),
        ("two workers", found.processes_s),
    )
    return [[name, _time(seconds), f"{seconds / found.alone_s:.2f}"] for name, seconds in rows]


def _proven(run: WholeRun) -> int:
    return sum(status in ("optimal", "targets_missed") for status in run.statuses)


def _row(name: str, sizes: Sequence[int], cell: Callable[[int], str]) -> list[str]:
    return [name, *(cell(size) for size in sizes)]


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with aligned columns; figures to the right."""
    header = [title, *columns]
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    lines = [
        _line(header, widths),
        _line(["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])], widths),
    ]
    return "\n".join([*lines, *(_line(row, widths) for row in rows)])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = cells
    return f"| {' | '.join([first.ljust(widths[0]), *(c.rjust(w) for c, w in zip(others, widths[1:], strict=True))])} |"


def _time(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds * 1e3:,.1f} ms" if seconds < 1 else f"{seconds:,.1f} s"


def _micro(microseconds: float | None) -> str:
    return "" if microseconds is None else f"{microseconds:,.1f} µs"


def _ratio(value: float | None, target: float | None) -> str:
    if value is None:
        return "out of time"
    missed = target is not None and value > target
    return f"{value:.2f}" + (f" (missed: {target:g})" if missed else "")


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.machine()
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found.group(1).strip() if found else platform.machine()
