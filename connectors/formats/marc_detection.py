"""The first bytes of a file → the MARC serialisation it is in, or a refusal that names what it looks like."""

from __future__ import annotations

import re
from typing import Literal

from connectors.formats.iso2709_chunks import looks_like_iso2709
from connectors.formats.opening import read_head
from etl.plugin import DataPlace, Problem, Refusal, Source

Serialisation = Literal["iso2709", "marcxml"]

_XML = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*<")
_NOT_READ = (
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*=LDR "), "MARCMaker text (.mrk)"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*[\[{]"), "JSON"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\d{9} [0-9A-Z]{3}.{3}L "), "Aleph sequential"),
)


def find_serialisation(source: Source, declared: str) -> tuple[Serialisation, str]:
    """The serialisation and why. Raises Refusal: E300–E302 unreadable, E340 no MARC, E341 unsupported."""
    head = read_head(source)
    place = DataPlace(source.name)
    is_xml, is_iso = _XML.match(head) is not None, looks_like_iso2709(head)
    if declared == "marcxml" or (declared == "auto" and is_xml):
        if not is_xml:
            raise Refusal(
                Problem(
                    "E340", "this is not XML: it does not begin with <", data=place, help="set  format: auto"
                )
            )
        return "marcxml", "set by the option format" if declared != "auto" else "the file begins with <"
    if is_iso:
        return (
            "iso2709",
            "set by the option format" if declared != "auto" else "a leader, or field and record end marks",
        )
    for pattern, name in _NOT_READ:
        if pattern.match(head):
            told = f"this looks like {name}, which the marc connector does not read"
            raise Refusal(Problem("E341", told, data=place, help="ask for MARC 21 (ISO 2709) or MARCXML"))
    told = "this is not MARC: there is no leader, and no field or record ends"
    raise Refusal(Problem("E340", told, data=place, help="if it is delimited text, use the connector csv"))
