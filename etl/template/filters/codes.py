"""Codes and flags of a vendor → parts, booleans, other codes."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import NotRequired, TypedDict

import regex

from etl.plain_answer import plain_answer
from etl.plugin import BadArgument, BadValue
from etl.template.filters.arguments import yes_or_no
from etl.template.filters.incoming import is_missing, kind_of, text_of
from etl.values.quoting import quoted

_NO_DEFAULT = object()


def yes_no(value: str | int | bool | None, empty: bool | None = None) -> bool | None:
    """A flag as true or false: J/N, Ja/Nej, Y/N, yes/no, 1/0, X, true/false, sant/falskt, in any case.

    `empty`: what an empty cell means (`false` for columns of X and nothing); not given, it stays missing.

    >>> yes_no("Ja")
    True
    >>> yes_no("", empty=False)
    False
    >>> yes_no("kanske")
    Traceback (most recent call last):
    etl.plugin.BadValue: neither yes nor no: "kanske"
    """
    if empty is not None:
        yes_or_no(empty, "empty")
    if isinstance(value, bool):
        return value
    text = text_of(value, "yes_no")
    if text is None:
        return empty
    answer = plain_answer(text)
    if answer is not None:
        return answer
    raise BadValue(
        "E430", f"neither yes nor no: {quoted(text)}", "translate other words with | map_value({…})"
    )


def map_value(value: str | int | None, table: Mapping[str, object], missing: object = _NO_DEFAULT) -> object:
    """The value that a small table gives for this text; longer tables belong into a lookup.

    `table`: `{"BB": "BOOK", "CD": "AUDIO"}`; text as keys, compared exactly. `missing`: what any other
    text gives (`none` leaves it out); not given, other text is an error.

    >>> map_value("BB", {"BB": "BOOK", "CD": "AUDIO"})
    'BOOK'
    >>> map_value("DG", {"BB": "BOOK", "CD": "AUDIO"}, missing="OTHER")
    'OTHER'
    >>> map_value("bb", {"BB": "BOOK", "CD": "AUDIO"})
    Traceback (most recent call last):
    etl.plugin.BadValue: "bb" is not in the table of map_value
    """
    if not isinstance(table, Mapping):
        raise BadArgument(f"map_value takes a table, not {kind_of(table)}", 'write {"BB": "BOOK"}')
    for key in table:
        if not isinstance(key, str) or not key:
            raise BadArgument(
                f"the table of map_value has {kind_of(key)} as key", "write its keys as text, in quotes"
            )
    text = text_of(value, "map_value")
    if text is None:
        return None
    key = text.strip()
    if key in table:
        return table[key]
    if missing is not _NO_DEFAULT:
        return missing
    slip = [known for known in table if known.casefold() == key.casefold()]
    alike = [known for known in list(table)[:1000] if len(known) <= 200] if len(key) <= 200 else []
    near = slip or get_close_matches(key, alike, n=1)
    way_out = f'did you mean "{near[0]}"?' if near else "add it, or say what others give: missing=…"
    raise BadValue("E431", f"{quoted(text)} is not in the table of map_value", way_out)


class CodeParts(TypedDict):
    """A glued code taken apart; the year only if it was asked for."""

    branch: str
    location: str
    year: NotRequired[str]


def split_codes(
    value: str | None, branches: object, locations: object, year: bool = False
) -> CodeParts | None:
    """A glued code such as HUVBARN2024 as its parts `branch`, `location` and, if asked for, `year`.

    `branches`, `locations`: lists of the known codes, compared exactly. `year`: true if four digits end
    the code. The whole code has to be a known branch and a known location; where two splits fit, the
    longer location wins, as at the receivers of BTJ's ship notices.

    >>> split_codes("HUVBARN2024", ["HUV", "FIL"], ["BARN", "VUX"], year=True)
    {'branch': 'HUV', 'location': 'BARN', 'year': '2024'}
    >>> split_codes("HUVBARN", ["HUV"], ["BARN", "ARN"])
    {'branch': 'HUV', 'location': 'BARN'}
    >>> split_codes("HUVUNG2024", ["HUV", "FIL"], ["BARN", "VUX"], year=True)
    Traceback (most recent call last):
    etl.plugin.BadValue: "HUVUNG2024" is not a known branch, a known location and a year
    """
    known_branches = frozenset(_code_list(branches, "branches"))
    known_locations = sorted(_code_list(locations, "locations"), key=lambda code: (-len(code), code))
    yes_or_no(year, "year")
    text = text_of(value, "split_codes")
    if text is None:
        return None
    glued = text.strip()
    end = glued[-4:] if year else ""
    body = glued.removesuffix(end) if year else glued
    if not year or regex.fullmatch(r"(?:19|20)[0-9]{2}", end):
        for location in known_locations:
            if body.endswith(location) and body.removesuffix(location) in known_branches:
                parts: CodeParts = {"branch": body.removesuffix(location), "location": location}
                return {**parts, "year": end} if year else parts
    what = "a known branch, a known location and a year" if year else "a known branch and a known location"
    raise BadValue(
        "E434", f"{quoted(text)} is not {what}", f"branches known: {', '.join(sorted(known_branches)[:10])}"
    )


def _code_list(value: object, name: str) -> list[str]:
    if not isinstance(value, list | tuple):
        raise BadArgument(f"{name} must be a list of codes, not {kind_of(value)}")
    if not value or any(not isinstance(code, str) or is_missing(code) for code in value):
        raise BadArgument(f"{name} must be a list of codes, each of them text and none empty")
    return [code.strip() for code in value]
