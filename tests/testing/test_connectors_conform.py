"""What a connector says of a file before it is read is held to the file by its suite."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from etl.plugin import Connector, Counted, Evidence
from etl.registry import Registry
from etl.testing.connector_suite import ConnectorSuite

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
