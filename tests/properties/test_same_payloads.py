"""What must not change a payload: a second run, the order of rows, and how the same text may be written."""

from __future__ import annotations

import random
from unicodedata import normalize

from hypothesis import given
from hypothesis import strategies as st
from shop import FEW, csv_bytes, finished, good_rows, planned

Rows = list[list[str]]


@FEW
@given(rows=good_rows())
def test_twice_gives_the_same_bytes(rows: Rows) -> None:
    data = csv_bytes(rows)
    first, second = finished(data), finished(data, plan=planned(sample=data))
    assert first.payloads == second.payloads
    assert list(first.payloads) == list(second.payloads)
    assert first.report.as_dict() == second.report.as_dict()


@FEW
@given(rows=good_rows(), seed=st.integers(0, 1000))
def test_row_order(rows: Rows, seed: int) -> None:
    shuffled = list(rows)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - an order, not a secret
    assert finished(csv_bytes(shuffled)).payloads == finished(csv_bytes(rows)).payloads


@FEW
@given(rows=good_rows())
def test_line_ends_byte_order_mark_and_composition(rows: Rows) -> None:
    plain = finished(csv_bytes(rows)).payloads
    assert finished(csv_bytes(rows, line_end="\r\n")).payloads == plain
    assert finished(csv_bytes(rows, bom=True)).payloads == plain
    decomposed = [[normalize("NFD", cell) for cell in row] for row in rows]
    assert finished(csv_bytes(decomposed)).payloads == plain


@FEW
@given(rows=good_rows(), where=st.lists(st.integers(3, 11), max_size=4), mark=st.sampled_from("-‐‑–\u00a0 "))
def test_hyphens_in_an_isbn(rows: Rows, where: list[int], mark: str) -> None:
    written = []
    for row in rows:
        number = row[1]
        for at in sorted(set(where), reverse=True):
            number = number[:at] + mark + number[at:]
        written.append([row[0], number, *row[2:]])
    assert finished(csv_bytes(written)).payloads == finished(csv_bytes(rows)).payloads


@FEW
@given(rows=good_rows())
def test_how_a_price_is_written(rows: Rows) -> None:
    plain = finished(csv_bytes(rows)).payloads
    for form in ("{} kr", "SEK {}", "{} SEK", " {} "):
        written = [[*row[:4], form.format(row[4]), *row[5:]] for row in rows]
        assert finished(csv_bytes(written)).payloads == plain
