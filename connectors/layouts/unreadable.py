"""A present value that cannot be parsed → the words of the problem it becomes."""

from __future__ import annotations


class Unreadable(ValueError):  # noqa: N818 - read aloud in reports, not in tracebacks
    """Raised by the readers of values; becomes a Problem at the record's place."""

    def __init__(self, code: str, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.help = code, message, help


def shown(text: str) -> str:
    """`text` in double quotes for a message: cut to 60 characters, invisible characters made visible.

    >>> shown("12\\n3")
    '"12\\\\n3"'
    """
    cut = text if len(text) <= 60 else text[:59] + "…"
    return (
        '"' + "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut) + '"'
    )
