"""A YAML text and the line at which its parser gave up → the slip, where it is, and what to write."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from etl.slips import yaml_characters, yaml_structure
from etl.slips.repair import Slip, likeliest
from etl.slips.yaml_lines import YamlLine, YamlLines, lines_of

_KINDS: tuple[Callable[[YamlLines, YamlLine], Iterator[Slip]], ...] = (
    yaml_characters.remarks,
    yaml_characters.odd_blanks,
    yaml_characters.typographic_quotes,
    yaml_characters.dashes,
    yaml_characters.quotes_inside_quotes,
    yaml_characters.backslash,
    yaml_characters.missing_quote,
    yaml_structure.brackets,
    yaml_characters.missing_colon,
    yaml_characters.no_quotes,
    yaml_structure.marks,
)
"""What one line can be wrong in, the surest sign first."""


_FINGERS = 2
"""So many lines are looked at sign by sign: the one at which it was noticed, and the one above."""


def yaml_slip(text: str, noticed: int, unread: Callable[[str], int | None]) -> Slip:
    """The likeliest slip. `noticed` is the line, from 0, at which the parser gave up; `unread` tells how many
    lines it leaves (None: it reads the text).
    """
    lines = lines_of(text)
    found = likeliest(_slips(lines, noticed), unread, unread(text) or 0)
    if found is not None:
        return found
    line = lines.lines[min(noticed, len(lines.lines) - 1)]
    said = "this does not hang together with the lines above it"
    help_ = "compare indentation, quotes, brackets and colons of this line and the one above"
    return lines.slip(line, len(line.indent), len(line.text.strip()), said, help_, line.text)


def _slips(text: YamlLines, noticed: int) -> Iterator[Slip]:
    """YamlLine by line for each kind, from where it was noticed to the beginning."""
    above = [line for line in reversed(text.content()) if line.number <= noticed]
    for kind in _KINDS:
        for line in above:
            yield from kind(text, line)
    for line in above[:_FINGERS]:
        yield from yaml_structure.one_too_many(text, line)
    for line in sorted(above, key=lambda line: len(line.indent) % 2 == 0):
        yield from yaml_structure.indentation(text, line, noticed)
    for line in above:
        yield from yaml_structure.members(text, line)
