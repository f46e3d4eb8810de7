"""A connector, a sample and what its author says of the sample's records → the promise that none disappears.

How many records there are, and where, is not asked of the connector: `record` and `trailer` say it. So one
that drops what is damaged, gives a part of a value for the whole, or does not believe the file's own count
is found out by files that the suite makes of the sample.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import ClassVar

from pydantic import BaseModel

from etl.plugin import Connector
from etl.testing.readings import SampleReading, reading_of

_RECORDS, _PLACES = 5, 12
"""Records of the sample that are damaged, and places in each."""
_NUMBER = re.compile(rb"(?<![0-9])[0-9]{1,9}(?![0-9])")


class RecordSuite:
    """What `ConnectorSuite` asks of the records of a sample."""

    connector: ClassVar[Connector]
    options: ClassVar[Mapping[str, object]] = {}
    sample: ClassVar[bytes | Path]
    record: ClassVar[bytes | int]
    """How a record of the sample looks in its bytes: a pattern that matches each of them, whole, and nothing
    else (`.` is any byte, a line break too). Where a part of the file is no file (one JSON or XML document,
    a workbook, a message with an end), how many there are.
    """
    trailer: ClassVar[bytes | None] = b""
    """Where the sample says how many records it has: a pattern whose first group is the number. None: it says
    it nowhere, though such a number stands behind its last record.
    """
    open_ended: ClassVar[bool] = False
    """True if a record ends where the next begins, without a mark: that whole lines of the last are missing
    cannot be told then.
    """

    def test_says_how_its_records_look(self) -> None:
        assert getattr(self, "record", None), (
            'say what a record of the sample looks like, as  record = rb"[^\\n]+\\n" , or how many it has, '
            "if a part of it cannot be read: a connector is not asked how many it should have found"
        )
        if isinstance(self.record, bytes):
            assert self._spans(), "the pattern `record` matches nothing in the sample"
        if self.trailer == b"" and isinstance(self.record, bytes):
            behind = self._bytes()[self._spans()[-1][1] :]
            counted = [found for found in _NUMBER.findall(behind) if int(found) == len(self._spans())]
            assert not counted, (
                f"behind the last record stands {counted[0]!r}, which is how many there are: say where, as  "
                'trailer = rb"TOTAL;([0-9]+)" , or  trailer = None  if it is no count'
            )

    def test_finds_the_records_that_are_there(self) -> None:
        expected = self.record if isinstance(self.record, int) else len(self._spans())
        assert self._reading(self._bytes()).count == expected

    def test_tells_where_a_file_is_cut(self) -> None:
        """A record of which a part is missing is not given as if it were whole, nor left out in silence."""
        data, whole = self._bytes(), self._reading(self._bytes())
        for at, record in self._cuts():
            part = self._reading(data[:at])
            if part.says_more(whole):
                continue
            for number in range(1, record + 1):
                assert part.rows.get(number) == whole.rows.get(number), (
                    f"cut after {at} bytes, in record {record}: record {number} is "
                    f"{'another' if number in part.rows else 'not there'}, and nothing is said"
                )

    def test_tells_of_a_damaged_record(self) -> None:
        """As many as before, or something is said."""
        whole = self._reading(self._bytes())
        for damaged, where in self._damaged():
            found = self._reading(damaged)
            assert found.says_more(whole) or found.count >= whole.count, (
                f"{where}: {found.count} records of {whole.count} are left, and nothing is said of the other"
            )

    def test_believes_the_count_of_the_trailer(self) -> None:
        """Records that are missing are told where the file itself says how many it has."""
        if not self.trailer:
            return
        data = self._bytes()
        found = re.search(self.trailer, data, re.DOTALL)
        assert found is not None, "the pattern `trailer` matches nothing in the sample"
        assert found.lastindex, "the pattern `trailer` has no group that is the number"
        whole, (begin, end) = self._reading(data), found.span(1)
        for more in (1, 2, 10):
            number = str(int(found[1]) + more).encode().rjust(end - begin, b"0")
            told = self._reading(data[:begin] + number + data[end:])
            assert told.says_more(whole), f"the file counts {more} more than it has, and nothing is said"

    # ---------------------------------------------------------------------------------------- plumbing

    def _spans(self) -> list[tuple[int, int]]:
        assert isinstance(self.record, bytes)
        return [found.span() for found in re.finditer(self.record, self._bytes(), re.DOTALL)]

    def _chosen(self) -> Iterator[tuple[int, int, int]]:
        """(number, begin, end) of some records, the first and the last among them; a document is one."""
        if isinstance(self.record, int):
            yield self.record, 0, len(self._bytes().rstrip())
            return
        spans = self._spans()
        step = max(1, len(spans) // _RECORDS)
        for number in sorted({*range(0, len(spans), step), len(spans) - 1}):
            yield number + 1, *spans[number]

    def _cuts(self) -> Iterator[tuple[int, int]]:
        """(place, number of the record it is in)."""
        for number, begin, end in self._chosen():
            step = max(1, (end - begin) // _PLACES)
            near = range(max(begin + 1, end - 6), end)
            for at in sorted({*range(begin + 1, end, step), *near}):
                lines, rest = self._bytes()[:at].rpartition(b"\n")[::2]
                if not self.open_ended or (lines and rest):
                    yield at, number

    def _damaged(self) -> Iterator[tuple[bytes, str]]:
        data, dice = self._bytes(), Random(3)  # noqa: S311 - repeatable damage, not a secret
        for number, begin, end in self._chosen():
            for at in range(begin, end, max(1, (end - begin) // _PLACES)):
                one = bytes([dice.randrange(256)])
                yield data[:at] + one + data[at + 1 :], f"byte {at}, in record {number}, is {one!r}"
            third = (end - begin) // 3
            yield data[: begin + third] + data[end - third :], f"the middle of record {number} is not there"
            zeros = data[: begin + third] + bytes(third) + data[begin + 2 * third :]
            yield zeros, f"there are zeros in record {number}"

    def _reading(self, data: bytes) -> SampleReading:
        return reading_of(self.connector, data, self._options())

    def _options(self) -> BaseModel:
        return self.connector.Options.model_validate(dict(self.options))

    def _bytes(self) -> bytes:
        return self.sample.read_bytes() if isinstance(self.sample, Path) else self.sample
