"""Guards that would hold every order, or limit nothing → refused, with what to write; what is written is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.problems import Problem, Refusal
from etl.spec.load import Spec, load
from tests.helps import ways

HEAD = "version: 1\nname: t\ntarget: po_line\nsource: {connector: csv}\nkey: id\nfields: {owner: A}\n"


def loaded(tmp_path: Path, guards: str) -> Spec:
    path = tmp_path / "m.yaml"
    path.write_text(f"{HEAD}guards: {{{guards}}}\n", encoding="utf-8")
    return load(str(path))


def refused(tmp_path: Path, guards: str) -> Problem:
    with pytest.raises(Refusal) as refusal:
        loaded(tmp_path, guards)
    [problem] = refusal.value.problems
    assert problem.code == "E109"
    assert problem.mapping is not None
    assert problem.mapping.line == 7
    return problem


@pytest.mark.parametrize(
    ("code", "meant"),
    [("sek", "SEK"), ("Sek", "SEK"), ("SKR", "SEK"), ("skr", "SEK"), ("KR", "SEK"), ("kr", "SEK"), ("kronor", "SEK"), ("EURO", "EUR"),
     ("€", "EUR"), ("$", "USD"), ("£", "GBP"), ("usd", "USD"), ("DKR", "DKK"), ("nkr", "NOK"), ("XQQ", "SEK")],
)  # fmt: skip
def test_a_currency_that_is_none_is_refused(tmp_path: Path, code: str, meant: str) -> None:
    problem = refused(tmp_path, f'max_total: {{EUR: 5, "{code}": 1000}}')
    assert ways(problem.help) == [f"{meant}: 1000"]
    assert problem.mapping is not None
    assert problem.mapping.path == f"guards.max_total.{code}"
    loaded(tmp_path, f"max_total: {{{ways(problem.help)[0]}}}")


@pytest.mark.parametrize(
    ("written", "meant"),
    [("max_rejected: 2 %", "max_rejected: 2%"), ("max_rejected: 2 procent", "max_rejected: 2%"), ('max_rejected: "2,5%"', "max_rejected: 2.5%"),
     ("max_rejected: few", "max_rejected: 2%"), ("max_rejected: 200%", "max_rejected: 200"), ("max_rejected: 100.1%", "max_rejected: 100"),
     ("max_total: 1000", "max_total: {SEK: 1000}"), ("max_total: {SEK: -5}", "max_total: {SEK: 5}"),
     ("max_total: {SEK: 1 000}", "max_total: {SEK: 1000}"), ("max_total: {SEK: 1000 kr}", "max_total: {SEK: 1000}")],
)  # fmt: skip
def test_a_limit_is_told_how_it_is_written(tmp_path: Path, written: str, meant: str) -> None:
    [way] = ways(refused(tmp_path, written).help)
    assert way == meant.removeprefix("max_total: {").removesuffix("}") or way == meant
    loaded(tmp_path, meant)


@pytest.mark.parametrize("guards", ["max_rejected: 100%", "max_rejected: 0", "max_rejected: 2.5%", "max_total: {SEK: 0, JPY: 5}"])
def test_limits_that_can_be_kept_pass(tmp_path: Path, guards: str) -> None:
    loaded(tmp_path, guards)


@pytest.mark.parametrize("name", ["delimiter", "sheet", "encoding"])
def test_an_option_in_the_wrong_room_is_shown_the_right_one(tmp_path: Path, name: str) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(HEAD.replace("csv}", f"csv, {name}: x}}"), encoding="utf-8")
    with pytest.raises(Refusal) as refusal:
        load(str(path))
    [problem] = refusal.value.problems
    assert f"options: {{{name}: …}}" in (problem.help or "")
