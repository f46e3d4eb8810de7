"""One round of a delivery: outcomes and intents → rows and events, a few statements for all of them.

A statement costs more than the row it touches, so what is alike goes together: one update for the outcomes,
one insert for the intents, one insert for the events. Whatever the common statement did not take, because
another process was there before, is looked at row by row.

Two processes cannot wait for each other: whoever changes orders is alone at its institution before all
else, so who waits for others holds nothing that they wait for; and nothing is locked merely to be read. A row
is changed only as it was seen (`version`), so reading without a lock decides nothing wrong.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from etl.ledger.arrivals import Arrivals, is_older
from etl.ledger.clock import timestamp
from etl.ledger.judging import Judging, stands_corrected
from etl.ledger.known_by import NOTHING, KnownBy
from etl.ledger.orders import (
    FOUND_BY,
    Cause,
    Claim,
    Intent,
    Order,
    Settlement,
    State,
    key_text,
    normal_key,
)
from etl.ledger.process import alive
from etl.ledger.same_record import same_record
from etl.ledger.stored_values import place_text, totals_text
from etl.ledger.tables import StorableText, events, orders

_SETTLE = (
    update(orders)
    .where(orders.c.id == bindparam("the_id"), orders.c.version == bindparam("seen"))
    .values(
        state=bindparam("new_state"),
        words=bindparam("new_words"),
        refusal=bindparam("new_refusal"),
        version=orders.c.version + 1,
        run=bindparam("by_run"),
        updated_at=bindparam("now"),
        cause=bindparam("new_cause", type_=StorableText),
        number=func.coalesce(bindparam("new_number", type_=StorableText), orders.c.number),
        mms_id=func.coalesce(bindparam("new_mms_id", type_=StorableText), orders.c.mms_id),
    )
)
_EVENT = insert(events)
_INSERT = {
    name: dialect.insert(orders)
    .on_conflict_do_nothing()
    .returning(orders.c.id, orders.c.target, orders.c.key)
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
NOTHING_OFFERED: dict[str, None] = dict.fromkeys(
    ("offered_hash", "offered_payload", "offered_record", "offered_user")
)
_EMPTY: dict[str, Any] = dict.fromkeys(column.name for column in orders.columns)


class Advance:
    """What a run changes in one transaction of its institution's orders. No other process changes any of them
    until it ends.
    """

    def __init__(self, connection: Connection, institution: str, run: str) -> None:
        self._connection, self._institution, self._run = connection, institution, run
        self._now = timestamp()
        self._judging = Judging(connection, institution, run)
        self._arrivals = Arrivals(connection, institution, run, self._now)
        self._arrivals.alone()

    # ------------------------------------------------------------------------------- outcomes

    def settle(self, settlements: Sequence[Settlement]) -> list[Order | None]:
        """The orders as they now stand, as given; None: another process has taken it over."""
        if not settlements:
            return []
        ordered = sorted(settlements, key=lambda one: (one.order.target, key_text(one.order.key)))
        changed = self._connection.execute(_SETTLE, [self._outcome(one) for one in ordered])
        missed = set() if changed.rowcount == len(ordered) else self._missed(ordered)
        self._note([(one.order.id, one.state, one.words) for one in ordered if one.order.id not in missed])
        late = {one.order.id: self._late(one) for one in ordered if one.order.id in missed}
        return [
            late[one.order.id]
            if one.order.id in missed
            else replace(
                one.order,
                state=one.state,
                version=one.order.version + 1,
                words=one.words or None,
                refusal=one.refusal,
                cause=one.cause,
                number=one.number or one.order.number,
                mms_id=one.mms_id or one.order.mms_id,
            )
            for one in settlements
        ]

    def _outcome(self, done: Settlement) -> dict[str, Any]:
        return {
            "the_id": done.order.id,
            "seen": done.order.version,
            "new_state": done.state,
            "new_words": done.words or None,
            "new_refusal": done.refusal.written() if done.refusal else None,
            "by_run": self._run,
            "now": self._now,
            "new_number": done.number,
            "new_mms_id": done.mms_id,
            "new_cause": done.cause.written() if done.cause else None,
        }

    def _missed(self, settlements: Sequence[Settlement]) -> set[int]:
        """Those the common update did not find as they were seen."""
        found = {
            row.id: (row.version, row.run)
            for row in self._connection.execute(
                select(orders.c.id, orders.c.version, orders.c.run).where(
                    orders.c.id.in_([one.order.id for one in settlements])
                )
            )
        }
        return {
            one.order.id for one in settlements if found[one.order.id] != (one.order.version + 1, self._run)
        }

    def _late(self, done: Settlement) -> Order | None:
        """An answer to an order that another process has meanwhile decided upon."""
        now = self.row(done.order.id)
        if done.state is State.POSTED and now.state in (State.UNKNOWN, State.HELD, State.RELEASED):
            values = {"number": done.number, "mms_id": done.mms_id} if done.number is not None else {}
            if self.change(now, State.POSTED, f"late answer to run {self._run}: {done.words}", values):
                return self.row(now.id)
            now = self.row(now.id)
        words = f"late answer, not applied: {done.state} {done.number or ''} {done.words}"
        self._note([(done.order.id, now.state, words)])
        return now if now.state is State.POSTED and now.number == done.number else None

    # -------------------------------------------------------------------------------- intents

    def claim(self, intents: Sequence[Intent]) -> list[Claim]:
        """The answers to the intents, as given."""
        claims: dict[int, Claim] = {}
        ordered = sorted(enumerate(intents), key=lambda entry: (entry[1].target, key_text(entry[1].key)))
        fresh = [(place, one) for place, one in ordered if one.after is None]
        rows = [self._row_of(one) for _, one in fresh]
        made = self._insert(rows)
        for (place, one), values in zip(fresh, rows, strict=True):
            number = made.pop((one.target, values["key"]), None)  # once: a key may come twice in a round
            if number is not None:
                claims[place] = self._new(number, one)
        met = [(place, one) for place, one in ordered if place not in claims]
        for place, one in met:
            claims[place] = self._known(one)
        self._arrivals.note_all((claims[place].order.id, NOTHING, one.origin) for place, one in met)
        return [claims[place] for place in range(len(intents))]

    def _new(self, number: int, intent: Intent) -> Claim:
        """An order that the ledger has never met by its key: it may be one that it knows by other names."""
        self._arrivals.note(number, intent.known_by, intent.origin)
        order = self.row(number)
        return self._unlike(order, intent) or Claim("mine", order)

    def _unlike(self, order: Order, intent: Intent) -> Claim | None:
        """The claim of an order that looks like others, which is then held; None: it is like none."""
        cause = self._judging.like(order, intent)
        if cause is None:
            return None
        values = self._to_send(order, intent)
        as_it_was = values.get("payload_hash", order.payload_hash) == order.payload_hash
        if order.state is not State.HELD or order.cause != cause or not as_it_was:
            self._renew(order, intent, State.HELD, "", values | {"cause": cause.written(), "attempts": 0})
        return Claim("like", self.row(order.id), tuple(map(self.row, cause.orders)))

    def _insert(self, rows: list[dict[str, Any]]) -> dict[tuple[str, str], int]:
        if not rows:
            return {}
        statement = _INSERT[self._connection.dialect.name]
        return {(row.target, row.key): row.id for row in self._connection.execute(statement, rows)}

    def _row_of(self, intent: Intent) -> dict[str, Any]:
        return {
            "known_by": intent.known_by.written(),
            "delivery": self._run,
            **self._offer(intent),
            "institution": self._institution,
            "target": intent.target,
            "key": key_text(intent.key),
            "normal_key": key_text(normal_key(intent.key)),
            "state": State.INTENDED,
            "version": 1,
            "run": self._run,
            "attempts": 1,
            "created_at": self._now,
            "updated_at": self._now,
        }

    def _offer(self, intent: Intent) -> dict[str, Any]:
        return {
            **{name: intent.found_by.get(name) or None for name in FOUND_BY},
            "payload": intent.payload.decode(),
            "payload_hash": intent.payload_hash,
            "user_id": intent.user_id,
            "attempted_at": self._now,
            "replaced_hash": intent.replaced_hash,
            "cause": None,
            "causes": None,
            "refusal": None,
            "verified": None,
            **self._came(intent),
        }

    def _came(self, intent: Intent) -> dict[str, Any]:
        """Where it stood, and what it is known by; where it stood is not new of what comes from a sheet."""
        if intent.origin is None and intent.instead_of is not None:
            return {}
        return {
            "known_by": intent.known_by.written(),
            "delivery": intent.origin.delivery if intent.origin else self._run,
            "record": intent.origin.values if intent.origin else None,
            "totals": totals_text(intent.totals),
            "place": place_text(intent.origin) if intent.origin else None,
            "mapping": intent.origin.mapping if intent.origin else None,
            "run_date": intent.origin.run_date if intent.origin else None,
            "mapped_as": intent.origin.mapped_as if intent.origin else None,
        }

    def _known(self, intent: Intent) -> Claim:
        """The answer for a key that the ledger has met before."""
        order = self._judging.of_key(intent)
        if order is None:
            raise RuntimeError(f"{intent.key} was there, and is not there any more")
        stands = self._judging.standing(order, intent)
        if intent.after is not None and intent.after.version == order.version and stands != "anew":
            if self._again(order, intent, "surely absent: intended again"):
                return Claim("mine", self.row(order.id))
        elif stands == "free":
            like = self._unlike(order, intent)
            if like is not None:
                return like
            if self._again(order, intent, "intended again" if order.attempts else "intended"):
                return Claim("mine", self.row(order.id))
        elif stands == "changed":
            if self._offered(order, intent):
                return Claim("changed", order)
        elif stands in ("posted", "remapped") and order.offered_hash is not None:
            if is_older(self._connection, order, intent.origin) or self._withdrawn(order):
                return Claim(stands, self.row(order.id))
        elif stands == "held" and not self._same(order, intent):
            if self._offered(order, intent):
                return Claim("held", self.row(order.id))
        elif stands == "reopened" or stands == "uncorrected":
            if self._renew(order, intent, State.HELD, "", self._reopened(order, intent, stands)):
                return Claim("held", self.row(order.id))
        elif stands != "intended":
            return Claim(stands, order)
        elif alive(self._connection, order.run):
            return Claim("busy", order)
        elif self.change(
            order, State.UNKNOWN, f"left intended by run {order.run}, which ended without an answer", {}
        ):
            return Claim("unknown", self.row(order.id))
        return self._known(intent)  # changed while we looked; what stands now decides

    def _again(self, order: Order, intent: Intent, words: str) -> bool:
        values = self._to_send(order, intent) | {"attempts": _attempts(order)}
        return self._renew(order, intent, State.INTENDED, words, values)

    def _to_send(self, order: Order, intent: Intent) -> dict[str, Any]:
        """The columns of a row that is sent, or held, as what has come now; as what a person has made of it,
        where that stands. Then it is known by both: by the vendor's record and by what goes to Alma.
        """
        if stands_corrected(order, intent):
            values = {"attempted_at": self._now, "cause": None, "causes": None, **self._came(intent)}
            values["totals"] = totals_text(order.totals)
            values["replaced_hash"] = intent.payload_hash
        else:
            values = self._offer(intent)
            if intent.instead_of is None:
                return values
            # corrected twice: the mapping's is what was replaced first
            values["replaced_hash"] = order.replaced_hash or intent.replaced_hash
        return values | _known_by_both(order, intent.known_by)

    def _reopened(self, order: Order, intent: Intent, why: str) -> dict[str, Any]:
        """The columns of a row about which a person is to decide anew. What was decided before was decided of
        what it was known by then, which it is still.
        """
        cause = order.cause if order.reopened and order.cause else Cause(why)
        said: dict[str, Any] = {"cause": cause.written(), "another": None, "passed": None}
        return self._offer(intent) | said | _known_by_both(order, intent.known_by)

    def _renew(self, order: Order, intent: Intent, state: State, words: str, values: dict[str, Any]) -> bool:
        """Change a row to what has come now."""
        if intent.origin is not None and not self._same(order, intent):
            values = {"another": None, "passed": None} | values  # what a person said was said of the record
        return self.change(order, state, words, NOTHING_OFFERED | values)

    @staticmethod
    def _same(order: Order, intent: Intent) -> bool:
        return intent.origin is None or same_record(order.record, intent.origin.values)

    def _offered(self, order: Order, intent: Intent) -> bool:
        """Keep what came beside an order that has left, or may have; False: it has changed meanwhile."""
        record = intent.origin.values if intent.origin else None
        return self.offer(order, intent.payload.decode(), intent.user_id, record, None, intent.known_by)

    def offer(
        self, order: Order, payload: str, user: str | None, record: str | None, causes: str | None,
        known_by: KnownBy,
    ) -> bool:  # fmt: skip
        """The same for any line: `causes` as JSON, if no order is to be made of it. From then on the order is
        found by what it is offered as, too; what it is stays to be decided.
        """
        digest = hashlib.sha256(payload.encode()).hexdigest()
        again = (order.offered_hash, order.offered_user) == (digest, user)
        if again and (record is None or same_record(order.offered_record, record)):
            return True
        offered = {"offered_hash": digest, "offered_payload": payload, "offered_user": user}
        self._arrivals.also_called(order.id, known_by)
        values = offered | {"offered_record": record, "causes": causes}
        return self._beside(order, values, "another payload was offered, and held")

    def _withdrawn(self, order: Order) -> bool:
        """The vendor's last word is what was posted."""
        return self._beside(order, NOTHING_OFFERED | {"causes": None}, "what was offered came no more")

    def _beside(self, order: Order, values: dict[str, Any], words: str) -> bool:
        """Change what stands beside an order, which stays where it is."""
        return self._written(order, order.state, words, values)

    # ---------------------------------------------------------------------------------- a row

    def change(
        self, order: Order, state: State, words: str, values: Mapping[str, Any], also: KnownBy = NOTHING
    ) -> bool:
        """Change a row if it is still as it was seen, and write down that it changed. `also`: what the order
        is known by from now on, besides what it was known by.
        """
        stands = {"state": state, "words": words or None, "run": self._run, "updated_at": self._now}
        known = {} if also == NOTHING else _known_by_both(order, also)
        return self._written(order, state, words, {**values, **known, **stands})

    def _written(self, order: Order, state: State, words: str, values: dict[str, Any]) -> bool:
        """What a row is known by is what it is found by, whoever changes it."""
        seen = (orders.c.id == order.id, orders.c.version == order.version)
        changed = self._connection.execute(
            update(orders).where(*seen).values(**values, version=order.version + 1)
        )
        if changed.rowcount != 1:
            return False
        if "known_by" in values:
            self._arrivals.now_known_by(order, KnownBy.read(values["known_by"]))
        self._note([(order.id, state, words)])
        return True

    def row(self, order_id: int) -> Order:
        """An order as it stands."""
        return self._judging.row(order_id)

    def _note(self, changes: Sequence[tuple[int, State, str]]) -> None:
        if not changes:
            return
        self._connection.execute(
            _EVENT,
            [
                {
                    "order_id": number,
                    "at": self._now,
                    "run": self._run,
                    "state": state,
                    "words": words or None,
                }
                for number, state, words in changes
            ],
        )


def _known_by_both(order: Order, known_by: KnownBy) -> dict[str, Any]:
    """The column that says so: where another payload takes the place of an order's, it is known by both."""
    return {"known_by": (order.known_by | known_by).written()}


def _attempts(order: Order) -> int:
    """Posts in a row whose outcome was not known, with the one to come: what never left does not count."""
    if order.state is State.REFUSED:
        return 1
    return max(1, order.attempts + (order.state is State.UNKNOWN))
