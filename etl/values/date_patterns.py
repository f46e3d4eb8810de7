"""A pattern such as `DD.MM.YYYY` → what it matches, or BadArgument."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import regex

from etl.plugin import BadArgument
from etl.values.quoting import quoted

NAMED = ("iso", "excel", "msjson", "edifact102")
_SAME_AS = {"iso": "YYYY-MM-DD", "edifact102": "YYYYMMDD"}
_PIECES = {
    "YYYY": r"(?P<year>[0-9]{4})",
    "YY": r"(?P<short>[0-9]{2})",
    "MM": r"(?P<month>[0-9]{2})",
    "M": r"(?P<month>[0-9]{1,2})",
    "DD": r"(?P<day>[0-9]{2})",
    "D": r"(?P<day>[0-9]{1,2})",
    "HH": r"(?:[01][0-9]|2[0-3])",
    "hh": r"(?:[01][0-9]|2[0-3])",
    "mm": r"[0-5][0-9]",
    "ss": r"[0-5][0-9]",
}
_TOKEN = regex.compile("|".join(_PIECES) + r"|(?P<literal>[-./: T,]+)|(?P<other>.)", regex.DOTALL)
_WIDTH = {"YYYY": 4}


@dataclass(frozen=True, slots=True)
class Pattern:
    """`shape` is what the eye sees: runs of digits and what is between them."""

    text: str
    matches: regex.Pattern[str]
    order: tuple[str, ...]
    shape: str


@lru_cache(maxsize=256)
def pattern_of(text: str) -> Pattern:
    """The pattern read. Raises BadArgument for one that has not exactly one year, month and day."""
    order, expression, shape = [], "", ""
    width = 0
    for found in _TOKEN.finditer(text):
        token = found.group()
        if found["other"] is not None:
            raise BadArgument(
                f"unknown letter {quoted(token)} in date format {quoted(text)}", _help_for(text)
            )
        if found["literal"] is not None:
            expression += regex.escape(token)
            shape += f"{width or ''}{token}"
            width = 0
        else:
            expression += _PIECES[token]
            width += _WIDTH.get(token, 2)
            order.append(token[0])
    if sorted(part for part in order if part in "YMD") != ["D", "M", "Y"]:
        raise BadArgument(f"date format {quoted(text)} needs year, month and day, once each", _help_for(text))
    return Pattern(text, regex.compile(expression), tuple(order), f"{shape}{width or ''}")


@lru_cache(maxsize=256)
def check_formats(formats: tuple[str, ...]) -> tuple[str, ...]:
    """All formats of one `date(…)`. Raises BadArgument when two of them read the same digits differently.

    `DD.MM.YYYY` beside `MM.DD.YYYY` would make a guess of every date: the order of trial would decide.
    """
    seen: dict[str, Pattern] = {}
    for one in formats:
        if one in NAMED and one not in _SAME_AS:
            continue
        pattern = pattern_of(_SAME_AS.get(one, one))
        twin = seen.setdefault(pattern.shape, pattern)
        if twin.order != pattern.order:
            raise BadArgument(
                f"date formats {quoted(twin.text)} and {quoted(one)} cannot be told apart",
                "keep the one this vendor uses",
            )
    return formats


def _help_for(text: str) -> str:
    if "%" in text:
        return "write YYYY-MM-DD, not %Y-%m-%d"
    return "use YYYY YY MM M DD D HH mm ss with - . / : T between, or one of " + ", ".join(NAMED)
