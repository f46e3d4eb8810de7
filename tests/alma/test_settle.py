"""Whose is it? What was sent compared with what Alma holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from etl.alma.facts import Facts
from etl.alma.settle import _queries, likeness_of

SENT = Facts(
    vendor="BTJ", vendor_account="BTJ", reference="O-1", owner="HBG", isbn="9789199990002", title="Påhittad bok",
    price="249", currency="SEK", quantity="1",
)  # fmt: skip
STORED = replace(SENT, number="POL-1", created="2024-03-11", type="PRINTED_BOOK_OT")


@pytest.mark.parametrize(
    ("change", "likeness"),
    [
        ({}, "same"),
        ({"title": "Påhittad bok /"}, "same"),
        ({"title": "Another", "isbn": "9789199990002"}, "same"),
        ({"title": "Påhittad bok", "isbn": ""}, "same"),
        ({"vendor_account": ""}, "same"),
        ({"reference": "O-2"}, "other"),
        ({"reference": ""}, "other"),
        ({"price": "299"}, "near"),
        ({"quantity": "2"}, "near"),
        ({"vendor": "BOKUS"}, "near"),
        ({"title": "Another", "isbn": "9789199990019"}, "near"),
    ],
)
def test_an_order_line_with_our_reference(change: dict[str, str], likeness: str) -> None:
    assert likeness_of(SENT, replace(STORED, **change), "po_line") == likeness


@pytest.mark.parametrize(
    ("change", "likeness"),
    [
        ({"reference": ""}, "near"),
        ({"reference": "BY-HAND"}, "other"),
        ({"reference": "", "price": "1"}, "other"),
    ],
)
def test_an_order_line_without_reference_is_never_surely_ours(change: dict[str, str], likeness: str) -> None:
    assert likeness_of(replace(SENT, reference=""), replace(STORED, **change), "po_line") == likeness


@pytest.mark.parametrize(
    ("change", "likeness"),
    [
        ({"created_from": "API"}, "same"),
        ({"created_from": "PRIMO"}, "other"),
        ({"note": "another"}, "other"),
        ({"price": "1"}, "other"),
        ({"isbn": "", "title": "Another"}, "other"),
    ],
)
def test_a_purchase_request_agrees_in_everything(change: dict[str, str], likeness: str) -> None:
    assert likeness_of(SENT, replace(STORED, **change), "purchase_request") == likeness


@pytest.mark.parametrize(
    ("sent", "queries"),
    [
        (SENT, ["issn_isbn~9789199990002", "title~påhittad_bok AND vendor_code~BTJ"]),
        (Facts(mms_id="99 1"), ["mms_id~99_1"]),
        (Facts(title="A ~ B: c!"), ["title~a_b_c"]),
        (Facts(title="???"), []),
        (Facts(number="HBG-1"), ["number~HBG-1"]),
    ],
)
def test_what_is_searched_by(sent: Facts, queries: list[str]) -> None:
    assert list(_queries(sent)) == queries
