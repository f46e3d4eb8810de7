"""Workbooks (.xlsx, .ods; composed here by hand, since nothing we depend on writes them): cells as text, sheets, damage.

Each line of the trap list for delimited text has a folder tests/cases/csv-trap-…. Where else it is shown, and the
traps of Excel (C is a folder in tests/cases, T a test):

- UTF-8, BOM, Windows-1252, ISO 8859-1, UTF-16LE, cp850: T test_csv_detection, C E303, C E316
- decomposed å ä ö: T test_csv_rows, T test_conformance.TestCsv
- semicolon, comma, tab, bar; sep=: T test_csv_detection, C E305
- decimal comma, thousands, kr, `:-`, 249:00, ambiguous 1,234: T filters/test_filter_money, C E412, C E413, C E416
- ISBN with hyphens, ISBN-10, X, qualifier: T filters/test_filter_numbers, C E402, C E403; 9,78914E+12: C E404,
  C csv-excel-workbook
- account numbers with lost zeros: T filters/test_filter_numbers, C E432; text cells keep theirs: C csv-excel-workbook
- dates of every form, Excel serial, Microsoft JSON: T filters/test_filter_dates, C E420, C E421; date cells: below
- J/N, Ja/Nej, 1/0, X: T filters/test_filter_text, C E430
- empty trailing columns, short rows, footers: C E310, C E311, C E322, C E323, C E324, C csv-excel-workbook
- doubled quotes, line end inside quotes: T test_csv_rows, C E312, C E313, C E317
- header case, accents, order: T test_csv_rows, C E306, C E307, C E320, C E321
- HTML entities in titles: T filters/test_filter_text
- `="0316471852"`: T below (CSV and workbook), C csv-excel-workbook
- several sheets, merged cells, errors, locked and damaged workbooks, bombs: C E385 to C E389
"""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape, quoteattr

import pytest
from reading import Reading, read, refusal

from connectors.csv_file import CsvConnector
from connectors.formats.workbook import CELLS

CSV = CsvConnector()
XMLNS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELS = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STYLES = f"""<styleSheet {XMLNS}><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>
<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>
<cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="22" applyNumberFormat="1"/></cellXfs>
</styleSheet>"""

Cells = list[list[str]]


def text(value: str) -> str:
    return f'<c REF t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def number(value: str, style: int = 0) -> str:
    return f'<c REF s="{style}"><v>{value}</v></c>'


def sheet_xml(rows: Cells, merged: tuple[str, ...] = ()) -> str:
    lines = []
    for r, row in enumerate(rows, 1):
        cells = "".join(cell.replace("REF", f'r="{chr(65 + c)}{r}"', 1) for c, cell in enumerate(row) if cell)
        lines.append(f'<row r="{r}">{cells}</row>')
    merges = "".join(f'<mergeCell ref="{one}"/>' for one in merged)
    tail = f"<mergeCells>{merges}</mergeCells>" if merged else ""
    return f"<worksheet {XMLNS}><sheetData>{''.join(lines)}</sheetData>{tail}</worksheet>"


def xlsx(sheets: dict[str, str], hidden: frozenset[str] = frozenset(), styles_xml: str = STYLES) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
        names = list(enumerate(sheets, 1))
        overrides = "".join(
            f'<Override PartName="/xl/worksheets/s{n}.xml" ContentType="{kinds}.worksheet+xml"/>'
            for n, _ in names
        )
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package'
            f'.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/>{overrides}</Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="a" Type="{OFFICE}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        listed = "".join(
            f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="s{n}"{" state=" + quoteattr("hidden") if name in hidden else ""}/>'
            for n, name in names
        )
        archive.writestr("xl/workbook.xml", f"<workbook {XMLNS} {RELS}><sheets>{listed}</sheets></workbook>")
        targets = "".join(
            f'<Relationship Id="s{n}" Type="{OFFICE}/worksheet" Target="worksheets/s{n}.xml"/>'
            for n, _ in names
        )
        styles = f'<Relationship Id="st" Type="{OFFICE}/styles" Target="styles.xml"/>'
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships">{targets}{styles}</Relationships>',
        )
        archive.writestr("xl/styles.xml", styles_xml)
        for n, name in names:
            archive.writestr(f"xl/worksheets/s{n}.xml", sheets[name])
    return packed.getvalue()


def one_sheet(rows: Cells, merged: tuple[str, ...] = (), **options: object) -> Reading:
    return read(CSV, xlsx({"Order": sheet_xml(rows, merged)}), **options)


HEADER = [text("Ordernr"), text("ISBN"), text("Pris")]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (text("000217"), "000217"),
        (text("O\u0308berg & Co"), "Öberg & Co"),
        (text("9,78914E+12"), "9,78914E+12"),
        (text('="0316471852"'), "0316471852"),
        (number("9789199999913"), "9789199999913"),
        (number("9.789199999913E12"), "9789199999913"),
        (number("249"), "249"),
        (number("249.9"), "249.9"),
        (number("0.30000000000000004"), "0.3"),
        (number("1.5E-7"), "0.00000015"),
        (number("-0"), "0"),
        (number("45362", 1), "2024-03-11"),
        (number("45362.598668981482", 2), "2024-03-11T14:22:05"),
        (number("45362"), "45362"),
        ('<c REF t="b"><v>1</v></c>', "true"),
        ('<c REF t="str"><f>"0316"</f><v>0316</v></c>', "0316"),
        ("", ""),
    ],
)
def test_cells_are_text(cell: str, value: str) -> None:
    reading = one_sheet([HEADER, [text("A-1"), cell, text("x")]])
    assert (reading.rows, reading.notes) == ([{"Ordernr": "A-1", "ISBN": value, "Pris": "x"}], [])


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ('<c REF t="e"><v>#N/A</v></c>', '"#N/A"'),
        ("<c REF><f>A1*2</f></c>", "not saved"),
        (number("9789199999913001"), "15 digits"),
    ],
)
def test_cells_without_a_value(cell: str, said: str) -> None:
    reading = one_sheet([HEADER, [text("A-1"), cell, text("1")], [text("A-2"), text("x"), text("2")]])
    assert [row["Ordernr"] for row in reading.rows] == ["A-2"]
    [rejected] = reading.rejected
    problem = rejected.problems[0]
    assert (rejected.record, problem.code) == (1, "E389")
    assert said in problem.message
    assert "B2" in problem.message
    assert problem.data is not None
    assert (problem.data.line, problem.data.field) == (2, "ISBN")


def test_an_error_in_a_column_that_nobody_reads_costs_nothing() -> None:
    from etl.testing.sources import bytes_source

    data = xlsx({"Order": sheet_xml([HEADER, [text("A-1"), '<c REF t="e"><v>#REF!</v></c>', text("1")]])})
    [batch] = CSV.read(bytes_source(data), CSV.Options(), frozenset({"Ordernr", "Pris"}))
    assert batch.rejected == ()
    assert batch.frame["Ordernr"].to_list() == ["A-1"]


def test_places_are_rows_of_the_sheet() -> None:
    rows = [[text("Orderlista")], [], HEADER, [text("A-1")], [], [text("A-2")], [text("Summa")]]
    reading = one_sheet(rows, skip_lines=1, skip_pattern="^Summa")
    assert [row["Ordernr"] for row in reading.rows] == ["A-1", "A-2"]
    assert reading.places == [(1, 4, None), (2, 6, None)]
    assert sorted(reading.notes) == ["E322", "E324"]


def test_merged_cells() -> None:
    rows = [
        HEADER,
        [text("A-1"), text("x"), text("1")],
        ["", text("y"), text("2")],
        ["", text("z"), text("3")],
        [text("A-2"), text("w"), ""],
    ]
    reading = one_sheet(rows, merged=("A2:A4", "B5:C5", "A5:A6"))
    assert [row["Ordernr"] for row in reading.rows] == ["A-1", "A-1", "A-1", "A-2"]
    assert reading.rows[3] == {"Ordernr": "A-2", "ISBN": "w", "Pris": ""}
    assert reading.notes == ["E388"]


def test_header_names() -> None:
    header = [text("Pris"), text("Pris"), "", text("Författare ")]
    reading = one_sheet(
        [header, [text("1"), text("2"), text("3"), text("4")]], columns={"author": "FORFATTARE"}
    )
    assert reading.rows == [{"Pris": "1", "Pris_2": "2", "column_3": "3", "author": "4"}]
    assert one_sheet([HEADER], header=False).rows == [
        {"column_1": "Ordernr", "column_2": "ISBN", "column_3": "Pris"}
    ]


TWO = {"Läs mig": sheet_xml([[text("Hej")]]), "Order": sheet_xml([HEADER, [text("A-1")]])}


@pytest.mark.parametrize(("sheet", "found"), [("Order", "A-1"), (2, "A-1"), ("2", "A-1")])
def test_the_sheet_that_is_named(sheet: object, found: str) -> None:
    assert [row["Ordernr"] for row in read(CSV, xlsx(TWO), sheet=sheet).rows] == [found]


def test_which_sheet() -> None:
    assert refusal(CSV, xlsx(TWO)) == ["E387"]
    assert refusal(CSV, xlsx(TWO), sheet="Blad1") == ["E387"]
    assert refusal(CSV, xlsx(TWO), sheet=3) == ["E387"]
    assert refusal(CSV, xlsx({"Tom": sheet_xml([])})) == ["E301"]
    assert [row["Ordernr"] for row in read(CSV, xlsx(TWO, hidden=frozenset({"Läs mig"}))).rows] == ["A-1"]


ODS = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"><office:body><office:spreadsheet>
<table:table table:name="Order">{}</table:table></office:spreadsheet></office:body></office:document-content>"""


def ods(rows: list[list[str]], more: str = "") -> bytes:
    packed = io.BytesIO()
    lines = "".join(f"<table:table-row>{''.join(row)}</table:table-row>" for row in rows)
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr("content.xml", ODS.format(lines + more))
    return packed.getvalue()


def ods_text(value: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {more}><text:p>{value}</text:p></table:table-cell>'


COVERED = "<table:covered-table-cell/>"
BLANKS = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'


def test_open_document() -> None:
    rows = [
        [ods_text("Ordernr"), ods_text("ISBN"), ods_text("Datum")],
        [ods_text("0012", 'table:number-rows-spanned="2"'), '<table:table-cell office:value-type="float" office:value="9789199999913"/>',
         '<table:table-cell office:value-type="date" office:date-value="2024-03-11"/>'],
        [COVERED, ods_text("9789199999920"), ods_text("", "")],
    ]  # fmt: skip
    reading = read(CSV, ods(rows, BLANKS))
    assert [(row["Ordernr"], row["ISBN"]) for row in reading.rows] == [
        ("0012", "9789199999913"),
        ("0012", "9789199999920"),
    ]
    assert str(reading.rows[0]["Datum"]).startswith("2024-03-11")
    assert reading.notes == ["E388"]


def test_an_error_of_open_document() -> None:
    bad = ods_text("#DIV/0!", 'calcext:value-type="error"')
    reading = read(
        CSV, ods([[ods_text("A"), ods_text("B")], [ods_text("1"), bad], [ods_text("2"), ods_text("x")]])
    )
    assert reading.codes == [(1, "E389")]


def test_a_cell_repeated_over_a_whole_sheet() -> None:
    many = ods_text("x", 'table:number-columns-repeated="16384"')
    bomb = f'<table:table-row table:number-rows-repeated="1048576">{many}</table:table-row>'
    assert refusal(CSV, ods([[ods_text("A")]], bomb)) == ["E386"]


def test_a_far_corner() -> None:
    far = f'<row r="{CELLS}"><c r="B{CELLS}"><v>1</v></c></row></sheetData>'
    assert refusal(CSV, xlsx({"Order": sheet_xml([HEADER]).replace("</sheetData>", far)})) == ["E386"]


def test_damage_never_escapes() -> None:
    """Every prefix, and every byte of the directory changed: read, or refused."""
    data = xlsx({"Order": sheet_xml([HEADER, [text("A-1"), number("1")]])})
    seen = set()
    for cut in range(4, len(data), 37):
        seen |= set(refusal(CSV, data[:cut]))
    for at in range(0, len(data), 11):
        seen |= set(refusal(CSV, data[:at] + bytes([data[at] ^ 0x41]) + data[at + 1 :]))
    assert "E385" in seen
    assert seen <= {"E301", "E302", "E303", "E305", "E313", "E325", "E385", "E386", "E387"}


def test_old_workbooks_that_are_none() -> None:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    assert refusal(CSV, head + bytes(600)) == ["E385"]
    assert refusal(CSV, head + bytes(600) + "EncryptedPackage".encode("utf-16-le")) == ["E385"]


@pytest.mark.parametrize("cell", ['="0316471852"', '"=""0316471852"""'])
def test_guarded_numbers_in_csv(cell: str) -> None:
    reading = read(CSV, f"order;isbn\nA-1;{cell}\n".encode())
    assert reading.rows == [{"order": "A-1", "isbn": "0316471852"}]
