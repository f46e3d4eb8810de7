"""Problem codes that no command line reaches: each is raised here by hand. The list is in test_codes.py."""

from __future__ import annotations

from datetime import date
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from connectors.csv_file import CsvConnector
from etl.cli import main
from etl.lookups import inline_table
from etl.lookups.table import Miss
from etl.plugin import Refusal
from etl.problems import MappingPlace
from etl.registry import KINDS, Registry
from etl.testing.sources import bytes_source, path_source

PLACE = MappingPlace("mapping.yaml", 3, 1)


@pytest.mark.parametrize("value", ["no.such.module:Connector", "etl.records:NoSuchName"])
def test_an_extension_that_cannot_be_imported(value: str) -> None:
    points: dict[str, dict[str, EntryPoint]] = {kind: {} for kind in KINDS}
    points["connectors"]["broken"] = EntryPoint("broken", value, "etl.connectors")
    with pytest.raises(Refusal) as refused:
        Registry(points).get("connectors", "broken", PLACE)
    [problem] = refused.value.problems
    assert (problem.code, problem.mapping) == ("E217", PLACE)
    assert 'connector "broken" cannot be loaded' in problem.message


def test_a_file_that_vanishes(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        list(CsvConnector().read(path_source(tmp_path / "orders.csv"), CsvConnector.Options(), None))
    [problem] = refused.value.problems
    assert problem.code == "E300"
    assert problem.data is not None
    assert problem.data.file.endswith("orders.csv")


def test_a_wanted_column_nobody_declared() -> None:
    source = bytes_source(b"order,title\nA-1,Vindens\n", "orders.csv")
    with pytest.raises(Refusal) as refused:
        list(CsvConnector().read(source, CsvConnector.Options(), frozenset({"titel"})))
    assert [(one.code, (one.help or "")[:21]) for one in refused.value.problems] == [
        ("E308", 'did you mean "title"?')
    ]


def test_a_dated_row_without_a_day() -> None:
    row: dict[str, str | None] = {
        "code": "A",
        "library": "MAIN",
        "valid_from": "2024-01-01",
    }
    table = inline_table([(row, PLACE)], ("code",))
    miss = table.find(("A",))
    assert isinstance(miss, Miss)
    assert miss.code == "E462"
    assert not isinstance(table.find(("A",), date(2024, 3, 11)), Miss)


def test_a_bug_of_ours(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(*_args: object, **_settings: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(main.etl, "invoke", broken)
    assert main.run_cli(["run", "mapping.yaml"]) == 70
    said = capsys.readouterr().err
    assert said.startswith("error[E900] a bug in etl: ZeroDivisionError: division by zero\n")
    assert "Traceback" not in said
    assert main.run_cli(["run", "mapping.yaml", "--debug"]) == 70
    assert capsys.readouterr().err.startswith("Traceback (most recent call last):")
