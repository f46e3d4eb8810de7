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
from itertools import combinations, islice

from sqlalchemy import ColumnElement, Connection, or_, select

from etl.ledger.known_by import KnownBy, compare_titles
from etl.ledger.orders import STANDING, Cause, Intent, Order, State
from etl.ledger.tables import deliveries, order_names, order_records, orders

_LOOKED_AT = 50
"""Lines that are named as like one, that are read at once, and that are looked at to see whether a reference
is the whole order's: it is, if they are of different titles.
"""
_IN_THE_WAY = (*STANDING, State.DISMISSED)


@dataclass(frozen=True, slots=True)
class Lookup:
    """Asks the ledger of one institution, for a run: what it is given without a place in a file counts as
    one delivery.
    """

    connection: Connection
    institution: str
    run: str

    def like(self, own: int, intent: Intent) -> Cause | None:
        """What order `own` looks like, or None: some ten indexed questions, and one more for each further
        _LOOKED_AT lines that stand under one name.
        """
        found = self._of_records(own, intent)
        if found:
            return Cause("record", tuple(found))
        for rule in ("order", "line", "barcode"):
            fit = (
                other.id
                for other, name in self._named(own, rule, intent)
                if self._fits(rule, intent, other, name)
            )
            found = list(islice(fit, _LOOKED_AT))
            if found:
                return Cause(rule, tuple(dict.fromkeys(found)))
        return None

    def _fits(self, rule: str, intent: Intent, other: Order, name: str) -> bool:
        if rule == "barcode":  # of one item, whoever brings it
            return True
        if not _one_vendor(intent, other):
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
        return any(self._has_many_titles(f"line {line}") for line in known.lines & other.known_by.lines)

    def _has_many_titles(self, value: str) -> bool:
        titles = {one.known_by.titles for one in self._by_name(value)}
        return any(compare_titles(one, another) == "other" for one, another in combinations(titles, 2))

    def _named(self, own: int, rule: str, intent: Intent) -> Iterator[tuple[Order, str]]:
        """Lines of a name that may be in the way, with the name; but for a barcode, of other deliveries. All
        of them; but of a reference that has stood on different titles, and may stand on everything, the
        first.
        """
        which = [orders.c.id != own, orders.c.state.in_(_IN_THE_WAY)]
        if rule != "barcode":
            delivery = intent.origin.delivery if intent.origin else self.run
            which.append(or_(orders.c.delivery.is_(None), orders.c.delivery != delivery))
        for value in intent.known_by.values():
            if value.startswith(f"{rule} "):
                whole = rule == "line" and self._has_many_titles(value)
                for one in islice(self._standing(value, *which), _LOOKED_AT if whole else None):
                    yield one, value

    def _standing(self, value: str, *which: ColumnElement[bool]) -> Iterator[Order]:
        """Those of a name, some at a time."""
        last = 0
        while some := self._by_name(value, order_names.c.order_id > last, *which):
            yield from (one for one in some if one.state in STANDING or one.dismissed)
            last = some[-1].id

    def _by_name(self, value: str, *which: ColumnElement[bool]) -> list[Order]:
        query = (
            select(*orders.c)
            .join(order_names, order_names.c.order_id == orders.c.id)
            .where(order_names.c.institution == self.institution, order_names.c.value == value, *which)
            .order_by(order_names.c.order_id)
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
                    orders.c.state.in_(_IN_THE_WAY),
                )
            )
            every = (Order.of(dict(row)) for row in self.connection.execute(query).mappings())
            found |= dict.fromkeys(one.id for one in every if one.state in STANDING or one.dismissed)
        return list(found)


def _one_vendor(intent: Intent, other: Order) -> bool:
    """A request names no vendor, or by another name than the order line does."""
    ours, theirs = intent.known_by.vendors, other.known_by.vendors
    return intent.target != other.target or not ours or not theirs or bool(ours & theirs)
