"""What a connector says of a file before it is read is held to the file by its suite."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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
    Source,
)
from etl.records import RESERVED
from etl.registry import Registry
from etl.testing.connector_suite import ConnectorSuite
from etl.testing.record_suite import RecordSuite

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


ORDERS = "A-1;Vindens öar;149.00\nA-2;Sju nätter;229.50\nA-3;Brev och bud;89.00\n".encode()
COUNTED = ORDERS + b"TOTAL;3\n"
LINE = rb"A-[^\n]*\n"


def shop(connector: Connector, sample: bytes = COUNTED, trailer: bytes | None = rb"TOTAL;([0-9]+)") -> ConnectorSuite:
    said = {"connector": connector, "sample": sample, "record": LINE, "trailer": trailer}
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
    ],
    ids=["drops what is damaged", "ignores the trailer", "does not mention the trailer", "gives a cut cell"],
)
def test_a_connector_that_is_silent_fails(suite: ConnectorSuite, fails: str) -> None:
    with pytest.raises(AssertionError):
        getattr(suite, fails)()


def test_how_many_records_there_are_is_not_asked_of_the_connector() -> None:
    nothing_said = type("TestIt", (ConnectorSuite,), {"connector": Shop(), "sample": COUNTED})()
    with pytest.raises(AssertionError, match="say what a record"):
        nothing_said.test_says_how_its_records_look()
    damaged = shop(DropsDamaged(), ORDERS.replace(b"A-2;", b"A-2 "), None)
    with pytest.raises(AssertionError):
        damaged.test_finds_the_records_that_are_there()
