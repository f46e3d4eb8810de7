"""What became of an order → the problem a person reads. Codes E820–E839 are made here."""

from __future__ import annotations

from collections.abc import Sequence

from etl.alma.recovery import Kind, Language, Verdict
from etl.ledger.orders import Order
from etl.problems import Problem, Refusal, Severity, Unavailable


def refused(key: Sequence[str], verdict: Verdict, language: Language) -> Problem:
    """Alma said no."""
    return Problem(
        "E820", f'Alma refused "{_key(key)}": {verdict.said(language)}', help=verdict.fix(language)
    )


def number_taken(key: Sequence[str], number: str) -> Problem:
    """The number we gave the line belongs to another order."""
    return Problem(
        "E821",
        f'Alma has another order line "{number}", so "{_key(key)}" was not created',
        help="leave number out of the mapping and let Alma choose, or make it unique",
    )


def unknown(key: Sequence[str], words: str) -> Problem:
    """Nobody can say yet whether the order exists."""
    return Problem(
        "E822",
        f'it is not known whether "{_key(key)}" was posted: {words}',
        help="run again: it is looked for in Alma first, and never posted twice",
    )


def changed(key: Sequence[str], order: Order) -> Problem:
    """The key was posted with another content."""
    return Problem(
        "E823",
        f'"{_key(key)}" changed after posting as {order.number}',
        Severity.HOLD,
        help=f"compare: etl ledger show {order.id}; change the order in Alma, then: etl ledger resolve "
        f"{order.id} --accept-change. If these are two orders, the key needs another part",
    )


def held(key: Sequence[str], order_id: int, words: str) -> Problem:
    """A person has to decide."""
    return Problem(
        "E824",
        f'"{_key(key)}" waits for a person: {words or "held"}',
        Severity.HOLD,
        help=f"look it up in Alma, then etl ledger resolve {order_id} --posted NUMBER, "
        f"or etl ledger release {order_id}",
    )


def overtaken(key: Sequence[str], words: str) -> Problem:
    """Another process is at the same order."""
    return Problem(
        "E825",
        f'"{_key(key)}" is in the hands of another process: {words}',
        help="run again when that process is done; etl ledger show tells what it did",
    )


def stopped(verdict: Verdict, language: Language) -> Refusal:
    """Why no further order is sent."""
    said, fix = verdict.said(language), verdict.fix(language)
    if verdict.kind is Kind.KEY:
        return Refusal(Problem("E830", f"stopped: {said}", help=fix))
    if verdict.kind is Kind.QUOTA:
        return Unavailable(Problem("E831", f"stopped: {said}", help=fix))
    return Unavailable(Problem("E832", f"stopped: {said}", help=fix))


def reserve_reached(remaining: int, reserve: int) -> Unavailable:
    """Other programs of the institution need the rest of the day's calls."""
    return Unavailable(
        Problem(
            "E833",
            f"stopped: {remaining:,} calls are left today, and {reserve:,} are kept for others",
            help="run again after midnight, or lower the sink's reserve",
        )
    )


def too_many_unknown(count: int) -> Unavailable:
    """Alma (or what lies between) is ill: every further order would only be one more to look for."""
    return Unavailable(
        Problem(
            "E834",
            f"stopped: {count} posts one after another brought no answer that can be used",
            help="wait until Alma is well again (status.exlibrisgroup.com), then run again: it is safe",
        )
    )


def _key(key: Sequence[str]) -> str:
    return " + ".join(key)


def not_done(verdict: Verdict, language: Language) -> Refusal:
    """A single call, made for a person, that did not bring what was asked."""
    said, fix = verdict.said(language), verdict.fix(language)
    if verdict.kind in (Kind.REFUSED, Kind.THERE):
        return Refusal(Problem("E835", said, help=fix))
    if verdict.kind is Kind.UNKNOWN:
        return Refusal(Problem("E836", f"it is not known whether Alma did it: {said}", help=fix))
    return stopped(verdict, language)
