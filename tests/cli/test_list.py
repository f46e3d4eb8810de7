"""`etl list KIND NAME` → all about one thing a mapping can name, for every one that is installed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from etl.cli.main import run_cli
from etl.documents.code_tables import TABLES, table
from etl.registry import KINDS, Registry

EVERY = [(kind, name) for kind in KINDS for name in Registry.installed().names(kind)]
EVERY += [("codes", name) for name in TABLES]


def told(capfd: pytest.CaptureFixture[str], *words: str) -> str:
    assert run_cli(["list", *words]) == 0
    return capfd.readouterr().out


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_everything_that_is_listed_is_told(kind: str, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    lines = told(capfd, kind, name).splitlines()
    assert lines[0] == name
    assert len(lines) > 3
    assert max(map(len, lines)) < 200, "a table that fits a wide terminal"
    assert json.loads(told(capfd, kind, name, "--format", "json"))["name"] == name


@pytest.mark.parametrize("kind", ["connectors", "sinks"])
def test_every_option_has_a_type_and_a_meaning(kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    for name in Registry.installed().names(kind):
        options: list[dict[str, str]] = json.loads(told(capfd, kind, name, "--format", "json"))["options"]
        declared = Registry.installed().get(kind, name).Options.model_fields
        assert {one["option"] for one in options if "." not in one["option"]} == set(declared)
        assert [one for one in options if not one["type"] or one["type"] == "any value"] == []


def test_every_column_has_a_type(capfd: pytest.CaptureFixture[str]) -> None:
    for name in Registry.installed().names("connectors"):
        found: dict[str, Any] = json.loads(told(capfd, "connectors", name, "--format", "json"))
        assert all(one["type"] not in ("", "not declared") for one in found.get("columns", []))
        assert "columns" in found or any(text.startswith("Columns:") for text in found["text"])


def test_the_paths_of_marc_are_told(capfd: pytest.CaptureFixture[str]) -> None:
    out = told(capfd, "connectors", "marc")
    for path in ("020$a[]", "LDR/09", "961@$d", "084{$2^=kssb}$a"):
        assert path in out


@pytest.mark.parametrize("name", TABLES)
def test_every_code_is_told(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    rows = json.loads(told(capfd, "codes", name, "--format", "json"))["codes"]
    assert [row["code"] for row in rows] == list(table(name))


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_a_slip_in_a_name_is_answered(kind: str, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["list", kind, name + "q"]) == 2
    assert "did you mean" in capfd.readouterr().err


def test_a_page_is_of_all_of_a_kind(capfd: pytest.CaptureFixture[str]) -> None:
    for words in (["--markdown"], ["sinks", "--markdown"], ["filters", "isbn13", "--markdown"]):
        assert run_cli(["list", *words]) == 2
        assert "--markdown goes with" in capfd.readouterr().err


@pytest.mark.parametrize("slip", ["filtres", "filter", "connector", "sink", "code"])
def test_a_slip_in_a_kind_is_answered(slip: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["list", slip]) == 2
    assert f'Did you mean "{slip.replace("tres", "ter").rstrip("s")}s"?' in capfd.readouterr().err
