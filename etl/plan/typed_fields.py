"""The type of a template and the field of the target that it fills → why they never go together, if so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from etl.normal_form import is_blank
from etl.plugin import Kind, Shape
from etl.template.types import Type, TypeKind

_TAKES: Final[Mapping[Kind, frozenset[TypeKind]]] = {
    "text": frozenset(("text", "integer")),
    "choice": frozenset(("text", "integer")),
    "code": frozenset(("text", "integer", "group")),
    "decimal": frozenset(("text", "integer", "decimal")),
    "integer": frozenset(("text", "integer")),
    "date": frozenset(("text", "date")),
    "boolean": frozenset(("text", "yes_no")),
    "object": frozenset(("group",)),
    "list": frozenset(("list",)),
}
"""What the target converts; whether a text can be converted is a matter for records."""
_NOUNS: Final[Mapping[Kind, str]] = {
    **dict.fromkeys(("text", "choice", "code"), "a text"),
    "decimal": "a number",
    "integer": "a whole number",
    "date": "a date",
    "boolean": "a yes or no",
    "object": "a group of fields",
    "list": "a list",
}
TEXTS: Final = frozenset(kind for kind, noun in _NOUNS.items() if noun == "a text")
_WORDS: Final = frozenset(("text", "integer", "decimal", "date", "unknown"))
"""What can be a word of its own: a part of a key, a user, a message."""
_OF_LIST: Final = "take one of it:  | first ,  or go through it with $for"
_HELP: Final[Mapping[tuple[str, str], str]] = {
    ("decimal", "integer"): "make it whole:  | round_amount(0) | integer ,  or divide with //",
    ("yes_no", "text"): "say the words:  'ja' if … else 'nej'",
    ("list", "text"): "join its members:  | join(', ') ,  or take  | first",
    ("integer", "boolean"): "compare it:  … > 0",
    ("integer", "date"): "read it:  | string | date('YYYYMMDD')",
    ("text", "object"): "name its fields:  {name: …}",
    ("text", "list"): "begin its members with -",
    ("group", "list"): "begin its members with -",
}


class Unfit(NamedTuple):
    """What never goes together, and what to write."""

    code: str
    message: str
    help: str


def unfit(found: Type, shape: Shape) -> Unfit | None:
    """Why no value of the type can fill the field, or a member of it; None if one may."""
    if found.kind in ("unknown", "nothing"):
        return None
    if found.kind not in _TAKES[shape.kind] or (found.kind == "group" and not _is_plain(found, shape)):
        said = f'"{shape.name}" takes {_NOUNS[shape.kind]}, and gets {found}'
        return Unfit("E246", said, _help(found, shape))
    if found.no_number is not None and shape.kind in ("decimal", "integer"):
        said = f'"{shape.name}" gets {found.no_number.said}'
        return Unfit("E240", said, found.no_number.help.format(shape.kind))
    if shape.kind == "list":
        return unfit(found.item, shape.item) if found.item and shape.item else None
    if shape.kind != "object":
        return None
    members = found.members or {}
    inner = (unfit(members[name], one) for name, one in shape.members.items() if name in members)
    return next((one for one in inner if one is not None), None)


def unfit_word(found: Type, what: str, many: bool = False) -> Unfit | None:
    """Why a type is no text, number or date at a place that takes one; `many`: or a list of them. None if it
    may be.
    """
    if many and found.kind == "list":
        return unfit_word(found.item, what) if found.item else None
    if found.kind == "nothing" or (found.written is not None and is_blank(found.written)):
        return Unfit("E246", f"{what} is empty for every record", "name a column that is filled")
    if found.kind in _WORDS:
        return None
    said = f"{what} takes a text, a number or a date, and gets {found}"
    compared = "leave the comparison out, or say the words:  'ja' if … else 'nej'"
    help_ = compared if found.kind == "yes_no" else _help(found, Shape(what, "text"))
    return Unfit("E246", said, help_)


def _is_plain(group: Type, shape: Shape) -> bool:
    """A group as it is written in a mapping, no row; as a code, what Alma writes for one: `{value: …}`."""
    names = set(group.members or ())
    return not group.noun and (shape.kind != "code" or "value" in names or group.rest is not None)


def _help(found: Type, shape: Shape) -> str:
    wanted = "text" if shape.kind in ("code", "choice") else shape.kind
    known = _HELP.get((found.kind, wanted))
    if known is not None:
        return known
    if found.kind == "list":
        return _OF_LIST
    if found.kind == "group":
        return f"take one of its members:  .{found.a_member(shape.name)}"
    if wanted == "text":
        return "turn it into text, so that its spelling is your decision:  | string"
    return f"give it {_NOUNS[shape.kind]}, or leave it out"
