"""Words that read like a translation stay out of everything that users read."""

import ast
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import click
import pytest

from config.settings import Settings
from config.tabs import INPUT_TABS
from sheets_sync.cli import cli
from sheets_sync.google.faults import FAULTS
from sheets_sync.issues.catalogue import CATALOGUE
from sheets_sync.outcome import BLURRED_WORDS, DEFECT_WORDS, EFFORT_WORDS, STATUS_WORDS

ROOT = Path(__file__).parent.parent

AVOIDED = {
    r"\btold\b": "reported, shown",
    r"\btells\b": "reports, shows",
    r"\bstands?\b(?!-| for)": "is",
    r"\bstood\b": "was",
    r"\bmend(s|ed)?\b": "fix",
    r"what (came|becomes?) of": "result, outcome",
    r"what stands there": "the current inputs",
    r"too far apart": "differ too much in size",
    r"nothing answers to": "has no effect",
    r"nothing (is|can be) better than": "best possible",
    r"no portfolio can do better": "best possible",
    r"\bis no (KPI|scenario|initiative|address|terminal)\b": "is not a",
    r"without a word": "silently",
    r"to end this warning": "to clear this warning",
    r"beyond all bounds": "too large",
    r"a defect of (ours|sheetplan)": "a bug in sheetplan",
}
"""What is not written, as a regular expression, and what to write instead."""

PAGES = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")})


def oddities(text: str) -> list[str]:
    """Each avoided wording that the text contains, with what to write instead."""
    plain = re.sub(r"\s+", " ", text)
    return [
        f"{found.group()!r} (write: {instead})"
        for pattern, instead in AVOIDED.items()
        for found in re.finditer(pattern, plain, re.IGNORECASE)
    ]


def test_an_avoided_word_is_found_across_a_line_break() -> None:
    assert oddities("Nothing is\nbetter than 5; the rest is fine.") == [
        "'Nothing is better than' (write: best possible)",
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_are_in_plain_english(page: Path) -> None:
    assert oddities(page.read_text(encoding="utf-8")) == []


def test_messages_are_in_plain_english() -> None:
    texts = chain.from_iterable((kind.title, kind.template, kind.cure) for kind in CATALOGUE.values())
    assert oddities(" | ".join((*texts, *STATUS_WORDS.values(), BLURRED_WORDS, DEFECT_WORDS, EFFORT_WORDS))) == []


def test_titles_of_google_faults_are_in_plain_english() -> None:
    assert oddities(" | ".join(fault.title for fault in FAULTS)) == []


def test_help_of_tabs_and_columns_is_in_plain_english() -> None:
    texts = [text.help for tab in INPUT_TABS for text in (tab, *tab.columns, *tab.families)]
    assert oddities(" | ".join(texts)) == []


def test_help_of_settings_is_in_plain_english() -> None:
    assert oddities(" | ".join(_descriptions(Settings.model_json_schema()))) == []


def test_help_of_the_command_line_is_in_plain_english() -> None:
    context = click.Context(cli, info_name="sheetplan")
    texts = [cli.get_help(context)]
    texts += [command.get_help(click.Context(command, info_name=name)) for name, command in cli.commands.items()]
    assert oddities("\n".join(texts)) == []


def test_no_sentence_puts_a_blank_before_the_percent_sign() -> None:
    """Results shows cells as 20%, so sentences say 20% too; what code puts before the sign is a number."""
    spaced = []
    for room in ("config", "optimizer", "sheets_sync"):
        for source in sorted((ROOT / room).rglob("*.py")):
            tree = ast.parse(source.read_text(encoding="utf-8"))
            remarks = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in remarks]
            spaced += [
                f"{source.name}:{text.lineno}"
                for text in texts
                if isinstance(text.value, str) and re.search(r"(^|\d) %(?!\w)", text.value)
            ]
    assert spaced == []


def _descriptions(schema: object) -> Iterator[str]:
    """Every description in a JSON schema; class docstrings are those of the groups."""
    if isinstance(schema, dict):
        if isinstance(schema.get("description"), str):
            yield schema["description"]
        for part in schema.values():
            yield from _descriptions(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _descriptions(part)
