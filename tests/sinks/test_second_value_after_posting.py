"""A vendor that adds a second fund to an order that was posted has changed it, though no column reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from alma_shop import Shop, open_shop

MAPPING = """\
version: 1
name: marc
target: po_line
source:
  connector: marc
  path: orders.mrk
  options: {{columns: {{order: 960$i, title: 245$a, fund: 960$u, price: 960$s}}}}
key: [order]
fields:
  owner: HBG
  type: PRINTED_BOOK_OT
  vendor: ADLIBRIS
  vendor_account: ADLIBRIS
  vendor_reference_number: "{{{{ order }}}}"
  price: {{sum: "{{{{ price }}}}", currency: SEK}}
  resource_metadata: {{title: "{{{{ title }}}}"}}
  fund_distribution: [{{fund_code: "{{{{ fund }}}}", amount: {{sum: "{{{{ price }}}}", currency: SEK}}}}]
  location: [{{library: HBG, shelving_location: VUXEN, quantity: 1}}]
sink: {{type: alma, base_url: "{url}", key: "env:SHOP_KEY", settle_wait: 0.05, per_second: 0, per_minute: 0}}
"""


@pytest.fixture
def shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Shop]:
    with open_shop(tmp_path, monkeypatch, capsys) as found:
        (tmp_path / "m.yaml").write_text(MAPPING.format(url=found.url), encoding="utf-8")
        yield found


def run(shop: Shop, *funds: str) -> tuple[int, str]:
    said = "".join(f"$u{fund}" for fund in funds)
    record = f"=LDR  00000nam a2200000   4500\n=245  10$aBoken om A\n=960  \\\\$iO-1$s100.00{said}\n"
    (shop.folder / "orders.mrk").write_text(record, encoding="utf-8")
    code, _, said = shop.etl("run", "m.yaml")
    return code, said


def waiting(shop: Shop) -> list[str]:
    ledger = ("--ledger", "etl-ledger.sqlite")
    _, out, _ = shop.etl("ledger", "list", "--state", "waiting", *ledger, "--format", "json")
    return [row["state"] for row in json.loads(out)]


def test_it_waits_and_what_was_decided_holds(shop: Shop) -> None:
    code, said = run(shop, "BOCKER")
    assert code == 0, said
    assert waiting(shop) == []
    for _ in range(2):
        code, said = run(shop, "BOCKER", "BARN")
        assert (code, "E327" in said) == (1, True), said
        assert waiting(shop) == ["posted"]
    assert len(shop.held()) == 1
    assert shop.etl("ledger", "resolve", "O-1", "--keep")[0] == 0
    assert run(shop, "BOCKER", "BARN")[0] == 0
    assert run(shop, "BOCKER", "BARN", "VUXEN")[0] == 1


def test_a_release_is_of_the_values_it_was_said_of(shop: Shop) -> None:
    assert run(shop, "BOCKER", "BARN")[0] == 1
    assert shop.etl("ledger", "release", "O-1")[0] == 0
    code, said = run(shop, "BOCKER", "VUXEN")
    assert (code, "E327" in said) == (1, True), said
    assert shop.held() == []
    assert shop.etl("ledger", "release", "O-1")[0] == 0
    assert run(shop, "BOCKER", "VUXEN")[0] == 0
    assert len(shop.held()) == 1
