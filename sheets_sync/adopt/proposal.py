"""From a workbook as it is to a proposal: what each column means, what has to be asked, and which tabs to add.

Nothing is read or written here. The list itself is never edited: what cannot be known from its headers goes into the
tab Columns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

from config.columns import InputTab
from config.names import clean, fold_header
from config.tabs import COLUMNS, INITIATIVES, INPUT_TABS, KPIS, SCENARIOS, find_tab
from sheets_sync.adopt.new_tabs import NewTabs, new_tabs
from sheets_sync.adopt.value_columns import ValueColumn, ValueKind, rice_parts, value_columns
from sheets_sync.inputs.frames import Frame, read_frame
from sheets_sync.inputs.header_matching import find_header_row, header_text
from sheets_sync.inputs.name_matching import Vocabulary
from sheets_sync.workbook.snapshot import Cell, CellKind, Snapshot, Tab, a1
from sheets_sync.workbook.template import TabTemplate

_EXAMPLES = 3


class AdoptionError(Exception):
    """Nothing can be proposed, for a reason that a person can fix; the message is for that person."""


@dataclass(frozen=True)
class Answers:
    """What the person has said: `meanings` has fields by header, `value` is the header of the column to maximize."""

    tab: str | None = None
    capacity: float | None = None
    meanings: Mapping[str, str] = field(default_factory=dict)
    value: str | None = None
    sizes: Mapping[str, float] = field(default_factory=dict)
    """The tokens of each T-shirt size."""


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column of the list, what it is read as (None: it is left alone), and its first values."""

    cell: str
    header: str
    meaning: str | None
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """Something that cannot be known from the list, the option that answers it, and the answers to choose from."""

    name: str
    text: str
    flag: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """What `adopt` would do. `tabs` are the tabs to add, empty as long as there are questions."""

    tab: str
    header_row: int
    rows: int
    columns: Sequence[MappedColumn]
    values: Sequence[ValueColumn]
    value: str | None
    capacity: float | None
    questions: Sequence[Question]
    notes: Sequence[str]
    tabs: Sequence[TabTemplate]


def propose(snapshot: Snapshot, answers: Answers) -> Proposal:
    """What each column of the list means, and the tabs that make the workbook a plan.

    Raises:
        AdoptionError: there is no list that could be planned, or an answer names a header that is not there.
    """
    tab = find_list(snapshot, answers.tab)
    stated = _stated(tab, answers)
    frame = read_frame(tab, INITIATIVES, Vocabulary(()), stated)
    repeated = {fold_header(column.header): column.header for column in frame.repeats}
    if repeated:
        frame = read_frame(tab, INITIATIVES, Vocabulary(()), {**dict.fromkeys(repeated, "ignore"), **stated})
    columns = _columns(tab, frame)
    existing = _existing(snapshot)
    numbers = _numbers(tab, frame, columns)
    candidates = value_columns(frame, numbers)
    value = None if KPIS.name in existing else _value(answers.value, candidates, numbers)
    notes = [f'Several columns are headed "{header}": none of them is read.' for header in repeated.values()]
    notes += [
        f'"{column.header}" in {a1(frame.header_row, column.number)} could be {column.name} too; '
        f'"{frame.fields[column.name].header}" is read.'
        for column in frame.outranked
    ]
    notes += _notes_on_values(candidates, value, columns)
    questions = list(_questions(frame, answers, existing, candidates, value))
    tabs: Sequence[TabTemplate] = ()
    if not questions:
        said = dict(answers.meanings)
        said |= dict.fromkeys(repeated.values(), "ignore")
        given = NewTabs(tab.title, value, answers.capacity, said, _unit(tab, frame, value), answers.sizes)
        tabs = new_tabs(given, frame, existing)
    return Proposal(
        tab=tab.title,
        header_row=frame.header_row,
        rows=len(frame.rows),
        columns=columns if value is None else [_as_value(column, value) for column in columns],
        values=candidates,
        value=value,
        capacity=answers.capacity,
        questions=questions,
        notes=notes,
        tabs=tabs,
    )


def find_list(snapshot: Snapshot, title: str | None) -> Tab:
    """The tab that holds the list: the one named, else the one of which sheetplan can read most columns.

    Raises:
        AdoptionError: there is none.
    """
    wanted = [tab for tab in snapshot.tabs.values() if title is None or fold_header(tab.title) == fold_header(title)]
    titles = ", ".join(f'"{name}"' for name in snapshot.tabs) or "none"
    if not wanted:
        raise AdoptionError(f'There is no tab "{title}"; the tabs are {titles}.')
    others = {spec.name for spec in (*INPUT_TABS, COLUMNS)} - {INITIATIVES.name}
    ranked = []
    for tab in wanted:
        spec = find_tab(tab.title)
        if title is None and spec is not None and spec.name in others:
            continue
        row = find_header_row(tab, INITIATIVES)
        if row is not None and len(tab.rows) > row:
            fields = read_frame(tab, INITIATIVES, Vocabulary(())).fields
            ranked.append(("engineering_tokens" in fields, spec is INITIATIVES, len(fields), tab))
    if not ranked:
        raise AdoptionError(
            f"No tab looks like a list of things to do (the tabs are {titles}). A list needs a header row within the "
            "first 20 rows, with a column for the name or ID and one for the effort, and rows below it. If one of your "
            'headers says it in other words, give --tab NAME and --map "HEADER=initiative_key".'
        )
    return max(ranked, key=lambda entry: entry[:3])[3]


def _stated(tab: Tab, answers: Answers) -> dict[str, str]:
    """What the person says that headers mean, by folded header.

    Raises:
        AdoptionError: a header that the tab does not have, or a field that does not exist.
    """
    headers = {fold_header(header_text(cell)) for row in tab.rows[:20] for cell in row}
    stated = {}
    for header, meaning in answers.meanings.items():
        if fold_header(header) not in headers:
            raise AdoptionError(f'"{tab.title}" has no header "{header}", which --map names.')
        known = meaning.strip().casefold() == "ignore" or ":" in meaning
        if not known and INITIATIVES.find_column(meaning) is None:
            fields = ", ".join(column.name for column in INITIATIVES.columns if not column.is_written)
            raise AdoptionError(f'"{meaning}" in --map is no field. The fields are {fields} and ignore.')
        stated[fold_header(header)] = meaning
    return stated


def _columns(tab: Tab, frame: Frame) -> list[MappedColumn]:
    read = {column.number: column.name for column in frame.fields.values()}
    headers = enumerate(tab.rows[frame.header_row - 1], start=1)
    return [
        MappedColumn(
            cell=a1(frame.header_row, number),
            header=header_text(cell),
            meaning=read.get(number),
            examples=_examples(tab, frame, number),
        )
        for number, cell in headers
        if header_text(cell)
    ]


def _examples(tab: Tab, frame: Frame, number: int) -> tuple[str, ...]:
    shown = (clean(tab.cell(row, number).shown) for row in frame.rows)
    return tuple([text for text in shown if text][:_EXAMPLES])


def _numbers(tab: Tab, frame: Frame, columns: Sequence[MappedColumn]) -> dict[str, Sequence[Cell]]:
    """The cells of each column that may hold values: people's own ones, and those that give way to a KPI."""
    found: dict[str, Sequence[Cell]] = {}
    for number, cell in enumerate(tab.rows[frame.header_row - 1], start=1):
        column = next((c for c in columns if c.cell == a1(frame.header_row, number)), None)
        yields = column is not None and column.meaning is not None and _yields(INITIATIVES, column.meaning)
        if column is not None and (column.meaning is None or yields):
            found.setdefault(header_text(cell), [tab.cell(row, number) for row in frame.rows])
    return found


def _yields(spec: InputTab, name: str) -> bool:
    return any(column.name == name and column.yields_to_kpi for column in spec.columns)


def _existing(snapshot: Snapshot) -> dict[str, Tab]:
    """The input tabs other than the list that the workbook has already and that hold rows."""
    found = {}
    for title, tab in snapshot.tabs.items():
        spec = find_tab(title)
        if spec is not None and spec is not INITIATIVES:
            found[spec.name] = tab
    return found


def _value(given: str | None, candidates: Sequence[ValueColumn], numbers: Mapping[str, Sequence[Cell]]) -> str | None:
    if given is not None:
        header = next((header for header in numbers if fold_header(header) == fold_header(given)), None)
        column = next((column for column in candidates if column.header == header), None)
        if header is None or column is None:
            listed = ", ".join(f'"{column.header}"' for column in candidates) or "none"
            raise AdoptionError(f'"{given}" is no column of numbers that could be the value; those are: {listed}.')
        if column.kind is ValueKind.AMOUNT:
            return header
        raise AdoptionError(_why_not(column))
    return None


def _why_not(column: ValueColumn) -> str:
    if column.kind is ValueKind.RANK:
        return (
            f'"{column.header}" is a rank: 1 is the best, and ranks cannot be added up. Choose a column of which more '
            "is better, or add one, such as 100 points shared out among the rows."
        )
    return (
        f'"{column.header}" already divides by the effort, which the plan does itself, so that large initiatives would '
        "count too little. Choose the value before that division, such as reach x impact x confidence."
    )


def _notes_on_values(
    candidates: Sequence[ValueColumn], value: str | None, columns: Sequence[MappedColumn]
) -> list[str]:
    notes = [_why_not(column) for column in candidates if column.kind is not ValueKind.AMOUNT]
    parts = rice_parts([column.header for column in columns])
    if parts and value not in parts and any(column.kind is ValueKind.PER_EFFORT for column in candidates):
        cells = {column.header: column.cell for column in columns}
        row = int("".join(filter(str.isdigit, cells[parts[0]]))) + 1
        product = "*".join(f"{cells[part].rstrip('0123456789')}{row}" for part in parts)
        notes.append(
            f'For reach x impact x confidence, add a column "Value" with ={product} to your list, and give '
            "--value Value."
        )
    return notes


def _questions(
    frame: Frame,
    answers: Answers,
    existing: Mapping[str, Tab],
    candidates: Sequence[ValueColumn],
    value: str | None,
) -> Sequence[Question]:
    questions = []
    if "engineering_tokens" not in frame.fields and "size" in frame.fields:
        known = {fold_header(size) for size in answers.sizes}
        words = dict.fromkeys(clean(cell.shown) for cell in frame.column("size") if not cell.is_blank)
        unknown = [word for word in words if fold_header(word) not in known]
        if unknown:
            listed = ", ".join(unknown)
            text = f"How much work is each size ({listed})?"
            questions.append(Question("sizes", text, " ".join(f"--size {word}=N" for word in unknown)))
    elif "engineering_tokens" not in frame.fields:
        free = tuple(stray.header for stray in frame.strays if stray.header and stray.is_numeric)
        text = "Which column says how much work each one is?"
        questions.append(Question("effort", text, '--map "HEADER=effort"', free))
    if KPIS.name not in existing and value is None:
        amounts = tuple(column.header for column in candidates if column.kind is ValueKind.AMOUNT)
        text = "Which column says what each one is worth?"
        if not amounts:
            text += " None of the columns of numbers can be it: add one, such as points for the value."
        questions.append(Question("value", text, "--value HEADER", amounts))
    if SCENARIOS.name not in existing and answers.capacity is None:
        effort = frame.fields.get("engineering_tokens")
        unit = "the unit of the effort" if effort is None else f'the unit of "{effort.header}"'
        total = _total(frame)
        all_of_it = f" All rows together are {total:,.10g}." if 0 < total < inf else ""
        questions.append(Question("capacity", f"How much can you take on, in {unit}?{all_of_it}", "--capacity N"))
    return questions


def _total(frame: Frame) -> float:
    cells = frame.column("engineering_tokens")
    return sum(cell.number for cell in cells if cell.kind is CellKind.NUMBER)


def _unit(tab: Tab, frame: Frame, value: str | None) -> str:
    """The unit of the value, as far as a sign in the cells or in the header says it."""
    number = next((s.number for s in frame.strays if s.header == value), None)
    shown = "" if number is None else "".join(_examples(tab, frame, number))
    return next((sign for sign in ("£", "€", "$") if sign in shown or sign in (value or "")), "")


def _as_value(column: MappedColumn, value: str) -> MappedColumn:
    if column.header != value:
        return column
    return MappedColumn(column.cell, column.header, f"contribution: {value}", column.examples)
