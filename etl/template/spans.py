"""Template text → Jinja's syntax tree, whose expressions know from where to where they are written.

A message can then name what the author wrote: `copies | integer is empty`, at its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import nodes
from jinja2.parser import Parser

from etl.template.lexer import At, RememberingStream

Span = tuple[int, int]
"""Offsets of the first character and of the one behind the last."""


def span_of(node: nodes.Node) -> Span:
    """Where an expression stands in its template, without parentheses round it; (0, 0) if nobody wrote it."""
    written: Span | None = getattr(node, "span", None)
    if written is not None:
        return written
    parts = [span for span in map(span_of, node.iter_child_nodes()) if span != (0, 0)]
    return (min(start for start, _ in parts), max(end for _, end in parts)) if parts else (0, 0)


class SpanParser(Parser):
    """Jinja's own parser. What is in parentheses is written down first and keeps its span."""

    def parse_condexpr(self) -> nodes.Expr:
        return self._written(super().parse_condexpr)

    def parse_or(self) -> nodes.Expr:
        return self._written(super().parse_or)

    def parse_and(self) -> nodes.Expr:
        return self._written(super().parse_and)

    def parse_not(self) -> nodes.Expr:
        return self._written(super().parse_not)

    def parse_math1(self) -> nodes.Expr:
        return self._written(super().parse_math1)

    def parse_concat(self) -> nodes.Expr:
        return self._written(super().parse_concat)

    def parse_math2(self) -> nodes.Expr:
        return self._written(super().parse_math2)

    def parse_unary(self, with_filter: bool = True) -> nodes.Expr:
        return self._written(super().parse_unary, with_filter)

    def parse_primary(self, *args: Any, **kwargs: Any) -> nodes.Expr:
        return self._written(super().parse_primary, *args, **kwargs)

    def parse_test(self, node: nodes.Expr) -> nodes.Expr:
        """What is tested is read, the `is` behind it not yet."""
        if not hasattr(node, "span"):
            _write_down(node, span_of(node)[0], self._end)
        return super().parse_test(node)

    @property
    def _end(self) -> int:
        assert isinstance(self.stream, RememberingStream)  # noqa: S101 - our lexer made it
        return self.stream.last_end

    def _written(self, parse: Callable[..., nodes.Expr], *args: Any, **kwargs: Any) -> nodes.Expr:
        line = self.stream.current.lineno
        node = parse(*args, **kwargs)
        if not hasattr(node, "span"):
            _write_down(node, line.offset if isinstance(line, At) else 0, self._end)
        return node


def _write_down(node: nodes.Node, start: int, end: int) -> None:
    node.span = (start, end)  # type: ignore[attr-defined]
