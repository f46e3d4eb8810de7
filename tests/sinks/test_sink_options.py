"""Where a sink's files are: what the mapping says beside the mapping, what the command line says where it was typed."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alma_shop import Shop, open_shop, order

from etl.plugin import Refusal
from etl.run.build import Builder
from etl.sinks.alma import AlmaOptions, wire_for
from etl.sinks.files import FilesOptions


@pytest.fixture
def shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Shop]:
    """The mapping in a folder of its own, as in a repository; the commands run beside it."""
    folder = tmp_path / "m"
    folder.mkdir()
    with open_shop(folder, monkeypatch, capsys) as found:
        found.orders(order(1), order(2))
        monkeypatch.chdir(tmp_path)
        yield found


@pytest.mark.parametrize("option", ["language=sv", "concurrency=2", "settle_wait=0"])
def test_an_option_on_the_command_line_does_not_move_the_ledger(shop: Shop, option: str) -> None:
    assert shop.etl("run", "m/m.yaml")[0] == 0
    code, _, said = shop.etl("run", "m/m.yaml", "--sink-option", option)
    assert code == 0
    assert "2 already posted" in said
    assert shop.references() == ["O-1", "O-2"]
    assert not (shop.folder.parent / "etl-ledger.sqlite").exists()


def test_a_plan_made_with_options_sends_once_from_wherever(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("plan", "m/m.yaml", "--sink-option", "concurrency=2", "--out", "plan.json")
    assert shop.etl(*words)[0] == 0
    assert shop.etl("apply", "plan.json", "--yes")[0] == 0
    code, _, said = shop.etl("run", "m/m.yaml")
    assert (code, "2 already posted" in said) == (0, True)
    assert shop.references() == ["O-1", "O-2"]


def test_paths_of_a_command_line_are_where_it_was_typed(tmp_path: Path) -> None:
    given = {"ledger": "l.sqlite", "key": "file:k", "ca_file": "/etc/ca.pem", "region": "eu"}
    assert AlmaOptions.given_in(tmp_path, given) == {
        "ledger": f"{tmp_path}/l.sqlite",
        "key": f"file:{tmp_path}/k",
        "ca_file": "/etc/ca.pem",
        "region": "eu",
    }
    kept = {"ledger": "postgresql://db/etl", "key": "env:KEY"}
    assert AlmaOptions.given_in(tmp_path, kept) == kept
    assert FilesOptions.given_in(tmp_path, {"directory": "out", "format": "xml"}) == {
        "directory": f"{tmp_path}/out",
        "format": "xml",
    }


@pytest.mark.parametrize("options", [[], ["--sink-option", "look_first=true"]])
def test_without_its_ledger_an_unattended_run_sends_nothing(shop: Shop, options: list[str]) -> None:
    """A pipeline that loses the file would order everything again, and nobody would know why."""
    ledger = shop.folder / "etl-ledger.sqlite"
    for lose in (ledger.unlink, lambda: ledger.write_bytes(b"")):
        lose()
        for _ in range(2):
            code, _, said = shop.etl("run", "m/m.yaml", *options)
            assert code == 4
            assert "E802" in said
            assert f"etl ledger create --ledger {ledger.relative_to(shop.folder.parent)}" in said
    assert shop.references() == []
    assert shop.etl("ledger", "create", "--ledger", str(ledger))[0] == 0
    assert shop.etl("run", "m/m.yaml")[0] == 0
    assert shop.references() == ["O-1", "O-2"]


@pytest.mark.parametrize("verb", ["run", "apply"])
@pytest.mark.parametrize(
    ("answer", "code", "sent"), [("y\n", 0, ["O-1", "O-2"]), ("n\n", 4, []), ("", 130, [])]
)
def test_at_a_terminal_it_is_offered_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, verb: str, answer: str, code: int, sent: list[str]
) -> None:
    assert shop.etl("plan", "m/m.yaml", "--out", "plan.json")[0] == 0
    (shop.folder / "etl-ledger.sqlite").unlink()
    terminal = io.TextIOWrapper(io.BytesIO(answer.encode()))
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    words = ("run", "m/m.yaml") if verb == "run" else ("apply", "plan.json", "--yes")
    got, _, said = shop.etl(*words)
    assert (got, shop.references()) == (code, sent)
    assert "make one?" in said
    assert (shop.folder / "etl-ledger.sqlite").exists() == bool(sent)


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_certificates_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    monkeypatch.setenv("A_KEY", "a-key-of-alma")
    if content is not None:
        (tmp_path / "ca.pem").write_bytes(content)
    options = AlmaOptions(region="eu", key="env:A_KEY", ca_file="ca.pem")
    with pytest.raises(Refusal, match=r"ca\.pem") as refused:
        wire_for(options, tmp_path)
    assert refused.value.problems[0].code == "E803"


def test_sigterm_while_mapping_is_an_interruption(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is on its way yet: the report says so, and the exit code is Ctrl-C's."""

    build = Builder.build

    def terminated(self: Builder, *rows: Any) -> Any:
        os.kill(os.getpid(), signal.SIGTERM)
        return build(self, *rows)

    monkeypatch.setattr("etl.run.build.Builder.build", terminated)
    assert shop.etl("run", "m/m.yaml")[0] == 130
    assert shop.references() == []
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
