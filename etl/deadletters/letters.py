"""Ledger → the orders that wait for a person, each with its cause and what may help."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from etl.alma.recovery import row_of
from etl.codes import explanations
from etl.deadletters.columns import Language
from etl.ledger.database import Database
from etl.ledger.destinations import sink_at
from etl.ledger.orders import Order, State
from etl.ledger.waiting import MAY_BE_THERE, waiting_at

_CAUSES: dict[Language, dict[str, tuple[str, str]]] = {
    "en": {
        "held": ("Not known whether it is in Alma", "look in Alma; send it only if it is not there"),
        "like": (
            "Looks like an order that is known already",
            "another order: send it; the same: etl ledger dismiss ID --same-as OTHER",
        ),
        "changed": (
            "Changed after posting",
            "change the order in Alma, then: etl ledger resolve ID --accept-change; or, if Alma's is right: "
            "etl ledger resolve ID --keep",
        ),
        "asked": (
            "To be changed or cancelled in Alma, and not done yet",
            "etl ledger list --state waiting tells what is left to do",
        ),
        "released": ("Free to be sent, and not sent yet", "send it, or wait for the next run of its file"),
        "check": ("Held by the mapping", "correct it if need be, then send it"),
        "incomplete": (
            "Held by the mapping, and not complete",
            "correct the table or the file, then run it again: etl ledger reprocess",
        ),
        "rejected": ("No order could be made", "correct the file or the mapping, then run it again"),
        "refused": ("Refused by Alma", "correct it, then send it again"),
        "not sent": (
            "",
            "it is not for Alma, and not sent from here: etl ledger release ID, then etl ledger reprocess "
            "MAPPING, or the next run of its file",
        ),
        "let go": ("", "etl ledger reprocess MAPPING, or wait for the next run of its file"),
    },
    "sv": {
        "held": ("Okänt om den finns i Alma", "sök i Alma; skicka bara om den inte finns där"),
        "like": (
            "Liknar en beställning som redan är känd",
            "en annan beställning: skicka den; samma: etl ledger dismiss ID --same-as ANNAN",
        ),
        "changed": (
            "Ändrad efter beställning",
            "ändra i Alma, därefter: etl ledger resolve ID --accept-change; eller, om Almas är rätt: "
            "etl ledger resolve ID --keep",
        ),
        "asked": (
            "Ska ändras eller annulleras i Alma och är inte klar",
            "etl ledger list --state waiting visar vad som är kvar att göra",
        ),
        "released": ("Får skickas men är inte skickad", "skicka den, eller vänta på nästa körning av filen"),
        "check": ("Stoppad av mappningen", "rätta vid behov och skicka"),
        "incomplete": (
            "Stoppad av mappningen, och inte fullständig",
            "rätta tabellen eller filen och kör igen: etl ledger reprocess",
        ),
        "rejected": ("Ingen beställning kunde göras", "rätta filen eller mappningen och kör igen"),
        "refused": ("Avvisad av Alma", "rätta och skicka igen"),
        "not sent": (
            "",
            "den är inte för Alma och skickas inte härifrån: etl ledger release ID, därefter etl ledger "
            "reprocess MAPPNING, eller nästa körning av filen",
        ),
        "let go": ("", "etl ledger reprocess MAPPNING, eller vänta på nästa körning av filen"),
    },
}


@dataclass(frozen=True, slots=True)
class Letter:
    """One order. `ref` finds it again and tells whether it has changed; "" for one that cannot be sent."""

    ref: str
    cause: str
    key: tuple[str, ...]
    reason: str
    fix: str
    target: str
    payload: bytes
    user: str | None
    order: Order = field(compare=False)


def unknown_at(database: Database, institution: str) -> int:
    """How many wait there for Alma's word, and stand in no sheet."""
    return sum(order.state in MAY_BE_THERE for order in waiting_at(database, institution))


def from_ledger(database: Database, institution: str, language: Language) -> Iterator[Letter]:
    """All that waits for a person: refused, held and rejected lines, those free to be sent that were not yet,
    and posted ones that were offered changed. What is for no Alma has no reference to be sent by.
    """
    is_alma = sink_at(database, institution) is None
    for order in waiting_at(database, institution):
        if order.state in MAY_BE_THERE:
            continue
        cause, fix = _cause(order, language)
        told = "; ".join(one["message"] for one in order.causes)
        reason = order.words or told
        if order.state is State.POSTED:
            reason = f"ID {order.id}, {order.number}" + (f": {told}" if told else "")
        elif order.looks_like and order.cause is not None:
            reason = f"ID {order.id}: {', '.join(map(str, order.cause.orders))}"
        elif order.causes:
            cause = f"{cause}: {_first(order)}"
        yield Letter(
            ref_of(order) if order.whole and is_alma else "",
            cause,
            (order.shown,) if order.keyless else order.key,
            reason,
            fix if is_alma or not order.payload else _elsewhere(order, language),
            order.target,
            order.payload.encode(),
            order.user_id,
            order,
        )


def _elsewhere(order: Order, language: Language) -> str:
    """What to do about a document that is for no Alma."""
    return _CAUSES[language]["let go" if order.state is State.RELEASED else "not sent"][1]


def _first(order: Order) -> str:
    """By what lines of one cause are grouped: what holds it, or the title of what is wrong with it."""
    code, message = order.causes[0]["code"], order.causes[0]["message"]
    known = explanations()
    return f"{code} {known[code].title}" if order.state is State.REJECTED and code in known else message


def ref_of(order: Order) -> str:
    """Row, state and what would be sent: it changes when one of them does, and not when the next run of the
    file brings the same refusal. A held order may have been sent once more meanwhile, and be in Alma now:
    there, whatever happened to it counts.
    """
    sent = f"{order.payload_hash} {order.user_id or ''}"
    if order.state is State.HELD:
        sent = f"{sent} {order.version}"
    return f"ledger:{order.id}:{order.state}:{hashlib.sha256(sent.encode()).hexdigest()[:12]}"


def _cause(order: Order, language: Language) -> tuple[str, str]:
    if order.state is State.HELD:
        return _CAUSES[language][_held(order)]
    if order.state is State.REJECTED:
        return _CAUSES[language]["rejected"]
    if order.state is State.POSTED:
        return _CAUSES[language]["changed" if order.offered_hash is not None else "asked"]
    if order.state is State.RELEASED:
        return _CAUSES[language]["released"]
    no = order.refusal
    row = None if no is None else row_of(no.operation, no.code, no.message)
    return _CAUSES[language]["refused"] if row is None else row.words(language)


def _held(order: Order) -> str:
    if order.looks_like:
        return "like"
    if order.in_doubt:
        return "held"
    return "check" if order.payload else "incomplete"

