"""The ledger's tables, as the queries see them. Their columns are made by `migrations.py`; a test keeps the
two equal.

    orders         one row for each order line of every delivery: its state, its payload, or why it has none
    order_names    what each order line is known by besides its key: see `known_by`
    deliveries     the files (received bodies) that order lines came in, each once, by their bytes
    order_records  which rows of a delivery an order line was made of
    arrivals       each time a delivery was run: when, from where, by which mapping
    mappings       the mappings that orders were made by; mapping_files: the texts of their files, by hash
    changes        what Alma was asked to change in a posted order, or to cancel, and what came of it
    events         every change of state, with who and why; never changed, never deleted
    lifetime       one row: the name this ledger was given when it was made, how often it was sent by, why it
                   must not be (a backup, one that was moved), and whether it was restored: see `lifetime`
    ages           each time it was sent by, with a token by which two copies are told apart
    runs           the processes that wrote here, and when they were last alive
    places         which Alma an institution's name stands for: a rehearsal must not count as an order
    pace           when the even pace of the minute allows the next call, of all processes of the ledger
    calls          calls under way, and those answered within the last minute

The payload is kept whole: a run that died left the vendor's file behind or did not, and what Alma is asked
about, compared with, or sent again must be what was sent then, not what today's mapping would make of it.
The API key is nowhere here.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ColumnElement,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    select,
)

from etl.ledger.stored_values import storable


class StorableText(TypeDecorator[str]):
    """Any text of Python's, on every database, also where it is asked for: see `storable`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: object) -> str | None:  # noqa: ARG002 - SQLAlchemy's
        return None if value is None else storable(value)


metadata = MetaData()

orders = Table(
    "orders",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("institution", StorableText, nullable=False),
    Column("target", StorableText, nullable=False),
    Column("key", StorableText, nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("payload_hash", String(64), nullable=False),
    Column("payload", StorableText, nullable=False),
    Column("user_id", StorableText),
    Column("offered_hash", String(64)),
    Column("offered_payload", StorableText),
    Column("number", StorableText),
    Column("mms_id", StorableText),
    Column("vendor", StorableText),
    Column("vendor_account", StorableText),
    Column("reference", StorableText),
    Column("additional_reference", StorableText),
    Column("isbn", StorableText),
    Column("title", StorableText),
    Column("price", StorableText),
    Column("currency", StorableText),
    Column("run", StorableText, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("attempted_at", StorableText, nullable=False),
    Column("created_at", StorableText, nullable=False),
    Column("updated_at", StorableText, nullable=False),
    Column("words", StorableText),
    Column("replaced_hash", String(64)),
    Column("normal_key", StorableText),
    Column("known_by", StorableText),
    Column("delivery", String(64)),
    Column("record", StorableText),
    Column("offered_record", StorableText),
    Column("cause", StorableText),
    Column("another", StorableText),
    Column("refusal", StorableText),
    Column("verified", StorableText),
    Column("causes", StorableText),
    Column("totals", StorableText),
    Column("place", StorableText),
    Column("raw", LargeBinary),
    Column("mapping", String(64)),
    Column("run_date", StorableText),
    Column("passed", StorableText),
    Column("mapped_as", StorableText),
    Column("offered_user", StorableText),
    UniqueConstraint("institution", "target", "key"),
)

order_names = Table(
    "order_names",
    metadata,
    Column("institution", StorableText, nullable=False),
    Column("value", StorableText, nullable=False),
    Column("order_id", Integer, ForeignKey("orders.id"), nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("institution", StorableText, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("name", StorableText, nullable=False),
    Column("size", Integer, nullable=False),
    Column("at", StorableText, nullable=False),
    Column("run", StorableText, nullable=False),
    UniqueConstraint("institution", "hash"),
)

order_records = Table(
    "order_records",
    metadata,
    Column("delivery_id", Integer, ForeignKey("deliveries.id"), nullable=False),
    Column("record", Integer, nullable=False),
    Column("part", Integer, nullable=False),
    Column("order_id", Integer, ForeignKey("orders.id"), nullable=False),
    UniqueConstraint("delivery_id", "record", "part", "order_id"),
)

mapping_files = Table(
    "mapping_files",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

mappings = Table(
    "mappings",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("name", StorableText, nullable=False),
    Column("path", StorableText, nullable=False),
    Column("files", StorableText, nullable=False),
    Column("parameters", StorableText, nullable=False),
    Column("at", StorableText, nullable=False),
)

arrivals = Table(
    "arrivals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("delivery_id", Integer, ForeignKey("deliveries.id"), nullable=False),
    Column("name", StorableText, nullable=False),
    Column("feed", StorableText),
    Column("mapping", String(64), ForeignKey("mappings.hash"), nullable=False),
    Column("run_date", StorableText, nullable=False),
    Column("sink", StorableText, nullable=False),
    Column("run", StorableText, nullable=False),
    Column("at", StorableText, nullable=False),
)

changes = Table(
    "changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("order_id", Integer, ForeignKey("orders.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("at", StorableText, nullable=False),
    Column("run", StorableText, nullable=False),
    Column("who", StorableText, nullable=False),
    Column("before", StorableText, nullable=False),
    Column("after", StorableText),
    Column("refusal", StorableText),
    Column("cause", StorableText),
)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("order_id", Integer, ForeignKey("orders.id"), nullable=False),
    Column("at", StorableText, nullable=False),
    Column("run", StorableText, nullable=False),
    Column("state", String(16), nullable=False),
    Column("words", StorableText),
)

lifetime = Table(
    "lifetime",
    metadata,
    Column("ledger", String(32), nullable=False),
    Column("serial", Integer, nullable=False),
    Column("aside", StorableText),
    Column("restored", StorableText),
)

ages = Table(
    "ages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("serial", Integer, nullable=False),
    Column("token", String(32), nullable=False),
    Column("at", StorableText, nullable=False),
    Column("who", StorableText),
)

runs = Table(
    "runs",
    metadata,
    Column("id", StorableText, primary_key=True),
    Column("host", StorableText, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started_at", StorableText, nullable=False),
    Column("beat", Float, nullable=False),
    Column("ended_at", StorableText),
)

places = Table(
    "places",
    metadata,
    Column("institution", StorableText, primary_key=True),
    Column("address", StorableText, nullable=False),
    Column("code", StorableText),
)

pace = Table(
    "pace",
    metadata,
    Column("institution", StorableText, primary_key=True),
    Column("minute_at", Float, nullable=False),
)

calls = Table(
    "calls",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("institution", StorableText, nullable=False),
    Column("run", StorableText, nullable=False),
    Column("answered", Float),
)


def changes_at(institution: str) -> ColumnElement[bool]:
    """The condition of a change of an order of that institution: the order of each change is looked at, and
    not the changes of each order.
    """
    whose = select(orders.c.institution).where(orders.c.id == changes.c.order_id)
    return whose.correlate(changes).scalar_subquery() == institution
