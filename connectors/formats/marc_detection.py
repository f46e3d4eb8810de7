"""The first bytes of a file → the MARC serialisation it is in, or a refusal that names what it looks like."""

from __future__ import annotations

import re
from typing import Literal

from connectors.formats.aleph import LIKE_ALEPH
from connectors.formats.iso2709_chunks import looks_like_iso2709
from connectors.formats.mrk import LIKE_MRK
from connectors.formats.opening import read_head
from etl.plugin import DataPlace, Problem, Refusal, Source

Serialisation = Literal["iso2709", "marcxml", "json", "mrk", "aleph"]

# What follows the first character is looked at too: damage to the first byte of another form may make it.
_XML = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*<\0?[?!A-Za-z_]")
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?[\s\x1e]*(?:\[\s*[\[{\]]|\{\s*[\"}])")
_NOT_READ = (
    (
        re.compile(rb'(?:\xef\xbb\xbf)?\s*[\[{][^\0]{0,2000}?"@(?:graph|context|id|type)"', re.DOTALL),
        "JSON-LD (BIBFRAME)",
    ),
    (
        re.compile(rb"(?:LDR|000|=?LEADER) {1,4}[\d ^]{5}[a-z]|[\d ]{5}[a-z ][ -~]{18}\r?\n"),
        "a print-out of MARC",
    ),
)
_BEGINS: dict[Serialisation, tuple[str, str]] = {
    "iso2709": ("a leader, or field and record end marks", "there is no leader, and no field or record ends"),
    "marcxml": ("the file begins with <", "it does not begin with <"),
    "json": ("the file begins with { or [", "it does not begin with { or ["),
    "mrk": ("the file begins with =LDR or another field", "it does not begin with a field such as =LDR"),
    "aleph": (
        "the file begins with a system number and a tag",
        "it does not begin with a system number and a tag",
    ),
}
NAMES_OF_FORMS: dict[Serialisation, str] = {
    "iso2709": "MARC", "marcxml": "XML", "json": "JSON", "mrk": "MARCMaker text", "aleph": "Aleph sequential",
}  # fmt: skip
"""What people call a form; XML and JSON may turn out to hold no MARC."""


def find_serialisation(source: Source, declared: str) -> tuple[Serialisation, str]:
    """The serialisation and why. Raises Refusal: E300–E302 unreadable, E340 no MARC, E341 not a form that is
    read.
    """
    head = read_head(source)
    for pattern, name in _NOT_READ:
        if declared == "auto" and pattern.match(head):
            told = f"this looks like {name}, which the marc connector does not read"
            help_ = "ask for MARC 21 in ISO 2709, MARCXML or MARC-in-JSON"
            raise Refusal(Problem("E341", told, data=DataPlace(source.name), help=help_))
    for form in forms_of(head):
        if declared in ("auto", form):
            return form, _BEGINS[form][0] if declared == "auto" else "set by the option format"
    raise Refusal(_not_marc(source.name, declared))


def forms_of(head: bytes) -> list[Serialisation]:
    """The forms that these first bytes may be, the surest first."""
    likely: dict[Serialisation, bool] = {
        "marcxml": _XML.match(head) is not None,
        "mrk": LIKE_MRK.match(head) is not None,
        "aleph": LIKE_ALEPH.match(head) is not None,
        "json": _JSON.match(head) is not None,
        "iso2709": looks_like_iso2709(head),
    }
    return [form for form, is_it in likely.items() if is_it]


def _not_marc(name: str, declared: str) -> Problem:
    for form, (_, lacks) in _BEGINS.items():
        if declared == form and form != "iso2709":
            told = f"this is not {NAMES_OF_FORMS[form]}: {lacks}"
            return Problem("E340", told, data=DataPlace(name), help="set  format: auto")
    told = f"this is not MARC: {_BEGINS['iso2709'][1]}"
    return Problem("E340", told, data=DataPlace(name), help="if it is delimited text, use the connector csv")
