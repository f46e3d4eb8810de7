"""A document → what a run, and the ledger where the run itself cannot know, have met of it before.

    key        the same order line again (E480)
    reference  one of the vendor's for two lines (E484)
    title      ordered twice in one order, or in one delivery (E445)
    barcode    on two lines: it is that of one item (E444)

Of each a hash is kept, and which record it stood in: about 180 bytes, so at most 0.6 kB an order and as much
again for three barcodes. The ledger is asked once, by an index, for each order that has barcodes. A sink with
a ledger of its own asks it for them when it sends (E828).
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from etl.ledger.known_by import folded, strongest_title
from etl.ledger.same_record import same_record
from etl.plan.plan import Plan
from etl.plugin import Identity
from etl.problems import Problem, Severity
from etl.run.again import LineAgain
from etl.run.arriving import RecordOrigins, digest_of
from etl.run.memory import Memory
from etl.run.outcomes import Built, Held, SourceRow, sent_digest

_FILES = 0xFFFFFFFF
_RECORDS = 0xFFFFFFFFFFFFFFFF


@dataclass(slots=True)
class SeenBefore:
    """Of one run. `files`: their names, in order. `again`: the line that is mapped alone."""

    plan: Plan
    memory: Memory | None
    origins: RecordOrigins
    files: dict[str, int] = field(default_factory=dict)
    again: LineAgain | None = None
    keys: dict[bytes, int] = field(default_factory=dict)
    _references: dict[bytes, int] = field(default_factory=dict)
    _titles: dict[bytes, int] = field(default_factory=dict)
    _barcodes: dict[bytes, int] = field(default_factory=dict)

    def file(self, name: str) -> None:
        """One that is read from now on."""
        self.files.setdefault(name, len(self.files))

    def of_key(self, made: Built | Held, row: SourceRow) -> Problem | None:
        """The same key twice in one run: the second is never delivered."""
        digest = digest_of(made.key or ())
        payload = sent_digest(made.user, made.payload)
        first = self.keys.get(digest) or self._sibling(made, row)
        if first is None:
            self.keys[digest] = self._one(payload, row.record, row.file)
            return None
        same = first >> 96 == payload
        words = "the same order line as" if same else "the same key as"
        file, record = self._place(first)
        return Problem(
            "E480",
            f"{words} record {record} of {file}: {' + '.join(made.key or ())}",
            mapping=self.plan.spec.place("key"),
            data=row.place(),
            help=self._apart_or_together(same, file == row.file and record == row.record),
        )

    def of_reference(self, built: Built, row: SourceRow) -> Iterator[Problem]:
        """Values that should differ from document to document (a vendor's line reference), but do not."""
        for name in self.plan.target.unique_in_run:
            value = getattr(built.document, name, None)
            if not value:
                continue
            first = self._references.setdefault(_digest(name, value), self._referred(value) or row.record)
            if first != row.record:
                yield Problem(
                    "E484",
                    f'{name} "{value}" was also sent for record {first}',
                    Severity.WARNING,
                    mapping=self.plan.spec.place("fields", name),
                    data=row.place(),
                    help="fine if it names the whole order; if it should name the line, add the line number",
                )

    def of_title(self, made: Built | Held, told: Identity, row: SourceRow) -> Iterator[Problem]:
        """A title that comes again in its delivery, or in its order: each is compared with the one before.
        `told`: see `told_of`.
        """
        title = strongest_title((*made.identity.titles, *told.titles))
        if not title:
            return
        order = zlib.crc32(f"{made.identity.vendor}\x1f{folded(made.identity.order)}".encode())
        digest = _digest("title", title)
        before = self._titles.get(digest)
        self._titles[digest] = self._one(order, row.record, row.file)
        if before is None:
            return
        file, record = self._place(before)
        one_order = bool(made.identity.order) and before >> 96 == order
        if (file, record) == (row.file, row.record) or not (one_order or file == row.file):
            return  # a record in several rows says its title once
        where = f"in order {made.identity.order}" if one_order else "in this delivery"
        yield Problem(
            "E445",
            f'"{title.partition(" ")[2]}" is ordered twice {where}: by record {record} of {file} too',
            Severity.NOTE,
            mapping=self.plan.spec.place("fields", "resource_metadata"),
            data=row.place(),
            help="fine if more copies are wanted; if the vendor's file says one line twice, take one out",
        )

    def of_barcode(self, made: Built | Held, told: Identity, rows: Sequence[SourceRow]) -> Problem | None:
        """One that another line has: in this run, or written to a file by an earlier one. The first line that
        is not held for it has it from then on. `told`: see `told_of`.
        """
        memory, row = self.memory, rows[0]
        if memory is not None and memory.place.own:
            return None
        barcodes = dict.fromkeys(filter(None, map(folded, (*made.identity.barcodes, *told.barcodes))))
        if not barcodes:
            return None
        digests = {_digest("barcode", one): one for one in barcodes}
        for digest, barcode in digests.items():
            if digest in self._barcodes:
                file, record = self._place(self._barcodes[digest])
                return self._shared(barcode, f"record {record} of {file}", row)
        found = memory and memory.holder_of_barcode(made.key or (), self.origins.of(rows), list(barcodes))
        if found:
            barcode, order = found
            return self._shared(barcode, f'order {order.id} ("{order.shown}") of the ledger', row)
        self._barcodes |= dict.fromkeys(digests, self._one(0, row.record, row.file))
        return None

    def _shared(self, barcode: str, other: str, row: SourceRow) -> Problem:
        return Problem(
            "E444",
            f'the barcode "{barcode}" is that of one item, and {other} has it too',
            Severity.HOLD,
            mapping=self.plan.spec.place("fields", "location"),
            data=row.place(),
            help="correct it, or leave it out: Alma makes one. If it is meant as it is, a person releases it",
        )

    def told_of(self, made: Built | Held) -> Identity:
        """What the document says of itself, as far as there is one."""
        target = self.plan.target
        if isinstance(made, Built):
            return target.identity(made.document)
        document = target.parse(made.payload) if made.payload is not None else []
        return Identity() if isinstance(document, list) else target.identity(document)

    # ------------------------------------------------------------------------- where it was met

    def _one(self, mark: int, record: int, file: str) -> int:
        """An integer, not a tuple: there may be a million of them."""
        return mark << 96 | record << 32 | self.files[file]

    def _place(self, one: int) -> tuple[str, int]:
        """The file and the record."""
        return list(self.files)[one & _FILES], one >> 32 & _RECORDS

    def _sibling(self, made: Built | Held, row: SourceRow) -> int | None:
        """Of a line that is mapped alone: the record of its delivery that has the key already."""
        again, memory = self.again, self.memory
        found = memory.sibling(again.order, again.places, made.key or ()) if again and memory else None
        if again is None or found is None:
            return None
        order, record = found
        same = same_record(order.record, again.order.record)
        mine = (made.user, made.payload) if same else (order.user_id, order.payload.encode())
        return self._one(sent_digest(*mine), record, row.file)

    def _referred(self, value: str) -> int | None:
        """Of a line that is mapped alone: the record of its delivery that has the reference."""
        if self.again is None or self.memory is None:
            return None
        return self.memory.referred(self.again.order, self.again.places, value)

    def _apart_or_together(self, same: bool, one_record: bool) -> str | None:
        """What to do about two documents of one key. Rows of `one_record` are mostly parts of one line; what
        is the same and comes of another record was delivered twice.
        """
        if same and not one_record:
            return None
        named = [name if name.isidentifier() else f'"{{{{ {name} }}}}"' for name, _ in self.plan.key]
        parts = ", ".join(named)
        together = f"one order line in several rows:  group_by: [{parts}]"
        apart = "two order lines: add a column to key that tells them apart"
        if self.plan.group_by:
            return apart
        return f"{together};  {apart}" if one_record else f"{apart};  {together}"


def _digest(kind: str, value: str) -> bytes:
    return hashlib.blake2b(f"{kind}\x1f{value}".encode(), digest_size=12).digest()
