"""Contributions computed from ranks, factors and words: what they are, and what cannot be computed."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheets_sync.checks import check
from sheets_sync.checks.typed_frames import typed_frames
from sheets_sync.inputs.fingerprint import fingerprint
from tests.sheets_sync.sheets import Rows, snapshot

FIELDS = {"Prio": "rank: value", "Reach": "factor: value", "Sure": "factor: value", "MoSCoW": "worth: value"}
WORDS = [("must", 8), ("should", 4), ("could", 2)]


def tabs(headers: Sequence[str], rows: Rows, words: Sequence[tuple[str, float]] = WORDS) -> dict[str, Rows]:
    """A list with these columns of people's own, which the Columns tab explains."""
    said: list[list[Any]] = [["header", "field", "word", "worth"], *([None, None, *word] for word in words)]
    said += [[header, FIELDS[header], None, None] for header in headers]
    return {
        "KPIs": [["kpi_key", "kpi_level"], ["value", "north_star"]],
        "Initiatives": [["key", "effort", *headers], *rows],
        "Scenarios": [["scenario", "mode", "capacity"], ["S", "north_star", 100]],
        "Columns": said,
    }


def contributions(headers: Sequence[str], rows: Rows) -> dict[str, float | None]:
    checked = check(snapshot(tabs(headers, rows)))
    assert checked.plan is not None, checked.issues
    return {initiative.key: initiative.contributions.get("value") for initiative in checked.plan.initiatives}


def issues(headers: Sequence[str], rows: Rows) -> list[str]:
    return [str(issue) for issue in check(snapshot(tabs(headers, rows))).issues]


def test_of_n_ranks_the_first_counts_n() -> None:
    """Equal ranks count the same, and a far one (999 for some day) does not make the others alike."""
    rows = [["A", 1, 2], ["B", 1, 1], ["C", 1, 2], ["D", 1, 999], ["E", 1, None]]
    assert contributions(["Prio"], rows) == {"A": 2, "B": 3, "C": 2, "D": 1, "E": None}


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=8))
def test_a_better_rank_always_counts_more(ranks: list[int]) -> None:
    rows = [[f"I{at}", 1, rank] for at, rank in enumerate(ranks)]
    counted = list(contributions(["Prio"], rows).values())
    assert min(value for value in counted if value is not None) == 1
    for rank, value in zip(ranks, counted, strict=True):
        for other, better in zip(ranks, counted, strict=True):
            assert value is not None
            assert better is not None
            assert (rank > other) == (value < better)


def test_factors_are_multiplied() -> None:
    assert contributions(["Reach", "Sure"], [["A", 1, 100, 0.5], ["B", 1, 7, 0], ["C", 1, None, None]]) == {
        "A": 50,
        "B": 0,
        "C": None,
    }


def test_musts_are_mandatory_and_words_are_worth_something() -> None:
    rows = [["A", 1, "Must"], ["B", 1, "Could"], ["C", 1, "should"]]
    checked = check(snapshot(tabs(["MoSCoW"], rows)))
    assert checked.plan is not None
    assert [(i.key, i.contributions, i.is_mandatory) for i in checked.plan.initiatives] == [
        ("A", {"value": 8}, True),
        ("B", {"value": 2}, False),
        ("C", {"value": 4}, False),
    ]


@pytest.mark.parametrize(
    ("headers", "row", "message"),
    [
        (
            ["Reach", "Sure"],
            ["B", 1, 5, None],
            'Initiatives!D3: Sure is blank, so "value" cannot be computed for this row. Type a number; 0 if the '
            "initiative brings nothing. [missing_factor]",
        ),
        (
            ["Reach", "Sure"],
            ["B", 1, 1e12, 1e12],
            'Initiatives!C3: The product for "value" is beyond 1e18. Check the numbers that are multiplied, or use a '
            "larger unit. [product_too_large]",
        ),
        (
            ["MoSCoW"],
            ["B", 1, "Maybe"],
            'Initiatives!C3: The Columns tab does not say what "Maybe" is worth; its words are "must", "should", '
            '"could". Add the word with its worth to the Columns tab, or use one of its words here. [unknown_worth]',
        ),
        (
            ["Prio"],
            ["B", 1, "first"],
            'Initiatives!C3: Prio is "first", which is text, not a number. Type a plain number, or clear the cell. '
            "[not_a_number]",
        ),
    ],
)
def test_what_cannot_be_computed_is_an_error_at_its_cell(headers: list[str], row: list[Any], message: str) -> None:
    first = {"Prio": 1, "Reach": 2, "Sure": 1, "MoSCoW": "must"}
    assert issues(headers, [["A", 1, *(first[header] for header in headers)], row]) == [message]


def test_frames_and_fingerprint_follow() -> None:
    """What a word is worth is an input like any other."""
    rows = [["A", 1, "must"], ["B", 1, "Maybe"]]
    frames = typed_frames(snapshot(tabs(["MoSCoW"], rows)))
    assert frames.contributions["value"].tolist()[0] == 8
    assert frames.contributions["value"].isna().tolist() == [False, True]
    marks = {
        fingerprint(check(snapshot(tabs(["MoSCoW"], rows, words))).frames)
        for words in (WORDS, WORDS[:2], WORDS, [("must", 9)])
    }
    assert len(marks) == 3
