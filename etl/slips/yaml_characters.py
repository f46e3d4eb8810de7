"""One line → slips in its characters: blanks that are none, dashes, quotes, backslashes, colons."""

from __future__ import annotations

import re
from collections.abc import Iterator

from etl.slips.quoted import yaml_quoted
from etl.slips.repair import Slip
from etl.slips.typography import BLANK, DASHES, QUOTE, UNSEEN, named, straight
from etl.slips.yaml_lines import YamlLine, YamlLines, masked_quotes

_WHOLE = r"(?:\{\{(?:(?!\{\{|\}\}).)*+\}\}|\{%(?:(?!\{%|%\}).)*+%\})"
_TEMPLATE = re.compile(_WHOLE)
_BARE = re.compile(rf"""(?<!["'{{]){_WHOLE}(?!["'}}])""")
_ESCAPE = re.compile(r"""\\(?![0abt\tnvfre "/\\N_LPxuU])|\\x(?![0-9a-fA-F]{2})|\\u(?![0-9a-fA-F]{4})""")
_NO_COLON = re.compile(r"""(?P<key>[$\w][\w.-]*)(?P<gap>\s*[=;：]\s*|\s+|:?)(?P<value>.*)""")
_MEMBER_WITHOUT_COLON = re.compile(r"""[{,]\s*+(?P<key>[$\w]++)\s*+(?:[=;]\s*+)?(?=["'{\[]|\w++\s*+[,}])""")
_REMARK = re.compile(r"\s*+(?P<mark>//|/\*|<!--|--(?!-)|;|REM\b)\s*+")
_BACKSLASH = re.compile(r"\\\\?")
IN_QUOTES = 'put templates in quotes: "{{ … }}"'


def odd_blanks(text: YamlLines, line: YamlLine) -> Iterator[Slip]:
    """Tabs and blanks that are none to YAML, in front or elsewhere."""
    outside = masked_quotes(line.code)
    odd = next(
        (at for at, one in enumerate(outside) if one == "\t" or BLANK.match(one) or UNSEEN.match(one)), None
    )
    if odd is None:
        return
    what = named(line.text[odd])
    where = "in the indentation" if odd < len(line.indent) else "here"
    help_ = (
        "indent with blanks, two for each level"
        if odd < len(line.indent)
        else "write a plain blank, or nothing"
    )
    inside = line.text[len(line.indent) :]
    plain = UNSEEN.sub("", BLANK.sub(" ", inside.replace("\t", " ")))
    near = {len(other.indent) for other in text.lines[max(line.number - 8, 0) : line.number]}
    widths = [len(UNSEEN.sub("", line.indent.replace("\t", " " * width))) for width in (1, 2, 4, 8)]
    for width in dict.fromkeys([*widths, *sorted(near, reverse=True), *(one + 2 for one in near)]):
        yield text.slip(line, odd, 1, f"{what} stands {where}", help_, " " * width + plain)


def typographic_quotes(text: YamlLines, line: YamlLine) -> Iterator[Slip]:
    """“ ” where quotes belong."""
    found = QUOTE.search(line.code)
    if found is None:
        return
    said = f"{found[0]} is a letter like any other: a text editor has put it where a quote belongs"
    help_ = """write plain quotes: " or '"""
    for mended in (straight(line.text), QUOTE.sub('"', line.text), QUOTE.sub("'", line.text)):
        yield text.slip(line, found.start(), 1, said, help_, mended, code="E113")


def dashes(text: YamlLines, line: YamlLine) -> Iterator[Slip]:
    """Another dash, a bullet, or no blank behind the dash of a list's member."""
    at, rest = len(line.indent), line.text[len(line.indent) :]
    if rest[:1] in (*DASHES, "•", "·", "*", "+", "~") and rest[:1]:
        said = f'"{rest[0]}" stands where the "-" of a list\'s member belongs'
        help_ = "write - (the minus of the keyboard) and a blank"
        yield text.slip(line, at, 1, said, help_, line.indent + "- " + rest[1:].lstrip())
    if re.match(r"-[^\s-]", rest):
        said = 'a blank is missing behind the "-" of a list\'s member'
        yield text.slip(line, at, 1, said, f"write  - {rest[1:9]}…", line.indent + "- " + rest[1:])


def backslash(text: YamlLines, line: YamlLine) -> Iterator[Slip]:
    """`"C:\\data"`."""
    for found in re.finditer(r'"[^"]*"', line.code):
        odd = _ESCAPE.search(found[0].replace("\\\\", "  "))
        if odd:
            sign = found[0][odd.start() : odd.start() + 2]
            said = f"in double quotes {sign} means nothing: \\ begins the name of a character"
            # a text in a template has signs of that kind of its own
            meant = _TEMPLATE.sub(lambda hit: _BACKSLASH.sub(r"\\\\", hit[0]), found[0][1:-1])
            help_ = f"write single quotes:  {yaml_quoted(meant)}"
            fixed = found[0].replace("\\", "\\\\")
            mended = line.text[: found.start()] + fixed + line.text[found.end() :]
            yield text.slip(line, found.start() + odd.start(), 2, said, help_, mended)


def remarks(text: YamlLines, line: YamlLine) -> Iterator[Slip]:
    """`// a remark`, as other languages begin one."""
    found = _REMARK.match(line.text)
    if found:
        said = f'"{found["mark"]}" begins no remark here'
        mended = f"{line.indent}# {line.text[found.end() :]}"
        help_ = f"write  {mended.strip()}"
        yield text.slip(line, found.start("mark"), len(found["mark"]), said, help_, mended)


def quotes_inside_quotes(text: YamlLines, line: YamlLine) -> Iterator[Slip]:
    """`"{{ price | amount("sv") }}"`: the second quote ends the text."""
    for quote, other in (('"', "'"), ("'", '"')):
        code = line.code
        inside = [hit for hit in _TEMPLATE.finditer(code) if quote in hit[0]]
        found = [(code.rfind(quote, 0, hit.start()), code.find(quote, hit.end())) for hit in inside]
        if not found and line.value[:1] == quote == line.value[-1:] and line.value.count(quote) > 2:
            found = [(line.at_value, len(code) - 1)]
        found = [span for span in found if min(span) >= 0]
        if not found:
            continue
        mended = code
        for begin, end in reversed(found):
            text_ = code[begin + 1 : end]
            inner = text_.replace(quote, other if other not in text_ else "")
            mended = f"{mended[: begin + 1]}{inner}{mended[end:]}"
        first, last = found[0]
        shown = mended[first : last + 1]
        at = code.index(quote, first + 1)
        said = f"the {quote} inside the text ends it: a text in {quote} cannot hold another {quote}"
        yield text.slip(line, at, 1, said, f"write  {shown}", line.with_code(mended))


def missing_quote(text: YamlLines, line: YamlLine) -> Iterator[Slip]:
    """A quote that is opened and not closed, or closed and not opened."""
    for quote in "\"'":
        if line.code.count(quote) % 2 == 0:
            continue
        code = line.code
        closing = [hit.end() for hit in _TEMPLATE.finditer(code) if code[hit.end() : hit.end() + 1] != quote]
        opening = [
            hit.start() for hit in _TEMPLATE.finditer(code) if code[hit.start() - 1 : hit.start()] != quote
        ]
        ends = [hit.start() for hit in re.finditer(r"(?<!\s)\s*+[,}\]]", code)]
        starts = [hit.end() for hit in re.finditer(r"[:,]\s+|[\[{]\s*|- +", code)]
        begins = code.find(quote)
        for at in dict.fromkeys([*closing, len(code), *ends, *opening, *starts]):
            closes = at > begins and at not in opening and at not in starts
            said = f"the {'closing' if closes else 'opening'} {quote} is missing"
            mended = code[:at] + quote + code[at:]
            shown = mended[line.at_value :].strip()
            column = min(begins, at) if closes else at
            length = at - column if closes else 0
            yield text.slip(line, column, length, said, f"write  {shown}", line.with_code(mended))
        if code[line.at_value :].count(quote) == 1:
            bare = code.replace(quote, "")
            help_ = "take it away, or put the whole text in quotes"
            yield text.slip(line, begins, 1, f"a {quote} too many", help_, line.with_code(bare))


def no_quotes(text: YamlLines, line: YamlLine) -> Iterator[Slip]:
    """A template, or what begins with a sign of YAML's, without quotes; text behind a closing quote."""
    code = line.code
    bare = _BARE.search(code)
    if bare:
        wrapped = _BARE.sub(lambda hit: f'"{hit[0].replace(chr(34), chr(39))}"', code)
        yield text.slip(
            line, bare.start(), len(bare[0]), "a template without quotes", IN_QUOTES, line.with_code(wrapped)
        )
    value = line.value
    if not value:
        return
    whole = '"' + value.replace("\\", "\\\\").replace('"', "'") + '"'
    if ("{{" in value and value[:1] not in "\"'{[") or value.startswith(("{{", "{%")):
        said, help_ = "a template without quotes", IN_QUOTES
    elif value[0] in "@`%*&!|>,]}?#":
        said, help_ = f'a text that begins with "{value[0]}" needs quotes', f"write  {whole}"
    elif value[0] in "\"'":
        said = f"something stands behind the closing {value[0]}"
        help_ = "the quotes belong round the whole text; a next key begins a new line"
    elif re.search(r":(\s|$)", value) and value[0] not in "{[":
        said = 'a text with ":" and a blank needs quotes'
        help_ = f"write  {whole}  or, if another key begins here, begin a new line"
    else:
        return
    at, length = line.at_value, len(value)
    closed = re.match(r"\"[^\"]*\"\s*|'[^']*'\s*", value)
    if value[0] in "\"'" and closed:
        at, length = at + len(closed[0]), length - len(closed[0])
        if not length:
            return
    yield text.slip(line, at, length, said, help_, line.with_value(whole))


def missing_colon(text: YamlLines, line: YamlLine) -> Iterator[Slip]:
    """`type PRINTED`, `type:PRINTED`, `type = PRINTED`, also inside braces."""
    at = len(line.indent) + len(line.dashes)
    body = line.code[at:]
    found = _NO_COLON.fullmatch(body)
    if found and not line.key:
        key, value = found["key"], found["value"].lstrip(" ")
        gap = found["gap"].strip()
        mended = f"{key}: {value}".rstrip()
        if gap == ":":
            said = 'a blank is missing behind ":"'
        elif gap:
            said = f'"{gap}" stands where ":" belongs'
        else:
            said = f'":" is missing behind "{key}"'
        yield text.slip(
            line,
            at + len(key),
            max(len(gap), 0),
            said,
            f"write  {mended}",
            line.text[:at] + line_end(mended, line),
        )
    for hit in _MEMBER_WITHOUT_COLON.finditer(line.code):
        mended = f"{line.code[: hit.end('key')]}: {line.code[hit.end() :]}"
        said = f'":" is missing behind "{hit["key"]}"'
        yield text.slip(line, hit.end("key"), 0, said, f"write  {hit['key']}: …", line.with_code(mended))


def line_end(code: str, line: YamlLine) -> str:
    return code + line.comment
