"""Files of OASIS with seeded damage → no exception but a Refusal, every record loaded or rejected, once."""

from __future__ import annotations

import os

import pytest
from mutants import mutants, survived
from oasis_files import BRIEF, answer, marc, marcxml, order

from connectors.oasis import OasisConnector

pytestmark = pytest.mark.slow

MUTANTS = int(os.environ.get("FUZZ_MUTANTS", "300"))
"""Of each sample; FUZZ_MUTANTS=20000 for a long run."""

TWO = [*BRIEF, ("960", "  $kLAW$o1$s8.99$tLAW-STACKS$uLAW"), ("961", "  $dLaw")]
CSV = b"order_number,customer_account,checkout_type,order_date,isbn,title,format,quantity\nO1,K,firm,2024-03-11,9199999013,A,P,1\n"
SAMPLES = {
    "marc": marc(BRIEF, TWO, BRIEF),
    "marcxml": marcxml(BRIEF, TWO),
    "orders": b"\n".join([order(), order(format="E", title_id="1")]),
    "answers": b"["
    + answer(Title="A")
    + b",\n"
    + answer(request={"apiKey": "k", "ISBN": "9199999013"})
    + b"]",
    "csv": CSV + CSV.splitlines()[1] + b"\n",
}
PIECES = (
    b"<",
    b"&",
    b'"',
    b"{",
    b"}",
    b"]",
    b",",
    b"\0",
    b"\xff",
    b"\x1d",
    b"\x1e",
    b"\x1f",
    b"\r\n",
    b"<!DOCTYPE a>",
    b"9" * 40,
    b"960",
    b"\\u0000",
    b"\xc3",
)


@pytest.mark.parametrize(
    "options",
    [{}, {"blocks": "lines", "columns": {"title": ["245$a", "title", "Title"]}}],
    ids=["plain", "own"],
)
@pytest.mark.parametrize("name", SAMPLES)
def test_damage_is_told_and_nothing_is_lost(name: str, options: dict[str, object]) -> None:
    damaged = mutants(SAMPLES[name], PIECES, 17 + len(options), MUTANTS // 2)
    read, refused = survived(OasisConnector(), options, damaged)
    assert read + refused == MUTANTS // 2
    assert read > MUTANTS // 20
