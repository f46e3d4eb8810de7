"""An article about one thing → lines for a terminal, or a section of a page of the documentation.

Both come from here: what `etl list KIND NAME` says is what the page says.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

_WIDEST = 110
_NARROW = 34


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of equal length under their heads. The first column is a name, as it is written."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Lines to be shown as they are."""

    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Article:
    """A name and what is said of it: paragraphs (Markdown), grids and lines in their order."""

    name: str
    blocks: Sequence[str | Grid | Verbatim]


def plain(article: Article) -> Iterator[str]:
    """Lines of a terminal: grids in columns, long cells folded under themselves."""
    yield article.name
    for block in article.blocks:
        yield ""
        match block:
            case str():
                for line in block.splitlines():
                    yield from textwrap.wrap(line, _WIDEST) if len(line) > _WIDEST else (line,)
            case Verbatim(lines):
                yield from (f"  {line}" for line in lines)
            case Grid():
                yield from (f"{block.title}:", *_columns(block))


def page(head: str, articles: Sequence[Article]) -> str:
    """A whole page as Markdown: its head, a line of contents, a section for each; ends with a line feed."""
    contents = " · ".join(f"[`{one.name}`](#{_anchor(one.name)})" for one in articles)
    sections = [part for one in articles for part in _section(one)]
    return "\n".join([head.rstrip(), "", contents, "", *sections])


def _section(article: Article) -> Iterator[str]:
    yield f"## {article.name}"
    yield ""
    for block in article.blocks:
        match block:
            case str():
                yield block
            case Verbatim(lines):
                yield "\n".join(["```text", *lines, "```"])
            case Grid(title, head, rows):
                yield f"{title}:\n"
                yield f"| {' | '.join(head)} |\n|{'---|' * len(head)}"
                for first, *others in rows:
                    yield f"| `{first}` | {' | '.join(one.replace('|', chr(92) + '|') for one in others)} |"
        yield ""


def _anchor(name: str) -> str:
    return name.lower().replace(" ", "-")


def _columns(grid: Grid) -> Iterator[str]:
    """Cells side by side; all but the names are folded where they are long."""
    rows = [grid.head, *grid.rows]
    widths = [max(len(row[at]) for row in rows) for at in range(len(grid.head))]
    widths[1:-1] = [min(width, _NARROW) for width in widths[1:-1]]
    widths[-1] = max(_WIDEST - sum(widths[:-1]) - 2 * len(widths), _NARROW)
    for row in rows:
        cells = [textwrap.wrap(cell, width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        for folded in zip_longest([row[0]], *cells, fillvalue=""):
            padded = (cell.ljust(width) for cell, width in zip(folded, widths, strict=True))
            yield ("  " + "  ".join(padded)).rstrip()
