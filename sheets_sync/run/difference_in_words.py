"""The difference between two runs in lines for people: the terminal and the status page show the same ones."""

from collections.abc import Iterable, Mapping

from config.units import amount_of
from optimizer.plan import Kpi
from optimizer.studies.bridge import Bridge, BridgeStep, Cause
from sheets_sync.outcome import STATUS_WORDS
from sheets_sync.run.compare_runs import Figure, InputChange, ScenarioDifference

CAUSES = {
    Cause.CYCLE: "work finished, periods moved",
    Cause.ESTIMATES: "changed estimates",
    Cause.INITIATIVES: "initiatives in and out",
    Cause.CAPACITY: "capacity",
    Cause.RULES: "rules and weights",
}
"""Each step of a bridge in words."""
FIGURE_DIGITS, ALL_DIGITS = 10, 17
"""Significant digits of a figure, and of one that would otherwise look unchanged."""


def change_line(change: InputChange) -> str:
    """An input that changed."""
    if change.column is not None:
        before, after = change.before_text or "blank", change.after_text or "blank"
        return f"{change.tab} {change.key}: {change.column} {before} -> {after}"
    return f"{change.tab} {change.key}: {'new' if change.before is None else 'gone'}"


def scenario_lines(scenario: ScenarioDifference, kpis: Iterable[Kpi] = ()) -> list[str]:
    """What became different in a scenario, a line each; amounts of `kpis` in their units."""
    units = {kpi.key: kpi for kpi in kpis}
    if scenario.is_same:
        return ["the same"]
    lines = []
    if scenario.status_before != scenario.status_after:
        before, after = (_status(status) for status in (scenario.status_before, scenario.status_after))
        lines.append(f"Status: {before} -> {after}")
    if scenario.came_in:
        lines.append(f"In: {', '.join(scenario.came_in)}")
    if scenario.finished:
        lines.append(f"Finished: {', '.join(scenario.finished)}")
    if scenario.went_out:
        lines.append(f"Out: {', '.join(scenario.went_out)}")
    if scenario.moved:
        lines.append(f"Moved: {', '.join(map(_move, scenario.moved))}")
    lines += [_figure_line(figure, units.get(figure.name)) for figure in scenario.figures]
    return lines if scenario.bridge is None else [*lines, *_bridge_lines(scenario.bridge, units)]


def _bridge_lines(bridge: Bridge, units: Mapping[str, Kpi]) -> list[str]:
    """Where the change of each KPI comes from, and what came in and went out on the way; steps without effect go."""
    lines = ["Where the change comes from:"]
    for step in bridge.steps:
        parts = [f"{kpi} {_change(float(change), units.get(kpi))}" for kpi, change in step.changes.items() if change]
        moves = [f"in: {', '.join(step.came_in)}"] if step.came_in else []
        word = "finished" if step.causes == (Cause.CYCLE,) else "out"
        moves += [f"{word}: {', '.join(step.went_out)}"] if step.went_out else []
        moves += [f"moved: {', '.join(map(_move, step.moved))}"] if step.moved else []
        if parts or moves:
            with_moves = f" ({'; '.join(moves)})" if moves else ""
            lines.append(f"  {step_in_words(step)}: {', '.join(parts) or 'no KPI changes'}{with_moves}")
    return lines if len(lines) > 1 else []


def _move(moved: tuple[str, str, str]) -> str:
    key, was, now = moved
    return f"{key} {was} -> {now}"


def step_in_words(step: BridgeStep) -> str:
    """What a step of a bridge is about."""
    return " and ".join(CAUSES[cause] for cause in step.causes)


def _status(status: str | None) -> str:
    return "not in that run" if status is None else STATUS_WORDS[status]


def _figure_line(figure: Figure, kpi: Kpi | None) -> str:
    before, after = (_amount(value, kpi) for value in (figure.before, figure.after))
    if before == after:
        before, after = (_number(value, ALL_DIGITS) for value in (figure.before, figure.after))
    line = f"{figure.name}: {before} -> {after}"
    if figure.before is None or figure.after is None:
        return line
    return f"{line} ({_change(figure.after - figure.before, kpi)})"


def _change(change: float, kpi: Kpi | None) -> str:
    return f"{'+' if change > 0 else ''}{_amount(change, kpi)}"


def _amount(value: float | None, kpi: Kpi | None) -> str:
    return _number(value, FIGURE_DIGITS) if value is None or kpi is None else amount_of(value, kpi)


def _number(value: float | None, digits: int) -> str:
    return "none" if value is None else f"{value:,.{digits}g}"
