"""A ledger with an order of each kind, as runs leave it, for the tests beside this file."""

from __future__ import annotations

import json

from sqlalchemy import Engine, insert, update

from etl.identity import RecordOrigin
from etl.ledger.database import transaction
from etl.ledger.known_by import KnownBy
from etl.ledger.ledger import Ledger
from etl.ledger.orders import Claim, Intent, Settlement, State
from etl.ledger.process import Run
from etl.ledger.tables import mapping_files, mappings, orders

USER = "anna.lind"
STATES = {
    "O-1": State.POSTED, "O-2": State.REFUSED, "O-3": State.UNKNOWN, "O-4": State.HELD, "O-5": State.RELEASED,
    "O-6": State.POSTED,
}  # fmt: skip
LONG_AGO = "2020-01-01T00:00:00.000Z"


def intent(name: str, *, price: str = "249.00", user: str | None = USER, note: str = "") -> Intent:
    """An order line of record 1 of its own file."""
    payload = json.dumps({"title": f"Påhittad {name}", "price": price, "note": note, "user": user}).encode()
    record = json.dumps([{"order": name, "price": price, "user": user, "note": note}])
    origin = RecordOrigin(f"{name}.csv", name.encode().hex().ljust(64, "0"), 100, ((1, 0),), record)
    known = KnownBy.of(vendors=["BTJ"], orders=[name], numbers=["9789199990019"], title="Påhittad")
    found_by = {"vendor": "BTJ", "reference": name, "title": f"Påhittad {name}"}
    return Intent("po_line", ("BTJ", name), payload, user, found_by, known_by=known, origin=origin)


def claimed(engine: Engine, one: Intent) -> Claim:
    """What a run of its own gets for it."""
    run = Run(engine)
    try:
        return Ledger(engine, "alma", run).advance([], [one])[1][0]
    finally:
        run.close()


def fill(engine: Engine, *, user: str | None = USER) -> None:
    """Orders in STATES, a mapping, raw bytes; last changed long ago. The run has ended."""
    run = Run(engine)
    ledger = Ledger(engine, "alma", run)
    for name, state in STATES.items():
        order = ledger.advance([], [intent(name, user=user, note=f"till {user}")])[1][0].order
        number = f"POL-{name}" if state is State.POSTED else None
        ledger.advance([Settlement(order, state, f"önskad av {user}", number)], [])
    run.close()
    with transaction(engine) as connection:
        connection.execute(insert(mapping_files).values(hash="a" * 64, content=b"version: 1\n\x00\xff"))
        made = {
            "hash": "b" * 64,
            "name": "m",
            "path": "m.yaml",
            "files": "[]",
            "parameters": "{}",
            "at": LONG_AGO,
        }
        connection.execute(insert(mappings).values(made))
        raw = f"O;249.00;{user}\n".encode("utf-16-le")
        connection.execute(update(orders).values(raw=raw, mapping="b" * 64, updated_at=LONG_AGO))
