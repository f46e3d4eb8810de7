"""Dates: each spelling of the trap list by its format, no guess between day and month."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.plugin import BadArgument, BadValue
from etl.template.filters import FILTERS

read = FILTERS["date"]
DAY = date(2024, 3, 11)


@pytest.mark.parametrize(
    ("value", "formats"),
    [
        ("2024-03-11", ()),
        ("2024-03-11Z", ()),
        ("2024-03-11T14:22:05+01:00", ()),
        ("2024-03-11T14:22:05.123Z", ("iso",)),
        ("2024-03-11 14:22", ()),
        ("2024\u201303\u201311", ()),
        ("20240311", ("YYYYMMDD",)),
        ("20240311", ("edifact102",)),
        (20240311, ("YYYYMMDD",)),
        ("240311", ("YYMMDD",)),
        ("11.03.2024", ("DD.MM.YYYY",)),
        ("11-03-24", ("DD-MM-YY",)),
        ("11/3 2024", ("D/M YYYY",)),
        ("20240311T1730", ("YYYYMMDDTHHmm",)),
        ("11.03.2024 17:30:00", ("DD.MM.YYYY HH:mm:ss",)),
        ("45362", ("excel",)),
        (45362, ("excel",)),
        ("45362.75", ("excel",)),
        ("/Date(1710163325000+0100)/", ("msjson",)),
        (r"\/Date(1710163325000)\/", ("msjson",)),
        ("11.03.2024", ("iso", "YYYYMMDD", "DD.MM.YYYY")),
        (DAY, ()),
        (datetime(2024, 3, 11, 23, 59, tzinfo=UTC), ("YYYYMMDD",)),
    ],
)
def test_read(value: object, formats: tuple[str, ...]) -> None:
    got = read(value, *formats)
    assert type(got) is date
    assert got == DAY


def test_the_zone_of_a_microsoft_date_counts() -> None:
    """Midnight in Sweden is still yesterday in UTC."""
    assert read("/Date(1710111600000+0100)/", "msjson") == DAY
    assert read("/Date(1710111600000)/", "msjson") == date(2024, 3, 10)
    assert read("/Date(1710111600000-0500)/", "msjson") == date(2024, 3, 10)


@pytest.mark.parametrize(
    ("text", "year"), [("000101", 2000), ("680101", 2068), ("690101", 1969), ("991231", 1999)]
)
def test_two_digit_years(text: str, year: int) -> None:
    assert read(text, "YYMMDD").year == year


@pytest.mark.parametrize(
    ("text", "formats", "code"),
    [
        ("11/03/2024", (), "E420"),
        ("20240311", (), "E420"),
        ("2024-3-11", (), "E420"),
        ("2024-03-11T25:00", (), "E420"),
        ("2024-03-11 kl 10", (), "E420"),
        ("2024-02-30", (), "E421"),
        ("31.04.2024", ("DD.MM.YYYY",), "E421"),
        ("00.00.0000", ("DD.MM.YYYY",), "E421"),
        ("20241301", ("YYYYMMDD",), "E421"),
        ("4536", ("excel",), "E420"),
        ("240311", ("excel",), "E420"),
        ("٢٠٢٤-٠٣-١١", (), "E420"),
        ("/Date(999999999999999)/", ("msjson",), "E421"),
    ],
)
def test_refused(text: str, formats: tuple[str, ...], code: str) -> None:
    with pytest.raises(BadValue) as caught:
        read(text, *formats)
    assert caught.value.code == code


def test_the_message_names_the_formats_tried() -> None:
    with pytest.raises(BadValue, match=r"formats DD\.MM\.YYYY, YYYYMMDD"):
        read("2024-03-11", "DD.MM.YYYY", "YYYYMMDD")


@pytest.mark.parametrize(
    "formats",
    [
        ("DD.MM.YYYY", "MM.DD.YYYY"),
        ("DD-MM-YY", "YY-MM-DD"),
        ("D/M/YYYY", "MM/DD/YYYY"),
        ("DDMMYYYY", "edifact102"),
    ],
)
def test_formats_that_cannot_be_told_apart(formats: tuple[str, ...]) -> None:
    with pytest.raises(BadArgument, match="cannot be told apart"):
        read(None, *formats)


@given(st.dates(date(1970, 1, 1), date(2068, 12, 31)))
def test_every_format_reads_what_it_writes(day: date) -> None:
    for form, code in {
        "DD.MM.YYYY": "%d.%m.%Y",
        "YYMMDD": "%y%m%d",
        "YYYYMMDD": "%Y%m%d",
        "DD-MM-YY": "%d-%m-%y",
    }.items():
        assert read(day.strftime(code), form) == day
    assert FILTERS["alma_date"](day) == f"{day.isoformat()}Z"
    assert read(FILTERS["alma_date"](day)) == day
