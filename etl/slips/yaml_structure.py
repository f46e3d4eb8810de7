"""YamlLines of a YAML file → slips in how they hang together: brackets, commas, indentation, dashes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from etl.slips.repair import Slip
from etl.slips.yaml_lines import YamlLine, YamlLines, masked_quotes

_PAIRS = {"{": "}", "[": "]"}
_SHOWN = 120
"""Of a longer line the end is shown, where the bracket is missing."""
_SECTIONS = """
    version name description extends target source parameters lookups key when group_by user identity requires
    levels let fragments fields checks guards institution snapshot sink
"""
SECTIONS = frozenset(_SECTIONS.split())
"""What begins at the margin in a mapping file."""
_NEAR = 60
"""YamlLines on either side of where reading stopped in which the indentation is doubted."""
_BETWEEN = r"[\w}\]\"'](?:\s*+;\s*+|\s++)(?=[$\w]++\s*+:)|[}\]]\s*+(?=[{\[])"
"""Where a comma may be missing."""


def brackets(text: YamlLines, line: YamlLine) -> Iterator[Slip]:
    """A bracket too many, one too few, one for another, or no comma between members."""
    masked = masked_quotes(line.code)
    open_before = _open(text, line)
    stack, wrong = _balance(masked)
    ends = line.code
    if stack or open_before:
        closers = "".join(_PAIRS[one] for one in reversed(open_before + stack))
        for closing in dict.fromkeys((closers, closers[:1])):
            if closing:
                said = f'"{closing}" is missing: what is opened is not closed'
                yield text.slip(
                    line,
                    len(ends),
                    1,
                    said,
                    f"write  {_end(ends.strip() + closing)}",
                    line.with_code(ends + closing),
                )
    if stack or wrong:
        yield from _closing(text, line, masked)
        yield from _opening(text, line, masked)
    if any(one in masked for one in "{[") or open_before:
        yield from _colons(text, line, masked)
        yield from _commas(text, line, masked)


def _end(code: str) -> str:
    return code if len(code) <= _SHOWN else "…" + code[1 - _SHOWN :]


def _closing(text: YamlLines, line: YamlLine, masked: str) -> Iterator[Slip]:
    for at, one in enumerate(masked):
        if one not in "}])":
            continue
        for closer in "}]":
            if closer != one:
                said = f'"{one}" stands where "{closer}" belongs'
                yield text.put(line, at, 1, closer, said, f'write "{closer}"')
            yield text.put(
                line, at, 0, closer, f'"{closer}" is missing before "{one}"', f"write  {closer}{one}"
            )
        yield text.put(line, at, 1, "", f'"{one}" closes nothing', "take it away, or open what it closes")
    for hit in re.finditer(r"[}\]\"'\w](?=,)", masked):
        for closer in "}]":
            yield text.put(line, hit.end(), 0, closer, f'"{closer}" is missing', f"write  {closer},")


def _opening(text: YamlLines, line: YamlLine, masked: str) -> Iterator[Slip]:
    for hit in re.finditer(r"[:,-]\s++|[\[{]\s*+", masked):
        for opener in "{[":
            help_ = f"write  {opener}{line.code[hit.end() : hit.end() + 12]}…"
            yield text.put(line, hit.end(), 0, opener, f'"{opener}" is missing', help_)
    for at, one in enumerate(masked):
        if one not in "{[(":
            continue
        for opener in "{[":
            if opener != one:
                said = f'"{one}" stands where "{opener}" belongs'
                yield text.put(line, at, 1, opener, said, f'write "{opener}"')
        yield text.put(line, at, 1, "", f'a "{one}" too many', "take it away, or close it")


def _colons(text: YamlLines, line: YamlLine, masked: str) -> Iterator[Slip]:
    """A text of several words in which a word is taken for a key: `{hold: above 1000 SEK: look at it}`."""
    for hit in re.finditer(r"\w\s++(?=[$\w]++:\s)", masked):
        begin = max(masked.rfind(sign, 0, hit.start()) for sign in ":,{[") + 1
        if len(masked[begin : hit.end()].split()) < 2:
            continue  # one word and a key: a comma is likelier
        begin += len(masked[begin:]) - len(masked[begin:].lstrip())
        ends = [at for sign in ",}]" if (at := masked.find(sign, hit.end())) >= 0]
        end = min(ends, default=len(masked))
        whole = f'"{line.code[begin:end].rstrip()}"'
        if whole.count('"') > 2:
            continue
        said = 'a text with ":" and a blank needs quotes'
        help_ = f"write  {whole}  or, if another key begins here, a comma before it"
        yield text.put(line, begin, end - begin, whole, said, help_)


def _commas(text: YamlLines, line: YamlLine, masked: str) -> Iterator[Slip]:
    for hit in re.finditer(_BETWEEN, masked):
        at = hit.start() + 1
        said = '"," is missing between two members'
        yield text.put(line, at, hit.end() - at, ", ", said, "write a comma between them")
    for hit in re.finditer(r",\s*+,|[{\[]\s*+,|[.;](?=\s)", masked):
        said = f'"{hit[0].strip()}" stands where one comma, or none, belongs'
        for comma in (",", hit[0][0]):
            length = hit.end() - hit.start()
            yield text.put(line, hit.start(), length, comma, said, "write one comma between two members")


def _balance(masked: str) -> tuple[list[str], bool]:
    """Brackets that are open at the end, and whether one closes what is not open."""
    stack: list[str] = []
    for one in masked:
        if one in _PAIRS:
            stack.append(one)
        elif one in "}]" and (not stack or _PAIRS[stack.pop()] != one):
            return stack, True
    return stack, False


def _open(text: YamlLines, line: YamlLine) -> list[str]:
    """Brackets that lines above have left open: back to one that begins at a lesser indentation."""
    first = line.number
    while first and line.number - first < _NEAR and not text.lines[first].key:
        first -= 1
    while first and line.number - first < _NEAR and _balance(masked_quotes(text.lines[first].code))[0] == []:
        first -= 1
    stack: list[str] = []
    if len(line.indent) <= len(text.lines[first].indent):
        return stack  # it begins something new
    for above in text.lines[first : line.number]:
        for one in masked_quotes(above.code):
            if one in _PAIRS:
                stack.append(one)
            elif one in "}]" and stack:
                stack.pop()
    return stack


def indentation(text: YamlLines, line: YamlLine, noticed: int) -> Iterator[Slip]:
    """A line, alone or with all that hangs below it, that stands too far in or out."""
    if abs(noticed - line.number) > _NEAR or not line.code.strip() or line.indent.strip(" "):
        return
    own = len(line.indent)
    if not own and noticed > line.number + 1:
        return  # what begins at the margin would be swallowed by the text above it
    around = text.lines[max(line.number - 12, 0) : line.number + 8]
    above = next((len(one.indent) for one in reversed(text.lines[: line.number]) if one.code.strip()), 0)
    known = {len(one.indent) for one in around if one.code.strip() and one is not line}
    known |= {len(one.indent) + len(one.dashes) for one in around if one.dashes}
    block = line.number + 1
    while block < len(text.lines) and (
        not text.lines[block].code.strip() or len(text.lines[block].indent) > own
    ):
        block += 1
    if own == 1 and line.key in SECTIONS:  # one blank too many
        above, known = 0, known | {0}
    for width in sorted(
        known - {own}, key=lambda width: (abs(width - own) > 1, width % 2, abs(width - own), width != above)
    ):
        said = f"indented by {_blanks(own)}, where its neighbours have {_blanks(width)}"
        help_ = f"write {_blanks(width)} before it" if width else "begin at the margin"
        lines = [" " * width + line.text[own:]]
        yield text.slip(line, own, max(len(line.key), 1), said, help_, lines[0])
        if block > line.number + 1:
            moved = [_moved(one.text, width - own) for one in text.lines[line.number + 1 : block]]
            yield text.slip(
                line,
                own,
                max(len(line.key), 1),
                said,
                help_,
                "\n".join([*lines, *moved]),
                lines=block - line.number,
            )


def _moved(raw: str, by: int) -> str:
    return " " * by + raw if by > 0 else raw[-by:] if raw[:-by].strip() == "" else raw


def _blanks(count: int) -> str:
    return "no blank" if not count else "1 blank" if count == 1 else f"{count} blanks"


def members(text: YamlLines, line: YamlLine) -> Iterator[Slip]:
    """A list's member without its dash, or a dash where its neighbours have none."""
    at = len(line.indent)
    if line.dashes:
        said = 'the "-" makes a list, and what stands beside it is none'
        bare = line.indent + line.text[at + len(line.dashes) :]
        yield text.slip(line, at, 1, said, "take the dash away, or begin its neighbours with one too", bare)
    elif any(
        one.dashes and abs(len(one.indent) - at) <= 2
        for one in text.lines[max(line.number - 8, 0) : line.number + 8]
    ):
        said = 'this member of a list begins without "-"'
        yield text.slip(
            line,
            at,
            max(len(line.key), 1),
            said,
            "write - and a blank before it",
            f"{line.indent}- {line.text[at:]}",
        )


def marks(text: YamlLines, line: YamlLine) -> Iterator[Slip]:
    """`---` and `...` begin and end documents; `%` at the margin begins a directive."""
    if line.text.rstrip() in ("---", "...") or line.text.startswith("%"):
        said = f'"{line.text.split()[0]}" begins or ends a document, and a mapping is one'
        yield text.slip(line, 0, len(line.text.rstrip()), said, "take the line away", "")


def one_too_many(text: YamlLines, line: YamlLine) -> Iterator[Slip]:
    """A sign that does not belong, or two characters that have changed places: what a finger does."""
    raw = line.text
    for at, one in enumerate(raw):
        alone = raw[max(at - 1, 0) : at + 2].strip() == one  # the dash of a member, the | of a text
        ends_key = one == ":" and raw[at + 1 : at + 2] in ("", " ")  # without it the text above goes on
        if not one.isalnum() and one not in " _\"'" and not ends_key and not (alone and one in "-|>"):
            yield text.slip(
                line, at, 1, f'"{one}" does not belong here', "take it away", raw[:at] + raw[at + 1 :]
            )
    for at, (one, other) in enumerate(itertools.pairwise(raw)):
        if other == ":" and raw[at + 2 : at + 3] in ("", " "):
            continue  # as above
        if one != other and " " not in (one, other) and not (one.isalnum() and other.isalnum()):
            said = f'"{one}" and "{other}" have changed places'
            yield text.slip(line, at, 2, said, f"write  {other}{one}", raw[:at] + other + one + raw[at + 2 :])
