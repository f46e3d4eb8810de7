"""A text that could not be read → the text as messages quote it."""

from __future__ import annotations

_SHOWN = 60


def quoted(text: str) -> str:
    """`text` in double quotes for a message: cut to 60 characters, invisible characters made visible.

    >>> quoted("12\\n3")
    '"12\\\\n3"'
    """
    cut = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return (
        '"' + "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut) + '"'
    )
