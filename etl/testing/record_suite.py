"""A connector, a sample and what its author says of the sample's records → the promise that none disappears.

How many records there are, where, and what one of them says is not asked of the connector: `record`,
`trailer`, `separator` and `stated` say it. So one that drops what is damaged, gives a part of a value for the
whole or another record's, fills in what is missing, or does not believe the file's own count is found out by
files that the suite makes of the sample. What is said counts by its weight and by the record it is about,
never by its sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, pairwise, product
from pathlib import Path
from random import Random
from typing import ClassVar

from pydantic import BaseModel

from etl.plugin import Connector, Rejected
from etl.testing.readings import SampleReading, reading_of
from etl.testing.stated import differences

_RECORDS, _PLACES = 5, 12
"""Records of the sample that are damaged, and places in each."""
_LETTERS = 6
"""Letters of a record that are made wrong bytes."""
_SEPARATORS = (b";", b"\t", b",")
_NO_ROW = re.compile(rb"^[{=]|[\x01-\x08\x0a-\x1f]")
"""What no line of a table has: an object, a tag, a control character, another line."""
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
    separator: ClassVar[bytes | None] = b""
    """What stands between the values of a record, where each record has as many of them: then one too few and
    one too many are told. None: a record may have fewer or more.
    """
    stated: ClassVar[Mapping[int, Mapping[str, object] | Sequence[Mapping[str, object]]]]
    """What stands in one record of the sample, at least, read by you and not by the connector: its number →
    column → value, and a list of them where a record gives several rows. Every column that is filled is to be
    stated, but groups (`raw`) and long texts; `_line` and `_offset` may be. Text may stand for any value.
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
        if self.separator == b"" and isinstance(self.record, bytes):
            equal = self._like_a_table([self._bytes()[begin:end] for begin, end in self._spans()])
            assert not equal, (
                f"each record has as many {equal[0]!r}: say what parts its values, as  "
                f"separator = {equal[0]!r} , or  separator = None  if there may be fewer or more"
            )

    def test_finds_the_records_that_are_there(self) -> None:
        expected = self.record if isinstance(self.record, int) else len(self._spans())
        assert self._reading(self._bytes()).count == expected

    def test_reads_the_values_that_are_stated(self) -> None:
        assert getattr(self, "stated", None), (
            "state what one record of the sample says, as  "
            'stated = {2: {"isbn": "9789199999920", "copies": 1}} : '
            "whether a value is right is not asked of the connector"
        )
        found = self._reading(self._bytes())
        for number, record in self.stated.items():
            stated, rows = [record] if isinstance(record, Mapping) else record, found.rows.get(number, [])
            assert len(rows) == len(stated), f"record {number} has {len(rows)} rows, and not {len(stated)}"
            line, offset = found.places.get(number, (None, None))
            for one, row in zip(stated, rows, strict=True):
                different = list(differences(one, {**row, "_line": line, "_offset": offset}))
                assert not different, f"record {number}: {'; '.join(different)}"

    def test_a_record_is_read_by_itself(self) -> None:
        """Without one record the others are what they were: no value is that of a neighbour."""
        if isinstance(self.record, int) or len(self._spans()) == 1:
            return
        data, whole = self._bytes(), self._reading(self._bytes())
        for number, begin, end in self._chosen():
            fewer = self._counting(data[:begin] + data[end:], -1)
            rest = self._reading(fewer)
            for other in set(whole.rows) - {number}:
                now = other - (other > number)
                assert rest.rows.get(now) == whole.rows[other] or rest.tells_of(now, whole), (
                    f"without record {number}, record {other} is another, and nothing is said"
                )

    def test_says_where_its_records_begin(self) -> None:
        """A line or a byte that is said lies in the record; what is rejected says it, too."""
        found = self._reading(self._bytes())
        said = dict(found.places)
        for number, item in found.rejected.items():
            places = [one.data for one in item.problems if one.data is not None]
            assert {one.record for one in places} <= {None, number}, f"record {number} is said to be another"
            if places:
                said[number] = places[0].line, places[0].offset
        ordered = [said[number] for number in sorted(said)]
        for kind in (0, 1):
            given = [at for place in ordered if (at := place[kind]) is not None]
            assert given == sorted(given), "a record begins before the one in front of it"
        if isinstance(self.record, int):
            return
        data = self._bytes()
        line_end = b"\n" if b"\n" in data else b"\r"
        for number, (begin, end) in enumerate(self._spans(), 1):
            line, offset = said.get(number, (None, None))
            assert offset is None or begin <= offset < end, f"record {number} is not at byte {offset}"
            first = data.count(line_end, 0, begin) + 1
            last = first + data[begin:end].rstrip().count(line_end)
            assert line is None or first <= line <= last, f"record {number} is not in line {line}"

    def test_keeps_the_bytes_of_what_it_rejects(self) -> None:
        """Its own, and not those of a neighbour that is rejected with it."""
        for damaged, records in self._damaged_in_two():
            found, at = self._reading(damaged), 0
            for number, item in sorted(found.rejected.items()):
                if any(one.code == Rejected.NOT_WHOLE for one in item.problems):
                    continue
                raw = item.raw.strip()
                assert raw, f"record {number} is rejected, and its bytes are not kept"
                others = f"record {number} is rejected with the bytes of another"
                if raw in damaged:
                    at = damaged.find(raw, at)
                    assert at >= 0, others
                if isinstance(self.record, bytes) and found.count == len(records):
                    own = records[number - 1].strip()
                    assert raw in own or own in raw, others

    def test_tells_where_a_file_is_cut(self) -> None:
        """A record of which a part is missing is not given as if it were whole, nor left out in silence."""
        data, whole = self._bytes(), self._reading(self._bytes())
        for at, record in self._cuts():
            part = self._reading(data[:at])
            for number in range(1, record + 1):
                assert part.rows.get(number) == whole.rows.get(number) or self._told(part, number, whole), (
                    f"cut after {at} bytes, in record {record}: record {number} is "
                    f"{'another' if number in part.rows else 'not there'}, and nothing is said"
                )

    def test_tells_of_a_damaged_record(self) -> None:
        """As many as before, or what stops something is said."""
        whole = self._reading(self._bytes())
        for damaged, where in self._damaged():
            found = self._reading(damaged)
            assert found.tells_of_loss(whole) or found.count >= whole.count, (
                f"{where}: {found.count} records of {whole.count} are left, and nothing is said of the other"
            )

    def test_tells_of_bytes_that_are_no_text(self) -> None:
        """Two different bytes in the same place are two texts, or a warning: a stand-in for both is a loss.
        """
        data, whole = self._bytes(), self._reading(self._bytes())
        for number, begin, end in self._chosen():
            letters = [at for at in range(begin, end) if data[at : at + 1].isalpha()]
            for at in letters[:: max(1, len(letters) // _LETTERS)]:
                one, other = (
                    self._reading(data[:at] + wrong + data[at + 1 :]) for wrong in (b"\xff", b"\xfe")
                )
                same = one.rows == other.rows and one.rows != whole.rows
                changed = [each for each in whole.rows if one.rows.get(each) != whole.rows[each]]
                assert not same or all(self._told(one, each, whole) for each in changed), (
                    f"byte {at}, in record {number}: b'\\xff' and b'\\xfe' instead of it are read as the "
                    "same text, and nothing is said"
                )

    def test_tells_of_a_value_too_few_and_too_many(self) -> None:
        """What is not there is not filled in, and what is there is not left out."""
        if not self.separator or isinstance(self.record, int):
            return
        data, whole, mark = self._bytes(), self._reading(self._bytes()), self.separator
        most = max(data[begin:end].count(mark) for begin, end in self._spans())
        for number, begin, end in self._chosen():
            record = data[begin:end]
            if record.count(mark) < most or number not in whole.rows:
                continue
            before, behind = record.find(mark), record.rfind(mark)
            last, more = len(record.rstrip(b"\r\n\0")), mark.replace(mark[:1], b"x")
            for what, other in (
                ("the first mark is not there", record[:before] + record[before + len(mark) :]),
                ("the last value is not there", record[:behind] + record[last:]),
                ("there is a value more", record[:last] + mark + more + record[last:]),
            ):
                found = self._reading(data[:begin] + other + data[end:])
                assert found.tells_of(number, whole), f"{what} in record {number}, and nothing is said"

    def test_believes_the_count_of_the_trailer(self) -> None:
        """Records that are missing are told where the file itself says how many it has."""
        if not self.trailer:
            return
        data, whole = self._bytes(), self._reading(self._bytes())
        found = re.search(self.trailer, data, re.DOTALL)
        assert found is not None, "the pattern `trailer` matches nothing in the sample"
        assert found.lastindex, "the pattern `trailer` has no group that is the number"
        for more in (1, 2, 10):
            told = self._reading(self._counting(data, more))
            assert told.warns(whole), f"the file counts {more} more than it has, and nothing is said"

    # ---------------------------------------------------------------------------------------- plumbing

    def _spans(self) -> list[tuple[int, int]]:
        assert isinstance(self.record, bytes)
        return [found.span() for found in re.finditer(self.record, self._bytes(), re.DOTALL)]

    @staticmethod
    def _like_a_table(records: Sequence[bytes]) -> list[bytes]:
        """What may part the values: so many in each record, which is a line."""
        if any(_NO_ROW.search(one.strip()) for one in records):
            return []
        counts = {mark: {one.count(mark) for one in records} for mark in _SEPARATORS}
        return [mark for mark, found in counts.items() if len(found) == 1 and found != {0}]

    def _counting(self, data: bytes, more: int) -> bytes:
        """The file with another number of records in its trailer, if it has one."""
        found = re.search(self.trailer, data, re.DOTALL) if self.trailer else None
        if found is None:
            return data
        begin, end = found.span(1)
        return data[:begin] + str(int(found[1]) + more).encode().rjust(end - begin, b"0") + data[end:]

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

    def _damaged_in_two(self) -> Iterator[tuple[bytes, list[bytes]]]:
        """(file, its records): the sample, and it with damage in one record and in two, one behind the other.
        A document is one record.
        """
        data = self._bytes()
        if isinstance(self.record, int):
            yield from ((damaged, [damaged]) for damaged in (data, *(one for one, _ in self._damaged())))
            return
        spans = self._spans()
        whole = [data[begin:end] for begin, end in spans]
        yield data, whole
        chosen = [number - 1 for number, _, _ in self._chosen()]
        for first, damage in product(chosen, (_emptied, _shortened, _garbled)):
            for these in ({first}, {first, first + 1}):
                records = [damage(one) if at in these else one for at, one in enumerate(whole)]
                between = [data[end:begin] for (_, end), (begin, _) in pairwise(spans)]
                body = b"".join(chain(*zip(records, [*between, b""], strict=True)))
                yield data[: spans[0][0]] + body + data[spans[-1][1] :], records

    def _told(self, found: SampleReading, number: int, whole: SampleReading) -> bool:
        """In a document what is lost may be told under another number: those behind it move up."""
        if isinstance(self.record, int) and found.tells_of_loss(whole):
            return True
        return found.tells_of(number, whole)

    def _reading(self, data: bytes) -> SampleReading:
        return reading_of(self.connector, data, self._options())

    def _options(self) -> BaseModel:
        return self.connector.Options.model_validate(dict(self.options))

    def _bytes(self) -> bytes:
        return self.sample.read_bytes() if isinstance(self.sample, Path) else self.sample


def _emptied(record: bytes) -> bytes:
    third = len(record) // 3
    return record[:third] + bytes(third) + record[2 * third :]


def _shortened(record: bytes) -> bytes:
    """Without most of its middle."""
    return record[: len(record) // 6] + record[len(record) - len(record) // 6 :]


def _garbled(record: bytes) -> bytes:
    return _emptied(record).replace(b"\0", b"\xff")
