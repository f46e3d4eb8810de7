"""etl check --ledger → what a ledger makes of the orders that a mapping gives now, before a run of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from etl.cli.compiled import Compiled
from etl.cli.summary import counted
from etl.plan.possible_values import possible_values
from etl.problems import Problem, Severity
from etl.run.pipeline import Delivery

if TYPE_CHECKING:
    from etl.ledger.database import Database
    from etl.ledger.orders import Order
    from etl.run.foreseen import Foresight

_SAID = {
    "new": "never met",
    "posted": "already posted",
    "remapped": "already posted, and made otherwise now (only the mapping or its tables differ)",
    "changed": "changed after posting: would be held",
    "like": "known under another key: would be held",
    "free": "not sent yet: would be judged anew",
    "held": "held: wait for a person",
    "unknown": "unknown: Alma would be asked",
    "intended": "on their way, or left by a run that ended: Alma would be asked",
    "dismissed": "dismissed",
    "cancelled": "cancelled in Alma",
    "reopened": "dismissed or cancelled, and changed since: would be held",
    "uncorrected": "corrected by a person, and the correction is not kept any more: would be held",
}


@dataclass(frozen=True, slots=True)
class LedgerAnswer:
    """`counts`: how many orders stand how, and in `talk` the same in words. `problems`: E255 holds, E256
    warns.
    """

    talk: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        return any(problem.severity is Severity.HOLD for problem in self.problems)


NOTHING_KNOWN = LedgerAnswer()
"""Nobody asked a ledger."""


def asked(ready: Compiled, delivery: Delivery, ledger: str, institution: str | None) -> LedgerAnswer:
    """Map the inputs and ask the ledger about each order; nothing is sent, and nothing written to it.

    Raises Refusal: E810 to E813 for the ledger, and whatever stops a run while it reads; click.UsageError for
    a ledger of several institutions of which none is named.
    """
    from etl.cli.alma_options import only_institution
    from etl.cli.ledger import opened
    from etl.run.foreseen import Foresight, foresee
    from etl.run.memory import LedgerPlace

    with opened(ledger, to_read=True) as database:
        own = delivery.sink.own_ledger(delivery.options)
        name = institution or (own[1] if own else only_institution(ledger) or "alma")
        foresight = Foresight()
        if ready.sources:
            place = LedgerPlace(ledger, Path(), name, own=True)
            foresight = foresee(ready.plan, ready.sources, delivery, place)
        problems = (*known_otherwise(ready, foresight), *_gone(ready, foresight, database, name))
        return LedgerAnswer((numbers(foresight, name),), problems, foresight.as_dict())


def numbers(found: Foresight, institution: str) -> str:
    """How the orders stand, on one line."""
    said = [f"{found.counts[name]:,} {words}" for name, words in _SAID.items() if found.counts[name]]
    said += [f"{counted(found.aside, 'record')} of which none would be sent"] if found.aside else []
    return f'  in the ledger ("{institution}"): {"; ".join(said) or "no order to ask about"}'


def known_otherwise(ready: Compiled, found: Foresight) -> Iterator[Problem]:
    """E255, once: a file of 300 known orders has one cause."""
    from etl.run.foreseen import place_of

    count, one = found.counts["like"], found.counts["like"] == 1
    if not count:
        return
    places = [place_of(item) for item, _ in found.alike]
    shown = "; ".join(
        f'"{" + ".join(item.key)}" (record {place and place.record}) is {_other(foreseen.others[0])}'
        for (item, foreseen), place in zip(found.alike, places, strict=True)
    )
    more = f" … +{count - len(places):,}" if count > len(places) else ""
    yield Problem(
        "E255",
        f"{counted(count, 'order')} {'is' if one else 'are'} known under another key: {shown}{more}",
        Severity.HOLD,
        data=places[0],
        mapping=ready.plan.spec.place("key"),
        help=f"a run would hold {'it' if one else 'each'} (E828). Leave the key as it was when the first "
        "order was posted; what really is another order is released then",
    )


def _other(order: Order) -> str:
    return f'{order.id} "{order.shown}" ({order.number or order.state})'


def _gone(ready: Compiled, found: Foresight, database: Database, institution: str) -> Iterator[Problem]:
    """E256: vendors with open orders that the mapping can no longer give."""
    from etl.ledger.find import open_vendors
    from etl.ledger.known_by import folded

    given = possible_values(ready.plan, "vendor")
    if given is None:
        return
    known = set(map(folded, given | found.vendors))
    name = ready.plan.spec.model.name
    for vendor, count in sorted(open_vendors(database, institution, name, found.met).items()):
        if folded(vendor) not in known:
            yield Problem(
                "E256",
                f'{counted(count, "open order")} of the vendor "{vendor}", which no constant and no table of '
                "this mapping gives any more",
                Severity.WARNING,
                mapping=ready.plan.spec.place("fields", "vendor"),
                help="if the vendor only has another code now, its orders are not known again when they come "
                "under another key: finish them first, or leave the code as it was",
            )
