"""A group of problems → the text a person reads.

error[E412] not an amount: "129,00 kr"
  data     samples/2024-10.csv:57  column pris  (record 56)
  mapping  mappings/btj/po_line.yaml:22:17  fields.price.sum
   22 |   price: {sum: "{{ pris }}", currency: SEK}
                        ^^^^^^^^^^
  help     try  {{ pris | amount("sv") }}
"""

from __future__ import annotations

import os
import re

import click

from etl.cli.mapping_text import shown_lines
from etl.problems import MappingPlace, Problem, Severity
from etl.run.problem_log import Group

_COLOURS = {Severity.ERROR: "red", Severity.HOLD: "yellow", Severity.WARNING: "cyan"}
_WIDEST = 140
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]|\x1b(?!\[\d*m)")


class Snippets:
    """Lines of mapping files, read once."""

    def __init__(self) -> None:
        self._files: dict[str, list[str]] = {}

    def line(self, place: MappingPlace) -> str | None:
        """The line a place is on, if the file can be read: it is only shown, so we can do without."""
        if place.file not in self._files:
            self._files[place.file] = shown_lines(place.file)
        lines = self._files[place.file]
        return lines[place.line - 1] if 0 < place.line <= len(lines) else None


def group_text(group: Group, snippets: Snippets) -> str:
    """One group: the first example in full, then where else. A hint stands with what it was given for."""
    first = group.examples[0]
    lines = [_head(first, group.count)]
    if first.data is not None:
        lines.append(f"  data     {first.data}")
    if first.mapping is not None:
        lines.append(_place(first.mapping))
        lines += _snippet(first.mapping, snippets)
    if first.help:
        lines.append(f"  help     {first.help}")
    for example in group.examples[1:]:
        said = "" if example.message == first.message else f"  {example.message}"
        lines.append(f"  also     {example.data or example.mapping or ''}{said}")
        if example.help and example.help != first.help:
            lines.append(f"           help: {example.help}")
    rest = group.count - len(group.examples)
    if rest > 0:
        lines.append(f"  and {rest:,} more like it")
    return "\n".join(_CONTROL.sub(_escaped, line) for line in lines)


def _escaped(found: re.Match[str]) -> str:
    """What a vendor's file holds may not drive the terminal."""
    return f"\\x{ord(found[0]):02x}"


def _head(problem: Problem, count: int) -> str:
    word = _style(f"{problem.severity.value}[{problem.code}]", _COLOURS[problem.severity])
    times = f" ({count:,} times)" if count > 1 else ""
    return f"{word} {problem.message}{times}"


def _place(place: MappingPlace) -> str:
    """A file or option as a whole is no place in a mapping."""
    label = "mapping" if place.line else "at     "
    return f"  {label}  {place}" + (f"  {place.path}" if place.path else "")


def _snippet(place: MappingPlace, snippets: Snippets) -> list[str]:
    line = snippets.line(place)
    if line is None:
        return []
    gutter = f"{place.line:>5} | "
    start = max(0, place.column - 1 - _WIDEST + 40) if len(line) > _WIDEST else 0
    shown = line[start : start + _WIDEST].replace("\t", " ")
    at = place.column - 1 - start
    length = max(1, min(place.length, len(shown) - at))
    return [gutter + shown, " " * (len(gutter) + at) + _style("^" * length, "green")]


def _style(text: str, colour: str) -> str:
    return text if os.environ.get("NO_COLOR") else click.style(text, fg=colour)
