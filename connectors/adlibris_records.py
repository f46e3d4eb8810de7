"""The catalogue record in an order line of Adlibris → its XML, and whether it is of what the line orders.

It is read whole only where a mapping wants it; whether it is of another title is looked at always, for which
a few of its fields will do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from connectors.formats.json_values import JsonList, JsonValue, json_text
from connectors.formats.marc_record import MarcRecord, Unreadable
from connectors.formats.marcxml_text import marcxml_of, read_embedded_records
from connectors.order_marc.carriers import carrier_of_form
from connectors.order_marc.own_record import of_a_kind_nobody_said, several_titles, unlike_its_line
from connectors.order_marc.title_said import TAGS
from etl.plugin import DataPlace, Problem, Severity

RECORD = "MARCRecord"


class Along(NamedTuple):
    """`fills` are neutral values for the line; the problems are warnings of what cannot be read."""

    records: list[MarcRecord]
    fills: Mapping[str, object]
    problems: list[Problem]


def records_along(value: JsonValue, place: DataPlace, *, as_xml: bool) -> Along:
    """What the line's field RECORD holds: one record, and two where there are more."""
    along = Along([], {}, [])
    try:
        for one in (value if isinstance(value, JsonList) else [value])[:2]:
            if one:
                along.records.extend(read_embedded_records(json_text(one) or "", None if as_xml else TAGS))
        fills = {"marc_xml": marcxml_of(along.records[0])} if as_xml and along.records else {}
    except Unreadable as given_up:
        told = f"the catalogue record that came along cannot be read: {given_up.trouble.message}"
        help_ = f"the order line is read without it; its text is in raw['{RECORD}']"
        exact = replace(place, field=RECORD)
        return Along([], {}, [Problem("E374", told, Severity.WARNING, data=exact, help=help_)])
    return along._replace(fills=fills)


def unlike(records: Sequence[MarcRecord], line: Mapping[str, object], place: DataPlace) -> list[Problem]:
    """E422 and E441, which hold: of another title or carrier than the line, or of several titles. E374 for a
    second record of the same title that says something else.
    """
    exact = replace(place, field=RECORD)
    isbns, form = (line.get("isbn"), line.get("ean")), line.get("form")
    carrier = carrier_of_form(form) if isinstance(form, str) else None
    problems = several_titles(records, exact)
    if len(records) > 1 and records[0].fields != records[1].fields and not problems:
        told = "two catalogue records of one title came along, and they are not the same"
        problems.append(Problem("E374", told, Severity.WARNING, data=exact, help="the first is taken"))
    for record in records:
        problems += unlike_its_line(record, isbns, carrier, exact, line.get("title"))
        problems += of_a_kind_nobody_said(record, exact) if not form else []
    return problems
