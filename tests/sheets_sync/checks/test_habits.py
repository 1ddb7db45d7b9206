"""A sample of the campaign of ordinary sheets: no habit of people changes a portfolio without an error."""

import pytest

from tests.campaigns.habits import HABITS, Try, try_one

SHEETS = 60


@pytest.fixture(scope="module")
def tries() -> list[Try]:
    """What came of the first sheets."""
    return [try_one(seed) for seed in range(SHEETS)]


def test_every_sheet_has_its_answer_or_an_error_with_a_cell(tries: list[Try]) -> None:
    assert [one for one in tries if one.outcome not in ("same", "unclear")] == []


def test_most_sheets_are_answered(tries: list[Try]) -> None:
    assert sum(one.outcome == "same" for one in tries) > SHEETS / 2
    assert sum(one.outcome == "same" and one.is_changed for one in tries) > 3


def test_the_sample_has_every_habit(tries: list[Try]) -> None:
    assert {name for one in tries for name in one.habits} == {habit.__name__ for habit in HABITS}
