"""Lines that wait → mapped anew without their files, with the mapping and tables of today; looked at with those
of then.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

from alma_shop import Shop, order

SHELVES = "code,location\nV,VUXEN\nB,BARN\n"


def states(shop: Shop, *words: str) -> dict[str, str]:
    _, out, _ = shop.etl("ledger", "list", "--format", "json", *words)
    return {row["key"]: row["state"] for row in json.loads(out)}


def mapping(shop: Shop, before: str, after: str) -> None:
    file = shop.folder / "m.yaml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")


def test_a_mended_table_lets_waiting_lines_through_when_their_file_is_gone(shop: Shop) -> None:
    shop.orders(order(7, shelf="X"), order(8, shelf="Y"))
    assert shop.etl("run", "m.yaml")[0] == 1
    (shop.folder / "orders.csv").unlink()
    (shop.folder / "shelves.csv").write_text(SHELVES + "X,VUXEN\n", encoding="utf-8")
    code, _, said = shop.etl("ledger", "reprocess", "m.yaml")
    assert code == 1, said
    assert "4 records read: 1 posted, 1 held, 1 refused, 1 rejected" in said
    assert shop.references() == ["O-1", "O-7"]
    assert states(shop, "--state", "waiting") == {"O-2": "refused", "O-3": "held", "O-8": "rejected"}
    (shop.folder / "shelves.csv").write_text(SHELVES + "Y,BARN\nX,VUXEN\n", encoding="utf-8")
    mapping(shop, "price | decimal > 1000", "price | decimal > 3000")
    mapping(shop, "'ADLIBRI' if", "'ADLIBRIS' if")
    code, _, said = shop.etl("ledger", "reprocess", "m.yaml")
    assert code == 0, said
    assert shop.references() == ["O-1", "O-2", "O-3", "O-7", "O-8"]
    assert states(shop, "--state", "waiting") == {}
    code, _, said = shop.etl("ledger", "reprocess", "m.yaml")
    assert (code, "no records" in said) == (0, True)


def test_the_file_that_comes_again_is_known(shop: Shop) -> None:
    mapping(shop, "price | decimal > 1000", "price | decimal > 3000")
    shop.etl("ledger", "reprocess", "m.yaml")
    shop.orders(order(1), order(3, price="2000.00"))
    code, _, said = shop.etl("run", "m.yaml")
    assert (code, "2 already posted" in said) == (0, True)


def test_what_a_person_has_decided_is_left_alone(shop: Shop) -> None:
    shop.etl("ledger", "dismiss", "O-3", "--reason", "not wanted")
    mapping(shop, "price | decimal > 1000", "price | decimal > 3000")
    shop.etl("ledger", "reprocess", "m.yaml")
    assert states(shop, "O-3") == {"O-3": "dismissed"}
    assert "O-3" not in shop.references()


def test_another_mapping_leaves_these_lines_alone(shop: Shop) -> None:
    mapping(shop, "name: shop", "name: other")
    code, _, said = shop.etl("ledger", "reprocess", "m.yaml")
    assert (code, "no records" in said) == (0, True)


def test_what_could_not_be_read_is_named(shop: Shop) -> None:
    """E837: its bytes are there, and no values."""
    shop.orders(order(6), 'O-7,"cut')
    assert shop.etl("run", "m.yaml")[0] == 1
    _, _, said = shop.etl("ledger", "reprocess", "m.yaml")
    assert "warning[E837]" in said
    _, out, _ = shop.etl("ledger", "list", "--state", "rejected")
    number = out.split()[0]
    assert 'O-7,"cut' in shop.etl("ledger", "show", number)[1]


def test_a_line_is_looked_at_with_the_mapping_of_then_and_of_now(shop: Shop) -> None:
    mapping(shop, "owner: HBG", "owner: LUND")
    (shop.folder / "shelves.csv").write_text("code,location\nV,MAGASIN\n", encoding="utf-8")
    (shop.folder / "orders.csv").unlink()
    _, then, _ = shop.etl("ledger", "preview", "O-3")
    assert '"value": "HBG"' in then
    assert "VUXEN" in then
    shown = json.loads(shop.etl("ledger", "show", "O-3", "--format", "json")[1])
    assert then.splitlines()[0] == f"m.yaml as of {shown['run_date']}"
    assert "held" in then.splitlines()[1]
    assert "\n      m.yaml:" in then
    assert "etl-mapping-" not in then
    _, now, _ = shop.etl("ledger", "preview", "O-3", "--mapping", "m.yaml")
    assert '"value": "LUND"' in now
    assert "MAGASIN" in now
    _, out, _ = shop.etl("ledger", "preview", "O-3", "--format", "json")
    shown = json.loads(out)
    assert (shown["verdict"], shown["record"]) == ("held", 3)
    assert len(shown["mapping"]) == 64


def test_an_order_that_is_older_than_that_is_said(shop: Shop) -> None:
    """E838."""
    with closing(sqlite3.connect(shop.folder / "etl-ledger.sqlite")) as database, database:
        database.execute("UPDATE orders SET mapping = NULL")
    code, _, said = shop.etl("ledger", "preview", "O-3")
    assert (code, "error[E838]" in said) == (2, True)
    assert "error[E838]" not in shop.etl("ledger", "preview", "O-3", "--mapping", "m.yaml")[2]
