"""The mnemonics of MARCMaker → the MARC-8 bytes they stand for.

`{acute}e` is é: a mnemonic for an accent stands before its letter, as the accent itself does in MARC-8. The
list is the Library of Congress's (https://www.loc.gov/marc/makrbrkr.html), with the pairs that MarcEdit
writes for characters of ASCII that have a meaning in the format.
"""

from __future__ import annotations

import re

MNEMONIC = re.compile(rb"\{([A-Za-z0-9]{1,9})\}")

_NAMES = {
    0x1B: "esc", 0x24: "dollar", 0x5C: "bsol", 0x7B: "lcub", 0x7D: "rcub", 0x7C: "verbar", 0x27: "apos",
    0x60: "grav", 0x26: "amp", 0x22: "quot", 0x3C: "lt", 0x3E: "gt", 0x5E: "circum", 0x7E: "tild",
    0x8D: "joiner", 0x8E: "nonjoin", 0xA1: "Lstrok", 0xA2: "Ostrok", 0xA3: "Dstrok", 0xA4: "THORN",
    0xA5: "AElig", 0xA6: "OElig", 0xA7: "softsign", 0xA8: "middot", 0xA9: "flat", 0xAA: "reg",
    0xAB: "plusmn", 0xAC: "Ohorn", 0xAD: "Uhorn", 0xAE: "mlrhring", 0xB0: "mllhring", 0xB1: "lstrok",
    0xB2: "ostrok", 0xB3: "dstrok", 0xB4: "thorn", 0xB5: "aelig", 0xB6: "oelig", 0xB7: "hardsign",
    0xB8: "inodot", 0xB9: "pound", 0xBA: "eth", 0xBC: "ohorn", 0xBD: "uhorn", 0xC0: "deg", 0xC1: "scriptl",
    0xC2: "phono", 0xC3: "copy", 0xC4: "sharp", 0xC5: "iquest", 0xC6: "iexcl", 0xC7: "szlig", 0xC8: "euro",
    0xE0: "hooka", 0xE1: "grave", 0xE2: "acute", 0xE3: "circ", 0xE4: "tilde", 0xE5: "macr", 0xE6: "breve",
    0xE7: "dot", 0xE8: "uml", 0xE9: "caron", 0xEA: "ring", 0xEB: "llig", 0xEC: "rlig", 0xED: "rcommaa",
    0xEE: "dblac", 0xEF: "candra", 0xF0: "cedil", 0xF1: "ogon", 0xF2: "dotb", 0xF3: "dbldotb", 0xF4: "ringb",
    0xF5: "dblunder", 0xF6: "under", 0xF7: "commab", 0xF8: "rcedil", 0xF9: "breveb", 0xFA: "ldbltil",
    0xFB: "rdbltil", 0xFE: "commaa",
}  # fmt: skip
_LETTERS = {
    "Aacute": "E241", "aacute": "E261", "Agrave": "E141", "agrave": "E161", "Aring": "EA41", "aring": "EA61",
    "Auml": "E841", "auml": "E861", "Ouml": "E84F", "ouml": "E86F", "Uuml": "E855", "uuml": "E875",
    "Eacute": "E245", "eacute": "E265", "Egrave": "E145", "egrave": "E165", "Ccedil": "F043",
    "ccedil": "F063", "Ntilde": "E44E", "ntilde": "E46E",
}  # fmt: skip

BYTES: dict[bytes, bytes] = {
    **{name.encode(): bytes([byte]) for byte, name in _NAMES.items()},
    **{name.encode(): bytes.fromhex(made) for name, made in _LETTERS.items()},
}


def meaning(name: bytes) -> bytes | None:
    """MARC-8 bytes of a mnemonic; `{1F}` is a byte by its hexadecimal number; None: no mnemonic.

    >>> meaning(b"aring"), meaning(b"1F"), meaning(b"nosuch")
    (b'\\xeaa', b'\\x1f', None)
    """
    found = BYTES.get(name)
    if found is None and re.fullmatch(rb"[0-9A-F]{2}", name):
        return bytes.fromhex(name.decode())
    return found
