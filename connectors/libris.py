"""Files of the Libris acquisition routine (förvärv) → neutral order lines.

Adlibris, BTJ, Bokus and FörlagEtt all make them: MARCXML or ISO 2709, a bibliographic record for each title
with its holdings. The paths stand in layouts/libris.toml, the rest in mappings/libris/README.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, field_validator

from connectors.formats.iso2709 import Iso2709Decoder
from connectors.formats.iso2709_file import read_iso2709
from connectors.formats.marc_bytes import MarcCodec, RecordText, is_utf8
from connectors.formats.marc_detection import find_serialisation
from connectors.formats.marc_path import parse_path
from connectors.formats.marc_record import Entry
from connectors.formats.marcxml import read_marcxml
from connectors.formats.own_pattern import OwnPattern
from connectors.formats.trouble import Trouble
from connectors.layouts import Layout, LayoutOptions, load_layouts, named_layout
from connectors.libris_file_name import read_file_name
from connectors.libris_line import OTHERWISE, LineReader
from connectors.libris_orders import LibrisOrder, orders_of
from connectors.order_batches import OrderBatches
from connectors.order_line import IDENTITY, order_columns
from connectors.order_marc.assumed_encodings import assumed_encodings
from etl.plugin import Batch, Columns, Connector, DataPlace, Problem, Refusal, Severity, Source

_LAYOUTS = load_layouts("libris")
_LIMIT = 1 << 20
_NAME = "SUPPLIER_SIGEL_YYYYMMDDhhmmss_REFERENCE.xml"
_FOUND = {
    "utf-8": ("E361", "UTF-8, which their bytes are, although leader/09 does not say so"),
    "latin-1": ("E379", "Latin-1, which is what Libris writes under a blank leader/09"),
    "marc-8": ("E362", "MARC-8, for there are escape sequences in them"),
}


class LibrisOptions(LayoutOptions):
    """`columns` takes MARC paths here: classification: 082$a."""

    encoding: str = Field(
        "auto", description="Of ISO 2709. auto: UTF-8 if it is that, else Latin-1; or utf-8, latin-1, marc-8."
    )
    no_holdings: Literal["reject", "one"] = Field(
        "reject", description="A record without holdings (852) is rejected, or is an order of one copy."
    )
    note_pattern: str | None = Field(
        None,
        description=r"Regular expression for 852 $x; its named groups are fields: kund (?P<account>\S+).",
    )

    @field_validator("encoding")
    @classmethod
    def _known_codec(cls, value: str) -> str:
        if value not in ("auto", "utf-8", "latin-1", "marc-8"):
            raise ValueError(f'write auto, utf-8, latin-1 or marc-8, not "{value}"')
        return value

    @field_validator("columns")
    @classmethod
    def _are_paths(cls, value: dict[str, str | list[str]]) -> dict[str, str | list[str]]:
        for name, aliases in value.items():
            for alias in [aliases] if isinstance(aliases, str) else aliases:
                if (
                    not OTHERWISE.fullmatch(alias)
                    and (path := parse_path(alias))
                    and (path.many or path.whole)
                ):
                    raise ValueError(f'column "{name}": "{alias}" does not give one text')
        return value

    @field_validator("note_pattern")
    @classmethod
    def _compiles(cls, value: str | None) -> str | None:
        if value is not None and not OwnPattern(value).names:
            raise ValueError(f'"{value}" has no named group, such as (?P<order_id>[0-9]+)')
        return value


class LibrisConnector(Connector):
    """MARC records with the holdings that say how many copies go where."""

    name = "libris"
    summary = "Libris acquisition files (MARC with holdings, any Swedish supplier) as neutral order lines"
    Options = LibrisOptions
    identity = IDENTITY

    def columns(self, options: LibrisOptions, source: Source | None) -> Columns:
        """The neutral order line. Raises Refusal when the source is no MARC (E340, E341)."""
        del options
        if source is not None:
            _form(source)
        return order_columns()

    def read(self, source: Source, options: LibrisOptions, wanted: frozenset[str] | None) -> Iterator[Batch]:
        """One record for each bibliographic record; its holdings are its placements.

        Raises Refusal: E300–E302 unusable file, E340–E342 no MARC in it, E308 no such column.
        """
        form, _ = _form(source)
        layout = options.adapted(_layout(source, options))
        note = OwnPattern(options.note_pattern) if options.note_pattern else None
        named = read_file_name(source.name)
        batches = OrderBatches(
            source.name, layout, wanted, options.placements, [] if named else [_unnamed(source)]
        )
        decoder, reader = _decoder(options.encoding), LineReader(layout, named, note)
        for number, order in enumerate(orders_of(_entries(source, form, decoder)), 1):
            place = DataPlace(source.name, number, order.line, order.offset)
            told = [one.at(place) for one in _serious(order, options.no_holdings)]
            told += [one.noted(place) for one in order.notes]
            lines = []
            if order.bib is not None and not any(one.severity is Severity.ERROR for one in told):
                line, problems = reader.line_of(order, place)
                lines, told = [line], told + problems
            batches.add(place, bytes(order.raw), lines, told)
            if batches.full:
                yield batches.flush()
        for problem in assumed_encodings(decoder.assumed, source.name, found=_FOUND):
            batches.note(problem)
        yield batches.flush(last=True)

    def inspect(self, source: Source, options: LibrisOptions) -> dict[str, str]:
        """Serialisation, and what the file name says."""
        del options
        form, why = _form(source)
        named = ", ".join(f"{name} {text}" for name, text in read_file_name(source.name).items())
        return {
            "format": f"{form} ({why})",
            "file name": named or f"not {_NAME}",
        }


class _LibrisCodec(MarcCodec):
    """Libris exports have a blank leader/09 over Latin-1, and never MARC-8 (D)."""

    def of(self, raw: bytes, flagged: bool) -> RecordText:
        if self.declared != "auto" or flagged or raw.isascii() or is_utf8(raw) or b"\x1b" in raw:
            return super().of(raw, flagged)
        return RecordText("latin-1", found=True)


def _decoder(encoding: str) -> Iso2709Decoder:
    decoder = Iso2709Decoder(encoding, None)
    decoder.codec = _LibrisCodec(encoding)
    return decoder


def _form(source: Source) -> tuple[str, str]:
    form, why = find_serialisation(source, "auto")
    if form not in ("marcxml", "iso2709"):
        told = f"this is MARC as {form}; acquisition files are MARCXML or ISO 2709"
        raise Refusal(
            Problem("E341", told, data=DataPlace(source.name), help="the connector marc reads other forms")
        )
    return form, why


def _layout(source: Source, options: LibrisOptions) -> Layout:
    asked = next(iter(_LAYOUTS)) if options.layout == "auto" else options.layout
    return named_layout(source.name, _LAYOUTS, asked)


def _entries(source: Source, form: str, decoder: Iso2709Decoder) -> Iterator[Entry]:
    entries = read_marcxml(source, None) if form == "marcxml" else read_iso2709(source, decoder, _LIMIT)
    first = next(entries, None)
    if first is None:
        raise Refusal(Problem("E342", "the file has no MARC records in it", data=DataPlace(source.name)))
    yield first
    yield from entries


def _serious(order: LibrisOrder, no_holdings: str) -> list[Trouble]:
    return [one for one in order.troubles if one.code != "E377" or no_holdings == "reject"]


def _unnamed(source: Source) -> Problem:
    told = f"the file name is not {_NAME}: supplier, library and date are not known"
    help_ = "keep the name the supplier gave it, or say them:  defaults: {supplier: …, library: …}"
    return Problem("E376", told, Severity.WARNING, data=DataPlace(source.name), help=help_)
