"""Single cells: what is text, a date, a check box or an error where something else belongs."""

from datetime import datetime

import pytest

from tests.sheets_sync.sheets import Case, Error, Shown, Uncalculated, constraints

CASES = {
    "a key is blank": Case(
        {"Initiatives!A3": None},
        [
            "Initiatives!A3: Row 3 has content, but initiative_key is blank. Fill it in, or clear the whole row. "
            "[blank_key]"
        ],
        stopped=["North", "Weighted"],
    ),
    "a key is invisible": Case(
        {"Initiatives!A3": "\u00a0\u200b"},
        [
            "Initiatives!A3: Row 3 has content, but initiative_key is blank. Fill it in, or clear the whole row. "
            "[blank_key]"
        ],
        stopped=["North", "Weighted"],
    ),
    "a KPI key is blank": Case(
        {"KPIs!A5": None},
        ["KPIs!A5: Row 5 has content, but kpi_key is blank. Fill it in, or clear the whole row. [blank_key]"],
        stopped=["North", "Weighted", "Targets"],
    ),
    "a key is a duplicate but for case and blanks": Case(
        {"Initiatives!A3": " pay-1\u00a0"},
        [
            'Initiatives!A2: initiative_key "PAY-1" is already used in A3 (case and surrounding blanks do not '
            "count). Give each row a key of its own. [duplicate_key]",
            'Initiatives!A3: initiative_key "pay-1" is already used in A2 (case and surrounding blanks do not '
            "count). Give each row a key of its own. [duplicate_key]",
        ],
        stopped=["North", "Weighted"],
    ),
    "a scenario is a duplicate but for case": Case(
        {"Scenarios!A4": "north"},
        [
            'Scenarios!A2: scenario_name "North" is already used in A4 (case and surrounding blanks do not count). '
            "Give each row a key of its own. [duplicate_key]",
            'Scenarios!A4: scenario_name "north" is already used in A2 (case and surrounding blanks do not count). '
            "Give each row a key of its own. [duplicate_key]",
        ],
        stopped=["North", "north"],
    ),
    "a check box is no key": Case(
        {"Initiatives!A3": True},
        [
            "Initiatives!A3: initiative_key is TRUE, which is a check box, not a key. Type the key as text. "
            "[key_not_text]"
        ],
        stopped=["North", "Weighted"],
    ),
    "a period became a date": Case(
        {"Initiatives!I2": datetime(2026, 3, 1)},
        [
            'Initiatives!I2: period_key was turned into a date and is read as the sheet shows it: "2026-03-01". '
            "Format the column as plain text and type it again. [date_as_key]"
        ],
    ),
    "tokens are blank": Case(
        {"Initiatives!C2": None},
        ["Initiatives!C2: engineering_tokens is blank. Type a number, 0 or more. [blank_value]"],
        stopped=["North", "Weighted"],
    ),
    "tokens of a parked initiative are blank": Case(
        {"Initiatives!C6": None},
        [
            'Initiatives!C6: "OLD-1" has no engineering_tokens yet; it is no candidate, so it is left out. Type the '
            "estimate once it is to be planned. [no_estimate]"
        ],
    ),
    "capacity is blank": Case(
        {"Scenarios!E2": None},
        [
            'Scenarios!E2: The scenario "North" has no capacity_total_tokens, so the tokens that initiatives cost are '
            "not limited. Type the capacity if they should be. [tokens_not_limited]"
        ],
    ),
    "every capacity is blank": Case(
        {"Scenarios!E2": None, "Scenarios!M2": None},
        [
            "Scenarios!E2: capacity_total_tokens is blank. Type how many engineering tokens may be spent, more than "
            "0. [blank_value]"
        ],
        stopped=["North"],
    ),
    "a number is an error value": Case(
        {"Initiatives!C2": Error("#N/A")},
        [
            "Initiatives!C2: engineering_tokens is #N/A, a spreadsheet error. Fix the formula, or type the value. "
            "[error_value]"
        ],
        stopped=["North", "Weighted"],
    ),
    "a key is an error value": Case(
        {"Initiatives!D2": Error("#REF!")},
        ["Initiatives!D2: department is #REF!, a spreadsheet error. Fix the formula, or type the value. [error_value]"],
        stopped=["North", "Weighted"],
    ),
    "a title is an error value": Case(
        {"Initiatives!B2": Error("#REF!")},
        [
            "Initiatives!B2: title is #REF!, a spreadsheet error, and is read as blank. Fix the formula, or type "
            "the text. [error_in_text]"
        ],
    ),
    "a formula was never calculated": Case(
        {"Initiatives!F2": Uncalculated("=A1*2")},
        [
            "Initiatives!F2: gmv is the formula =A1*2, and the file has no calculated value for it. Open the file "
            "in a spreadsheet program, let it calculate, and save it. [uncalculated_formula]"
        ],
        stopped=["North", "Weighted"],
    ),
    "text with a thousands comma": Case(
        {"Initiatives!C2": "4,500"},
        [
            'Initiatives!C2: engineering_tokens is "4,500", which is text, not a number. Type a plain number, or '
            "clear the cell. [not_a_number]"
        ],
        stopped=["North", "Weighted"],
    ),
    "the same text in a German workbook": Case(
        {"Initiatives!C2": "4,500"},
        [
            'Initiatives!C2: engineering_tokens is "4,500", which is text, not a number. Type a plain number, or '
            "clear the cell. [not_a_number]"
        ],
        stopped=["North", "Weighted"],
        locale="de_DE",
    ),
    "text with a decimal comma": Case(
        {"Initiatives!F2": "1.234,5"},
        [
            'Initiatives!F2: gmv is "1.234,5", which is text with a decimal comma; the workbook\'s locale is '
            "de_DE. Type 1234.5 as a number, written as that locale writes it. [decimal_comma]"
        ],
        stopped=["North", "Weighted"],
        locale="de_DE",
    ),
    "text with a unit": Case(
        {"Scenarios!E2": "100 pts"},
        [
            'Scenarios!E2: capacity_total_tokens is "100 pts", which is text, not a number. Type a plain number, or '
            "clear the cell. [not_a_number]"
        ],
        stopped=["North"],
    ),
    "text with percent and a decimal comma": Case(
        {"Initiatives!G2": "12,5 %"},
        [
            'Initiatives!G2: retention_30d is "12,5 %", which is text, not a number. Type 12,5 % again in a cell that '
            "is not text. [not_a_number]"
        ],
        stopped=["North", "Weighted"],
    ),
    "a percentage of tokens": Case(
        {"Initiatives!C2": "20%"},
        [
            "Initiatives!C2: engineering_tokens is 20%: 20% of what? Type the amount itself, in the column's own unit. "
            "[percent_of_what]"
        ],
        stopped=["North", "Weighted"],
    ),
    "text with percent": Case(
        {"Initiatives!G2": "12%"},
        [
            'Initiatives!G2: retention_30d is "12%", which is text, not a number. Type 12% again in a cell that is not '
            "text. [not_a_number]"
        ],
        stopped=["North", "Weighted"],
    ),
    "text with a currency": Case(
        {"Initiatives!F2": "£1,200"},
        [
            'Initiatives!F2: gmv is "£1,200", which is text, not a number. Type a plain number, or clear the cell. '
            "[not_a_number]"
        ],
        stopped=["North", "Weighted"],
    ),
    "text in full-width digits": Case(
        {"Initiatives!F2": "\uff11\uff12"},
        [
            'Initiatives!F2: gmv is "１２", which is text, not a number. Type 12, and format the cell as a number. '
            "[not_a_number]"
        ],
        stopped=["North", "Weighted"],
    ),
    "plain digits as text": Case(
        {"Initiatives!F2": "12"},
        [
            'Initiatives!F2: gmv is "12", which is text, not a number. Type 12, and format the cell as a number. '
            "[not_a_number]"
        ],
        stopped=["North", "Weighted"],
    ),
    "text that is no number at all": Case(
        {"Initiatives!F2": "tbd"},
        [
            'Initiatives!F2: gmv is "tbd", which is text, not a number. Type a plain number, or clear the cell. '
            "[not_a_number]"
        ],
        stopped=["North", "Weighted"],
    ),
    "a date is no number": Case(
        {"Initiatives!C2": datetime(2026, 4, 1)},
        [
            "Initiatives!C2: engineering_tokens is the date 2026-04-01. Type the number, and format the cell as a"
            " number. [date_not_number]"
        ],
        stopped=["North", "Weighted"],
    ),
    "a check box is no number": Case(
        {"Initiatives!F2": True},
        ["Initiatives!F2: gmv is a check box (TRUE). Type a number, or clear the cell. [boolean_not_number]"],
        stopped=["North", "Weighted"],
    ),
    "infinity is no number": Case(
        {"Initiatives!F2": Shown(float("inf"), "1E+999")},
        ["Initiatives!F2: gmv is 1E+999, which is not a finite number. Type an ordinary number. [not_finite]"],
        stopped=["North", "Weighted"],
    ),
    "a number is too large": Case(
        {"Initiatives!F2": 1e21},
        [
            "Initiatives!F2: gmv is 1e+21. Numbers beyond 1e18 cannot be added to others exactly; use a larger "
            "unit. [too_large]"
        ],
        stopped=["North", "Weighted"],
    ),
    "JSON has a number that is too large": Case(
        {"Initiatives!R5": '{"gmv": -1e19}'},
        [
            'Initiatives!R5: "gmv" is -1e+19. Numbers beyond 1e18 cannot be added to others exactly; use a larger '
            "unit. [too_large]"
        ],
        stopped=["Weighted", "Targets"],
    ),
    "tokens are negative": Case(
        {"Initiatives!C2": -5},
        ["Initiatives!C2: engineering_tokens is -5. It must be 0 or more. [negative_number]"],
        stopped=["North", "Weighted"],
    ),
    "a cost is negative": Case(
        {"Initiatives!Q2": -5},
        ["Initiatives!Q2: cost: design days is -5. It must be 0 or more. [negative_number]"],
        stopped=["North", "Weighted"],
    ),
    "a weight is negative": Case(
        {"Scenarios!G3": -1},
        ["Scenarios!G3: weight: gmv is -1. It must be 0 or more. [negative_number]"],
        stopped=["Weighted"],
    ),
    "a JSON weight is negative": Case(
        {"Scenarios!G3": None, "Scenarios!N3": '{"gmv": -1}'},
        ['Scenarios!N3: "gmv" is -1. It must be 0 or more. [negative_number]'],
        stopped=["Weighted"],
    ),
    "capacity is zero": Case(
        {"Scenarios!E2": 0},
        ["Scenarios!E2: capacity_total_tokens is 0. It must be more than 0. [not_positive]"],
        stopped=["North"],
    ),
    "a count is not whole": Case(
        constraints(["North", "count_cap", None, None, None, None, None, None, 2.5]),
        ["Constraints!I2: value is 2.5. A number of initiatives must be whole, 0 or more. [not_whole]"],
        stopped=["North"],
    ),
    "yes is a tick": Case(
        {"Initiatives!K2": "yes"},
        [
            'Initiatives!L2: "PAY-1" is mandatory, but mandate_reason is blank. Enter the reason there, or untick '
            "is_mandatory. [mandate_without_reason]"
        ],
        stopped=["North", "Weighted"],
    ),
    "TRUE and VRAI as text are ticks, nein is none": Case(
        {"Initiatives!J2": "TRUE", "Initiatives!J3": "VRAI", "Initiatives!K3": "nein"},
        [],
    ),
    "a word that is in no table is no tick": Case(
        {"Initiatives!J2": "perhaps"},
        [
            'Initiatives!J2: is_candidate is the text "perhaps", which is neither a tick nor a word for one. Make it '
            "a check box, or type one of yes, y, x, TRUE, ✓; or no, n, FALSE, ✗. [not_a_checkbox]"
        ],
        stopped=["North", "Weighted"],
    ),
    "1 is no check box": Case(
        {"Initiatives!J2": 1},
        [
            'Initiatives!J2: is_candidate is the number "1", which is neither a tick nor a word for one. Make it a '
            "check box, or type one of yes, y, x, TRUE, ✓; or no, n, FALSE, ✗. [not_a_checkbox]"
        ],
        stopped=["North", "Weighted"],
    ),
    "a choice is unknown": Case(
        {"Scenarios!D3": "wieghted"},
        ['Scenarios!D3: objective_mode is "wieghted". Did you mean "weighted_kpis"? [unknown_choice]'],
        stopped=["Weighted"],
    ),
    "JSON is broken": Case(
        {"Initiatives!R4": '{"gmv": }'},
        [
            "Initiatives!R4: kpi_contribution_json is not valid JSON: expecting value at character 9. Write it like "
            'this: {"gmv": 120000}. [bad_json]'
        ],
        stopped=["North", "Weighted", "Targets"],
    ),
    "JSON is no object": Case(
        {"Initiatives!R4": "[1]"},
        [
            "Initiatives!R4: kpi_contribution_json is not valid JSON: it is not an object in curly brackets. Write "
            'it like this: {"gmv": 120000}. [bad_json]'
        ],
        stopped=["North", "Weighted", "Targets"],
    ),
    "JSON is nested beyond all bounds": Case(
        {"Initiatives!R2": '{"gmv":' * 100_000},
        [
            "Initiatives!R2: kpi_contribution_json is not valid JSON: it contains a number or a nesting that is too "
            'large. Write it like this: {"gmv": 120000}. [bad_json]'
        ],
        stopped=["North", "Weighted"],
    ),
    "JSON has NaN": Case(
        {"Initiatives!R4": '{"churn": -0.002, "gmv": NaN}'},
        [
            'Initiatives!R4: kpi_contribution_json has NaN for "gmv", which is not a number. Use a plain number, '
            'for example "gmv": 0.5. [json_not_a_number]'
        ],
        stopped=["North", "Weighted", "Targets"],
    ),
    "JSON has text, an object, a boolean and infinity": Case(
        {"Initiatives!R5": '{"gmv": "120k", "GMV ": {"a": 1}, "churn": true, "retention_30d": 1e999}'},
        [
            'Initiatives!R5: kpi_contribution_json has "120k" for "gmv", which is not a number. Use a plain number, '
            'for example "gmv": 0.5. [json_not_a_number]',
            'Initiatives!R5: kpi_contribution_json contains "GMV " more than once. Keep one of them. '
            "[json_repeated_key]",
            'Initiatives!R5: kpi_contribution_json has true for "churn", which is not a number. Use a plain number, '
            'for example "churn": 0.5. [json_not_a_number]',
            'Initiatives!R5: kpi_contribution_json has a number that is too large for "retention_30d", which is not '
            'a number. Use a plain number, for example "retention_30d": 0.5. [json_not_a_number]',
        ],
        stopped=["Weighted", "Targets"],
    ),
    "JSON repeats a KPI": Case(
        {"Initiatives!R5": '{"GMV": 1, "gmv ": 1}'},
        ['Initiatives!R5: kpi_contribution_json contains "gmv " more than once. Keep one of them. [json_repeated_key]'],
        stopped=["Weighted", "Targets"],
    ),
    "JSON names no KPI": Case(
        {"Initiatives!R5": '{"gvm": 1}'},
        ['Initiatives!R5: "gvm" is not a KPI in the KPIs tab. Did you mean "gmv"? [unknown_kpi]'],
        stopped=["Weighted", "Targets"],
    ),
    "JSON disagrees with a column": Case(
        {"Initiatives!R2": '{"gmv": 1}'},
        [
            'Initiatives!R2: kpi_contribution_json gives 1 for "gmv", but F2 gives 120000. Make them equal, or '
            "clear one of them. [given_twice]"
        ],
        stopped=["North", "Weighted"],
    ),
    "JSON agrees with a column": Case(
        {"Initiatives!R2": '{"Gross merchandise value": 120000.0}'},
        [],
    ),
    "a value on two lines and of a page": Case(
        {"Initiatives!F2": "one\ntwo" + "x" * 1000},
        [
            'Initiatives!F2: gmv is "one '
            'twoxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...",'
            " which is text, not a number. Type a plain number, or clear the cell. [not_a_number]"
        ],
        stopped=["North", "Weighted"],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_everything_wrong_is_reported(case: Case) -> None:
    case.assert_reported()
