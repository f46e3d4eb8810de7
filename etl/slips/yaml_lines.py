"""YamlLines of a YAML file that does not parse → what each holds, as far as one line can tell."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from etl.slips.repair import Slip
from etl.slips.typography import QUOTES

_PARTS = re.compile(r"(?P<indent>\s*+)(?P<dashes>(?:- ++)*+)(?P<rest>.*)", re.DOTALL)
_KEY = re.compile(r"""(?P<key>"[^"]*+"|'[^']*+'|[^\s"'{}\[\],#:][^:"'{}\[\]]*+)\s*+:(?=\s|$)\s*+""")
_COMMENT = re.compile(r"(?:^|(?<!\s)\s++)#.*")
_QUOTED = re.compile(r"""\"(?:[^"\\]|\\.)*+(\"?)|'(?:[^']|'')*+('?)""")
_BLOCK_TEXT = re.compile(r"[|>][-+0-9]*$")


@dataclass(frozen=True, slots=True)
class YamlLine:
    """One line: indentation, dashes of list members, key, value, comment, all as they are written."""

    number: int
    start: int
    text: str
    indent: str
    dashes: str
    key: str
    before_value: str
    value: str
    comment: str

    @property
    def at_value(self) -> int:
        """Where the value begins in the line."""
        return len(self.indent) + len(self.dashes) + len(self.before_value)

    @property
    def at_content(self) -> int:
        return len(self.indent)

    def with_value(self, value: str) -> str:
        return self.text[: self.at_value] + value + self.comment

    @property
    def code(self) -> str:
        """All but the comment."""
        return self.text[: len(self.text) - len(self.comment)]

    def with_code(self, code: str) -> str:
        return code + self.comment


@dataclass(frozen=True, slots=True)
class YamlLines:
    """A text by lines."""

    text: str
    lines: tuple[YamlLine, ...]

    def slip(
        self,
        line: YamlLine,
        column: int,
        length: int,
        said: str,
        help: str,
        mended: str,
        *,
        code: str = "E101",
        lines: int = 1,
    ) -> Slip:
        """A slip in a line from `column` (0-based); `mended` stands for so many lines from it on."""
        last = self.lines[line.number + lines - 1]
        whole = self.text[: line.start] + mended + self.text[last.start + len(last.text) :]
        return Slip(line.start + column, length, said, help, whole, code)

    def put(self, line: YamlLine, at: int, length: int, instead: str, said: str, help: str) -> Slip:
        """A slip of so many characters of a line, in whose place something else is meant."""
        code = line.code
        mended = f"{code[:at]}{instead}{code[at + length :]}"
        return self.slip(line, at, max(length, 1), said, help, line.with_code(mended))

    def content(self) -> tuple[YamlLine, ...]:
        """YamlLines that are YAML: no blank ones, no comments, nothing inside a `|` text."""
        found: list[YamlLine] = []
        text_within: int | None = None
        margin = 0
        for line in self.lines:
            if not line.code.strip():
                continue
            deep = len(line.text) - len(line.text.lstrip(" "))
            if text_within is not None and deep > text_within:
                margin = margin or deep
                if deep >= margin:
                    continue
            text_within, margin = None, 0
            if _BLOCK_TEXT.fullmatch(line.value):
                text_within = deep
            found.append(line)
        return tuple(found)


def lines_of(text: str) -> YamlLines:
    lines, start = [], 0
    for number, raw in enumerate(text.split("\n")):
        lines.append(replace(_line(raw), number=number, start=start))
        start += len(raw) + 1
    return YamlLines(text, tuple(lines))


def _line(raw: str) -> YamlLine:
    parts = _PARTS.match(raw)
    assert parts is not None  # noqa: S101 - every part may be empty
    rest = parts["rest"]
    masked = masked_quotes(rest)
    comment = _COMMENT.search(masked)
    end = comment.start() if comment else len(rest)
    body = rest[:end].rstrip()
    key = _KEY.match(body)
    head = key[0] if key else ""
    return YamlLine(
        0,
        0,
        raw,
        parts["indent"],
        parts["dashes"],
        key["key"].rstrip() if key else "",
        head,
        body[len(head) :],
        rest[len(body) :],
    )


def masked_quotes(text: str, fill: str = "x") -> str:
    """The same length, with what stands in closed quotes filled in (the quotes too)."""
    return _QUOTED.sub(lambda found: fill * len(found[0]) if found[1] or found[2] else found[0], text)


def quotes_in(text: str) -> bool:
    return any(quote in text for quote in "\"'" + QUOTES)
