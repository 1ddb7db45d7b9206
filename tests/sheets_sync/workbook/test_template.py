"""The template is the table: same tabs, same columns, same help."""

from config.columns import ValueType
from config.tabs import INPUT_TABS, find_tab
from sheets_sync.workbook.template import InputKind, templates


def test_every_tab_and_column_of_the_table_is_in_the_template() -> None:
    for tab, template in zip(INPUT_TABS, templates(), strict=True):
        assert template.title == tab.name
        headers = [column.header for column in template.columns]
        assert sorted(headers) == sorted(
            [column.name for column in tab.columns] + [family.example_header for family in tab.families]
        )


def test_notes_choices_and_kinds_come_from_the_table() -> None:
    kinds = {
        ValueType.NUMBER: InputKind.NUMBER,
        ValueType.BOOLEAN: InputKind.CHECKBOX,
        ValueType.CHOICE: InputKind.DROPDOWN,
        ValueType.WRITTEN: InputKind.WRITTEN,
    }
    for template in templates():
        spec = find_tab(template.title)
        assert spec is not None
        for drawn in template.columns:
            column = spec.find_column(drawn.header)
            if column is None:
                assert drawn.kind is InputKind.NUMBER
                continue
            assert drawn.note.endswith(column.help)
            assert drawn.note.startswith("Required. ") == column.required
            assert drawn.choices == column.choices
            assert drawn.kind is kinds.get(column.type, InputKind.TEXT)


def test_columns_of_keys_are_plain_text_so_that_a_period_stays_one() -> None:
    initiatives = {column.header: column for column in templates()[1].columns}
    assert initiatives["period_key"].number_format == "@"
    assert initiatives["prerequisite_keys"].number_format == "@"
    assert initiatives["title"].number_format is None


def test_status_columns_stand_last_and_empty() -> None:
    for template in templates():
        written = [column for column in template.columns if column.kind is InputKind.WRITTEN]
        assert template.columns[len(template.columns) - len(written) :] == tuple(written)
        assert all(column.example is None for column in written)
