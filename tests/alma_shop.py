"""A folder with a mapping, a vendor's file and an institution file, and a simulated Alma to post to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from etl.cli.main import run_cli
from etl.ledger.database import open_database
from etl.simulator import Limits, Settings, Simulator, Timing, running

KEY = "simulator-key"
MAPPING = """\
version: 1
name: shop
target: po_line
source: {{connector: csv, path: orders.csv}}
institution: inst.json
key: [order]
lookups:
  shelves: {{file: shelves.csv, key: code}}
fields:
  owner: HBG
  type: PRINTED_BOOK_OT
  vendor: ADLIBRIS
  vendor_account: ADLIBRIS
  vendor_reference_number: "{{{{ order }}}}"
  price: {{sum: "{{{{ price }}}}", currency: SEK}}
  resource_metadata: {{title: "{{{{ title }}}}", isbn: "{{{{ isbn }}}}"}}
  fund_distribution: [{{fund_code: "{{{{ fund }}}}", amount: {{sum: "{{{{ price }}}}", currency: SEK}}}}]
  receiving_note: "{{{{ note }}}}"
  location: [{{library: HBG, shelving_location: "{{{{ shelf | lookup('shelves', 'location') }}}}", quantity: 1}}]
checks:
  - {{if: "{{{{ price | decimal > 1000 }}}}", hold: "dear"}}
guards: {{max_documents: 20}}
sink: {{type: alma, base_url: "{url}", key: "env:SHOP_KEY", settle_wait: 0.05, timeout: 5, per_second: 0, per_minute: 0}}
"""
SHELVES = "code,location\nV,VUXEN\nB,BARN\n"


@dataclass
class Shop:
    """What a test does with it: change files, run commands, look at what Alma holds."""

    url: str
    folder: Path
    simulator: Simulator
    capture: pytest.CaptureFixture[str]
    ahead: list[float]

    def later(self, seconds: float) -> None:
        """Time passes, by Alma's clock."""
        self.ahead[0] += seconds

    def orders(self, *rows: str) -> None:
        """Rows: order,title,isbn,price,fund,note,shelf."""
        text = "\n".join(("order,title,isbn,price,fund,note,shelf", *rows)) + "\n"
        (self.folder / "orders.csv").write_text(text, encoding="utf-8")

    def etl(self, *words: str) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        self.capture.readouterr()
        code = run_cli(list(words))
        out, err = self.capture.readouterr()
        assert KEY not in out + err
        return code, out, err

    def held(self) -> list[dict[str, Any]]:
        """Order lines that Alma holds."""
        return [found.doc for found in self.simulator.world.store.lines()]

    def references(self) -> list[str]:
        return sorted(document["vendor_reference_number"] for document in self.held())

    def verified(self, *words: str) -> tuple[int, list[dict[str, Any]], str]:
        code, out, err = self.etl("verify", "m.yaml", "--format", "json", *words)
        return code, json.loads(out), err


def order(
    number: int, *, price: str = "249.00", fund: str = "BOCKER", note: str = "", shelf: str = "V"
) -> str:
    """A row with a valid ISBN of a registrant nobody has."""
    body = f"97891999{number:04d}"
    check = (10 - sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(body)) % 10) % 10
    return f"O-{number},Påhittad bok {number},{body}{check},{price},{fund},{note},{shelf}"


@contextmanager
def open_shop(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capture: pytest.CaptureFixture[str],
    timing: Timing | None = None,
) -> Iterator[Shop]:
    """A shop in `folder`, which becomes the working directory; the institution file is pulled."""
    apps: list[Simulator] = []
    ahead, right = [0.0], Settings().clock
    settings = Settings(
        timing=timing or Timing.instant(), limits=Limits.none(), clock=lambda: right() + ahead[0]
    )
    monkeypatch.setenv("SHOP_KEY", KEY)
    monkeypatch.chdir(folder)
    with running(settings, apps.append) as url:
        (folder / "m.yaml").write_text(MAPPING.format(url=url), encoding="utf-8")
        (folder / "shelves.csv").write_text(SHELVES, encoding="utf-8")
        shop = Shop(url, folder, apps[0], capture, ahead)
        shop.orders(order(1), order(2))
        code, _, said = shop.etl(
            "pull", "--institution-file", "inst.json", "--base-url", url, "--key", "env:SHOP_KEY"
        )
        assert code == 0, said
        open_database("etl-ledger.sqlite", folder).dispose()
        yield shop
