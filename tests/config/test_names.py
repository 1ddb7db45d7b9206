"""Names are compared the same way everywhere."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.names import INVISIBLE, clean, fold_header, fold_key, fold_loosely, foreign_letter


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GMV", "gmv "),
        ("PAY-1", "\u00a0pay-1"),
        ("Gr\u00f6\u00dfe", "GRO\u0308SSE"),
        ("a\u200bb", "ab"),
        ("UK", "uk\ufeff"),
    ],
)
def test_keys_that_look_alike_are_one(one: str, other: str) -> None:
    assert fold_key(one) == fold_key(other)


@pytest.mark.parametrize(("one", "other"), [("a b", "ab"), ("a-b", "a_b"), ("7", "007"), ("\uff11", "1")])
def test_keys_that_look_different_are_two(one: str, other: str) -> None:
    assert fold_key(one) != fold_key(other)


@pytest.mark.parametrize("header", ["kpi_key", "KPI Key", " kpi-key ", "Kpi\u2011Key", "KPI\nkey", "kpi  __ key"])
def test_headers_are_compared_without_separators(header: str) -> None:
    assert fold_header(header) == "kpikey"


@pytest.mark.parametrize(
    "text",
    [
        "\u0339 \u0334",  # two marks that change places without the space between them
        "a \u0301",  # a letter and an accent that become one
        "\u0345-\u0301",
        "\u1fb3\u0345",
        "\u212a_\u0327",
    ],
)
def test_what_a_separator_kept_apart_is_folded_too(text: str) -> None:
    assert fold_header(fold_header(text)) == fold_header(text)
    assert fold_key(fold_key(text)) == fold_key(text)


_ANY = st.characters()
_MARKS_AND_SEPARATORS = st.one_of(
    st.characters(categories=["Mn", "Mc", "Me"]), st.sampled_from(" _-\u00a0\u2011\u200b\u0345aeIK\u00c5\u1e9e")
)


@given(st.text(_ANY) | st.text(_MARKS_AND_SEPARATORS))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert fold_key(fold_key(text)) == fold_key(text)
    assert fold_header(fold_header(text)) == fold_header(text)


def test_every_format_character_is_invisible() -> None:
    """Whatever Unicode calls a format character, in the version that this Python knows."""
    seen = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Cf"]
    assert [char for char in seen if not INVISIBLE.fullmatch(char)] == []


def test_every_dash_is_the_plain_one() -> None:
    dashes = [chr(code) for code in range(0x10000) if unicodedata.category(chr(code)) == "Pd"]
    strange = {char for char in dashes if fold_key(f"a{char}b") != "a-b"}
    assert strange <= set("\u1400\u2e17\u2e1a\u2e40\u2e5d\u301c\u3030\u30a0\ufe31\ufe32")


@pytest.mark.parametrize(
    ("one", "other"),
    [("PAY\u20131", "pay-1"), ("x  y", "X y"), ("x\u2003y", "x y"), ("A\u2066", "a"), ("\u2764\ufe0f", "\u2764")],
)
def test_keys_that_look_the_same_are_the_same(one: str, other: str) -> None:
    assert fold_key(one) == fold_key(other)


def test_near_spellings_differ_only_in_separators() -> None:
    assert fold_loosely("Pay.App 2") == fold_loosely("payapp-2")
    assert fold_key("Pay App") != fold_key("PayApp")


def test_letter_of_another_script_is_named() -> None:
    assert foreign_letter("P\u0410Y-1", "PAY-1") == "cyrillic capital letter a (U+0410)"
    assert foreign_letter("PAX-1", "PAY-1") is None
    assert foreign_letter("PAY-1", "PAY-1") is None
