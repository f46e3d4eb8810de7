"""Whatever takes the place of what was sent, the order is known by both: by the vendor's record and by Alma's document."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from filled_ledger import LONG_AGO, claimed
from sqlalchemy import Engine, select, update

from etl.identity import RecordOrigin
from etl.ledger.changes import Changes
from etl.ledger.database import reading, transaction
from etl.ledger.decisions import accept_change, dismiss, keep, release, take_back
from etl.ledger.erasure import erase_person
from etl.ledger.find import Wanted, find
from etl.ledger.known_by import KnownBy
from etl.ledger.ledger import Ledger
from etl.ledger.orders import Claim, Intent, Order, Settlement, State
from etl.ledger.process import Run
from etl.ledger.retention import prune
from etl.ledger.soundness import contradictions
from etl.ledger.tables import order_names, orders

FIRST, SECOND = "9789199990019", "9789199990026"
USER = "anna.lind"


def intent(
    isbn: str, key: str = "a", *, vendor: str = "BTJ", title: str = "En bok", file: str = "1", order: str = "7000"
) -> Intent:
    """Line 1 of an order of a vendor whose Alma code the library may change: the mapping's `identity` says whose it is."""
    values = json.dumps([{"order": order, "isbn": isbn, "vendor": vendor}])
    known = KnownBy.of(
        vendors=[vendor, "adlibris"], orders=[order], lines=[f"{order} 1"], numbers=[isbn], title=title
    )
    origin = RecordOrigin(file * 64, f"{file}.csv", 1, ((1, 0),), values)
    return Intent("po_line", (key, order), payload(isbn, title), USER, known_by=known, origin=origin)


def payload(isbn: str, title: str = "En bok") -> bytes:
    return json.dumps({"isbn": isbn, "title": title, "user": USER}).encode()


def of_payload(isbn: str) -> KnownBy:
    """All that a document says by itself."""
    return KnownBy.of(vendors=["BTJ"], orders=["7000"], numbers=[isbn])


def settle(engine: Engine, claim: Claim, state: State) -> None:
    run = Run(engine)
    number = "POL-1" if state is State.POSTED else None
    Ledger(engine, "alma", run).advance([Settlement(claim.order, state, "words", number)], [])
    run.close()


def row(engine: Engine) -> Order:
    return next(one for one in find(engine, Wanted()) if one.id == 1)


def posted(engine: Engine) -> None:
    settle(engine, claimed(engine, intent(FIRST)), State.POSTED)


def offered(engine: Engine) -> None:
    posted(engine)
    assert claimed(engine, intent(SECOND, file="2")).verdict == "changed"


def accepted(engine: Engine) -> None:
    offered(engine)
    accept_change(engine, row(engine), "eva", {}, of_payload(SECOND))


def kept(engine: Engine) -> None:
    offered(engine)
    keep(engine, row(engine), "eva")


def changed(engine: Engine) -> None:
    posted(engine)
    run = Run(engine)
    changes = Changes(Ledger(engine, "alma", run), "alma")
    asked = changes.begin(row(engine), "change", "eva", "{}", payload(SECOND).decode(), "asked")
    assert asked is not None
    assert changes.end(asked, "done", "done", known_by=of_payload(SECOND)) is not None
    run.close()


def corrected(engine: Engine) -> None:
    """In the sheet, and nothing is sent yet."""
    settle(engine, claimed(engine, intent(FIRST)), State.REFUSED)
    run = Run(engine)
    sheet = {"payload": payload(SECOND).decode(), "payload_hash": sent(SECOND).payload_hash}
    assert Ledger(engine, "alma", run).decide(
        row(engine), State.RELEASED, "eva: corrected", (), of_payload(SECOND),
        **sheet, replaced_hash=row(engine).payload_hash,
    )  # fmt: skip
    run.close()


def sent(isbn: str) -> Intent:
    """What a sheet sends: no record, and all that its document says."""
    return replace(intent(isbn), known_by=of_payload(isbn), origin=None, instead_of=payload(FIRST))


def corrected_and_posted(engine: Engine) -> None:
    corrected(engine)
    settle(engine, claimed(engine, sent(SECOND)), State.POSTED)


def sent_by_the_next_run(engine: Engine) -> None:
    """The sheet's own run ended early; the file comes again."""
    corrected(engine)
    claim = claimed(engine, intent(FIRST))
    assert (claim.verdict, claim.order.payload) == ("mine", payload(SECOND).decode())
    settle(engine, claim, State.POSTED)


def corrected_without_answer(engine: Engine) -> None:
    corrected(engine)
    settle(engine, claimed(engine, sent(SECOND)), State.UNKNOWN)


def as_offered(engine: Engine) -> None:
    """Taken back; what the vendor said last goes out."""
    offered(engine)
    take_back(engine, row(engine), "eva", "looked")
    claim = claimed(engine, intent(SECOND, file="2"))
    assert claim.order.payload == payload(SECOND).decode()
    settle(engine, claim, State.POSTED)


def reopened(engine: Engine) -> None:
    """Somebody said that it is not wanted, of the record as it was."""
    settle(engine, claimed(engine, intent(FIRST)), State.REFUSED)
    dismiss(engine, row(engine), "eva", "not wanted")
    assert claimed(engine, intent(SECOND, file="2")).order.reopened


WAYS: list[Callable[[Engine], None]] = [
    offered, accepted, kept, changed, corrected_and_posted, sent_by_the_next_run, corrected_without_answer,
    as_offered, reopened,
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_it_is_known_by_both(engine: Engine, way: Callable[[Engine], None]) -> None:
    way(engine)
    with reading(engine) as connection:
        names = connection.execute(select(order_names.c.value).where(order_names.c.order_id == 1))
        known, called = set(row(engine).known_by.values()), set(names.scalars())
    # What is offered is found, and is not what stands in Alma: it may be another line's record by mistake.
    assert known < called if way in (offered, kept) else known == called
    assert list(contradictions(engine)) == []
    both = [isbn for isbn in (FIRST, SECOND) if way is not as_offered or isbn == SECOND]
    cases = [(isbn, vendor) for isbn in both for vendor in ("BTJ", "BTJ-PR")]
    for file, (isbn, vendor) in zip("3456", cases, strict=False):
        claim = claimed(engine, intent(isbn, f"another key {file}", vendor=vendor, file=file))
        assert (claim.verdict, 1 in [one.id for one in claim.others]) == ("like", True), (isbn, vendor)


@pytest.mark.parametrize("isbn", [FIRST, SECOND])
def test_a_correction_that_waits_looks_like_what_was_posted_meanwhile(engine: Engine, isbn: str) -> None:
    """Whichever of its names the other has; and it stays corrected."""
    corrected(engine)
    other = claimed(engine, replace(intent(isbn, "b", file="2"), another=True))
    settle(engine, other, State.POSTED)
    for _ in range(2):
        claim = claimed(engine, intent(FIRST))
        assert (claim.verdict, claim.others[0].id) == ("like", other.order.id)
    assert claim.order.payload == payload(SECOND).decode()
    release(engine, row(engine), "eva")
    assert claimed(engine, intent(FIRST)).order.payload == payload(SECOND).decode()


def test_a_mapping_that_was_mended_calls_it_otherwise(engine: Engine) -> None:
    """What nobody has sent or decided about is not known by the names of an error."""
    settle(engine, claimed(engine, intent(SECOND)), State.REFUSED)
    settle(engine, claimed(engine, intent(FIRST)), State.POSTED)
    assert SECOND not in row(engine).known_by.written()
    assert list(contradictions(engine)) == []
    assert claimed(engine, intent(SECOND, "b", file="2")).verdict == "mine"


@pytest.mark.parametrize("way", ["pruned", "erased"])
@pytest.mark.parametrize("comes", ["as it was", "as it was, mapped otherwise"])
def test_a_correction_that_is_gone_is_not_taken_for_none(engine: Engine, way: str, comes: str) -> None:
    """Nor is what the mapping makes sent in its place, though a person has let the correction pass."""
    corrected_and_posted(engine)
    with transaction(engine) as connection:
        connection.execute(update(orders).values(updated_at=LONG_AGO, passed="eva"))
    if way == "pruned":
        prune(engine, "2024-01-01T00:00:00.000Z")
    else:
        erase_person(engine, USER)
    assert not row(engine).whole
    take_back(engine, row(engine), "eva", "looked")
    again = intent(FIRST)
    if comes != "as it was":
        again = replace(again, payload=b'{"mended": 1}')
    for _ in range(2):
        claim = claimed(engine, again)
        assert claim.verdict == "held"
        assert claim.order.cause is not None
        assert claim.order.cause.rule == "uncorrected"
        assert (claim.order.passed, claim.order.in_doubt) == (None, False)
    assert list(contradictions(engine)) == []
    release(engine, row(engine), "eva")
    assert claimed(engine, again).verdict == "mine"


# ------------------------------------------------------------------------------------ large orders


def many(count: int, **more: str) -> list[Intent]:
    """Lines of one order with one title; more than the ledger reads at once."""
    every = (intent(FIRST, f"k{number}", file="2", **more) for number in range(count))
    return [replace(one, origin=None, known_by=replace(one.known_by, lines=frozenset())) for one in every]


@pytest.mark.parametrize("in_front", ["refused", "of another vendor"])
@pytest.mark.parametrize("count", [49, 50, 51, 120])
def test_a_line_is_found_behind_any_number_of_others(lite: Engine, in_front: str, count: int) -> None:
    run = Run(lite)
    ledger = Ledger(lite, "alma", run)
    before = [replace(one, another=True) for one in many(count)]
    if in_front != "refused":
        before = [replace(one, known_by=replace(one.known_by, vendors=frozenset({"bokus"}))) for one in before]
    claims = ledger.advance([], before)[1]
    state = State.REFUSED if in_front == "refused" else State.POSTED
    ledger.advance([Settlement(one.order, state, "", f"POL-{one.order.id}") for one in claims], [])
    run.close()
    one = intent(FIRST, "the one", file="3")
    one = replace(one, known_by=replace(one.known_by, lines=frozenset({"7000-99"})))
    settle(lite, claimed(lite, replace(one, another=True)), State.POSTED)
    claim = claimed(lite, intent(FIRST, "another key", file="4"))
    assert (claim.verdict, [one.key[0] for one in claim.others]) == ("like", ["the one"])
