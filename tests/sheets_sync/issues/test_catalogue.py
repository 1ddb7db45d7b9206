"""The catalogue of issues: every code is produced by some case, and every message can be filled."""

import re
import string

import pytest

from sheets_sync.issues.catalogue import CATALOGUE
from sheets_sync.issues.issue import IssueKind
from sheets_sync.issues.solving import SOLVING_KINDS
from tests.sheets_sync.checks import (
    test_cell_values,
    test_columns_tab,
    test_computed_contributions,
    test_constraints_tab,
    test_header_checks,
    test_initiative_choices,
    test_initiatives_tab,
    test_kpi_sense,
    test_kpis_tab,
    test_list_rows,
    test_near_values,
    test_period_use,
    test_periods,
    test_scenarios_tab,
    test_share_rules,
    test_targets_tab,
)

MODULES = (
    test_cell_values,
    test_columns_tab,
    test_constraints_tab,
    test_header_checks,
    test_initiative_choices,
    test_initiatives_tab,
    test_kpi_sense,
    test_kpis_tab,
    test_list_rows,
    test_near_values,
    test_period_use,
    test_periods,
    test_scenarios_tab,
    test_share_rules,
    test_targets_tab,
)


THROUGH_THE_PRODUCT = {
    *("mixed_currencies", "repeated_header_row", "status_heading"),
    *("kept_but_excluded", "kept_not_candidate", "no_plan_to_change", "nothing_to_keep"),
    "not_a_start",
}
"""Produced by tests/end_to_end: the first three in test_cases.py, those that need an earlier plan in test_keep.py, the
last one in test_audit.py."""


def test_every_code_of_the_catalogue_is_produced_by_a_case() -> None:
    produced = {code for module in MODULES for case in module.CASES.values() for code in case.codes}
    produced |= test_computed_contributions.CODES | THROUGH_THE_PRODUCT
    assert produced == set(CATALOGUE) - {kind.code for kind in SOLVING_KINDS} - {"refused_by_run"}


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=CATALOGUE)
def test_a_kind_says_what_is_wrong_and_what_to_do(kind: IssueKind) -> None:
    fields = {name for text in (kind.template, kind.cure) for _, name, _, _ in string.Formatter().parse(text) if name}
    assert fields <= set(kind.example)
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", kind.code)
    message = kind.message(**kind.example)
    assert message.endswith((".", "?"))
    assert "{" not in message.replace('{"gmv": 120000}', "")
