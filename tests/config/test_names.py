"""Names are compared the same way everywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.names import clean, fold_header, fold_key


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


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert fold_key(fold_key(text)) == fold_key(text)
    assert fold_header(fold_header(text)) == fold_header(text)
