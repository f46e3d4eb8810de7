"""Intents and outcomes → a memory that two processes cannot contradict.

Every method is one transaction. An order is sent only after `advance` has answered `mine`, which means that
the intent is on disk and that no other process can get the same answer for the same key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Executable, func, insert, literal, select, update

from etl.ledger.advance import Advance
from etl.ledger.database import reading, transaction
from etl.ledger.destinations import only_alma
from etl.ledger.judging import Judging
from etl.ledger.known_by import NOTHING, KnownBy
from etl.ledger.orders import (
    CANCELLED_HERE,
    TAKEN_BACK,
    Claim,
    Intent,
    Order,
    Settlement,
    State,
    cancelled_as,
    taken_back_as,
)
from etl.ledger.process import Run, alive
from etl.ledger.tables import changes, changes_at, orders, places
from etl.problems import LedgerRefusal, Problem


class Ledger:
    """One institution's orders in a database. `run` is the process that writes."""

    def __init__(self, engine: Engine, institution: str, run: Run) -> None:
        self._engine, self._institution, self.run = engine, institution, run

    @property
    def database(self) -> Engine:
        """Where it is, for those who only read."""
        return self._engine

    def bind(self, address: str, code: str = "") -> None:
        """Tie the institution's name to an Alma. Raises Refusal (E814) if it stands for another one or none,
        or if it may be the Alma of another name.

        Otherwise orders of a rehearsal would count as sent, or orders of one library as another's; and under
        a second name nothing that was sent to the same Alma would count. `code` is Alma's own name of the
        institution, if it is known: sandboxes share the addresses of production.
        """
        ours = places.c.institution == self._institution
        only_alma(self._engine, self._institution)
        with transaction(self._engine, alone=True) as connection:
            if code:
                of_code = select(places.c.institution).where(places.c.code == code).order_by(
                    places.c.institution
                )
                names = list(connection.execute(of_code).scalars())
                if names and self._institution not in names:
                    raise LedgerRefusal(
                        Problem(
                            "E814",
                            f'in this ledger the Alma of {code} is "{names[0]}", not "{self._institution}"',
                            help=f"write institution: {names[0]}; or, to begin anew, use another ledger",
                        )
                    )
            bound = connection.execute(select(places.c.address, places.c.code).where(ours)).one_or_none()
            if bound is None:
                self._refuse_twins(connection, address, code)
                connection.execute(
                    insert(places).values(institution=self._institution, address=address, code=code or None)
                )
            elif bound.address != address:
                raise self._another(f"the Alma at {bound.address}, not {address}")
            elif bound.code and code and bound.code != code:
                raise self._another(f"{bound.code}, and the key belongs to {code}")
            elif code and not bound.code:
                connection.execute(update(places).where(ours).values(code=code))

    def strange(self, address: str) -> bool:
        """Has an Alma yet to tell whose it is before orders go there under this name? So it is where the
        ledger has other names, and does not know whose this one is. Raises Refusal (E814) where the name
        stands for another Alma, or none.
        """
        only_alma(self._engine, self._institution)
        with reading(self._engine) as connection:
            known = {row.institution: row for row in connection.execute(select(places))}
        bound = known.pop(self._institution, None)
        if bound is not None and bound.address != address:
            raise self._another(f"the Alma at {bound.address}, not {address}")
        return bool(known) and (bound is None or not bound.code)

    def _refuse_twins(self, connection: Connection, address: str, code: str) -> None:
        """A name that is met for the first time must be known to be no other's at the same address."""
        there = select(places.c.institution, places.c.code).where(places.c.address == address)
        for twin in connection.execute(there.order_by(places.c.institution)):
            if not (code and twin.code):
                whose = twin.institution if code else self._institution
                raise LedgerRefusal(
                    Problem(
                        "E814",
                        f'"{self._institution}" may be the Alma that is "{twin.institution}" in this ledger: '
                        f'both are at {address}, and it is not known to which institution "{whose}" belongs',
                        help=f"if it is the same, write institution: {twin.institution}; if not, run each "
                        "name once with a key that may ask whose it is (GET /acq/test), or use two ledgers",
                    )
                )

    def _another(self, words: str) -> LedgerRefusal:
        return LedgerRefusal(
            Problem(
                "E814",
                f'in this ledger "{self._institution}" is {words}',
                help="name the other one with institution: NAME, or take another ledger",
            )
        )

    def advance(
        self, settlements: Sequence[Settlement], intents: Sequence[Intent]
    ) -> tuple[list[Order | None], list[Claim]]:
        """Note outcomes and ask for further orders, in one commit: (orders as they now stand, claims), as
        given.

        An order is None when it was no longer ours to settle: another process has taken it over, and the
        outcome is only written down as an event.
        """
        with transaction(self._engine) as connection:
            advance = Advance(connection, self._institution, self.run.id)
            return advance.settle(settlements), advance.claim(intents)

    def still_mine(self, order: Order) -> bool:
        """Nobody has taken this intended order over: to be asked when this process may have been believed
        dead.
        """
        self.run.beat()
        with transaction(self._engine) as connection:
            found = Judging(connection, self._institution, self.run.id).row(order.id)
        return found.state is State.INTENDED and found.run == self.run.id and found.version == order.version

    def settled_since(self, order: Order) -> bool:
        """Has the process that was at this order finished with it, or died?"""
        with transaction(self._engine) as connection:
            now = Judging(connection, self._institution, self.run.id).row(order.id)
            return now.version != order.version or not alive(connection, order.run)

    def owners_of(self, numbers: Iterable[str]) -> dict[str, int]:
        """Which of Alma's numbers belong to which order of this ledger, or to one of NOBODYS: a line that was
        cancelled from here, or taken back, which looks like the order it was.
        """
        wanted = list(numbers)
        taken_back = {taken_back_as(number).written(): number for number in wanted}
        cancelled = {cancelled_as(number).written(): number for number in wanted}
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(orders.c.number, orders.c.id).where(
                    orders.c.institution == self._institution, orders.c.number.in_(wanted)
                )
            )
            owners = {row.number: row.id for row in rows}
            query = select(changes.c.cause).where(
                changes.c.state == literal("done", literal_execute=True),
                changes.c.cause.in_([*taken_back, *cancelled]),
                changes_at(self._institution),
            )
            causes = set(connection.execute(query).scalars())
            given_up = {number: TAKEN_BACK for cause, number in taken_back.items() if cause in causes}
            ended = {number: CANCELLED_HERE for cause, number in cancelled.items() if cause in causes}
            return given_up | owners | ended  # what was taken back may have been found to be an order again

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

    def decide(
        self,
        order: Order,
        state: State,
        words: str,
        also: Iterable[Executable] = (),
        called: KnownBy = NOTHING,
        /,
        **values: Any,
    ) -> bool:
        """A person's (or a settlement's) decision on an order as it was seen; False if it has changed
        since. `also`: statements that belong to it; `called`: what it is known by from now on, besides.
        """
        with transaction(self._engine) as connection:
            advance = Advance(connection, self._institution, self.run.id)
            decided = advance.change(order, state, words, values, called)
            for statement in also if decided else ():
                connection.execute(statement)
            return decided


def count_by_state(engine: Engine, institution: str) -> dict[str, int]:
    """How many orders stand where."""
    with transaction(engine) as connection:
        rows = connection.execute(
            select(orders.c.state, func.count())
            .where(orders.c.institution == institution)
            .group_by(orders.c.state)
        )
        return {row[0]: row[1] for row in rows}
