"""Files of the Libris acquisition routine, composed for tests."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.formats.marc_record import Field, MarcRecord
from connectors.formats.marcxml_text import marcxml_of

ISBN = "978-91-999999-1-3"
NAME = "adlibris_Exb_20240311142205_SE-LIBR8452921.xml"
Parts = Sequence[tuple[str, str]]


def field(tag: str, *parts: tuple[str, str], ind: str = "  ") -> Field:
    """A data field."""
    return Field(tag, "", ind, tuple(parts))


def bib(
    *fields: Field, number: str = "8452921", source: str = "SE-LIBR", title: str = "Sju nätter på Åland /"
) -> MarcRecord:
    """A bibliographic record; an empty number, source or title is left out."""
    known = [Field("001", number)] * bool(number) + [Field("003", source)] * bool(source)
    titles = [field("245", ("a", title), ind="10")] * bool(title)
    isbns = [] if any(one.tag == "020" for one in fields) else [field("020", ("a", ISBN), ("q", "inbunden"))]
    return MarcRecord("00000nam a22000008a 4500", [*known, *isbns, *titles, *fields])


def copy(department: str = "Barn", sigel: str = "Exb", *parts: tuple[str, str]) -> Field:
    """A field 852."""
    return field("852", ("b", sigel), ("c", department), *parts)


def holdings(*fields: Field, leader: str = "XXXXXnx  a22XXXXX1n 4500") -> MarcRecord:
    """A holdings record."""
    return MarcRecord(leader, list(fields))


def xml(*records: MarcRecord) -> bytes:
    """A MARCXML collection, a record on each line."""
    return (
        "<collection>\n" + "".join(marcxml_of(one) + "\n" for one in records) + "</collection>\n"
    ).encode()


def iso2709(*records: MarcRecord, codec: str = "utf-8") -> bytes:
    """The records with correct lengths in `codec`; the leader's position 9 stays as it is."""
    return b"".join(_transmission(one, codec) for one in records)


def _transmission(record: MarcRecord, codec: str) -> bytes:
    directory, data = "", b""
    for one in record.fields:
        text = (
            one.value
            if not one.indicators
            else one.indicators + "".join(f"\x1f{c}{t}" for c, t in one.subfields)
        )
        raw = text.encode(codec) + b"\x1e"
        directory += f"{one.tag}{len(raw):04}{len(data):05}"
        data += raw
    base = 25 + len(directory)
    leader = f"{base + len(data) + 1:05}{record.leader[5:12]}{base:05}{record.leader[17:]}"
    return (leader + directory).encode() + b"\x1e" + data + b"\x1d"
