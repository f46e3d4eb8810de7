"""What is said of an order's fate: all of it in both languages, and nothing of one order said of another."""

from __future__ import annotations

import json
import re
import string
from dataclasses import fields, replace
from typing import Any

import pytest

from etl.alma import phrases, said
from etl.alma.recovery import Language, Operation, Verdict, lost, not_sent
from etl.ledger.orders import Order, Settlement, State
from etl.problems import Problem

KEY = ("BTJ", "O-1")
ENGLISH = re.compile(
    r"\b(the|was|not|is|and|another|stopped|held|run|waits|known|posted|refused|order|answer)\b"
)
COMMANDS = re.compile(r"etl ledger \w+( ID)?( --[\w-]+)?|etl requests show|run \w+")


def order(number: int) -> Order:
    row: dict[str, Any] = dict.fromkeys(one.name for one in fields(Order))
    given = {"id": number, "number": f"POL-{number}", "key": json.dumps(KEY), "state": "unknown"}
    return Order.of({**row, **given})


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("name", phrases.TABLE)
def test_each_phrase_speaks_both_languages(name: str) -> None:
    both = phrases.TABLE[name]
    assert set(both) == {"en", "sv"}
    for english, swedish in zip(both["en"], both["sv"], strict=True):
        assert blanks(english) == blanks(swedish)
        assert bool(english) == bool(swedish)
        assert not english or english != swedish or english.startswith(("pip ", "chmod "))
        assert not re.search(r"\s{2}|[.:;]$", english + swedish)


def every_problem(language: Language, number: int = 1) -> list[Problem]:
    """One of each code."""
    error: Verdict = lost("post_line", "")
    return [
        said.refused(KEY, error, language),
        said.number_taken(KEY, "HBG-1", language),
        said.unknown(KEY, error.said(language), language),
        said.changed(KEY, order(number), None, language),
        said.changed(KEY, replace(order(number), user_id="a.b"), "c.d", language),
        said.held(KEY, number, "", language),
        said.change_busy(order(number), language),
        said.change_unknown(order(number), error.said(language), language),
        said.change_by_hand(order(number), "change", "", language),
        said.change_by_hand(order(number), "cancel", "", language),
        said.changed_in_alma(order(number), "", language),
        said.overtaken_after(KEY, Settlement(order(number), State.POSTED, "", "POL-1"), language),
        said.overtaken_by(KEY, "17", language),
        *said.stopped(not_sent(""), language).problems,
        *said.reserve_reached(12345, 20000, language).problems,
        *said.too_many_unknown(3, language).problems,
        *said.not_done(lost("approve", ""), language).problems,
        *said.not_done(lost("get_request", ""), language).problems,
    ]


def test_in_swedish_nothing_is_english() -> None:
    for problem in every_problem("sv"):
        told = COMMANDS.sub("", f"{problem.message} {problem.help}").replace("Alma", "").replace("posted", "")
        assert not ENGLISH.search(told), told


def test_a_help_holds_for_every_order_of_its_group() -> None:
    for language in ("en", "sv"):
        first, second = (every_problem(language, number) for number in (1, 2))  # type: ignore[arg-type]
        assert [problem.help for problem in first] == [problem.help for problem in second]
    assert "(order 2 in the ledger)" in said.changed(KEY, order(2), None).message
    assert "(order 2 in the ledger)" in said.held(KEY, 2, "why").message


@pytest.mark.parametrize("operation", ["approve", "reject", "cancel", "get_line", "list_requests"])
def test_no_run_follows_a_persons_call(operation: Operation) -> None:
    for language, run in (("en", "next run"), ("sv", "nästa körning")):
        problem = said.not_done(lost(operation, "time-out"), language).problems[0]  # type: ignore[arg-type]
        assert run not in f"{problem.message} {problem.help}"
