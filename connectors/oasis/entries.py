"""A file of MARC, in ISO 2709 or MARCXML → its entries, and which encodings were found rather than said."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.formats.iso2709 import Iso2709Decoder
from connectors.formats.iso2709_file import read_iso2709
from connectors.formats.marc_detection import find_serialisation
from connectors.formats.marc_record import Entry
from connectors.formats.marcxml import read_marcxml
from connectors.order_marc.assumed_encodings import assumed_encodings
from etl.plugin import DataPlace, Problem, Refusal, Source

_LIMIT = 1 << 20


class MarcEntries:
    """The records of one file, readable or not."""

    def __init__(self, source: Source, encoding: str, option: str = "marc_encoding") -> None:
        """Raises Refusal: E300–E302 unusable file, E340 no MARC, E341 another form of it."""
        self._source, self._option = source, option
        self._form, self.why = _form(source)
        self._decoder = Iso2709Decoder(encoding, None)

    def __iter__(self) -> Iterator[Entry]:
        """At least one. Raises Refusal E342 when there is none."""
        if self._form == "marcxml":
            entries = read_marcxml(self._source, None)
        else:
            entries = read_iso2709(self._source, self._decoder, _LIMIT)
        first = next(entries, None)
        if first is None:
            place = DataPlace(self._source.name)
            raise Refusal(Problem("E342", "the file has no MARC records in it", data=place))
        yield first
        yield from entries

    def assumed(self) -> list[Problem]:
        """Warnings about encodings, complete when all entries have been read."""
        return list(assumed_encodings(self._decoder.assumed, self._source.name, self._option))


def _form(source: Source) -> tuple[str, str]:
    form, why = find_serialisation(source, "auto")
    if form not in ("marcxml", "iso2709"):
        told = f"this is MARC in the form {form}, which OASIS is not known to send"
        help_ = "ask for ISO 2709 or MARCXML; the connector marc reads other forms"
        raise Refusal(Problem("E341", told, data=DataPlace(source.name), help=help_))
    return form, why
