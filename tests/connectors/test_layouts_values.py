"""Values in their declared formats: read exactly, or refused; never guessed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.layouts.numbers import Money
from connectors.layouts.unreadable import Unreadable
from connectors.layouts.values import find_format

READ = [
    ("money comma", "142,45", Money(Decimal("142.45"))),
    ("money comma", "1 089,00", Money(Decimal("1089.00"))),
    ("money comma", "1\u00a0089,00", Money(Decimal("1089.00"))),
    ("money comma", "1\u202f089", Money(Decimal("1089"))),
    ("money comma", "1.089,50", Money(Decimal("1089.50"))),
    ("money comma", "249:-", Money(Decimal("249"))),
    ("money comma", "249:50", Money(Decimal("249.50"))),
    ("money comma", "149,00 kr", Money(Decimal("149.00"), "kr")),
    ("money comma", "EUR 19,90", Money(Decimal("19.90"), "EUR")),
    ("money comma", "-10,00", Money(Decimal("-10.00"))),
    ("money dot", "1,089.00", Money(Decimal("1089.00"))),
    ("money dot", "£8.99", Money(Decimal("8.99"), "pound")),
    ("money dot", "1,089", Money(Decimal("1089"))),
    ("money either", "98,00", Money(Decimal("98.00"))),
    ("money either", "98.00", Money(Decimal("98.00"))),
    ("money either", "1 249,50 kr", Money(Decimal("1249.50"), "kr")),
    ("money either", "0,125", Money(Decimal("0.125"))),
    ("percent", "6", Decimal(6)),
    ("percent", "27,5 %", Decimal("27.5")),
    ("percent", "0", Decimal(0)),
    ("fraction", "0,06", Decimal("6.00")),
    ("integer", "2", 2),
    ("integer comma", "2,00", 2),
    ("integer dot", "2.000", 2),
    ("integer dot", "2", 2),
    ("date YYYY-MM-DD, YYYYMMDD", "20240311", date(2024, 3, 11)),
    ("date DD-MM-YY", "23-02-17", date(2017, 2, 23)),
    ("date YYYY-MM-DD hh:mm", "2024-03-11  14:22", date(2024, 3, 11)),
    ("date iso", "2024-03-11T23:59:59+01:00", date(2024, 3, 11)),
    ("date iso", "2024-03-11", date(2024, 3, 11)),
    ("date msjson", "/Date(1710163325000+0100)/", date(2024, 3, 11)),
    ("yes_no", "Ja", True),
    ("yes_no", "n", False),
    ("html", "Jack &amp; Jill", "Jack & Jill"),
    ("html", "&amp;amp; once", "&amp; once"),
    ("text", " Sjo\u0308n ", "Sj\u00f6n"),
    ("identifier", "12E45", "12E45"),
    ("identifier", "0123", "0123"),
    ("record_supplier", "libris", "LIBRIS"),
    ("record_supplier", "DBC", "DBC"),
]
REFUSED = [
    ("money comma", "12,3x", "E351"),
    ("money comma", "142.45", "E351"),
    ("money comma", "1.089", "E351"),
    ("money comma", "10,89,00", "E351"),
    ("money comma", "1 08,00", "E351"),
    ("money comma", "på begäran", "E351"),
    ("money comma", "149,00 kr SEK", "E351"),
    ("money comma", "1,1234567", "E351"),
    ("money dot", "142,45", "E351"),
    ("money either", "1.089", "E351"),
    ("money either", "1,089", "E351"),
    ("percent", "0,06", "E351"),
    ("percent", "101", "E351"),
    ("percent", "-6", "E351"),
    ("integer", "2,5", "E351"),
    ("integer", "-1", "E351"),
    ("integer dot", "1.500", "E351"),
    ("integer dot", "2,000", "E351"),
    ("integer dot", "-2.000", "E351"),
    ("integer", "1 x 2", "E351"),
    ("integer", "2.000", "E351"),
    ("integer", "2,00", "E351"),
    ("integer dot", "2,00", "E351"),
    ("integer comma", "2.00", "E351"),
    ("identifier", "9,78914E+12", "E352"),
    ("identifier", "9.78914e+12", "E352"),
    ("identifier", "2E+05", "E352"),
    ("date YYYY-MM-DD", "2024-02-30", "E353"),
    ("date YYYY-MM-DD", "11.03.2024", "E353"),
    ("date YYYYMMDD", "00000000", "E353"),
    ("date msjson", "/Date(999999999999999)/", "E353"),
    ("date DD.MM.YYYY", "2024-03-11", "E353"),
    ("yes_no", "kanske", "E354"),
]


@pytest.mark.parametrize(("declared", "text", "value"), READ)
def test_reads(declared: str, text: str, value: object) -> None:
    assert find_format(declared).reader(text) == value


@pytest.mark.parametrize(("declared", "text", "code"), REFUSED)
def test_refuses(declared: str, text: str, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        find_format(declared).reader(text)
    assert refused.value.code == code
    assert not refused.value.message.endswith(".")


@pytest.mark.parametrize(
    "declared", ["money", "money sv", "date", "date MM", "date DD-MM-YYYY-YY", "number", "text x"]
)
def test_an_unknown_format_is_found_before_the_first_line(declared: str) -> None:
    with pytest.raises(ValueError):
        find_format(declared)


@given(
    st.decimals(min_value=0, max_value=10**9, places=2), st.sampled_from(["", " ", "\u00a0", "\u202f", "."])
)
def test_swedish_prices_are_exact(price: Decimal, group: str) -> None:
    written = f"{price:,.2f}".replace(",", "#").replace(".", ",").replace("#", group)
    assert find_format("money comma").reader(written) == Money(price)


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2068, 12, 31)))
def test_two_digit_years_are_of_this_century(day: date) -> None:
    assert find_format("date DD-MM-YY").reader(f"{day:%d-%m-%y}") == day


@given(
    st.text(max_size=30),
    st.sampled_from(["money comma", "money dot", "money either", "percent", "integer", "date iso, YYMMDD"]),
)
def test_any_text_is_read_or_refused(text: str, declared: str) -> None:
    try:
        value = find_format(declared).reader(text)
    except Unreadable as refused:
        value = refused.code
    assert value in ("E351", "E353") or isinstance(value, int | Decimal | Money | date)
