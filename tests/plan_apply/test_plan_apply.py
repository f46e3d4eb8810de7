"""etl plan, then etl apply: exactly that, or nothing."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alma_shop import Shop, open_shop, order


@pytest.fixture
def shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Shop]:
    with open_shop(tmp_path, monkeypatch, capsys) as found:
        yield found


def planned(shop: Shop, *words: str) -> dict[str, Any]:
    code, _, said = shop.etl("plan", "m.yaml", "--out", "plan.ndjson", *words)
    assert code in (0, 1), said
    head: dict[str, Any] = json.loads(
        (shop.folder / "plan.ndjson").read_text(encoding="utf-8").splitlines()[0]
    )
    return head


def test_a_plan_sends_nothing_and_says_what_it_amounts_to(shop: Shop) -> None:
    shop.orders(order(1), order(2, price="100.50", fund="hist-m", shelf="B"), order(3, price="2000"))
    (shop.folder / "etl-ledger.sqlite").unlink()
    head = planned(shop)
    assert shop.held() == []
    assert not (shop.folder / "etl-ledger.sqlite").exists()
    assert (head["documents"], head["predicted"]) == (2, {"clean": 1, "in review": 1})
    assert head["totals"]["all"] == {"copies": 2, "SEK": "349.50"}
    assert head["totals"]["by_vendor"] == {"ADLIBRIS": {"copies": 2, "SEK": "349.50"}}
    assert head["totals"]["by_fund"]["hist-m"] == {"copies": 0, "SEK": "100.50"}
    assert head["totals"]["by_library"] == {"HBG": {"copies": 2, "SEK": "349.50"}}
    assert head["calls"]["to_post"] == 2
    assert head["calls"]["left_today"] > 400_000
    assert sorted(head["files"]) == ["inst.json", "m.yaml", "orders.csv", "shelves.csv"]
    assert "simulator-key" not in (shop.folder / "plan.ndjson").read_text(encoding="utf-8")


def test_apply_sends_exactly_the_plan_once(shop: Shop) -> None:
    planned(shop)
    code, _, said = shop.etl("apply", "plan.ndjson")
    assert code == 0, said
    assert shop.references() == ["O-1", "O-2"]
    assert "2 posted" in said
    code, _, said = shop.etl("apply", "plan.ndjson")
    assert (code, len(shop.held())) == (0, 2)
    assert "2 already posted" in said


def test_a_plan_knows_what_was_posted_before(shop: Shop) -> None:
    shop.etl("run", "m.yaml")
    shop.orders(order(1), order(2, note="nytt"), order(3))
    head = planned(shop)
    assert head["in_ledger"] == {"posted": 1, "changed": 1, "new": 1}
    assert head["calls"]["to_post"] == 1


def test_a_plan_tells_what_apply_would_hold_as_known_already(shop: Shop) -> None:
    """E255: both are shown, exit code 1 as that of apply; nothing is written to the ledger."""
    shop.etl("run", "m.yaml")
    mapping = (shop.folder / "m.yaml").read_text(encoding="utf-8")
    (shop.folder / "m.yaml").write_text(mapping.replace("[order]", "[title, order]"), encoding="utf-8")
    code, _, said = shop.etl("plan", "m.yaml", "--out", "plan.ndjson")
    assert code == 1
    assert "hold[E255] 2 orders are known under another key" in said
    assert "2 known under another key: would be held" in said
    assert "calls: 0 to post" in said
    code, _, said = shop.etl("apply", "plan.ndjson")
    assert (code, "2 held" in said) == (1, True)
    assert len(shop.held()) == 2


def test_what_a_plan_holds_back_waits_once_it_is_applied(shop: Shop) -> None:
    shop.orders(order(1), order(2, price="2000.00"), order(3, shelf="X"))
    (shop.folder / "etl-ledger.sqlite").unlink()
    assert shop.etl("plan", "m.yaml", "--out", "plan.ndjson")[0] == 1
    assert not (shop.folder / "etl-ledger.sqlite").exists()
    assert shop.etl("ledger", "create")[0] == 0
    assert shop.etl("apply", "plan.ndjson")[0] == 0
    _, out, _ = shop.etl("ledger", "list", "--state", "waiting")
    assert [line.split()[1] for line in out.splitlines()] == ["held", "rejected"]
    _, out, _ = shop.etl("ledger", "deliveries")
    assert "orders.csv" in out
    assert "1 held, 1 posted, 1 rejected" in out


@pytest.mark.parametrize("file", ["m.yaml", "orders.csv", "inst.json", "shelves.csv"])
def test_whatever_changed_since_is_refused(shop: Shop, file: str) -> None:
    """E851, exit code 4."""
    planned(shop)
    path = shop.folder / file
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    code, _, said = shop.etl("apply", "plan.ndjson")
    assert code == 4
    assert f'error[E851] "{file}" has changed since the plan was made' in said
    assert shop.held() == []


def test_an_input_that_came_or_went_is_refused(shop: Shop) -> None:
    (shop.folder / "more").mkdir()
    (shop.folder / "orders.csv").rename(shop.folder / "more" / "a.csv")
    planned(shop, "more/*.csv")
    (shop.folder / "more" / "b.csv").write_bytes((shop.folder / "more" / "a.csv").read_bytes())
    code, _, said = shop.etl("apply", "plan.ndjson")
    assert (code, shop.held()) == (4, [])
    assert "more/b.csv" in said


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text.replace("249.00", "24.00"),
        lambda text: "\n".join([*text.splitlines()[:1], *text.splitlines()[2:]]) + "\n",
        lambda text: text[: len(text) // 2],
        lambda text: "\n".join(text.splitlines()[:-1]) + "\n",
        lambda text: text + text.splitlines()[1] + "\n",
        lambda _: "",
        lambda _: "[]\n",
        lambda _: "ett\ntvå\n",
    ],
    ids=["price", "line out", "half", "no seal", "line more", "empty", "list", "words"],
)
def test_an_edited_plan_is_refused(shop: Shop, edit: Any) -> None:
    """E850, exit code 4."""
    planned(shop)
    path = shop.folder / "plan.ndjson"
    path.write_text(edit(path.read_text(encoding="utf-8")), encoding="utf-8")
    code, _, said = shop.etl("apply", "plan.ndjson")
    assert code == 4
    assert "error[E850]" in said
    assert shop.held() == []


def test_guards_hold_both_ways(shop: Shop) -> None:
    shop.orders(*(order(number) for number in range(1, 23)))
    code, _, said = shop.etl("plan", "m.yaml", "--out", "plan.ndjson")
    assert code == 4
    assert "no plan was written" in said
    assert not (shop.folder / "plan.ndjson").exists()


def test_a_canary_stops(shop: Shop) -> None:
    """Without a terminal: exit code 1, since some were not sent."""
    shop.orders(*(order(number) for number in range(1, 6)))
    planned(shop)
    code, _, said = shop.etl("apply", "plan.ndjson", "--canary", "2")
    assert code == 1, said
    assert shop.references() == ["O-1", "O-2"]
    assert "canary: 2 of 2 stored as sent, as predicted" in said
    assert "3 orders not sent; to send them: etl apply plan.ndjson" in said
    assert "3 not delivered" in said
    assert shop.etl("apply", "plan.ndjson")[0] == 0
    assert len(shop.held()) == 5


@pytest.mark.parametrize(("answer", "code", "count"), [("y\n", 0, 5), ("n\n", 1, 2)])
def test_a_canary_asks_on_a_terminal(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, answer: str, code: int, count: int
) -> None:
    shop.orders(*(order(number) for number in range(1, 6)))
    planned(shop)
    terminal = io.TextIOWrapper(io.BytesIO(answer.encode()))
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    got, _, said = shop.etl("apply", "plan.ndjson", "--canary", "2")
    assert (got, len(shop.held())) == (code, count)
    assert "send 3 more orders?" in said


def test_a_canary_of_all_is_all(shop: Shop) -> None:
    planned(shop)
    assert shop.etl("apply", "plan.ndjson", "--canary", "2")[0] == 0


def test_a_canary_goes_on_with_yes(shop: Shop) -> None:
    shop.orders(*(order(number) for number in range(1, 6)))
    planned(shop)
    assert shop.etl("apply", "plan.ndjson", "--canary", "2", "--yes")[0] == 0
    assert len(shop.held()) == 5


def test_a_canary_that_is_not_as_predicted_stops_even_with_yes(shop: Shop) -> None:
    shop.orders(order(1, fund="TOM"), *(order(number) for number in range(2, 6)))
    planned(shop)
    code, _, said = shop.etl("apply", "plan.ndjson", "--canary", "1", "--yes")
    assert code == 1
    assert "E855" in said
    assert shop.references() == ["O-1"]


def test_a_plan_for_files_goes_to_files(shop: Shop) -> None:
    planned(shop, "--sink", "files", "--sink-option", "directory=out")
    assert not (shop.folder / "out").exists()
    assert shop.etl("apply", "plan.ndjson")[0] == 0
    assert len(list((shop.folder / "out").iterdir())) == 2
    assert shop.held() == []


def test_the_payloads_are_those_of_a_run(shop: Shop) -> None:
    planned(shop)
    shop.etl("run", "m.yaml", "--sink", "files", "--sink-option", "directory=out")
    lines = (shop.folder / "plan.ndjson").read_text(encoding="utf-8").splitlines()[1:-1]
    for line in map(json.loads, lines):
        assert (shop.folder / "out" / f"{line['name']}.json").read_text(encoding="utf-8") == line["payload"]


def test_guards_are_asked_again_when_applied(shop: Shop) -> None:
    """A plan whose seal was made anew by hand does not get past the mapping's limits either."""
    import hashlib

    planned(shop)
    path = shop.folder / "plan.ndjson"
    lines = path.read_text(encoding="utf-8").splitlines()[:-1]
    for number in range(30):
        entry = json.loads(lines[1])
        lines.append(json.dumps({**entry, "key": [f"X-{number}"]}, ensure_ascii=False))
    body = "\n".join(lines) + "\n"
    seal = json.dumps({"seal": hashlib.sha256(body.encode()).hexdigest()})
    path.write_text(f"{body}{seal}\n", encoding="utf-8")
    code, _, said = shop.etl("apply", "plan.ndjson")
    assert (code, shop.held()) == (4, [])
    assert "E701" in said
