"""The example of a year as its first user meets it: `demo --roadmap`, what it says, and what it leaves."""

from pathlib import Path

from tests.end_to_end.cli import Sheetplan

DEMO = Path("demo") / "roadmap-2026.xlsx"


def test_demo_of_a_year_says_what_starts_when_and_where_to_look(sheetplan: Sheetplan) -> None:
    said = sheetplan("demo", "--roadmap")
    assert said.code == 0
    assert str(DEMO.resolve()) in said.out.replace("\n", "")
    for line in (
        "Revenue first (north_star): Optimal: proven best",
        "Balanced year (weighted_kpis): Optimal: proven best",
        "Goals by quarter (lexicographic): Optimal: proven best",
        "  revenue by the end of 2027-Q2: £1,331,000 of £1,300,000, met",
        "  tokens: 482 used, limited by period",
    ):
        assert line in said.out
    # What waits for the event platform starts when that has run for a quarter.
    assert "Starting in 2027-Q1: ONB-109, BIL-203, PLT-605, DAT-502, CMP-705" in said.out
    assert "error" not in said.out
    assert "warning" not in said.out
