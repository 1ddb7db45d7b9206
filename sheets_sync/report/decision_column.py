"""The decisions beside the initiatives' own rows: in or out in which scenarios, from when and why, as data to write.

Each text begins with a word that a filter or a sort keeps together: In, In (must do), In some, Out, Out (first out),
Not planned. A column Decision that people fill themselves is theirs: only one that is blank, or that is recorded as
ours, is written, and of it no cell that holds anything else.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from config.names import fold_header, fold_key
from config.tabs import DECISION, INITIATIVES, OUR_DECISION
from optimizer.plan import Plan
from optimizer.portfolio import Portfolio
from sheets_sync.checks import Checked
from sheets_sync.inputs.cell_text import shown
from sheets_sync.inputs.frames import Frame, WrittenColumn
from sheets_sync.outcome import ScenarioOutcome
from sheets_sync.report.decision_table import why_in_words
from sheets_sync.report.decisions import Group, decisions_of
from sheets_sync.report.people_words import Words
from sheets_sync.workbook.changes import StatusColumn
from sheets_sync.workbook.snapshot import Area, Cell, a1

RECORD = "decisions_by_sheetplan"
"""The named range over the header of our column. It goes with the column wherever people move it, and with the file."""
NOT_PLANNED = "Not planned"
SPELLED_SCENARIOS = 5
"""More scenarios than these are counted, not named: Results has a column for each."""
_COUNTED = r"( \(\d+ of \d+\))?: .*"
_OURS = re.compile("|".join(f"{re.escape(word)}{_COUNTED}" for word in (*Group, NOT_PLANNED)), re.DOTALL)
_FROM = "from "
_SHOWN_CHARACTERS = 40


@dataclass(frozen=True)
class Decided:
    """What a text of the column says of a scenario: in or out, and (over several periods) the period of the start."""

    is_in: bool
    period: str | None = None


def decided_in(text: str, scenario: str) -> Decided | None:
    """What a text of the column says of a scenario; None where it is none of ours, or says nothing of that scenario."""
    if _OURS.fullmatch(text) is None:
        return None
    word, _, rest = text.partition(": ")
    if word.startswith((Group.OUT.value, NOT_PLANNED)):
        return Decided(False)
    where = rest.rpartition("; ")[2]
    if where.startswith(_FROM):
        return Decided(True, where.removeprefix(_FROM))
    about = [part.removeprefix(f"{scenario} ") for part in where.split(", ") if part.startswith(f"{scenario} ")]
    if "out" in about:
        return Decided(False)
    if about and about[0].startswith("in"):
        return Decided(True, about[0].partition(f" {_FROM}")[2] or None)
    return None if word.startswith(Group.SOME.value) else Decided(True)


@dataclass(frozen=True)
class _Answer:
    """One scenario that has a plan."""

    name: str
    portfolio: Portfolio
    selected: frozenset[str]


def decision_texts(checked: Checked, plan: Plan, scenarios: Sequence[ScenarioOutcome], unknown: str) -> dict[str, str]:
    """What the column says of each initiative in the list, by folded key; nothing where no scenario has a plan.

    `unknown` is why one that the plan does not know is not planned.
    """
    frame = checked.frames.get(INITIATIVES.name)
    answers = [
        _Answer(scenario.name, scenario.portfolio, frozenset(scenario.portfolio.selected))
        for scenario in scenarios
        if scenario.portfolio is not None and scenario.portfolio.status.has_portfolio
    ]
    if frame is None or not answers:
        return {}
    words = Words(plan, checked.frames)
    groups = {decision.initiative.key: decision.group for decision in decisions_of(plan, scenarios)}
    texts = {
        fold_key(key): _text(key, group, words, answers, is_alone=len(scenarios) == 1) for key, group in groups.items()
    }
    known = {fold_key(initiative.key): initiative for initiative in plan.initiatives}
    statuses = frame.column("status")
    for at, key in enumerate(_keys(frame)):
        if not key or key in texts:
            continue
        initiative = known.get(key)
        if initiative is None:
            why = unknown
        elif initiative.is_candidate:
            why = "not in the period of a scenario"
        else:
            why = shown(statuses[at]) or "not a candidate"
        texts[key] = f"{NOT_PLANNED}: {why}"
    return texts


def _text(key: str, group: Group, words: Words, answers: Sequence[_Answer], *, is_alone: bool) -> str:
    """``In some (1 of 2): would not fit (Cost saver); Growth in from 2026-Q3, Cost saver out``."""
    asked = [answer for answer in answers if key in answer.portfolio.reasons]
    reasons = {at: words.reason(answer.portfolio.reasons[key]) for at, answer in enumerate(asked)}
    why, _ = why_in_words([answer.name for answer in asked], reasons)
    count = f" ({sum(key in answer.selected for answer in asked)} of {len(asked)})" if group is Group.SOME else ""
    where = _when(key, words.plan, asked) if is_alone or len(asked) > SPELLED_SCENARIOS else _where(key, asked)
    return f"{group.value}{count}: {'; '.join(filter(None, (why, where)))}"


def _where(key: str, asked: Sequence[_Answer]) -> str:
    """``Growth in from 2026-Q3, Cost saver out``: a filter finds either."""
    return ", ".join(
        f"{answer.name} {'in' if key in answer.selected else 'out'}"
        + (f" from {answer.portfolio.starts[key]}" if key in answer.portfolio.starts else "")
        for answer in asked
    )


def _when(key: str, plan: Plan, asked: Sequence[_Answer]) -> str:
    """``from 2026-Q3``, or the first of several starts; nothing in plans of one period."""
    starts = sorted({s for a in asked if (s := a.portfolio.starts.get(key)) is not None}, key=plan.period_number)
    return f"from {starts[0]}{' at the earliest' if len(starts) > 1 else ''}" if starts else ""


def decision_column(
    checked: Checked, texts: Mapping[str, str], named_areas: Mapping[str, Area], beside: Sequence[StatusColumn] = ()
) -> StatusColumn | None:
    """The column with these texts, by folded key; None where there is nowhere to write it.

    `named_areas` are the workbook's named ranges; `beside` are columns that the same write makes.
    """
    frame = checked.frames.get(INITIATIVES.name)
    if frame is None or not frame.header_found:
        return None
    recorded = next((area for name, area in named_areas.items() if name.casefold() == RECORD), None)
    headed = [one for one in frame.written if one.field.name == DECISION and _is_exact(one)]
    ours = [one for one in headed if _is_ours(one, is_recorded=recorded is not None)]
    place = None if recorded is None else recorded.left
    written = min(ours, key=lambda one: (not _is_only_ours(one), one.field.number != place), default=None)
    values = _values(frame, texts, {} if written is None else written.cells)
    made = sum(column.creates and column.tab == frame.title for column in beside)
    header = DECISION if written is None else written.field.header
    notice = "" if written is None else _left_cells(frame, written)
    if written is None and _has_header(frame, DECISION):
        header = OUR_DECISION
        notice = _taken_column(frame, headed)
    return StatusColumn(
        tab=frame.title,
        header=header,
        header_row=frame.header_row,
        column=frame.width + 1 + made if written is None else written.field.number,
        creates=written is None,
        values=dict(sorted(values.items())),
        name=RECORD,
        notice=notice,
    )


def _values(frame: Frame, texts: Mapping[str, str], cells: Mapping[int, Cell]) -> dict[int, str]:
    """The text of each row whose key is its own; cells of ours beside rows that are no more are cleared."""
    keys = _keys(frame)
    times = Counter(keys)
    values = {row: "" for row, cell in cells.items() if _is_text_of_ours(cell)}
    values |= {row: texts.get(key, "") if times[key] == 1 else "" for row, key in zip(frame.rows, keys, strict=True)}
    return {row: text for row, text in values.items() if row not in cells or _is_text_of_ours(cells[row])}


def _keys(frame: Frame) -> list[str]:
    return [fold_key(shown(cell)) for cell in frame.column(frame.spec.key_column)]


def _is_exact(one: WrittenColumn) -> bool:
    """Whether a header is one of ours to the letter: `Decision (board)` is somebody's."""
    return fold_header(one.field.header) in (fold_header(DECISION), fold_header(OUR_DECISION))


def _is_only_ours(one: WrittenColumn) -> bool:
    return fold_header(one.field.header) == fold_header(OUR_DECISION)


def _is_ours(one: WrittenColumn, *, is_recorded: bool) -> bool:
    if _is_only_ours(one) or not one.cells:
        return True
    return is_recorded and sum(map(_is_text_of_ours, one.cells.values())) * 2 >= len(one.cells)


def _is_text_of_ours(cell: Cell) -> bool:
    return cell.formula is None and isinstance(cell.value, str) and _OURS.fullmatch(cell.value) is not None


def _has_header(frame: Frame, name: str) -> bool:
    fields = (*frame.fields.values(), *frame.repeats, *frame.outranked, *(one.field for one in frame.written))
    headers = (*(field.header for field in fields), *(stray.header for stray in frame.strays))
    return any(fold_header(header) == fold_header(name) for header in headers)


def _taken_column(frame: Frame, headed: Sequence[WrittenColumn]) -> str:
    """What is said once, when decisions go into a column of another name."""
    holds = ""
    if headed:
        row, cell = next(iter(headed[0].cells.items()))
        holds = f" ({a1(row, headed[0].field.number)} holds {_quoted(cell)})"
    return (
        f"The column Decision of {frame.title} is your own{holds}, so it stays as it is; sheetplan writes its "
        f"decisions into the new column {OUR_DECISION}."
    )


def _left_cells(frame: Frame, written: WrittenColumn) -> str:
    """What is said of cells of our column that hold anything else."""
    left = [(row, cell) for row, cell in written.cells.items() if not _is_text_of_ours(cell)]
    if not left:
        return ""
    row, cell = left[0]
    holds = f"{a1(row, written.field.number)} holds {_quoted(cell)}"
    if len(left) == 1:
        return f"{frame.title}!{holds}, which sheetplan did not write, so it stays. Clear it to see the decision there."
    return (
        f"{len(left)} cells of the column {written.field.header} of {frame.title} hold what sheetplan did not write "
        f"({holds}), so they stay. Clear them to see the decisions there."
    )


def _quoted(cell: Cell) -> str:
    text = cell.formula or shown(cell) or str(cell.value)
    return f'"{text[:_SHOWN_CHARACTERS]}…"' if len(text) > _SHOWN_CHARACTERS else f'"{text}"'
