"""A verdict per scenario in words: what it brings against what was asked, what was missed, what differs since.

The worst come first: no plan at all, then missed floors and goals whatever the mode, then what is not proven best.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from config.names import fold_key
from optimizer.plan import TOKENS, ObjectiveMode, Plan
from optimizer.portfolio import Portfolio, Status, TargetOutcome
from sheets_sync.inputs.frames import Frame
from sheets_sync.outcome import INVALID, RunOutcome, ScenarioOutcome, run_status
from sheets_sync.report.approvals import NOT_APPROVED, ApprovalState, StateKind
from sheets_sync.report.people_words import (
    Words,
    listed,
    north_star_of,
    plain_amount,
    share_of,
)
from sheets_sync.workbook.changes import Role

NO_PLAN = {
    INVALID: "No plan: the workbook has errors",
    Status.INFEASIBLE.value: "No plan keeps every rule",
    Status.NO_SOLUTION.value: "No plan found in time",
}
"""Headlines of scenarios without a selection, by status."""
DEFECT = "No plan: an internal error in sheetplan"
_LOOKS = {StateKind.ALTERED: Role.BAD, StateKind.REVOKED: Role.BAD}
"""How what is known of an approval looks, where it is no mere note."""
NOT_PROVEN = "not proven best"
PROVEN_MARK = "✓ proven best"


@dataclass(frozen=True)
class Line:
    """One sentence of a verdict, and how it looks."""

    text: str
    role: Role = Role.BODY


@dataclass(frozen=True)
class Verdict:
    """What a reader should know of one scenario: a headline, then sentences; the lowest `rank` is the worst."""

    scenario: str
    rank: tuple[int, int]
    headline: str
    role: Role
    lines: tuple[Line, ...]
    since: Line | None = None
    """What differs from the last run and the approved plan: always there with a plan, so that no row moves with it."""


def verdicts_of(outcome: RunOutcome, words: Words, approvals: Mapping[str, ApprovalState]) -> list[Verdict]:
    """The verdicts of a run, worst first; `approvals` are the newest ones by folded scenario name."""
    states = [approvals.get(fold_key(scenario.name), NOT_APPROVED) for scenario in outcome.scenarios]
    pairs = zip(outcome.scenarios, states, strict=True)
    found = [verdict_of(scenario, words, approval) for scenario, approval in pairs]
    return sorted(found, key=lambda verdict: verdict.rank)


def verdict_of(scenario: ScenarioOutcome, words: Words, approval: ApprovalState) -> Verdict:
    """The verdict of one scenario."""
    portfolio = scenario.portfolio
    if portfolio is None or not portfolio.status.has_portfolio:
        headline = DEFECT if scenario.defect else NO_PLAN[scenario.status]
        return Verdict(scenario.name, (0, 0), headline, Role.BAD, tuple(Line(text) for text in scenario.problems))
    missed = [outcome for outcome in portfolio.targets if not outcome.met]
    open_ended = portfolio.status is Status.FEASIBLE
    headline, role = _headline(portfolio.targets, missed), Role.GOOD
    if missed:
        role = Role.BAD
    elif open_ended:
        role = Role.CAUTION
    if open_ended:
        headline = f"{headline}, {NOT_PROVEN}"
    lines = [
        Line(_what_it_brings(scenario.name, portfolio, words)),
        *(Line(_missed(outcome, words), Role.BAD) for outcome in missed),
    ]
    since = f"{_since_last_run(scenario)} {_since_approval(approval, portfolio, words.plan)}"
    rank = (1, -len(missed)) if missed else (2 if open_ended else 3, 0)
    return Verdict(scenario.name, rank, headline, role, tuple(lines), Line(since, _LOOKS.get(approval.kind, Role.NOTE)))


def run_statuses(outcome: RunOutcome, frames: Mapping[str, Frame]) -> dict[str, str]:
    """The verdict of each scenario in one line, for its `run_status` cell; by name of the scenario.

    `frames` are the input tabs by canonical name.
    """
    if outcome.plan is None:
        return {scenario.name: run_status(scenario, None) for scenario in outcome.scenarios}
    words = Words(outcome.plan, frames)
    found = {}
    for scenario in outcome.scenarios:
        verdict = verdict_of(scenario, words, NOT_APPROVED)
        has_plan = scenario.portfolio is not None and scenario.portfolio.status.has_portfolio
        more = scenario.problems if has_plan else ()
        lines = sorted(verdict.lines, key=lambda line: line.role is not Role.BAD)
        sentences = (verdict.headline, *(line.text for line in lines), *map(words.spoken, more))
        found[scenario.name] = " ".join(f"{text.removesuffix('.')}." for text in sentences)
    return found


def _headline(targets: Sequence[TargetOutcome], missed: Sequence[TargetOutcome]) -> str:
    count = len(targets)
    if not count:
        return "No target set"
    if missed:
        return "Target missed" if count == 1 else f"{len(missed)} of {count} targets missed"
    return "Target met" if count == 1 else f"All {count} targets met"


def _what_it_brings(name: str, portfolio: Portfolio, words: Words) -> str:
    keys = list(aimed_at(name, portfolio, words))
    brings = ", ".join(f"{words.kpi(key)} {words.amount(portfolio.kpi_totals[key], key)}" for key in keys)
    uses = [
        f"{words.resource(use.resource)} {plain_amount(use.used)}"
        + ("" if use.available is None else f" of {plain_amount(use.available)} ({share_of(use.used, use.available)})")
        for use in portfolio.resources
        if use.available is not None or use.resource == TOKENS
    ]
    aim = words.aim(name)
    counted = f"{len(portfolio.selected)} of {len(portfolio.reasons)} initiatives"
    text = f"{f'Aim: {aim}. ' if aim else ''}Brings {brings or 'nothing'} with {counted}; {', '.join(uses)}."
    return text if portfolio.status is Status.FEASIBLE else f"{text} {PROVEN_MARK}"


def aimed_at(name: str, portfolio: Portfolio, words: Words) -> Iterator[str]:
    """The KPIs that a scenario is about: what it aims for, then its targets; each once."""
    scenario = words.plan.scenario(name)
    wanted: dict[str, None] = {}
    if scenario.objective_mode is not ObjectiveMode.WEIGHTED_KPIS:
        north_star = north_star_of(words.plan, name)
        if north_star is not None and scenario.uses_north_star:
            wanted[north_star] = None
    if scenario.uses_weights:
        wanted |= dict.fromkeys(key for key, weight in scenario.weights.items() if weight > 0)
    wanted |= dict.fromkeys(outcome.target.kpi for outcome in portfolio.targets if outcome.target.slice is None)
    yield from wanted


def _missed(outcome: TargetOutcome, words: Words) -> str:
    target = outcome.target
    where = f" for {words.slice(target.slice)}" if target.slice else ""
    by = f" by the end of {target.period}" if target.period else ""
    return (
        f"Missed: {words.kpi(target.kpi)}{where}{by} {words.amount(outcome.achieved, target.kpi)} of the "
        f"{words.amount(target.value, target.kpi)} asked for, short by {words.amount(outcome.shortfall, target.kpi)}."
    )


def _since_last_run(scenario: ScenarioOutcome) -> str:
    if scenario.came_in is None:
        return "First run."
    text = _in_and_out(scenario.came_in, scenario.finished, scenario.went_out or ())
    return f"Since the last run {text}." if text else "The same initiatives as in the last run."


def _since_approval(state: ApprovalState, portfolio: Portfolio, plan: Plan) -> str:
    text = ""
    if state.plan is not None:
        came_in, went_out = state.plan.changes(portfolio.selected, plan.done)
        text = _in_and_out(came_in, state.plan.finished(plan.done), went_out)
    words = state.words[:1].upper() + state.words[1:].removesuffix(".")
    return f"{words}; since then {text}." if text else f"{words}."


def _in_and_out(came_in: Sequence[str], finished: Sequence[str], went_out: Sequence[str]) -> str:
    parts = [f"in: {listed(came_in)}"] if came_in else []
    parts += [f"finished: {listed(finished)}"] if finished else []
    parts += [f"out: {listed(went_out)}"] if went_out else []
    return "; ".join(parts)
