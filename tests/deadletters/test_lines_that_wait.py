"""What a mapping holds or rejects → it waits in the ledger until a person, or a later delivery, ends it."""

from __future__ import annotations

import json
import os
import re
from typing import Any

import pytest
from alma_shop import Shop, order
from edited_sheets import edit_csv, letters, replay

BAD = "O-5,Påhittad bok 5,,1x,BOCKER,,V"


def states(shop: Shop, *words: str) -> dict[str, str]:
    """State by key."""
    _, out, _ = shop.etl("ledger", "list", "--format", "json", *words)
    return {row["key"]: row["state"] for row in json.loads(out)}


def report(shop: Shop) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shop.folder / "etl-report/shop/report.json").read_text())
    return found


def test_what_a_plan_set_aside_is_among_what_waits_when_it_is_applied(shop: Shop) -> None:
    shop.orders(order(6), order(7, price="2000.00"), BAD)
    assert shop.etl("plan", "m.yaml", "--out", "p.plan")[0] == 1
    code, _, said = shop.etl("apply", "p.plan")
    assert "1 posted" in said, said
    assert "waiting from before: 4 orders (2 held, 1 refused, 1 rejected)" in said
    assert code == 0, "it was told when the plan was made"


def test_a_line_of_an_earlier_file_waits_when_another_file_has_come(shop: Shop) -> None:
    shop.orders(order(1), order(4), BAD)
    code, _, said = shop.etl("run", "m.yaml")
    assert code == 1  # O-5 is rejected in this very run
    assert "waiting from before: 2 orders (1 held, 1 refused)" in said
    assert "2 copies, 2,249.00 SEK" in said
    shop.orders(order(6))
    code, _, said = shop.etl("run", "m.yaml")
    assert code == 0, "what waits from before changes no exit code"
    assert "waiting from before: 3 orders (1 held, 1 refused, 1 rejected)" in said
    assert "1 of unknown worth" in said
    waiting = report(shop)["waiting"]
    assert waiting["orders"] == {"held": 1, "refused": 1, "rejected": 1}
    assert waiting["money"] == {"SEK": "2249.00"}
    assert states(shop, "--state", "waiting") == {"O-2": "refused", "O-3": "held", "O-5": "rejected"}
    assert states(shop, "--state", "rejected") == {"O-5": "rejected"}


def test_a_line_is_shown_with_its_reasons_its_record_and_its_place(shop: Shop) -> None:
    shop.orders(BAD)
    shop.etl("run", "m.yaml")
    _, out, _ = shop.etl("ledger", "show", "O-5")
    assert "error[E417]" in out
    assert re.search(r"place +orders.csv:2 ", out)
    assert "title: Påhittad bok 5" in out
    _, out, _ = shop.etl("ledger", "show", "O-3", "--format", "json")
    shown = json.loads(out)
    assert [cause["code"] for cause in shown["causes"]] == ["E486"]
    assert json.loads(shown["payload"])["vendor_reference_number"] == "O-3"
    assert shown["record"][0]["price"] == "2000.00"


def test_a_file_comes_through_after_what_was_wrong_is_mended(shop: Shop) -> None:
    """The new outcome takes the place of the one that waited, also where there was no key."""
    mapping = (shop.folder / "m.yaml").read_text(encoding="utf-8")
    broken = mapping.replace("key: [order]", "key: [\"{{ note or (1 / 0) | string }}\"]")
    shop.orders(order(7), order(8, shelf="X"))
    (shop.folder / "m.yaml").write_text(broken, encoding="utf-8")
    assert shop.etl("run", "m.yaml")[0] == 1
    waiting = states(shop, "--state", "rejected")
    assert waiting == {"record 1 of orders.csv": "rejected", "record 2 of orders.csv": "rejected"}
    (shop.folder / "m.yaml").write_text(mapping, encoding="utf-8")
    shop.etl("run", "m.yaml")
    assert states(shop, "--state", "rejected") == {"O-8": "rejected"}
    assert states(shop, "O-7") == {"O-7": "posted", "record 1 of orders.csv": "dismissed"}
    assert "posted" in shop.etl("ledger", "show", "O-7")[1], "the order, not the line that it was"
    (shop.folder / "shelves.csv").write_text("code,location\nV,VUXEN\nX,BARN\n", encoding="utf-8")
    assert shop.etl("run", "m.yaml")[0] == 0
    assert states(shop, "--state", "rejected") == {}
    assert shop.references() == ["O-1", "O-7", "O-8"]


def test_a_correction_from_the_sheet_is_not_held_again(shop: Shop) -> None:
    letters(shop, "d.csv")
    edit_csv(shop.folder / "d.csv", lambda row: row.update({"Vendor": "ADLIBRIS"}))
    assert replay(shop, "d.csv")[0] == 0
    assert shop.references() == ["O-1", "O-2", "O-3"]
    code, _, said = shop.etl("run", "m.yaml")
    assert code == 0, said
    assert "3 already posted" in said
    assert shop.references() == ["O-1", "O-2", "O-3"]


def test_a_changed_record_of_a_posted_line_is_held(shop: Shop) -> None:
    """By the check, or because it changed after posting: either way somebody looks."""
    letters(shop, "d.csv")
    edit_csv(shop.folder / "d.csv", lambda row: row.update({"Vendor": "ADLIBRIS"}))
    replay(shop, "d.csv")
    shop.orders(order(1), order(2, note="fel"), order(3, price="3000.00"))
    code, _, said = shop.etl("run", "m.yaml")
    assert (code, "1 held" in said) == (1, True)
    assert states(shop, "--state", "waiting") == {"O-3": "posted"}
    assert len(shop.references()) == 3
    assert shop.etl("ledger", "resolve", "O-3", "--keep", "--by", "Bibliotekarien")[0] == 0
    assert states(shop, "--state", "waiting") == {}
    code, _, said = shop.etl("run", "m.yaml")
    assert code == 0, said


def test_what_a_person_lets_pass_is_sent_and_not_asked_again_until_the_record_changes(shop: Shop) -> None:
    assert shop.etl("ledger", "release", "O-3", "--by", "Bibliotekarien")[0] == 0
    shop.orders(order(1), order(3, price="2000.00"))
    code, _, said = shop.etl("run", "m.yaml")
    assert code == 0, said
    assert "held by the mapping, let pass by a person" in said
    assert shop.references() == ["O-1", "O-3"]
    assert shop.etl("run", "m.yaml")[0] == 0
    shown = shop.etl("ledger", "show", "O-3")[1]
    told = shown.partition("history\n")[2].partition("\n\n")[0].splitlines()
    assert [line.split()[1] for line in told] == ["held", "released", "intended", "posted"]
    assert "intended again" not in shown
    (row,) = json.loads(shop.etl("ledger", "list", "O-3", "--format", "json")[1])
    assert row["attempts"] == 1


def test_a_decision_does_not_outlive_its_record(shop: Shop) -> None:
    shop.etl("ledger", "release", "O-3", "--by", "Bibliotekarien")
    for price in ("2500.00", "2500.00"):  # the second time the record is what it was the time before
        shop.orders(order(3, price=price))
        assert shop.etl("run", "m.yaml")[0] == 1
        assert states(shop, "O-3") == {"O-3": "held"}
    assert shop.references() == ["O-1"]


@pytest.mark.parametrize("key", ["O-3", "O-5"])
def test_what_is_dismissed_is_not_told_again_until_the_record_changes(shop: Shop, key: str) -> None:
    shop.orders(order(3, price="2000.00"), BAD)
    assert shop.etl("run", "m.yaml")[0] == 1
    for one in ("O-3", "O-5"):
        assert shop.etl("ledger", "dismiss", one, "--reason", "not wanted")[0] == 0
    code, _, said = shop.etl("run", "m.yaml")
    assert code == 0, said
    assert "2 dismissed" in said
    changed = order(3, price="2001.00") if key == "O-3" else BAD.replace("1x", "2x")
    shop.orders(changed)
    assert shop.etl("run", "m.yaml")[0] == 1
    assert states(shop, key)[key] in ("held", "rejected")


def test_a_rejected_line_is_in_the_sheet_and_cannot_be_sent_from_it(shop: Shop) -> None:
    shop.orders(BAD)
    shop.etl("run", "m.yaml")
    said = letters(shop, "d.csv")
    assert "No order could be made: E417" in said
    code, _, said = shop.etl("ledger", "release", "O-5")
    assert (code, "has no document that could be sent" in said) == (2, True)


def test_several_lines_of_one_key_wait_each_for_itself(shop: Shop) -> None:
    shop.orders(BAD, BAD.replace("bok 5", "bok 6"), order(7), order(7, price="99.00"))
    shop.etl("run", "m.yaml")
    waiting = states(shop, "--state", "rejected")
    assert len(waiting) == 3
    assert "O-5" in waiting
    assert "record 4 of orders.csv" in waiting


def test_what_is_skipped_is_found_by_what_stood_in_it(shop: Shop) -> None:
    mapping = (shop.folder / "m.yaml").read_text(encoding="utf-8")
    when = mapping.replace("key: [order]", "key: [order]\nwhen: \"{{ note != 'nej' }}\"")
    (shop.folder / "m.yaml").write_text(when, encoding="utf-8")
    shop.orders(order(9, note="nej"))
    shop.etl("run", "m.yaml")
    assert "O-9" not in states(shop)
    assert states(shop, "Påhittad bok 9") == {"O-9": "skipped"}


def test_a_line_that_is_skipped_from_now_on_does_not_wait(shop: Shop) -> None:
    shop.orders(order(3, price="2000.00"), BAD)
    shop.etl("run", "m.yaml")
    mapping = (shop.folder / "m.yaml").read_text(encoding="utf-8")
    when = mapping.replace("key: [order]", "key: [order]\nwhen: \"{{ order not in ('O-3', 'O-5') }}\"")
    (shop.folder / "m.yaml").write_text(when, encoding="utf-8")
    shop.etl("run", "m.yaml")
    assert states(shop, "--state", "waiting") == {"O-2": "refused"}


def test_a_held_line_is_like_the_same_order_that_comes_under_another_key(shop: Shop) -> None:
    shop.orders(order(3, price="2000.00"))
    shop.etl("run", "m.yaml")
    mapping = (shop.folder / "m.yaml").read_text(encoding="utf-8")
    other = mapping.replace("key: [order]", "key: [title, order]").replace("> 1000", "> 5000")
    (shop.folder / "m.yaml").write_text(other, encoding="utf-8")
    code, _, said = shop.etl("run", "m.yaml")
    assert (code, "E828" in said) == (1, True)
    assert shop.references() == ["O-1"]


@pytest.mark.parametrize("words", [("list",), ("show", "O-1"), ("deliveries",), ("export",)])
def test_a_mapping_says_where_its_orders_are_known(shop: Shop, words: tuple[str, ...]) -> None:
    """From any folder; a ledger that is named is meant all the same."""
    (shop.folder / "elsewhere").mkdir()
    os.chdir(shop.folder / "elsewhere")  # the shop goes back
    assert shop.etl("ledger", *words)[0] == 4
    code, out, said = shop.etl("ledger", *words, "--mapping", "../m.yaml")
    assert code == 0, said
    assert ("orders.csv" if words == ("deliveries",) else "O-1") in out
    assert shop.etl("ledger", *words, "--mapping", "../m.yaml", "--ledger", "none.sqlite")[0] == 4
