"""What Alma and the ledger say of a plan before it is applied: calls left, orders posted already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from etl.alma.client import AlmaClient
from etl.problems import Refusal
from etl.run.pipeline import Delivery

if TYPE_CHECKING:
    from etl.sinks.alma import AlmaOptions


def calls_left(delivery: Delivery) -> int | None:
    """The day's remaining calls, by one that changes nothing; None without a key or an answer."""
    from etl.sinks.alma import wire_for

    options: AlmaOptions = delivery.options  # type: ignore[assignment]
    try:
        wire = wire_for(options, delivery.base)
    except Refusal:
        return None  # a plan may be made where the key is not: it is asked for by apply
    try:
        return AlmaClient(wire).reference("/acq/test").remaining
    finally:
        wire.close()


def posted_before(delivery: Delivery, hashes: Mapping[tuple[str, ...], str]) -> tuple[int, int]:
    """How many of these documents the ledger calls posted: with this payload, with another."""
    from etl.ledger.database import open_database
    from etl.ledger.find import Wanted, find
    from etl.ledger.orders import State, normal_key

    options: AlmaOptions = delivery.options  # type: ignore[assignment]
    if "://" not in options.ledger and not (delivery.base / options.ledger).is_file():
        return 0, 0
    engine = open_database(options.ledger, delivery.base)
    try:
        wanted = Wanted(states=[State.POSTED], institution=options.institution)
        planned = {normal_key(key): digest for key, digest in hashes.items()}
        posted = [
            planned[order.normal_key] == order.payload_hash
            for order in find(engine, wanted)
            if order.normal_key in planned
        ]
    finally:
        engine.dispose()
    return sum(posted), len(posted) - sum(posted)
