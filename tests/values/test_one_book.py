"""However an ISBN is written: what a filter reads is what the checks of connectors compare."""

from __future__ import annotations

import pytest

from connectors.layouts import load_layouts, parse_line
from etl.plugin import BadValue, DataPlace, Severity
from etl.template.filters.isbn import isbn13
from etl.values.isbn import book_of, isbn_key

SPELLINGS = [
    "0306406152", "0-306-40615-2", "ISBN 0306406152", "isbn: 0-306-40615-2 (pbk.)", "ISBN-10: 0306406152",
    "9780306406157", "978-0-306-40615-7", "978-0-306-40615-7 inb", "978\u20110\u2011306\u201140615\u20117",
    "urn:isbn:9780306406157", "ISBN-13: 978-0-306-40615-7", "9780306406157 : 199 kr", " 9780306406157\u00a0",
]  # fmt: skip
NONE = [None, "", 9780306406157, "BTJ 24:05:117", "7340000001007", "9790230671187", "M-2306-7118-7", "inbunden"]


@pytest.mark.parametrize("text", SPELLINGS)
def test_what_the_filter_reads_is_known_to_the_checks(text: str) -> None:
    assert isbn13(text) == isbn_key(text) == "9780306406157"
    assert book_of(text) == "030640615"


@pytest.mark.parametrize("text", SPELLINGS)
def test_another_book_beside_the_article_number_holds_however_it_is_written(text: str) -> None:
    layout = load_layouts("adlibris")["adlibris_order"]
    fields = {"artikelnummer": "9789199999012", "isbn": text}
    _, problems = parse_line(layout, fields, DataPlace("order.json", 1))
    assert [one.severity for one in problems if one.code == "E441"] == [Severity.HOLD]


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_book_has_no_key(text: object) -> None:
    assert isbn_key(text) is None
    assert book_of(text) is None


@pytest.mark.parametrize("text", ["9780306406158", "0306406153", "ISBN 0-306-40615-X"])
def test_a_wrong_check_digit_is_refused_and_still_compared(text: str) -> None:
    with pytest.raises(BadValue) as refused:
        isbn13(text)
    assert refused.value.code == "E403"
    assert isbn_key(text) is None
    assert book_of(text) == "030640615"
