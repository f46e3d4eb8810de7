"""Template text → Jinja tokens that know their column.

Jinja's nodes carry a line number only. The lexer yields every token with its text, so the offset can be
had; it is smuggled to the nodes inside the line number, an int that also knows its offset.
"""

from __future__ import annotations

from collections.abc import Iterator

from jinja2.exceptions import TemplateSyntaxError
from jinja2.lexer import Lexer


class At(int):
    """A line number with the offset, in characters, of its token in the template."""

    offset: int

    def __new__(cls, line: int, offset: int) -> At:
        at = super().__new__(cls, line)
        at.offset = offset
        return at


def offset_of(lineno: int) -> int:
    """The offset carried by a node's line number (0 for nodes that Jinja made up itself)."""
    return lineno.offset if isinstance(lineno, At) else 0


class PositionLexer(Lexer):
    """Jinja's own lexer; only the line numbers are richer."""

    def tokeniter(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> Iterator[tuple[int, str, str]]:
        at = 0
        try:
            for line, token, text in super().tokeniter(source, name, filename, state):
                found = source.find(text, at)
                if found >= 0:  # white-space control strips text without a token: search, do not add up
                    at = found
                yield At(line, at), token, text
                at += len(text) if found >= 0 else 0
        except TemplateSyntaxError as error:  # behind the last token that could be read
            error.lineno = At(error.lineno, at)
            raise
