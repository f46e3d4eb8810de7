"""Files of OASIS as tests compose them, and the connector's reading of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from vendor_reading import Reading, reading, refused_for

from connectors.oasis import OasisConnector
from etl.plugin import Problem

Fields = list[tuple[str, str]]

BRIEF: Fields = [
    ("001", "20417733"),
    ("003", "UkPrOASIS"),
    ("008", "240311s2008    enk           000 1 eng d"),
    ("020", "  $a9789199999012 (pbk.) :$c£8.99"),
    ("035", "  $a(OCoLC)183148220"),
    ("100", "1 $aÖberg, Åsa,"),
    ("245", "10$aA lantern for the archipelago /$cÅsa Öberg"),
    ("260", "  $aOxford :$bNorthern Light Press,$c2008"),
    ("960", "  $eSTAND$kMAIN$o2$q11-03-24$s8.99$tMAIN-STACKS$uBooks/Special Needs$hShelf ready"),
    ("961", "  $dFor Dr Lindqvist"),
]
ORDER: dict[str, Any] = {
    "order_number": "OAS-10482211",
    "customer_account": "KTHB01",
    "checkout_type": "firm",
    "order_date": "2024-03-11T14:22:05Z",
    "isbn": "9199999013",
    "title_id": None,
    "title": "A lantern for the archipelago",
    "author": "Öberg, Åsa",
    "publisher": "Northern Light Press",
    "pub_year": "2008",
    "format": "P",
    "quantity": 2,
    "list_price": "8.99",
    "currency": "GBP",
    "fund_code": "ENGLIT",
    "site": "MAIN",
    "location": "STACKS",
    "access_model": None,
    "notes_to_vendor": "Shelf ready",
    "int_notes": "For Dr Lindqvist",
    "dupe_override": False,
}
ANSWER: dict[str, Any] = {
    "Environment": "Production",
    "RequestStart": "/Date(1710163325000+0000)/",
    "RequestEnd": "/Date(1710163326000+0000)/",
    "OrderNumber": "20417733",
    "Code": 100,
    "Message": "Order accepted",
}


def without(fields: Fields, *tags: str) -> Fields:
    return [field for field in fields if field[0] not in tags]


def order(**changes: object) -> bytes:
    return json.dumps({**ORDER, **changes}, ensure_ascii=False).encode()


def answer(**changes: object) -> bytes:
    return json.dumps({**ANSWER, **changes}, ensure_ascii=False).encode()


def marc(*records: Fields, flag: str = "a", codec: str = "utf-8") -> bytes:
    """Records in ISO 2709; a data field is its indicators and $ before each subfield code."""
    return b"".join(_record(record, flag, codec) for record in records)


def marcxml(*records: Fields) -> bytes:
    """The same as MARCXML."""
    parts = []
    for record in records:
        fields = "".join(_xml_field(tag, text) for tag, text in record)
        parts.append(f"<record><leader>00000nam a2200000 a 4500</leader>{fields}</record>")
    return f'<collection xmlns="http://www.loc.gov/MARC21/slim">{"".join(parts)}</collection>'.encode()


def _record(fields: Fields, flag: str, codec: str) -> bytes:
    directory, data = b"", b""
    for tag, text in fields:
        one = text.replace("$", "\x1f").encode(codec) + b"\x1e"
        directory += f"{tag}{len(one):04}{len(data):05}".encode()
        data += one
    base = 24 + len(directory) + 1
    leader = f"{base + len(data) + 1:05}nam {flag}22{base:05} a 4500"
    return leader.encode() + directory + b"\x1e" + data + b"\x1d"


def _xml_field(tag: str, text: str) -> str:
    if tag < "010":
        return f'<controlfield tag="{tag}">{text}</controlfield>'
    parts = "".join(f'<subfield code="{part[0]}">{part[1:]}</subfield>' for part in text[2:].split("$")[1:])
    return f'<datafield tag="{tag}" ind1="{text[0]}" ind2="{text[1]}">{parts}</datafield>'


def read(data: bytes | Path, **options: object) -> Reading:
    found = reading(OasisConnector(), data, options)
    for row in found.rows:
        row["raw"] = dict(raw_pairs(row["raw"]))
    return found


def raw_pairs(raw: Any) -> list[tuple[str, str]]:
    """A map is a list of entries in the frame."""
    return [(one["key"], one["value"]) for one in raw] if isinstance(raw, list) else list(raw.items())


def refusal(data: bytes | Path, **options: object) -> Problem:
    """The first problem for which the file is refused."""
    return refused_for(lambda: read(data, **options))[0]
