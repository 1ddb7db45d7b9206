"""The command `adopt`: shows what a list means, asks what cannot be known, and adds the tabs that are missing."""

import shlex
import sys
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from sheets_sync.cli.number_options import Amount
from sheets_sync.cli.session import Session, global_options, installation, pass_session

if TYPE_CHECKING:
    from sheets_sync.adopt.proposal import Proposal
    from sheets_sync.adopt.questions import Answers, Question
    from sheets_sync.issues.issue import Issue
    from sheets_sync.run.adopt import Source

SOURCE_HELP = (
    "SOURCE is a Google Sheets URL, a spreadsheet id, a registered workbook's name, an .xlsx file, or a .csv, .tsv, "
    ".ods or .xls file, which becomes a new .xlsx file beside it."
)


class Day(click.ParamType):  # type: ignore[type-arg]
    """A day, written as 2026-07-06."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day.

        Raises:
            click.BadParameter: it is written in another way, or there is no such day.
        """
        try:
            return date.fromisoformat(str(value).strip())
        except ValueError:
            self.fail(f"{value} is not a date such as 2026-07-06.", param, ctx)


@click.command(epilog=SOURCE_HELP)
@click.argument("source")
@click.option("--tab", metavar="NAME", help="The tab that holds the list; by default the one that can be read best.")
@click.option("--capacity", type=Amount(above_0=True), metavar="N", help="How much effort you can take on.")
@click.option("--value", metavar="HEADER", help="The column that says what each row is worth.")
@click.option(
    "--map", "maps", multiple=True, metavar="HEADER=FIELD", help="What a header means, or ignore. Repeatable."
)
@click.option("--size", "sizes", multiple=True, metavar="WORD=N", help="How much effort a size is. Repeatable.")
@click.option(
    "--worth", "worths", multiple=True, metavar="WORD=N", help="What a word of the value is worth. Repeatable."
)
@click.option(
    "--over",
    type=click.Choice(["sprint", "month", "quarter"]),
    help="Plan over several periods: the sprints that the list names, or the months or quarters of its dates.",
)
@click.option(
    "--sprint-start",
    type=Day(),
    metavar="DATE",
    help="The first day of the first sprint, such as 2026-07-06.",
)
@click.option("--sprint-days", type=click.IntRange(min=1), metavar="N", help="The days from one sprint to the next.")
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
    worths: tuple[str, ...],
    over: str | None,
    sprint_start: date | None,
    sprint_days: int | None,
    yes: bool,
) -> None:
    """Set up a workbook around a list that you have: adds the missing tabs, changes nothing in the list."""
    from sheets_sync.adopt.questions import AdoptionError, Answers
    from sheets_sync.run.adopt import propose_for, read_source

    answers = Answers(
        tab=tab,
        capacity=capacity,
        value=value,
        meanings=_meanings(maps),
        sizes=_numbers("--size", sizes),
        worths=_numbers("--worth", worths),
        over=over,
        sprint_start=sprint_start,
        sprint_days=sprint_days,
    )
    found = read_source(source, installation())
    interactive = not session.as_json and not yes and sys.stdin.isatty()
    try:
        proposal = propose_for(found, answers)
        if not session.as_json:
            _show(session, proposal)
        if interactive:
            answers = _over_periods(session, answers, proposal)
            proposal = _asked(session, found, answers, propose_for(found, answers))
    except AdoptionError as problem:
        raise click.UsageError(str(problem)) from None
    if proposal.questions and (yes or not session.as_json):
        asked = "\n".join(f"  {question.flag}  {_text(question)}" for question in proposal.questions)
        raise click.UsageError(f"Some things only you can know. Call it again with:\n{asked}")
    _conclude(session, found, proposal, yes, interactive)


def _conclude(session: Session, found: "Source", proposal: "Proposal", yes: bool, interactive: bool) -> None:
    """Say what will be written, and write it where the person wants it."""
    from sheets_sync.run.adopt import issues_after, proposal_json, write_proposal

    issues: Sequence[Issue] = () if proposal.questions else issues_after(found, proposal)
    if not session.as_json:
        _announce(session, proposal, issues)
    name, created = found.name, list[str]()
    wanted = yes or (interactive and click.confirm("Write this?", default=True, err=True))
    if wanted:
        name, created = write_proposal(found, proposal, installation())
    if session.as_json:
        session.print_json(proposal_json(name, proposal, issues, created))
    elif wanted:
        session.out.print(f"Created {', '.join(created) or 'nothing'} in {name}.", soft_wrap=True, markup=False)
        session.out.print(f"Now: sheetplan run {shlex.quote(name)}", soft_wrap=True, markup=False)
    else:
        session.out.print("Nothing was written. Give --yes to write it.")


def _numbers(option: str, texts: Sequence[str]) -> dict[str, float]:
    """A number, 0 or more, for each word.

    Raises:
        click.UsageError: one is not given so.
    """
    numbers = {}
    for text in texts:
        word, _, number = text.rpartition("=")
        try:
            numbers[word.strip()] = float(number) + 0.0
        except ValueError:
            word = ""
        if not word.strip() or not 0 <= numbers[word.strip()] < float("inf"):
            raise click.UsageError(f'{option} {text} must be "WORD=N", such as "M=5".')
    return numbers


def _meanings(maps: Sequence[str]) -> dict[str, str]:
    meanings = {}
    for text in maps:
        header, equals, meaning = text.rpartition("=")
        if not equals or not header.strip() or not meaning.strip():
            raise click.UsageError(f'--map {text} must be "HEADER=FIELD", such as "Dev guess=effort".')
        meanings[header.strip()] = meaning.strip()
    return meanings


def _asked(session: Session, found: "Source", answers: "Answers", proposal: "Proposal") -> "Proposal":
    """Ask one question after the other, until nothing is left to ask.

    Raises:
        click.UsageError: no answer can be right.
    """
    from sheets_sync.adopt.questions import AdoptionError
    from sheets_sync.run.adopt import propose_for

    while proposal.questions:
        question = proposal.questions[0]
        session.err.print(question.text, soft_wrap=True, markup=False)
        if question.name == "value" and not question.choices:
            raise click.UsageError("Add such a column to your list, and adopt again.")
        given = _with_answer(session, question, answers)
        try:
            proposal, answers = propose_for(found, given), given
        except AdoptionError as problem:
            session.err.print(str(problem), soft_wrap=True, markup=False)
    return proposal


def _over_periods(session: Session, answers: "Answers", proposal: "Proposal") -> "Answers":
    """Ask whether to plan over several periods, where the list has sprints or dates."""
    from dataclasses import replace

    if not proposal.over:
        return answers
    session.err.print("Plan over several periods, so that the plan also says what starts when?", soft_wrap=True)
    said = click.prompt("Over", type=click.Choice(["no", *proposal.over]), default="no", err=True)
    if said == "no":
        return answers
    answers = replace(answers, over=said)
    if said != "sprint" or not proposal.sprints_lack_dates:
        return answers
    lack = "The sprints have no dates. Without them a plan can hold no day, such as a deadline."
    session.err.print(lack, soft_wrap=True)
    text = "First day of the first one, such as 2026-07-06, or no"
    start = click.prompt(text, value_proc=_day, default="no", err=True)
    if start is None:
        return answers
    length = click.prompt("Days from one to the next", type=click.IntRange(min=1), default=14, err=True)
    return replace(answers, sprint_start=start, sprint_days=length)


def _day(text: str) -> date | None:
    """A day, or None for "no".

    Raises:
        click.BadParameter: the text is neither.
    """
    return None if text.strip().casefold() == "no" else Day().convert(text, None, None)


def _with_answer(session: Session, question: "Question", answers: "Answers") -> "Answers":
    """The answers with one more, as the person gives it."""
    from dataclasses import replace

    if question.name == "capacity":
        return replace(answers, capacity=click.prompt("Capacity", type=Amount(above_0=True), err=True))
    if question.words:
        guesses = dict(pair.rsplit("=", 1) for pair in question.suggestion.split(", ") if pair)
        numbers = {
            word: click.prompt(f"  {word}", type=Amount(), default=guesses.get(word), err=True)
            for word in question.words
        }
        if question.name == "sizes":
            return replace(answers, sizes={**answers.sizes, **numbers})
        return replace(answers, worths={**answers.worths, **numbers})
    for number, choice in enumerate(question.choices, start=1):
        session.err.print(f"  {number}  {choice}", soft_wrap=True, markup=False)
    said = click.prompt("Column", default="1" if question.choices else None, err=True).strip()
    is_number = said not in question.choices and said.isdecimal() and 0 < int(said) <= len(question.choices)
    header = question.choices[int(said) - 1] if is_number else said
    if question.name == "value":
        return replace(answers, value=header)
    return replace(answers, meanings={**answers.meanings, header: question.name})


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


def _said(value: str | float | bool) -> str:
    if isinstance(value, bool):
        return "ticked" if value else "not ticked"
    return value if isinstance(value, str) else f"{value:,.10g}"


def _announce(session: Session, proposal: "Proposal", issues: "Sequence[Issue]") -> None:
    if not proposal.tabs:
        session.out.print("The workbook has every tab that it needs.", markup=False)
    for template in proposal.tabs:
        session.out.print(f"New tab {template.title}:", soft_wrap=True, markup=False)
        headers = [column.header for column in template.columns]
        for row in template.rows:
            filled = [f"{header} = {_said(v)}" for header, v in zip(headers, row, strict=True) if v is not None]
            session.out.print(f"  {', '.join(filled)}", soft_wrap=True, markup=False)
    for issue in issues:
        session.out.print(str(issue), soft_wrap=True, markup=False)
