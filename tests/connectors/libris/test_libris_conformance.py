"""The libris connector keeps the promises of every connector, and outlives mutated files."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import ClassVar

import pytest
from libris_files import bib, copy, field, holdings, iso2709, xml

from connectors.libris import LibrisConnector
from etl.plugin import Refusal
from etl.testing.connector_suite import ConnectorSuite, check_numbers
from etl.testing.sources import bytes_source

SAMPLES = Path(__file__).parents[3] / "mappings" / "libris" / "samples"
MUTANTS = int(os.environ.get("MUTANTS", "600"))
RECORDS = (
    bib(number="1"), holdings(copy("Barn"), copy("Vuxen")), bib(copy(), field("245", ("a", "A\u030aland"))),
    bib(number="3", title=""), holdings(copy()), bib(number="4"), bib(number="5", source="SwLnBT"), holdings(copy()),
)  # fmt: skip


# fmt: off
ACQUIRED = {
    "source": "libris_forvarv", "isbn": "978-91-999999-1-3", "title_number": "1", "external_no": "1",
    "record_supplier": "LIBRIS", "title": "Sju nätter på Åland", "form": "inbunden",
}
COPY = {**ACQUIRED, "quantity": 1, "library": "Exb"}
# fmt: on


class TestXml(ConnectorSuite):
    connector = LibrisConnector()
    record = 5
    options: ClassVar = {"defaults": {"supplier": "AdLibris"}}
    stated: ClassVar = {1: {**ACQUIRED, "supplier": "AdLibris", "quantity": 2}}
    sample = xml(*RECORDS)


class TestIso2709(ConnectorSuite):
    connector = LibrisConnector()
    record = 5
    options: ClassVar = {"placements": "lines", "note_pattern": "(?P<order_id>[0-9]+)"}
    stated: ClassVar = {1: [{**COPY, "sub_line": "1", "department": "Barn"}, {**COPY, "sub_line": "2", "department": "Vuxen"}]}
    sample = iso2709(*RECORDS)


@pytest.mark.parametrize("sample", sorted(SAMPLES.iterdir()), ids=lambda path: path.name)
def test_mutated_files_are_read_or_rejected(sample: Path) -> None:
    """MUTANTS=20000 in the environment makes it thorough."""
    connector, dice, data = LibrisConnector(), random.Random(6), sample.read_bytes()  # noqa: S311 - repeatable damage, not a secret
    options = connector.Options.model_validate({})
    refused: set[str] = set()
    for _ in range(MUTANTS // 3):
        mutant = data
        for _ in range(dice.randrange(1, 5)):
            at, size = dice.randrange(len(mutant)), dice.randrange(1, 60)
            middle = dice.choice(
                [b"", dice.randbytes(3), b"\x1d", b"\x1e", b"<record>", b"</record>", b"&#1;"]
            )
            mutant = mutant[:at] + middle + mutant[at + size * dice.randrange(2) :]
        try:
            assert check_numbers(connector.read(bytes_source(mutant, sample.name), options, None)) >= 1
        except Refusal as refusal:
            refused.add(refusal.problems[0].code)
    assert refused <= {"E301", "E302", "E340", "E341", "E342"}
