"""Shares, reserves, counts of named initiatives, alternatives, and bounds on other resources, as rows of the sheet."""

import pytest

from optimizer.plan import AnyPrerequisite, CountBound, Prerequisite, ShareBound, Slice, TokenBound
from sheets_sync.workbook.snapshot import Cell, CellKind
from tests.sheets_sync.sheets import Case, Rows, checked

HEADERS = ["scenario_name", "constraint_type", "dimension", "dimension_key", "max_tokens", "member_keys", "value",
           "resource", "of"]  # fmt: skip
GROWTH = Slice(dimension="department", key="Growth")


def percent(value: float) -> Cell:
    """A number that the sheet shows as a percentage."""
    return Cell(CellKind.NUMBER, value, f"{100 * value:g}%", format="0%")


def rows(*given: list[object]) -> dict[str, Rows]:
    """An edit: the Constraints tab has these rows."""
    return {"Constraints": [HEADERS, *([*row, *[None] * (len(HEADERS) - len(row))] for row in given)]}


def share(value: object, *more: object, kind: str = "share_floor", scenario: str = "North") -> list[object]:
    return [scenario, kind, "department", "Growth", None, None, value, *more]


def reserve(value: object) -> dict[str, object]:
    return {"Scenarios!P1": "reserve", "Scenarios!P2": value}


WITHOUT_TOKENS: dict[str, object] = {
    "Initiatives!C1": "notes", "Scenarios!E1": "remarks", "Constraints": None,
    **{f"Initiatives!C{row}": None for row in range(2, 7)}, **{f"Initiatives!Q{row}": 4 for row in range(2, 7)},
    **{f"Scenarios!E{row}": None for row in range(2, 5)}, **{f"Scenarios!M{row}": 10 for row in range(2, 5)},
}  # fmt: skip
"""An edit: initiatives cost design days only, and these are limited."""

CASES = {
    "a share typed without its sign": Case(
        rows(share(20)),
        ["Constraints!G2: value is 20, and it must be a percentage. Type 20% if you mean that percentage. "
         "[not_a_share]"],
        ["North"],
    ),
    "a share of 1, which may be all or a hundredth": Case(
        rows(share(1)),
        ["Constraints!G2: value is 1, and it must be a percentage. Type 1% if you mean that percentage. "
         "[not_a_share]"],
        ["North"],
    ),
    "a share beyond all": Case(
        rows(share(percent(1.2))),
        ["Constraints!G2: value is 120%, and it must be a percentage. Type a percentage from 0% to 100%. "
         "[not_a_share]"],
        ["North"],
    ),
    "a negative share": Case(
        rows(share(percent(-0.2))),
        ["Constraints!G2: value is -0.2. It must be 0 or more. [negative_number]"],
        ["North"],
    ),
    "a share without its slice": Case(
        rows(["North", "share_cap", None, None, None, None, percent(0.2)]),
        ["Constraints!C2: share_cap needs dimension. Fill it in, or change constraint_type. [constraint_needs]",
         "Constraints!D2: share_cap needs dimension_key. Fill it in, or change constraint_type. [constraint_needs]"],
        ["North"],
    ),
    "a share twice": Case(
        rows(share(percent(0.2)), share(percent(0.3))),
        ["Constraints!G3: A smallest share of tokens (spend) for department Growth is already given in "
         "Constraints!G2. Keep one of the two rows. [repeated_rule]"],
        ["North"],
    ),
    "shares that add up to more than all": Case(
        rows(share(percent(0.7)), ["North", "share_floor", "department", "Trust", None, None, percent(0.4)]),
        ["Constraints!G3: The smallest shares per department add up to 110% of the tokens spent, so only a portfolio "
         "that spends none of it keeps them. Lower one of them. [shares_over_whole]"],
    ),
    "a share of a resource that nothing costs": Case(
        rows(share(percent(0.2), "design dayz")),
        ['Constraints!H2: "design dayz" in resource is not a resource: the Initiatives tab has no column '
         '"cost: design dayz". Did you mean "design days"? [unknown_rule_resource]'],
        ["North"],
    ),
    "a share of a capacity that is not given": Case(
        rows(share(percent(0.2), "design days", "capacity", scenario="Weighted")),
        ['Constraints!I2: The scenario "Weighted" has no capacity of design days, so there is nothing to take a share '
         "of. Fill in the capacity, or set of to spend. [share_of_no_capacity]"],
        ["Weighted"],
    ),
    "a count of a slice and of members": Case(
        rows(["North", "count_cap", "department", "Growth", None, "PAY-1, PAY-2", 1]),
        ["Constraints!F2: count_cap is about dimension and member_keys at once. Clear one of the two. "
         "[constraint_has_both]"],
        ["North"],
    ),
    "a count as a percentage": Case(
        rows(["North", "count_cap", None, None, None, "PAY-1, PAY-2", percent(1.0)]),
        ["Constraints!G2: value is 100%: 100% of what? Type the amount itself, in the column's own unit. "
         "[percent_of_what]"],
        ["North"],
    ),
    "a floor of members above all of them": Case(
        rows(["North", "count_floor", None, None, None, "PAY-1, PAY-2", 3]),
        ['Constraints!G2: In the scenario "North", all candidates of PAY-1 and PAY-2 together reach only 2 '
         "initiatives, which is below the floor of 3 initiatives. Lower the floor, or add candidates. "
         "[unreachable_floor]"],
        ["North"],
    ),
    "an alternative without alternatives": Case(
        rows(["North", "prerequisite_any", None, None, None, "PAY-1"]),
        ["Constraints!F2: prerequisite_any needs at least 2 different initiatives in member_keys. Add the others. "
         "[too_few_members]"],
        ["North"],
    ),
    "a cap on another resource above which its floor lies": Case(
        rows(["North", "capacity_cap", "department", "Growth", 5, None, None, "design days"],
             ["North", "capacity_cap", "department", "Growth", 6, None, None, "design_days"]),
        ["Constraints!E3: A cap on design days for department Growth is already given in Constraints!E2. Keep one of "
         "the two rows. [repeated_rule]"],
        ["North"],
    ),
    "a rule about tokens where nothing costs tokens": Case(
        {**WITHOUT_TOKENS, **rows(["North", "capacity_cap", "department", "Growth", 5])},
        ["Constraints!H2: resource is blank, which means engineering_tokens, and no initiative costs any. Name the "
         "resource: design days. [no_tokens_to_bound]"],
        ["North"],
    ),
    "nothing that an initiative costs": Case(
        {**WITHOUT_TOKENS, "Initiatives!Q2": None},
        ["Initiatives!Q2: cost: design days is blank. Type what it costs of this or another resource, 0 or more. "
         "[blank_value]"],
        ["North", "Weighted"],
    ),
    "no capacity of anything": Case(
        {**WITHOUT_TOKENS, "Scenarios!M2": None},
        ["Scenarios!M2: capacity: design days is blank. Type how much of it, or of another resource, there is. "
         "[blank_value]"],
        ["North"],
    ),
    "a reserve typed without its sign": Case(
        reserve(10),
        ["Scenarios!P2: reserve is 10, and it must be a percentage. Type 10% if you mean that percentage. "
         "[not_a_share]"],
        ["North"],
    ),
    "a goal beside which a harm is beyond measure": Case(
        {"Scenarios!I4": 1e-12, "Initiatives!G5": -2e9},
        ['Initiatives!G5: -2000000000 is implausible for "retention_30d", whose unit is fraction (1 means 100 '
         "percent). If -2000000000 percent is meant, type -20000000. [implausible_fraction]",
         'Scenarios!I4: The target for "retention_30d" is 1e-12, and one initiative changes it by -2000000000 '
         "(Initiatives!G5). No shortfall can be measured across so many digits. Correct the one of the two that is "
         "wrong, or measure the KPI in another unit. [too_far_apart]"],
        ["Targets"],
    ),
    "a reserve of everything": Case(
        reserve(percent(1.0)),
        ["Scenarios!P2: reserve is 100%, so nothing could be spent. Type a percentage below 100%. [whole_reserve]"],
        ["North"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_everything_wrong_is_reported(case: Case) -> None:
    case.assert_reported()


def rules_of_north(edits: dict[str, object]) -> list[object]:
    result = checked(edits)
    assert not [issue for issue in result.issues if issue.tab == "Constraints"]
    assert result.plan is not None
    return [rule.model_copy(update={"source": None}) for rule in result.plan.scenario("North").rules]


def test_rows_become_rules() -> None:
    assert rules_of_north(rows(
        share(percent(0.2)),
        share(0.25, None, "capacity", kind="share_cap"),
        share(percent(0.5), "Design days", kind="share_cap"),
        ["North", "count_floor", None, None, None, "PAY-1; PAY-2", 1],
        ["North", "prerequisite_any", None, None, None, "PAY-1, PAY-2, TRUST-1"],
        ["North", "capacity_cap", "department", "Growth", 9, None, None, "design days"],
    )) == [
        ShareBound(slice=GROWTH, min_share=0.2),
        ShareBound(slice=GROWTH, max_share=0.25, of_capacity=True),
        ShareBound(slice=GROWTH, max_share=0.5, resource="design days"),
        CountBound(members=("PAY-1", "PAY-2"), min_count=1),
        AnyPrerequisite(initiative="PAY-1", any_of=("PAY-2", "TRUST-1")),
        TokenBound(slice=GROWTH, max_tokens=9.0, resource="design days"),
    ]  # fmt: skip


def test_what_is_done_satisfies_a_prerequisite_of_the_constraints_tab() -> None:
    done = {"Initiatives!S1": "status", "Initiatives!S4": "done"}
    assert rules_of_north(done | rows(
        ["North", "prerequisite", None, None, None, "PAY-1, TRUST-1, PAY-2"],
        ["North", "prerequisite_any", None, None, None, "PAY-2, TRUST-1, PAY-1"],
    )) == [Prerequisite(initiative="PAY-1", requires=("PAY-2",))]  # fmt: skip


def test_reserve_is_read_with_its_cell() -> None:
    plan = checked(reserve(percent(0.1))).plan
    assert plan is not None
    north = plan.scenario("North")
    assert (north.reserve, north.reserve_source) == (0.1, "Scenarios!P2")
    assert north.available("engineering_tokens") == 90.0
