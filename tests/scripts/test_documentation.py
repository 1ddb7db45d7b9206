"""The documentation says what the code does."""

import shutil
from pathlib import Path

import pytest

from config.settings import Settings
from config.tabs import INPUT_TABS
from config.words import NO, TOTALS, YES
from optimizer.rules import RULES
from scripts import documentation
from sheets_sync.checks.constraint_types import CONSTRAINT_TYPES
from sheets_sync.issues.catalogue import CATALOGUE

WORKBOOK = (documentation.DOCS / "workbook.md").read_text(encoding="utf-8")
ORDINARY = (documentation.DOCS / "ordinary-sheets.md").read_text(encoding="utf-8")
ISSUES = (documentation.DOCS / "issues.md").read_text(encoding="utf-8")


def test_the_pages_are_what_the_code_generates(capsys: pytest.CaptureFixture[str]) -> None:
    assert documentation.main(["--check"]) == 0
    assert capsys.readouterr().err == ""


def test_every_column_alias_and_help_text_is_documented() -> None:
    for tab in INPUT_TABS:
        for column in tab.columns:
            assert all(f"`{name}`" in WORKBOOK for name in (column.name, *column.aliases))
            assert column.help in WORKBOOK
        for family in tab.families:
            assert all(f"`{name}`" in WORKBOOK for name in family.spellings)
            assert family.help in WORKBOOK


def test_every_code_has_its_section_with_an_example() -> None:
    for kind in CATALOGUE.values():
        assert f"\n### {kind.code}\n" in ISSUES
        assert f"> {kind.message(**kind.example)}\n" in ISSUES


def test_every_word_that_is_read_is_documented() -> None:
    assert all(f"`{word}`" in ORDINARY for word in (*YES, *NO, *TOTALS))


def test_every_constraint_type_and_rule_is_documented() -> None:
    page = (documentation.DOCS / "optimizer.md").read_text(encoding="utf-8")
    for kind in CONSTRAINT_TYPES.values():
        assert f"| `{kind.name}` | " in WORKBOOK
        assert f"| {kind.means} |" in WORKBOOK
    assert page.count("\n| (") == len(RULES)


def test_every_setting_is_documented_with_its_meaning() -> None:
    page = (documentation.DOCS / "settings.md").read_text(encoding="utf-8")
    assert all(f"`{name}" in page for name in Settings.model_fields)
    assert str(Settings.model_fields["time_limit_s"].description) in page
    assert "`SHEETPLAN_GOOGLE__IMPERSONATE`" in page
    assert "`workbooks.NAME.location`" in page


def test_a_stale_page_fails_the_check_and_is_rewritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "workbook.md").write_text(WORKBOOK.replace("kpi_key", "kpi-key"), encoding="utf-8")
    (tmp_path / "ordinary-sheets.md").write_text(ORDINARY, encoding="utf-8")
    (tmp_path / "issues.md").write_text(ISSUES, encoding="utf-8")
    shutil.copy(documentation.DOCS / "optimizer.md", tmp_path)
    (tmp_path / "settings.md").write_text(documentation.settings_page(), encoding="utf-8")
    arguments = ["--docs", str(tmp_path)]
    assert documentation.main(["--check", *arguments]) == 1
    assert capsys.readouterr().err == "workbook.md differs from the code: run with --write\n"
    assert documentation.main(["--write", *arguments]) == 0
    assert capsys.readouterr().err == "workbook.md rewritten\n"
    assert documentation.main(["--check", *arguments]) == 0


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="the page must hold <!-- generated: KPIs -->"):
        documentation.workbook_page("# The workbook\n")
