"""A group of problems → the lines a person reads.

error[E412] not an amount: "129,00 kr"
  data     samples/2024-10.csv:57  column pris  (record 56)
  mapping  mappings/btj/po_line.yaml:22:17  fields.price.sum
   22 |   price: {sum: "{{ pris }}", currency: SEK}
                        ^^^^^^^^^^
  help     try  {{ pris | amount("sv") }}
"""

from __future__ import annotations

from dataclasses import dataclass

from etl.cli.mapping_text import shown_lines
from etl.problems import MappingPlace, Problem, Severity
from etl.run.problem_log import Group
from etl.shown import visible

_COLOURS = {
    Severity.ERROR: "red", Severity.HOLD: "yellow", Severity.WARNING: "cyan", Severity.NOTE: "blue",
}  # fmt: skip
_WIDEST = 140


@dataclass(frozen=True, slots=True)
class Coloured:
    """A piece of a line that we made, and its colour on a terminal."""

    text: str
    colour: str


Line = str | tuple[str | Coloured, ...]
"""One line on the screen, without its end; in pieces where a colour is due, the first of them ours."""


class Snippets:
    """Lines of mapping files, read once."""

    def __init__(self) -> None:
        self._files: dict[str, list[str]] = {}

    def line(self, place: MappingPlace) -> str | None:
        """The line a place is on, if the file can be read: it is only shown, so we can do without."""
        if place.line < 1:
            return None
        if place.file not in self._files:
            self._files[place.file] = shown_lines(place.file)
        lines = self._files[place.file]
        return lines[place.line - 1] if place.line <= len(lines) else None


def group_lines(group: Group, snippets: Snippets) -> list[Line]:
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
        lines.append(f"  also     {_elsewhere(example)}{said}")
        if example.help and example.help != first.help:
            lines.append(f"           help: {example.help}")
    rest = group.count - len(group.examples)
    if rest > 0:
        lines.append(f"  and {rest:,} more like it")
    return lines


def _head(problem: Problem, count: int) -> Line:
    times = f" ({count:,} times)" if count > 1 else ""
    word = Coloured(f"{problem.severity.value}[{problem.code}]", _COLOURS[problem.severity])
    return word, f" {problem.message}{times}"


def _elsewhere(problem: Problem) -> str:
    """Where else it is so; of a file as a whole, the address within it."""
    place = problem.mapping
    inside = f"  {place.path}" if place is not None and not place.line and place.path else ""
    return f"{problem.data or place or ''}{inside}"


def _place(place: MappingPlace) -> str:
    """A file or option as a whole is no place in a mapping."""
    label = "mapping" if place.line else "at     "
    return f"  {label}  {place}" + (f"  {place.path}" if place.path else "")


def _snippet(place: MappingPlace, snippets: Snippets) -> list[Line]:
    line = snippets.line(place)
    if line is None:
        return []
    gutter = f"{place.line:>5} | "
    start = max(0, place.column - 1 - _WIDEST + 40) if len(line) > _WIDEST else 0
    shown = line[start : start + _WIDEST].replace("\t", " ")
    at = place.column - 1 - start
    length = max(1, min(place.length, len(shown) - at))
    # what is not seen in the mapping is seen here as an escape, and takes more room
    before = len(visible(shown[:at])) + max(0, at - len(shown))
    under = max(1, len(visible(shown[at : at + length])))
    return [gutter + shown, (" " * (len(gutter) + before), Coloured("^" * under, "green"))]
