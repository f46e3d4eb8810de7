"""A number is read by filters and by vendors' layouts alike: the same value, or refused by both."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.layouts import load_layouts, parse_line
from connectors.layouts.unreadable import Unreadable
from connectors.layouts.values import find_format
from etl.plugin import BadValue, DataPlace
from etl.template.filters.amounts import amount, integer
from etl.template.filters.percentages import percent

STYLES = {"comma": "sv", "dot": "en", "either": None}
AMOUNTS = [
    "98,00", "98.00", "1 249,50", "1.249,50", "1,249.50", "1.249", "1,249", "1.234.567", "249:-", "249:00", "249,-",
    "max 98,00", "vid 98,00", "xyz 19,90", "19,90 SKR", "19,90 kr", "19,90 kronor", "NT$380", "US$98,00", "¥1200",
    "19,90 zł", "SEK 19,90", "19,90 eur", "149,00 kr SEK", "-10,00", "\u221210,00", "1E5", "9,7E+12", "٣", "٣,00", "1x234:50",
    "1٣:50", "2 x 40", "på begäran", "1  089,00", "0,125", "1234,567", "$14.99", "£8.99", "10,89,00", "1 08,00", "-", "kr",
]  # fmt: skip
COPIES = ["2", "003", "+2", "1 000", "٣", "２", "2,0", "2.00", "2.000", "2,5", "1E5", "1_0", "", "2 st", "0"]
SIGNS = st.text(alphabet="0123456789.,:-' \u00a0krSEK$€%Ex٣", min_size=1, max_size=12)


def outcome(read: Callable[[], object]) -> object:
    """The value, or that it is refused."""
    try:
        value = read()
    except (BadValue, Unreadable):
        return "refused"
    return value[0] if isinstance(value, tuple) else value


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("text", AMOUNTS)
def test_an_amount_is_one_amount(text: str, style: str) -> None:
    layouts = outcome(lambda: find_format(f"money {style}").reader(text))
    assert layouts == outcome(lambda: amount(text, STYLES[style]))


@given(SIGNS.filter(str.strip), st.sampled_from(sorted(STYLES)))
def test_any_amount_is_one_amount(text: str, style: str) -> None:
    layouts = outcome(lambda: find_format(f"money {style}").reader(text))
    assert layouts == outcome(lambda: amount(text, STYLES[style]))


@pytest.mark.parametrize("text", [text for text in COPIES if text])
def test_copies_are_one_number(text: str) -> None:
    assert outcome(lambda: find_format("integer").reader(text)) == outcome(lambda: integer(text))


@given(SIGNS.filter(str.strip))
def test_any_copies_are_one_number(text: str) -> None:
    mine, theirs = outcome(lambda: find_format("integer").reader(text)), outcome(lambda: integer(text))
    if isinstance(theirs, int) and not 0 <= theirs < 10**9:
        theirs = "refused"
    assert mine == theirs


@pytest.mark.parametrize("text", ["6", "6,0", "27.5 %", "0,6 %", "0,06", "101", "-6", "٦", "1_0", "1E1", "6 %%", "%"])
def test_a_percentage_is_one_percentage(text: str) -> None:
    assert outcome(lambda: find_format("percent").reader(text)) == outcome(lambda: percent(text))


@pytest.mark.parametrize(("text", "code"), [("0,06 %", "E351"), ("6 %", "E351")])
def test_what_shows_a_percent_sign_is_no_fraction(text: str, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        find_format("fraction").reader(text)
    assert refused.value.code == code


@pytest.mark.parametrize(("price", "copies"), [("money comma", "2,00"), ("money dot", "2.00")])
def test_copies_have_the_decimal_mark_of_the_prices(price: str, copies: str) -> None:
    layout = load_layouts("bokus")["bokus_order"].adapted({}, {"unit_price": price}, {})
    assert layout.format_of("quantity").reader(copies) == 2
    with pytest.raises(Unreadable):
        layout.format_of("quantity").reader(copies.translate({44: ".", 46: ","}))


@pytest.mark.parametrize(
    ("price", "currency", "right"),
    [
        ("19,90 SKR", None, "SEK"), ("19,90 €", None, "EUR"), ("$14,99", None, None), ("£8,99", None, None),
        ("$14,99", "USD", "USD"), ("$14,99", "SEK", None), ("19,90 kr", "NOK", "NOK"), ("19,90 kr", "EUR", None),
        ("NT$380", "TWD", "TWD"), ("NT$380", "SEK", None), ("max 19,90", "SEK", None),
    ],
)  # fmt: skip
def test_a_mark_beside_the_price_names_the_currency_agrees_or_is_refused(
    price: str, currency: str | None, right: str | None
) -> None:
    fields = {"ISBN": "9789199999012", "Pris exkl moms": price, "Valuta": currency}
    layout = load_layouts("bokus")["bokus_order"].adapted({"currency": ["Valuta"]}, {}, {})
    line, problems = parse_line(layout, fields, DataPlace("order.csv", 1))
    assert ([one.code for one in problems if one.code == "E351"] == []) is (right is not None)
    if right:
        assert line["currency"] == right
        assert isinstance(line["unit_price"], Decimal)
