"""Intents and outcomes → a memory that two processes cannot contradict.

Every method is one transaction. An order is sent only after `advance` has answered `mine`, which means that
the intent is on disk and that no other process can get the same answer for the same key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Engine, Text, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from etl.ledger.database import transaction
from etl.ledger.orders import Claim, Intent, Order, Settlement, State, key_text
from etl.ledger.process import Run, alive, timestamp
from etl.ledger.tables import events, orders, places
from etl.problems import Problem, Refusal

_FREE = (State.REFUSED, State.RELEASED)
# The two statements of every post, built once.
_SETTLE = (
    update(orders)
    .where(orders.c.id == bindparam("the_id"), orders.c.version == bindparam("seen"))
    .values(
        state=bindparam("new_state"),
        words=bindparam("new_words"),
        version=orders.c.version + 1,
        run=bindparam("by_run"),
        updated_at=bindparam("now"),
        number=func.coalesce(bindparam("new_number", type_=Text), orders.c.number),
        mms_id=func.coalesce(bindparam("new_mms_id", type_=Text), orders.c.mms_id),
    )
)
_EVENT = insert(events)
_EMPTY: dict[str, Any] = dict.fromkeys(column.name for column in orders.columns)


class Ledger:
    """One institution's orders in a database. `run` is the process that writes."""

    def __init__(self, engine: Engine, institution: str, run: Run) -> None:
        self._engine, self._institution, self.run = engine, institution, run
        dialect = postgresql if engine.dialect.name == "postgresql" else sqlite
        self._insert = dialect.insert(orders).on_conflict_do_nothing().returning(orders.c.id)

    @property
    def database(self) -> Engine:
        """Where it is, for those who only read."""
        return self._engine

    def bind(self, address: str) -> None:
        """Tie the institution's name to an Alma. Raises Refusal (E814) if it stands for another one.

        Otherwise orders of a rehearsal would count as sent, or orders of one library as another's.
        """
        with transaction(self._engine) as connection:
            bound = connection.execute(
                select(places.c.address).where(places.c.institution == self._institution)
            ).scalar()
            if bound is None:
                connection.execute(insert(places).values(institution=self._institution, address=address))
            elif bound != address:
                raise Refusal(
                    Problem(
                        "E814",
                        f'in this ledger "{self._institution}" is the Alma at {bound}, not {address}',
                        help="name the other one with institution: NAME, or use another ledger",
                    )
                )

    def advance(
        self, settlements: Sequence[Settlement], intents: Sequence[Intent]
    ) -> tuple[list[Order | None], list[Claim]]:
        """Note outcomes and ask for further orders, in one commit: (orders as they now stand, claims), as
        given.

        An order is None when it was no longer ours to settle: another process has taken it over, and the
        outcome is only written down as an event.

        Rows are touched in the order of their keys, so that two processes cannot wait for each other.
        """
        noted: dict[int, Order | None] = {}
        claims: dict[int, Claim] = {}
        work: list[tuple[tuple[str, str], int, Settlement | Intent]] = [
            ((one.order.target, key_text(one.order.key)), place, one) for place, one in enumerate(settlements)
        ]
        work += [((one.target, key_text(one.key)), place, one) for place, one in enumerate(intents)]
        with transaction(self._engine) as connection:
            for _, place, one in sorted(work, key=lambda entry: entry[0]):
                if isinstance(one, Settlement):
                    noted[place] = self._settle(connection, one)
                else:
                    claims[place] = self._claim(connection, one)
        return [noted[place] for place in range(len(settlements))], [
            claims[place] for place in range(len(intents))
        ]

    def still_mine(self, order: Order) -> bool:
        """Nobody has taken this intended order over: to be asked when this process may have been believed
        dead.
        """
        self.run.beat()
        with transaction(self._engine) as connection:
            found = self._row(connection, order.id)
            return (
                found.state is State.INTENDED and found.run == self.run.id and found.version == order.version
            )

    def settled_since(self, order: Order) -> bool:
        """Has the process that was at this order finished with it, or died?"""
        with transaction(self._engine) as connection:
            now = self._row(connection, order.id)
            return now.version != order.version or not alive(connection, order.run)

    def owners_of(self, numbers: Iterable[str]) -> dict[str, int]:
        """Which of Alma's numbers belong to which order of this ledger."""
        wanted = list(numbers)
        with transaction(self._engine) as connection:
            rows = connection.execute(
                select(orders.c.number, orders.c.id).where(
                    orders.c.institution == self._institution, orders.c.number.in_(wanted)
                )
            )
            return {row.number: row.id for row in rows}

    def open_orders(self) -> list[Order]:
        """Orders whose fate is not known: unknown, or intended by a process that is dead."""
        with transaction(self._engine) as connection:
            rows = connection.execute(
                select(orders)
                .where(
                    orders.c.institution == self._institution,
                    orders.c.state.in_((State.UNKNOWN, State.INTENDED)),
                )
                .order_by(orders.c.id)
            ).mappings()
            found = [Order.of(dict(row)) for row in rows]
            return [one for one in found if one.state is State.UNKNOWN or not alive(connection, one.run)]

    def decide(self, order: Order, state: State, words: str, **values: Any) -> bool:
        """A person's (or a settlement's) decision on an order as it was seen; False if it has changed
        since.
        """
        with transaction(self._engine) as connection:
            return self._change(connection, order, state, words, values)

    # ------------------------------------------------------------------------------------ inside

    def _settle(self, connection: Connection, done: Settlement) -> Order | None:
        values = {"number": done.number, "mms_id": done.mms_id} if done.number is not None else {}
        changed = connection.execute(
            _SETTLE,
            {
                "the_id": done.order.id,
                "seen": done.order.version,
                "new_state": done.state,
                "new_words": done.words or None,
                "by_run": self.run.id,
                "now": timestamp(),
                "new_number": done.number,
                "new_mms_id": done.mms_id,
            },
        )
        if changed.rowcount == 1:
            self._note(connection, done.order.id, done.state, done.words)
            return replace(
                done.order,
                state=done.state,
                version=done.order.version + 1,
                words=done.words or None,
                number=done.number or done.order.number,
            )
        now = self._row(connection, done.order.id)
        if done.state is State.POSTED and now.state in (State.UNKNOWN, State.HELD, State.RELEASED):
            words = f"late answer to run {self.run.id}: {done.words}"
            self._change(connection, now, State.POSTED, words, values)
            return self._row(connection, now.id)
        words = f"late answer, not applied: {done.state} {done.number or ''} {done.words}"
        self._note(connection, done.order.id, now.state, words)
        return now if now.state is State.POSTED and now.number == done.number else None

    def _claim(self, connection: Connection, intent: Intent) -> Claim:
        if intent.after is not None:
            values = self._fresh(intent) | {"attempts": intent.after.attempts + 1}
            words = "surely absent: intended again"
            if self._change(connection, intent.after, State.INTENDED, words, values):
                return Claim("mine", self._row(connection, intent.after.id))
        else:
            now = timestamp()
            values = {
                **self._fresh(intent),
                "institution": self._institution,
                "target": intent.target,
                "state": State.INTENDED,
                "version": 1,
                "run": self.run.id,
                "attempts": 1,
                "created_at": now,
                "updated_at": now,
            }
            made = connection.execute(
                self._insert, {**values, "key": key_text(intent.key)}
            ).scalar_one_or_none()
            if made is not None:
                return Claim("mine", Order(**{**_EMPTY, **values, "id": made, "key": intent.key}))
        return self._known(connection, intent)

    def _known(self, connection: Connection, intent: Intent) -> Claim:
        """The answer for a key that the ledger has met before."""
        row = connection.execute(
            select(orders)
            .where(
                orders.c.institution == self._institution,
                orders.c.target == intent.target,
                orders.c.key == key_text(intent.key),
            )
            .with_for_update()
        ).mappings().one()  # fmt: skip
        order = Order.of(dict(row))
        if order.state in _FREE:
            values = self._fresh(intent) | {"attempts": order.attempts + 1}
            self._change(connection, order, State.INTENDED, "intended again", values)
            return Claim("mine", self._row(connection, order.id))
        if order.state is State.POSTED:
            return self._repeated(connection, order, intent)
        if order.state is State.INTENDED:
            if alive(connection, order.run):
                return Claim("busy", order)
            words = f"left intended by run {order.run}, which ended without an answer"
            self._change(connection, order, State.UNKNOWN, words, {})
            order = self._row(connection, order.id)
        return Claim("held" if order.state is State.HELD else "unknown", order)

    def _repeated(self, connection: Connection, order: Order, intent: Intent) -> Claim:
        if order.payload_hash == intent.payload_hash:
            return Claim("posted", order)
        if order.offered_hash != intent.payload_hash:
            offered = {"offered_hash": intent.payload_hash, "offered_payload": intent.payload.decode()}
            connection.execute(update(orders).where(orders.c.id == order.id).values(offered))
            self._note(connection, order.id, order.state, "another payload was offered, and held")
        return Claim("changed", order)

    def _fresh(self, intent: Intent) -> dict[str, Any]:
        return {
            **{name: value or None for name, value in intent.found_by.items()},
            "payload": intent.payload.decode(),
            "payload_hash": intent.payload_hash,
            "user_id": intent.user_id,
            "attempted_at": timestamp(),
        }

    def _change(
        self, connection: Connection, order: Order, state: State, words: str, values: dict[str, Any]
    ) -> bool:
        """Change a row if it is still as it was seen, and write down that it changed."""
        changed = connection.execute(
            update(orders)
            .where(orders.c.id == order.id, orders.c.version == order.version)
            .values(
                **values,
                state=state,
                words=words or None,
                version=order.version + 1,
                run=self.run.id,
                updated_at=timestamp(),
            )
        )
        if changed.rowcount != 1:
            return False
        self._note(connection, order.id, state, words)
        return True

    def _note(self, connection: Connection, order_id: int, state: State, words: str) -> None:
        connection.execute(
            _EVENT,
            {
                "order_id": order_id,
                "at": timestamp(),
                "run": self.run.id,
                "state": state,
                "words": words or None,
            },
        )

    def _row(self, connection: Connection, order_id: int) -> Order:
        found = connection.execute(select(orders).where(orders.c.id == order_id)).mappings().one()
        return Order.of(dict(found))


def count_by_state(engine: Engine, institution: str) -> dict[str, int]:
    """How many orders stand where."""
    with transaction(engine) as connection:
        rows = connection.execute(
            select(orders.c.state, func.count())
            .where(orders.c.institution == institution)
            .group_by(orders.c.state)
        )
        return {row[0]: row[1] for row in rows}
