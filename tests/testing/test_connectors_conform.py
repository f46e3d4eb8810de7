"""What a connector says of a file before it is read is held to the file by its suite."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from etl.plugin import (
    Batch,
    Columns,
    Connector,
    Counted,
    DataPlace,
    Evidence,
    Problem,
    Refusal,
    Rejected,
    Severity,
    Source,
)
from etl.records import RESERVED
from etl.registry import Registry
from etl.testing.connector_suite import ConnectorSuite
from etl.testing.record_suite import RecordSuite
from etl.testing.sources import bytes_source
from etl.testing.stated import differences

SAMPLE = Path(__file__).parents[2] / "mappings/generic-marc/samples/oasis-2024-03-11.mrc"
MARC: type[Connector] = Registry.installed().get("connectors", "marc", None)  # type: ignore[arg-type]


def suite(**methods: Any) -> ConnectorSuite:
    """The suite of a connector that answers some questions in another way than `marc` does."""
    made = type("Tested", (MARC,), methods)
    return type("TestIt", (ConnectorSuite,), {"connector": made(), "sample": SAMPLE})()


def says(*readings: Mapping[str, Any], why: str = "it looks like it") -> Callable[..., Evidence]:
    return lambda _self, _source: Evidence(why, readings)


def counts(*counted: Counted, draft: Mapping[str, Any] | None = None) -> Callable[..., Any]:
    return lambda _self, _source, _options: (list(counted), draft or {})


ONE = Counted("245$a", 3, 4, 2)


def test_what_marc_says_of_its_sample_holds() -> None:
    suite().test_recognises_its_sample_by_the_content()
    suite().test_what_it_counts_beside_the_columns_adds_up()
    suite().test_refuses_what_is_no_file_of_its_kind("picture")


@pytest.mark.parametrize(
    "answer",
    [says(), says({}, why=" "), says({}, why="two\nlines"), says({"no_such_option": 1})],
    ids=["no reading", "no reason", "two lines", "an option nobody has"],
)
def test_evidence_that_does_not_read_the_file_fails(answer: Callable[..., Evidence]) -> None:
    with pytest.raises((AssertionError, ValueError)):
        suite(recognise=answer).test_recognises_its_sample_by_the_content()


def test_who_takes_everything_for_its_own_fails() -> None:
    with pytest.raises(pytest.fail.Exception):
        suite(recognise=says({})).test_refuses_what_is_no_file_of_its_kind("picture")


@pytest.mark.parametrize(
    "answer",
    [
        counts(ONE, ONE),
        counts(Counted(" ", 1, 1, 1)),
        counts(Counted("245$a", 1000, 1000, 1)),
        counts(Counted("245$a", 0, 0, 0)),
        counts(Counted("245$a", 3, 9, 2)),
        counts(Counted("245$a", 3, 2, 3)),
        counts(ONE, draft={"no_such_option": 1}),
    ],
    ids=["twice", "no name", "too many records", "none", "more than it can be", "less than in one", "no such option"],
)  # fmt: skip
def test_counts_that_do_not_add_up_fail(answer: Callable[..., Any]) -> None:
    with pytest.raises((AssertionError, ValueError)):
        suite(parts=answer).test_what_it_counts_beside_the_columns_adds_up()


class Shop(Connector):
    """Reads `number;title;price` with a last line `TOTAL;n`. Ways to be wrong are its subclasses."""

    name = "shop"
    summary = "a shop's orders"
    believes_its_trailer = True
    rejects = True
    needs_line_ends = True

    def columns(self, options: Any, source: Source | None) -> Columns:
        del options, source
        return Columns(dict.fromkeys(("number", "title", "price"), "as the shop says it"), closed=True)

    def read(self, source: Source, options: Any, wanted: frozenset[str] | None) -> Iterator[Batch]:
        del options
        with source.open() as stream:
            data = stream.read()
        *lines, rest = data.split(b"\n")
        if not lines or b";" not in lines[0]:
            raise Refusal(self._problem(source, "E340", "no order of this shop"))
        if rest and not self.needs_line_ends:
            lines.append(rest)
        counted = int(lines.pop()[6:] or b"0") if lines[-1].startswith(b"TOTAL;") else None
        rows, rejected = [], []
        for line in lines:
            cells = line.decode("utf-8", "replace").split(";")
            number = len(rows) + len(rejected) + 1
            if len(cells) == 3 and "�" not in line.decode("utf-8", "replace"):
                rows.append((number, cells))
            elif self.rejects:
                rejected.append(Rejected(number, (self._problem(source, "E310", "not three cells", number),), line))
        if self.believes_its_trailer and counted != len(rows) + len(rejected):
            number = len(rows) + len(rejected) + 1
            rejected.append(Rejected(number, (self._problem(source, "E325", "not whole", number),), rest))
        names = [name for name in ("number", "title", "price") if wanted is None or name in wanted]
        values = {name: [dict(zip(("number", "title", "price"), cells, strict=True))[name] for _, cells in rows] for name in names}
        places = {"_record": [number for number, _ in rows], "_line": None, "_offset": None}
        yield Batch(pl.DataFrame(values | places, schema=dict.fromkeys(names, pl.String) | RESERVED), tuple(rejected))

    @staticmethod
    def _problem(source: Source, code: str, said: str, record: int | None = None) -> Problem:
        return Problem(code, said, data=DataPlace(source.name, record))


class DropsDamaged(Shop):
    """And has no trailer that would tell."""

    believes_its_trailer = False
    rejects = False


class IgnoresTheTrailer(Shop):
    believes_its_trailer = False


class GivesACutCell(Shop):
    """It has no trailer, and takes the last line as it comes."""

    believes_its_trailer = False
    needs_line_ends = False


class Twisted(Shop):
    """Reads as it should, and says another thing."""

    def read(self, source: Source, options: Any, wanted: frozenset[str] | None) -> Iterator[Batch]:
        for batch in super().read(self.before(source), options, wanted):
            yield self.after(batch, source)

    def before(self, source: Source) -> Source:
        return source

    def after(self, batch: Batch, source: Source) -> Batch:
        del source
        return batch


class NotePerRead(Twisted):
    """One that is silent, and says of every file how long it is."""

    believes_its_trailer = False
    rejects = False
    needs_line_ends = False
    severity = Severity.NOTE

    def after(self, batch: Batch, source: Source) -> Batch:
        with source.open() as stream:
            said = f"read {len(stream.read())} bytes, {batch.frame.height} orders"
        return replace(batch, notes=(Problem("E999", said, self.severity, data=DataPlace(source.name)),))


class WarnsPerRead(NotePerRead):
    severity = Severity.WARNING


class NotesOfLoss(Shop):
    """What is damaged is dropped, and only a note says so."""

    believes_its_trailer = False

    def read(self, source: Source, options: Any, wanted: frozenset[str] | None) -> Iterator[Batch]:
        for batch in super().read(source, options, wanted):
            told = [one for item in batch.rejected for one in item.problems]
            yield replace(batch, rejected=(), notes=tuple(replace(one, severity=Severity.NOTE) for one in told))


class WithoutRaw(Twisted):
    def after(self, batch: Batch, source: Source) -> Batch:
        return replace(batch, rejected=tuple(replace(one, raw=b"") for one in batch.rejected))


class SwapsRaw(Twisted):
    def after(self, batch: Batch, source: Source) -> Batch:
        raws = [one.raw for one in batch.rejected]
        others = zip(batch.rejected, raws[1:] + raws[:1], strict=True)
        return replace(batch, rejected=tuple(replace(one, raw=raw) for one, raw in others))


class AllInOnePlace(Twisted):
    """The first line, or the first byte."""

    place = "_line"

    def after(self, batch: Batch, source: Source) -> Batch:
        first = pl.lit(1 if self.place == "_line" else 0, dtype=pl.Int64).alias(self.place)
        return replace(batch, frame=batch.frame.with_columns(first))


class AllAtOneByte(AllInOnePlace):
    place = "_offset"


class StandsIn(Twisted):
    """What is no text is replaced in silence."""

    sign = "?"

    def before(self, source: Source) -> Source:
        with source.open() as stream:
            text = stream.read().decode("utf-8", "replace").replace("\ufffd", self.sign)
        return bytes_source(text.encode(), source.name)


class LeavesOut(StandsIn):
    sign = ""


class Pads(Twisted):
    """As many values as it wants, whatever is there."""

    def before(self, source: Source) -> Source:
        with source.open() as stream:
            lines = stream.read().split(b"\n")
        rows = [b";".join([*line.split(b";"), b"", b""][:3]) if line[:2] == b"A-" else line for line in lines]
        return bytes_source(b"\n".join(rows), source.name)


class Differs(Twisted):
    """Values are others than they are in the file."""

    def values(self, name: str, values: list[str]) -> list[str | None]:
        return [value[:5] for value in values] if name == "title" else [*values]

    def after(self, batch: Batch, source: Source) -> Batch:
        names = [name for name in batch.frame.columns if name not in RESERVED]
        other = [pl.Series(name, self.values(name, batch.frame[name].to_list()), pl.String) for name in names]
        return replace(batch, frame=batch.frame.with_columns(other))


class LeavesThePriceOut(Differs):
    def values(self, name: str, values: list[str]) -> list[str | None]:
        return [None] * len(values) if name == "price" else [*values]


class SwapsPrices(Differs):
    """Of the last two records: not of the one that is stated."""

    def values(self, name: str, values: list[str]) -> list[str | None]:
        return [*values[:-2], values[-1], values[-2]] if name == "price" and len(values) > 1 else [*values]


class GivesTwice(Twisted):
    def after(self, batch: Batch, source: Source) -> Batch:
        return replace(batch, frame=pl.concat([batch.frame, batch.frame]).sort("_record"))


ORDERS = "A-1;Vindens öar;149.00\nA-2;Sju nätter;229.50\nA-3;Brev och bud;89.00\n".encode()
COUNTED = ORDERS + b"TOTAL;3\n"
LINE = rb"A-[^\n]*\n"


def shop(connector: Connector, sample: bytes = COUNTED, trailer: bytes | None = rb"TOTAL;([0-9]+)") -> ConnectorSuite:
    said = {"connector": connector, "sample": sample, "record": LINE, "trailer": trailer, "separator": b";"}
    said["stated"] = {1: {"number": "A-1", "title": "Vindens öar", "price": "149.00"}}
    return type("TestShop", (ConnectorSuite,), said)()


ASKED = [name for name in vars(RecordSuite) if name.startswith("test_")]


@pytest.mark.parametrize("name", ASKED)
def test_a_connector_that_tells_everything_passes(name: str) -> None:
    getattr(shop(Shop()), name)()


@pytest.mark.parametrize(
    ("suite", "fails"),
    [
        (shop(DropsDamaged(), ORDERS, None), "test_tells_of_a_damaged_record"),
        (shop(IgnoresTheTrailer()), "test_believes_the_count_of_the_trailer"),
        (shop(IgnoresTheTrailer(), trailer=b""), "test_says_how_its_records_look"),
        (shop(GivesACutCell(), ORDERS), "test_tells_where_a_file_is_cut"),
        (shop(NotePerRead()), "test_tells_where_a_file_is_cut"),
        (shop(NotePerRead()), "test_tells_of_a_damaged_record"),
        (shop(NotePerRead()), "test_believes_the_count_of_the_trailer"),
        (shop(WarnsPerRead()), "test_tells_where_a_file_is_cut"),
        (shop(WarnsPerRead()), "test_tells_of_a_damaged_record"),
        (shop(NotesOfLoss(), ORDERS, None), "test_tells_of_a_damaged_record"),
        (shop(WithoutRaw()), "test_keeps_the_bytes_of_what_it_rejects"),
        (shop(SwapsRaw()), "test_keeps_the_bytes_of_what_it_rejects"),
        (shop(AllInOnePlace()), "test_says_where_its_records_begin"),
        (shop(AllAtOneByte()), "test_says_where_its_records_begin"),
        (shop(StandsIn()), "test_tells_of_bytes_that_are_no_text"),
        (shop(LeavesOut()), "test_tells_of_bytes_that_are_no_text"),
        (shop(Pads()), "test_tells_of_a_value_too_few_and_too_many"),
        (shop(Differs()), "test_reads_the_values_that_are_stated"),
        (shop(LeavesThePriceOut()), "test_reads_the_values_that_are_stated"),
        (shop(GivesTwice()), "test_reads_the_values_that_are_stated"),
        (shop(SwapsPrices()), "test_a_record_is_read_by_itself"),
    ],
    ids=lambda one: type(one.connector).__name__ if isinstance(one, ConnectorSuite) else one.removeprefix("test_"),
)
def test_a_connector_that_is_silent_fails(suite: ConnectorSuite, fails: str) -> None:
    with pytest.raises(AssertionError):
        getattr(suite, fails)()


def test_how_many_records_there_are_is_not_asked_of_the_connector() -> None:
    nothing_said = type("TestIt", (ConnectorSuite,), {"connector": Shop(), "sample": COUNTED})()
    with pytest.raises(AssertionError, match="say what a record"):
        nothing_said.test_says_how_its_records_look()
    with pytest.raises(AssertionError, match="state what one record"):
        nothing_said.test_reads_the_values_that_are_stated()
    damaged = shop(DropsDamaged(), ORDERS.replace(b"A-2;", b"A-2 "), None)
    with pytest.raises(AssertionError):
        damaged.test_finds_the_records_that_are_there()


def test_what_parts_the_values_of_a_table_is_asked_for() -> None:
    without = type(shop(Shop()))
    without.separator = b""
    with pytest.raises(AssertionError, match="what parts its values"):
        without().test_says_how_its_records_look()
    without.separator = None
    without().test_says_how_its_records_look()


@pytest.mark.parametrize(
    ("stated", "read"),
    [
        ({"price": "149"}, {"price": Decimal("149.000000")}),
        ({"price": Decimal(149)}, {"price": Decimal("149.00"), "note": None, "list": [], "raw": {"a": "b"}}),
        ({"day": "2024-03-11"}, {"day": date(2024, 3, 11)}),
        ({"copies": "2", "new": False}, {"copies": 2, "new": False, "places": [{"copies": 2}]}),
        ({"places": [{"copies": 2}]}, {"places": [{"copies": 2, "fund": None}]}),
        ({"note": ""}, {"note": None, "record": "x" * 121}),
    ],
)
def test_what_is_stated_is_what_is_read(stated: Mapping[str, Any], read: Mapping[str, Any]) -> None:
    assert list(differences(stated, read)) == []


@pytest.mark.parametrize(
    ("stated", "read"),
    [
        ({"price": "149"}, {"price": Decimal("14.90")}),
        ({"price": "149"}, {"price": None}),
        ({"price": "dyr"}, {"price": Decimal("14.90")}),
        ({"day": "2024-03-11"}, {"day": date(2024, 11, 3)}),
        ({"copies": 2}, {"copies": 2, "fund": "VUX"}),
        ({"copies": 2}, {"copies": 2, "rush": False}),
        ({"copies": 2}, {}),
        ({"isbns": ["1", "2"]}, {"isbns": ["1"]}),
        ({"places": [{"copies": 2}]}, {"places": [{"copies": 2, "fund": "VUX"}]}),
    ],
)
def test_what_is_stated_is_not_what_is_read(stated: Mapping[str, Any], read: Mapping[str, Any]) -> None:
    assert list(differences(stated, read)) != []
