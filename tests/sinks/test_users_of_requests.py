"""A purchase request is of one user of Alma, whom its payload does not name: another user is another request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from alma_shop import Shop, open_shop

MAPPING = """\
version: 1
name: requests
target: purchase_request
source: {{connector: csv, path: orders.csv}}
key: [order]
user: "{{{{ who }}}}"
fields:
  format: P
  owning_library: HBG
  resource_metadata: {{title: "{{{{ title }}}}", citation_type: BOOK}}
sink: {{type: alma, base_url: "{url}", key: "env:SHOP_KEY", settle_wait: 0.05, per_second: 0, per_minute: 0}}
"""
LEDGER = ("--ledger", "etl-ledger.sqlite")


@pytest.fixture
def shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Shop]:
    with open_shop(tmp_path, monkeypatch, capsys) as found:
        (tmp_path / "m.yaml").write_text(MAPPING.format(url=found.url), encoding="utf-8")
        yield found


def run(shop: Shop, *rows: str, words: tuple[str, ...] = ()) -> tuple[int, str]:
    text = "\n".join(("order,title,who", *rows)) + "\n"
    (shop.folder / "orders.csv").write_text(text, encoding="utf-8")
    code, _, said = shop.etl("run", "m.yaml", *words)
    return code, said


def told(shop: Shop, *words: str) -> list[dict[str, object]]:
    _, out, _ = shop.etl("ledger", "list", *words, *LEDGER, "--format", "json")
    return list(json.loads(out))


def users(shop: Shop) -> list[str]:
    """Of the requests that Alma holds."""
    _, out, _ = shop.etl("requests", "list", "--mapping", "m.yaml", "--format", "json")
    return sorted(one["requester"]["value"] for one in json.loads(out))


def test_the_same_title_for_two_users_under_one_key_waits(shop: Shop) -> None:
    code, said = run(shop, "7000,Boken om A,anna.lind", "7000,Boken om A,bo.ek")
    assert (code, "the same key as record 1" in said) == (1, True), said
    assert users(shop) == ["anna.lind"]
    assert [row["state"] for row in told(shop, "--state", "waiting")] == ["rejected"]


def test_another_user_is_another_content(shop: Shop) -> None:
    assert run(shop, "7000,Boken om A,anna.lind")[0] == 0
    assert run(shop, "7000,Boken om A,anna.lind")[0] == 0
    for words in (), ("--sink-option", "language=sv"):
        code, said = run(shop, "7000,Boken om A,bo.ek", words=words)
        assert (code, "E823" in said, "anna.lind" in said, "bo.ek" in said) == (1, True, True, True), said
    assert users(shop) == ["anna.lind"]
    [waiting] = told(shop, "--state", "waiting")
    code, _, said = shop.etl("ledger", "change", str(waiting["id"]), "--yes", "--mapping", "m.yaml")
    assert (code, "bo.ek now" in said) == (1, True), said
    assert told(shop, "--state", "waiting") != []
    assert users(shop) == ["anna.lind"]


def test_what_is_right_in_alma_is_kept(shop: Shop) -> None:
    run(shop, "7000,Boken om A,anna.lind")
    run(shop, "7000,Boken om A,bo.ek")
    code, _, said = shop.etl("ledger", "resolve", "1", "--keep", *LEDGER)
    assert code == 0, said
    assert run(shop, "7000,Boken om A,bo.ek")[0] == 0
    assert told(shop, "--state", "waiting") == []


def test_changed_by_hand_it_is_the_other_users(shop: Shop) -> None:
    run(shop, "7000,Boken om A,anna.lind")
    run(shop, "7000,Boken om A,bo.ek")
    code, _, said = shop.etl("ledger", "resolve", "1", "--accept-change", *LEDGER)
    assert code == 0, said
    assert [row["user_id"] for row in told(shop)] == ["bo.ek"]
    assert run(shop, "7000,Boken om A,bo.ek")[0] == 0
    assert run(shop, "7000,Boken om A,anna.lind")[0] == 0, "the file of before, which says nothing new"
    assert run(shop, "7000,Boken om A,anna.lind", "")[0] == 1, "a new file"


def test_cancelled_and_released_it_is_sent_for_the_other(shop: Shop) -> None:
    run(shop, "7000,Boken om A,anna.lind")
    run(shop, "7000,Boken om A,bo.ek")
    code, _, said = shop.etl("ledger", "cancel", "1", "--yes", "--mapping", "m.yaml")
    assert code == 0, said
    code, _, said = shop.etl("ledger", "release", "1", "--not-in-alma", *LEDGER)
    assert code == 0, said
    code, said = run(shop, "7000,Boken om A,bo.ek")
    assert (code, "1 posted" in said) == (0, True), said


def test_one_that_waits_is_sent_for_the_user_of_its_record_today(shop: Shop) -> None:
    held = MAPPING.format(url=shop.url) + 'checks: [{if: "{{ title }}", hold: look}]\n'
    (shop.folder / "m.yaml").write_text(held, encoding="utf-8")
    for user in ("anna.lind", "bo.ek"):
        assert run(shop, f"7000,Boken om A,{user}")[0] == 1
    assert [row["user_id"] for row in told(shop)] == ["bo.ek"]
