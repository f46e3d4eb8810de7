"""A record that is no book by its leader: nobody orders it as a printed one, whichever vendor's it is."""

from __future__ import annotations

import pytest
from vendor_records import KINDS, outcome, plan_of

from etl.problems import Severity

READERS = ("oasis_marc", "btj_marc", "libris_forvarv", "gobi_order", "marc")
KINDS_OF_RECORD = {"im": "audio", "jm": "audio", "gm": "video", "as": "a serial", "ai": "a database"}


@pytest.mark.parametrize("name", READERS)
def test_what_is_no_book_waits(name: str) -> None:
    kind = KINDS[name]
    mapping = kind.mapping_of("po_line")
    assert mapping is not None
    data = kind.write(kind.record)
    assert data.count(b"nam") == 1
    plan = plan_of(mapping)
    usual = [one.code for one in outcome(plan, data, kind.file).told if one.severity is Severity.HOLD]
    for code in KINDS_OF_RECORD:
        told = outcome(plan, data.replace(b"nam", b"n" + code.encode()), kind.file).told
        more = {one.code for one in told if one.severity is Severity.HOLD} - set(usual)
        assert more & {"E422", "E486"}, (code, told)


@pytest.mark.parametrize("name", READERS)
def test_a_book_does_not(name: str) -> None:
    kind = KINDS[name]
    mapping = kind.mapping_of("po_line")
    assert mapping is not None
    told = outcome(plan_of(mapping), kind.write(kind.record), kind.file).told
    assert [one for one in told if one.code in ("E422", "E486")] == []
