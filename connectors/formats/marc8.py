"""MARC-8 bytes of one subfield → text, or the place where they make none.

The tables are pymarc's; the walk is our own, because pymarc's writes to stderr and puts a blank where it
cannot decode, drops control characters, and drops accents with no letter after them: text lost in silence.
See https://www.loc.gov/marc/specifications/speccharmarc8.html.
"""

from __future__ import annotations

from pymarc.marc8_mapping import CODESETS, ODD_MAP

from etl.plugin import normalized

_ESCAPE, _LATIN, _ANSEL, _EACC = 0x1B, 0x42, 0x45, 0x31
_G0, _G1 = b"(,", b")-"
_SHORT = {0x67: 0x67, 0x62: 0x62, 0x70: 0x70, 0x73: _LATIN}  # ESC g Greek, b subscript, p superscript, s back
# Marks around an article to pass over in sorting (88, 89): no text. 8D and 8E are the zero-width joiners.
_CONTROL = {0x88: "", 0x89: "", 0x8D: "\u200d", 0x8E: "\u200c"}


class NotMarc8(ValueError):  # noqa: N818 - says what the bytes are not
    """`start` and `end` delimit the bytes that have no meaning."""

    def __init__(self, start: int, end: int) -> None:
        super().__init__(f"bytes {start} to {end} are no MARC-8")
        self.start, self.end = start, end


def decode_marc8(data: bytes) -> str:
    """NFC text. Raises NotMarc8. Every subfield begins anew in basic Latin and ANSEL."""
    if data.isascii() and _ESCAPE not in data:
        return data.decode("ascii")
    g0, g1, at = _LATIN, _ANSEL, 0
    text: list[str] = []
    accents: list[str] = []
    while at < len(data):
        byte = data[at]
        if byte == _ESCAPE:
            g0, g1, at = _switch(data, at, g0, g1)
            continue
        if byte < 0x20 or 0x80 <= byte < 0xA0:
            if byte >= 0x80 and byte not in _CONTROL:
                raise NotMarc8(at, at + 1)
            text.append(_CONTROL.get(byte, chr(byte)))
            at += 1
            continue
        width = 3 if g0 == _EACC and byte < 0x80 and byte != 0x20 else 1
        found, combines = _look_up(data, at, width, g0 if byte < 0x80 else g1)
        if combines:
            accents.append(found)
        else:
            text += [found, *accents]
            accents.clear()
        at += width
    if accents:  # an accent needs a letter after it
        raise NotMarc8(len(data) - 1, len(data))
    return normalized("NFC", "".join(text))


def _look_up(data: bytes, at: int, width: int, charset: int) -> tuple[str, bool]:
    code = int.from_bytes(data[at : at + width], "big")
    if len(data) >= at + width:
        if code == 0x20:
            return " ", False
        table = CODESETS.get(charset, {})
        # A set may be called into either half of the byte; its table lists it in one.
        if (found := table.get(code, table.get(code ^ 0x80) if width == 1 else None)) is not None:
            return chr(found[0]), bool(found[1])
        if code in ODD_MAP:
            return chr(ODD_MAP[code]), False
    raise NotMarc8(at, min(at + width, len(data)))


def _switch(data: bytes, at: int, g0: int, g1: int) -> tuple[int, int, int]:
    """The sets after the escape sequence at `at`, and where the text goes on."""
    after = data[at + 1 : at + 4]
    if after and after[0] in _SHORT:
        return _SHORT[after[0]], g1, at + 2
    multibyte = after.startswith(b"$")
    intermediates = after[1:] if multibyte else after
    target = 0
    if intermediates and intermediates[0] in _G0 + _G1:
        target = 1 if intermediates[0] in _G1 else 0
        final, size = intermediates[1:2], 3 + multibyte
    else:
        final, size = (intermediates[:1], 3) if multibyte else (b"", 0)
    if final == b"!":  # ESC ( ! E is the long form of ANSEL
        final, size = data[at + size : at + size + 1], size + 1
    if not final or final[0] not in CODESETS:
        raise NotMarc8(at, min(at + 3, len(data)))
    return (g0, final[0], at + size) if target else (final[0], g1, at + size)
