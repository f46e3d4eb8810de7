"""Text of MARC fields → what a librarian reads in it."""

from __future__ import annotations

import regex

from etl.plugin import BadValue
from etl.template.filters.arguments import whole_number
from etl.template.filters.incoming import text_of
from etl.values.quoting import quoted

_CLOSING = regex.compile(r"(?<![\s/:;,=])[\s/:;,=]+$")
_REFERENCE = regex.compile(r"&(?:amp;){0,3}#?[0-9A-Za-z]{1,10}$")
_LAST_WORD = regex.compile(r"(?<![^\s([])(?P<word>[^\s([]+)\.$")
# Abbreviations that end titles, names and imprints in Swedish, English, German and Latin records.
_ABBREVIATED = """
    al anm approx assn aufl bd bil bros ca co cop corp dept dr dyl ed eds etc ff fl forts hrsg ill inc jfr jr
    kap ltd mfl no nr osv prof pt red sid soc sr st tr univ uppl utg verf vol vols vs övers
"""
_ABBREVIATIONS = frozenset(_ABBREVIATED.split())


def strip_isbd(value: str | None) -> str | None:
    """The text without the ISBD punctuation that closes a MARC subfield: `/ : ; , =` and the full stop.

    The stop stays behind initials (`Tolkien, J. R. R.`), abbreviations (`etc.`, `Jr.`, `m.fl.`), one or
    two letters or digits, and as part of an ellipsis.

    >>> strip_isbd("Sju nätter på Åland /")
    'Sju nätter på Åland'
    >>> strip_isbd("Stockholm : Förlaget Exempel, 2024.")
    'Stockholm : Förlaget Exempel, 2024'
    >>> strip_isbd("Davis, Sammy, Jr.,")
    'Davis, Sammy, Jr.'
    >>> strip_isbd("Smör &amp; /")  # the ; is a part of the sign
    'Smör &amp;'
    >>> strip_isbd("Pris i &amp;#x20AC; :")
    'Pris i &amp;#x20AC;'
    >>> strip_isbd(["a /"])
    Traceback (most recent call last):
    etl.plugin.BadValue: "strip_isbd" takes text, and got a list
    """
    text = text_of(value, "strip_isbd")
    if text is None:
        return None
    bare = _without_closing(text.strip())
    if bare.endswith(".") and _is_full_stop(bare):
        bare = _without_closing(bare[:-1])
    return bare or None


def _without_closing(text: str) -> str:
    bare = _CLOSING.sub("", text)
    is_reference = text.startswith(";", len(bare)) and _REFERENCE.search(bare) is not None
    return f"{bare};" if is_reference else bare


def _is_full_stop(text: str) -> bool:
    last = _LAST_WORD.search(text)
    if last is None:  # ") ." or a lone stop
        return not text.endswith("..")
    word = last["word"]
    if word[-1] in ")]\"'»”’?!":
        return True
    if word.endswith(".") or not any(c.isalnum() for c in word):
        return not word.endswith(".")  # "..." is an ellipsis, "/." is two marks
    letters = word.strip("'\"»«”“’()[]-")
    return len(letters) > 2 and "." not in letters and letters.casefold() not in _ABBREVIATIONS


def fixed(value: str | None, start: int, length: int = 1) -> str | None:
    """Positions of a fixed field (leader, 006, 007, 008), counted from 0 as the MARC documents do.

    `start`: first position. `length`: how many. Nothing but blanks, `#` or the fill character `|` is a
    missing value.

    >>> fixed("240311s2024    sw            000 1 swe  ", 35, 3)
    'swe'
    >>> fixed("240311s2024    sw            000 1 |||  ", 35, 3) is None
    True
    >>> fixed("240311s2024", 35, 3)
    Traceback (most recent call last):
    etl.plugin.BadValue: no positions 35-37 in a field of 11 characters
    """
    whole_number(start, "start", 0, 99_999)
    whole_number(length, "length", 1, 1000)
    text = text_of(value, "fixed")
    if text is None:
        return None
    end = start + length
    if len(text) < end:
        which = f"position {start}" if length == 1 else f"positions {start}-{end - 1}"
        raise BadValue("E438", f"no {which} in a field of {len(text)} characters")
    part = text[start:end]
    return None if not part.strip(" #|") else part


def leader_type(value: str | None) -> str | None:
    """The kind of material that leader positions 06 and 07 name, as MARC 21 abbreviates it.

    BK books, CR continuing resources, CF computer files, MP maps, MU music and sound, VM visual
    materials, MX mixed materials.

    >>> leader_type("00000nam a2200000 a 4500")
    'BK'
    >>> leader_type("00000nas a2200000 a 4500")
    'CR'
    >>> leader_type("00000nqm a2200000 a 4500")
    Traceback (most recent call last):
    etl.plugin.BadValue: leader "00000nqm a2200000 a 4500" names no known type of record
    """
    text = text_of(value, "leader_type")
    if text is None:
        return None
    kind, level = text[6:7], text[7:8]
    if kind == "a":
        found = "BK" if level in tuple("acdm") else "CR" if level in tuple("bis") else None
    else:
        found = _LEADER_06.get(kind)
    if found is None:
        raise BadValue(
            "E439", f"leader {quoted(text)} names no known type of record", "positions 06 and 07 count from 0"
        )
    return found


_LEADER_06 = {
    "t": "BK",
    "m": "CF",
    **dict.fromkeys("ef", "MP"),
    **dict.fromkeys("cdij", "MU"),
    **dict.fromkeys("gkor", "VM"),
    "p": "MX",
}
