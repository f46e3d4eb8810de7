"""Composed MARC records with invented titles, for the connector tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from pymarc import Field, Indicators, Record, Subfield, record_to_xml

SHARED = Path(__file__).parents[3] / "shared" / "data"


def shared(*parts: str) -> Path:
    """A file of the shared sample data; skips the test where that is not at hand."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"needs the shared sample data: {'/'.join(parts)}")
    return path


def data_field(tag: str, indicators: str, *subfields: tuple[str, str]) -> Field:
    return Field(tag, Indicators(*indicators), [Subfield(code, value) for code, value in subfields])


def record_of(number: int, *fields: Field) -> Record:
    """A small Swedish order record; `fields` come at the end."""
    record = Record(leader="00000nam a2200000 a 4500", force_utf8=True)
    record.add_field(Field("001", data=f"bok{number:05}"))
    record.add_field(Field("008", data="240311s2024    sw |||||||||||||||||swe||".ljust(40)))
    record.add_field(data_field("020", "  ", ("a", "9789199999913"), ("q", "inb."), ("a", "9789199999920")))
    record.add_field(data_field("020", "  ", ("z", "91-999990-2-X")))
    record.add_field(
        data_field("245", "10", ("a", f"Vindens o\u0308ar {number} :"), ("b", "berättelser"), ("c", "N. Å."))
    )
    record.add_field(*fields)
    return record


def records_of(count: int) -> list[Record]:
    """Records with one to three order fields 960, different in each."""
    return [
        record_of(
            number,
            *(
                data_field("960", "  ", ("o", str(copy)), ("u", f"FOND{number}{copy}"), ("s", "249,00"))
                for copy in range(1, number % 3 + 2)
            ),
        )
        for number in range(1, count + 1)
    ]


def transmission_of(records: list[Record]) -> bytes:
    return b"".join(record.as_marc() for record in records)


def marcxml_of(records: list[Record]) -> bytes:
    body = b"\n".join(record_to_xml(record) for record in records)
    return (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="http://www.loc.gov/MARC21/slim">\n'
        + body
        + b"\n</collection>\n"
    )
