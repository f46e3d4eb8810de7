"""Files of BTJ as tests compose them, and the connector's reading of them."""

from __future__ import annotations

from vendor_reading import Reading, reading, refused_for

from connectors.btj import BtjConnector
from etl.plugin import Problem

HEADER = """<Header>
<ShipNoticeNumber>SN-1</ShipNoticeNumber><IssueDateTime>20240311T1730</IssueDateTime><PurposeCode>Original</PurposeCode>
<BuyerParty><PartyID><PartyIDType>VendorAssignedID</PartyIDType><Identifier>01234000</Identifier></PartyID></BuyerParty>
<SellerParty><PartyName><NameLine>BTJ Sverige AB</NameLine></PartyName></SellerParty>
</Header>"""
ISBN = (
    "<ProductID><ProductIDType>EAN13</ProductIDType><Identifier>9789199999012</Identifier></ProductID>"
    "<ProductID><ProductIDType>ISBN</ProductIDType><Identifier>978-91-999990-1-2</Identifier></ProductID>"
)
DESCRIPTION = (
    "<ItemDescription><ProductForm>BB</ProductForm><Title>Sju nätter på Åland</Title></ItemDescription>"
)
COPY = (
    "<CopyDetail><SubLineNumber>1</SubLineNumber><CopyQuantity>{}</CopyQuantity>"
    "<DeliverToLocation>HUVBARN2024</DeliverToLocation></CopyDetail>"
)


def price(kind: str, amount: str, vat: str = "6", more: str = "") -> str:
    return (
        f"<PricingDetail><Price><MonetaryAmount>{amount}</MonetaryAmount><CurrencyCode>SEK</CurrencyCode>"
        f"<PriceQualifierCode>{kind}</PriceQualifierCode><Tax><TaxTypeCode>VAT</TaxTypeCode>"
        f"<Percent>{vat}</Percent></Tax></Price>{more}</PricingDetail>"
    )


def item(*parts: str, line: str = "1", quantity: str = "1", copies: str | None = None) -> str:
    """An ItemDetail: with the parts given, or with an ISBN and a description."""
    inner = "".join(parts or (ISBN, DESCRIPTION))
    copies = COPY.format(quantity) if copies is None else copies
    return (
        f"<ItemDetail><LineNumber>{line}</LineNumber>{inner}"
        f"<QuantityShipping>{quantity}</QuantityShipping>{copies}</ItemDetail>"
    )


def notice(*items: str, header: str = HEADER, lines: int | None = None, units: int | str = "") -> bytes:
    """A ship notice; its Summary is right unless said otherwise."""
    counted = sum(int(one.partition("<QuantityShipping>")[2].partition("<")[0] or 0) for one in items)
    summary = (
        f"<Summary><NumberOfLines>{len(items) if lines is None else lines}</NumberOfLines>"
        f"<UnitsShipped>{units or counted}</UnitsShipped></Summary>"
    )
    body = "\n".join([header, *items, summary])
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<LibraryShipNotice version="1.0">\n{body}\n</LibraryShipNotice>\n'.encode()


FIELDS = (
    "kundnummer;ordernummer;orderdatum;rad;titelnummer;häftesposition;isbn;författare;titel;signum;"
    "katalogpostleverantör;BP;antal;avdelning;placering;pris;valuta;moms;rabatt;leveransdatum;tjänst"
)
ROW = (
    "1234000;77120441;2024-03-11;1;23456789;BTJ 24:05:117;978-91-999990-1-2;Öberg, Åsa;Sju nätter på Åland;Hc;"
    "BURK;J;2;Barn;Hylla;189,00;SEK;6;27,5;2024-04-02;MD"
)
NASTY = (
    '01234000;77120441;2024-03-11;2;;;9789199999029;"Ek, ""Kajsa""";Fjärilar; en handbok;Fac;'
    "BURK;N;1;Vuxen;;1 249,50;SEK;6;;;PR"
)


def confirmation(*rows: str, fields: str = FIELDS) -> bytes:
    return "\r\n".join([fields, *rows, ""]).encode("cp1252")


def transmission(*records: list[tuple[str, str]], leader9: str = " ", codec: str = "latin-1") -> bytes:
    """Records in ISO 2709; a field is (tag, text with its indicators and $ before each subfield code)."""
    return b"".join(_record(fields, leader9, codec) for fields in records)


def _record(fields: list[tuple[str, str]], leader9: str, codec: str) -> bytes:
    directory, data = b"", b""
    for tag, text in fields:
        body = text.replace("$", "\x1f").encode(codec) + b"\x1e"
        directory += f"{tag}{len(body):04}{len(data):05}".encode()
        data += body
    base = 24 + len(directory) + 1
    length = base + len(data) + 1
    return f"{length:05}nam {leader9}22{base:05} a 4500".encode() + directory + b"\x1e" + data + b"\x1d"


BURK = [
    ("001", "23456801"),
    ("003", "SwLnBT"),
    ("020", "  $a91-999990-1-3 (inb.)$cKr. 249:00"),
    ("024", "8 $aBTJ 2405117"),
    ("100", "1 $aÅkesson, Nils"),
    ("245", "10$aVindens öar$bberättelser"),
    ("260", "  $aÅmål$bNatur på riktigt$c2024"),
    ("975", "  $aHUV$cBARN$q2$hBARN24$p249,00"),
    ("975", "  $aFIL$cVUX$q1$hVUX24$p249,00"),
]


def read(data: bytes, **options: object) -> Reading:
    """With placements as a list unless said otherwise, for then one line is one row."""
    return reading(BtjConnector(), data, {"placements": "locations", **options})


def refusal(data: bytes, **options: object) -> Problem:
    """The one problem for which the file is refused."""
    (problem,) = refused_for(lambda: read(data, **options))
    return problem
