"""The syntax identifier of an interchange and the bytes of a message → the codec of its text.

UNOA and UNOB are ASCII, UNOC is ISO 8859-1 and so on (ISO 9735). Vendors write UTF-8 or Windows-1252 under
them; both show themselves, because UTF-8 of more than ASCII is practically never Latin-1 text, and the bytes
80–9F are no text at all in ISO 8859.
"""

from __future__ import annotations

from typing import NamedTuple

DECLARED = {
    "UNOA": "ascii",
    "UNOB": "ascii",
    "UNOC": "latin-1",
    "UNOD": "iso8859-2",
    "UNOE": "iso8859-5",
    "UNOF": "iso8859-7",
    "UNOG": "iso8859-3",
    "UNOH": "iso8859-4",
    "UNOI": "iso8859-6",
    "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9",
    "UNOW": "utf-8",
    "UNOY": "utf-8",
}
_ASCII = bytes(range(128))
_CONTROL = bytes(range(0x80, 0xA0))


class Codec(NamedTuple):
    """`other`: the name of the set, when it is not the one that UNB declares."""

    name: str
    other: str = ""


def codec_of(syntax: str, data: bytes, asked: str) -> Codec:
    """`asked` is a codec, or "auto". An unknown identifier is read as UNOC."""
    if asked != "auto":
        return Codec(asked)
    beyond = data.translate(None, _ASCII)
    declared = DECLARED.get(syntax, "latin-1")
    if not beyond or declared == "utf-8":
        return Codec(declared if declared != "ascii" else "latin-1")
    if _is_utf8(data):
        return Codec("utf-8", "UTF-8")
    if declared in ("ascii", "latin-1"):
        windows = len(beyond) != len(beyond.translate(None, _CONTROL))
        if windows:
            return Codec("cp1252", "Windows-1252")
        return Codec("latin-1", "ISO 8859-1" if declared == "ascii" else "")
    return Codec(declared)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
