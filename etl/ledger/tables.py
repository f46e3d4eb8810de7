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
    lifetime       one row: the name this ledger was given when it was made, how often it was sent by, and
                   why it must not be (a backup, one that was moved): see `lifetime`
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
    UniqueConstraint,
    select,
)

metadata = MetaData()

orders = Table(
    "orders",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("institution", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("payload_hash", String(64), nullable=False),
    Column("payload", Text, nullable=False),
    Column("user_id", Text),
    Column("offered_hash", String(64)),
    Column("offered_payload", Text),
    Column("number", Text),
    Column("mms_id", Text),
    Column("vendor", Text),
    Column("vendor_account", Text),
    Column("reference", Text),
    Column("additional_reference", Text),
    Column("isbn", Text),
    Column("title", Text),
    Column("price", Text),
    Column("currency", Text),
    Column("run", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("attempted_at", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
    Column("words", Text),
    Column("replaced_hash", String(64)),
    Column("normal_key", Text),
    Column("known_by", Text),
    Column("delivery", String(64)),
    Column("record", Text),
    Column("offered_record", Text),
    Column("cause", Text),
    Column("another", Text),
    Column("refusal", Text),
    Column("verified", Text),
    Column("causes", Text),
    Column("totals", Text),
    Column("place", Text),
    Column("raw", LargeBinary),
    Column("mapping", String(64)),
    Column("run_date", Text),
    Column("passed", Text),
    Column("mapped_as", Text),
    UniqueConstraint("institution", "target", "key"),
)

order_names = Table(
    "order_names",
    metadata,
    Column("institution", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("order_id", Integer, ForeignKey("orders.id"), nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("institution", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Column("run", Text, nullable=False),
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
    Column("name", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("files", Text, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("at", Text, nullable=False),
)

arrivals = Table(
    "arrivals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("delivery_id", Integer, ForeignKey("deliveries.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("feed", Text),
    Column("mapping", String(64), ForeignKey("mappings.hash"), nullable=False),
    Column("run_date", Text, nullable=False),
    Column("sink", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("at", Text, nullable=False),
)

changes = Table(
    "changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("order_id", Integer, ForeignKey("orders.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("at", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text),
    Column("refusal", Text),
    Column("cause", Text),
)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("order_id", Integer, ForeignKey("orders.id"), nullable=False),
    Column("at", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("words", Text),
)

lifetime = Table(
    "lifetime",
    metadata,
    Column("ledger", String(32), nullable=False),
    Column("serial", Integer, nullable=False),
    Column("aside", Text),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started_at", Text, nullable=False),
    Column("beat", Float, nullable=False),
    Column("ended_at", Text),
)

places = Table(
    "places",
    metadata,
    Column("institution", Text, primary_key=True),
    Column("address", Text, nullable=False),
    Column("code", Text),
)

pace = Table(
    "pace",
    metadata,
    Column("institution", Text, primary_key=True),
    Column("minute_at", Float, nullable=False),
)

calls = Table(
    "calls",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("institution", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("answered", Float),
)


def changes_at(institution: str) -> ColumnElement[bool]:
    """The condition of a change of an order of that institution: the order of each change is looked at, and
    not the changes of each order.
    """
    whose = select(orders.c.institution).where(orders.c.id == changes.c.order_id)
    return whose.correlate(changes).scalar_subquery() == institution
