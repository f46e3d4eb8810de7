"""What became of an order → the problem a person reads (E805–E808, E820–E836), in the words of `phrases`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from etl.alma.phrases import phrase, words
from etl.alma.recovery import Kind, Language, Verdict
from etl.ledger.orders import Order, Settlement
from etl.problems import Problem, Refusal, Severity, Unavailable

_SHOWN = 5
"""Orders that one message names."""


def refused(key: Sequence[str], verdict: Verdict, language: Language = "en") -> Problem:
    """Alma said no."""
    what = words("refused", language, key=_key(key), why=verdict.said(language))
    return Problem("E820", what, help=verdict.fix(language))


def number_taken(key: Sequence[str], number: str, language: Language = "en") -> Problem:
    """The number we gave the line belongs to another order."""
    what, fix = phrase("number taken", language, key=_key(key), number=number)
    return Problem("E821", what, help=fix)


def unknown(key: Sequence[str], why: str, language: Language = "en") -> Problem:
    """Nobody can say yet whether the order exists."""
    what, fix = phrase("unknown", language, key=_key(key), why=why)
    return Problem("E822", what, help=fix)


def not_asked(key: Sequence[str], order: Order, language: Language = "en") -> Problem:
    """The same, and this run does not ask: the mapping is against the order by now."""
    what, fix = phrase("unknown, not asked", language, key=_key(key), id=order.id)
    return Problem("E822", what, help=fix)


def changed(key: Sequence[str], order: Order, user: str | None, language: Language = "en") -> Problem:
    """The key was posted with another content, or for another user than this one."""
    other = user if order.user_id is not None and user != order.user_id else None
    said = "changed" if other is None else "changed user"
    what, fix = phrase(
        said, language, key=_key(key), number=order.number, id=order.id, user=other, was=order.user_id
    )
    return Problem("E823", what, Severity.HOLD, help=fix)


def skipped(key: Sequence[str], order: Order, language: Language = "en") -> Problem:
    """The key was sent, and the mapping makes nothing of what its record is now."""
    known = order.number or words(f"state {order.state}", language)
    what, fix = phrase("skipped", language, key=_key(key), known=known, id=order.id)
    return Problem("E823", what, Severity.HOLD, help=fix)


def come_anew(key: Sequence[str], order: Order, language: Language = "en") -> Problem:
    """A newer record of the order came while an older one was on its way."""
    what, fix = phrase("come anew", language, key=_key(key), id=order.id)
    return Problem("E837", what, help=fix)


def held(key: Sequence[str], order_id: int, why: str, language: Language = "en") -> Problem:
    """A person has to decide."""
    why = why or words("held, no reason", language)
    what, fix = phrase("held", language, key=_key(key), why=why, id=order_id)
    return Problem("E824", what, Severity.HOLD, help=fix)


def why(order: Order, language: Language = "en") -> str:
    """Why a person has to decide about an order, in the words of today: from the cause, if one was kept."""
    cause = order.cause
    return words(cause.rule, language, **cause.values) if cause is not None else order.words or ""


def like(key: Sequence[str], order: Order, others: Sequence[Order], language: Language = "en") -> Problem:
    """Another order of the ledger may be the same one."""
    rule = order.cause.rule if order.cause else "record"
    shown = "; ".join(_described(other, language) for other in others[:_SHOWN])
    more = len(others) - _SHOWN
    shown += f" … +{more}" if more > 0 else ""
    why = words(f"like by {rule}", language)
    what, fix = phrase("like", language, key=_key(key), id=order.id, why=why, others=shown)
    return Problem("E828", what, Severity.HOLD, help=fix)


def _described(other: Order, language: Language) -> str:
    number = f" ({other.number})" if other.number else ""
    state = "" if other.number else f" {words(f'state {other.state}', language)}"
    return f'{other.id} "{other.shown}"{number}{state}'


def change_busy(order: Order, language: Language = "en") -> Problem:
    """Another process is changing it in Alma."""
    what, fix = phrase("change busy", language, key=order.shown, id=order.id)
    return Problem("E805", what, help=fix)


def change_unknown(order: Order, why: str, language: Language = "en") -> Problem:
    """Nobody can say yet whether Alma has changed or cancelled it."""
    what, fix = phrase("change unknown", language, number=order.number, why=why)
    return Problem("E806", what, help=fix)


def change_by_hand(
    order: Order, kind: Literal["change", "cancel"], why: str, language: Language = "en"
) -> Problem:
    """Alma does not let it be done from outside."""
    what, fix = phrase(f"{kind} by hand", language, number=order.number, why=why)
    return Problem("E807", what, Severity.HOLD, help=fix)


def changed_in_alma(order: Order, why: str, language: Language = "en") -> Problem:
    """What would be written over is somebody else's work."""
    what, fix = phrase("changed in Alma", language, number=order.number, why=why)
    return Problem("E808", what, Severity.HOLD, help=fix)


def overtaken(key: Sequence[str], why: str, language: Language = "en") -> Problem:
    """Another process is at the same order."""
    what, fix = phrase("overtaken", language, key=_key(key), why=why)
    return Problem("E825", what, help=fix)


def overtaken_after(key: Sequence[str], outcome: Settlement, language: Language = "en") -> Problem:
    """Another process took the order over while we were at it; this is what we had found out.

    What we posted meanwhile is one order line too many, whatever that process makes of the order.
    """
    if outcome.number:
        what, fix = phrase("doubled", language, key=_key(key), number=outcome.number)
        return Problem("E827", what, help=fix)
    found = {"state": outcome.state, "number": outcome.number or "", "why": outcome.words}
    return overtaken(key, words("overtaken after", language, **found), language)


def overtaken_by(key: Sequence[str], run: str, language: Language = "en") -> Problem:
    """Another process is at the order, and takes too long to be waited for."""
    return overtaken(key, words("overtaken by", language, run=run), language)


def stopped(verdict: Verdict, language: Language = "en") -> Refusal:
    """Why no further order is sent."""
    what, fix = words("stopped", language, why=verdict.said(language)), verdict.fix(language)
    if verdict.kind is Kind.KEY:
        return Refusal(Problem("E830", what, help=fix))
    if verdict.kind is Kind.QUOTA:
        return Unavailable(Problem("E831", what, help=fix))
    return Unavailable(Problem("E832", what, help=fix))


def reserve_reached(remaining: int, reserve: int, language: Language = "en") -> Unavailable:
    """Other programs of the institution need the rest of the day's calls."""
    counts = {"remaining": _count(remaining, language), "reserve": _count(reserve, language)}
    what, fix = phrase("reserve reached", language, **counts)
    return Unavailable(Problem("E833", what, help=fix))


def too_many_unknown(count: int, language: Language = "en") -> Unavailable:
    """Alma (or what lies between) is ill: every further order would only be one more to look for."""
    what, fix = phrase("too many unknown", language, count=count)
    return Unavailable(Problem("E834", what, help=fix))


def not_done(verdict: Verdict, language: Language = "en") -> Refusal:
    """A single call, made for a person, that did not bring what was asked."""
    said, fix = verdict.said(language), verdict.fix(language)
    if verdict.kind in (Kind.REFUSED, Kind.THERE):
        return Refusal(Problem("E835", said, help=fix))
    if verdict.kind is Kind.UNKNOWN:
        return Refusal(Problem("E836", words("not known", language, why=said), help=fix))
    return stopped(verdict, language)


def _key(key: Sequence[str]) -> str:
    return " + ".join(key)


def _count(number: int, language: Language) -> str:
    return f"{number:,}".replace(",", "\N{NO-BREAK SPACE}") if language == "sv" else f"{number:,}"
