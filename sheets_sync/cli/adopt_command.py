"""The command `adopt`: shows what a list means, asks what cannot be known, and adds the tabs that are missing."""

import shlex
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from sheets_sync.cli.session import Session, global_options, installation, pass_session

if TYPE_CHECKING:
    from sheets_sync.adopt.proposal import Answers, Proposal, Question
    from sheets_sync.run.adopt import Source

SOURCE_HELP = (
    "SOURCE is a Google Sheets URL, a spreadsheet id, a registered workbook's name, an .xlsx file, or a .csv, .tsv, "
    ".ods or .xls file, which becomes a new .xlsx file beside it."
)


@click.command(epilog=SOURCE_HELP)
@click.argument("source")
@click.option("--tab", metavar="NAME", help="The tab that holds the list; by default the one that can be read best.")
@click.option(
    "--capacity", type=click.FloatRange(min=0, min_open=True), metavar="N", help="How much effort you can take on."
)
@click.option("--value", metavar="HEADER", help="The column that says what each row is worth.")
@click.option(
    "--map", "maps", multiple=True, metavar="HEADER=FIELD", help="What a header means, or ignore. Repeatable."
)
@click.option("--size", "sizes", multiple=True, metavar="WORD=N", help="How much effort a size is. Repeatable.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@global_options
@pass_session
def adopt(
    session: Session,
    source: str,
    tab: str | None,
    capacity: float | None,
    value: str | None,
    maps: tuple[str, ...],
    sizes: tuple[str, ...],
    yes: bool,
) -> None:
    """Set up a workbook around a list that you have: adds the missing tabs, changes nothing in the list."""
    from sheets_sync.adopt.proposal import AdoptionError, Answers
    from sheets_sync.run.adopt import propose_for, read_source

    answers = Answers(tab=tab, capacity=capacity, value=value, meanings=_meanings(maps), sizes=_sizes(sizes))
    found = read_source(source, installation())
    interactive = not session.as_json and not yes and sys.stdin.isatty()
    try:
        proposal = propose_for(found, answers)
        if not session.as_json:
            _show(session, proposal)
        if interactive:
            proposal = _asked(session, found, answers, proposal)
    except AdoptionError as problem:
        raise click.UsageError(str(problem)) from None
    if proposal.questions and (yes or not session.as_json):
        asked = "\n".join(f"  {question.flag}  {_text(question)}" for question in proposal.questions)
        raise click.UsageError(f"Some things only you can know. Call it again with:\n{asked}")
    _conclude(session, found, proposal, yes, interactive)


def _conclude(session: Session, found: "Source", proposal: "Proposal", yes: bool, interactive: bool) -> None:
    """Say what will be written, and write it where the person wants it."""
    from sheets_sync.run.adopt import issues_after, write_proposal

    issues = [] if proposal.questions else [str(issue) for issue in issues_after(found, proposal)]
    if not session.as_json:
        _announce(session, proposal, issues)
    name, created = found.name, list[str]()
    wanted = yes or (interactive and click.confirm("Write this?", default=True, err=True))
    if wanted:
        name, created = write_proposal(found, proposal, installation())
    if session.as_json:
        session.print_json(_document(name, proposal, issues, created))
    elif wanted:
        session.out.print(f"Created {', '.join(created) or 'nothing'} in {name}.", soft_wrap=True, markup=False)
        session.out.print(f"Now: sheetplan run {shlex.quote(name)}", soft_wrap=True, markup=False)
    else:
        session.out.print("Nothing was written. Give --yes to write it.")


def _sizes(texts: Sequence[str]) -> dict[str, float]:
    sizes = {}
    for text in texts:
        word, _, number = text.rpartition("=")
        try:
            sizes[word.strip()] = float(number)
        except ValueError:
            word = ""
        if not word.strip() or not 0 <= sizes[word.strip()] < float("inf"):
            raise click.UsageError(f'--size {text} must be "WORD=N", such as "M=5".')
    return sizes


def _meanings(maps: Sequence[str]) -> dict[str, str]:
    meanings = {}
    for text in maps:
        header, equals, meaning = text.rpartition("=")
        if not equals or not header.strip() or not meaning.strip():
            raise click.UsageError(f'--map {text} must be "HEADER=FIELD", such as "Dev guess=effort".')
        meanings[header.strip()] = meaning.strip()
    return meanings


def _asked(session: Session, found: "Source", answers: "Answers", proposal: "Proposal") -> "Proposal":
    """Ask one question after the other, until nothing is left to ask."""
    from dataclasses import replace

    from sheets_sync.adopt.proposal import AdoptionError
    from sheets_sync.run.adopt import propose_for

    while proposal.questions:
        question = proposal.questions[0]
        session.err.print(_text(question), soft_wrap=True, markup=False)
        if question.name == "capacity":
            answers = replace(
                answers, capacity=click.prompt("Capacity", type=click.FloatRange(0, min_open=True), err=True)
            )
        elif question.name == "sizes":
            answers = replace(answers, sizes=_sizes(click.prompt("Sizes, such as S=2 M=5", err=True).split()))
        else:
            default = question.choices[0] if question.choices else None
            header = click.prompt("Column", default=default, err=True)
            if question.name == "value":
                answers = replace(answers, value=header)
            else:
                answers = replace(answers, meanings={**answers.meanings, header: question.name})
        try:
            proposal = propose_for(found, answers)
        except AdoptionError as problem:
            session.err.print(str(problem), soft_wrap=True, markup=False)
            meanings = {header: field for header, field in answers.meanings.items() if field != question.name}
            answers = replace(answers, value=None if question.name == "value" else answers.value, meanings=meanings)
    return proposal


def _text(question: "Question") -> str:
    listed = ", ".join(f'"{choice}"' for choice in question.choices)
    return f"{question.text} One of: {listed}." if listed else question.text


def _show(session: Session, proposal: "Proposal") -> None:
    """The list as it is understood, with examples of its rows."""
    from rich.table import Table

    session.out.print(
        f'"{proposal.tab}": {proposal.rows} rows, headers in row {proposal.header_row}.', soft_wrap=True, markup=False
    )
    table = Table("your header", "is read as", "your first values")
    for column in proposal.columns:
        cells = (column.header, column.meaning or "(left alone)", " | ".join(column.examples))
        table.add_row(*map(_plain, cells))
    session.out.print(table)
    for note in proposal.notes:
        session.out.print(f"Note: {note}", soft_wrap=True, markup=False)


def _plain(text: str) -> Any:
    from rich.text import Text

    return Text(text if len(text) <= 60 else f"{text[:57]}...")


def _announce(session: Session, proposal: "Proposal", issues: Sequence[str]) -> None:
    if not proposal.tabs:
        session.out.print("The workbook has every tab that it needs.", markup=False)
    for template in proposal.tabs:
        session.out.print(f"New tab {template.title}:", soft_wrap=True, markup=False)
        headers = [column.header for column in template.columns]
        for row in template.rows:
            filled = [f"{header} = {value}" for header, value in zip(headers, row, strict=True) if value is not None]
            session.out.print(f"  {', '.join(filled)}", soft_wrap=True, markup=False)
    for issue in issues:
        session.out.print(issue, soft_wrap=True, markup=False)


def _document(workbook: str, proposal: "Proposal", issues: Sequence[str], created: Sequence[str]) -> dict[str, Any]:
    return {
        "workbook": workbook,
        "tab": proposal.tab,
        "header_row": proposal.header_row,
        "rows": proposal.rows,
        "columns": [
            {"cell": column.cell, "header": column.header, "field": column.meaning, "examples": list(column.examples)}
            for column in proposal.columns
        ],
        "value": proposal.value,
        "value_columns": [{"header": column.header, "kind": column.kind.value} for column in proposal.values],
        "capacity": proposal.capacity,
        "questions": [
            {"name": question.name, "text": question.text, "flag": question.flag, "choices": list(question.choices)}
            for question in proposal.questions
        ],
        "notes": list(proposal.notes),
        "tabs": [
            {
                "title": template.title,
                "headers": [column.header for column in template.columns],
                "rows": [list(row) for row in template.rows],
            }
            for template in proposal.tabs
        ],
        "issues": list(issues),
        "created": list(created),
        "written": bool(created),
    }
