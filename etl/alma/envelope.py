"""An answer as it came → what it says: a document, errors, or nothing that can be read.

Alma's errors come in more forms than its documentation shows: a list or one object, wrapped or bare, with
HTTP 200, without a tracking number, as plain text or as a gateway's web page. All are read here, and
nowhere else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from etl.alma.tree import Tree, members, read_tree, text
from etl.alma.wire import Received

_LONGEST = 500
_UNSPEAKABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")  # line breaks, and what would steer a terminal
# The whole of what the gateway says in plain text, with the little it may add; a longer text only quotes it.
_SPOKEN = (
    (re.compile(r"invalid api ?key", re.I), "INVALID_KEY"),
    (re.compile(r"\W*per_second_threshold\b.*", re.I | re.S), "PER_SECOND_THRESHOLD"),
    (re.compile(r"\W*daily_threshold\b.*", re.I | re.S), "DAILY_THRESHOLD"),
    (re.compile(r"unauthorized( request)?", re.I), "UNAUTHORIZED"),
)
_SPOKEN_LONGEST = 200


@dataclass(frozen=True, slots=True)
class AlmaError:
    """One error as Alma names it. `tracking` is what Ex Libris' support asks for."""

    code: str
    message: str
    tracking: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that was read. `tree` is None if it held no document; `remaining`: calls left until
    midnight.
    """

    status: int
    tree: Tree | None
    errors: tuple[AlmaError, ...]
    beginning: bytes
    remaining: int | None

    @property
    def excerpt(self) -> str:
        """What it begins with, without markup, for a message."""
        return one_line(_without_markup(self.beginning.decode("utf-8", errors="replace")))


def read_answer(received: Received) -> Answer:
    """Never fails: what cannot be read is an Answer that says so."""
    tree = read_tree(received.body)
    errors = tuple(_errors(tree)) if tree is not None else _spoken(received)
    return Answer(received.status, tree, errors, received.body[: 4 * _LONGEST], _remaining(received))


def one_line(words: str) -> str:
    """Text from outside, fit for a message: one line, no control characters, not endless."""
    words = _UNSPEAKABLE.sub(" ", words).strip()
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


def _errors(tree: Tree) -> list[AlmaError]:
    inner = tree.get("web_service_result", tree)
    if not isinstance(inner, dict):
        return []
    listed: list[Any] = []
    for holder in members(inner, "errorList") or members(inner, "errors"):
        listed += members(holder, "error") if isinstance(holder, dict) and "error" in holder else [holder]
    if not listed:
        listed = members(inner, "error") if "error" in inner else [inner] if "errorCode" in inner else []
    found = [_error(one) for one in listed if isinstance(one, dict)]
    if not found and text(inner, "errorsExist") == "true":
        return [AlmaError("", "Alma says that errors exist, and names none")]
    return [error for error in found if error.code or error.message]


def _error(node: dict[str, Any]) -> AlmaError:
    return AlmaError(
        one_line(text(node, "errorCode"))[:60],
        one_line(text(node, "errorMessage")),
        one_line(text(node, "trackingId"))[:100],
    )


def _spoken(received: Received) -> tuple[AlmaError, ...]:
    """Errors said in plain text: the gateway's own, which never reached Alma.

    Only a refusal that says nothing else counts. An answer cut short may hold any word: half a document of an
    order that was made, with "unauthorized" in its title, must not be taken for "nothing was done".
    """
    if not 400 <= received.status < 500 or len(received.body) > _SPOKEN_LONGEST:
        return ()
    words = received.body.decode("utf-8", errors="replace").strip(' \t\r\n.!"')
    if words.startswith(("{", "[", "<")):
        return ()
    for phrase, code in _SPOKEN:
        if phrase.fullmatch(words):
            return (AlmaError(code, one_line(words)),)
    return ()


def _without_markup(words: str) -> str:
    return re.sub(r"<(script|style)\b.*?(</\1>|$)|<[^<>]*>", " ", words, flags=re.S | re.I)


def _remaining(received: Received) -> int | None:
    found = received.headers.get("x-exl-api-remaining", "").strip()
    return int(found) if re.fullmatch(r"[0-9]{1,12}", found) else None
