"""Ledger and report folder → the orders that wait for a person, each with its cause and what may help."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from etl.alma.recovery import row_of
from etl.codes import explanations
from etl.deadletters.columns import Language
from etl.ledger.database import Database
from etl.ledger.find import Wanted, find
from etl.ledger.orders import Order, State
from etl.problems import MappingPlace, Problem, Refusal
from etl.regular_files import read_file

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
        "released": ("Free to be sent, and not sent yet", "send it, or wait for the next run of its file"),
        "report": ("Held by the mapping", "correct it if need be, then send it"),
        "rejected": ("No order could be made", "correct the file or the mapping, then run it again"),
        "refused": ("Refused by Alma", "correct it, then send it again"),
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
        "released": ("Får skickas men är inte skickad", "skicka den, eller vänta på nästa körning av filen"),
        "report": ("Stoppad av mappningen", "rätta vid behov och skicka"),
        "rejected": ("Ingen beställning kunde göras", "rätta filen eller mappningen och kör igen"),
        "refused": ("Avvisad av Alma", "rätta och skicka igen"),
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
    target: str = ""
    payload: bytes = b""
    user: str | None = None
    order: Order | None = field(default=None, compare=False)


def from_ledger(database: Database, institution: str, language: Language) -> Iterator[Letter]:
    """Refused and held orders, those free to be sent that were not yet, and posted ones that were offered
    changed.
    """
    states = (State.REFUSED, State.HELD, State.RELEASED, State.POSTED)
    for order in find(database, Wanted(states=states, institution=institution)):
        if order.state is State.POSTED and order.offered_hash is None:
            continue
        cause, fix = _cause(order, language)
        reason = order.words or ""
        if order.state is State.POSTED:
            reason = f"ID {order.id}, {order.number}"
        elif order.looks_like and order.cause is not None:
            reason = f"ID {order.id}: {', '.join(map(str, order.cause.orders))}"
        yield Letter(
            ref_of(order),
            cause,
            order.key,
            reason,
            fix,
            order.target,
            order.payload.encode(),
            order.user_id,
            order,
        )


def ref_of(order: Order) -> str:
    """Row, state and what would be sent: it changes when one of them does, and not when the next run of the
    file brings the same refusal. A held order may have been sent once more meanwhile, and be in Alma now:
    there, whatever happened to it counts.
    """
    sent = f"{order.payload_hash} {order.user_id or ''}"
    if order.state is State.HELD:
        sent = f"{sent} {order.version}"
    return f"ledger:{order.id}:{order.state}:{hashlib.sha256(sent.encode()).hexdigest()[:12]}"


def from_report(folder: Path, language: Language) -> Iterator[Letter]:
    """Held documents and rejected records of a run. Raises Refusal (E852) when it is no report folder."""
    try:
        report = json.loads(read_file(folder / "report.json"))
        held, rejected = _lines(folder / "held.ndjson"), _lines(folder / "rejected.ndjson")
        for entry in held:
            yield _held(folder, report["target"], entry, language)
        for entry in rejected:
            yield _rejected(entry, language)
    except (OSError, ValueError, KeyError, TypeError):
        raise Refusal(
            Problem("E852", f'"{folder}" is no report folder of etl run', mapping=MappingPlace("--report"))
        ) from None


def _held(folder: Path, target: str, entry: dict[str, Any], language: Language) -> Letter:
    cause, fix = _CAUSES[language]["report"]
    reasons = "; ".join(entry["reasons"])
    payload = read_file(folder / entry["payload"]) if entry["payload"] else b""
    digest = hashlib.sha256(payload).hexdigest()[:12]
    ref = f"report:{entry['payload']}:{digest}" if payload and entry["key"] else ""
    cause = f"{cause}: {entry['reasons'][0]}" if entry["reasons"] else cause
    return Letter(ref, cause, tuple(entry["key"] or ()), reasons, fix, target, payload)


def _rejected(entry: dict[str, Any], language: Language) -> Letter:
    cause, fix = _CAUSES[language]["rejected"]
    known = explanations()
    reason = "; ".join(f"{code} {known[code].title}" if code in known else code for code in entry["codes"])
    where = (f"{entry['file']}:{entry.get('line', '')}".rstrip(":"), f"record {entry['record']}")
    return Letter("", f"{cause}: {reason}", where, reason, fix)


def _cause(order: Order, language: Language) -> tuple[str, str]:
    if order.state is State.HELD:
        return _CAUSES[language]["like" if order.looks_like else "held"]
    if order.state is State.POSTED:
        return _CAUSES[language]["changed"]
    if order.state is State.RELEASED:
        return _CAUSES[language]["released"]
    no = order.refusal
    row = None if no is None else row_of(no.operation, no.code, no.message)
    return _CAUSES[language]["refused"] if row is None else row.words(language)


def _lines(file: Path) -> list[dict[str, Any]]:
    if not file.exists():
        return []
    return [json.loads(line) for line in read_file(file).decode("utf-8").splitlines()]
