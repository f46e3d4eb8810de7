"""What Alma says of a plan before it is applied: the calls that are left."""

from __future__ import annotations

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
