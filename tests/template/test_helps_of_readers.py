"""What a filter that cannot read a text advises: no format that just failed, no cut before its meaning is known."""

from __future__ import annotations

import pytest

from etl.plugin import BadValue
from etl.template.filters.amounts import amount, integer
from etl.template.filters.dates import date


@pytest.mark.parametrize(
    ("text", "formats", "wanted"),
    [
        ("2024-03-11", ("DD.MM.YYYY",), "date('DD.MM.YYYY', 'iso') reads 2024-03-11"),
        ("11.03.24", ("DD.MM.YYYY",), "date('DD.MM.YYYY', 'DD.MM.YY') reads 2024-03-11"),
        ("11/03/2024", (), "date('iso', 'MM/DD/YYYY') reads 2024-11-03"),
        ("11/03/2024", (), "date('iso', 'DD/MM/YYYY') reads 2024-03-11"),
        ("24-03-11", (), "date('iso', 'YY-MM-DD') reads 2024-03-11"),
        ("45362", (), "date('iso', 'excel') reads 2024-03-11"),
        ("mitten av mars", ("DD.MM.YYYY",), "| date('DD.MM.YYYY')"),
        ("mars 2024", ("DD.MM.YYYY",), "none of the usual formats"),
    ],
)
def test_a_date_is_told_what_reads_it(text: str, formats: tuple[str, ...], wanted: str) -> None:
    with pytest.raises(BadValue) as bad:
        date(text, *formats)
    assert wanted in str(bad.value.help)


@pytest.mark.parametrize("text", ["2 dussin", "3 förp", "1 set", "2 par"])
def test_a_word_beside_copies_may_count_them(text: str) -> None:
    with pytest.raises(BadValue) as bad:
        integer(text)
    assert "dozens, packs" in str(bad.value.help)
    assert "[0-9]" not in str(bad.value.help)


@pytest.mark.parametrize("text", ["249,00 per hundra", "249,00 inkl moms", "249,00 per dussin"])
def test_a_word_beside_an_amount_may_be_its_basis(text: str) -> None:
    with pytest.raises(BadValue) as bad:
        amount(text, "sv")
    assert "basis" in str(bad.value.help)


@pytest.mark.parametrize("text", ["1000 per 10", "1000/10 st", "249 x 2"])
def test_several_numbers_may_be_a_basis(text: str) -> None:
    with pytest.raises(BadValue) as bad:
        amount(text, "sv")
    assert bad.value.help
