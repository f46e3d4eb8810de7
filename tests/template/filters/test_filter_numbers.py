"""ISBN and its relatives, accounts, record numbers: verified, never repaired by guess."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean as ean_standard
from stdnum import isbn as isbn_standard

from etl.plugin import BadValue
from etl.template.filters import FILTERS

isbn13, account, system_number = FILTERS["isbn13"], FILTERS["account"], FILTERS["system_number"]


def code_of(name: str, *arguments: object) -> str:
    with pytest.raises(BadValue) as caught:
        FILTERS[name](*arguments)
    return caught.value.code


@pytest.mark.parametrize(
    "text",
    [
        "9789199999012",
        "978-91-999990-1-2",
        "978 91 999990 1 2",
        "978\u201391\u2010999990\u20111\u22122",
        "978\u00a091\u2009999990\u202f1\u30002",
        "\ufeff9789199999012\u200b",
        "91-999990-1-3",
        "9199999013",
        "9199999013 (inb.)",
        "91-999990-1-3 (pbk.) :$c19.31",
        "9199999013 : £12.95",
        "9199999013:",
        "9199999013(v1)",
        "9199999013 inb.",
        "9199999013 [kart.]",
        "ISBN 978-91-999990-1-2",
        "ISBN: 9199999013",
        "ISBN-13: 978-91-999990-1-2",
        "ISBN-10 91-999990-1-3",
        "isbn13 9789199999012",
        "urn:isbn:9789199999012",
        9789199999012,
    ],
)
def test_isbn13_reads(text: object) -> None:
    assert isbn13(text) == "9789199999012"


def test_check_character_x_in_both_cases() -> None:
    assert isbn13("080442957X") == isbn13("0-8044-2957-x") == "9780804429573"
    assert FILTERS["isbn10"]("9780804429573") == "080442957X"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("9,78914E+12", "E404"),
        ("9.78914E+12", "E404"),
        ("9E12", "E404"),
        ("9789199999013", "E403"),
        ("9199999014", "E403"),
        ("919999901", "E402"),
        ("97891999990120", "E402"),
        ("9789199999012.0", "E402"),
        ("7310865004703", "E402"),
        ("9790230671187", "E407"),
        ("9789199999012 9789127073777", "E405"),
        ("9199999013, 9127073777", "E405"),
        ("inbunden", "E402"),
        ("BTJ1234567890", "E402"),
        ("9199999013abc", "E402"),
        ("91999990133 (inb.)", "E402"),
        ("x" * 100_001, "E401"),
    ],
)
def test_isbn13_refuses(text: str, code: str) -> None:
    assert code_of("isbn13", text) == code


def test_a_lost_zero_is_put_back_only_when_asked() -> None:
    assert code_of("isbn13", "192802380") == "E402"
    assert isbn13(FILTERS["pad_left"]("192802380", 10)) == "9780192802385"
    assert isbn13("SBN 12 345678 9") == "9780123456786"


@given(st.integers(0, 999_999_999), st.sampled_from(["", "-", " ", "\u2010"]))
def test_ten_and_thirteen_agree(number: int, between: str) -> None:
    body = f"{number:09d}"
    ten = body + isbn_standard._calc_isbn10_check_digit(body)
    thirteen = "978" + body + ean_standard.calc_check_digit("978" + body)
    assert isbn13(between.join(ten)) == isbn13(between.join(thirteen)) == thirteen
    assert FILTERS["isbn10"](thirteen) == ten


@given(st.integers(0, 999_999_999), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(number: int, at: int, by: int) -> None:
    body = f"978{number:09d}"
    good = body + ean_standard.calc_check_digit(body)
    bad = good[:at] + str((int(good[at]) + by) % 10) + good[at + 1 :]
    assert FILTERS["valid_isbn"](good) is True
    assert FILTERS["valid_isbn"](bad) is False


@pytest.mark.parametrize(
    ("value", "want"),
    [
        ("9789199999012; 9127073777", ["9789199999012", "9789127073777"]),
        ("9789199999012 9789127073777", ["9789199999012", "9789127073777"]),
        ("9199999013 (inb.), 9789199999012", ["9789199999012"]),
        (["9199999013", None, "", "9127073777 (kart.)"], ["9789199999012", "9789127073777"]),
        ([], None),
    ],
)
def test_isbns(value: object, want: list[str] | None) -> None:
    assert FILTERS["isbns"](value) == want


@pytest.mark.parametrize(
    ("value", "code"),
    [("9789199999012; 9127073778", "E403"), ("9789199999012; 12345678", "E402"), ([["9199999013"]], "E400")],
)
def test_isbns_loses_none_in_silence(value: object, code: str) -> None:
    assert code_of("isbns", value) == code


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("issn", "0028-083", "E408"),
        ("issn", "2,80836E+06", "E404"),
        ("ean", "7310865004703.0", "E404"),
        ("ean", "73108650047", "E408"),
        ("ean", "7310865oo4703", "E408"),
        ("ismn", "9789199999012", "E408"),
    ],
)
def test_other_numbers_refused(name: str, text: str, code: str) -> None:
    assert code_of(name, text) == code


def test_other_numbers_read() -> None:
    assert FILTERS["issn"]("2434-561x") == "2434-561X"
    assert FILTERS["ean"]("40170725") == "40170725"
    assert FILTERS["ismn"]("ISMN 979-0-2306-7118-7") == "9790230671187"


@pytest.mark.parametrize(
    ("value", "want"),
    [("01234000", "01234000"), ("1234000", "01234000"), (1234000, "01234000"), ("0123 40-00", "01234000")],
)
def test_btj_accounts(value: object, want: str) -> None:
    assert account(value, "btj") == account(value, "BTJ") == want


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("123456", "E432"),
        ("012340001", "E432"),
        ("konto", "E432"),
        ("1234000.0", "E404"),  # eight digits, one of them Excel's
        ("1,2345E+06", "E404"),  # seven digits, two of them Excel's
    ],
)
def test_btj_accounts_refused(value: str, code: str) -> None:
    assert code_of("account", value, "btj") == code


@pytest.mark.parametrize(
    ("value", "supplier", "want"),
    [
        ("23456789", "burk", "SwLnBT23456789"),
        ("SwLnBT 23456789", "BURK", "SwLnBT23456789"),
        ("(SE-LIBR)8452921", "LIBRIS", "(SE-LIBR)8452921"),
        ("fxql7jqr38b1dkf4", "Libris", "(SE-LIBR)fxql7jqr38b1dkf4"),
        ("4711", "EGEN", None),
        ("4711", None, None),
    ],
)
def test_system_numbers(value: str, supplier: str | None, want: str | None) -> None:
    assert system_number(value, supplier) == want


def test_system_number_of_nothing_but_a_prefix() -> None:
    assert code_of("system_number", "SwLnBT", "BURK") == "E433"
