"""Amounts: every spelling of the trap list, every doubt refused, no float ever."""

from __future__ import annotations

import re
from contextlib import suppress
from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from etl.plugin import BadValue
from etl.template.filters import FILTERS

amount, currency = FILTERS["amount"], FILTERS["currency"]


def outcome(text: str) -> Decimal | str | None:
    """The amount, or the code of its refusal."""
    try:
        read: Decimal | None = amount(text)
    except BadValue as refused:
        return refused.code
    return read


cents = st.integers(0, 10**9).map(lambda n: Decimal(n).scaleb(-2))


@pytest.mark.parametrize(
    ("text", "locale", "want"),
    [
        ("1 249,50", None, "1249.50"),
        ("1\u00a0249,50", None, "1249.50"),
        ("1\u202f249,50", "sv", "1249.50"),
        ("1\u2009249,50 kr", "sv_SE", "1249.50"),
        ("1'249.50", "de_CH", "1249.50"),
        ("1’249.50", None, "1249.50"),
        ("249:00", None, "249.00"),
        ("249:50", "sv", "249.50"),
        ("249:-", None, "249"),
        ("249 :-", "sv", "249"),
        ("249,-", None, "249"),
        ("249,–", None, "249"),
        ("249,50:-", None, "249.50"),
        ("1.249:-", None, "1249"),
        ("19,90 kr", None, "19.90"),
        ("SEK 199", None, "199"),
        ("Kr. 150:00", None, "150.00"),
        ("£8.99", None, "8.99"),
        ("1,234.50", None, "1234.50"),
        ("1.234,50", None, "1234.50"),
        ("1.234,50", "sv", "1234.50"),
        ("1.000.000", None, "1000000"),
        ("1,234", "en", "1234"),
        ("1.234", "de", "1234"),
        ("1,23,456", "en_IN", "123456"),
        ("0,125", None, "0.125"),
        ("1234,567", None, "1234.567"),
        ("00249.00", None, "249.00"),
        (".75", None, "0.75"),
        ("-249,00", None, "-249.00"),
        ("−249", None, "-249"),
        ("kr -249,00", None, "-249.00"),
        ("-$5", None, "-5"),
        ("-0,00", None, "0.00"),
        ("5 ALL", None, "5"),
    ],
)
def test_read(text: str, locale: str | None, want: str) -> None:
    got = amount(text, locale)
    assert isinstance(got, Decimal)
    assert str(got) == want


@pytest.mark.parametrize(
    ("text", "locale", "code"),
    [
        ("1,234", None, "E413"),
        ("1.234", None, "E413"),
        ("kr 1.234", None, "E413"),
        ("2 x 40", None, "E414"),
        ("40/50", None, "E414"),
        ("100 kr 200 kr", None, "E414"),
        ("1.234", "sv", "E412"),
        ("199.00", "sv", "E412"),
        ("199,00", "en", "E412"),
        ("1 249,50", "en", "E412"),
        ("1,23,45", "en", "E412"),
        ("1,23,456", "en", "E412"),
        ("12 34", None, "E412"),
        ("1.000.00", None, "E412"),
        ("1.234 567,00", None, "E412"),
        ("0 123", None, "E412"),
        ("249-", None, "E412"),
        ("(249.00)", None, "E412"),
        ("20 %", None, "E412"),
        ("all 200", None, "E412"),
        ("try 5", None, "E412"),
        ("10 tkr", None, "E412"),
        ("50 öre", None, "E412"),
        ("SEK 100 kr", None, "E412"),
        ("119. 95", None, "E412"),
        ("٣٤", None, "E412"),
        ("1_000", None, "E412"),
        ("NaN", None, "E412"),
        ("kr", None, "E412"),
        ("9" * 41, None, "E412"),
        ("1,2E+03", None, "E404"),
        ("x" * 100_001, None, "E401"),
    ],
)
def test_refused(text: str, locale: str | None, code: str) -> None:
    with pytest.raises(BadValue) as caught:
        amount(text, locale)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("value", "code"),
    [(19.9, "E415"), (Decimal("NaN"), "E417"), (True, "E400"), (["1"], "E400")],
)
@pytest.mark.parametrize("name", ["amount", "decimal", "round_amount"])
def test_what_is_no_exact_number(name: str, value: object, code: str) -> None:
    with pytest.raises(BadValue) as caught:
        FILTERS[name](value)
    assert caught.value.code == code


def test_a_float_of_a_connector_is_no_amount() -> None:
    """No template makes one."""
    with pytest.raises(BadValue) as caught:
        FILTERS["amount"](19.9)
    assert caught.value.code == "E415"


def test_numbers_pass_unchanged() -> None:
    assert str(amount(Decimal("1.10"))) == "1.10"
    assert amount(7) == Decimal(7)


@given(cents, st.sampled_from(["sv", "en", "de", "de_CH", "fr", "nb", "en_IN", "da", "fi", "it"]))
def test_what_a_locale_writes_is_read_back(number: Decimal, locale: str) -> None:
    assert amount(format_decimal(number, locale=locale), locale) == number


@given(cents, st.sampled_from(["sv", "en", "de", "fr"]))
def test_without_a_locale_it_is_read_right_or_called_ambiguous(number: Decimal, locale: str) -> None:
    assert outcome(format_decimal(number, locale=locale)) in (number, "E413")


@given(st.text(alphabet="0123456789.,:- '’krSEK€$x%\u00a0\u2212", max_size=20))
def test_any_text_gives_a_decimal_or_a_bad_value(text: str) -> None:
    got = outcome(text)
    assert got in (None, "E404", "E412", "E413", "E414") or (isinstance(got, Decimal) and got.is_finite())


@pytest.mark.parametrize(
    ("text", "arguments", "want"),
    [
        ("SEK", {}, "SEK"),
        ("sek", {}, "SEK"),
        ("249,00", {}, None),
        ("249:-", {}, None),
        ("kr", {"kr": "NOK"}, "NOK"),
        ("$14.99", {"dollar": "CAD"}, "CAD"),
        ("£8.99", {"pound": "GBP"}, "GBP"),
        ("€ 5", {}, "EUR"),
        ("US$ 5", {}, "USD"),
        ("5 zł", {}, "PLN"),
    ],
)
def test_currency(text: str, arguments: dict[str, str], want: str | None) -> None:
    assert currency(text, **arguments) == want


@pytest.mark.parametrize("text", ["kr", "$5", "£5", "¥5", "5 daler", "SEK 5 EUR", "5 ¤"])
def test_currency_refused(text: str) -> None:
    with pytest.raises(BadValue) as caught:
        currency(text)
    assert caught.value.code == "E416"


def test_vat_is_a_factor_and_not_glued_digits() -> None:
    """A public reader of BTJ messages makes 1.6 of 6 %."""
    assert FILTERS["plus_vat"]("100", 6) == 106
    assert FILTERS["plus_vat"]("100", "25 %") == 125
    assert FILTERS["minus_vat"]("106", Decimal(6)) == 100
    assert FILTERS["net"]("199.00", 0) == Decimal("199.00")


@given(cents, st.sampled_from([6, 12, 25, Decimal("25.5"), "6.5"]))
def test_vat_off_and_on_again(price: Decimal, rate: object) -> None:
    there = FILTERS["minus_vat"](price, rate)
    assert FILTERS["round_amount"](FILTERS["plus_vat"](there, rate)) == price


@pytest.mark.parametrize(
    ("value", "places", "want"),
    [("0.005", 2, "0.01"), ("-0.005", 2, "-0.01"), ("2.3451", 2, "2.35"), ("2.5", 0, "3"), ("1", 2, "1.00")],
)
def test_round_half_up(value: str, places: int, want: str) -> None:
    assert str(FILTERS["round_amount"](value, places)) == want


@pytest.mark.parametrize(("value", "want"), [("12", 12), ("-3", -3), (" 003 ", 3), (Decimal("4"), 4), (5, 5)])
def test_integer(value: object, want: int) -> None:
    assert FILTERS["integer"](value) == want


@pytest.mark.parametrize(
    "value", ["3.0", "+3", "1e3", "1 000", "³", "9" * 19, Decimal("3.5"), Decimal("Infinity")]
)
def test_integer_refused(value: object) -> None:
    with pytest.raises(BadValue) as caught:
        FILTERS["integer"](value)
    assert caught.value.code == "E418"


@pytest.mark.parametrize("locale", [None, "sv", "nb", "en", "de", "fr", "de_CH"])
@pytest.mark.parametrize("text", ["1.000", "1,000", "1.250,50", "1,250.50", "12.345", "1'000.50", "-1.000"])
def test_the_help_says_what_each_way_of_writing_reads(text: str, locale: str | None) -> None:
    """Followed, it gives the value that it says: 1.000 was made 1 by the only locale that was named."""
    with suppress(BadValue):
        amount(text, locale)
        return
    with pytest.raises(BadValue) as refused:
        amount(text, locale)
    offered = re.findall(r"amount\('(\w+)'\) reads ([0-9.]+)", refused.value.help or "")
    assert [abs(amount(text, one)) for one, _ in offered] == [Decimal(value) for _, value in offered]
    assert len(offered) == len({value for _, value in offered}) >= 1


def test_what_came_out_whole_is_whole() -> None:
    integer = FILTERS["integer"]
    assert integer(Decimal("18.0")) == 18
    with pytest.raises(BadValue, match="not a whole number") as refused:
        integer(Decimal("18.5"))
    assert "round_amount(0) | integer" in (refused.value.help or "")
