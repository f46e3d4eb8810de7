"""A template that Jinja cannot read → the slip, where it is, and what to write instead.

As for YAML, slips are put right one at a time until the template reads.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Callable, Container, Iterator

from jinja2.exceptions import TemplateSyntaxError

from etl.slips.repair import Slip, likeliest
from etl.template.lexer import offset_of
from etl.template.written_elsewhere import WRITTEN, Put

_STATEMENTS = ("if", "elif", "else", "endif", "for", "endfor", "set", "endset", "with", "endwith")
_OPENING = {
    "if": "endif",
    "for": "endfor",
    "with": "endwith",
    "filter": "endfilter",
    "call": "endcall",
    "raw": "endraw",
}
_INSIDE = {"elif": ("if",), "else": ("if", "for"), **{end: (begin,) for begin, end in _OPENING.items()}}
_NAME = r"(?!(?:if|else|and|or|not|is|in|for|set|then|elif|with)\b)[^\W\d]\w*+"
_TAG = re.compile(r"\{%[-+]?\s*(\w+)")
_WORDS = re.compile(rf"\b{_NAME}(?:\s++{_NAME})++")
_CODE = re.compile(r"\{\{.*?(?:\}\}|\Z)|\{%.*?(?:%\}|\Z)", re.DOTALL)
_QUOTED = re.compile(r""""[^"\n]*"|'[^'\n]*'""")
_WORD = re.compile(r"\w+|\S")
_HELP = "here stand names, numbers, texts in quotes, filters behind | and operators: + - * / ~ == and or not"

_TABLE = tuple((re.compile(pattern, re.DOTALL), put, said, help_) for pattern, put, said, help_ in WRITTEN)


def syntax_slip(
    text: str, error: TemplateSyntaxError, parse: Callable[[str], object], filters: Container[str]
) -> Slip:
    """The likeliest slip in a template of which Jinja says `error`. `parse` raises when it cannot read;
    `filters` are the names of those that there are.
    """

    def unread(other: str) -> int | None:
        try:
            parse(other)
        except TemplateSyntaxError as refused:
            return max(len(other) - _noticed(refused, other), 0)
        return None

    at = _noticed(error, text)
    half = next((slip for slip in _half_statements(text) if unread(slip.mended) is None), None) or _block(
        text
    )
    if half is not None:
        return half
    found = likeliest(_slips(text, filters), unread, len(text) - at)
    if found is not None:
        return found
    word = _WORD.search(text, min(at, len(text)))
    shown = word[0] if word else text[-1:]
    start = word.start() if word else max(len(text) - 1, 0)
    return _slip(start, len(shown), f'"{shown}" cannot be read here', _HELP, text)


def _slip(offset: int, length: int, said: str, help_: str, mended: str) -> Slip:
    return Slip(offset, length, said, help_, mended, "E211")


def _noticed(error: TemplateSyntaxError, text: str) -> int:
    return min(offset_of(error.lineno), len(text))


def _slips(text: str, filters: Container[str]) -> Iterator[Slip]:
    yield from _braces(text)
    code = _code(text)
    for pattern, put, said, help_ in _TABLE:
        hits = list(pattern.finditer(code))
        for hit in hits:
            written = text[hit.start() : hit.end()]
            original = pattern.search(text, hit.start())
            meant = (
                (put(hit) if callable(put) else (original or hit).expand(put)) if "\0" not in hit[0] else ""
            )
            mended = text[: hit.start()] + meant + text[hit.end() :]
            words = (" ".join(written.split()), " ".join(meant.split()))
            yield _slip(hit.start(), len(written), said.format(*words), help_.format(*words), mended)
        if len(hits) > 1 and (callable(put) or "\\" not in put):
            first = hits[0]
            meant = put(first) if callable(put) else put
            words = (first[0].strip(), meant.strip())
            everywhere = _outside_quotes(hits, put, text)
            yield _slip(first.start(), len(first[0]), said.format(*words), help_.format(*words), everywhere)
    yield from _side_by_side(text, code, filters)
    yield from _quotes(text)
    yield from _brackets(text, code)


def _outside_quotes(hits: list[re.Match[str]], put: Put, text: str) -> str:
    for hit in reversed(hits):
        text = text[: hit.start()] + (put(hit) if callable(put) else put) + text[hit.end() :]
    return text


def _side_by_side(text: str, code: str, filters: Container[str]) -> Iterator[Slip]:
    """Two values, or a value and a filter, with nothing between them."""
    for hit in _WORDS.finditer(code):
        words = hit[0].split()
        if words[1] in filters:
            help_ = f"write  {words[0]} | {words[1]}"
        elif (len(words) > 1 and not hit[0].isascii()) or words[0][0].isupper():
            help_ = f"a column of this name is written row['{hit[0]}']"
        else:
            column = f"row['{hit[0]}']"
            help_ = (
                f"texts are joined with ~, filters begin with |, a column of this name is written {column}"
            )
        mended = f"{text[: hit.start()]}{'_'.join(words)}{text[hit.end() :]}"
        yield _slip(
            hit.start(), len(hit[0]), f'nothing stands between the words of "{hit[0]}"', help_, mended
        )
    for hit in re.finditer(r"(?<=[\w)\]\"'])\s*(?=[\"'(\[]|\b(?<=\s)\w)", code):
        said, help_ = (
            "nothing joins what stands side by side here",
            "texts are joined with ~, a filter begins with |",
        )
        yield _slip(hit.end(), 1, said, help_, f"{text[: hit.start()]} ~ {text[hit.end() :]}")


def _code(text: str) -> str:
    """The same length: text around templates is blanked out, quoted text inside them filled in."""
    spans = list(_CODE.finditer(text))
    kept = ["\n"] * len(text)
    for span in spans:
        kept[span.start() : span.end()] = _QUOTED.sub(
            lambda hit: hit[0][0] + "x" * (len(hit[0]) - 2) + hit[0][0], span[0]
        )
    return "".join(kept)


def _braces(text: str) -> Iterator[Slip]:
    """Too few braces, or too many."""
    many = re.search(r"\{{3,}|\}{3,}", text)
    if many:
        said, count = f"{many[0]} are too many braces", "{{ … }}"
        for mended in (re.sub(r"\}{3,}", "}}", re.sub(r"\{{3,}", "{{", text)), re.sub(r"\{{3,}", "{{", text)):
            yield _slip(many.start(), len(many[0]), said, f"write  {count}", mended)
    openings = [*re.finditer(r"\{[{%]", text)]
    for opening, following in itertools.zip_longest(openings, openings[1:]):
        closing, other = ("}}", "%}") if opening[0] == "{{" else ("%}", "}}")
        start, begin = opening.start(), opening.end()
        inside = text[begin : following.start() if following else len(text)]
        if closing in inside:
            end = begin + inside.index(closing) + 2
            if not text[begin : end - 2].strip():
                said, help_ = f"nothing stands between {opening[0]} and {closing}", "write what belongs there"
                yield _slip(start, end - start, said, help_, text[:start] + text[end:])
        elif other in inside:
            at = begin + inside.index(other)
            said = f'"{opening[0]}" is closed by "{closing}", not by "{other}"'
            yield _slip(at, 2, said, f"write  {closing}", text[:at] + closing + text[at + 2 :])
        else:
            half = re.search(r"[}%](?: ?[}%])?", inside)
            at, end = (
                (begin + half.start(), begin + half.end()) if half else (begin + len(inside.rstrip()),) * 2
            )
            whole = f"{text[start:at].rstrip()} {closing}"
            said = f'{opening[0]} is not closed: "{closing}" is missing'
            yield _slip(start, end - start, said, f"write  {whole}", text[:start] + whole + text[end:])
    if text.rfind("{#") > text.rfind("#}"):
        at = text.rfind("{#")
        yield _slip(at, 2, "{# begins a remark that never ends", "write #} behind it", text + " #}")


_QUOTE_PLACES = re.compile(r"(?<!\s)\s*+(?:[)\],|]|[}%]\})|(?<=\w)\s++|(?<=[(\[,\s])\w|\Z")
_BEFORE_END = re.compile(r"(?:\A|(?<=[{}%\n]))[^{}%\n]*+%\}")
_STATEMENT = re.compile(r"\W{0,3}\b(if|for|elif|else|endif|endfor|with|endwith)\b(.*)%\}")


def _half_statements(text: str) -> Iterator[Slip]:
    """`{ if x %}`, `% if x %}`: what opens it is not whole, and only its end would be missed."""
    for hit in _BEFORE_END.finditer(text):
        statement = _STATEMENT.fullmatch(hit[0])
        before = text[: hit.start()]
        if statement is None or before.endswith("{%"):
            continue
        start = hit.start() - next(
            (len(sign) for sign in ("{{", "({", "(%", "{", "%", "(") if before.endswith(sign)), 0
        )
        whole = f"{{% {statement[1]}{statement[2].rstrip()} %}}"
        said = f"{{% {statement[1]} %}} is not whole"
        yield _slip(
            start, hit.end() - start, said, f"write  {whole}", text[:start] + whole + text[hit.end() :]
        )


def _quotes(text: str) -> Iterator[Slip]:
    """A quote that is missing inside a template."""
    for span in _CODE.finditer(text):
        for quote in "'\"":
            if span[0].count(quote) % 2 == 0:
                continue
            first = text.index(quote, span.start())
            places = [hit.start() for hit in _QUOTE_PLACES.finditer(text, span.start() + 2, span.end())]
            for at in sorted(places, key=lambda at: (at < first, abs(at - first))):
                closes = at > first
                start, length = (first, at - first) if closes else (at, 1)
                said = f"the {'closing' if closes else 'opening'} {quote} is missing"
                mended = text[:at] + quote + text[at:]
                yield _slip(
                    start, length, said, f"write  {mended[span.start() : span.end() + 1].strip()}", mended
                )
            yield _slip(first, 1, f"a {quote} too many", "take it away", text[:first] + text[first + 1 :])


def _brackets(text: str, code: str) -> Iterator[Slip]:
    """A round or square bracket that is missing, too many, or one for the other."""
    opened = [hit.start() for hit in re.finditer(r"[(\[]", code)]
    ends = [hit.start() for hit in re.finditer(r"(?<!\s)(?:\s*+(?:[)\]|,]|[}%]\})|\s++\w)|\Z", code)]
    for begin in opened:
        closer = ")" if code[begin] == "(" else "]"
        for at in ends:
            if at > begin:
                said = f'"{code[begin]}" is not closed: "{closer}" is missing'
                yield _slip(
                    begin,
                    at - begin,
                    said,
                    f"write  {text[begin:at]}{closer}",
                    text[:at] + closer + text[at:],
                )
    for at in [hit.start() for hit in re.finditer(r"[()\[\]]", code)]:
        for other in "()[]":
            if other != code[at] and (other in "([") == (code[at] in "(["):
                said = f'"{code[at]}" stands where "{other}" belongs'
                yield _slip(at, 1, said, f"write  {other}", text[:at] + other + text[at + 1 :])
        yield _slip(
            at,
            1,
            f'a "{code[at]}" too many',
            "take it away, or write the other of the pair",
            text[:at] + text[at + 1 :],
        )
    for hit in re.finditer(r"(?<=\w)\s*(?=[\"'])|(?<=\s)(?=\w)", code):
        for opener in "([":
            at = hit.end()
            yield _slip(
                at,
                1,
                f'"{opener}" is missing',
                f"write  {opener}{text[at : at + 10]}…",
                text[:at] + opener + text[at:],
            )


def _block(text: str) -> Slip | None:
    """A statement that is opened and not closed, closed and not opened, or none of ours."""
    unknown = _unknown_statement(text)
    if unknown is not None:
        return unknown
    stack: list[re.Match[str]] = []
    for tag in _TAG.finditer(text):
        name = tag[1]
        if name in _INSIDE and (not stack or stack[-1][1] not in _INSIDE[name]):
            begin = " or ".join(f"{{% {one} … %}}" for one in _INSIDE[name])
            said = (
                f"{{% {name} %}} without its beginning"
                if not stack
                else f"{{% {name} %}} does not go with {{% {stack[-1][1]} %}}"
            )
            return _slip(tag.start(), len(tag[0]), said, f"it belongs to  {begin}", text)
        if name in _OPENING:
            stack.append(tag)
        elif name in _OPENING.values():
            stack.pop()
    if stack and text.count("{%") == text.count("%}"):
        tag = stack[-1]
        said = f"{{% {tag[1]} %}} is not closed"
        return _slip(tag.start(), len(tag[0]), said, f"write {{% {_OPENING[tag[1]]} %}} behind it", text)
    return None


def _unknown_statement(text: str) -> Slip | None:
    for tag in _TAG.finditer(text):
        if tag[1] in (*_STATEMENTS, *_INSIDE) or tag[1] in _OTHER:
            continue
        if re.match(r"(elsif|elseif|end\b)", tag[1]):
            help_ = "write  {% elif … %}" if tag[1] != "end" else "write  {% endif %}"
        else:
            near = difflib.get_close_matches(tag[1], _STATEMENTS, 1)
            help_ = (
                f'did you mean "{near[0]}"?'
                if near
                else "statements are: if, for, set, with; a value stands in {{ }}"
            )
        at = tag.start(1)
        return _slip(at, len(tag[1]), f'"{tag[1]}" is no statement', help_, text)
    return None


_OTHER = ("macro", "endmacro", "block", "endblock", "include", "import", "from", "extends", "do")
"""Statements of Jinja's that are refused by name, in words of their own."""
