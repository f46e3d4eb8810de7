"""MARC entries in file order → orders: a bibliographic record, and the holdings that follow or are in it.

Which copies are ordered is in the holdings. If one of them cannot be read, or may be lost, the quantity is
not known, and the order is given up as a whole rather than ordered short.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from connectors.formats.marc_record import Entry, Field, MarcRecord
from connectors.formats.trouble import Trouble
from connectors.layouts.unreadable import shown

_HOLDINGS, _BIBLIOGRAPHIC = "uvxy", "acdefgijkmoprt"
_KEPT = 1 << 20
_TYPE = re.compile(rb'<(?:[\w.-]+:)?record\b[^<>]*\btype\s*=\s*["\']?(Holdings|Bibliographic)', re.IGNORECASE)
_LEADER = re.compile(rb"<(?:[\w.-]+:)?leader[^<>]*>[^<]{6}([a-z])|\A[^<]{6}([a-z])")


@dataclass(slots=True)
class LibrisOrder:
    """One order: `bib` is None when its record could not be read. `troubles` give it up, `notes` do not."""

    line: int | None
    offset: int | None
    bib: MarcRecord | None
    copies: list[Field] = field(default_factory=list)
    """The fields 852, of the record itself and of its holdings."""
    holdings: list[Field] = field(default_factory=list)
    """What else the holdings say."""
    raw: bytearray = field(default_factory=bytearray)
    troubles: list[Trouble] = field(default_factory=list)
    notes: list[Trouble] = field(default_factory=list)

    waits: bool = True
    """Holdings may still follow: there are none in the record itself."""
    control_number: str = ""
    """001 of the record."""


def orders_of(entries: Iterable[Entry]) -> Iterator[LibrisOrder]:
    """Every entry is part of exactly one order. Adds E377 (no holdings) and E378 (holdings of nothing)."""
    current: LibrisOrder | None = None
    for entry in entries:
        raw = entry.raw()
        is_holdings = _is_holdings(entry.record) if entry.record else _seems_holdings(raw)
        belongs = is_holdings or (is_holdings is None and current is not None and current.waits)
        if current is not None and belongs:
            _join(current, entry, raw)
            continue
        if current is not None:
            yield _closed(current)
        current = _begun(entry, raw, bool(is_holdings))
    if current is not None:
        yield _closed(current)


def _begun(entry: Entry, raw: bytes, is_holdings: bool) -> LibrisOrder:
    order = LibrisOrder(entry.line, entry.offset, entry.record, raw=bytearray(raw), notes=list(entry.notes))
    if entry.trouble is not None:
        order.troubles.append(entry.trouble)
    if is_holdings:
        help_ = "a bibliographic record stands before its holdings; the file may have been cut in two"
        order.troubles.append(
            Trouble("E378", "holdings stand first, without the record they belong to", help_)
        )
    if entry.record is not None:
        order.copies = [one for one in entry.record.fields if one.tag == "852"]
        order.waits, order.control_number = not order.copies, _control(entry.record, "001")
    return order


def _join(order: LibrisOrder, entry: Entry, raw: bytes) -> None:
    order.raw += raw[: max(0, _KEPT - len(order.raw))]
    order.notes += entry.notes
    if entry.trouble is not None:
        order.troubles.append(entry.trouble)
        help_ = "nothing is ordered of this title: how many copies is not known"
        order.troubles.append(Trouble("E378", "holdings of this title cannot be read", help_))
    if entry.record is None:
        return
    copies = [one for one in entry.record.fields if one.tag == "852"]
    if not copies:
        order.troubles.append(Trouble("E378", "a holdings record has no field 852", field="852"))
    if order.bib is not None and not order.waits:
        told = "the record has fields 852 and holdings follow it as well: the copies may be counted twice"
        order.troubles.append(Trouble("E378", told, field="852"))
    theirs, ours = _control(entry.record, "004"), order.control_number
    if theirs and ours and theirs != ours:
        told = f"holdings for record {shown(theirs)} (004) follow record {shown(ours)} (001)"
        order.troubles.append(Trouble("E378", told, field="004"))
    order.copies += copies
    order.holdings += [one for one in entry.record.fields if one.tag != "852"]


def _closed(order: LibrisOrder) -> LibrisOrder:
    if not order.copies and not order.troubles:
        help_ = "set  no_holdings: one  if a record alone is an order of one copy"
        order.troubles.append(
            Trouble("E377", "the record has no holdings (852): nothing says how many copies", help_)
        )
    return order


def _is_holdings(record: MarcRecord) -> bool:
    # Suppliers fill the lengths of the leader with X; the type of record is there all the same.
    kind = record.leader[6:7]
    if kind in _HOLDINGS and kind:
        return True
    tags = {one.tag for one in record.fields}
    return not kind and "852" in tags and "245" not in tags


def _seems_holdings(raw: bytes) -> bool | None:
    """The same of a record that cannot be read; None when its bytes do not say."""
    if said := _TYPE.search(raw):
        return said[1].lower() == b"holdings"
    if found := _LEADER.search(raw):
        kind = (found[1] or found[2]).decode()
        return True if kind in _HOLDINGS else False if kind in _BIBLIOGRAPHIC else None
    return None


def _control(record: MarcRecord, tag: str) -> str:
    return next((one.value.strip() for one in record.fields if one.tag == tag), "")
