"""Text and a regular expression → the part it finds, or the text rewritten."""

from __future__ import annotations

from functools import lru_cache

import regex

from etl.plugin import BadArgument, BadValue
from etl.template.filters.arguments import words, yes_or_no
from etl.template.filters.incoming import LONGEST, bounded, kind_of, text_of
from etl.values.quoting import quoted

TIMEOUT = 1.0
"""Seconds one search may take: a bound against patterns such as `(a|aa)+$`, nothing else."""
_LONGEST_PATTERN = 1000


def match(value: str | int | None, pattern: str, optional: bool = False) -> str | None:
    r"""The part of the text that the pattern finds: its first group if it has one, else all it matches.

    `pattern`: a regular expression, searched anywhere in the text. `optional`: true if text in which it
    is not found gives nothing; otherwise that is an error.

    >>> match("Order 4711 / Vuxen", "Order ([0-9]+)")
    '4711'
    >>> match("Vuxen", "Order ([0-9]+)", optional=True) is None
    True
    >>> match("Vuxen", "Order ([0-9]+)")
    Traceback (most recent call last):
    etl.plugin.BadValue: "Order ([0-9]+)" is not found in "Vuxen"
    """
    compiled = _compiled(pattern)
    yes_or_no(optional, "optional")
    text = text_of(value, "match")
    if text is None:
        return None
    try:
        found = compiled.search(text, timeout=TIMEOUT)
    except TimeoutError:
        raise _too_slow(pattern, text) from None
    if found is None:
        if optional:
            return None
        raise BadValue(
            "E436", f"{quoted(pattern)} is not found in {quoted(text)}", "optional=true gives nothing instead"
        )
    return found.group(1 if compiled.groups else 0) or None


def replace_re(value: str | int | None, pattern: str, replacement: str) -> str | None:
    r"""The text with everything that the pattern matches replaced.

    `pattern`: a regular expression. `replacement`: text; `\1` stands for the first group of the pattern.

    >>> replace_re("HUV-BARN", "-", "/")
    'HUV/BARN'
    >>> replace_re("Öberg, Åsa", "(.+), (.+)", r"\2 \1")
    'Åsa Öberg'
    >>> replace_re(["a"], "a", "b")
    Traceback (most recent call last):
    etl.plugin.BadValue: "replace_re" takes text, and got a list
    """
    compiled = _compiled(pattern)
    _check_replacement(compiled, replacement)
    text = text_of(value, "replace_re")
    if text is None:
        return None
    try:
        return _replaced(compiled, replacement, text) or None
    except TimeoutError:
        raise _too_slow(pattern, text) from None


def _replaced(compiled: regex.Pattern[str], replacement: str, text: str) -> str:
    """As `sub` does it, but stopping at the limit before memory does: `(?=(.*))` can square a text."""
    parts, length, at = [], 0, 0
    for found in compiled.finditer(text, timeout=TIMEOUT):
        parts += [text[at : found.start()], found.expand(replacement)]
        length += len(parts[-2]) + len(parts[-1])
        at = found.end()
        if length > LONGEST:
            break
    return bounded("".join([*parts, text[at:]]), "replace_re")


@lru_cache(maxsize=256)
def _compile(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern)


def _compiled(pattern: object) -> regex.Pattern[str]:
    text = words(pattern, "pattern")
    if len(text) > _LONGEST_PATTERN:
        raise BadArgument(
            f"pattern of {len(text)} characters is too long", f"the limit is {_LONGEST_PATTERN}"
        )
    try:
        return _compile(text)
    except regex.error as error:
        raise BadArgument(f"bad pattern {quoted(text)}: {error}") from None


def _check_replacement(compiled: regex.Pattern[str], replacement: object) -> None:
    if not isinstance(replacement, str):
        raise BadArgument(f"replacement must be text, not {kind_of(replacement)}")
    if len(replacement) > _LONGEST_PATTERN:
        raise BadArgument(f"replacement of {len(replacement)} characters is too long")
    try:
        # The empty alternative makes every pattern match empty text once, so that \1 is looked at.
        regex.compile(f"(?:{compiled.pattern})|").sub(replacement, "")
    except (regex.error, IndexError) as error:
        raise BadArgument(
            f"bad replacement {quoted(replacement)}: {error}", r"\1 needs a group in the pattern"
        ) from None


def _too_slow(pattern: str, text: str) -> BadValue:
    return BadValue(
        "E437",
        f"pattern {quoted(pattern)} took more than {TIMEOUT:g} s on {quoted(text)}",
        "a repetition inside a repetition is the usual cause",
    )
