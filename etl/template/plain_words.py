"""What Python and Jinja say about a failure → the same in a mapping author's words."""

from __future__ import annotations

import re

MAX_SHOWN = 60
"""Characters of an expression that a message shows."""
_OPERATOR = re.compile(r"\A-|\bnot | (?:or|and|if|in|is|[-+*/%<>=!~]{1,2}) ")
_KINDS = {
    "str": "a text",
    **dict.fromkeys(("int", "float", "Decimal", "decimal.Decimal"), "a number"),
    **dict.fromkeys(("list", "tuple"), "a list"),
    **dict.fromkeys(("date", "datetime.date", "datetime"), "a date"),
    "dict": "a group of values",
    "bool": "true or false",
    "Row": "a lookup row",
    "NoneType": "null",
}
_KIND = re.compile(r"'(" + "|".join(map(re.escape, _KINDS)) + r")'")
_PHRASES = (
    (re.compile(r"^'(\w+)' is undefined$"), r'"\1" is undefined'),
    (re.compile(r"^'?(?:[\w.]+\.)?(\w+) object'? has no attribute '(.+)'$"), "there is no \"\\2\" in '\\1'"),
    (re.compile(r"^(?:[\w.]+\.)?(\w+) object has no element (.+)$"), r"there is no member \2 in '\1'"),
    (
        re.compile(r"^'(\S+)' not supported between instances of (.+) and (.+)$"),
        r"\1 does not compare \2 with \3",
    ),
    (
        re.compile(r"^unsupported operand type\(s\) for (\S+): (.+) and (.+)$"),
        r"\1 does not go with \2 and \3",
    ),
    (re.compile(r'^can only concatenate str \(not "(.+)"\) to str$'), r"+ does not join a text and '\1'"),
    (re.compile(r"^('\w+') object is not (\w+)$"), r"\1 is not \2"),
)


def shown(expression: str) -> str:
    """An expression as a message shows it: on one line, and not all of a long one."""
    text = " ".join(expression.split())
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"


def bracketed(expression: str) -> str:
    """An expression as it may stand before `is`, `>` or a filter."""
    return f"({expression})" if _OPERATOR.search(expression) else expression


def filled_in(help: str | None, expression: str) -> str | None:
    """A help in whose template … stands for what is written there, with that in it.

    >>> filled_in("convert it:  {{ … | integer }}", "row.copies")
    'convert it:  {{ row.copies | integer }}'
    """
    return help.replace("…", bracketed(expression)) if help and "{{" in help else help


def kind_in_words(value: object) -> str:
    """What a value is: `a number`, `a list`, `a lookup row`."""
    kind = "list" if isinstance(value, list | tuple) else type(value).__name__
    return _KINDS.get(kind, f"a {kind.lower()}")


def in_plain_words(message: str) -> str:
    """`'>' not supported between …` → `> does not compare a text with a number`."""
    for pattern, words in _PHRASES:
        message = pattern.sub(words, message)
    return _KIND.sub(lambda found: _KINDS[found[1]], message)
