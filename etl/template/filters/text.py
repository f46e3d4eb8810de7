"""Text of a catalogue or an order → the same text, tidied."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Mapping

import regex

from etl.plugin import BadArgument, BadValue, normalized
from etl.template.filters.arguments import whole_number
from etl.template.filters.incoming import bounded, kind_of, text_of, wrong_kind
from etl.values.quoting import quoted

_CLUSTER = regex.compile(r"\X")
# Letters that Unicode does not take apart into a base and a mark.
_BASES = str.maketrans({"ø": "o", "æ": "ae", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "œ": "oe", "ı": "i"})


def nfc(value: str | int | None) -> str | None:
    r"""The text with composed letters (NFC): `å` as one character, not as `a` and a ring.

    >>> nfc("Sjo\u0308berg")
    'Sjöberg'
    >>> nfc(["Sjöberg"])
    Traceback (most recent call last):
    etl.plugin.BadValue: "nfc" takes text, and got a list
    """
    text = text_of(value, "nfc")
    return None if text is None else bounded(normalized("NFC", text), "nfc")


def squeeze(value: str | int | None) -> str | None:
    r"""The text with every run of blanks and line breaks made one space, and none at its ends.

    >>> squeeze("  Sju nätter \n på  Åland ")
    'Sju nätter på Åland'
    >>> squeeze({})
    Traceback (most recent call last):
    etl.plugin.BadValue: "squeeze" takes text, and got a mapping
    """
    text = text_of(value, "squeeze")
    return None if text is None else " ".join(text.split())


def unescape_html(value: str | int | None) -> str | None:
    """The text with HTML entities resolved, once: `&amp;amp;` becomes `&amp;`, not `&`.

    >>> unescape_html("Strindberg &amp; Co")
    'Strindberg & Co'
    >>> unescape_html("1 &amp;lt; 2")
    '1 &lt; 2'
    >>> unescape_html(["&amp;"])
    Traceback (most recent call last):
    etl.plugin.BadValue: "unescape_html" takes text, and got a list
    """
    text = text_of(value, "unescape_html")
    return None if text is None else html.unescape(text)


def fold(value: str | int | None) -> str | None:
    """The text for comparing: no capitals, no accents, single spaces. Not for sending to Alma.

    >>> fold("  FÖRFATTARE ")
    'forfattare'
    >>> fold("Ærø") == fold("aero")
    True
    >>> fold([])
    Traceback (most recent call last):
    etl.plugin.BadValue: "fold" takes text, and got a list
    """
    text = text_of(value, "fold")
    if text is None:
        return None
    apart = normalized("NFKD", text.casefold()).translate(_BASES)
    bare = "".join(c for c in apart if not unicodedata.combining(c))
    return bounded(" ".join(bare.split()), "fold")


def truncate_bytes(value: str | int | None, limit: int) -> str | None:
    """The beginning of the text that fits in so many bytes of UTF-8; no letter is ever cut in two.

    `limit`: bytes, 1 to 100000. Letters with their accents stay together, and blanks at the cut go. A
    text that is cut to nothing (a first letter longer than the limit) is an error.

    >>> truncate_bytes("Åsa Öberg", 6)
    'Åsa'
    >>> truncate_bytes("Åsa", 100)
    'Åsa'
    >>> truncate_bytes("Åsa", 1)
    Traceback (most recent call last):
    etl.plugin.BadValue: nothing of "Åsa" fits in 1 byte
    """
    whole_number(limit, "limit", 1, 100_000)
    text = text_of(value, "truncate_bytes")
    if text is None or len(text.encode("utf-8", "surrogatepass")) <= limit:
        return text
    kept, used = [], 0
    for cluster in _CLUSTER.finditer(text):
        used += len(cluster.group().encode("utf-8", "surrogatepass"))
        if used > limit:
            break
        kept.append(cluster.group())
    cut = "".join(kept).rstrip()
    if not cut.strip():
        raise BadValue("E435", f"nothing of {quoted(text)} fits in {limit} byte{'s' if limit > 1 else ''}")
    return cut


def join_nonempty(value: str | int | list[str | int | None] | None, separator: str = " ") -> str | None:
    """The texts of a list that are not empty, joined by `separator`.

    >>> join_nonempty(["Öberg, Åsa", None, "", "2024"], "; ")
    'Öberg, Åsa; 2024'
    >>> join_nonempty([["a"]])
    Traceback (most recent call last):
    etl.plugin.BadValue: "join_nonempty" takes text, and got a list
    """
    if not isinstance(separator, str):
        raise BadArgument(f"separator must be text, not {kind_of(separator)}")
    if isinstance(value, Mapping):
        raise wrong_kind(value, "join_nonempty", "a list of texts")
    texts = [text_of(one, "join_nonempty") for one in (value if isinstance(value, list | tuple) else [value])]
    joined = separator.join(text.strip() for text in texts if text is not None)
    return bounded(joined, "join_nonempty") or None
