"""An order line under a new key → the lines of the ledger that it may be already.

Keys change: a part is added, two change places, a vendor's other channel numbers its lines otherwise. What
the vendor calls an order and its lines does not. All of it is compared without case, without leading zeros
and whatever stands between letters and digits. Compared are lines of one vendor that are posted, unknown,
held, on their way or cancelled, or that a person has dismissed, by four rules, the first that fits:

    record    the same record of the same file (by the bytes of the file)
    order     the same order number and the same title, from another delivery
    line      the same number of order and line, from another delivery, unless the titles contradict
    barcode   the same barcode of a copy, whoever the vendor is: Alma has one item with it

A line that arrives in the same run itself, by its key and its title, is no answer: it is judged by its key.
An ISBN, a title or a catalogue record's number alone never is one: a library buys a book twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from etl.ledger.known_by import KnownBy, compare_titles
from etl.ledger.orders import STANDING, Cause, Intent, Order, State
from etl.ledger.tables import deliveries, order_names, order_records, orders

_LOOKED_AT = 50
"""Lines of one reference that are looked at: if they are of different titles, it is the whole order's."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """Asks the ledger of one institution, for a run: what it is given without a place in a file counts as
    one delivery.
    """

    connection: Connection
    institution: str
    run: str

    def like(self, own: int, intent: Intent) -> Cause | None:
        """What order `own` looks like, or None: at most ten indexed questions."""
        found = self._of_records(own, intent)
        if found:
            return Cause("record", tuple(found))
        for rule in ("order", "line", "barcode"):
            found = [
                other.id
                for other, name in self._named(own, rule, intent.known_by)
                if self._fits(rule, intent, other, name)
            ]
            if found:
                return Cause(rule, tuple(dict.fromkeys(found)))
        return None

    def _fits(self, rule: str, intent: Intent, other: Order, name: str) -> bool:
        if rule == "barcode":  # of one item, whoever brings it
            return True
        if not _one_vendor(intent, other):
            return False
        delivery = intent.origin.delivery if intent.origin else self.run
        if other.delivery == delivery:
            return False
        itself = intent.arriving(other.normal_key)
        if itself is not None and compare_titles(itself.titles, other.known_by.titles) != "other":
            return False
        titles = compare_titles(intent.known_by.titles, other.known_by.titles)
        if rule == "order":  # or it was called so after it was posted
            return titles == "same" or name not in other.known_by.values()
        return titles == "same" or (titles == "unsaid" and not self._of_whole_order(intent.known_by, other))

    def _of_whole_order(self, known: KnownBy, other: Order) -> bool:
        """Has the reference stood on lines with different titles?"""
        for line in known.lines & other.known_by.lines:
            first, *others = self._by_name(f"line {line}")
            if any(compare_titles(first.known_by.titles, one.known_by.titles) == "other" for one in others):
                return True
        return False

    def _named(self, own: int, rule: str, known: KnownBy) -> Iterator[tuple[Order, str]]:
        for value in known.values():
            if value.startswith(f"{rule} "):
                for order in self._by_name(value):
                    if order.id != own and (order.state in STANDING or order.dismissed):
                        yield order, value

    def _by_name(self, value: str) -> list[Order]:
        query = (
            select(*orders.c)
            .join(order_names, order_names.c.order_id == orders.c.id)
            .where(order_names.c.institution == self.institution, order_names.c.value == value)
            .order_by(orders.c.id)
            .limit(_LOOKED_AT)
        )
        return [Order.of(dict(row)) for row in self.connection.execute(query).mappings()]

    def _of_records(self, own: int, intent: Intent) -> list[int]:
        found: dict[int, None] = {}
        places = intent.origin.places if intent.origin else ()
        for delivery, record, part in ((one.delivery, *row) for one in places for row in one.rows):
            query = (
                select(*orders.c)
                .join(order_records, order_records.c.order_id == orders.c.id)
                .join(deliveries, deliveries.c.id == order_records.c.delivery_id)
                .where(
                    deliveries.c.institution == self.institution,
                    deliveries.c.hash == delivery,
                    order_records.c.record == record,
                    order_records.c.part == part,
                    order_records.c.order_id != own,
                    orders.c.state.in_((*STANDING, State.DISMISSED)),
                )
            )
            every = (Order.of(dict(row)) for row in self.connection.execute(query).mappings())
            found |= dict.fromkeys(one.id for one in every if one.state in STANDING or one.dismissed)
        return list(found)


def _one_vendor(intent: Intent, other: Order) -> bool:
    """A request names no vendor, or by another name than the order line does."""
    ours, theirs = intent.known_by.vendors, other.known_by.vendors
    return intent.target != other.target or not ours or not theirs or bool(ours & theirs)
