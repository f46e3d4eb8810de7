"""One line of form-encoded text (`a=1&b=%E5+c`) → its pairs of key and value, or why it has none.

Percent-encoded bytes are UTF-8 if all of the line's are, strictly; else the 8-bit set. A line is decoded as a
whole: no sender changes its encoding in the middle of a request.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from connectors.formats.trouble import Trouble

_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_STRAY = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_ADDRESS = re.compile(rb"(?:GET |POST )?(?:https?://|/)[^?=&\s]*\?")


class Form(NamedTuple):
    """`pairs` in the order of the line; `codec` is the one that its text was in."""

    pairs: tuple[tuple[str, str], ...]
    codec: str


def without_address(line: bytes) -> bytes:
    """The pairs alone, as they stand in the line."""
    body = line.strip()
    found = _ADDRESS.match(body)
    return body[found.end() :] if found else body.removeprefix(b"?")


def read_form(line: bytes, encoding: str = "auto", fallback: str = "windows-1252") -> Form | Trouble:
    """`line` without its line end; an address in front (`/Alma.svc/OrderConfirm?`) is passed over.

    Trouble: E316 bytes that are no text in the encoding, E357 what is no pair, or a key that stands twice.
    """
    body = without_address(line)
    if stray := _STRAY.search(body):
        shown = body[stray.start() : stray.start() + 3].decode("ascii", "replace")
        return Trouble("E357", f'"{shown}" is no percent-encoded byte', "a percent sign is sent as %25")
    pieces = [piece for piece in body.split(b"&") if piece]
    cut = [(key, value) for key, mark, value in (piece.partition(b"=") for piece in pieces) if mark]
    if len(cut) < len(pieces):
        alone = next(piece for piece in pieces if b"=" not in piece)
        shown = _plain(alone).decode("utf-8", "replace")[:60]
        help_ = "an & inside a title has to be sent as %26; the text behind it is cut off here"
        return Trouble("E357", f'"{shown}" stands between two & without a key', help_)
    decoded = _decode([(_plain(key), _plain(value)) for key, value in cut], encoding, fallback)
    if isinstance(decoded, Trouble):
        return decoded
    counts = Counter(key for key, _ in decoded.pairs)
    twice = next((key for key, count in counts.items() if count > 1), None)
    if twice is not None:
        help_ = "keys carry the number of their line: isbn_1, isbn_2; which value is meant cannot be told"
        return Trouble("E357", f'the key "{twice}" stands more than once', help_, twice)
    return decoded


def _plain(escaped: bytes) -> bytes:
    return _PERCENT.sub(lambda found: bytes.fromhex(found[1].decode("ascii")), escaped.replace(b"+", b" "))


def _decode(pairs: list[tuple[bytes, bytes]], encoding: str, fallback: str) -> Form | Trouble:
    if encoding != "auto":
        return _decoded(pairs, encoding)
    found = _decoded(pairs, "utf-8")
    if isinstance(found, Form):
        return found
    if any(_is_utf8(value) for _, value in pairs if not value.isascii()):
        told = "one part of the order is UTF-8 and another is not"
        return Trouble("E316", told, "it was put together from two sources; ask for it again")
    return _decoded(pairs, fallback)


def _decoded(pairs: list[tuple[bytes, bytes]], codec: str) -> Form | Trouble:
    try:
        return Form(tuple((key.decode(codec), value.decode(codec)) for key, value in pairs), codec)
    except UnicodeDecodeError as error:
        found = error.object[error.start : max(error.end, error.start + 1)].hex(" ").upper()
        return Trouble(
            "E316", f'the bytes "{found}" are no text in {codec}', "set  encoding  to the right one"
        )


def _is_utf8(value: bytes) -> bool:
    return value.decode("utf-8", "ignore").encode() == value
