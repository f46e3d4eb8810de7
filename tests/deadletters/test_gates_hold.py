"""What a person or a mapping has decided about a line → it holds for that record, that mapping, and no longer."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest
from alma_shop import SHELVES, Shop, order
from edited_sheets import edit_csv, letters, replay


def states(shop: Shop, *words: str) -> dict[str, str]:
    _, out, _ = shop.etl("ledger", "list", "--format", "json", *words)
    return {row["key"]: row["state"] for row in json.loads(out)}


def mapping(shop: Shop, before: str, after: str, file: str = "m.yaml") -> None:
    path = shop.folder / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def shelves(shop: Shop, more: str = "") -> None:
    (shop.folder / "shelves.csv").write_text(SHELVES + more, encoding="utf-8")


def test_what_was_skipped_for_a_while_is_wanted_again(shop: Shop) -> None:
    """Held, rejected and refused lines; none was dismissed by anybody."""
    shop.orders(order(1), order(2, note="fel"), order(3, price="2000.00"), order(5, shelf="X"))
    shop.etl("run", "m.yaml")
    mapping(shop, "key: [order]", "key: [order]\nwhen: \"{{ order == 'O-1' }}\"")
    assert shop.etl("run", "m.yaml")[0] == 0
    assert states(shop, "--state", "waiting") == {}
    mapping(shop, "\nwhen: \"{{ order == 'O-1' }}\"", "")
    mapping(shop, "decimal > 1000", "decimal > 5000")
    mapping(shop, "'ADLIBRI' if", "'ADLIBRIS' if")
    shelves(shop, "X,VUXEN\n")
    code, _, said = shop.etl("run", "m.yaml")
    assert code == 0, said
    assert shop.references() == ["O-1", "O-2", "O-3", "O-5"]


def test_a_mapping_ends_no_line_of_another(shop: Shop) -> None:
    """One file, two mappings that take a part each."""
    text = (shop.folder / "m.yaml").read_text(encoding="utf-8")
    for file, name, part in (("m.yaml", "shop", "!="), ("b.yaml", "branch", "==")):
        when = f"key: [order]\nwhen: \"{{{{ note {part} 'B' }}}}\""
        other = text.replace("key: [order]", when).replace("name: shop", f"name: {name}")
        (shop.folder / file).write_text(other, encoding="utf-8")
    shop.orders(order(3, price="2000.00"), order(5, shelf="X"), order(6, price="3000.00", note="B"))
    for file in ("m.yaml", "b.yaml", "m.yaml"):
        shop.etl("run", file)
    waiting = states(shop, "--state", "waiting")
    assert waiting == {"O-2": "refused", "O-3": "held", "O-5": "rejected", "O-6": "held"}


@pytest.mark.parametrize("file", ["the same", "another"])
def test_a_line_sent_under_a_new_key_is_not_sent_again_from_the_sheet(shop: Shop, file: str) -> None:
    """Of the same file the old row has come to its end; of another the sheet's order is held as one known."""
    mapping(shop, "'ADLIBRI' if", "'ADLIBRIS' if")
    mapping(shop, "key: [order]", "key: [order, isbn]")
    rows = [order(1), order(2, note="fel"), order(3, price="2000.00")]
    shop.orders(*(rows if file == "the same" else rows[:2]))
    shop.etl("run", "m.yaml")
    assert shop.references() == ["O-1", "O-2"]
    assert ("O-2" in states(shop, "--state", "waiting")) is (file == "another")
    letters(shop, "d.csv")

    def only_the_refused(row: dict[str, str]) -> None:
        row["Vendor"] = "ADLIBRIS"
        row["Send? (yes)"] = "yes" if row["Order"] == "O-2" else "no"

    edit_csv(shop.folder / "d.csv", only_the_refused)
    replay(shop, "d.csv")
    assert shop.references() == ["O-1", "O-2"]


def test_a_dismissed_line_is_known_under_another_key(shop: Shop) -> None:
    assert shop.etl("ledger", "dismiss", "O-3", "--reason", "cancelled by phone")[0] == 0
    mapping(shop, "key: [order]", "key: [order, isbn]")
    mapping(shop, "decimal > 1000", "decimal > 5000")
    shop.orders(order(3, price="2000.00"))
    code, _, said = shop.etl("run", "m.yaml")
    assert (code, "E828" in said) == (1, True)
    assert shop.references() == ["O-1"]


def test_a_dismissed_line_whose_record_changed_waits_for_a_person_whatever_the_mapping_says(shop: Shop) -> None:
    shop.etl("ledger", "dismiss", "O-3", "--reason", "cancelled by phone")
    mapping(shop, "decimal > 1000", "decimal > 5000")
    shop.orders(order(3, price="2100.00", shelf="X"))
    assert shop.etl("run", "m.yaml")[0] == 1  # rejected, and changed
    shelves(shop, "X,VUXEN\n")
    assert shop.etl("run", "m.yaml")[0] == 1
    assert shop.references() == ["O-1"]
    assert states(shop, "O-3") == {"O-3": "held"}
    assert shop.etl("ledger", "release", "O-3")[0] == 0
    assert shop.etl("run", "m.yaml")[0] == 0
    assert shop.references() == ["O-1", "O-3"]


def test_a_line_dismissed_as_another_one_comes_back_changed(shop: Shop) -> None:
    assert shop.etl("ledger", "dismiss", "O-3", "--same-as", "O-1")[0] == 0
    shop.orders(order(1), order(3, price="2100.00"), order(4))
    assert shop.etl("run", "m.yaml")[0] == 1
    mapping(shop, "decimal > 1000", "decimal > 5000")
    assert shop.etl("run", "m.yaml")[0] == 1
    assert shop.references() == ["O-1", "O-4"]
    assert states(shop, "O-3") == {"O-3": "held"}


def test_nothing_is_the_same_as_what_is_never_sent(shop: Shop) -> None:
    """E816."""
    shop.etl("ledger", "dismiss", "O-3", "--reason", "not wanted")
    code, _, said = shop.etl("ledger", "dismiss", "O-2", "--same-as", "O-3")
    assert (code, "error[E816]" in said) == (2, True)


def test_lines_that_came_with_other_parameters_are_left_and_named(shop: Shop) -> None:
    """E837."""
    mapping(shop, "name: shop", "name: shop\nparameters: {owner: {default: HBG}}")
    shop.orders(order(7, shelf="X"))
    assert shop.etl("run", "m.yaml", "--param", "owner=LUND")[0] == 1
    shelves(shop, "X,VUXEN\n")
    _, _, said = shop.etl("ledger", "reprocess", "m.yaml")
    assert "warning[E837]" in said
    assert "O-7" not in shop.references()
    shop.etl("ledger", "reprocess", "m.yaml", "--param", "owner=LUND")
    assert "O-7" in shop.references()


def test_what_was_offered_and_taken_back_waits_no_more(shop: Shop) -> None:
    for price in ("249.00", "299.00"):
        shop.orders(order(1, price=price))
        shop.etl("run", "m.yaml")
    assert "changed after posting" in shop.etl("ledger", "list", "--state", "held")[1]
    shop.orders(order(1), order(9))  # a new file: the first one, run again, says nothing new
    assert shop.etl("run", "m.yaml")[0] == 0
    assert "O-1" not in states(shop, "--state", "waiting")


@pytest.mark.parametrize("first", ["rejected", "fine"])
def test_a_rejected_record_whose_key_another_has_waits_for_itself(shop: Shop, first: str) -> None:
    rows = [order(5, shelf="X"), order(5)]
    shop.orders(*(rows if first == "rejected" else reversed(rows)))
    assert shop.etl("run", "m.yaml")[0] == 1
    assert "O-5" in shop.references()
    waiting = states(shop, "--state", "rejected")
    assert len(waiting) == 1
    assert next(iter(waiting)).startswith("record ")


def test_what_only_waited_when_a_backup_was_made_is_looked_for_after_it_was_put_back(shop: Shop) -> None:
    shop.orders(order(1), order(5, shelf="X"))
    shop.etl("run", "m.yaml")
    assert shop.etl("ledger", "backup", "b.sqlite")[0] == 0
    shelves(shop, "X,VUXEN\n")
    shop.etl("run", "m.yaml")
    assert shop.references() == ["O-1", "O-5"]
    assert shop.etl("ledger", "restore", "b.sqlite", "--force")[0] == 0
    code, _, said = shop.etl("run", "m.yaml")
    assert code == 4
    words = said[said.index("ledger check --accept") :].splitlines()[0].split()
    shop.etl("run", "m.yaml", "--sink-option", "look_first=true")
    assert shop.references() == ["O-1", "O-5"]
    assert shop.etl("run", "m.yaml")[0] == 4, "that run opened it for no other"
    code, _, said = shop.etl("ledger", "check")
    assert code == 0
    assert "not accepted" in said
    code, _, said = shop.etl(*words, "--by", "bo")  # as the refusal says
    assert code == 0
    assert "by bo" in said
    assert "not accepted" not in said
    assert shop.etl("run", "m.yaml")[0] in (0, 1)
    assert shop.references() == ["O-1", "O-5"]


def test_one_that_contradicts_itself_is_not_accepted(shop: Shop) -> None:
    shop.orders(order(1))
    shop.etl("run", "m.yaml")
    shop.etl("ledger", "backup", "b.sqlite")
    (shop.folder / "etl-ledger.sqlite.witness").unlink()
    assert shop.etl("ledger", "restore", "b.sqlite")[0] == 0
    with closing(sqlite3.connect(shop.folder / "etl-ledger.sqlite")) as ledger, ledger:
        ledger.execute("UPDATE orders SET payload = '{}'")
    code, _, said = shop.etl("ledger", "check", "--accept", "--by", "bo")
    assert code == 1
    assert "not accepted" in said
    assert shop.etl("run", "m.yaml")[0] == 4


@pytest.mark.parametrize("witness", [None, "other.note"])
def test_a_copy_of_what_was_moved_is_noticed_when_it_is_put_back(shop: Shop, witness: str | None) -> None:
    noted = [] if witness is None else ["--sink-option", f"witness={shop.folder / witness}"]
    shop.orders(order(1))
    assert shop.etl("run", "m.yaml", *noted)[0] == 0
    copy = (shop.folder / "etl-ledger.sqlite").read_bytes()
    said = shop.etl("ledger", "move", "new.sqlite", *(["--witness", witness] if witness else []))
    assert said[0] == 0, said
    (shop.folder / "etl-ledger.sqlite").write_bytes(copy)
    assert shop.etl("run", "m.yaml", *noted)[0] == 4
    place = ["--sink-option", f"ledger={shop.folder / 'new.sqlite'}"]
    assert shop.etl("run", "m.yaml", *noted, *place)[0] == 0
    assert shop.references() == ["O-1"]


def test_a_correction_is_what_waits_and_what_is_counted(shop: Shop) -> None:
    def cheaper(row: dict[str, str]) -> None:
        row.update({"Vendor": "ADLIBRIS", "Price": "150.00", "Fund amount": "150.00"})

    letters(shop, "d.csv")
    edit_csv(shop.folder / "d.csv", cheaper)
    assert replay(shop, "d.csv")[0] == 0
    shop.orders(order(1), order(2, note="fel"), order(3, price="2500.00"))
    shop.etl("run", "m.yaml")
    shop.orders(order(1))
    _, _, said = shop.etl("run", "m.yaml")
    assert "waiting from before: 1 order (1 held)" in said
    assert "1 copy, 150.00 SEK" in said


def test_a_run_that_stops_leaves_what_it_did_not_deliver_waiting(shop: Shop) -> None:
    """A key that is revoked: exit code 2 or 6; the file may be gone by the next run."""
    shop.orders(order(6).replace("bok 6", "bok 6 SIM-FAULT-once-unauthorized"), order(7), order(8))
    assert shop.etl("run", "m.yaml")[0] in (2, 6)
    waiting = states(shop, "--state", "released")
    assert {"O-7", "O-8"} <= set(waiting)
    shop.orders(order(1))
    shop.etl("run", "m.yaml")
    shop.etl("ledger", "reprocess", "m.yaml")
    assert {"O-6", "O-7", "O-8"} <= set(shop.references())


def test_what_may_be_in_alma_is_looked_for_before_a_sheet_is_sent(shop: Shop) -> None:
    """O-1 is there, and the ledger does not know: nothing of the sheet is sent, and the order is named."""
    with closing(sqlite3.connect(shop.folder / "etl-ledger.sqlite")) as ledger, ledger:
        cause = json.dumps({"rule": "several", "orders": []})
        changed = "UPDATE orders SET state = 'held', number = NULL, cause = ? WHERE reference = 'O-1' RETURNING id"
        ((number,),) = ledger.execute(changed, (cause,)).fetchall()
    letters(shop, "d.csv")
    edit_csv(shop.folder / "d.csv", lambda row: row.update(Vendor="ADLIBRIS"))
    code, said = replay(shop, "d.csv")
    assert (code, f'error[E826] order {number} ("O-1"): found in Alma as POL-1' in said) == (2, True), said
    assert f"etl ledger release {number} --force" in said.replace("--ledger etl-ledger.sqlite ", "")
    assert shop.references() == ["O-1"]
    assert states(shop, "O-1") == {"O-1": "held"}
