"""MARC records → batches of the columns declared by path.

What a path may say stands in `connectors.formats.marc_path`. A value that is absent is null, a list that is
absent is empty. Records keep to themselves: a damaged one is rejected with its bytes, and the next is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from connectors.formats import marc_path
from connectors.formats.aleph import read_aleph
from connectors.formats.iso2709 import Iso2709Decoder
from connectors.formats.iso2709_file import read_iso2709
from connectors.formats.marc_anatomy import anatomy
from connectors.formats.marc_batches import MarcBatches
from connectors.formats.marc_bytes import ASSUMED, MarcCodec, check_marc_encoding
from connectors.formats.marc_detection import Serialisation, find_serialisation
from connectors.formats.marc_json import read_marc_json
from connectors.formats.marc_order_data import TAGS
from connectors.formats.marc_parts_read import PathsRead
from connectors.formats.marc_path import MarcPath, parse_path, tags_of
from connectors.formats.marc_record import Entry
from connectors.formats.marcxml import read_marcxml
from connectors.formats.mrk import read_mrk
from connectors.formats.opening import read_head
from etl.plugin import (
    Batch,
    Columns,
    Connector,
    Counted,
    DataPlace,
    Evidence,
    Options,
    Problem,
    Refusal,
    Severity,
    Source,
)  # fmt: skip

_RESERVED = frozenset({"_record", "_line", "_offset"})


class MarcOptions(Options):
    """Which columns to cut, and how the file is written."""

    columns: dict[str, str] = Field(
        default_factory=dict,
        description="Column name → MARC path, for example isbn: 020$a, title: 245$a$b, isbns: 020$a[].",
    )
    rows: str | None = Field(
        None,
        pattern=r"^[0-9A-Za-z]{3}$",
        description="Tag of a repeated field (960): each one is a row of its own. A path 961@$d then reads "
        "the 961 that belongs to the row's 960.",
    )
    no_rows: Literal["reject", "one"] = Field(
        "reject",
        description="A record without that field is rejected, or gives one row with those columns empty.",
    )
    format: Literal["auto", "iso2709", "marcxml", "json", "mrk", "aleph"] = Field(
        "auto", description="auto: told by the first bytes. json is MARC-in-JSON, mrk MARCMaker text."
    )
    encoding: str = Field(
        "auto",
        description="auto: by leader/09, and where that is blank by the bytes (a note says what was taken). "
        "Else marc-8, utf-8, latin-1, windows-1252, cp1251, koi8-r, cp866 or any other codec of Python in "
        "which ASCII is itself. XML says its own; JSON is utf-8 unless named otherwise.",
    )
    max_record_bytes: int = Field(
        1 << 20, ge=1024, description="A longer record is rejected; bounds the memory used."
    )

    @field_validator("columns")
    @classmethod
    def _are_paths(cls, value: dict[str, str]) -> dict[str, str]:
        wrong = [
            f'"{name}" cannot be a column name' for name in value if name in _RESERVED or not name.strip()
        ]
        for name, path in value.items():
            try:
                parse_path(path)
            except ValueError as error:
                wrong.append(f'column "{name}": {error}')
        if wrong:
            raise ValueError("; ".join(wrong))
        return value

    @field_validator("encoding")
    @classmethod
    def _is_encoding(cls, value: str) -> str:
        return check_marc_encoding(value)

    @model_validator(mode="after")
    def _rows_are_single(self) -> MarcOptions:
        for name, text in self.columns.items():
            if paired := parse_path(text).paired:
                if self.rows is None:
                    raise ValueError(
                        f'column "{name}": "{text}" pairs fields, so  rows  must name the others'
                    )
                if self.rows in paired:
                    raise ValueError(f'column "{name}": the row is a field {self.rows}; write it without @')
            for cut in parse_path(text).cuts:
                if self.rows and cut.tag == self.rows and cut.nth:
                    told = f'each row has one field {self.rows}, so "{text}" cannot ask for number {cut.nth}'
                    raise ValueError(f'column "{name}": {told}')
        return self

    def paths(self) -> dict[str, MarcPath]:
        """The columns, compiled."""
        return {name: parse_path(text) for name, text in self.columns.items()}


class MarcConnector(Connector):
    """MARC 21 records in any usual serialisation, with embedded order data."""

    name = "marc"
    summary = "MARC 21 records (ISO 2709, MARCXML, JSON, .mrk, Aleph): columns are declared by path"
    Options = MarcOptions
    guide = marc_path.__doc__ or ""

    def columns(self, options: MarcOptions, source: Source | None) -> Columns:
        """The declared columns; a source is looked at only to refuse what is no MARC."""
        if source is not None:
            find_serialisation(source, options.format)
        lists = {name for name, path in options.paths().items() if path.many}
        return Columns(
            {n: f"MARC {text}{', a list' * (n in lists)}" for n, text in options.columns.items()},
            closed=True,
            kinds=dict.fromkeys(lists, "texts"),
            others="text",
        )

    def read(self, source: Source, options: MarcOptions, wanted: frozenset[str] | None) -> Iterator[Batch]:
        """Batches of about 5,000 rows. Only fields that a wanted column reads are decoded.

        Raises Refusal: E300–E302, E340–E341 unusable file, E342 no records in it, E308 an undeclared wanted
        column.
        """
        paths = _wanted_paths(source.name, options, wanted)
        tags = tags_of(paths.values())
        if tags is not None:
            tags |= TAGS | ({options.rows} if options.rows else set())
        codec, entries = _entries(source, options, tags, PathsRead.by(paths.values(), options.rows))
        yield from MarcBatches(source.name, paths, options.rows, options.no_rows == "one").of(entries)
        for name, count in codec.assumed.items():
            code, said = ASSUMED[name]
            told = f"{count} record{'s' * (count != 1)} with text beyond ASCII {said}"
            note = Problem(code, told, Severity.WARNING, data=DataPlace(source.name))
            empty = MarcBatches(source.name, paths).of(())
            yield Batch(next(empty).frame, notes=(note,))

    def recognise(self, source: Source) -> Evidence:
        """JSON may be anybody's: that of MARC has a leader and fields."""
        form, why = find_serialisation(source, "auto")
        if form == "json" and not any(key in read_head(source) for key in (b'"leader"', b'"fields"')):
            told = "the JSON has neither a leader nor fields, as MARC-in-JSON has"
            raise Refusal(Problem("E340", told, data=DataPlace(source.name)))
        return Evidence(f"it is MARC, {form} ({why})")

    def parts(self, source: Source, options: MarcOptions) -> tuple[list[Counted], dict[str, Any]]:
        """Fields and subfields; columns for those that most records have, rows for order fields."""
        return anatomy(_entries(source, options, None)[1])

    def inspect(self, source: Source, options: MarcOptions) -> dict[str, str]:
        """Serialisation, and the encoding found in the first 1,000 records."""
        form, why = find_serialisation(source, options.format)
        codec, entries = _entries(source, options, None)
        sample = list(islice(entries, 1000))
        unreadable = sum(1 for entry in sample if entry.record is None)
        return {
            "format": f"{form} ({why})",
            "encoding": _encoding_of(form, options, codec, sample),
            "unreadable": f"{unreadable} of the first {len(sample)} records",
        }


def _encoding_of(form: Serialisation, options: MarcOptions, codec: MarcCodec, sample: list[Entry]) -> str:
    if form == "marcxml":
        return "as the XML declares"
    if options.encoding != "auto":
        return f"{options.encoding}, set by the option encoding"
    if form == "json":
        return "utf-8, as JSON is"
    flagged = sum(1 for entry in sample if entry.record and entry.record.leader[9:10] == "a")
    guessed = [f"{count} unflagged read as {name}" for name, count in codec.assumed.items()]
    told = "; ".join([f"leader/09 says UTF-8 in {flagged}", *guessed])
    return f"auto: of the first {len(sample)} records, {told}"


def _entries(
    source: Source,
    options: MarcOptions,
    tags: frozenset[str] | None,
    reads: PathsRead | None = None,
) -> tuple[MarcCodec, Iterator[Entry]]:
    """The encodings (complete when the entries have been read), and the entries, of which there is at least
    one.
    """
    form, _ = find_serialisation(source, options.format)
    codec, limit = MarcCodec(options.encoding), options.max_record_bytes
    match form:
        case "marcxml":
            entries = read_marcxml(source, tags)
        case "json":
            entries = read_marc_json(source, options.encoding, tags, limit)
        case "mrk":
            entries = read_mrk(source, codec, tags, limit, reads)
        case "aleph":
            entries = read_aleph(source, codec, tags, limit, reads)
        case "iso2709":
            decoder = Iso2709Decoder(options.encoding, tags, reads)
            codec, entries = decoder.codec, read_iso2709(source, decoder, limit)
    return codec, _some(source, entries)


def _some(source: Source, entries: Iterator[Entry]) -> Iterator[Entry]:
    first = next(entries, None)
    if first is None:
        raise Refusal(Problem("E342", "the file has no MARC records in it", data=DataPlace(source.name)))
    yield first
    yield from entries


def _wanted_paths(file: str, options: MarcOptions, wanted: frozenset[str] | None) -> dict[str, MarcPath]:
    paths = options.paths()
    if wanted is None:
        return paths
    declared = ", ".join(paths) or "none"
    missing = sorted(wanted - _RESERVED - set(paths))
    if missing:
        raise Refusal(
            Problem(
                "E308",
                f'the file has no column "{name}"',
                data=DataPlace(file),
                help=f"declare it under source.options.columns; declared are: {declared}",
            )
            for name in missing
        )
    return {name: path for name, path in paths.items() if name in wanted}
