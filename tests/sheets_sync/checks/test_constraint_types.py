"""The types of constraints: one table, the same list as the sheet offers."""

from config.tabs import CONSTRAINT_TYPES as CHOICES
from config.tabs import CONSTRAINTS
from sheets_sync.checks.constraint_types import CONSTRAINT_TYPES


def test_the_sheet_offers_the_types_of_the_table_and_no_others() -> None:
    assert tuple(CONSTRAINT_TYPES) == CHOICES
    assert CONSTRAINTS.column("constraint_type").choices == CHOICES


def test_every_type_asks_for_columns_that_the_tab_has() -> None:
    columns = {column.name for column in CONSTRAINTS.columns}
    for kind in CONSTRAINT_TYPES.values():
        assert columns.issuperset((*kind.needs, *kind.may_have, kind.main, *kind.whole_numbers))
        assert not set(kind.needs) & set(kind.may_have)
        assert (kind.members > 0) == ("member_keys" in kind.needs)
