"""Template text → Jinja's syntax tree, whose expressions know from where to where they are written.

A message can then name what the author wrote: `copies | integer is empty`, at its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from jinja2 import Environment, nodes
from jinja2.parser import Parser

from etl.template.lexer import RememberingStream, offset_of

Node = TypeVar("Node", bound=nodes.Expr)
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

    def __init__(self, environment: Environment, source: str, name: str | None, filename: str | None) -> None:
        super().__init__(environment, source, name, filename)
        self._source = source
        self._starts = [0]

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

    def parse_subscript(self, node: nodes.Expr) -> nodes.Getattr | nodes.Getitem:
        return self._behind(super().parse_subscript(node))

    def parse_call(self, node: nodes.Expr) -> nodes.Call:
        return self._behind(super().parse_call(node))

    def parse_filter(self, node: nodes.Expr | None, start_inline: bool = False) -> nodes.Expr | None:
        """A chain is read at once: each filter in it ends where the bar before the next one begins."""
        found = super().parse_filter(node, start_inline)
        one, end = found, self._end
        while isinstance(one, nodes.Filter) and one is not node:
            _write_down(one, self._starts[-1], end)
            end = len(self._source[: offset_of(one.lineno)].rstrip().removesuffix("|").rstrip())
            one = one.node
        return found

    @property
    def _end(self) -> int:
        assert isinstance(self.stream, RememberingStream)  # noqa: S101 - our lexer made it
        return self.stream.last_end

    def _written(self, parse: Callable[..., nodes.Expr], *args: Any, **kwargs: Any) -> nodes.Expr:
        self._starts.append(offset_of(self.stream.current.lineno))
        node = parse(*args, **kwargs)
        start = self._starts.pop()
        if not hasattr(node, "span"):
            _write_down(node, start, self._end)
        return node

    def _behind(self, node: Node) -> Node:
        """What stands behind an expression belongs to it from its beginning on."""
        _write_down(node, self._starts[-1], self._end)
        return node


def _write_down(node: nodes.Node, start: int, end: int) -> None:
    node.span = (start, end)  # type: ignore[attr-defined]
