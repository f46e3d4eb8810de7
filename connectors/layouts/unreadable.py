"""A present value that cannot be parsed → the words of the problem it becomes."""

from __future__ import annotations

from etl.values.quoting import quoted as shown

__all__ = ["Unreadable", "shown"]


class Unreadable(ValueError):  # noqa: N818 - read aloud in reports, not in tracebacks
    """Raised by the readers of values; becomes a Problem at the record's place."""

    def __init__(self, code: str, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.help = code, message, help
