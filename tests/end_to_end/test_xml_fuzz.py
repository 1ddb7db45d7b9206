"""A few of the mutations that `make campaign NAME=xml` tries by the thousand."""

from pathlib import Path

import pytest

from tests.campaigns.xml import attempt


@pytest.mark.parametrize("seed", range(100_000, 100_016))
def test_a_workbook_with_a_mutated_part_gets_an_answer_or_a_sentence(seed: int, tmp_path: Path) -> None:
    assert attempt(seed, tmp_path) is None
