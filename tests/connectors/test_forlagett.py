"""FörlagEtt: the conformance suite, the sample of the reference, and every pitfall of its section 7c."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import read, refusal

from connectors.forlagett import ForlagettConnector
from etl.plugin import Refusal
from etl.testing.connector_suite import ConnectorSuite

FORLAGETT = ForlagettConnector()
HEAD = {"lev": "Forlagett", "konto": "4711", "order": "F1-100234", "datum": "20240311", "rader": "2"}
FIRST = {
    "isbn": "978-91-999990-4-3",
    "forf": "Lind, Åsa",
    "titel": "Små författare & stora",
    "antal": "2",
    "pris": "98,00",
    "levdatum": "20240318",
    "avd": "Barn",
    "plac": "Hylla",
    "postlev": "LIBRIS",
    "anm": "Till bokbussen",
}
SECOND = {
    "isbn": "9789199999036",
    "titel": "Blåbär",
    "antal": "1",
    "pris": "142,45",
    "avd": "Vuxen",
    "plac": "",
    "anm": "",
}


def form(head: dict[str, str], *lines: dict[str, str], codec: str = "latin-1") -> bytes:
    pairs = [*head.items(), *((f"{k}_{n}", v) for n, line in enumerate(lines, 1) for k, v in line.items())]
    return "&".join(f"{key}={quote_plus(value, encoding=codec)}" for key, value in pairs).encode()


ORDER = form(HEAD, FIRST, SECOND)
ONE = {**HEAD, "rader": "1"}


# fmt: off
STATED = {
    "source": "forlagett_order", "supplier": "Forlagett", "account": "4711", "order_id": "F1-100234",
    "order_date": "2024-03-11", "line_no": "1", "isbn": "978-91-999990-4-3", "record_supplier": "LIBRIS",
    "title": "Små författare & stora", "author": "Lind, Åsa", "quantity": 2, "unit_price": "98",
    "department": "Barn", "location": "Hylla", "delivery_date": "2024-03-18", "note_internal": "Till bokbussen",
}
# fmt: on


class TestForlagett(ConnectorSuite):
    connector = FORLAGETT
    record = 4
    stated: ClassVar = {1: STATED}
    sample = b"\n".join([ORDER, form({**ONE, "order": "F1-2"}, FIRST, codec="utf-8"), form(HEAD, FIRST), b""])


def test_the_sample_of_the_reference() -> None:
    reading = read(FORLAGETT, ORDER)
    first, second = reading.rows
    assert reading.rejected == []
    assert (first["supplier"], first["account"], first["order_id"], first["line_no"]) == (
        "Forlagett",
        "4711",
        "F1-100234",
        "1",
    )
    assert (first["title"], first["author"]) == ("Små författare & stora", "Lind, Åsa")
    assert (first["quantity"], first["unit_price"]) == (2, Decimal("98.00"))
    assert (first["order_date"], first["delivery_date"]) == (date(2024, 3, 11), date(2024, 3, 18))
    assert (first["department"], first["location"], first["note_internal"]) == (
        "Barn",
        "Hylla",
        "Till bokbussen",
    )
    assert (second["line_no"], second["title"], second["location"], second["note_internal"]) == (
        "2",
        "Blåbär",
        None,
        None,
    )
    assert second["raw"] == {**HEAD, **SECOND}


def test_latin_1_and_utf_8_give_the_identical_row() -> None:
    assert read(FORLAGETT, form(HEAD, FIRST, SECOND, codec="utf-8")).rows == read(FORLAGETT, ORDER).rows


def test_an_order_of_two_encodings_is_not_guessed_at() -> None:
    mixed = form(ONE, FIRST, codec="utf-8").replace(b"Lind%2C+%C3%85sa", b"Lind%2C+%C5sa")
    assert read(FORLAGETT, mixed).codes == [(1, "E316")]
    assert read(FORLAGETT, mixed, encoding="utf-8").codes == [(1, "E316")]
    assert read(FORLAGETT, mixed, encoding="latin-1").rows[0]["author"] == "Lind, Åsa"


@pytest.mark.parametrize(
    "front", [b"?", b"https://exempelby.example/Alma.svc/OrderConfirm?", b"/Alma.svc/OrderConfirm?"]
)
def test_an_address_in_front_is_passed_over(front: bytes) -> None:
    assert read(FORLAGETT, front + ORDER).rows == read(FORLAGETT, ORDER).rows


def test_one_order_for_each_line_of_text() -> None:
    data = b"\r\n".join([ORDER, b"", form({**ONE, "order": "F1-2"}, FIRST), b""])
    reading = read(FORLAGETT, data)
    assert [(row["order_id"], row["line_no"]) for row in reading.rows] == [
        ("F1-100234", "1"),
        ("F1-100234", "2"),
        ("F1-2", "1"),
    ]
    assert reading.places == [(1, 1, 0), (2, 1, 0), (3, 3, len(ORDER) + 4)]


@pytest.mark.parametrize(
    "data",
    [
        form({**HEAD, "rader": "3"}, FIRST, SECOND),
        form({**HEAD, "rader": "1"}, FIRST, SECOND),
        form({**HEAD, "rader": "två"}, FIRST, SECOND),
        form({**HEAD, "rader": "9" * 5000}, FIRST, SECOND),
        form(HEAD),
        form({name: text for name, text in HEAD.items() if name != "rader"}, FIRST, {}, SECOND),
        ORDER + b"&isbn_1=9789199999036",
        ORDER.replace(b"%26", b"&"),
        ORDER.replace(b"%2C", b"%", 1),
    ],
    ids=[
        "says three",
        "says one",
        "says a word",
        "says too much",
        "no lines",
        "a gap",
        "a key twice",
        "a bare &",
        "a bare %",
    ],
)
def test_an_order_that_contradicts_itself_is_rejected_whole(data: bytes) -> None:
    reading = read(FORLAGETT, data + b"\n" + form({**ONE, "order": "F1-2"}, FIRST))
    assert reading.codes == [(1, "E357")]
    assert reading.rejected[0].raw.rstrip() == data
    assert [row["order_id"] for row in reading.rows] == ["F1-2"]


def test_rader_may_be_left_out_or_padded() -> None:
    without = {name: text for name, text in HEAD.items() if name != "rader"}
    for head in (without, {**HEAD, "rader": ""}, {**HEAD, "rader": "02"}):
        assert len(read(FORLAGETT, form(head, FIRST, SECOND)).rows) == 2


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"pris": "12,3x"}, "E351", "pris_2"),
        ({"pris": "1.089"}, "E351", "pris_2"),
        ({"isbn": "9,78914E+12"}, "E352", "isbn_2"),
        ({"levdatum": "20240230"}, "E353", "levdatum_2"),
        ({"titel": ""}, "E355", "titel_2"),
        ({"isbn": "", "titelnr": ""}, "E355", None),
    ],
)
def test_one_bad_line_does_not_take_the_others(change: dict[str, str], code: str, field: str | None) -> None:
    reading = read(FORLAGETT, form(HEAD, FIRST, {**SECOND, **change}))
    assert ([row["line_no"] for row in reading.rows], reading.codes) == (["1"], [(2, code)])
    place = reading.rejected[0].problems[0].data
    assert place is not None
    assert place.field == field


def test_a_fault_of_the_head_names_the_key_without_a_number() -> None:
    reading = read(FORLAGETT, form({**HEAD, "datum": "20240230"}, FIRST, SECOND))
    assert reading.codes == [(1, "E353"), (2, "E353")]
    assert {item.problems[0].data.field for item in reading.rejected if item.problems[0].data} == {"datum"}


def test_decimals_with_comma_or_dot() -> None:
    rows = read(FORLAGETT, form(HEAD, {**FIRST, "pris": "98.00"}, {**SECOND, "pris": "1 249,50 kr"})).rows
    assert [row["unit_price"] for row in rows] == [Decimal("98.00"), Decimal("1249.50")]


def test_accounts_have_no_length_rule() -> None:
    for account in ("7", "0047", "HBG-217-A"):
        assert read(FORLAGETT, form({**ONE, "konto": account}, FIRST)).rows[0]["account"] == account


@pytest.mark.parametrize(
    "data", [b"lev=x&order=1&isbn_1=2", b"<html>", b"Kundnr;Ordernr\n1;2\n", b"just text"]
)
def test_other_text_is_refused(data: bytes) -> None:
    assert refusal(FORLAGETT, data) in (["E356"], ["E302"])


@given(
    st.dictionaries(st.sampled_from(["titel", "forf", "anm", "avd"]), st.text(max_size=40)),
    st.sampled_from(["utf-8", "cp1252"]),
)
def test_any_text_comes_back_as_it_was_sent(values: dict[str, str], codec: str) -> None:
    line = {"isbn": "9789199999036", "titel": "x", "antal": "1", **values}
    try:
        data = form(ONE, line, codec=codec)
    except UnicodeEncodeError:
        return
    if any(decodes_as_utf8(text, codec) for text in values.values()):
        return  # 8-bit text that happens to be UTF-8 cannot be told from it
    try:
        reading = read(FORLAGETT, data)
    except Refusal:
        raise AssertionError("a form was refused") from None
    if reading.rows:
        assert reading.rows[0]["raw"] == {**ONE, **line}
    else:
        assert reading.codes == [(1, "E355")], "a title of blanks"


def decodes_as_utf8(text: str, codec: str) -> bool:
    raw = text.encode(codec)
    return codec != "utf-8" and not raw.isascii() and raw.decode("utf-8", "ignore").encode() == raw
