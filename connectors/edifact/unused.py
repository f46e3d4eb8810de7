"""What a message says of a line and nothing was made of → why the line waits, what a run notes, what not.

Every value of a message has a name (see `named_values`). The reader of the line says which it used; for the
others this module decides. What may change money, copies, place or identity of an order holds the line; the
rest is `Batch.unread`, which a run tells once. NO_MATTER is all that is passed over in silence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from connectors.layouts.unreadable import shown
from connectors.order_marc.carriers import carrier_of_form
from etl.plugin import DataPlace, Problem, Severity
from etl.values.isbn import book_of, isbn_key

NO_MATTER: Mapping[str, str] = {
    r"UNB/(?:sender|recipient|reference)|UNH/reference": "how the message was sent; the parties are in NAD",
    r"BGM/1\.[2-4]|LIN/3\.[34]|PIA\+[^/]*/\d+\.[3-5]|NAD\+[^/]*/2\.2": "who keeps a list of codes",
    r"IMD\+[^/]*/3\.[236]|FTX\+[^/]*/(?:function|5\.1)": "in which list or language a text is",
    r"IMD\+0[1-4]\d": "persons and bodies: the author is taken, others are in the catalogue record",
    r"IMD\+(?:109|(?:1[1-9]|2[013-9]|3\d)\d)": "imprint, extent, series, subjects: in the record, too",
    r"NAD\+[^/]*/(?:text|name|street|city|county|postcode|country|(?:CTA|COM|FII).*)": "addresses",
    r"CTA\+.*|COM(?:\+.*)?": "whom to call",
    r"(?:MEA|PAC|PCI)(?:\+.*|/.*)?": "what the parcel weighs and how it is packed",
}
"""Pattern of names → what they are and why they do not concern an order. None is about copies, place, fund,
price, currency, basis, allowance or an identifier of what is ordered."""

_SILENT = re.compile("|".join(NO_MATTER))
_MONEY = frozenset({"ALC", "MOA", "PCD", "APR", "RNG", "RTE"})
_ORDER = frozenset({"QTY", "GIR", "GIN", "LOC", "CUX", "TAX", "LIN", "SCC", "QVR", "STG"})
_OTHER_BOOK = ("PIA+3+", "PIA+4+", "PIA+5+")
"""What takes the place of the title, what it takes the place of, what it is."""
_FUND, _COPY_FUND = "RFF+BFN", "+LFN"
"""The buyer's number of the fund that is to pay, for the line and for a copy."""
_ELSEWHERE = ("NAD+BY", "NAD+DP", "NAD+ST", "NAD+UC", "NAD+IV", "NAD+PR", "NAD+DL")
"""Whom it is for, where it goes and who pays."""
_COPIES = (("QTY+1", "QTY+21"), ("QTY+21", "QTY+1"))
"""What is quoted and what is ordered: the same, if they are as many."""
_COMPOSED = frozenset({"IMD title", "IMD author"})
"""Made of others, each of which has a name of its own."""
_BOOKS = ("+EN", "+IB")
_MORE_BOOKS = frozenset({"PIA+1+EN", "PIA+1+IB"})
"""Additional numbers: of the same book, or of what else?"""
_FORM = re.compile(r"IMD\+(?:[A-Z]\+)?220")
"""What it is, in words (`IMD+220`) or by a code (`IMD+C+220`)."""
_COPY_TEXTS = frozenset({"LSM", "LCL", "LVT", "LCO", "LNO"})
_NOTHING = re.compile(r"0+(?:[.,]0+)?")
_KIND = 35
_MOST = 20
"""Problems of one line; of more it is said how many there are."""


class Leftovers(NamedTuple):
    """`unread`: name → text of what a run notes."""

    problems: list[Problem]
    unread: dict[str, str]


def leftovers(fields: Mapping[str, str], used: set[str], place: DataPlace) -> Leftovers:
    """`used` are names of fields of which something was made, or that were compared with what was."""
    same = {(_first(name).removeprefix("head/"), text) for name in used if (text := fields.get(name))}
    same |= {(other, text) for one, other in _COPIES for name, text in same if name == one}
    books = {book_of(fields.get(name)) for name in used if name.endswith(_BOOKS)} - {None}
    buyers = {fields[name] for name in fields if name.startswith("head/NAD+BY") and "/" not in _plain(name)}
    funds = {text for name, text in fields.items() if _first(name).endswith(_COPY_FUND)}
    left = Leftovers([], {})
    for name, text in fields.items():
        plain = _plain(name)
        tag = plain[:3]
        if name in used or name in _COMPOSED or is_no_matter(plain):
            continue
        first = _first(name)
        again = (first.removeprefix("head/"), text) in same or (first != name and fields.get(first) == text)
        if (again and tag != "ALC") or (plain.endswith(_BOOKS) and isbn_key(text) and book_of(text) in books):
            continue
        if _FORM.fullmatch(plain) and _one_carrier(text, fields, used):
            left.unread[name] = text
            continue
        if (plain.startswith(_ELSEWHERE[1:]) and text in buyers) or (plain == _FUND and funds == {text}):
            continue
        if tag in _MONEY and _NOTHING.fullmatch(text):
            continue
        if (problem := _problem(name, text, fields, used)) is not None:
            exact = DataPlace(place.file, place.record, place.line, place.offset, name)
            left.problems.append(problem.at(data=exact))
        else:
            left.unread[name] = text
    if (more := len(left.problems) - _MOST) > 0:
        told = f"{more:,} more values of the line go unused"
        left.problems[_MOST:] = [Problem("E428", told, Severity.HOLD, data=place)]
    return left


@lru_cache(maxsize=4096)
def is_no_matter(name: str) -> bool:
    """Is it in NO_MATTER? `name` without where it stands and which of several it is."""
    return _SILENT.fullmatch(name) is not None


def _plain(name: str) -> str:
    """Without where it stands and which of several it is."""
    return _first(name).removeprefix("head/").removeprefix("foot/")


def _first(name: str) -> str:
    """The name of the first of several."""
    return name.partition(" repeat ")[0]


def _problem(name: str, text: str, fields: Mapping[str, str], used: set[str]) -> Problem | None:
    plain = _plain(name)
    tag = plain[:3]
    first = _first(name)
    entry = f"GIR+*+{plain.rpartition('+')[2]}" if tag == "GIR" else name
    help_ = f'ask the vendor, or say under source why it goes unused:  ignore: {{"{entry}": …}}'
    if first != name and (first in used or plain.startswith(_ELSEWHERE)) and not _is_text(plain):
        told = f"{first} is said twice: {shown(fields[first])} and {shown(text)}"
        return Problem("E309", told, Severity.HOLD, help=f"the first was taken; {help_}")
    if tag in _MONEY:
        what = {"ALC+A": "an allowance", "ALC+C": "a charge"}.get(plain[:5], "an amount")
        service = fields.get(f"{name.partition('/PCD')[0].partition('/MOA')[0]}/service", "")
        kind = f" ({service[:_KIND]})" if service and "/service" not in name else ""
        told = f"{what}{kind} is not in the price, nor what price and copies come to: {name} is {shown(text)}"
        if re.fullmatch(r"ALC\+A/PCD\+\d+", plain):
            help_ += f"; as a discount it is read by  columns: {{discount_percent: {name}}}"
        return Problem("E426", told, Severity.HOLD, help=help_)
    if "/" in plain and (tag == "PRI" or plain.endswith("/unit")):
        told = f"it is not known that {first.partition('/')[0]} is of single copies: {name} is {shown(text)}"
        return Problem("E427", told, Severity.HOLD, help=help_)
    if _may_change_the_order(plain):
        told = f"no column reads {name} {shown(text)}, which may change the order"
        if _FUND in plain.split("/"):
            help_ += f"; a fund is read by  columns: {{fund: {name}}}"
        if plain in _MORE_BOOKS:
            help_ += f"; if it is what is ordered:  columns: {{isbn: {name}}}"
        if tag == "GIR":
            help_ += f"; a column of a placement takes it by  copies: {{…: {plain.rpartition('+')[2]}}}"
        return Problem("E428", told, Severity.HOLD, help=help_)
    return None


def _may_change_the_order(plain: str) -> bool:
    if _FUND in plain.split("/"):
        return True
    if plain.startswith("GIR+"):
        return plain.rpartition("+")[2] not in _COPY_TEXTS
    if plain.startswith("NAD+"):
        return plain.startswith(_ELSEWHERE[1:]) and "/" not in plain
    books = plain.startswith(_OTHER_BOOK) or plain in _MORE_BOOKS
    return plain[:3] in _ORDER or books or _FORM.fullmatch(plain) is not None


def _one_carrier(text: str, fields: Mapping[str, str], used: set[str]) -> bool:
    """Is it said of a form that is read that it is of the same carrier, by a code or in words?"""
    read = [fields[name] for name in used if name in fields and _FORM.fullmatch(_plain(name))]
    carriers = {carrier_of_form(one) for one in (text, *read)}
    return bool(read) and len(carriers) == 1 and None not in carriers


def _is_text(plain: str) -> bool:
    """What may well be said twice: a text, a day. The form of what is ordered may not."""
    return plain[:3] in ("IMD", "DTM", "FTX") and not _FORM.fullmatch(plain)


GUIDE = f"""\
What becomes of the values of a message. All of them stand under `raw`, by tag and qualifier:
`raw['RFF+QLI']`, `raw['head/DTM+137']`, `raw['foot/MOA+79']`, `raw['PIA+5+IB repeat 2']`,
`raw['RFF+ON/1.4']` (the fourth component of element 1). Beyond the columns:

- Copies: `2.000` is 2 where the UNA makes the point the decimal mark; other fractions and less than 0 are
  rejected (E351); a unit other than of pieces holds the line (E427).
- Prices: a price for several copies is divided by its basis, if that is exact, else the line is rejected
  (E351). Prices that are not wanted are compared with the one that is, by VAT and discount, and hold the
  line if they contradict it (E427). A VAT category of Z or E is a rate of 0.
- Allowances and charges (ALC): one in percent, of a line, is its discount; all others hold it (E426), of
  the head and the foot too. Amounts (MOA) are used where price and copies come to them, and hold where
  they do not.
- Days: all formats of code list 2379 that say a day are read; a format of no list rejects (E353).
- Counts (CNT) that are wrong reject the message (E398), or warn: `counts`.
- A copy, a change, a cancellation or a test holds (E304), and so does a second value that differs from
  the first (E309), and what no column reads of copies, place, fund (RFF+BFN too), currency, tax, parties
  or identity (E428).
- What else no column reads is told once a run (E329), less what `source.ignore` speaks of by these names.
  It takes holds back, too.

Nothing is told of:

{chr(10).join(f"- {reason} (`{pattern}`)" for pattern, reason in NO_MATTER.items())}
"""
"""What a person has to know of it, as Markdown."""
