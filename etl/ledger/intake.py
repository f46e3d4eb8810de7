"""What came in a run: its deliveries, the mapping of then, and every line that is no order on its way.

Lines are written down before anything is delivered, and again where a sink has put them into a file. A line
that comes again takes the place of what it was, unless it was sent: an order that Alma has, or may have,
stays what it is, and what came instead is offered beside it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, and_, insert, or_, select, update

from etl.ledger.advance import NOTHING_OFFERED, Advance
from etl.ledger.arrivals import Arrivals, has_come_anew, is_older
from etl.ledger.clock import timestamp
from etl.ledger.database import reading, transaction
from etl.ledger.known_by import NOTHING, KnownBy
from etl.ledger.lines import Line
from etl.ledger.orders import FOUND_BY, Cause, Order, State, key_text, normal_key
from etl.ledger.process import Run
from etl.ledger.same_record import same_record
from etl.ledger.stored_values import place_text, totals_text
from etl.ledger.tables import (
    arrivals,
    deliveries,
    events,
    mapping_files,
    mappings,
    order_records,
    orders,
)

_AT_ONCE = 200
_NOT_SENT = (State.REJECTED, State.SKIPPED, State.HELD, State.REFUSED, State.RELEASED)
_DELIVERED = (State.POSTED, State.INTENDED, State.UNKNOWN, State.WRITTEN)


@dataclass(frozen=True, slots=True)
class MappingVersion:
    """A mapping as it was: every file that has a say in what it makes. `files`: path → content, paths
    relative to the folder that holds them all; `path` is the mapping's own. `parameters`: those given.
    `place`: where it stands, whatever other files there are.
    """

    name: str
    path: str
    files: Mapping[str, bytes]
    parameters: Mapping[str, Any]
    place: str = ""

    @property
    def mapped_as(self) -> str:
        """The same in all its versions: its name, where it stands, and what it was given."""
        return json.dumps([self.name, self.place, dict(self.parameters)], sort_keys=True, default=str)

    @property
    def hash(self) -> str:
        """The same for the same files and parameters."""
        every = [self.name, self.path, self.file_hashes, dict(self.parameters)]
        return hashlib.sha256(json.dumps(every, sort_keys=True, default=str).encode()).hexdigest()

    @property
    def file_hashes(self) -> dict[str, str]:
        return {name: hashlib.sha256(content).hexdigest() for name, content in sorted(self.files.items())}


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file (or received body) of a run: SHA-256 of its bytes in hex, its size in bytes."""

    name: str
    hash: str
    size: int


def kept_mapping(engine: Engine, digest: str) -> MappingVersion | None:
    """A mapping as it was when it was run; None if the ledger has not kept it."""
    with reading(engine) as connection:
        row = connection.execute(select(mappings).where(mappings.c.hash == digest)).one_or_none()
        if row is None:
            return None
        hashes: dict[str, str] = json.loads(row.files)
        query = select(mapping_files).where(mapping_files.c.hash.in_(hashes.values()))
        contents = {one.hash: bytes(one.content) for one in connection.execute(query)}
    files = {name: contents[one] for name, one in hashes.items()}
    return MappingVersion(row.name, row.path, files, json.loads(row.parameters))


def arrived_of(engine: Engine, order: Order) -> tuple[Arrived, tuple[tuple[int, int], ...]] | None:
    """The file that an order line came in last, and which rows of it: (record, part); None: not known."""
    query = (
        select(deliveries, order_records.c.record, order_records.c.part)
        .join(order_records, order_records.c.delivery_id == deliveries.c.id)
        .where(
            deliveries.c.institution == order.institution,
            deliveries.c.hash == order.delivery,
            order_records.c.order_id == order.id,
        )
        .order_by(order_records.c.record, order_records.c.part)
    )
    with reading(engine) as connection:
        rows = connection.execute(query).all()
    if not rows:
        return None
    first = rows[0]
    return Arrived(first.name, first.hash, first.size), tuple((row.record, row.part) for row in rows)


class Intake:
    """Of one institution (or another destination), by one process. `posts`: what goes there cannot be
    repeated, so that an older file that is run again does not undo a newer one.
    """

    def __init__(self, engine: Engine, institution: str, run: Run, *, posts: bool = False) -> None:
        self._engine, self._institution, self._run, self._posts = engine, institution, run, posts

    def arrive(self, files: Iterable[Arrived], version: MappingVersion, run_date: str, sink: str) -> None:
        """Note which files came, and by what they are mapped."""
        now = timestamp()
        with transaction(self._engine) as connection:
            met = Arrivals(connection, self._institution, self._run.id, now)
            met.alone()
            _keep(met, version, now)
            values = [
                {
                    "delivery_id": met.delivery(file.hash, file.name, file.size),
                    "name": file.name,
                    "mapping": version.hash,
                    "run_date": run_date,
                    "sink": sink,
                    "run": self._run.id,
                    "at": now,
                }
                for file in files
            ]
            if values:
                connection.execute(insert(arrivals), values)

    def take(self, lines: Iterable[Line]) -> None:
        """Write lines down, some hundred in one transaction."""
        every = iter(lines)
        while some := list(islice(every, _AT_ONCE)):
            with transaction(self._engine) as connection:
                _Taking(connection, self._institution, self._run.id, self._posts).take(some)

    def close(self, deliveries: Collection[str]) -> None:
        """End the lines of these deliveries that are something else by now: an order, or skipped."""
        for digest in sorted(deliveries):
            with transaction(self._engine) as connection:
                advance = Advance(connection, self._institution, self._run.id)
                for order, other, skipped in list(
                    _became(connection, self._institution, digest, self._run.id)
                ):
                    if skipped and not order.keyless:
                        advance.change(order, State.SKIPPED, "", {"cause": None})
                    else:
                        became = Cause("became", (other,)).written()
                        advance.change(order, State.DISMISSED, "", {"cause": became})


class _Taking:
    """One transaction."""

    def __init__(self, connection: Connection, institution: str, run: str, posts: bool) -> None:
        self._connection, self._institution, self._run, self._posts = connection, institution, run, posts
        self._now = timestamp()
        self._advance = Advance(connection, institution, run)
        self._arrivals = Arrivals(connection, institution, run, self._now)

    def take(self, lines: Sequence[Line]) -> None:
        known = self._known(lines)
        fresh: dict[tuple[str, str], Line] = {}
        for line in lines:
            name = line.target, key_text(normal_key(line.ledger_key))
            if name in known:
                self._met(known[name], line)
            else:
                fresh[name] = line
        self._insert(fresh)
        every = ((line.target, key_text(normal_key(line.ledger_key)), line) for line in lines)
        self._arrivals.note_all(
            (known[target, key].id, NOTHING, line.origin)
            for target, key, line in every
            if (target, key) in known
        )

    def _known(self, lines: Sequence[Line]) -> dict[tuple[str, str], Order]:
        found: dict[int, Order] = {}
        for target in {line.target for line in lines}:
            ours = [line.ledger_key for line in lines if line.target == target]
            for column, keys in (
                (orders.c.normal_key, {key_text(normal_key(key)) for key in ours}),
                (orders.c.key, {key_text(key) for key in ours}),
            ):
                query = select(orders).where(
                    orders.c.institution == self._institution, orders.c.target == target, column.in_(keys)
                )
                for row in self._connection.execute(query).mappings():
                    found[row["id"]] = Order.of(dict(row))
        # of two of one normal form, which old ledgers may have, the first
        every = sorted(found.values(), key=lambda order: order.id, reverse=True)
        return {(order.target, key_text(order.normal_key)): order for order in every}

    def _insert(self, fresh: Mapping[tuple[str, str], Line]) -> None:
        if not fresh:
            return
        rows = [
            {
                **_values(line, self._now),
                "institution": self._institution,
                "target": target,
                "key": key_text(line.ledger_key),
                "normal_key": normal,
                "state": line.state,
                "version": 1,
                "run": self._run,
                "attempts": 0,
                "created_at": self._now,
                "updated_at": self._now,
            }
            for (target, normal), line in fresh.items()
        ]
        made = self._connection.execute(
            insert(orders).returning(orders.c.id, orders.c.target, orders.c.normal_key), rows
        )
        ids = {(row.target, row.normal_key): row.id for row in made}
        self._note([(ids[name], line.state) for name, line in fresh.items()])
        self._arrivals.note_all((ids[name], line.known_by, line.origin) for name, line in fresh.items())

    def _met(self, order: Order, line: Line) -> None:
        """A line that the ledger knows by its key."""
        while not self._has_taken(order, line):
            order = self._advance.row(order.id)  # another process was there; what stands now decides

    def _has_taken(self, order: Order, line: Line) -> bool:
        """False: the order is not as it was seen any more."""
        same = same_record(order.record, line.origin.values)
        if line.state is State.SKIPPED and order.mapped_as not in (None, line.origin.mapped_as):
            return True  # another mapping makes it, and this one leaves it to that
        if order.state is State.INTENDED or has_come_anew(self._connection, order, line.origin):
            return True  # whoever is at it settles it first; the vendor's last word stands
        if self._posts and is_older(self._connection, order, line.origin):
            return True
        answered = not self._posts and line.state in (State.WRITTEN, State.REFUSED)  # by a sink, anew
        in_doubt = order.in_doubt and not (answered and order.state is State.UNKNOWN)
        if order.state is State.POSTED or in_doubt:
            same |= line.state is State.RELEASED and order.has_been_sent(line.payload_hash, line.user)
            return same or self._offered(order, line)
        if line.state is State.SKIPPED and (order.dismissed or order.state is State.CANCELLED):
            return True  # it is wanted as little as before
        if same and (line.state is State.RELEASED or (order.decided and line.state is not State.WRITTEN)):
            return True  # a person has decided, or it is there: it only was not delivered
        values = _values(line, self._now)
        state = line.state
        if not same:
            values |= {"another": None, "passed": None, "replaced_hash": None}
        if order.reopened or (not same and (order.dismissed or order.state is State.CANCELLED)):
            cause = order.cause if order.reopened and order.cause else Cause("reopened")
            state, values["cause"] = State.HELD, cause.written()
            values["known_by"] = (order.known_by | line.known_by).written()  # as it was decided about
        elif order.state is State.HELD and order.looks_like and line.state is State.HELD:
            values["cause"] = order.cause and order.cause.written()
        before = [cause["code"] for cause in order.causes]
        stood = (order.state, order.payload_hash, order.user_id, before)
        if (state, line.payload_hash, line.user, line.codes) == stood:
            seen = (orders.c.id == order.id, orders.c.version == order.version)
            changed = self._connection.execute(
                update(orders).where(*seen).values(**values, run=self._run)
            ).rowcount
            if changed:
                self._arrivals.now_known_by(order, KnownBy.read(values["known_by"]))
            return bool(changed)
        return self._advance.change(order, state, "", NOTHING_OFFERED | values)

    def _offered(self, order: Order, line: Line) -> bool:
        """What came for an order that has left, or may have, and is another record than it was sent for."""
        causes = json.dumps(line.causes)
        return self._advance.offer(
            order, line.payload.decode(), line.user, line.origin.values, causes, line.known_by
        )

    def _note(self, changes: Sequence[tuple[int, State]]) -> None:
        values = [
            {"order_id": number, "at": self._now, "run": self._run, "state": state}
            for number, state in changes
        ]
        self._connection.execute(insert(events), values)


def _values(line: Line, now: str) -> dict[str, Any]:
    return {
        **{name: line.found_by.get(name) or None for name in FOUND_BY},
        "payload": line.payload.decode(),
        "payload_hash": line.payload_hash,
        "user_id": line.user,
        "attempted_at": now,
        "cause": Cause("check").written() if line.state is State.HELD else None,
        "causes": json.dumps(line.causes) if line.causes else None,
        "refusal": None,
        "known_by": line.known_by.written(),
        "delivery": line.origin.delivery,
        "record": line.origin.values,
        "totals": totals_text(line.totals),
        "place": place_text(line.origin),
        "raw": line.raw,
        "mapping": line.origin.mapping,
        "run_date": line.origin.run_date,
        "mapped_as": line.origin.mapped_as,
    }


def _became(
    connection: Connection, institution: str, digest: str, run: str
) -> Iterator[tuple[Order, int, bool]]:
    """Lines that have come to their end, what stands at their place by now, and whether that is skipped.
    Those that had no key; those of an old key whose record has been delivered under another; and those that
    the run has skipped: all by the same mapping.
    """
    ours, theirs = order_records, order_records.alias()
    other = orders.alias()
    skipped = and_(other.c.state == State.SKIPPED, other.c.run == run, orders.c.run != run)
    skipped = and_(skipped, other.c.causes.is_(None))  # not one that came twice: the first is there
    later = other.c.updated_at > orders.c.updated_at
    delivered = and_(other.c.state.in_(_DELIVERED), later, orders.c.state != State.HELD)
    query = (
        select(*orders.c, other.c.id.label("became"), other.c.state.label("other_state"))
        .join(ours, ours.c.order_id == orders.c.id)
        .join(
            theirs,
            and_(
                theirs.c.delivery_id == ours.c.delivery_id,
                theirs.c.record == ours.c.record,
                theirs.c.part == ours.c.part,
                theirs.c.order_id != orders.c.id,
            ),
        )
        .join(other, other.c.id == theirs.c.order_id)
        .where(
            orders.c.institution == institution,
            orders.c.delivery == digest,
            orders.c.state.in_(_NOT_SENT),
            orders.c.target == other.c.target,
            orders.c.mapped_as == other.c.mapped_as,
            or_(and_(orders.c.key.like('["sha256:%'), later), delivered, skipped),
        )
    )
    met: set[int] = set()
    for row in connection.execute(query).mappings().all():
        order = Order.of(dict(row))
        if order.id in met or order.in_doubt or order.reopened or order.passed or order.replaced_hash:
            continue
        is_skipped = row["other_state"] == State.SKIPPED
        if order.keyless or not (is_skipped and order.state is State.SKIPPED):
            met.add(order.id)
            yield order, row["became"], is_skipped


def _keep(met: Arrivals, version: MappingVersion, now: str) -> None:
    """The mapping of today, once."""
    hashes = version.file_hashes
    met.put(
        mapping_files,
        [
            {"hash": digest, "content": version.files[name]}
            for name, digest in sorted(hashes.items(), key=lambda one: one[1])  # as every institution does
        ],
    )
    met.put(
        mappings,
        [
            {
                "hash": version.hash,
                "name": version.name,
                "path": version.path,
                "files": json.dumps(hashes),
                "parameters": json.dumps(dict(version.parameters), default=str),
                "at": now,
            }
        ],
    )
