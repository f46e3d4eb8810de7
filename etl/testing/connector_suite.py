"""A connector and a sample file → the promises every connector makes, as tests.

    class TestGobi(ConnectorSuite):
        connector = GobiConnector()
        options = {"columns": {"isbn": "EAN"}}
        sample = Path("tests/samples/gobi.xml")
        record = 4
        stated = {2: {"isbn": "9789199999920", "title": "Vindens öar", "quantity": 1}}

`record` says how the records of the sample look in its bytes, or how many it has, and `stated` what one of
them says (see `record_suite`, also for `separator` and `trailer`): the connector is not asked. The sample
should hold at least three records and some text beyond ASCII. Its bytes are also cut short, garbled and
replaced by noise: a connector answers with a Refusal or with Rejected records, never with another exception.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import polars as pl
import pytest
from pydantic import ValidationError

from etl.plan.sight import type_of_kind
from etl.plugin import Batch, Connector, Problem, Refusal, Source
from etl.records import RESERVED
from etl.template.types import holds
from etl.testing.record_suite import RecordSuite
from etl.testing.sources import WatchedSource, bytes_source, path_source
from etl.testing.work import hostile, long_and_many, memory_of, steps_of

NOISE = {
    "empty": b"",
    "blanks": b" \r\n \n\n",
    "one byte": b"\x00",
    "zeros": bytes(5000),
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8,
    "high bytes": bytes(range(128, 256)) * 20,
    "random": random.Random(1).randbytes(20_000),  # noqa: S311 - noise, not a secret
    "one long line": b"x" * 3_000_000,
    "quotes": b'"' * 4097,
    "mark only": b"\xef\xbb\xbf",
    "utf-16 mark only": b"\xff\xfe",
    "web page": b"<!DOCTYPE html><html><body>Log in</body></html>",
    "open xml": b"<?xml version='1.0'?><a><b>",
}

GROWTH = (40, 80, 160)
_SLACK = 2000
"""Steps that a longer file may make at once: another block read, another way taken."""

_MEMORY_SLACK = 256 << 10
"""Bytes that a longer file may hold at once."""


class ConnectorSuite(RecordSuite):
    """Subclass it, name the class Test…, and set `connector`, `options`, `sample` and `record`."""

    cuts: ClassVar[int] = 60
    """In how many places the sample is cut short, and garbled."""
    hostile_files: ClassVar[int] = 16
    """In how many ways something in the sample is made long, or many."""

    # ------------------------------------------------------------------------------- what it declares

    def test_has_a_name_and_a_summary(self) -> None:
        assert self.connector.name.isidentifier()
        assert self.connector.summary.strip()
        assert "\n" not in self.connector.summary

    def test_every_option_is_described(self) -> None:
        bare = [name for name, field in type(self._options()).model_fields.items() if not field.description]
        assert bare == []

    def test_refuses_an_unknown_option(self) -> None:
        with pytest.raises(ValidationError):
            self.connector.Options.model_validate({**self.options, "no_such_option": 1})

    def test_declares_the_columns_it_yields(self) -> None:
        declared = self.connector.columns(self._options(), self._source()).names
        frames = [batch.frame for batch in self._read()]
        assert frames
        assert not set(declared) & set(RESERVED)
        for frame in frames:
            assert frame.columns == [*declared, *RESERVED]
            assert frame.schema == frames[0].schema

    def test_columns_known_without_a_source_are_among_those_of_the_file(self) -> None:
        early = self.connector.columns(self._options(), None)
        late = self.connector.columns(self._options(), self._source())
        assert set(early.names) <= set(late.names)
        if early.closed:
            assert set(early.names) == set(late.names)

    def test_every_declared_column_has_a_line_of_meaning(self) -> None:
        names = self.connector.columns(self._options(), self._source()).names
        assert [name for name, meaning in names.items() if not meaning.strip() or "\n" in meaning] == []

    def test_values_are_of_the_kinds_it_declares(self) -> None:
        """By them templates are checked before the first record: what they say is so for every value."""
        columns = self.connector.columns(self._options(), self._source())
        types = {name: type_of_kind(columns.kinds.get(name, columns.others)) for name in columns.names}
        for batch in self._read():
            for row in batch.frame.iter_rows(named=True):
                assert [name for name, one in types.items() if not holds(one, row[name])] == []

    def test_inspect_answers_in_text(self) -> None:
        found = self.connector.inspect(self._source(), self._options())
        assert all(isinstance(key, str) and isinstance(value, str) for key, value in found.items())

    def test_recognises_its_sample_by_the_content(self) -> None:
        """What it says of a file is part of a sentence, and the options it drafts read it. A sample that
        is read only with options may be refused without them.
        """
        try:
            evidence = self.connector.recognise(self._source())
        except (Refusal, ValidationError) as refused:
            assert self.options, "it does not recognise what it reads without options"
            if isinstance(refused, Refusal):
                check_problems(refused.problems, self._source().name)
            return
        assert evidence.why.strip()
        assert "\n" not in evidence.why
        assert evidence.readings
        for reading in evidence.readings:
            options = self.connector.Options.model_validate(dict(reading))
            check_numbers(self.connector.read(self._source(), options, None))

    def test_what_it_counts_beside_the_columns_adds_up(self) -> None:
        """Each is counted once, by a name, in no more records than there are; the draft can be read with."""
        records = check_numbers(self._read())
        counted, draft = self.connector.parts(self._source(), self._options())
        names = [one.name for one in counted]
        assert all(name.strip() for name in names)
        assert len(names) == len(set(names))
        for one in counted:
            assert 1 <= one.records <= records
            assert 1 <= one.most <= one.total <= one.most * one.records
            assert all(isinstance(example, str) for example in one.examples)
        assert self.connector.parts(self._source(), self._options()) == (counted, draft)
        drafted = self.connector.Options.model_validate({**self.options, **draft})
        assert check_numbers(self.connector.read(self._source(), drafted, None)) == records

    # ---------------------------------------------------------------------------------- what it reads

    def test_reads_records(self) -> None:
        assert sum(batch.frame.height for batch in self._read()) >= 1

    def test_reserved_columns_have_their_types(self) -> None:
        for batch in self._read():
            assert {name: batch.frame.schema[name] for name in RESERVED} == RESERVED
            assert batch.frame["_record"].null_count() == 0

    def test_records_are_numbered_without_gaps(self) -> None:
        check_numbers(self._read())

    def test_records_come_in_file_order(self) -> None:
        numbers = [number for batch in self._read() for number in batch.frame["_record"].to_list()]
        assert numbers == sorted(numbers)

    def test_places_lie_within_the_file(self) -> None:
        data = self._bytes()
        frame = pl.concat([batch.frame for batch in self._read()])
        assert frame["_offset"].drop_nulls().is_between(0, len(data)).all()
        assert frame["_line"].drop_nulls().is_between(1, data.count(b"\n") + data.count(b"\r") + 1).all()

    def test_reading_twice_gives_the_same(self) -> None:
        first, second = list(self._read()), list(self._read())
        assert len(first) == len(second)
        for one, other in zip(first, second, strict=True):
            assert one.frame.equals(other.frame, null_equal=True)
            assert (one.rejected, one.notes) == (other.rejected, other.notes)

    def test_produces_only_wanted_columns(self) -> None:
        everything = pl.concat([batch.frame for batch in self._read()])
        for name in (column for column in everything.columns if column not in RESERVED):
            some = pl.concat([batch.frame for batch in self._read(wanted=frozenset({name}))])
            assert some.columns == [name, *RESERVED]
            assert some.equals(everything.select(some.columns), null_equal=True)

    def test_text_is_in_nfc(self) -> None:
        for batch in self._read():
            for column in batch.frame.iter_columns():
                values = column.explode() if isinstance(column.dtype, pl.List) else column
                if values.dtype == pl.String:
                    assert [
                        text for text in values.drop_nulls() if not unicodedata.is_normalized("NFC", text)
                    ] == []

    def test_closes_what_it_opens(self) -> None:
        watched = WatchedSource(self._bytes())
        self.connector.columns(self._options(), watched.source())
        self.connector.inspect(watched.source(), self._options())
        self.connector.parts(watched.source(), self._options())
        with suppress(Refusal, ValidationError):
            self.connector.recognise(watched.source())
        list(self.connector.read(watched.source(), self._options(), None))
        abandoned = self.connector.read(watched.source(), self._options(), None)
        next(iter(abandoned))
        getattr(abandoned, "close", lambda: None)()
        assert watched.streams
        assert watched.left_open == 0

    # ------------------------------------------------------------------------------- what it survives

    @pytest.mark.parametrize("kind", NOISE)
    def test_survives_noise(self, kind: str) -> None:
        check_survives(self.connector, bytes_source(NOISE[kind], kind), self._options())

    @pytest.mark.parametrize("kind", ["empty", "picture", "zeros"])
    def test_refuses_what_is_no_file_of_its_kind(self, kind: str) -> None:
        source = bytes_source(NOISE[kind], kind)
        with pytest.raises(Refusal) as refused:
            list(self.connector.read(source, self._options(), None))
        check_problems(refused.value.problems, kind)
        with pytest.raises((Refusal, ValidationError)):
            self.connector.recognise(source)

    def test_survives_being_cut_short(self) -> None:
        data = self._bytes()
        for length in range(1, len(data), max(1, len(data) // self.cuts)):
            check_survives(self.connector, bytes_source(data[:length], f"cut at {length}"), self._options())

    def test_survives_garbled_bytes(self) -> None:
        data, dice = self._bytes(), random.Random(2)  # noqa: S311 - repeatable damage, not a secret
        for at in range(0, len(data), max(1, len(data) // self.cuts)):
            damaged = data[:at] + bytes([dice.randrange(256)]) + data[at + 1 :]
            check_survives(self.connector, bytes_source(damaged, f"garbled at {at}"), self._options())

    def test_work_grows_with_the_file(self) -> None:
        """Not with its square: one long title, or one order of many lines, must not hold up all others."""
        for longer in hostile(self._bytes(), self.hostile_files):
            self._read_to_the_end(longer(GROWTH[0]))  # what is made once and kept is not to be counted
            once, twice, fourfold = (
                steps_of(partial(self._read_to_the_end, longer(pieces))) for pieces in GROWTH
            )
            grown = f"{once}, {twice}, {fourfold} steps for {GROWTH} pieces in {longer(1)!r}"
            assert fourfold - twice < 3 * max(0, twice - once) + _SLACK, grown

    def test_memory_grows_with_the_file(self) -> None:
        """What is long and what is many are not multiplied, in what is read or in what is said of it."""
        for longer in long_and_many(self._bytes(), self.hostile_files // 3):
            few, many = longer(100), longer(400)
            self._read_to_the_end(few)
            once, fourfold = (memory_of(partial(self._read_to_the_end, data)) for data in (few, many))
            grown = f"{once}, {fourfold} bytes for {len(few)}, {len(many)} bytes like {longer(1)!r}"
            assert fourfold < 8 * once + 3 * len(many) + _MEMORY_SLACK, grown

    def _read_to_the_end(self, data: bytes) -> None:
        with suppress(Refusal):
            list(self.connector.read(bytes_source(data, "longer"), self._options(), None))

    def test_refuses_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(Refusal) as refused:
            list(self.connector.read(path_source(tmp_path), self._options(), None))
        check_problems(refused.value.problems, str(tmp_path))

    def test_refuses_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        missing = path_source(tmp_path / "missing")
        with pytest.raises(Refusal) as refused:
            list(self.connector.read(missing, self._options(), None))
        check_problems(refused.value.problems, missing.name)

    # ---------------------------------------------------------------------------------------- plumbing


    def _source(self) -> Source:
        return path_source(self.sample) if isinstance(self.sample, Path) else bytes_source(self.sample)

    def _read(self, wanted: frozenset[str] | None = None) -> Iterator[Batch]:
        return self.connector.read(self._source(), self._options(), wanted)


def check_numbers(batches: Iterator[Batch]) -> int:
    """Loaded and rejected records together are 1 … n, none in both. Returns n."""
    loaded: set[int] = set()
    rejected: list[int] = []
    for batch in batches:
        loaded |= set(batch.frame["_record"].to_list())
        rejected += [item.record for item in batch.rejected]
    assert len(rejected) == len(set(rejected))
    assert not loaded & set(rejected)
    total = len(loaded) + len(rejected)
    assert loaded | set(rejected) == set(range(1, total + 1))
    return total


def check_problems(problems: tuple[Problem, ...], file: str) -> None:
    """Each has a code, a sentence, and names the file."""
    assert problems
    for problem in problems:
        assert problem.code[:1] == "E"
        assert problem.message.strip()
        assert problem.data is not None
        assert problem.data.file == file


def check_survives(connector: Connector, source: Source, options: Any) -> None:
    """Reading ends in batches whose numbers add up, or in a Refusal; other answers do too."""
    try:
        batches = list(connector.read(source, options, None))
    except Refusal as refusal:
        check_problems(refusal.problems, source.name)
    else:
        check_numbers(iter(batches))
        for batch in batches:
            for item in batch.rejected:
                check_problems(item.problems, source.name)
    asked = (
        partial(connector.columns, options, source),
        partial(connector.inspect, source, options),
        partial(connector.parts, source, options),
    )
    for ask in asked:
        with suppress(Refusal):
            ask()
    with suppress(Refusal, ValidationError):
        connector.recognise(source)
