"""Places and sums ↔ the texts by which the database holds them."""

from __future__ import annotations

import json
from decimal import Decimal

from etl.identity import RecordOrigin
from etl.problems import DataPlace
from etl.totals import Totals

_PLACE = "sha256:"
"""How the key of a line begins that has none of its own: where it stood is what it is known by."""


def storable(text: str) -> str:
    r"""As every database takes it: what is no character is spelt, as JSON spells it. Half a pair stands in
    damaged JSON and in file names of no encoding; a NUL is text for SQLite, and none for PostgreSQL.

    >>> storable("Påhittad"), storable("a\0b\udcff")
    ('Påhittad', 'a\\u0000b\\udcff')
    """
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\u0000")


def place_key(origin: RecordOrigin) -> tuple[str, ...]:
    """What a line without a key is known by: the delivery by its bytes, the record, which of its rows, and
    the mapping.
    """
    record, part = origin.rows[0]
    return f"{_PLACE}{origin.delivery}", str(record), str(part), origin.mapped_as


def is_place_key(key: tuple[str, ...]) -> bool:
    """Is it a place, and no key of a mapping?"""
    return len(key) == 4 and key[0].startswith(_PLACE) and len(key[0]) == len(_PLACE) + 64


def place_text(origin: RecordOrigin) -> str:
    """Where the first row stood, as the database holds it."""
    return json.dumps([origin.file, origin.rows[0][0] if origin.rows else None, origin.line, origin.offset])


def place_of(text: str | None) -> DataPlace | None:
    """What `place_text` wrote."""
    return DataPlace(*json.loads(text)) if text else None


def totals_text(totals: Totals | None) -> str | None:
    """As the database holds them; None where nobody knows."""
    if totals is None:
        return None
    money = {currency: str(amount) for currency, amount in sorted(totals.money.items())}
    return json.dumps({"copies": totals.copies, "money": money})


def totals_of(text: str | None) -> Totals | None:
    """What `totals_text` wrote."""
    if not text:
        return None
    said = json.loads(text)
    return Totals(said["copies"], {name: Decimal(amount) for name, amount in said["money"].items()})
