"""Leader/05 = d, in the samples of every vendor that sends MARC: the order waits."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from connectors.btj import BtjConnector
from connectors.gobi import GobiConnector
from connectors.libris import LibrisConnector
from connectors.oasis import OasisConnector
from etl.plugin import Connector, Severity, Source
from etl.testing.sources import bytes_source

MAPPINGS = Path(__file__).parents[2] / "mappings"
# The first record of the sample: connector, sample, its leader.
SAMPLES: list[tuple[Connector, str, str]] = [
    (OasisConnector(), "oasis/samples/*.xml", r"(<leader>.{5})(.)"),
    (OasisConnector(), "oasis/samples/*.mrc", r"(\A.{5})(.)"),
    (GobiConnector(), "gobi/samples/*.xml", r"(<leader>.{5})(.)"),
    (BtjConnector(), "btj/samples/marc/*.mrc", r"(\A.{5})(.)"),
    (LibrisConnector(), "libris/samples/*.xml", r"(<leader>.{5})(.)"),
]
FOUND = [(one, path, leader) for one, glob, leader in SAMPLES for path in sorted(MAPPINGS.glob(glob))]


@pytest.mark.parametrize(("connector", "path", "leader"), FOUND, ids=[str(path.name) for _, path, _ in FOUND])
def test_a_deleted_record_of_a_sample_holds(connector: Any, path: Path, leader: str) -> None:
    whole = path.read_bytes()
    marked, times = re.subn(leader.encode(), rb"\1d", whole, count=1, flags=re.DOTALL)
    if not times:
        pytest.skip("no MARC in it")
    for data, expected in ((whole, 0), (marked, 1)):
        source: Source = bytes_source(data, path.name)
        options = connector.Options.model_validate({})
        notes = [note for batch in connector.read(source, options, None) for note in batch.notes]
        assert [note.severity for note in notes if note.code == "E447"] == [Severity.HOLD] * expected


def test_every_vendor_has_such_a_sample() -> None:
    assert {type(one).__name__ for one, _, _ in FOUND} == {type(one).__name__ for one, _, _ in SAMPLES}
