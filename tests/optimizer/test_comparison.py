"""A small sample of the campaign `tests.campaigns.comparison`, wild magnitudes included."""

import pytest

from tests.campaigns.comparison import try_seed


@pytest.mark.parametrize(
    ("kind", "outcomes"),
    [
        ({}, {"same", "infeasible"}),
        ({"is_wild": True}, {"same", "infeasible"}),
        ({"is_apart": True}, {"same", "infeasible"}),
    ],
    ids=["ordinary", "wild", "far apart"],
)
def test_every_answer_is_that_of_brute_force(kind: dict[str, bool], outcomes: set[str]) -> None:
    """Proven, with every tie compared, at any magnitude; nothing is refused either."""
    trials = [trial for seed in range(70_000, 70_040) for trial in try_seed(seed, **kind)]
    assert [trial for trial in trials if trial.outcome not in outcomes] == []
    assert {trial.outcome for trial in trials} == outcomes


def test_small_blocks_are_solved_as_well_without_a_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.search.direct_search._BLOCKS_ABOVE", 0)
    trials = [trial for seed in range(80_000, 80_020) for trial in try_seed(seed, ("highs",))]
    assert {trial.outcome for trial in trials} == {"same", "infeasible"}


def test_what_decides_is_exact() -> None:
    """Here 3 * 0.3333333333333333 stands against 1: less by 1e-16, and nothing else is in the objective."""
    assert {trial.outcome for trial in try_seed(101_345)} == {"same"}


def test_harm_and_help_of_nearly_one_size_in_a_floor_of_nothing() -> None:
    """A bound that tightening left at 1e-12 once scaled its row so that HiGHS lost the best portfolio."""
    assert {trial.outcome for trial in try_seed(600_354, is_apart=True)} == {"same"}


def test_numbers_that_mislead_a_solver_leave_its_rows() -> None:
    """Beside 900, coefficients of 1e-7 made HiGHS call 100,242 the best where 144,242 is possible."""
    assert {trial.outcome for trial in try_seed(700_891, is_wild=True)} == {"same"}


def test_nothing_found_without_presolve_is_asked_again_where_numbers_lie_far_apart() -> None:
    """Without presolve HiGHS saw no second selection beside the best one, which ties with one that costs nothing."""
    assert {trial.outcome for trial in try_seed(7_000_443, is_apart=True)} == {"same"}


def test_a_goal_that_a_contribution_misses_by_a_hair() -> None:
    """-1,709,999,999.99 against -1,709,999,993.16: CBC's presolve called it the optimum to select nothing."""
    assert {trial.outcome for trial in try_seed(5_000_356)} == {"same"}


@pytest.mark.parametrize(
    ("seed", "kind"),
    [
        (7_100_223, {"is_apart": True}),
        (7_100_669, {"is_apart": True}),
        (951_348, {"is_wild": True}),
        (71_300_234, {"is_wild": True}),
    ],
    ids=["a floor", "a shortfall that is held", "a capacity", "a share"],
)
def test_the_edge_of_a_bound_is_not_a_matter_of_rounding(seed: int, kind: dict[str, bool]) -> None:
    """The sums differ from the bound, or from what is held, by the tolerance and less than doubles can tell apart."""
    assert {trial.outcome for trial in try_seed(seed, **kind)} == {"same"}


def test_a_shortfall_is_not_that_of_a_rounded_total() -> None:
    """7e-9 beside 1,000,000,000 is lost in their total, but not in the 4.0000001 that is missing."""
    assert {trial.outcome for trial in try_seed(70_022_063, is_apart=True)} == {"same"}


def test_a_tie_is_not_that_of_rounded_totals() -> None:
    """1.1 ties with 1.1 + 0.0000000011, whose floating point sum is 1.1000000011000002: beyond the tolerance."""
    assert {trial.outcome for trial in try_seed(70_037_060, is_apart=True)} == {"same"}


def test_beside_nothing_a_tie_is_a_trillionth_and_no_rounding_more() -> None:
    """2e-9 of a KPI that counts a two-thousandth is 1e-12 worse than nothing, in floating point by 2e-28 too much."""
    assert {trial.outcome for trial in try_seed(71_504_182, is_apart=True)} == {"same"}


def test_what_ties_is_measured_from_the_very_best() -> None:
    """Of 20,000,000,090 and 1e-7 more floating point sees no difference, and 20.0000001 less is just a tie with one."""
    assert {trial.outcome for trial in try_seed(71_203_491, is_apart=True)} == {"same"}


def test_what_is_tiny_beside_a_coefficient_counts_among_ties_too() -> None:
    """Beside tokens of 500,000,000,000 HiGHS does not see 0.000000003 of them."""
    assert {trial.outcome for trial in try_seed(7_001_501, is_apart=True)} == {"same"}


def test_worths_that_cbc_overlooks_beside_others_are_left_to_highs() -> None:
    """20.48 beside -1,650,000,000,080: CBC called it the optimum to do without."""
    assert {trial.outcome for trial in try_seed(6_001_639, is_wild=True)} == {"same"}


def test_numbers_that_mislead_cbc_are_left_to_highs() -> None:
    """Beside 1e14 CBC called it the optimum to select nothing, where 10,000,000 is possible."""
    assert {trial.outcome for trial in try_seed(960_404, is_apart=True)} == {"same"}
