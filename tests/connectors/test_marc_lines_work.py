"""A record that never ends, as lines → work that grows as the file does."""

from __future__ import annotations

import pytest

from connectors.marc_file import MarcConnector
from etl.testing.sources import bytes_source
from etl.testing.work import steps_of

LIMIT = 4_096
CONNECTOR = MarcConnector()
FULL = {  # a record beyond its limit, and then what may begin another one
    "aleph": (b"000000001 500   L $$ax\n", b"000000001 %s   L 00000nam^a2200301^i^4500\n"),
    "mrk": (b"=500  \\\\$ax\n", b"=%s  00000nam^a2200301^i^4500\n"),
}


def work(form: str, head: bytes, times: int, limit: int = LIMIT) -> int:
    filler, begins = FULL[form]
    data = b"" if form == "aleph" else b"=LDR  00000nam\\a2200301\\i\\4500\n"
    data += filler * (limit // len(filler)) + begins % head * times
    options = CONNECTOR.Options.model_validate({"max_record_bytes": limit})
    return steps_of(lambda: list(CONNECTOR.read(bytes_source(data, "orders"), options, None)))


@pytest.mark.parametrize("head", [b"LDR", b"FMT", b"500", b"001"])
@pytest.mark.parametrize("form", FULL)
def test_lines_behind_a_full_record_cost_the_same_each(form: str, head: bytes) -> None:
    one, two, four = (work(form, head, 200 * times) for times in (1, 2, 4))
    assert four - two <= 2.2 * (two - one)


def test_lines_behind_a_full_record_are_not_compared_with_all_of_it() -> None:
    """Four times the lines kept, and the lines behind cost no more."""
    small, large = (
        work("aleph", b"LDR", 400, limit) - work("aleph", b"LDR", 200, limit) for limit in (LIMIT, 4 * LIMIT)
    )
    assert large <= 1.2 * small
