"""An EDIFACT file → batches of neutral order lines: one record for each LIN, or for what cannot be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

from connectors.edifact.line import KnownOfMessage, line_of
from connectors.edifact.message import ORDERS, message_of, type_of
from connectors.edifact.options import EdifactOptions
from connectors.edifact.totals import totals_that_fit
from connectors.edifact.unused import GUIDE
from connectors.formats.edifact_messages import Part, bytes_of, check_beginning, read_parts
from connectors.formats.edifact_text import Codec, codec_of
from connectors.formats.repeated import size_of, too_long_head, too_much_repeated
from connectors.formats.trouble import Trouble
from connectors.layouts import Layout, load_layouts
from connectors.order_batches import OrderBatches
from connectors.order_line import IDENTITY, order_columns
from etl.plugin import Batch, Columns, Connector, DataPlace, Problem, Severity, Source

_LAYOUTS = load_layouts("edifact")


class EdifactConnector(Connector):
    """QUOTES, ORDERS and ORDRSP in the library profile of EDItEUR."""

    name = "edifact"
    summary = "EDIFACT quotations, orders and order responses as neutral order lines"
    Options = EdifactOptions
    guide = GUIDE
    identity = IDENTITY

    def columns(self, options: EdifactOptions, source: Source | None) -> Columns:
        """The neutral order line. Raises Refusal when the source is no EDIFACT (E395)."""
        del options
        if source is not None:
            check_beginning(source)
        return order_columns()

    def read(self, source: Source, options: EdifactOptions, wanted: frozenset[str] | None) -> Iterator[Batch]:
        """One record for each LIN; one for each part of the file that gives no lines, with its bytes."""
        reading = _Reading(source, options, wanted)
        for part in read_parts(source):
            for _ in reading.take(part):
                if reading.batches.full:
                    yield reading.batches.flush()
        reading.conclude()
        yield reading.batches.flush(last=True)

    def inspect(self, source: Source, options: EdifactOptions) -> dict[str, str]:
        """Syntax, parties and kinds of messages of the interchanges, and the encoding of the text."""
        del options
        kinds: Counter[str] = Counter()
        between: dict[str, None] = {}
        codecs: dict[str, None] = {}
        for part in read_parts(source):
            kinds["unreadable" if part.trouble or not part.segments else type_of(part)] += 1
            between[f"from {part.interchange.sender} to {part.interchange.recipient}"] = None
            codecs[codec_of(part.interchange.syntax, _text(part), "auto").name] = None
        return {
            "messages": ", ".join(f"{count} {kind}" for kind, count in kinds.items()) or "none",
            "interchange": "; ".join(between),
            "encoding": ", ".join(codecs),
        }


class _Reading:
    """One file on its way into batches."""

    def __init__(self, source: Source, options: EdifactOptions, wanted: frozenset[str] | None) -> None:
        self._source, self._options = source, options
        self._layout: Layout = options.adapted(_LAYOUTS["edifact"])
        self.batches = OrderBatches(source.name, self._layout, wanted, options.placements)
        self._number = 0
        self._others: Counter[str] = Counter()
        self._wrapped = 0

    def take(self, part: Part) -> Iterator[None]:
        """Lines of the part, one step for each."""
        counts = part.counts
        if part.trouble is None and counts is not None and (self._options.counts == "warn"):
            self._note(part, counts)
            counts = None
        if part.trouble or counts or not part.segments:
            if trouble := part.trouble or counts:
                self._reject(part, trouble)
                yield
            return
        kind = type_of(part)
        if kind not in ORDERS:
            self._reject(part, _no_order(kind))
            yield
            return
        yield from self._lines(part)

    def _lines(self, part: Part) -> Iterator[None]:
        codec = codec_of(part.interchange.syntax, _text(part), self._options.encoding)
        try:
            message = message_of(part, codec.name)
        except UnicodeDecodeError as error:
            byte = f"{error.object[error.start]:02X}"
            told = f"the message holds bytes that {codec.name} does not have, the first {byte}"
            self._reject(part, Trouble("E316", told, "set  encoding  to what the vendor writes"))
            yield
            return
        if message.counts and self._options.counts == "reject":
            self._reject(part, message.counts)
            yield
            return
        if message.counts:
            self._note(part, message.counts)
        if not message.lines:
            told = "the message has no lines (LIN)"
            self._reject(part, Trouble("E397", told, "ask the vendor what it is for"))
            yield
            return
        if trouble := too_long_head(part.interchange.size) or too_much_repeated(
            size_of(message.head), len(message.lines)
        ):
            self._reject(part, trouble)
            yield
            return
        self._remember(part, codec)
        fitting = totals_that_fit(message, self._options)
        known = KnownOfMessage(message.head, self._layout, self._options, message.mark, fitting)
        for line in message.lines:
            self._number += 1
            place = DataPlace(self._source.name, self._number, line.line, line.offset)
            read = line_of(line, known, place)
            raw = partial(bytes_of, self._source, line.offset, line.end)
            self.batches.add(place, raw, [read.row], read.problems, read.unread)
            yield

    def _reject(self, part: Part, trouble: Trouble) -> None:
        self._number += 1
        place = DataPlace(self._source.name, self._number, part.line, part.offset)
        raw = bytes_of(self._source, part.offset, part.end)
        self.batches.add(place, raw, [], [trouble.at(place)])

    def _note(self, part: Part, trouble: Trouble) -> None:
        place = DataPlace(self._source.name, line=part.line, offset=part.offset)
        told = trouble._replace(help="it was read all the same, as  counts: warn  has it")
        self.batches.note(told.at(place, Severity.WARNING))

    def _remember(self, part: Part, codec: Codec) -> None:
        if codec.other:
            self._others[f"{codec.other}, where UNB declares {part.interchange.syntax or 'nothing'}"] += 1
        self._wrapped += sum(segment.wrapped for segment in part.segments)

    def conclude(self) -> None:
        """Notes about the file as a whole."""
        place = DataPlace(self._source.name)
        for said, count in self._others.items():
            told = f"{count} message{'s' * (count != 1)} read as {said}"
            help_ = "set  encoding  to make sure of it"
            self.batches.note(Problem("E399", told, Severity.WARNING, data=place, help=help_))
        if self._wrapped:
            count = self._wrapped
            told = f"{count} segment{'s' * (count != 1)} had line breaks inside, which were taken out"
            help_ = "some systems wrap files after 80 characters; compare a long title with the vendor's"
            self.batches.note(Problem("E399", told, Severity.WARNING, data=place, help=help_))


def _text(part: Part) -> bytes:
    return b"\n".join(segment.data for segment in part.segments)


def _no_order(kind: str) -> Trouble:
    known = {"INVOIC": "an invoice", "DESADV": "a despatch advice", "OSTRPT": "an order status report"}
    what = known.get(kind, "no quotation, order or order response")
    told = f'a message of the type "{kind}" is {what}: there is nothing to order from it'
    return Trouble("E396", told, f"read are {', '.join(ORDERS)}; keep other messages out of this folder")
