"""A day is read by the filter and by vendors' layouts alike, and nothing is guessed between day and month."""

from __future__ import annotations

import pytest

from connectors.layouts.unreadable import Unreadable
from connectors.layouts.values import find_format
from etl.plugin import BadValue
from etl.template.filters.dates import date

DAYS = [
    ("2024-03-11", "iso"), ("2024-03-11Z", "iso"), ("2024-03-11T14:22:05+01:00", "iso"), ("2024-03-11T1422+01", "iso"),
    ("2024-03-11T14:22:05.1234567 +01:00", "iso"), ("2024\u201103\u201111", "iso"), ("٢٠٢٤-٠٣-١١", "iso"), ("2024-02-30", "iso"),
    ("45362", "excel"), ("20240311", "edifact102"), ("/Date(1710111600000+0100)/", "msjson"), ("240311", "YYMMDD"),
    ("690101", "YYMMDD"), ("991231", "YYMMDD"), ("11/3 2024", "D/M YYYY"), ("20240311143000", "YYYYMMDDhhmmss"),
    ("20240311T1430", "YYYYMMDDTHHmm"), ("2024-03-11  14:22", "YYYY-MM-DD hh:mm"), ("00000000", "YYYYMMDD"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "form"), DAYS)
def test_a_day_is_one_day(text: str, form: str) -> None:
    try:
        theirs: object = date(text, form)
    except BadValue:
        theirs = "refused"
    try:
        mine = find_format(f"date {form}").reader(text)
    except Unreadable:
        mine = "refused"
    assert mine == theirs


@pytest.mark.parametrize("forms", ["DD.MM.YYYY, MM.DD.YYYY", "YYYYMMDD, DDMMYYYY", "DD-MM-YY, YY-MM-DD"])
def test_forms_that_cannot_be_told_apart_are_refused_in_a_layout(forms: str) -> None:
    with pytest.raises(ValueError, match="cannot be told apart"):
        find_format(f"date {forms}")
