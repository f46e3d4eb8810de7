"""A command in a message → pasted where it was read, it finds the ledger it is about."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from alma_shop import Shop, open_shop, order

from etl.ledger.commands_told import pasted

LEDGER = "elsewhere here/l.sqlite"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("etl ledger show 16", "etl ledger show --ledger out/l.sqlite 16"),
        ("resolve ID: etl ledger resolve ID --keep)", "resolve ID: etl ledger resolve --ledger out/l.sqlite ID --keep)"),
        ("etl ledger dead-letters; x", "etl ledger dead-letters --ledger out/l.sqlite; x"),
        ("etl ledger create --ledger l.sqlite", "etl ledger create --ledger l.sqlite"),
        ("etl ledger restore FILE --ledger PLACE", "etl ledger restore FILE --ledger PLACE"),
        ("etl ledger reprocess M, etl ledger list", "etl ledger reprocess M, etl ledger list --ledger out/l.sqlite"),
        ("the etl ledger", "the etl ledger"),
    ],
)
def test_the_ledger_stands_in_each_command_once(text: str, expected: str) -> None:
    assert pasted(text, "out/l.sqlite") == expected
    assert pasted(expected, "out/l.sqlite") == expected
    for default in ("etl-ledger.sqlite", "./etl-ledger.sqlite"):
        assert pasted(text, default) == text


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Shop]:
    """O-1 posted and offered changed, O-3 held as dear: in a ledger of another name."""
    with open_shop(tmp_path, monkeypatch, capsys) as found:
        (tmp_path / LEDGER).parent.mkdir()
        shutil.move(tmp_path / "etl-ledger.sqlite", tmp_path / LEDGER)
        text = (tmp_path / "m.yaml").read_text(encoding="utf-8")
        (tmp_path / "m.yaml").write_text(
            text.replace("{type: alma,", f'{{type: alma, ledger: "{LEDGER}",'), encoding="utf-8"
        )
        found.orders(order(1), order(3, price="2000.00"))
        assert found.etl("run", "m.yaml")[0] == 1
        yield found


def commands(said: str) -> list[list[str]]:
    """The commands in it, each with its ledger; only the summary says that itself."""
    found = re.findall(r"etl (ledger [a-z-]+ --ledger (?:'[^']+'|\S+))", said)
    assert found, said
    assert said.count("etl ledger ") == len(found) + said.count("etl ledger list --state waiting"), said
    return [shlex.split(one) for one in found]


def test_what_runs_and_verbs_tell_can_be_pasted(shop: Shop) -> None:
    shop.orders(order(1, price="300.00"))
    said = [shop.etl("run", "m.yaml")[2]]
    assert "E823" in said[0]
    there = ("--ledger", LEDGER)
    said += [shop.etl("ledger", "list", *there)[1], shop.etl("ledger", "list", "O-9", *there)[2]]
    said += [shop.etl("ledger", *verb, *there)[2] for verb in (
        ("resolve", "O-1", "--posted", "POL-9"), ("release", "O-1"), ("dismiss", "O-1", "--reason", "no"), ("show", "O-9"),
    )]  # fmt: skip
    for text in said[:2] + said[3:]:
        for words in commands(text):
            assert words[3] == LEDGER
            assert shop.etl("ledger", "show", "O-1", *words[2:])[0] == 0
    assert not (shop.folder / "etl-ledger.sqlite").exists()


def test_who_only_asks_is_told_which_file_was_looked_for(shop: Shop) -> None:
    """E802: nothing would have been sent, and a second, empty ledger would be of no use."""
    for verb in (("list",), ("show", "1"), ("release", "1"), ("dismiss", "1", "--reason", "x"), ("deliveries",)):
        code, _, said = shop.etl("ledger", *verb)
        assert (code, "error[E802]" in said) == (4, True)
        assert 'there is no ledger "etl-ledger.sqlite"' in said
        assert "--ledger FILE" in said
        assert "create" not in said
        assert "nothing was sent" not in said


def test_no_change_is_advised_where_no_document_was_offered(shop: Shop) -> None:
    shop.orders(order(1, price="300.00", shelf="X"))
    shop.etl("run", "m.yaml")
    _, out, _ = shop.etl("ledger", "list", "O-1", "--ledger", LEDGER)
    assert "changed after posting: etl ledger cancel --ledger" in out
    assert "ledger change" not in out
