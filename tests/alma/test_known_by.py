"""What an order line is known by: the vendor's record, and the payload."""

from __future__ import annotations

import pytest

from etl.alma.facts import Facts
from etl.alma.passage import known_by
from etl.ledger.known_by import KnownBy
from etl.plugin import Identity

PAYLOAD = Facts(
    vendor="BTJ", reference="7000-1", additional_reference="7000", isbn="9789199990002", issn="1234-5679",
    title_number="ABC 1", title="Påhittad bok", barcodes=("3001",),
)  # fmt: skip
RECORD = Identity(vendor="Btj AB", order="O 7", line="2", titles=("9789199990019",), barcodes=("3002",))


def test_by_the_record_and_the_payload() -> None:
    assert known_by(RECORD, PAYLOAD) == KnownBy(
        vendors=frozenset({"btj", "btj-ab"}),
        orders=frozenset({"o-7"}),
        lines=frozenset({"o-7-2", "7000-1"}),
        titles=frozenset({
            "isbn 9789199990002", "isbn 9789199990019", "isbn 12345679", "no abc-1", "title påhittad-bok",
        }),
        barcodes=frozenset({"3001", "3002"}),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("record", "references", "orders", "lines"),
    [
        (Identity(), ("7000-1", "7000"), {"7000", "7000-1"}, {"7000-1"}),
        (Identity(), ("7000", ""), {"7000"}, {"7000"}),  # one alone may be either
        (Identity(), ("", "7000"), {"7000"}, {"7000"}),
        (Identity(), ("07000", "7000"), {"7000"}, set()),
        (Identity(), ("", ""), set(), set()),
        (Identity(order="7000"), ("07000", "P-1"), {"7000"}, set()),  # what is the order's is no line's
        (Identity(order="7000"), ("7000-1", "P-1"), {"7000"}, {"7000-1"}),
        (Identity(order="7000", line="1"), ("", ""), {"7000"}, {"7000-1"}),
        (Identity(line="1"), ("", ""), set(), set()),
    ],
)
def test_a_reference_is_the_orders_or_the_lines(
    record: Identity, references: tuple[str, str], orders: set[str], lines: set[str]
) -> None:
    known = known_by(record, Facts(reference=references[0], additional_reference=references[1]))
    assert (known.orders, known.lines) == (orders, lines)
