"""What people put into a workbook survives: whole parts keep their bytes, and tabs that we write keep the rest."""

import io
import struct
import zlib
from datetime import datetime

import openpyxl
import pytest
import xlsxwriter

from sheets_sync.excel import ExcelWorkbook
from sheets_sync.workbook.backend import WorkbookRefusedError
from sheets_sync.workbook.changes import Changes, Log, OutCell, StatusColumn
from sheets_sync.workbook.snapshot import CellKind
from tests.sheets_sync.excel_files import all_tabs, parts, repack, results, sheet, shown

CHANGED_BY_EVERY_WRITE = {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "plan.xlsx"


@pytest.fixture
def rich(path):
    """A workbook as Excel users build them: charts, pictures, lists, highlights, names, notes, tables, formulas."""
    workbook = xlsxwriter.Workbook(path)
    bold = workbook.add_format({"bold": True, "bg_color": "#FFEEDD"})
    money = workbook.add_format({"num_format": "[$£-809]#,##0.00"})
    tab = workbook.add_worksheet("Initiatives")
    tab.write_row(0, 0, ["key", "tokens", "gmv"], bold)
    for row in range(1, 6):
        tab.write(row, 0, f"I{row}")
        tab.write(row, 1, row * 10)
        tab.write_formula(row, 2, f"=B{row + 1}*Model!$B$1", money, row * 15.5)
    tab.data_validation("B2:B6", {"validate": "list", "source": ["10", "20"]})
    tab.conditional_format("C2:C6", {"type": "data_bar"})
    tab.conditional_format("B2:B6", {"type": "cell", "criteria": ">", "value": 20, "format": bold})
    tab.write_comment("A1", "what is this?", {"author": "Finance"})
    tab.insert_image("H2", "dot.png", {"image_data": io.BytesIO(dot())})
    tab.insert_textbox("H9", "a text box")
    tab.insert_button("H15", {"caption": "a button"})
    tab.freeze_panes(1, 1)
    tab.autofilter("A1:C6")
    tab.protect("secret")
    tab.set_column("E:G", 30)
    tab.add_sparkline("D2", {"range": "Initiatives!B2:C2"})
    model = workbook.add_worksheet("Model")
    model.write(0, 1, 1.55)
    model.write_formula("B2", "=SUM(Initiatives!C2:C6)", None, 232.5)
    model.write_formula("B3", '="text "&B2', None, "text 232.5")
    model.write_formula("B4", "=B2>1", None, True)
    model.write_formula("B5", "=1/0", None, "#DIV/0!")
    model.write_array_formula("B6:B7", "{=TRANSPOSE(B1:C1)}", None, 1.55)
    model.write_dynamic_array_formula("D1:D3", "=SORT(B1:B3)", None, 1.55)
    model.add_table("F1:G3", {"name": "Costs", "columns": [{"header": "what"}, {"header": "gbp"}]})
    chart = workbook.add_chart({"type": "line"})
    chart.add_series({"values": "=Model!$B$1:$B$2"})
    model.insert_chart("I1", chart)
    pie = workbook.add_chart({"type": "pie"})
    pie.add_series({"values": "=Model!$B$1:$B$2"})
    workbook.add_chartsheet("Big chart").set_chart(pie)
    workbook.define_name("budget", "=Model!$B$1")
    workbook.define_name("Model!local", "=Model!$B$2")
    workbook.set_properties({"author": "Ann"})
    workbook.close()
    return path


def dot():
    """A picture of one pixel."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0"))
        + chunk(b"IEND", b"")
    )


def full_changes(run="r1"):
    return Changes(
        [StatusColumn("Initiatives", "sync_status", 1, 8, True, dict.fromkeys(range(2, 7), "OK"))],
        sheet([[OutCell("Results", note="ours")], [OutCell(1.5)]]),
        runs=Log("Runs", ["run_id"], "run_id", [{"run_id": OutCell(run)}]),
    )


def test_parts_that_we_do_not_write_keep_their_bytes(rich):
    before = parts(rich)
    ExcelWorkbook(rich).write(full_changes())
    after = parts(rich)
    assert not set(before) - set(after)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == CHANGED_BY_EVERY_WRITE | {"xl/worksheets/sheet1.xml"}


def test_cached_values_of_every_type_survive_ten_writes(rich):
    before = all_tabs(rich)
    for run in range(10):
        ExcelWorkbook(rich).write(full_changes(f"r{run}"))
    after = all_tabs(rich)
    assert after["Model"] == before["Model"]
    assert CellKind.UNCALCULATED not in {cell.kind for row in after["Initiatives"].rows for cell in row}
    assert [row[:3] for row in after["Initiatives"].rows] == [row[:3] for row in before["Initiatives"].rows]
    assert len(after["Runs"].rows) == 11


def test_all_else_on_a_tab_with_a_status_column_survives(rich):
    ExcelWorkbook(rich).write(full_changes())
    xml = parts(rich)["xl/worksheets/sheet1.xml"].decode()
    for kept in (
        "<dataValidation ", 'type="dataBar"', "x14:sparkline", "<sheetProtection ", "<autoFilter ", "<legacyDrawing ",
        "<drawing ", "<conditionalFormatting", "Model!$B$1",
    ):  # fmt: skip
        assert kept in xml, kept


def test_a_formula_shared_from_a_cell_that_we_clear_goes_on_elsewhere(path):
    """Excel keeps `filled right` formulas as one; the first may be ours, and the others finance's."""
    openpyxl.Workbook().save(path)
    ExcelWorkbook(path).write(results(["a", 1]))
    name = "xl/worksheets/sheet2.xml"
    xml = parts(path)[name].decode()
    start, end = xml.index('<c r="B1"'), xml.index("</row>")
    shared = (
        '<c r="B1"><f t="shared" ref="B1:D1" si="0">A1&amp;$A$1</f><v>1</v></c>'
        '<c r="C1"><f t="shared" si="0"/><v>2</v></c><c r="D1"><f t="shared" si="0"/><v>3</v></c>'
    )
    repack(path, {name: (xml[:start] + shared + xml[end:]).encode()})
    ExcelWorkbook(path).write(results(["a", 2]))
    row = all_tabs(path)["Results"].rows[0]
    assert [(cell.value, cell.formula) for cell in row] == [("a", None), (2, None), (2, "=B1&$A$1"), (3, "=C1&$A$1")]


def test_macros_pivots_discussions_and_connections_are_not_touched(path):
    """Parts of which we know nothing, as Excel relates them to the workbook and to a tab that we write."""
    workbook = openpyxl.Workbook()
    workbook.active.title = "Initiatives"
    workbook.active["A1"] = "key"
    workbook.save(path)
    before = parts(path)
    kinds = {"pivotTable": "xl/pivotTables/pivotTable1.xml", "threadedComment": "xl/threadedComments/tc1.xml",
             "slicer": "xl/slicers/slicer1.xml", "ctrlProp": "xl/ctrlProps/ctrlProp1.xml"}  # fmt: skip
    added = {part: f"<{kind}/>".encode() for kind, part in kinds.items()}
    added |= {"xl/vbaProject.bin": b"\0macros", "xl/connections.xml": b"<connections/>", "customXml/item1.xml": b"<x/>"}
    links = "".join(
        f'<Relationship Id="rId{n}" Type="http://schemas.microsoft.com/office/{kind}" Target="/{part}"/>'
        for n, (kind, part) in enumerate(kinds.items(), start=1)
    )
    head = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    added["xl/worksheets/_rels/sheet1.xml.rels"] = f"{head}{links}</Relationships>".encode()
    repack(path, added)
    ExcelWorkbook(path).write(full_changes())
    after = parts(path)
    assert {name: after[name] for name in added} == added
    assert set(before) <= set(after)


def test_the_order_of_calculation_is_left_to_the_next_program(rich):
    chain = (
        b'<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><c r="H2" i="1"/></calcChain>'
    )
    content = parts(rich)
    relation = (
        b'<Relationship Id="rId99" Target="calcChain.xml" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"/></Relationships>'
    )
    override = (
        b'<Override PartName="/xl/calcChain.xml" '
        b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"/></Types>'
    )
    repack(
        rich,
        {
            "xl/calcChain.xml": chain,
            "xl/_rels/workbook.xml.rels": content["xl/_rels/workbook.xml.rels"].replace(b"</Relationships>", relation),
            "[Content_Types].xml": content["[Content_Types].xml"].replace(b"</Types>", override),
        },
    )
    ExcelWorkbook(rich).write(full_changes())
    after = parts(rich)
    assert "xl/calcChain.xml" not in after
    assert b"calcChain" not in after["xl/_rels/workbook.xml.rels"] + after["[Content_Types].xml"]
    assert b'fullCalcOnLoad="1"' in after["xl/workbook.xml"]


def test_a_digital_signature_is_reported_before_writing_and_removed_with_force(rich):
    relation = (
        b'<Relationship Id="rId99" Target="_xmlsignatures/origin.sigs" Type="http://schemas.openxmlformats.org/'
        b'package/2006/relationships/digital-signature/origin"/></Relationships>'
    )
    content = parts(rich)
    relations = content["_rels/.rels"].replace(b"</Relationships>", relation)
    repack(rich, {"_rels/.rels": relations, "_xmlsignatures/origin.sigs": b""})
    before = rich.read_bytes()
    with pytest.raises(WorkbookRefusedError) as refused:
        ExcelWorkbook(rich).write(full_changes())
    assert str(refused.value) == (
        f"{rich} was not written, because saving would lose: the digital signature (any change makes it invalid). "
        "Work on a copy, or give --force to accept the loss."
    )
    assert rich.read_bytes() == before
    ExcelWorkbook(rich).write(full_changes(), force=True)
    assert "_xmlsignatures/origin.sigs" not in parts(rich)


def test_a_macro_workbook_stays_one(tmp_path):
    path = tmp_path / "plan.xlsm"
    (tmp_path / "macros.bin").write_bytes(b"\xd0\xcf\x11\xe0macros")
    workbook = xlsxwriter.Workbook(path)
    workbook.add_worksheet("Initiatives")
    workbook.add_vba_project(tmp_path / "macros.bin")
    workbook.close()
    ExcelWorkbook(path).write(full_changes())
    after = parts(path)
    assert after["xl/vbaProject.bin"] == b"\xd0\xcf\x11\xe0macros"
    assert b"application/vnd.ms-excel.sheet.macroEnabled.main+xml" in after["[Content_Types].xml"]


def test_moments_follow_the_workbooks_own_epoch(path):
    workbook = xlsxwriter.Workbook(path, {"date_1904": True})
    workbook.add_worksheet("Initiatives")
    workbook.close()
    ExcelWorkbook(path).write(results([datetime(2026, 3, 31, 12)]))
    assert shown(path, "Results") == [["2026-03-31 12:00:00"]]


def test_a_workbook_without_styles_gets_some(path):
    openpyxl.Workbook().save(path)
    content = parts(path)
    types = content["[Content_Types].xml"].decode()
    override = types[types.index('<Override PartName="/xl/styles.xml"') :]
    relations = content["xl/_rels/workbook.xml.rels"].decode()
    link = relations[relations.rindex("<Relationship", 0, relations.index("styles.xml")) :]
    repack(
        path,
        {
            "xl/styles.xml": None,
            "[Content_Types].xml": types.replace(override[: override.index("/>") + 2], "").encode(),
            "xl/_rels/workbook.xml.rels": relations.replace(link[: link.index("/>") + 2], "").encode(),
        },
    )
    ExcelWorkbook(path).write(results(["a", 1.5]))
    assert shown(path, "Results") == [["a", "1.5"]]
    openpyxl.load_workbook(path)
