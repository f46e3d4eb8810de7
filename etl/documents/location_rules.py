"""Locations of a document → findings about copies that have nowhere to go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from etl.documents.po_line_parts import Location
from etl.documents.purchase_request import RequestLocation
from etl.plugin import Finding


def library_missing(locations: Sequence[Location | RequestLocation]) -> Iterator[Finding]:
    """A location without library: of a list of libraries, one was empty ("A||C")."""
    for at, location in enumerate(locations):
        if location.library is None:
            copies = "1 copy" if location.quantity == 1 else f"{location.quantity} copies"
            yield Finding(
                "held",
                "E469",
                f"{copies} in a location without library",
                ("location", at),
                help="give the location its library, or leave it out:  $if beside $for",
            )
