"""The template is the table: same tabs, same columns, same help."""

from config.columns import ValueType
from config.tabs import INPUT_TABS, find_tab
from sheets_sync.inputs.header_matching import match_headers
from sheets_sync.inputs.name_matching import Vocabulary
from sheets_sync.workbook.snapshot import Cell, CellKind
from sheets_sync.workbook.template import InputKind, is_there, templates


def text(value: str) -> Cell:
    return Cell(CellKind.TEXT, value, value)


def test_every_tab_and_column_of_the_table_is_in_the_template() -> None:
    for tab, template in zip(INPUT_TABS, templates(), strict=True):
        assert template.title == tab.name
        assert template.rows == ()
        fields, strays = match_headers(tab, [text(column.header) for column in template.columns], Vocabulary(()))
        assert strays == []
        expected = sorted(column.name for column in tab.columns if column.in_template)
        assert sorted(field.name for field in fields) == expected
        assert not any("_" in column.header for column in template.columns if column.kind is not InputKind.WRITTEN)


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
            (column,) = [column for column in spec.columns if drawn.header in (column.name, column.words)]
            assert column.help in drawn.note
            assert drawn.note.startswith("Required. ") == column.required
            assert drawn.choices == column.choices
            # A box that nobody ticked may read FALSE, so there is none where blank means TRUE.
            has_box = column.type is not ValueType.BOOLEAN or column.default is not True
            assert drawn.kind is (kinds.get(column.type, InputKind.TEXT) if has_box else InputKind.TEXT)


def test_columns_of_keys_are_plain_text_so_that_a_period_stays_one() -> None:
    initiatives = {column.header: column for column in templates()[1].columns}
    assert initiatives["Period"].number_format == "@"
    assert initiatives["Depends on"].number_format == "@"
    assert initiatives["Title"].number_format is None


def test_status_columns_come_last() -> None:
    for template in templates():
        written = [column for column in template.columns if column.kind is InputKind.WRITTEN]
        assert template.columns[len(template.columns) - len(written) :] == tuple(written)


def test_a_tab_is_there_under_an_alias_or_a_look_alike() -> None:
    kpis, initiatives, *_ = templates()
    assert is_there(initiatives, ["Notes", "Product Backlog"])
    assert is_there(initiatives, ["backlog"])
    assert not is_there(initiatives, ["Notes", "KPIs"])
    assert is_there(kpis, ["Metrics_Config"])
