"""The generated parts of the documentation: docs/workbook.md, ordinary-sheets.md, optimizer.md, issues.md, settings.md.

They come from what the code itself goes by.

``python -m scripts.documentation --check`` fails when a page differs from the code; ``--write`` rewrites them.
"""

import argparse
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args, get_origin

from pydantic import BaseModel

from config.columns import Column, Family, InputTab, ValueType
from config.settings import Settings
from config.tabs import COLUMNS, INPUT_TABS
from config.words import MOSCOW, NO, STATUSES, TOTALS, WONT, YES
from optimizer.rules import RULES
from sheets_sync.checks.constraint_types import CONSTRAINT_TYPES
from sheets_sync.issues.catalogue import SECTIONS
from sheets_sync.issues.issue import IssueKind

DOCS = Path(__file__).resolve().parent.parent / "docs"
_BEGIN, _END = "<!-- generated: {name} -->", "<!-- end of generated: {name} -->"

_HOLDS = {
    ValueType.BOOLEAN: "check box",
    ValueType.PRIORITY: "KPIs in order",
    ValueType.WRITTEN: "written by sheetplan",
}


def workbook_page(page: str) -> str:
    """The page about the workbook, with the tables of every tab as the code has them between their marks.

    Raises:
        ValueError: the page lacks the marks of a table.
    """
    for tab in (*INPUT_TABS, COLUMNS):
        page = _filled(page, tab.name, _tab_table(tab))
    return _filled(page, "constraint types", _constraint_types())


def optimizer_page(page: str) -> str:
    """The page about the optimizer, with the table of the rules as their classes describe them.

    Raises:
        ValueError: the page lacks the marks of the table.
    """
    return _filled(page, "rules", _rules())


def _filled(page: str, name: str, lines: Iterable[str]) -> str:
    """The page with these lines between the marks of that name."""
    begin, end = _BEGIN.format(name=name), _END.format(name=name)
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if len(pattern.findall(page)) != 1:
        raise ValueError(f"the page must hold {begin} and {end} once")
    block = "\n".join((begin, "", *lines, "", end))
    return pattern.sub(block.replace("\\", "\\\\"), page)


def _constraint_types() -> Iterator[str]:
    yield "| constraint_type | needs | may have | means |"
    yield "| --- | --- | --- | --- |"
    for kind in CONSTRAINT_TYPES.values():
        needs = _listed(kind.needs)
        if kind.members > 1:
            needs = needs.replace("`member_keys`", f"`member_keys` ({kind.members} or more)")
        yield _row(f"`{kind.name}`", needs, _listed(kind.may_have), kind.means)


def _rules() -> Iterator[str]:
    yield "| row | rule |"
    yield "| --- | --- |"
    for rule in RULES:
        words, _, number = (rule.__doc__ or "").partition("\n")[0].rstrip(".").rpartition(" ")
        yield _row(number, f"{words}.")


def ordinary_sheets_page(page: str) -> str:
    """The page about sheets as people write them, with the words that the code reads between its marks.

    Raises:
        ValueError: the page lacks the marks.
    """
    return _filled(page, "words", _words_table())


def _words_table() -> Iterator[str]:
    yield "| means | words |"
    yield "| --- | --- |"
    yield _row("ticked", _listed(YES))
    yield _row("not ticked", _listed(NO))
    yield _row("a total", _listed(TOTALS))
    yield _row("must be selected (MoSCoW)", _listed(word for word, is_must in MOSCOW.items() if is_must))
    yield _row("left out (MoSCoW)", _listed(WONT))
    for status, words in STATUSES.items():
        yield _row(f"the status {status}", _listed(words))


def issues_page() -> str:
    """The page that lists every code with an example and its cure."""
    lines = [
        "# Issues",
        "",
        "What sheetplan reports about a workbook, by code. An **error** stops the scenarios that it affects, and",
        "only those; a **warning** stops nothing. Each comes with its tab and cell.",
        "",
        "This page is generated from `sheets_sync/issues/` by `make docs`.",
    ]
    for title, kinds in SECTIONS.items():
        lines += ["", f"## {title}", "", "| code | severity | what it is |", "| --- | --- | --- |"]
        lines += [f"| [`{kind.code}`](#{kind.code}) | {kind.severity} | {kind.title} |" for kind in kinds]
        for kind in kinds:
            lines += ["", *_issue_section(kind)]
    return "\n".join(lines) + "\n"


def settings_page() -> str:
    """The page that lists every setting with its environment variable and default."""
    lines = [
        "# Settings",
        "",
        "Every setting has a default that works. A value comes from the environment, else from the file that",
        "`SHEETPLAN_CONFIG` names, else from `sheetplan.toml` in the working directory:",
        "",
        "```toml",
        "time_limit_s = 30",
        "",
        "[google]",
        'impersonate = "planner@project.iam.gserviceaccount.com"',
        "",
        "[workbooks.q3]",
        'location = "https://docs.google.com/spreadsheets/d/..."',
        "```",
        "",
        "`sheetplan run q3` then runs the registered workbook. Google's credentials are found the way Google's own",
        "libraries find them ([Google Sheets](google.md)), never in this file.",
        "",
        "This page is generated from `config/settings.py` by `make docs`.",
        "",
        "| setting | environment variable | meaning | default |",
        "| --- | --- | --- | --- |",
        *_settings_rows(Settings, ()),
    ]
    return "\n".join(lines) + "\n"


def _settings_rows(model: type[BaseModel], path: tuple[str, ...]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        place = (*path, name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _settings_rows(field.annotation, place)
            continue
        parts = [part for part in get_args(field.annotation) if isinstance(part, type) and issubclass(part, BaseModel)]
        if parts:
            yield from _settings_rows(parts[0], (*place, "NAME") if get_origin(field.annotation) is dict else place)
            continue
        variable = "" if "NAME" in place else f"`SHEETPLAN_{'__'.join(place).upper()}`"
        default = "needed" if field.is_required() else "" if field.default is None else f"`{field.default}`"
        yield _row(f"`{'.'.join(place)}`", variable, field.description or "", default)


def _issue_section(kind: IssueKind) -> Iterator[str]:
    yield f"### {kind.code}"
    yield ""
    yield f"{kind.title} ({kind.severity})."
    yield ""
    yield f"> {kind.message(**kind.example)}"
    if "near" in kind.example and "{advice}" not in kind.cure:
        values = {name: value for name, value in kind.example.items() if name != "near"}
        yield ""
        yield f"Where no name is near: {kind.cure.format(**values)}"


def _tab_table(tab: InputTab) -> Iterator[str]:
    also = f" Also read: {_listed(tab.aliases)}." if tab.aliases else ""
    if tab.lookalikes:
        also += f" Where there is none of these: {_listed(tab.lookalikes)}."
    yield f"{tab.help} {'Required.' if tab.required else 'Optional.'}{also}"
    yield ""
    yield "| column | needed | holds | meaning | example | also read |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for column in tab.columns:
        yield _row(
            f"`{column.name}`",
            "yes" if column.required else "",
            _holds(column),
            _meaning(column),
            _example(column.example),
            _also_read(column),
        )
    for family in tab.families:
        yield _row(
            _listed((family.spellings[-1],) if family.bare else (family.pattern,)),
            "",
            _held(family),
            family.help,
            _example(family.example),
            _listed(_further(family)),
        )


def _also_read(column: Column) -> str:
    """The other headers of a column, best first, and those that mean it only where nothing says it better."""
    named = _listed((*column.aliases, *column.tool_words))
    return f"{named}; else {_listed(column.fallbacks)}" if column.fallbacks else named


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _held(family: Family) -> str:
    if family.has_words:
        return "text"
    return "number" if family.minimum is None else f"number, at least {family.minimum:g}"


def _further(family: Family) -> tuple[str, ...]:
    shown = family.spellings[-1] if family.bare else family.pattern
    return tuple(spelling for spelling in family.spellings if spelling != shown)


def _holds(column: Column) -> str:
    if column.type is ValueType.NUMBER and column.minimum is not None:
        return f"number, {'more than' if column.above_minimum else 'at least'} {column.minimum:g}"
    if column.choices:
        return "one of " + ", ".join(column.choices)
    return _HOLDS.get(column.type, column.type.value)


def _meaning(column: Column) -> str:
    has_words = column.default is not None and not isinstance(column.default, bool)
    return f"{column.help} Blank means {column.default}." if has_words else column.help


def _example(value: str | float | bool) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    return f"`{value}`" if isinstance(value, str) else f"{value:.15g}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def main(arguments: list[str] | None = None) -> int:
    """Check or rewrite the generated documentation; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m scripts.documentation", description=main.__doc__)
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--check", action="store_true", help="fail when a page differs from the code")
    mode.add_argument("--write", action="store_true", help="rewrite the pages")
    parser.add_argument("--docs", type=Path, default=DOCS, help="the folder of the pages")
    options = parser.parse_args(arguments)
    workbook, optimizer = options.docs / "workbook.md", options.docs / "optimizer.md"
    ordinary = options.docs / "ordinary-sheets.md"
    pages = {
        workbook: workbook_page(workbook.read_text(encoding="utf-8")),
        optimizer: optimizer_page(optimizer.read_text(encoding="utf-8")),
        ordinary: ordinary_sheets_page(ordinary.read_text(encoding="utf-8")),
        options.docs / "issues.md": issues_page(),
        options.docs / "settings.md": settings_page(),
    }
    stale = [path for path, text in pages.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if options.write:
            path.write_text(pages[path], encoding="utf-8")
        sys.stderr.write(f"{path.name} {'rewritten' if options.write else 'differs from the code: run with --write'}\n")
    return 1 if stale and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
