"""Records made to take long: each is read in steps that grow as it does, or is rejected alone, with its place.

Every case here took minutes to days, or all memory, when steps grew with the square of the record. None is timed: it
ends, with the right answer.
"""

from __future__ import annotations

import io
import random
import struct
import unicodedata
import zipfile
from collections.abc import Callable
from functools import partial

import pytest
from reading import read, refusal
from test_workbook import sheet_xml, text, xlsx

from connectors.adlibris import AdlibrisConnector
from connectors.btj import BtjConnector
from connectors.csv_file import CsvConnector
from connectors.edifact import EdifactConnector
from connectors.edifact.named_values import NamedValues
from connectors.forlagett import ForlagettConnector
from connectors.formats.delimited import DelimitedReader, Dialect
from connectors.formats.editx import flatten
from connectors.formats.header import name_columns
from connectors.formats.marc_bytes import votes
from connectors.formats.sheet_records import _fill
from connectors.formats.text_encoding import TextEncoding
from connectors.formats.text_lines import read_lines
from connectors.formats.workbook import Sheet
from connectors.formats.xml_elements import Element
from connectors.gobi import GobiConnector
from connectors.libris import LibrisConnector
from connectors.marc_file import MarcConnector
from connectors.oasis import OasisConnector
from connectors.order_marc.bibliography import drop_punctuation
from etl.plugin import Connector, DataPlace, normalized
from etl.template.filters.marc_text import strip_isbd
from etl.testing.work import memory_of

MARC: dict[str, object] = {"columns": {"title": "245$a"}}
LEADER = "00000nam a2200000 a 4500"
XML = '<collection><record><leader>{}</leader><datafield tag="245" ind1="0" ind2="0">{}</datafield>{}</record></collection>'


def subfield(value: str, code: str = "a") -> str:
    return f'<subfield code="{code}">{value}</subfield>'


# ------------------------------------------------------------------------------------------------------ text


def test_blanks_and_marks_in_a_title() -> None:
    title = "Öar" + " / : " * 200_000 + "och vindar"
    line: dict[str, object] = {"title": f"{title} /", "author": " / : " * 200_000}
    drop_punctuation(line)
    assert line == {"title": title, "author": None}
    assert strip_isbd(" / : " * 10_000 + "a /") == (" / : " * 10_000 + "a").strip()


def test_accents_without_end() -> None:
    marks = "\u0315\u0300\u0327" * 100_000
    title = f"Nils o{marks}"
    data = XML.format(LEADER, subfield(title), "").encode()
    assert read(MarcConnector(), data, **MARC).rows == [{"title": normalized("NFC", title)}]
    assert unicodedata.is_normalized("NFC", normalized("NFC", title))


def test_normalized_is_what_python_says() -> None:
    dice = random.Random(3)  # noqa: S311 - repeatable, not a secret
    letters = "aoeÅéç가각\u1100\u1161\u11a8\u0958ǖ" + "\u0300\u0301\u0308\u0327\u0315\u0323\u05b0\u0345" * 12
    for _ in range(60):
        drawn = "".join(dice.choices(letters, k=dice.choice((20, 700, 1500))))
        run = "".join(
            dice.choices("\u0300\u0308\u0327\u0315\u0323\u0344\u0f73", k=dice.choice((99, 100, 101, 400)))
        )
        for made in (drawn, f"{drawn}o{run}{drawn}", f"{run}{drawn}"):
            assert normalized("NFC", made) == unicodedata.normalize("NFC", made)
            assert normalized("NFKD", made) == unicodedata.normalize("NFKD", made)


def test_accents_of_marc8_without_a_letter() -> None:
    assert votes(b"\xe8" * 60_000 + b"o") == (60_000, 0)
    assert votes(b"\xe8" * 60_000 + b"=") == (0, 60_000)


# ----------------------------------------------------------------------------------------------- delimited text


def lines_read(data: bytes, width: int) -> list[str]:
    dialect = Dialect(";", '"', "utf-8", 1 << 20)
    reader = DelimitedReader(read_lines(io.BytesIO(data), TextEncoding("utf-8", 0, ""), 1 << 20), dialect)
    reader.width = width
    return [record.trouble.code if record.trouble else "read" for record in reader]


@pytest.mark.parametrize("end", [b"", b'x"y;z;z\n'])
def test_every_line_opens_a_quote_and_none_closes(end: bytes) -> None:
    found = lines_read(b'a";"\n' * 30_000 + end, 2)
    assert len(found) == 30_000 + bool(end)
    assert set(found[:-1]) <= {"E313", "E312", "read"}
    assert found[0] == "E313"


def test_a_stray_quote_takes_no_good_record_with_it() -> None:
    """Behind one, or several in a row, cells of several lines are read as ever."""
    good = b'1;"Brev\noch bud";2\n'
    assert lines_read(b'1;"stray;2\n' * 12 + good * 3 + b"1;2;3\n", 3) == ["E313"] * 12 + ["read"] * 4


def test_a_header_of_one_name_many_times() -> None:
    header = name_columns(["a"] * 50_000 + ["a_3"], {}, DataPlace("f"))
    assert header.names[:4] == ("a", "a_2", "a_4", "a_5")
    assert len(set(header.names)) == 50_001


# ---------------------------------------------------------------------------------------------------- workbooks


def test_an_old_workbook_that_lists_one_table_many_times() -> None:
    """Each listing is four bytes, and 128 numbers to follow."""
    listed, size = 127 * 40, 512
    header = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(size, b"\0"))
    struct.pack_into("<HH", header, 30, 9, 6)
    struct.pack_into("<IIIII", header, 44, listed, 0xFFFFFFFE, 0, 0, 0xFFFFFFFE)
    struct.pack_into("<I109I", header, 68, 1, *[0xFFFFFFFF] * 109)
    more = b"".join(struct.pack("<128I", *[0] * 127, n + 2 if n < 40 else 0xFFFFFFFE) for n in range(1, 41))
    data = bytes(header) + struct.pack("<128I", *[0xFFFFFFFF] * 128) + more
    assert memory_of(lambda: refusal(CsvConnector(), data)) < 50 * len(data)
    assert refusal(CsvConnector(), data) == ["E385"]


def test_merged_cells_over_each_other() -> None:
    count = 30_000
    sheet = Sheet("s", ["s"], [["h"], ["x"], *([""] for _ in range(count))])
    sheet.merged = [((row, 0), (count + 1, 0)) for row in range(1, count + 1)]
    _fill(sheet, 1, DataPlace("f"))
    assert [row[0] for row in sheet.rows] == ["h", *["x"] * (count + 1)]


def test_many_sheets_in_one_part() -> None:
    data = xlsx({"a": sheet_xml([[text("isbn")], [text("1")]]), "b": sheet_xml([])})
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"worksheets/s2.xml", b"worksheets/s1.xml"))
    assert refusal(CsvConnector(), packed.getvalue()) == ["E385"]


def test_sheets_that_are_too_large_together() -> None:
    corner = '<row r="1048576"><c r="C1048576"><v>1</v></c></row>'
    far = sheet_xml([[text("isbn")]]).replace("</sheetData>", f"{corner}</sheetData>")
    assert refusal(CsvConnector(), xlsx({"a": far, "b": far})) == ["E386"]


# --------------------------------------------------------------------------------------------------------- MARC


def iso2709(entries: list[tuple[str, int, int]], fields: bytes) -> bytes:
    directory = "".join(f"{tag}{length:04}{start:05}" for tag, length, start in entries).encode()
    base = 24 + len(directory) + 1
    size = base + len(fields) + 1
    return f"{size:05}nam a22{base:05} a 4500".encode() + directory + b"\x1e" + fields + b"\x1d"


def test_entries_of_a_directory_over_one_field() -> None:
    title = b"00\x1fa" + b"x" * 9_994 + b"\x1e"
    good = iso2709([("245", 7, 0)], b"00\x1faOa\x1e")
    found = read(MarcConnector(), iso2709([("245", 9_999, 0)] * 5_000, title) + good, **MARC)
    assert found.codes == [(1, "E344")]
    assert found.rows == [{"title": "Oa"}]


def test_leaders_without_ends() -> None:
    leader = b"00024nam a2200024 a 4500"
    found = read(
        MarcConnector(), leader * 40_000 + b"\x1d" + iso2709([("245", 7, 0)], b"00\x1faOa\x1e"), **MARC
    )
    assert len(found.rejected) == 40_000
    assert found.rows == [{"title": "Oa"}]


def test_continued_lines() -> None:
    mrk = f"=LDR  {LEADER}\n=245  00$aa\n".encode() + b"b\n" * 50_000
    assert read(MarcConnector(), mrk, **MARC).rows == [{"title": "a" + " b" * 50_000}]
    aleph = f"000000001 LDR   L {LEADER.replace(' ', '^')}\n000000001 24500 L $$aa^\n".encode()
    continued = b"000000001 24500 L $$9^^$$ab^\n" * 20_000
    assert read(MarcConnector(), aleph + continued, **MARC).rows == [{"title": "a" + " b" * 20_000 + "^"}]


def test_mnemonics_without_end() -> None:
    mrk = f"=LDR  {LEADER}\n=245  00$aÅ{'{uml}o{aring}' * 50_000}\n".encode()
    assert read(MarcConnector(), mrk, **MARC).rows == [{"title": "Å" + "öå" * 50_000}]


def test_order_fields_times_all_that_each_is_to_hold() -> None:
    rows = '<datafield tag="960" ind1=" " ind2=" "><subfield code="o">1</subfield></datafield>' * 2_000
    data = XML.format(LEADER, subfield("x" * 100_000), rows).encode()
    assert read(MarcConnector(), data, **MARC, rows="960").codes == [(1, "E333")]
    assert read(OasisConnector(), data).codes == [(1, "E333")]


def test_one_subfield_many_times() -> None:
    title = XML.format(LEADER, subfield("Oa") + subfield("x", "c") * 50_000, "")
    holdings = '<datafield tag="852" ind1=" " ind2=" "><subfield code="b">Exb</subfield></datafield></record>'
    [row] = read(LibrisConnector(), title.replace("</record>", holdings).encode()).rows
    assert dict(row["raw"])["245$c"] == "; ".join("x" * 50_000)  # type: ignore[call-overload]


def test_a_long_number_over_many_holdings() -> None:
    """What is wrong is told of each, and does not repeat all of it."""
    parts = (
        '<record><leader>00000nx  a2200000   4500</leader><controlfield tag="004">x</controlfield></record>'
    )
    control = f'<controlfield tag="001">{"x" * 50_000}</controlfield>'
    data = XML.format(LEADER, subfield("Oa"), control).replace("</collection>", f"{parts * 500}</collection>")
    [rejected] = read(LibrisConnector(), data.encode()).rejected
    assert len(rejected.problems) > 500
    assert sum(len(problem.message) for problem in rejected.problems) < 4 * len(data)


# ---------------------------------------------------------------------------------------------------------- XML


def test_elements_that_are_too_deep_cost_their_record_only() -> None:
    order = "<Order><ListedPrintMonograph>{}</ListedPrintMonograph></Order>"
    orders = [order.format("<a>" * 70 + "</a>" * 70), order.format("<OrderDetail/>")]
    found = read(GobiConnector(), f"<PurchaseOrder>{''.join(orders)}</PurchaseOrder>".encode())
    assert [code for _, code in found.codes] == ["E315", "E355"]
    assert found.rejected[0].raw == orders[0].encode()


def test_long_names_deep_down() -> None:
    names = [f"n{'x' * 5_000}{depth}" for depth in range(50)]
    inner = (
        "".join(f"<{name}>" for name in names)
        + "<b>1</b>" * 40_000
        + "".join(f"</{name}>" for name in names[::-1])
    )
    found = read(GobiConnector(), f"<PurchaseOrder><Order>{inner}</Order></PurchaseOrder>".encode())
    assert found.codes == [(1, "E315")]


def test_wrappers_that_share_a_path() -> None:
    prices = [
        Element("Price", {}, 1, 0, children=[Element("Amount", {}, 1, 0, text=str(n))]) for n in range(40_000)
    ]
    fields = flatten(Element("PricingDetail", {}, 1, 0, children=prices))
    assert list(fields.items())[:3] == [("Amount", "0"), ("Amount[2]", "1"), ("Amount[3]", "2")]
    assert len(fields) == 40_000


# ------------------------------------------------------------------------------------------------------ EDIFACT


def quotation(line: str, count: int, head: str = "") -> bytes:
    message = f"UNH+M+QUOTES:D:96A:UN'BGM+31F::28+Q+9'LIN+1++9789199999012:EN'IMD+L+050+:::Oa'QTY+1:1'{line}UNS+S'UNT+{count + 7}+M'"
    return f"UNB+UNOC:3+S:14+B{head}:14+240311:0930+I'{message}UNZ+1+I'".encode()


@pytest.mark.parametrize(
    "made",
    [
        lambda size: (f"NAD+{'x' * size}+1'" + "RFF+A:1'" * size, size + 1),
        lambda size: (f"ALC+{'x' * size}'" + "MOA+1:1'" * size, size + 1),
        lambda size: (f"PIA+{'x' * size}{'+1:A' * size}'", 1),
        lambda size: (f"GIR+{'x' * size}{'+1:LVT' * size}'", 1),
    ],
)
def test_a_long_code_that_names_many_values(made: Callable[[int], tuple[str, int]]) -> None:
    once, fourfold = (
        memory_of(partial(read, EdifactConnector(), quotation(*made(size)))) for size in (1_000, 4_000)
    )
    assert fourfold < 8 * once


def test_a_long_sender_of_many_messages() -> None:
    assert read(EdifactConnector(), quotation("", 0, "x" * 17_000)).codes == [(1, "E333")]


def test_a_message_of_segments_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.formats.edifact_messages._SEGMENTS", 100)
    whole = quotation("", 2).replace(b"LIN+1", b"NAD+SU+1::9'NAD+BY+2::9'LIN+1")
    found = read(EdifactConnector(), quotation("FTX'" * 100, 100) + whole)
    assert found.codes == [(1, "E397")]
    assert len(found.rows) == 1


def test_a_text_that_goes_on_and_on() -> None:
    values = NamedValues()
    for _ in range(100_000):
        values.add((("FTX",), ("LIN",), ("",), ("",), ("x" * 70,)))
    assert values.fields == {"FTX+LIN": " ".join(["x" * 70] * 100_000)}


def test_released_marks_without_end() -> None:
    title = "?+" * 15_000
    lines = f"LIN+1++9789199999012:EN'IMD+L+050+:::{title}'QTY+1:1'" * 20
    data = f"UNB+UNOC:3+S:14+B:14+240311:0930+I'UNH+M+QUOTES:D:96A:UN'BGM+31F::28+Q+9'{lines}UNS+S'UNT+64+M'UNZ+1+I'"
    found = read(EdifactConnector(), data.encode())
    assert len(found.rows) + len(found.rejected) == 20


# --------------------------------------------------------------------------------- a head, and the lines under it


def edifact(head: str, count: int) -> str:
    lines = "LIN+1++9789199999012:EN'IMD+L+050+:::Oa'QTY+1:1'" * count
    inside = f"UNH+M+QUOTES:D:96A:UN'BGM+31F::28+Q+9'{head}{lines}UNS+S'"
    return f"UNB+UNOC:3+S:14+B:14+240311:0930+I'{inside}UNT+{inside.count(chr(39)) + 1}+M'UNZ+1+I'"


CUSTOMER = f"<CustomerDetail><Note>{'x' * 17_000}</Note></CustomerDetail>"
HEADS: dict[str, tuple[Connector, str, int]] = {
    "forlagett": (
        ForlagettConnector(),
        f"lev=Forlagett&konto=1&order=1&datum=20240311&x={'x' * 100_000}&"
        + "&".join(f"isbn_{n}=1&titel_{n}=t&antal_{n}=1&pris_{n}=1" for n in range(1, 1_001)),
        1,
    ),
    "adlibris": (
        AdlibrisConnector(),
        f'{{"Vendor": "A", "CustomerNumber": "1", "OrderNumber": "{"x" * 100_000}", "Items": [{",".join(["{}"] * 1_000)}]}}',
        1,
    ),
    "edifact": (
        EdifactConnector(),
        edifact("".join(f"FTX+A{n % 50}+++{'x' * 70}'" for n in range(1_500)), 1_000),
        1,
    ),
    "gobi": (
        GobiConnector(),
        f"<PurchaseOrder>{CUSTOMER}<Order><A><OrderDetail/></A></Order></PurchaseOrder>",
        1,
    ),
    "btj": (
        BtjConnector(),
        f"<LibraryShipNotice><Header><Note>{'x' * 17_000}</Note></Header><ItemDetail/><ItemDetail/></LibraryShipNotice>",
        2,
    ),
}


@pytest.mark.parametrize("vendor", HEADS)
def test_a_long_head_over_many_lines(vendor: str) -> None:
    connector, data, count = HEADS[vendor]
    found = read(connector, data.encode())
    assert found.codes == [(number, "E333") for number in range(1, count + 1)]
    assert found.rows == []
    assert all(one.raw for one in found.rejected)


def test_a_row_for_each_of_many_copies() -> None:
    copies = "".join(f"GIR+{n:03}+{'x' * 17}:LLO+{'x' * 17}:LNO'" for n in range(1, 2_001))
    data = (
        edifact("NAD+SU+1::9'NAD+BY+2::9'", 1)
        .replace("QTY+1:1'", f"QTY+1:2000'{copies}")
        .replace("UNT+9", "UNT+2009")
        .encode()
    )
    assert read(EdifactConnector(), data).codes == []
    assert read(EdifactConnector(), data, placements="lines").codes == [(1, "E333")]


# --------------------------------------------------------------------------------- numbers and patterns of others


@pytest.mark.parametrize("number", ["1e999999999", "1e99999999999999999999", "9" * 1_000_000])
def test_numbers_beyond_all_bounds(number: str) -> None:
    item = '{"ISBN": "9789199999913", "Title": "T", "Quantity": 1, "Price": 150, "VAT": 6, "Currency": "SEK", "PriceIncVAT": %s}'
    order = '{"Vendor": "Adlibris", "CustomerNumber": "7", "OrderNumber": "4", "Items": [%s]}'
    data = f"{order % (item % number)}\n{order % (item % 159)}".encode()
    found = read(AdlibrisConnector(), data)
    assert found.codes == ([] if number == "1e999999999" else [(1, "E372")])
    assert ("E375" in found.notes) is (number == "1e999999999")
    assert len(found.rows) == 2 - len(found.codes)


def test_a_pattern_of_the_mapping_that_takes_for_ever() -> None:
    data = ("isbn;titel\n1;" + "a" * 40 + "!\n2;b\n").encode()
    found = read(CsvConnector(), data, skip_pattern="^[0-9];(a|aa)+$")
    assert found.codes == [(1, "E334")]
    assert len(found.rows) == 1
    long = read(CsvConnector(), b"isbn;titel\n1;" + b"a" * 100_000 + b"\n2;b\n", skip_pattern="Summa")
    assert long.codes == [(1, "E334")]
    note = '<datafield tag="852" ind1=" " ind2=" "><subfield code="b">Exb</subfield><subfield code="x">{}</subfield></datafield></record>'
    record = XML.format(LEADER, subfield("Oa"), "").replace("</record>", note.format("a" * 40 + "!"))
    assert read(LibrisConnector(), record.encode(), note_pattern="^(?P<order_id>(a|aa)+)$").codes == [
        (1, "E334")
    ]
