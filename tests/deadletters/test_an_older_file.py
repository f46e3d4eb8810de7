"""A vendor's file that is run again after a newer one has brought its order → the newer word stands, wherever the order
stands; what was never seen before is the vendor's last word, whatever it says.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from alma_shop import Shop, order
from edited_sheets import letters
from test_the_vendors_last_word import ALMA, no_answer

HEAD = "order,title,isbn,price,fund,note,shelf"
FINE, DEAR, NO_SHELF = (
    {"price": "300.00"},
    {"price": "2000.00"},
    {"price": "300.00", "shelf": "X"},
)


def run(shop: Shop, name: str, *rows: str) -> tuple[int, dict[str, int], str]:
    """(exit code, outcome → records, what was said). Without rows: the file as it is."""
    if rows:
        (shop.folder / name).write_text("\n".join((HEAD, *rows)) + "\n", encoding="utf-8")
    code, out, _ = shop.etl("run", "m.yaml", name, "--format", "json")
    said = json.loads(out)
    return code, said["report"]["records"], out


def row(shop: Shop) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shop.etl("ledger", "show", "O-7", "--format", "json")[1])
    return found


def prices(shop: Shop) -> list[float]:
    return [float(one["price"]["sum"]) for one in shop.held() if one["vendor_reference_number"] == "O-7"]


def offered(shop: Shop) -> None:
    """Nobody has decided yet."""


def changed(shop: Shop) -> None:
    assert shop.etl("ledger", "change", "O-7", *ALMA)[0] == 0


def kept(shop: Shop) -> None:
    assert shop.etl("ledger", "resolve", "O-7", "--keep")[0] == 0


def cancelled(shop: Shop) -> None:
    assert shop.etl("ledger", "cancel", "O-7", "--reason", "LIBRARY_CANCELLED", *ALMA)[0] == 0


@pytest.mark.parametrize(
    ("decide", "outcome"),
    [
        (offered, "already posted"),
        (changed, "already posted"),
        (kept, "already posted"),
        (cancelled, "dismissed"),
    ],
)
def test_of_a_posted_order_it_undoes_nothing(
    shop: Shop, decide: Callable[[Shop], None], outcome: str
) -> None:
    run(shop, "a.csv", order(7))
    assert run(shop, "b.csv", order(7, **FINE))[1] == {"held": 1}
    decide(shop)
    before, there = row(shop), prices(shop)
    for _ in range(2):
        assert run(shop, "a.csv")[:2] == (0, {outcome: 1})
    after = row(shop)
    assert {name: after[name] for name in after if name not in ("events", "updated_at")} == {
        name: before[name] for name in before if name not in ("events", "updated_at")
    }
    assert prices(shop) == there
    if decide is offered:
        assert "300" in after["offered_payload"]


@pytest.mark.parametrize("first", [{"note": "fel"}, DEAR, {"shelf": "Y"}], ids=["refused", "held", "rejected"])
@pytest.mark.parametrize("newer", [{"note": "fel", **FINE}, {**DEAR, "fund": "X"}, NO_SHELF])
@pytest.mark.parametrize("mended", [True, False])
def test_where_the_newer_waits_the_older_is_not_sent(
    shop: Shop, first: dict[str, str], newer: dict[str, str], mended: bool
) -> None:
    """Not even where it could be by now; and a record that was mended in the newer file is not sent as it was."""
    run(shop, "a.csv", order(7, **first))
    run(shop, "b.csv", order(7, **newer))
    before = row(shop)
    if mended:
        text = (shop.folder / "m.yaml").read_text(encoding="utf-8")
        text = text.replace("'ADLIBRI' if", "'ADLIBRIS' if").replace("> 1000", "> 9000")
        (shop.folder / "m.yaml").write_text(text, encoding="utf-8")
        (shop.folder / "shelves.csv").write_text("code,location\nV,VUXEN\nX,VUXEN\nY,VUXEN\n", encoding="utf-8")
    code, records, said = run(shop, "a.csv")
    assert code == 1
    if mended:
        assert (records, "has come anew meanwhile" in said) == ({"not delivered": 1}, True)
    assert (prices(shop), row(shop)["record"], row(shop)["state"]) == ([], before["record"], before["state"])
    letters(shop, "d.csv")
    assert "O-7" in (shop.folder / "d.csv").read_text(encoding="utf-8-sig")
    if mended:
        assert run(shop, "b.csv")[:2] == (0, {"posted": 1})
        assert prices(shop) == [float(newer["price"])]


WITHDRAWN = {"note": "withdrawn"}


@pytest.mark.parametrize("older", [DEAR, {"shelf": "Y"}, WITHDRAWN], ids=["held", "rejected", "skipped"])
@pytest.mark.parametrize(
    ("newer", "state"), [(FINE, "posted"), ({**DEAR, "fund": "X"}, "held"), ({**FINE, **WITHDRAWN}, "skipped")]
)
def test_its_report_says_what_the_ledger_has(
    shop: Shop, older: dict[str, str], newer: dict[str, str], state: str
) -> None:
    """Whatever the mapping says of the older record: it waits nowhere, so the report does not call it held."""
    text = (shop.folder / "m.yaml").read_text(encoding="utf-8")
    skips = f"when: \"{{{{ note != '{WITHDRAWN['note']}' }}}}\"\nchecks:"
    (shop.folder / "m.yaml").write_text(text.replace("checks:", skips, 1), encoding="utf-8")
    run(shop, "a.csv", order(7, **older))
    run(shop, "b.csv", order(7, **newer))
    before = row(shop)
    assert before["state"] == state
    for _ in range(2):
        code, records, said = run(shop, "a.csv")
        if older is WITHDRAWN:
            assert (code, records) == (0, {"skipped": 1}), said
        elif state == "posted":
            assert (code, records) == (0, {"already posted": 1}), said
        else:
            assert (code, records, "has come anew meanwhile" in said) == (1, {"not delivered": 1}, True)
        assert [(row(shop)[name]) for name in ("state", "record")] == [state, before["record"]]


def test_a_newer_one_that_may_be_in_alma_is_settled_as_itself(shop: Shop) -> None:
    run(shop, "a.csv", order(7, note="fel"))
    with no_answer(shop):
        assert run(shop, "b.csv", order(7, **FINE))[1] == {"unknown": 1}
    assert run(shop, "a.csv")[:2] == (1, {"not delivered": 1})
    assert (prices(shop), row(shop)["state"]) == ([], "unknown")
    shop.later(9)
    assert run(shop, "b.csv")[:2] == (0, {"posted": 1})
    assert prices(shop) == [300.0]


def test_what_was_dismissed_stays_so(shop: Shop) -> None:
    run(shop, "a.csv", order(7, **DEAR))
    run(shop, "b.csv", order(7, **NO_SHELF))
    assert shop.etl("ledger", "dismiss", "O-7", "--reason", "nobody wants it")[0] == 0
    run(shop, "a.csv")
    assert row(shop)["state"] == "dismissed"


@pytest.mark.parametrize("as_posted", [True, False])
def test_in_a_file_that_was_never_seen_it_is_the_last_word(shop: Shop, as_posted: bool) -> None:
    """Of the two orders in which two files come nobody can tell; a person decides about what Alma has."""
    run(shop, "b.csv", order(7, **FINE))
    code, records, _ = run(shop, "a.csv", order(7))
    assert (code, records, prices(shop)) == (1, {"held": 1}, [300.0])
    if as_posted:
        assert run(shop, "c.csv", order(7, **FINE), order(8))[:2] == (0, {"posted": 1, "already posted": 1})
        assert row(shop)["offered_payload"] is None


def test_files_are_written_as_often_as_they_are_asked_for(shop: Shop) -> None:
    """A file can be repeated: what is written is what was run last."""
    for name, price in (("a.csv", "249.00"), ("b.csv", "300.00"), ("a.csv", "249.00")):
        (shop.folder / name).write_text(f"{HEAD}\n{order(7, price=price)}\n", encoding="utf-8")
        code, _, said = shop.etl("run", "m.yaml", name, "--sink", "files", "--sink-option", "directory=out")
        assert code == 0, said
        assert price[:3] in (shop.folder / "out" / "O-7.json").read_text(encoding="utf-8")
