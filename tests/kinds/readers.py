"""A small file for each reader, in which single values can be others: the mapping it is for is the shipped one."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import quote_plus, unquote_to_bytes

import openpyxl
import pymarc

MAPPINGS = Path(__file__).parents[2] / "mappings"
Change = Mapping[str, str]
Pair = tuple[str, str]


@dataclass(frozen=True)
class Reader:
    """`make`: other texts by slot → a file; `slots`: those it has; `more`: what can be put in besides, as a change of
    the text of the file; `wrong`: bytes that are no text in the encoding it is in, None if all are some.
    """

    name: str
    mapping: str
    make: Callable[[Change], bytes]
    slots: frozenset[str]
    point: str = "."
    more: Mapping[str, Callable[[], bytes]] = field(default_factory=dict)
    file: str = "input"
    wrong: bytes | None = b"\xff\xfe\xfd"


def in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def in_xml(text: str) -> str:
    return html.escape(text, quote=False)


def in_csv(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if set(text) & set(';"\r\n') else text


def in_form(text: str) -> str:
    return quote_plus(text, encoding="utf-8")


def form_in_utf8(text: str) -> str:
    """A form whose percent signs stand for cp1252, in UTF-8: one of both is not read."""
    return re.sub(r"(?:%[0-9A-F]{2})+", lambda found: in_form(unquote_to_bytes(found[0]).decode("cp1252")), text)


def in_edifact(text: str) -> str:
    return "".join(f"?{one}" if one in "?+:'" else one for one in text)


def changed(text: str, slots: Mapping[str, tuple[str, str, str]], escape: Callable[[str], str], change: Change) -> str:
    for name, new in change.items():
        before, old, after = slots[name]
        assert before + old + after in text, (name, before + old + after)
        text = text.replace(before + old + after, before + escape(new) + after, 1)
    return text


def of_text(
    name: str,
    mapping: str,
    text: str,
    escape: Callable[[str], str],
    slots: Mapping[str, tuple[str, str, str]],
    point: str = ".",
    codec: str = "utf-8",
    file: str = "input",
    wrong: bytes | None = b"\xff\xfe\xfd",
    eight_bit: Callable[[], bytes] | None = None,
    **more: Pair,
) -> Reader:
    """Of a file that is text: slots as (before, value, after), what is put in besides as (what stands there, what
    stands there then).
    """

    def make(change: Change) -> bytes:
        return changed(text, slots, escape, change).encode(codec)

    def with_more(old: str, new: str) -> bytes:
        assert old in text, (name, old)
        return text.replace(old, new, 1).encode(codec)

    besides = {what.replace("_", " "): partial(with_more, *pair) for what, pair in more.items()}
    if escape is in_csv:
        besides["unknown field"] = partial(wider, text, codec)
    latin = partial(str.encode, text, "cp1252", "replace")
    besides |= {"8-bit text": eight_bit or latin} if codec == "utf-8" else {}
    return Reader(name, mapping, make, frozenset(slots), point, besides, file, wrong)


def wider(text: str, codec: str) -> bytes:
    """One column more, which nobody knows."""
    header, *rows = text.splitlines(keepends=True)
    ends = [(row, row[len(row.rstrip("\r\n")) :]) for row in rows]
    widened = (f"{row.rstrip(chr(13) + chr(10))};x{end}" for row, end in ends)
    return (header.rstrip("\r\n") + ";Okänt\r\n" + "".join(widened)).encode(codec)


def shipped(path: str, codec: str = "utf-8") -> str:
    return (MAPPINGS / path).read_bytes().decode(codec)


HEADER = (
    "Kundnr;Ordernr;Rad;ISBN;Titel;Författare;Förlag;Utgivningsår;Bandtyp;Antal;À-pris;Rabatt;Valuta;Avdelning;"
    "Externnummer;Postleverantör;Anmärkning;Leveransdatum"
)
ROWS = (
    "000217;A-1041;1;9789199999319;Sju nätter på Åland;Öberg, Åsa;Fyrskeppet;2024;Inbunden;2;249,00;;SEK;Vuxen;;;;2024-04-02",
    "000217;A-1041;2;9789199999326;Vindens öar;Åkesson, Nils;Fyrskeppet;2024;Inbunden;1;189,00;;SEK;Barn;;;;2024-04-02",
)
_CELLS = {"isbn": 3, "title": 4, "quantity": 9, "price": 10, "currency": 12, "date": 17}


def _csv_slots() -> dict[str, tuple[str, str, str]]:
    cells = ROWS[0].split(";")
    return {name: (";".join(cells[:at]) + ";", cells[at], ";" if at < 17 else "\r\n") for name, at in _CELLS.items()}


def workbook(change: Change, *, hidden: bool = False, number: float | None = None, error: bool = False) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER.split(";"))
    for at, row in enumerate(ROWS):
        cells: list[str | float] = [*row.split(";")]
        for name, new in change.items():
            if at == 0:
                cells[_CELLS[name]] = new
        if at == 0 and number is not None:
            cells[_CELLS["price"]] = number
        if at == 0 and error:
            cells[_CELLS["price"]] = "#N/A"
        sheet.append(cells)
    if error:
        sheet["K2"].data_type = "e"
    if hidden:
        sheet.row_dimensions[2].hidden = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def marc_record(change: Change, besides: str = "") -> pymarc.Record:
    said = {"title": "A lantern for the archipelago", "price": "8.99", "quantity": "2", "isbn": "9789199999456", "currency": "GBP"}
    said |= change
    record = pymarc.Record(leader="00000nam a2200000 i 4500")
    sub = pymarc.Subfield
    record.add_field(
        pymarc.Field("001", data="20417733"),
        pymarc.Field("008", data="240311s2024    enk           000 1 eng d"),
        pymarc.Field("020", [" ", " "], [sub("a", said["isbn"])]),
        pymarc.Field("245", ["1", "0"], [sub("a", said["title"])]),
    )
    if besides == "second title":
        record.add_field(pymarc.Field("245", ["1", "0"], [sub("a", "Quite another book")]))
    order = [("e", "STAND"), ("k", "MAIN"), ("o", said["quantity"]), ("s", said["price"]), ("t", "MAIN-STACKS"), ("u", "ENGLIT"), ("z", said["currency"])]
    twice = {"second price": ("s", "7.50"), "second quantity": ("o", "3"), "unknown field": ("y", "ANYTHING")}
    order += [twice[besides]] if besides in twice else []
    record.add_field(pymarc.Field("960", [" ", " "], [sub(*one) for one in order]))
    return record


def aleph(record: pymarc.Record) -> bytes:
    lines = [f"020417733 LDR   L {str(record.leader).replace(' ', '^')}"]
    for one in record.fields:
        if one.is_control_field():
            lines.append(f"020417733 {one.tag}   L {(one.data or '').replace(' ', '^')}")
        else:
            ends = "".join(one.indicators or (" ", " "))
            lines.append(f"020417733 {one.tag}{ends} L " + "".join(f"$${sub.code}{sub.value}" for sub in one.subfields))
    return ("\n".join(lines) + "\n").encode()


def marcxml(record: pymarc.Record) -> bytes:
    inside = pymarc.record_to_xml(record, namespace=True)
    return b"<?xml version='1.0' encoding='UTF-8'?><collection>" + inside + b"</collection>"


MARC_FORMS: Mapping[str, Callable[[pymarc.Record], bytes]] = {
    "ISO 2709": lambda record: record.as_marc(),
    "MARCXML": marcxml,
    "MARC-in-JSON": lambda record: (record.as_json() + "\n").encode(),
    "mrk": lambda record: (str(record).strip() + "\n\n").encode(),
    "Aleph": aleph,
}


def of_marc(name: str, write: Callable[[pymarc.Record], bytes]) -> Reader:
    def make(change: Change) -> bytes:
        return write(marc_record(change))

    more: dict[str, Callable[[], bytes]] = {
        what: partial(lambda what: write(marc_record({}, what)), what)
        for what in ("second title", "second price", "second quantity", "unknown field")
    }
    whole = make({})
    more["bad leader"] = lambda: whole.replace(b"nam a22", b"n?m a2x").replace(b"nam^a22", b"n?m^a2x")
    if name == "ISO 2709":
        start = whole.index(b"245") + 7
        more["wrong place in the directory"] = lambda: whole[:start] + b"00007" + whole[start + 5 :]
        more["UTF-8 under MARC-8"] = lambda: write(marc_record({"title": "Sju nätter på Åland"})).replace(b"nam a", b"nam  ")
    return Reader(name, "generic-marc/po_line.yaml", make, frozenset(("title", "price", "quantity", "isbn", "currency")), more=more)


_LIBRIS = "adlibris_Exb_20240311142205_SE-LIBR8452921.xml"
BTJ = "1234000;77120441;2024-03-11;1;23456789;BTJ 24:05:117;978-91-999990-1-2;"
BOKUS = '5501287;B-20240311-0042;2024-03-11;1;9789199999036;'

READERS: tuple[Reader, ...] = (
    of_text(
        "csv", "generic-csv/po_line.yaml", "\r\n".join((HEADER, *ROWS, "")), in_csv, _csv_slots(), ","),
    Reader(
        "xlsx", "generic-csv/po_line.yaml", workbook, frozenset(_CELLS), ",",
        {
            "hidden row": partial(workbook, {}, hidden=True),
            "number cell": partial(workbook, {}, number=149.5),
            "error cell": partial(workbook, {}, error=True),
        },
    ),
    *(of_marc(name, write) for name, write in MARC_FORMS.items()),
    of_text(
        "adlibris", "adlibris/po_line.yaml", shipped("adlibris/samples/order-48211907.json"), in_json,
        {
            "title": ('"titel": "', "Sju nätter på Åland", '"'), "price": ('"pris": "', "152.00", '"'),
            "quantity": ('"antal": ', "3", ", "), "currency": ('"valuta": "', "SEK", '"'),
            "date": ('"leveransdatum": "', "2024-03-15", '"'), "isbn": ('"isbn": "', "978-91-999960-0-4", '"'),
        },
        second_price=('"pris": "152.00"', '"pris": "152.00", "pris": "99.00"'),
        second_quantity=('"antal": 3', '"antal": 3, "antal": 4'),
        unknown_field=('"radnummer": 1,', '"radnummer": 1, "okant": "x",'),
    ),
    of_text(
        "oasis", "oasis/po_line.yaml", "".join(shipped("oasis/samples/orders-2024-03-11.jsonl").splitlines(keepends=True)[:2]), in_json,
        {
            "title": ('"title": "', "Seven nights by the locks", '"'), "price": ('"list_price": "', "18.99", '"'),
            "quantity": ('"quantity": ', "2", ","), "currency": ('"currency": "', "GBP", '"'),
            "date": ('"order_date": "', "2024-03-11T14:22:05Z", '"'), "isbn": ('"isbn": "', "9199998211", '"'),
        },
        second_price=('"list_price": "18.99"', '"list_price": "18.99", "list_price": "9.00"'),
        second_quantity=('"quantity": 2', '"quantity": 2, "quantity": 4'),
        unknown_field=('{"order_number"', '{"anything": "x", "order_number"'),
    ),
    of_text(
        "btj (XML)", "btj/po_line.yaml", shipped("btj/samples/LibraryShipNotice_SN240311-77.xml"), in_xml,
        {
            "title": ("<Title>", "Sju nätter på Åland", "</Title>"), "quantity": ("<QuantityShipping>", "3", "<"),
            "isbn": ("<Identifier>", "978-91-999990-1-2", "<"), "price": ("<MonetaryAmount>", "189.00", "<"),
            "currency": ("189.00</MonetaryAmount><CurrencyCode>", "SEK", "<"), "date": ("<ReferenceDate>", "11.03.2024", "<"),
        },
        second_quantity=("<QuantityShipping>3</QuantityShipping>", "<QuantityShipping>3</QuantityShipping><QuantityShipping>4</QuantityShipping>"),
        second_title=("</Title>", "</Title><Title>En annan bok</Title>"),
        second_price=("<MonetaryAmount>189.00</MonetaryAmount>", "<MonetaryAmount>189.00</MonetaryAmount><MonetaryAmount>99.00</MonetaryAmount>"),
        unknown_field=("<ItemDescription>", "<Okant>x</Okant><ItemDescription>"),
    ),
    of_text(
        "btj (csv)", "btj/po_line.yaml", shipped("btj/samples/orderbekraftelse-2024-03-11.csv", "cp1252"), in_csv,
        {
            "title": (BTJ + "Öberg, Åsa;", "Sju nätter på Åland", ";"), "quantity": ("Hc;BURK;J;", "2", ";"),
            "price": ("Barn;Hylla;", "189,00", ";"), "currency": ("Barn;Hylla;189,00;", "SEK", ";"),
            "date": ("6;27,5;", "2024-04-02", ";"), "isbn": ("BTJ 24:05:117;", "978-91-999990-1-2", ";"),
        },
        ",", "cp1252", wrong=b"\x81\x8d\x90",
    ),
    of_text(
        "bokus", "bokus/po_line.yaml", shipped("bokus/samples/2024-03-11.csv"), in_csv,
        {
            "title": (BOKUS, '"Blåbär & björnspår; en guide"', ";"), "quantity": ("8452934;LIBRIS;", "2", ";"),
            "price": ("8452934;LIBRIS;2;", "142,45", ";"), "currency": ("142,45;6;", "SEK", ";"),
            "date": ("142,45;6;SEK;", "2024-04-05", ";"), "isbn": ("2024-03-11;1;", "9789199999036", ";"),
        },
        ",",
    ),
    of_text(
        "forlagett", "forlagett/po_line.yaml", form_in_utf8(shipped("forlagett/samples/2024-03-11.txt", "cp1252")), in_form,
        {
            "title": ("titel_1=", "Sm%C3%A5+f%C3%B6rfattare+%26+stora", "&"), "quantity": ("antal_1=", "2", "&"),
            "price": ("pris_1=", "98%2C00", "&"), "date": ("levdatum_1=", "20240318", "&"),
            "isbn": ("isbn_1=", "978-91-999990-4-3", "&"),
        },
        ",", eight_bit=lambda: shipped("forlagett/samples/2024-03-11.txt", "cp1252").encode("cp1252"),
        second_price=("pris_1=98%2C00", "pris_1=98%2C00&pris_1=55%2C00"),
        second_quantity=("antal_1=2", "antal_1=2&antal_1=5"),
        unknown_field=("antal_1=2", "antal_1=2&okant_1=x"),
    ),
    of_text(
        "gobi", "gobi/po_line.yaml", shipped("gobi/samples/print-99974830001.xml"), in_xml,
        {
            "title": ('<subfield code="a">', "LANTERN FOR THE ARCHIPELAGO.", "<"), "quantity": ("<Quantity>", "2", "<"),
            "price": ("<ListPrice>\n          <Amount>", "14.95", "<"), "currency": ("<Amount>14.95</Amount>\n          <Currency>", "USD", "<"),
            "isbn": ('<subfield code="a">', "9789199997018", "<"), "date": ("<OrderPlaced>", "2024-03-11T15:38:55", "<"),
        },
        second_quantity=("<Quantity>2</Quantity>", "<Quantity>2</Quantity><Quantity>3</Quantity>"),
        second_price=("<Amount>14.95</Amount>", "<Amount>14.95</Amount><Amount>9.00</Amount>"),
        unknown_field=("<Initials>", "<Anything>x</Anything><Initials>"),
    ),
    of_text(
        "edifact", "edifact/po_line.yaml", shipped("edifact/samples/orders-2024-03-18.edi"), in_edifact,
        {
            "title": ("IMD+L+050+:::", "The harbour at “Lilla Holmen”", "'"), "quantity": ("QTY+21:", "1", "'"),
            "price": ("PRI+AAE:", "14.99", "'"), "date": ("DTM+137:", "20240318", ":102"), "isbn": ("LIN+1++", "9789199990804", ":EN"),
        },
        wrong=None,  # in Latin-1, which UNOC is, all bytes are some
        second_quantity=("QTY+21:1'", "QTY+21:1'QTY+21:4'"), second_price=("PRI+AAE:14.99'", "PRI+AAE:14.99'PRI+AAE:9.00'"),
        unknown_field=("PRI+AAE:14.99'", "PRI+AAE:14.99'ZZZ+1'"),
        price_basis=("PRI+AAE:14.99'", "PRI+AAE:14.99:::10'"),
        allowance=("PRI+AAE:14.99'", "PRI+AAE:14.99'ALC+A'MOA+8:2.00'"),
    ),
    of_text(
        "libris", "libris/po_line.yaml", shipped(f"libris/samples/{_LIBRIS}"), in_xml,
        {"title": ('<subfield code="a">', "Sju nätter på Åland", "<"), "isbn": ('<subfield code="a">', "978-91-999960-0-4", "<")},
        file=_LIBRIS,  # which says the supplier
        second_title=("Sju nätter på Åland</subfield>", 'Sju nätter på Åland</subfield><subfield code="a">En annan bok</subfield>'),
        unknown_field=("</leader>", "</leader><okant>x</okant>"),
        bad_leader=("00000nam a22000008a 4500", "00000n?m"),
    ),
)  # fmt: skip
