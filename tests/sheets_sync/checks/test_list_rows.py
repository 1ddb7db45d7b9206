"""What a list of people's own holds besides its entries: headings, totals, merged cells, parked ideas."""

import pytest

from tests.sheets_sync.sheets import Calculated, Case, Extras, constraints

CASES = {
    "a heading": Case(
        {"Initiatives!A7": "GROWTH"},
        [
            'Initiatives!A7: "GROWTH" is a row with nothing but a name, so it is left out. Fill in the row if it '
            "is an initiative. [heading_row]",
        ],
    ),
    "a heading in the title column with a lone 0": Case(
        {"Initiatives!B7": "GROWTH", "Initiatives!C7": 0},
        [
            'Initiatives!A7: "GROWTH" is a row with nothing but a name, so it is left out. Fill in the row if it '
            "is an initiative. [heading_row]",
        ],
    ),
    "pre-numbered rows": Case(
        {"Initiatives!A7": 6, "Initiatives!A8": 7, "Initiatives!J8": True},
        [
            'Initiatives!A7: "6" is a row with nothing but a name, so it is left out. Fill in the row if it is an '
            "initiative. [heading_row]",
            'Initiatives!A8: "7" is a row with nothing but a name, so it is left out. Fill in the row if it is an '
            "initiative. [heading_row]",
        ],
    ),
    "a row whose formula sums its column": Case(
        {"Initiatives!A7": "Sum of it", "Initiatives!C7": Calculated("=SUM(C2:C6)", 190)},
        [
            'Initiatives!A7: "Sum of it" is left out as a row of totals: its formulas sum their own column. '
            "Nothing to do, unless it is an initiative: then give it numbers of its own. [total_row]",
        ],
    ),
    "a row whose formula sums its row": Case(
        {"Initiatives!A7": "NEW-1", "Initiatives!C7": Calculated("=SUM(Q7:R7)", 9), "Initiatives!F7": 5},
        [],
    ),
    "a word for total beside the sums of the rows above": Case(
        {"Initiatives!A7": "Total", "Initiatives!C7": 190, "Initiatives!F7": 241000},
        [
            'Initiatives!A7: "Total" is left out as a row of totals: it is called a total, and its numbers are the '
            "sum of the rows above. Nothing to do, unless it is an initiative: then give it numbers of its own. "
            "[total_row]",
        ],
    ),
    "a word for total without the sums": Case(
        {"Initiatives!A7": "Total", "Initiatives!C7": 191, "Initiatives!F7": 241000},
        [
            'Initiatives!A7: "Total" may be a row of totals: it is called a total. Delete the row or untick '
            "is_candidate if it is; otherwise rename it or correct its numbers. [doubtful_total]",
        ],
        stopped=["North", "Weighted", "Targets"],
    ),
    "the sums of the rows above without a word": Case(
        {"Initiatives!A7": "Everything", "Initiatives!C7": 190, "Initiatives!F7": 241000},
        [
            'Initiatives!A7: "Everything" may be a row of totals: its numbers are the sum of the rows above. '
            "Delete the row or untick is_candidate if it is; otherwise rename it or correct its numbers. "
            "[doubtful_total]",
        ],
        stopped=["North", "Weighted", "Targets"],
    ),
    "a word for total that is no candidate": Case(
        {"Initiatives!A7": "Total", "Initiatives!C7": 191, "Initiatives!J7": False},
        [],
    ),
    "the totals row of a table": Case(
        {"Initiatives!A7": "All of it", "Initiatives!C7": 1},
        [
            'Initiatives!A7: "All of it" is left out as a row of totals: it is the totals row of a spreadsheet '
            "table. Nothing to do, unless it is an initiative: then give it numbers of its own. [total_row]",
        ],
        extras=Extras(tables=["Initiatives!A1:R7"]),
    ),
    "a merged department": Case(
        {"Initiatives!D3": None},
        [
            'Initiatives!D2: department is merged over D2:D3; "Growth" counts for each of these rows. Nothing to '
            "do if that is meant. [merged_value]",
        ],
        extras=Extras(merges=["Initiatives!D2:D3"]),
    ),
    "a merged scenario of rules": Case(
        constraints(
            ["North", "capacity_cap", "department", "Growth", None, 80],
            [None, "capacity_cap", "department", "Trust", None, 80],
        ),
        [
            'Constraints!A2: scenario_name is merged over A2:A3; "North" counts for each of these rows. Nothing to '
            "do if that is meant. [merged_value]",
        ],
        extras=Extras(merges=["Constraints!A2:A3"]),
    ),
    "a merged key": Case(
        {"Initiatives!A3": None},
        [
            "Initiatives!A3: initiative_key is merged over A2:A3, and nobody can say what each row has of it. "
            "Unmerge the cells, and fill in each row. [merged_key_or_number]",
        ],
        stopped=["North", "Weighted", "Targets"],
        extras=Extras(merges=["Initiatives!A2:A3"]),
    ),
    "merged tokens": Case(
        {"Initiatives!C3": None},
        [
            "Initiatives!C3: engineering_tokens is merged over C2:C3, and nobody can say what each row has of it. "
            "Unmerge the cells, and fill in each row. [merged_key_or_number]",
        ],
        stopped=["North", "Weighted", "Targets"],
        extras=Extras(merges=["Initiatives!C2:C3"]),
    ),
    "an area merged over two columns": Case(
        {"Initiatives!E2": None, "Initiatives!D3": None, "Initiatives!E3": None},
        [
            'Initiatives!D2: department is merged over D2:E3; "Growth" counts for each of these rows. Nothing to '
            "do if that is meant. [merged_value]",
            "Initiatives!E3: market is merged over D2:E3, and nobody can say what each row has of it. Unmerge the "
            "cells, and fill in each row. [merged_key_or_number]",
        ],
        stopped=["North", "Weighted", "Targets"],
        extras=Extras(merges=["Initiatives!D2:E3"]),
    ),
    "a merged title, which counts for its first row only": Case(
        {"Initiatives!B3": None},
        [],
        extras=Extras(merges=["Initiatives!B2:B3"]),
    ),
    "formulas that no program has calculated": Case(
        {f"Initiatives!C{row}": Calculated(f"=S{row}*2", 0) for row in range(2, 7)},
        [
            "Initiatives!C2: All 5 formulas of engineering_tokens show 0, and the file asks for them to be "
            "calculated when it is opened. Open the file in a spreadsheet program, save it, and run again. "
            "[formulas_not_calculated]",
        ],
        stopped=["North", "Weighted", "Targets"],
        extras=Extras(recalculates_on_load=True),
    ),
    "formulas that a program has calculated to 0": Case(
        {f"Initiatives!C{row}": Calculated(f"=S{row}*2", 0) for row in range(2, 7)},
        [],
    ),
    "a parked idea whose estimate is text": Case(
        {"Initiatives!C6": "TBD"},
        [
            'Initiatives!C6: "OLD-1" has no engineering_tokens yet; it is no candidate, so it is left out. Type '
            "the estimate once it is to be planned. [no_estimate]",
        ],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_everything_wrong_is_reported(case: Case) -> None:
    case.assert_reported()
