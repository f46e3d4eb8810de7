"""The text of one JSON value → Python values with the place of every list member, or where it breaks off.

Numbers are exact: Decimal, never float. Keys that stand twice, NULs and halves of surrogate pairs do not stop
the reading; they are reported with their position, so that only the order line around them is lost.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from connectors.formats.trouble import Trouble
from etl.plugin import normalized

MAX_DEPTH = 64
_BLANK = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"true|false|null")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
# Not strict: a raw tab, or a raw end mark of MARC, in a text breaks the rules and is read with certainty.
_TEXT = json.JSONDecoder(strict=False)
_MAX_DIGITS = 100


class JsonList(list["JsonValue"]):
    """A list; `spans` are the positions (start, end) of its members in the text."""

    def __init__(self) -> None:
        super().__init__()
        self.spans: list[tuple[int, int]] = []


JsonValue = str | Decimal | bool | None | JsonList | dict[str, "JsonValue"]


class BrokenJson(Exception):  # noqa: N818 - carries a Trouble up to the document
    """Raised at the character `position` where the text stops being JSON."""

    def __init__(self, code: str, message: str, position: int) -> None:
        super().__init__(message)
        self.code, self.message, self.position = code, message, position


@dataclass(slots=True)
class JsonReader:
    """Reads one text. `troubles` are (position, what is wrong) of parts that were read all the same."""

    text: str
    troubles: list[tuple[int, Trouble]] = field(default_factory=list)

    def read(self) -> JsonValue:
        """The one value in the text. Raises BrokenJson (E370 no JSON, E372 nested too deeply)."""
        value, at = self._value(self._blank(0), 0)
        at = self._blank(at)
        if at < len(self.text):
            raise BrokenJson("E370", f"{self._shown(at)} where the value should end", at)
        return value

    def _value(self, at: int, depth: int) -> tuple[JsonValue, int]:
        mark = self.text[at : at + 1]
        if mark == '"':
            return self._text(at)
        if mark in ("{", "["):
            if depth == MAX_DEPTH:
                raise BrokenJson("E372", f"values are nested more than {MAX_DEPTH} deep", at)
            return self._object(at, depth + 1) if mark == "{" else self._list(at, depth + 1)
        if found := _NUMBER.match(self.text, at):
            if found.end() - at > _MAX_DIGITS:
                raise BrokenJson("E372", f"a number has more than {_MAX_DIGITS} characters", at)
            try:
                return Decimal(found[0]), found.end()
            except InvalidOperation:  # an exponent of 19 digits
                raise BrokenJson("E372", "a number is too large to be one", at) from None
        if word := _WORD.match(self.text, at):
            return _WORDS[word[0]], word.end()
        raise BrokenJson("E370", f"{self._shown(at)} where a value should be", at)

    def _object(self, at: int, depth: int) -> tuple[JsonValue, int]:
        members: dict[str, JsonValue] = {}
        at = self._blank(at + 1)
        if self.text[at : at + 1] == "}":
            return members, at + 1
        while True:
            if self.text[at : at + 1] != '"':
                raise BrokenJson("E370", f"{self._shown(at)} where a key in quotes should be", at)
            key, after = self._text(at)
            if key in members:
                told = f'the key "{key[:60]}" stands twice in one object'
                self.troubles.append(
                    (at, Trouble("E371", told, "only the vendor can say which value is meant", key))
                )
            after = self._expect(":", after, "after a key")
            value, after = self._value(self._blank(after), depth)
            members.setdefault(key, value)
            at = self._blank(after)
            if self.text[at : at + 1] == "}":
                return members, at + 1
            at = self._blank(self._expect(",", at, "between two members"))

    def _list(self, at: int, depth: int) -> tuple[JsonValue, int]:
        members = JsonList()
        at = self._blank(at + 1)
        if self.text[at : at + 1] == "]":
            return members, at + 1
        while True:
            value, after = self._value(at, depth)
            members.append(value)
            members.spans.append((at, after))
            at = self._blank(after)
            if self.text[at : at + 1] == "]":
                return members, at + 1
            at = self._blank(self._expect(",", at, "between two members"))

    def _text(self, at: int) -> tuple[str, int]:
        try:
            value, after = _TEXT.raw_decode(self.text, at)
        except json.JSONDecodeError as error:
            said = (
                "a text has no closing quote"
                if "Unterminated" in error.msg
                else "a text has an unknown escape"
            )
            raise BrokenJson("E370", said, error.pos) from error
        if not value.isascii():
            value = normalized("NFC", value)
            if any("\ud800" <= character <= "\udfff" for character in value):
                told = "a text has half of a character in it (a lone \\uD800 to \\uDFFF)"
                self.troubles.append((at, Trouble("E370", told, "it was cut in the middle of a character")))
        if "\0" in value:
            self.troubles.append((at, Trouble("E314", "a text holds a NUL character")))
        return value, after

    def _expect(self, mark: str, at: int, where: str) -> int:
        at = self._blank(at)
        if self.text[at : at + 1] != mark:
            raise BrokenJson("E370", f'{self._shown(at)} {where}, where a "{mark}" should be', at)
        return at + 1

    def _blank(self, at: int) -> int:
        found = _BLANK.match(self.text, at)
        return found.end() if found else at

    def _shown(self, at: int) -> str:
        character = self.text[at : at + 1]
        if not character:
            return "the text ends"
        visible = character if character.isprintable() else f"U+{ord(character):04X}"
        return f'"{visible}" stands'


def json_text(value: JsonValue) -> str | None:
    """A value as the text of a field: null is None, true and false as JSON writes them, objects as JSON.

    >>> json_text(Decimal("294.0016")), json_text(True), json_text({"antal": Decimal(2)})
    ('294.0016', 'true', '{"antal": 2}')
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        members = [f"{json.dumps(key, ensure_ascii=False)}: {_member(one)}" for key, one in value.items()]
        return "{" + ", ".join(members) + "}"
    return "[" + ", ".join(_member(one) for one in value) + "]"


def _member(value: JsonValue) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return json_text(value) or "null"
