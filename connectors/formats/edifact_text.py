"""The syntax identifier of an interchange and the bytes of a message → the codec of its text.

UNOA and UNOB are ASCII, UNOC is ISO 8859-1 and so on (ISO 9735, service code list 0001). Vendors write UTF-8
or Windows' own sets under them; both show themselves, because UTF-8 of more than ASCII is practically never
text of 8 bits, and the bytes 80–9F are no text at all in ISO 8859. How an unknown one is read is told.
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
    "UNOL": "iso8859-15",
    "UNOW": "utf-8",
    "UNOY": "utf-8",
}
"""UNOX, code extension by ISO 2022, is not among them."""
_WINDOWS = {
    "iso8859-2": "cp1250",
    "iso8859-4": "cp1257",
    "iso8859-5": "cp1251",
    "iso8859-6": "cp1256",
    "iso8859-7": "cp1253",
    "iso8859-8": "cp1255",
    "iso8859-9": "cp1254",
}
_ASCII = bytes(range(128))
_CONTROL = bytes(range(0x80, 0xA0))


class Codec(NamedTuple):
    """`other`: the name of the set, when it is not the one that UNB declares."""

    name: str
    other: str = ""


def codec_of(syntax: str, data: bytes, asked: str) -> Codec:
    """`asked` is a codec, or "auto". Text under an unknown identifier is read as under UNOC, and told of."""
    if asked != "auto":
        return Codec(asked)
    if syntax == "UNOX" and b"\x1b" in data:
        return Codec("latin-1", "ISO 8859-1, its escape sequences not followed")
    beyond = data.translate(None, _ASCII)
    declared = DECLARED.get(syntax, "ascii")
    if not beyond or declared == "utf-8":
        return Codec(declared if declared != "ascii" else "latin-1")
    if _is_utf8(data):
        return Codec("utf-8", "UTF-8")
    if len(beyond) != len(beyond.translate(None, _CONTROL)):
        windows = _WINDOWS.get(declared, "cp1252")
        return Codec(windows, f"Windows-{windows[2:]}")
    return Codec("latin-1", "ISO 8859-1") if declared == "ascii" else Codec(declared)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
