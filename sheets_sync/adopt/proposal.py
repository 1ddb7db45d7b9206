"""From a workbook as it is to a proposal: what each column means, what has to be asked, and which tabs to add.

Nothing is read or written here. The list itself is never edited: what cannot be known from its headers goes into the
tab Columns.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from config.columns import InputTab, Value
from config.names import clean, fold_header
from config.tabs import INITIATIVES, KPIS, SCENARIOS
from config.words import SIZES, fold_word
from sheets_sync.adopt.existing_tabs import existing_inputs, find_list, has_scales, is_found_by_name, read_statements
from sheets_sync.adopt.new_tabs import NewTabs, new_tabs
from sheets_sync.adopt.questions import AdoptionError, Answers, Question, choose_value, note_on, questions_for
from sheets_sync.adopt.time_columns import NO_DATES, SPRINT, time_columns
from sheets_sync.adopt.value_columns import Candidates, ValueColumn, ValueKind, value_columns
from sheets_sync.inputs.cell_text import shown
from sheets_sync.inputs.frames import Frame, read_frame
from sheets_sync.inputs.header_matching import header_text
from sheets_sync.inputs.name_matching import Vocabulary
from sheets_sync.inputs.stated_tabs import columns_tab
from sheets_sync.workbook.snapshot import Cell, CellKind, Snapshot, Tab, a1
from sheets_sync.workbook.template import TabTemplate

_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column of the list, what it is read as (None: it is left alone), and its first values."""

    cell: str
    header: str
    meaning: str | None
    examples: tuple[str, ...]


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
    over: Sequence[str] = ()
    """What the list could be planned over, where the person has not said."""
    sprints_lack_dates: bool = False
    """Whether the names of its sprints do not say when they are."""


def propose(snapshot: Snapshot, answers: Answers) -> Proposal:
    """What each column of the list means, and the tabs that make the workbook a plan.

    Raises:
        AdoptionError: there is no list that could be planned, an answer names a header that is not there, or days of
            sprints are given for a plan that is not over sprints.
    """
    if answers.over is None and (answers.sprint_start is not None or answers.sprint_days is not None):
        raise AdoptionError("--sprint-start and --sprint-days go with --over sprint.")
    existing = existing_inputs(snapshot)
    tab = find_list(snapshot, answers.tab, answers.meanings)
    said = read_statements(snapshot, tab)
    answers = replace(
        answers,
        sizes={**said.sizes, **answers.sizes},
        worths={**said.worths, **answers.worths},
    )
    stated = {**said.meanings, **_stated(tab, answers)}
    frame = read_frame(tab, INITIATIVES, Vocabulary(()), stated)
    sized = _columns_of_sizes(tab, frame)
    answers = replace(answers, meanings=_sizes_as_such(answers.meanings, sized))
    if any(fold_header(header) in stated for header in sized):
        stated = {**said.meanings, **_stated(tab, answers)}
        frame = read_frame(tab, INITIATIVES, Vocabulary(()), stated)
    repeated = {fold_header(column.header): column.header for column in frame.repeats}
    if repeated:
        stated = {**dict.fromkeys(repeated, "ignore"), **stated}
        frame = read_frame(tab, INITIATIVES, Vocabulary(()), stated)
    time = time_columns(tab, frame)
    if answers.over is not None and SCENARIOS.name not in existing:
        answers = replace(answers, meanings={**time.meanings(answers.over), **answers.meanings})
        stated = {**stated, **_stated(tab, answers)}
        frame = read_frame(tab, INITIATIVES, Vocabulary(()), stated)
    columns = _columns(tab, frame)
    candidates = value_columns(frame, _candidates(tab, frame, columns))
    value = None if KPIS.name in existing else choose_value(answers.value, candidates)
    notes = [f'Several columns are headed "{header}": none of them is read.' for header in repeated.values()]
    notes += [
        f'"{column.header}" in {a1(frame.header_row, column.number)} could be {column.name} too; '
        f'"{frame.fields[column.name].header}" is read.'
        for column in frame.outranked
    ]
    if KPIS.name not in existing:
        notes += [note for column in candidates if (note := note_on(column, candidates))]
    notes += _unused_answers(answers, existing)
    may_have_periods = SCENARIOS.name not in existing
    if may_have_periods and answers.over is None:
        notes += time.notes
    periods: Sequence[Mapping[str, Value]] = ()
    if may_have_periods and answers.over is not None:
        periods = time.periods(answers.over, answers.sprint_start, answers.sprint_days)
        if answers.over == SPRINT and not time.is_dated and answers.sprint_start is None:
            notes.append(NO_DATES)
    questions = list(questions_for(frame, answers, existing, candidates, value, sized))
    meanings = _own_meanings(answers, repeated.values(), value, candidates)
    tabs: Sequence[TabTemplate] = ()
    if not questions:
        given = NewTabs(
            title=tab.title,
            is_stated=not said.names_list and not is_found_by_name(snapshot, tab),
            value=value,
            capacity=answers.capacity,
            meanings={h: m for h, m in meanings.items() if said.meanings.get(fold_header(h)) != m},
            unit=_unit(tab, frame, value),
            sizes=_without(answers.sizes, said.sizes),
            worths=_without(_used_worths(value, answers.worths), said.worths),
            has_scales=has_scales(snapshot),
            periods=periods,
        )
        tabs = new_tabs(given, frame, existing)
        _refuse_unwritable(snapshot, given)
    return Proposal(
        tab=tab.title,
        header_row=frame.header_row,
        rows=len(frame.rows),
        columns=[_with_meaning(column, {**_own_value(value), **meanings}) for column in columns],
        values=candidates,
        value=None if value is None else value.kpi,
        capacity=answers.capacity,
        questions=questions,
        notes=notes,
        tabs=tabs,
        over=time.choices if may_have_periods and answers.over is None else (),
        sprints_lack_dates=bool(time.sprints) and not time.is_dated,
    )


def _without(amounts: Mapping[str, float], known: Mapping[str, float]) -> dict[str, float]:
    """The amounts that are not known already; compared as words are."""
    there = {fold_word(word): amount for word, amount in known.items()}
    return {word: amount for word, amount in amounts.items() if there.get(fold_word(word)) != amount}


def _used_worths(value: ValueColumn | None, worths: Mapping[str, float]) -> dict[str, float]:
    """The worths of the words of the value, each as the list writes it."""
    given = {fold_word(word): worth for word, worth in worths.items()}
    words = () if value is None else value.words
    return {word: given[fold_word(word)] for word in words if fold_word(word) in given}


def _own_meanings(
    answers: Answers, repeated: Iterable[str], value: ValueColumn | None, candidates: Sequence[ValueColumn]
) -> dict[str, str]:
    """By header, what the Columns tab has to say; a score that divides by effort is left alone on purpose."""
    scores = () if value is None else (c.header for c in candidates if c.kind is ValueKind.PER_EFFORT)
    ignored = dict.fromkeys([*repeated, *scores], "ignore")
    return {**ignored, **answers.meanings, **(value.meanings if value is not None else {})}


def _unused_answers(answers: Answers, existing: Mapping[str, Tab]) -> list[str]:
    """Answers for tabs that are there already, and are not edited."""
    given = (
        (KPIS, answers.value, "--value"),
        (SCENARIOS, answers.capacity, "--capacity"),
        (SCENARIOS, answers.over, "--over"),
        (SCENARIOS, answers.sprint_start, "--sprint-start"),
        (SCENARIOS, answers.sprint_days, "--sprint-days"),
    )
    return [
        f'The tab "{existing[spec.name].title}" is there already and is not edited, so {option} is not used.'
        for spec, answer, option in given
        if answer is not None and spec.name in existing
    ]


def _refuse_unwritable(snapshot: Snapshot, given: NewTabs) -> None:
    """A tab Columns that is there is not edited, so what it has to say besides is for the person to add.

    Raises:
        AdoptionError: it has to say more than it does.
    """
    there = columns_tab(snapshot.tabs)
    if there is None or not given.statements:
        return
    rows = "; ".join(", ".join(f"{name} = {value}" for name, value in row.items()) for row in given.statements)
    raise AdoptionError(f'The tab "{there.title}" is there already and is not edited. Add these rows to it: {rows}.')


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


def _columns_of_sizes(tab: Tab, frame: Frame) -> list[str]:
    """The headers of columns that hold nothing but words of T-shirt sizes, in most rows."""
    found = []
    for number, cell in enumerate(tab.rows[frame.header_row - 1], start=1):
        cells = [tab.cell(row, number) for row in frame.rows]
        words = [fold_word(shown(one)) for one in cells if not one.is_blank]
        if header_text(cell) and len(words) * 2 >= len(cells) > 0 and _SIZES.issuperset(words):
            found.append(header_text(cell))
    return found


_SIZES = frozenset(map(fold_word, SIZES))


def _sizes_as_such(meanings: Mapping[str, str], sized: Sequence[str]) -> dict[str, str]:
    """What headers mean, where one of sizes that is called the effort is one of sizes."""
    folded = frozenset(map(fold_header, sized))
    effort = INITIATIVES.column("engineering_tokens")
    return {
        header: "size" if fold_header(header) in folded and INITIATIVES.find_column(meaning) is effort else meaning
        for header, meaning in meanings.items()
    }


def _candidates(tab: Tab, frame: Frame, columns: Sequence[MappedColumn]) -> Candidates:
    """The cells of each column that may hold values: people's own ones, and those that give way to a KPI."""
    numbers: dict[str, Sequence[Cell]] = {}
    texts: dict[str, Sequence[Cell]] = {}
    by_cell = {column.cell: column for column in columns}
    for number in range(1, len(tab.rows[frame.header_row - 1]) + 1):
        column = by_cell.get(a1(frame.header_row, number))
        if column is not None and (column.meaning is None or _yields(INITIATIVES, column.meaning)):
            cells = [tab.cell(row, number) for row in frame.rows]
            is_text = sum(cell.kind is CellKind.TEXT for cell in cells) * 2 >= len(cells) > 0
            (texts if is_text else numbers).setdefault(column.header, cells)
    return Candidates(numbers, texts)


def _yields(spec: InputTab, name: str) -> bool:
    return any(column.name == name and column.yields_to_kpi for column in spec.columns)


def _unit(tab: Tab, frame: Frame, value: ValueColumn | None) -> str:
    """The unit of the value, as far as a sign in the cells or in the header says it."""
    if value is None or value.kind is not ValueKind.AMOUNT:
        return "points" if value is not None and value.kind is not ValueKind.PRODUCT else ""
    number = next((s.number for s in frame.strays if s.header == value.header), None)
    texts = value.header + ("" if number is None else "".join(_examples(tab, frame, number)))
    return next((sign for sign in ("£", "€", "$") if sign in texts), "")


def _own_value(value: ValueColumn | None) -> dict[str, str]:
    """A column of amounts is that of its KPI by its header alone."""
    is_amount = value is not None and value.kind is ValueKind.AMOUNT
    return {value.header: f"contribution: {value.kpi}"} if value is not None and is_amount else {}


def _with_meaning(column: MappedColumn, meanings: Mapping[str, str]) -> MappedColumn:
    """The column with what the Columns tab will say of it, where that is not what its header says."""
    said = {fold_header(header): meaning for header, meaning in meanings.items() if ":" in meaning}
    return replace(column, meaning=said.get(fold_header(column.header), column.meaning))
