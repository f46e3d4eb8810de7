"""Orders posted to a simulated Alma, and what etl verify says of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alma_shop import Shop, open_shop, order

from etl.simulator import Timing


@pytest.fixture
def shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Shop]:
    with open_shop(tmp_path, monkeypatch, capsys) as found:
        yield found


def test_stored_as_sent_and_predictions_held(shop: Shop) -> None:
    shop.orders(order(1, price="54.10"), order(2, fund="hist-m"), order(3, note="Signera"))
    assert shop.etl("run", "m.yaml")[0] == 0
    code, rows, said = shop.verified()
    assert [(row["status"], row["predicted"], row["prediction_held"]) for row in rows] == [
        ("SENT", "clean", True),
        ("INREVIEW", "in review", True),
        ("SENT", "clean", True),
    ]
    lost = [(one["path"], one["sent"], one["stored"]) for one in rows[1]["differences"]]
    assert lost == [("fund_distribution[0]", "hist-m 249.00", "")], "Alma drops a fund it does not know"
    assert (code, rows[0]["differences"], rows[2]["differences"]) == (1, [], [])
    assert "predictions: 3 of 3 held" in said


def test_it_is_written_into_the_history_once(shop: Shop) -> None:
    shop.etl("run", "m.yaml")
    assert len(shop.verified()[1]) == 2
    assert shop.verified()[1] == [], "what was verified is not asked again"
    assert len(shop.verified("--again")[1]) == 2
    _, out, _ = shop.etl("ledger", "show", "O-1")
    history = out.split("history")[1].split("sent\n")[0]
    assert history.count("verified: status SENT; stored as sent") == 1, "the same is not written twice"


def test_what_alma_changed_is_said_in_words(shop: Shop) -> None:
    """E853: somebody corrects the price, and Alma drops the note."""
    shop.orders(order(1, note="Signera"))
    shop.etl("run", "m.yaml")
    change(shop, "O-1", price={"sum": "199.0", "currency": {"value": "SEK"}}, receiving_note="")
    code, out, err = shop.etl("verify", "m.yaml")
    assert code == 1
    assert 'price.sum: sent "249.00", Alma has "199.0"' in err
    assert 'receiving_note: sent "Signera", Alma has nothing' in err
    assert "warning[E853]" in err
    assert out.startswith("POL-")


def test_a_line_that_is_gone(shop: Shop) -> None:
    """E854."""
    shop.etl("run", "m.yaml")
    shop.simulator.world.store.db.execute("delete from po_line")
    code, _, err = shop.etl("verify", "m.yaml")
    assert code == 1
    assert "error[E854]" in err
    assert "not in Alma any more: 2 orders" in err


def test_a_line_cancelled_in_alma(shop: Shop) -> None:
    """E858: no prediction, held or not, speaks of it."""
    shop.etl("run", "m.yaml")
    shop.simulator.world.store.db.execute("update po_line set fixed = 'CANCELLED' where id = 1")
    code, _, err = shop.etl("verify", "m.yaml")
    assert code == 1
    assert "warning[E858] it is CANCELLED in Alma" in err
    assert "cancelled or rejected in Alma: 1 order" in err
    assert "predictions: 1 of 1 held" in err


def test_a_number_that_is_none_does_not_stop_the_others(shop: Shop) -> None:
    """Older versions let a person give an empty one."""
    shop.etl("run", "m.yaml")
    with closing(sqlite3.connect(shop.folder / "etl-ledger.sqlite")) as ledger, ledger:
        ledger.execute("update orders set number = '' where id = 1")
    code, rows, _ = shop.verified()
    assert code == 1
    assert [row["there"] for row in rows] == [False, True]


def test_a_prediction_that_does_not_hold(shop: Shop) -> None:
    """E855: a fund whose balance nobody can know beforehand."""
    shop.orders(order(1, fund="TOM"))
    shop.etl("run", "m.yaml")
    code, _, err = shop.etl("verify", "m.yaml")
    assert code == 0, "an order in review is no damage"
    assert "warning[E855] predicted clean, and it is INREVIEW" in err
    assert "predictions: 0 of 1 held" in err


def test_alma_answers_before_it_has_a_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_shop(tmp_path, monkeypatch, capsys, Timing(1.5, 0, 0, 0)) as shop:
        shop.etl("run", "m.yaml")
        code, rows, said = shop.verified()
        assert code == 5
        assert [row["status"] for row in rows] == ["", ""]
        assert "Alma has not finished with 2 orders" in said
        assert shop.etl("verify", "m.yaml", "--wait", "20")[0] == 0


def of_requests(shop: Shop) -> None:
    """The mapping makes purchase requests."""
    text = (shop.folder / "m.yaml").read_text(encoding="utf-8")
    head, tail = text.split("fields:")[0], text.split("guards:")[1]
    fields = """user: anna.lind
fields:
  format: P
  owning_library: HBG
  estimated_cost: {sum: "{{ price }}", currency: SEK}
  resource_metadata: {citation_type: BOOK, title: "{{ title }}", isbn: "{{ isbn }}"}
  note: [{content: "{{ order }}"}]
guards:"""
    (shop.folder / "m.yaml").write_text(
        head.replace("po_line", "purchase_request") + fields + tail, encoding="utf-8"
    )


def test_purchase_requests_follow_the_same_way(shop: Shop) -> None:
    of_requests(shop)
    assert shop.etl("run", "m.yaml")[0] == 0
    code, rows, said = shop.verified()
    assert code == 0, said
    assert [(row["status"], row["prediction_held"], row["differences"]) for row in rows] == [
        ("INREVIEW", None, [])
    ] * 2


def test_purchase_requests_are_followed_until_people_have_decided(shop: Shop) -> None:
    of_requests(shop)
    shop.etl("run", "m.yaml")
    assert shop.verified()[0] == 0
    alma = ("--base-url", shop.url, "--key", "env:SHOP_KEY", "--yes")
    assert shop.etl("requests", "approve", "1", "--by", "bo.ek", *alma)[0] == 0
    assert shop.etl("requests", "reject", "2", "--reason", reason(shop), *alma)[0] == 0
    code, rows, said = shop.verified()
    assert [row["status"] for row in rows] == ["APPROVED", "REJECTED"]
    assert rows[0]["po_line"]
    assert code == 1
    assert "cancelled or rejected in Alma: 1 order" in said
    assert shop.verified()[1] == [], "one has become an order line, the other will not"


def reason(shop: Shop) -> str:
    """A code that the simulated Alma has."""
    known = json.loads((shop.folder / "inst.json").read_text(encoding="utf-8"))
    return next(iter(known["tables"]["PR_RejectReasons"]))


def test_without_a_mapping_the_ledger_is_named(shop: Shop) -> None:
    shop.etl("run", "m.yaml")
    code, out, _ = shop.etl(
        "verify", "--ledger", "etl-ledger.sqlite", "--base-url", shop.url, "--key", "env:SHOP_KEY"
    )
    assert (code, len(out.splitlines())) == (0, 2)


def change(shop: Shop, reference: str, **values: object) -> None:
    """A person edits a line in Alma."""
    store = shop.simulator.world.store
    for line in store.lines():
        if line.doc["vendor_reference_number"] == reference:
            document = json.dumps({**line.doc, **values}, ensure_ascii=False)
            store.db.execute("update po_line set doc = ? where id = ?", (document, line.id))
