"""A posted order, changed or cancelled → in Alma once, in the ledger, and never over somebody's work there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alma_orders import KEY, Desk, as_json, at_simulator, line, request
from waiting import until

from etl.cli.main import run_cli
from etl.ledger.database import open_database, reading
from etl.ledger.find import Wanted, find
from etl.ledger.orders import Order
from etl.ledger.tables import changes
from etl.plugin import Item
from etl.simulator.faults import AFTER, BEFORE, FaultPlan

Etl = Callable[..., tuple[int, str, str]]
MAPPING = """\
version: 1
name: m
target: po_line
source: {{connector: csv, path: orders.csv}}
key: [order]
fields: {{owner: HBG, type: PRINTED_BOOK_OT, resource_metadata: {{title: "{{{{ title }}}}"}}}}
sink: {{type: alma, base_url: '{url}', key: 'env:TEST_ALMA_KEY', settle_wait: {wait}, timeout: 2, language: {language}}}
"""
WITH = ("--mapping", "m.yaml", "--by", "anna", "--yes")
CANCEL = ("--reason", "LIBRARY_CANCELLED", *WITH)


def mapping(desk: Desk, wait: float = 0.05, language: str = "en") -> None:
    written = MAPPING.format(url=desk.url, wait=wait, language=language)
    (desk.folder / "m.yaml").write_text(written, encoding="utf-8")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with at_simulator(tmp_path) as one:
        yield one


@pytest.fixture
def etl(desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Etl:
    monkeypatch.chdir(desk.folder)
    mapping(desk)

    def call(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run_cli(list(words))
        said = capsys.readouterr()
        assert KEY not in said.out + said.err
        return code, said.out, said.err

    return call


def order(desk: Desk, number: int = 1) -> Order:
    engine = open_database("etl-ledger.sqlite", desk.folder)
    try:
        return next(one for one in find(engine, Wanted()) if one.id == number)
    finally:
        engine.dispose()


def rows(desk: Desk) -> list[tuple[str, str, str]]:
    """(kind, state, who) of everything that was asked."""
    engine = open_database("etl-ledger.sqlite", desk.folder)
    try:
        with reading(engine) as connection:
            found = connection.execute(changes.select().order_by(changes.c.id)).all()
    finally:
        engine.dispose()
    return [(row.kind, row.state, row.who) for row in found]


def calls(desk: Desk, *methods: str) -> list[str]:
    assert desk.simulator is not None
    return [f"{one.method} {one.target}" for one in desk.simulator.log.entries if one.method in methods]


def by_hand(desk: Desk, number: int = 0, **values: Any) -> None:
    """Somebody changes the line in Alma."""
    assert desk.simulator is not None
    stored = list(desk.simulator.world.store.lines())[number]
    stored.doc.update(values)
    desk.simulator.world.store.change_line(stored, desk.simulator.world.now)


def status(desk: Desk, value: str) -> None:
    assert desk.simulator is not None
    for stored in desk.simulator.world.store.lines():
        stored.fixed = value
        desk.simulator.world.store.change_line(stored, desk.simulator.world.now)


def striking(desk: Desk, kind: str, method: str) -> None:
    """Every such call meets the fault, until it is taken away with "" as its kind."""
    assert desk.simulator is not None
    desk.simulator.faults.plan = FaultPlan(1, 1.0, (kind,), (method,)) if kind else None


def dearer(**more: Any) -> Item:
    """Order 1 with another price, and funds to match."""
    funds = [{"fund_code": "BOCKER", "amount": {"sum": "299.00", "currency": "SEK"}}]
    return line(1, **{"price": {"sum": "299.00", "currency": "SEK"}, "fund_distribution": funds, **more})


def offered(desk: Desk, item: Item | None = None) -> Item:
    """Posted, and then offered with another content."""
    item = item or dearer()
    desk.post(line(1))
    receipts, _ = desk.post(item)
    assert receipts[0].outcome == "held"
    return item


# --------------------------------------------------------------------------------------------- change


def test_what_was_offered_is_what_alma_has_and_the_file_is_already_posted(desk: Desk, etl: Etl) -> None:
    item = offered(desk)
    code, _, said = etl("ledger", "change", "1", *WITH)
    assert code == 0, said
    assert "price: 249 SEK → 299 SEK" in said
    assert desk.held()[0]["price"]["sum"] == "299.0"
    assert desk.post(item)[0][0].outcome == "already posted"
    now = order(desk)
    assert (now.offered_hash, now.offered_payload, now.price) == (None, None, "299")
    assert rows(desk) == [("change", "done", "anna")]
    story = etl("ledger", "show", "1")[1]
    assert "anna: Alma is asked to change POL-1: price: 249 SEK → 299 SEK" in story
    assert "anna: changed in Alma: price: 249 SEK → 299 SEK" in story
    assert etl("ledger", "change", "1", *WITH)[0] == 2  # nothing is offered any more
    assert len(calls(desk, "PUT")) == 1


def test_what_nobody_changes_stays_as_alma_has_it(desk: Desk, etl: Etl) -> None:
    """Lists that are left out are deleted by Alma: what somebody has added there goes back with the change."""
    offered(desk)
    added = [{"note_text": "ring först", "creation_date": "2026-01-02Z", "created_by": "Bo"}]
    by_hand(desk, note=added, vendor_note="hos Bo", receiving_note="till disken")
    before = desk.held()[0]
    code, _, said = etl("ledger", "change", "1", *WITH)
    assert code == 0, said
    after = desk.held()[0]
    moved = {name for name in before | after if before.get(name) != after.get(name)}
    its_own = {"status", "status_date", "po_number", "expected_receipt_date"}  # of the order that it sent
    assert moved - its_own <= {"price", "fund_distribution", "note"}
    assert [note["note_text"] for note in after["note"]] == ["ring först"]
    assert before["location"] == after["location"]  # its copies keep their numbers


LISTS: dict[str, tuple[list[Any] | None, list[Any] | None]] = {
    "one more": ([{"note_text": "a"}], [{"note_text": "a"}, {"note_text": "b"}]),
    "another": ([{"note_text": "a"}], [{"note_text": "b"}]),
    "one less": ([{"note_text": "a"}, {"note_text": "b"}], [{"note_text": "b"}]),
    "none": ([{"note_text": "a"}], None),
    "the first": (None, [{"note_text": "a"}]),
}


@pytest.mark.parametrize("how", LISTS)
def test_a_list_is_replaced_whole(desk: Desk, etl: Etl, how: str) -> None:
    before, after = LISTS[how]
    desk.post(line(1, note=before))
    desk.post(line(1, note=after))
    assert etl("ledger", "change", "1", *WITH)[0] == 0
    assert [one["note_text"] for one in desk.held()[0]["note"]] == [one["note_text"] for one in after or []]


@pytest.mark.parametrize(("before", "after"), [(1, 3), (3, 1), (2, 2)])
def test_copies_come_and_go_and_those_that_stay_keep_their_numbers(
    desk: Desk, etl: Etl, before: int, after: int
) -> None:
    def place(quantity: int) -> dict[str, Any]:
        return {"quantity": quantity, "library": "HBG", "shelving_location": "VUXEN"}

    desk.post(line(1, location=[place(before)]))
    first = [copy["pid"] for copy in desk.held()[0]["location"][0]["copy"]]
    item = line(
        1, location=[place(after), *([place(1) | {"shelving_location": "BARN"}] if after == 2 else [])]
    )
    desk.post(item)
    code, _, said = etl("ledger", "change", "1", *WITH)
    assert code == 0, said
    now = desk.held()[0]["location"]
    assert [one["quantity"] for one in now] == [one["quantity"] for one in as_json(item)["location"]]
    assert [copy["pid"] for copy in now[0]["copy"]][: min(before, after)] == first[: min(before, after)]
    asked = calls(desk, "PUT")
    assert len(asked) == 1


def test_a_payload_file_stands_for_the_mappings(desk: Desk, etl: Etl) -> None:
    desk.post(line(1))
    (desk.folder / "ny.json").write_bytes(line(1, receiving_note="Signera").payload)
    code, _, said = etl("ledger", "change", "1", "--payload-file", "ny.json", *WITH)
    assert code == 0, said
    assert desk.held()[0]["receiving_note"] == "Signera"
    assert desk.post(line(1))[0][0].outcome == "already posted"
    assert desk.post(dearer())[0][0].outcome == "held"


def test_a_file_that_is_no_payload_changes_nothing(desk: Desk, etl: Etl) -> None:
    desk.post(line(1))
    (desk.folder / "ny.json").write_text(
        '{"owner": {"value": "HBG"}, "recieving_note": "x"}', encoding="utf-8"
    )
    code, _, said = etl("ledger", "change", "1", "--payload-file", "ny.json", *WITH)
    assert code == 2
    assert "E500" in said
    assert "ny.json" in said
    assert calls(desk, "PUT") == []


def test_what_somebody_changed_in_alma_is_not_written_over_unless_named(desk: Desk, etl: Etl) -> None:
    offered(desk, dearer(receiving_note="Signera"))
    by_hand(desk, price={"sum": "199.0", "currency": {"value": "SEK"}}, receiving_note="till disken")
    code, _, said = etl("ledger", "change", "1", *WITH)
    assert code == 1
    assert "E808" in said
    assert "price: 199 SEK → 299 SEK" in said
    assert "receiving_note: till disken → Signera" in said
    code, _, said = etl("ledger", "change", "1", "--over", "price", *WITH)
    assert code == 1
    assert "receiving_note" in said.partition("E808")[2]
    assert (calls(desk, "PUT"), rows(desk)) == ([], [])
    code, _, said = etl("ledger", "change", "1", "--over", "prise", *WITH)
    assert code == 2
    code, _, said = etl("ledger", "change", "1", "--over", "price", "--over", "receiving_note", *WITH)
    assert code == 0, said
    assert (desk.held()[0]["price"]["sum"], desk.held()[0]["receiving_note"]) == ("299.0", "Signera")


def test_what_somebody_did_already_is_not_asked_for_again(desk: Desk, etl: Etl) -> None:
    item = offered(desk, line(1, receiving_note="Signera"))
    by_hand(desk, receiving_note="Signera")
    code, _, said = etl("ledger", "change", "1", *WITH)
    assert code == 0
    assert "Alma has it already" in said
    assert calls(desk, "PUT") == []
    assert desk.post(item)[0][0].outcome == "already posted"


NEVER: dict[str, dict[str, Any]] = {
    "discount": {"discount": "20"},
    "account, on a PO": {"vendor_account": "ADLIBRIS-2"},
    "method, on a PO": {"acquisition_method": "PURCHASE"},
}


@pytest.mark.parametrize("what", NEVER)
def test_what_alma_does_not_let_through_is_told_and_nothing_is_sent(desk: Desk, etl: Etl, what: str) -> None:
    item = offered(desk, dearer(**NEVER[what]))
    code, _, said = etl("ledger", "change", "1", *WITH)
    assert code == 1
    assert "E807" in said
    assert all(name in said for name in NEVER[what])
    assert "etl ledger resolve ID --accept-change" in said
    assert calls(desk, "PUT") == []
    assert rows(desk) == [("change", "by hand", "anna")]
    story = etl("ledger", "show", "1")[1]
    assert "anna: Alma does not let POL-1 be changed like this" in story
    assert "is asked" not in story
    assert etl("ledger", "resolve", "1", "--accept-change")[0] == 0
    assert rows(desk) == [("change", "done", "anna")]
    assert desk.post(item)[0][0].outcome == "already posted"


def test_what_a_person_did_by_hand_is_done_when_alma_shows_it(desk: Desk, etl: Etl) -> None:
    offered(desk, dearer(discount="20"))
    assert etl("ledger", "change", "1", *WITH)[0] == 1
    by_hand(
        desk, discount="20", price={"sum": "299.0", "currency": {"value": "SEK"}},
        fund_distribution=[{"fund_code": {"value": "BOCKER"}, "amount": {"sum": "299.0", "currency": {"value": "SEK"}}}],
    )  # fmt: skip
    code, _, said = etl("ledger", "change", "1", *WITH)
    assert code == 0, said
    assert [state for _, state, _ in rows(desk)] == ["done", "done"]


def test_before_the_purchase_order_the_vendor_may_change(desk: Desk, etl: Etl) -> None:
    """A line without a fund waits in review."""
    desk.post(line(1, fund_distribution=None))
    desk.post(line(1, fund_distribution=None, acquisition_method="PURCHASE", po_number="PO-7"))
    code, _, said = etl("ledger", "change", "1", *WITH)
    assert (code, "acquisition_method: VENDOR_SYSTEM → PURCHASE" in said) == (
        1,
        True,
    )  # Alma has filled it in
    code, _, said = etl("ledger", "change", "1", "--over", "acquisition_method", *WITH)
    assert code == 0, said
    assert desk.held()[0]["acquisition_method"]["value"] == "PURCHASE"


@pytest.mark.parametrize(("stands", "why"), [("CLOSED", "closed"), ("CANCELLED", "cancelled")])
def test_what_is_closed_or_cancelled_is_left_alone(desk: Desk, etl: Etl, stands: str, why: str) -> None:
    offered(desk)
    status(desk, stands)
    code, _, said = etl("ledger", "change", "1", *WITH)
    assert (code, "E807" in said, why in said) == (1, True, True), said
    assert calls(desk, "PUT") == []


@pytest.mark.parametrize("mark", [{"is_temp_location": True}, {"receive_date": "2026-02-03Z"}])
def test_copies_that_cannot_go_are_left_alone(desk: Desk, etl: Etl, mark: dict[str, Any]) -> None:
    offered(desk, line(1, location=[{"quantity": 1, "library": "HBG", "shelving_location": "BARN"}]))
    places = desk.held()[0]["location"]
    places[0]["copy"][0].update(mark)
    by_hand(desk, location=places)
    code, _, said = etl("ledger", "change", "1", *WITH)
    assert (code, "E807" in said) == (1, True), said
    assert calls(desk, "PUT") == []


def test_what_alma_takes_and_does_not_do_is_told(desk: Desk, etl: Etl) -> None:
    """Alma drops what it does not take without a word."""
    offered(desk, dearer(owner="BTH"))
    code, _, said = etl("ledger", "change", "1", *WITH)
    assert code == 1, said
    assert "owner: HBG → BTH (Alma took the change, and left this as it was)" in said
    assert desk.held()[0]["price"]["sum"] == "299.0"
    assert rows(desk)[-1] == ("change", "by hand", "anna")
    assert order(desk).offered_payload is not None


def test_a_new_total_without_amounts_is_spread_over_the_funds(desk: Desk, etl: Etl) -> None:
    desk.post(line(1, fund_distribution=[{"fund_code": "BOCKER"}]))
    desk.post(
        line(1, fund_distribution=[{"fund_code": "BOCKER"}], price={"sum": "299.00", "currency": "SEK"})
    )
    code, _, said = etl("ledger", "change", "1", *WITH)
    assert code == 0, said
    assert desk.held()[0]["fund_distribution"][0]["amount"]["sum"] in ("299.0", "")


def test_requests_are_changed_until_they_are_decided(desk: Desk, etl: Etl) -> None:
    desk.post(request(1), request(2))
    items = [request(1, requester_note="gärna snart"), request(2, requester_note="gärna snart")]
    desk.post(*items)
    code, _, said = etl("ledger", "change", "1", *WITH)
    assert code == 0, said
    assert desk.post(items[0])[0][0].outcome == "already posted"
    etl(
        "requests",
        "approve",
        order(desk, 2).number or "",
        "--by",
        "anna.lind",
        "--mapping",
        "m.yaml",
        "--yes",
    )
    code, _, said = etl("ledger", "change", "2", *WITH)
    assert (code, "decided upon" in said) == (1, True), said
    assert len(calls(desk, "PUT")) == 1


# --------------------------------------------------------------------------------------------- cancel


def test_what_is_cancelled_is_not_sent_again(desk: Desk, etl: Etl) -> None:
    desk.post(line(1))
    code, _, said = etl("ledger", "cancel", "1", *CANCEL)
    assert code == 0, said
    assert desk.simulator is not None
    assert [stored.fixed for stored in desk.simulator.world.store.lines()] == ["CANCELLED"]
    assert order(desk).state == "cancelled"
    receipts, _ = desk.post(line(1))
    assert (receipts[0].outcome, receipts[0].note) == ("dismissed", "it was cancelled in Alma")
    assert rows(desk) == [("cancel", "done", "anna")]
    code, _, said = etl("ledger", "cancel", "1", *CANCEL)
    assert (code, "E815" in said) == (2, True)
    assert etl("ledger", "release", "1")[0] == 2
    assert len(calls(desk, "DELETE")) == 1


def test_a_cancelled_order_is_ordered_anew_when_a_person_says_so(desk: Desk, etl: Etl) -> None:
    desk.post(line(1))
    etl("ledger", "cancel", "1", *CANCEL)
    code, _, said = etl("ledger", "release", "1", "--not-in-alma", "--mapping", "m.yaml")
    assert code == 0, said
    receipts, _ = desk.post(line(1, mark=""))
    assert (receipts[0].outcome, receipts[0].where) == ("posted", "POL-2")


RUN = MAPPING.replace('{{title: "{{{{ title }}}}"}}', '{{title: "{{{{ title }}}}", isbn: "{{{{ isbn }}}}"}}')


def test_as_long_as_its_record_stays(desk: Desk, etl: Etl) -> None:
    """With another key it looks like the cancelled one; with another record it waits for a person."""

    def run(title: str = "Påhittad", key: str = "[order]") -> tuple[int, str]:
        text = RUN.format(url=desk.url, wait=0, language="en").replace("key: [order]", f"key: {key}")
        (desk.folder / "m.yaml").write_text(text, encoding="utf-8")
        rows = f"order,line,title,isbn\n7000,1,{title},9789199900013\n"
        (desk.folder / "orders.csv").write_text(rows, encoding="utf-8")
        code, _, said = etl("run", "m.yaml")
        return code, said

    assert etl("ledger", "create")[0] == 0
    assert run()[0] == 0
    assert etl("ledger", "cancel", "1", *CANCEL)[0] == 0
    code, said = run()
    assert (code, "dismissed" in said) == (0, True), said
    code, said = run(key="[line, order]")
    assert (code, "E828" in said) == (1, True), said
    code, said = run("Påhittad igen")
    assert (code, "E824" in said, "dismissed or cancelled" in said) == (1, True, True), said
    assert len(calls(desk, "POST")) == 1


@pytest.mark.parametrize("fault", ["cut-after", "cut-before"])
def test_the_line_that_was_cancelled_is_not_taken_for_the_new_one(desk: Desk, etl: Etl, fault: str) -> None:
    desk.post(line(1))
    etl("ledger", "cancel", "1", *CANCEL)
    assert etl("ledger", "release", "1", "--not-in-alma", "--mapping", "m.yaml")[0] == 0
    striking(desk, fault, "POST")
    desk.post(line(1))
    striking(desk, "", "POST")
    receipts, _ = desk.post(line(1))
    assert receipts[0].outcome in ("posted", "already posted")
    assert receipts[0].where == "POL-2"


def test_one_that_alma_has_cancelled_or_lost_is_only_noted(desk: Desk, etl: Etl) -> None:
    desk.post(line(1))
    status(desk, "CANCELLED")
    code, _, said = etl("ledger", "cancel", "1", *CANCEL)
    assert code == 0, said
    assert (order(desk).state, calls(desk, "DELETE")) == ("cancelled", [])


def test_what_alma_does_not_cancel(desk: Desk, etl: Etl) -> None:
    desk.post(line(1))
    code, _, said = etl("ledger", "cancel", "1", "--reason", "WHIM", *WITH)
    assert (code, "E835" in said, "401881" in said) == (1, True, True), said
    by_hand(desk, cancellation_restriction=True)
    code, _, said = etl("ledger", "cancel", "1", *CANCEL)
    assert (code, "--override" in said) == (1, True), said
    status(desk, "CLOSED")
    code, _, said = etl("ledger", "cancel", "1", *CANCEL, "--override")
    assert (code, "E807" in said) == (1, True), said
    status(desk, "SENT")
    assert [state for _, state, _ in rows(desk)] == ["refused", "refused", "by hand"]
    assert order(desk).state == "posted"
    assert etl("ledger", "cancel", "1", *CANCEL, "--override")[0] == 0
    assert etl("ledger", "cancel", "1", *WITH)[0] == 2  # without a reason


def test_a_request_is_withdrawn(desk: Desk, etl: Etl) -> None:
    desk.post(request(1), request(2))
    assert etl("ledger", "cancel", "1", *CANCEL)[0] == 2  # reasons are for lines
    code, _, said = etl("ledger", "cancel", "1", *WITH)
    assert code == 0, said
    assert order(desk).state == "cancelled"
    assert desk.post(request(1))[0][0].outcome == "dismissed"
    etl(
        "requests",
        "approve",
        order(desk, 2).number or "",
        "--by",
        "anna.lind",
        "--mapping",
        "m.yaml",
        "--yes",
    )
    code, _, said = etl("ledger", "cancel", "2", *WITH)
    assert (code, "E807" in said) == (1, True), said


# ------------------------------------------------------------------------------------- at most once


def after_fault(fault: str) -> tuple[str, int]:
    """(state, exit code) right after a call that met the fault."""
    if fault in ("429", "429-as-400"):
        return "refused", 5
    if fault in ("invalid-key", "unauthorized"):
        return "refused", 2
    if fault == "daily-limit":
        return "refused", 5
    return ("done", 0) if fault in AFTER else ("unknown", 1)


OTHERS = {"no-total", "date-shift", "created-shift", "listed-only", "reference-cut", "reference-bare", "slow"}
"""Faults of lists and of new lines."""


OF_EACH_KIND = ("cut-before", "cut-after", "empty", "error-500", "unlisted-400-after", "429", "unauthorized")
FAULTS = [
    *(("change", fault) for fault in sorted((set(BEFORE) | set(AFTER)) - OTHERS)),
    *(("cancel", fault) for fault in OF_EACH_KIND),
]


@pytest.mark.parametrize(("verb", "fault"), FAULTS)
def test_each_fault_leaves_it_done_once_or_not_at_all(desk: Desk, etl: Etl, fault: str, verb: str) -> None:
    """Whatever became of the first call, the same command ends with it done, and nothing was sent blindly."""
    offered(desk)
    method, words = ("PUT", WITH) if verb == "change" else ("DELETE", CANCEL)
    striking(desk, fault, method)
    mapping(desk, wait=600)
    code, _, said = etl("ledger", verb, "1", *words)
    state, expected = after_fault(fault)
    assert (rows(desk)[0][1], code) == (state, expected), said
    sent = len(calls(desk, method))
    if state == "unknown":
        code, _, said = etl("ledger", verb, "1", *words)
        assert (code, "E806" in said, len(calls(desk, method))) == (1, True, sent), said
    striking(desk, "", method)
    if state != "done" and fault != "daily-limit":
        mapping(desk, wait=0)
        code, _, said = etl("ledger", verb, "1", *words)
        assert code == 0, said
        assert len(calls(desk, method)) == sent + 1
    if fault != "daily-limit":
        assert rows(desk)[-1][:2] == (verb, "done")
        assert order(desk).state == ("posted" if verb == "change" else "cancelled")


def test_a_refusal_that_saved_nothing_is_told_with_almas_words(desk: Desk, etl: Etl) -> None:
    offered(desk)
    striking(desk, "alma-60320", "PUT")
    code, _, said = etl("ledger", "change", "1", *WITH)
    assert (code, "E835" in said, "60320" in said) == (1, True, True), said
    assert rows(desk) == [("change", "refused", "anna")]
    assert order(desk).offered_payload is not None


def started(desk: Desk, *words: str) -> subprocess.Popen[str]:
    """A process of its own, at the desk."""
    return subprocess.Popen(
        [sys.executable, "-m", "etl", "ledger", *words], cwd=desk.folder, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.parametrize("verb", ["change", "cancel"])
@pytest.mark.parametrize("fault", ["hang-before", "hang-after"])
def test_killed_between_intent_and_answer(desk: Desk, etl: Etl, verb: str, fault: str) -> None:
    """A living process is not disturbed; what a dead one left is asked for in Alma before anything is sent."""
    offered(desk)
    method, words = ("PUT", WITH) if verb == "change" else ("DELETE", CANCEL)
    striking(desk, fault, method)
    mapping(desk, wait=600)
    (desk.folder / "slow.yaml").write_text(
        (desk.folder / "m.yaml").read_text(encoding="utf-8").replace("timeout: 2", "timeout: 200"), "utf-8"
    )
    first = started(desk, verb, "1", *("slow.yaml" if word == "m.yaml" else word for word in words))
    until(lambda: calls(desk, method) != [], first)
    assert rows(desk) == [(verb, "intended", "anna")]
    code, _, said = etl("ledger", verb, "1", *words)
    assert (code, "E805" in said) == (2, True), said
    first.kill()
    first.communicate()
    striking(desk, "", method)
    code, _, said = etl("ledger", verb, "1", *words)
    if fault == "hang-before":
        assert (code, "E806" in said, len(calls(desk, method))) == (1, True, 1), said
        mapping(desk, wait=0)
        code, _, said = etl("ledger", verb, "1", *words)
        assert (code, len(calls(desk, method))) == (0, 2), said
        assert [state for _, state, _ in rows(desk)] == ["refused", "done"]
    else:
        assert len(calls(desk, method)) == 1
        assert [state for _, state, _ in rows(desk)] == ["done"]
    assert order(desk).state == ("posted" if verb == "change" else "cancelled")


def test_a_process_that_was_believed_dead_asks_the_ledger_first(
    desk: Desk, etl: Etl, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one has settled what it left, as it seemed."""
    offered(desk)
    monkeypatch.setattr("etl.ledger.process.Run.stale", property(lambda _: True))
    assert etl("ledger", "change", "1", "--over", "price", *WITH)[0] == 0  # nobody has
    desk.post(dearer(receiving_note="Signera"))
    monkeypatch.setattr("etl.ledger.changes.Changes.still_open", lambda *_: False)
    code, _, said = etl("ledger", "change", "1", *WITH)
    assert (code, "E817" in said) == (2, True), said
    assert len(calls(desk, "PUT")) == 1


@pytest.mark.parametrize("verb", ["change", "cancel"])
def test_two_processes_ask_once(desk: Desk, etl: Etl, verb: str) -> None:
    offered(desk)
    method, words = ("PUT", WITH) if verb == "change" else ("DELETE", CANCEL)
    both = [started(desk, verb, "1", *words) for _ in range(2)]
    ends = [(one.communicate()[0], one.returncode) for one in both]
    assert sorted(code for _, code in ends) == [0, 2], ends
    assert any(code in said for said, _ in ends for code in ("E805", "E815", "E817")), ends
    assert len(calls(desk, method)) == 1
    assert [state for _, state, _ in rows(desk)] == ["done"]
    assert etl("ledger", "list")[1].split()[1] == ("posted" if verb == "change" else "cancelled")


# ------------------------------------------------------------------------------------------- asking


def test_without_a_terminal_nothing_is_done(desk: Desk, etl: Etl) -> None:
    offered(desk)
    code, _, said = etl("ledger", "change", "1", "--mapping", "m.yaml")
    assert code == 2
    assert "price: 249 SEK → 299 SEK" in said  # shown all the same
    assert "--yes" in said
    code, _, said = etl("ledger", "cancel", "1", "--reason", "LIBRARY_CANCELLED", "--mapping", "m.yaml")
    assert (code, "--yes" in said) == (2, True)
    assert etl("ledger", "change", "1", "--yes")[0] == 2  # which Alma?
    assert (calls(desk, "PUT", "DELETE"), rows(desk)) == ([], [])


def test_orders_that_are_not_posted_are_not_asked_for(desk: Desk, etl: Etl) -> None:
    desk.post(line(1, owner="NOWHERE"))
    assert order(desk).state == "refused"
    for words in (("change", "1", *WITH), ("cancel", "1", *CANCEL)):
        code, _, said = etl("ledger", *words)
        assert (code, "E815" in said) == (2, True)
    assert calls(desk, "PUT", "DELETE") == []


def test_in_swedish(desk: Desk, etl: Etl) -> None:
    mapping(desk, language="sv")
    offered(desk, dearer(discount="20"))
    code, _, said = etl("ledger", "change", "1", *WITH)
    assert (code, "Alma låter inte POL-1 ändras så utifrån" in said) == (1, True), said
    assert "Alma låter det aldrig ändras" in said
    by_hand(desk, price={"sum": "199.0", "currency": {"value": "SEK"}})
    desk.post(dearer())
    code, _, said = etl("ledger", "change", "1", *WITH)
    assert (code, "Alma har POL-1 på annat sätt än den skickades" in said) == (1, True), said
    code, _, said = etl("ledger", "cancel", "1", *CANCEL)
    assert code == 0
    assert "den annullerades i Alma" in etl("ledger", "show", "1")[1]


def test_payloads_of_every_form(desk: Desk, etl: Etl) -> None:
    """An order that was posted as XML is changed all the same."""
    desk.post(line(1, form="xml"))
    item = dearer(form="xml", receiving_note="Signera", rush=True)
    desk.post(item)
    code, _, said = etl("ledger", "change", "1", *WITH)
    assert code == 0, said
    assert "owner" not in said
    assert (desk.held()[0]["price"]["sum"], desk.held()[0]["rush"]) == ("299.0", True)
    assert desk.post(item)[0][0].outcome == "already posted"
    assert json.loads(json.dumps(desk.held()[0]))["receiving_note"] == "Signera"
