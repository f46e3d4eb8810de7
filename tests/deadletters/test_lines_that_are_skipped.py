"""What `when` passes over, by what became of its order before: sent, waiting, ended, or in the same file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alma_shop import Shop, open_shop, order

WHEN = "when: \"{{ note != 'nej' }}\"\n"
BAD = "O-5,Påhittad bok 5,,1x,BOCKER,,V"


@pytest.fixture
def shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Shop]:
    """O-1 posted; whose note is "nej" is skipped."""
    with open_shop(tmp_path, monkeypatch, capsys) as found:
        mapping(found, "institution: inst.json\n", WHEN)
        mapping(found, "vendor: ADLIBRIS\n", "vendor: \"{{ 'ADLIBRI' if note == 'fel' else 'ADLIBRIS' }}\"\n")
        found.orders(order(1))
        assert found.etl("run", "m.yaml")[0] == 0
        yield found


def mapping(shop: Shop, before: str, after: str) -> None:
    file = shop.folder / "m.yaml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")


def states(shop: Shop, *words: str) -> dict[str, str]:
    _, out, _ = shop.etl("ledger", "list", "--format", "json", *words)
    return {row["key"]: row["state"] for row in json.loads(out)}


def waiting(shop: Shop) -> dict[str, str]:
    return states(shop, "--state", "waiting")


def test_a_posted_order_that_is_skipped_as_another_record_is_held_until_somebody_decides(shop: Shop) -> None:
    shop.orders(order(1, note="nej"), order(6))
    for posted in ("1 posted", "1 already posted"):
        code, _, said = shop.etl("run", "m.yaml")
        assert (code, "hold[E823]" in said) == (1, True)
        assert f"2 records read: {posted}, 1 held" in said
        assert "orders.csv:2" in said
        assert "etl ledger cancel ID" in said
    assert waiting(shop) == {"O-1": "posted"}
    assert "etl ledger cancel 1, or etl ledger resolve 1 --keep" in shop.etl("ledger", "list")[1]
    assert "hold[E823]" in shop.etl("ledger", "show", "1")[1]
    shop.orders(order(7))
    assert "waiting from before: 1 order (1 held)" in shop.etl("run", "m.yaml")[2]
    assert shop.etl("ledger", "resolve", "1", "--keep")[0] == 0
    shop.orders(order(1, note="nej"))
    code, _, said = shop.etl("run", "m.yaml")
    assert (code, "1 skipped" in said, waiting(shop)) == (0, True, {})
    shop.orders(order(1, note="nej", price="99.00"))
    assert shop.etl("run", "m.yaml")[0] == 1, "another record is another question"
    assert shop.references() == ["O-1", "O-6", "O-7"]


def test_what_the_vendor_sends_again_as_it_was_posted_is_asked_about_no_more(shop: Shop) -> None:
    shop.orders(order(1, note="nej"))
    shop.etl("run", "m.yaml")
    shop.orders(order(1), order(9))  # a new file: the first one, run again, says nothing new
    code, _, said = shop.etl("run", "m.yaml")
    assert (code, "1 already posted" in said, waiting(shop)) == (0, True, {})


def test_the_record_that_was_posted_may_be_skipped_by_the_mapping_of_today(shop: Shop) -> None:
    mapping(shop, WHEN, "when: \"{{ order != 'O-1' }}\"\n")
    for _ in range(2):
        code, _, said = shop.etl("run", "m.yaml")
        assert (code, "1 skipped" in said) == (0, True)
        assert (waiting(shop), states(shop)) == ({}, {"O-1": "posted"})


@pytest.mark.parametrize("state", ["unknown", "held"])
def test_an_order_that_may_be_in_alma_is_held_as_one_that_is(shop: Shop, state: str) -> None:
    cause = json.dumps({"rule": "several", "orders": [], "values": {}}) if state == "held" else None
    with closing(sqlite3.connect(shop.folder / "etl-ledger.sqlite")) as ledger, ledger:
        ledger.execute("UPDATE orders SET state = ?, cause = ?", (state, cause))
    shop.orders(order(1, note="nej"))
    code, _, said = shop.etl("run", "m.yaml")
    assert (code, "hold[E823]" in said) == (1, True)
    with closing(sqlite3.connect(shop.folder / "etl-ledger.sqlite")) as ledger:
        ((offered, record),) = ledger.execute("SELECT offered_payload, offered_record FROM orders")
    assert (offered, json.loads(record)[0]["note"]) == ("", "nej")


def test_an_order_that_may_be_in_alma_and_is_skipped_as_it_was_is_said(shop: Shop) -> None:
    """Nobody asks Alma about it as long as the sink is not given it."""
    with closing(sqlite3.connect(shop.folder / "etl-ledger.sqlite")) as ledger, ledger:
        ledger.execute("UPDATE orders SET state = 'unknown'")
    mapping(shop, WHEN, "when: \"{{ order != 'O-1' }}\"\n")
    said = shop.etl("run", "m.yaml")[2]
    assert ("E822" in said, "1 skipped" in said, states(shop)) == (True, True, {"O-1": "unknown"})


@pytest.mark.parametrize("state", ["held", "rejected", "refused", "released"])
def test_a_line_that_waits_is_skipped_by_another_file_and_never_sent(shop: Shop, state: str) -> None:
    row = {"rejected": BAD.replace("-5", "-3"), "refused": order(3, note="fel")}
    shop.orders(row.get(state, order(3, price="2000.00")))
    shop.etl("run", "m.yaml")
    if state == "released":
        shop.etl("ledger", "release", "O-3")
    assert waiting(shop) == {"O-3": state}
    shop.orders(order(3, note="nej"), order(8))
    code, _, said = shop.etl("run", "m.yaml")
    assert (code, "1 skipped" in said) == (0, True), said
    assert (waiting(shop), states(shop, "O-3")) == ({}, {"O-3": "skipped"})
    assert shop.etl("ledger", "release", "O-3")[0] == 2
    (shop.folder / "orders.csv").unlink()
    assert "no records" in shop.etl("ledger", "reprocess", "m.yaml")[2]
    assert shop.references() == ["O-1", "O-8"]
    shop.orders(order(3))
    assert shop.etl("run", "m.yaml")[0] == 0, "ordered after all"
    assert shop.references() == ["O-1", "O-3", "O-8"]


def test_what_is_at_its_end_stays_there(shop: Shop) -> None:
    shop.orders(order(3, price="2000.00"))
    shop.etl("run", "m.yaml")
    shop.etl("ledger", "dismiss", "O-3", "--reason", "not wanted")
    code, _, said = shop.etl(
        "ledger", "cancel", "O-1", "--mapping", "m.yaml", "--yes", "--reason", "LIBRARY_CANCELLED"
    )
    assert code == 0, said
    ended = states(shop)
    assert ended == {"O-1": "cancelled", "O-3": "dismissed"}
    for price in ("2000.00", "98.00"):
        shop.orders(order(1, note="nej"), order(3, note="nej", price=price))
        assert shop.etl("run", "m.yaml")[0] == 0
        assert states(shop) == ended


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("other", ["posted", "held", "rejected"])
def test_a_row_that_is_skipped_beside_its_order_is_a_line_of_its_own(
    shop: Shop, other: str, *, first: bool
) -> None:
    """Whichever stands first: a remark of the vendor's does not end the order that it is about."""
    wanted = {"posted": order(3), "held": order(3, price="2000.00"), "rejected": BAD.replace("-5", "-3")}
    both = (order(3, note="nej"), wanted[other])
    shop.orders(*(both if first else both[::-1]))
    for _ in range(2):
        code, _, said = shop.etl("run", "m.yaml")
        assert (code, "1 skipped" in said) == (other != "posted", True)
        assert "E823" not in said
        assert states(shop, "O-3")["O-3"] == other
        assert waiting(shop) == ({} if other == "posted" else {"O-3": other})


def test_a_plan_says_it_and_the_ledger_hears_of_it_when_it_is_applied(shop: Shop) -> None:
    shop.orders(order(1, note="nej"), order(6))
    code, _, said = shop.etl("plan", "m.yaml", "--out", "p.plan")
    assert (code, "hold[E823]" in said, waiting(shop)) == (1, True, {})
    shop.etl("apply", "p.plan")
    assert (waiting(shop), shop.references()) == ({"O-1": "posted"}, ["O-1", "O-6"])


def test_nothing_is_counted_for_the_key_of_what_is_skipped(shop: Shop) -> None:
    mapping(shop, "key: [order]", "key: [\"{{ order | lookup('t', 'b') }}\"]")
    mapping(shop, "lookups:\n", "lookups:\n  t: {file: t.csv, key: a, on_missing: {b: none}}\n")
    (shop.folder / "t.csv").write_text("a,b\nx,y\n", encoding="utf-8")
    shop.orders(order(6, note="nej"), order(7))
    code, _, said = shop.etl("run", "m.yaml")
    assert code == 0, said
    report = json.loads((shop.folder / "etl-report/shop/report.json").read_text(encoding="utf-8"))
    assert report["records"] == {"posted": 1, "skipped": 1}
    assert list(report["defaults_used"].values()) == [1], "for the order"


def test_rows_of_groups_are_skipped_by_their_place(shop: Shop) -> None:
    mapping(shop, WHEN, WHEN + "group_by: [order]\n")
    shop.orders(order(1, note="nej"))
    assert shop.etl("run", "m.yaml")[0] == 0
    assert states(shop, "Påhittad bok 1")["record 1 of orders.csv"] == "skipped"
    assert waiting(shop) == {}


def test_a_file_that_was_written_is_no_order_that_was_sent(shop: Shop) -> None:
    to_files = ("--sink", "files", "--sink-option", "directory=out")
    shop.orders(order(3))
    assert shop.etl("run", "m.yaml", *to_files)[0] == 0
    shop.orders(order(3, note="nej"))
    code, _, said = shop.etl("run", "m.yaml", *to_files)
    assert (code, "1 skipped" in said) == (0, True)
    ledger = ("--ledger", "etl-report/etl-ledger.sqlite")
    assert states(shop, "O-3", *ledger) == {"O-3": "skipped"}


def test_what_waits_to_be_written_is_skipped_by_another_file(shop: Shop) -> None:
    to_files = ("--sink", "files", "--sink-option", "directory=out")
    shop.orders(order(3, price="2000.00"))
    assert shop.etl("run", "m.yaml", *to_files)[0] == 1
    shop.orders(order(3, note="nej"))
    assert shop.etl("run", "m.yaml", *to_files)[0] == 0
    assert states(shop, "--state", "waiting", "--ledger", "etl-report/etl-ledger.sqlite") == {}
