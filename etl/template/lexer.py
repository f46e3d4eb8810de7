"""Template text → Jinja tokens that know their column.

Jinja's nodes carry a line number only. The lexer yields every token with its text, so the offset can be
had; it is smuggled to the nodes inside the line number, an int that also knows its offset.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from jinja2.exceptions import TemplateSyntaxError
from jinja2.lexer import Lexer, Token, TokenStream

from etl.template.arithmetic import plain


class At(int):
    """A line number with the offsets, in characters, of where its token begins and ends."""

    offset: int
    end: int

    def __new__(cls, line: int, offset: int, end: int) -> At:
        at = super().__new__(cls, line)
        at.offset, at.end = offset, end
        return at


def offset_of(lineno: int) -> int:
    """The offset carried by a node's line number (0 for nodes that Jinja made up itself)."""
    return lineno.offset if isinstance(lineno, At) else 0


class RememberingStream(TokenStream):
    """Jinja's own stream, which knows where the last token it gave ended."""

    last_end = 0

    def __next__(self) -> Token:
        token = super().__next__()
        self.last_end = token.lineno.end if isinstance(token.lineno, At) else self.last_end
        return token

    def look(self) -> Token:
        end = self.last_end
        token = super().look()
        self.last_end = end
        return token


class PositionLexer(Lexer):
    """Jinja's own lexer; the line numbers are richer, and `24.90` is a Decimal with its two decimals."""

    def tokenize(
        self, source: str, name: str | None = None, filename: str | None = None, state: str | None = None
    ) -> TokenStream:
        stream = self.tokeniter(source, name, filename, state)
        return RememberingStream(self.wrap(stream, name, filename), name, filename)

    def wrap(
        self, stream: Iterable[tuple[int, str, str]], name: str | None = None, filename: str | None = None
    ) -> Iterator[Token]:
        spelled = ""

        def remembered() -> Iterator[tuple[int, str, str]]:
            nonlocal spelled
            for raw in stream:
                spelled = raw[2]
                yield raw

        for token in super().wrap(remembered(), name, filename):
            if token.type == "float":
                number: Any = plain(Decimal(spelled.replace("_", "")))
                token = Token(token.lineno, "float", number)
            yield token

    def tokeniter(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> Iterator[tuple[int, str, str]]:
        at = 0
        try:
            for line, token, text in super().tokeniter(source, name, filename, state):
                found = source.find(text, at)
                if found >= 0:  # white-space control strips text without a token: search, do not add up
                    at = found
                yield At(line, at, at + len(text)), token, text
                at += len(text) if found >= 0 else 0
        except TemplateSyntaxError as error:  # behind the last token that could be read
            error.lineno = At(error.lineno, at, at)
            raise
