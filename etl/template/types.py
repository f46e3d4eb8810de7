"""The types of values in a mapping, known before the first record: a small closed set.

Every type holds nothing (null) as well: a cell may always be empty. `UNKNOWN` holds anything, and nothing is
ever said against it. A group has named members; an open one (`raw`) may have others, of the type `rest`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import Literal

TypeKind = Literal["text", "integer", "decimal", "yes_no", "date", "nothing", "list", "group", "unknown"]


@dataclass(frozen=True, slots=True)
class Absent:
    """What to say of a member that a closed group does not have. `excused`: not where a default stands by;
    `all_told`: the members are told also where one of them is nearly it.
    """

    code: str = "E242"
    said: str = 'there is no "{}" in this group'
    otherwise: str = "members: {}"
    excused: Callable[[str], bool] = lambda _name: False
    all_told: bool = False


@dataclass(frozen=True, slots=True)
class NoNumber:
    """Why a text is not the number that it looks like, and what to write instead; {} is the filter that reads
    it so.
    """

    said: str
    help: str


BY_LETTERS = NoNumber(
    "a text that was chosen letter by letter, and '3' comes after '20'",
    "make numbers of them before max, min or sort:  | map('{}')",
)
ONE_LETTER = NoNumber(
    "one letter of a text, no member of a list",
    "leave the [ ] out, or read a list ( .split(',') , in marc a path with [] ); one digit is  [0:1] | {}",
)
RUN_TOGETHER = NoNumber(
    "texts run together: of 12 and 3 comes 123",
    "add them up:  | map('{}') | sum ,  or name what stands between:  join('.')",
)


@dataclass(frozen=True, slots=True)
class Type:
    """One type. `item` is of a list, the rest of a group; `decimal` is any number, whole ones too.

    What else is known makes it no other type: `never_null`, a cell that is at least the empty text;
    `no_number`, why a text is none, whatever its digits; `written`, a constant of `let`; `one_of`, the texts
    it can be, where all of them are constants; `keys`, the members by which a row was found.
    """

    kind: TypeKind
    item: Type | None = None
    members: Mapping[str, Type] | None = None
    rest: Type | None = None
    absent: Absent = Absent()
    noun: str = ""
    never_null: bool = field(default=False, compare=False)
    no_number: NoNumber | None = field(default=None, compare=False)
    written: str | None = field(default=None, compare=False)
    keys: frozenset[str] = field(default=frozenset(), compare=False)
    one_of: tuple[str, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        return self.noun or _NOUNS[self.kind]

    def member(self, name: str) -> Type | None:
        """The type of a member of a group; None when a closed group has no such member."""
        return (self.members or {}).get(name, self.rest)

    def a_member(self, like: str = "") -> str:
        """The member that a help names: one called `like`, else the first by which the row was not found."""
        names = tuple(self.members or ())
        told = [name for name in names if name not in self.keys] or names
        return like if like in names else next(iter(told), "name")

    def help_for(self, name: str) -> str:
        """What to write for a member that is not there."""
        known = list(self.members or ())
        folded = [one for one in known if one.casefold() == name.casefold()]
        near = folded or difflib.get_close_matches(name, known, 1)
        told = self.absent.otherwise.format(", ".join(known[:20]))
        if near:
            return f'did you mean "{near[0]}"?' + (f"  {told}" if self.absent.all_told else "")
        return told


_NOUNS: Mapping[TypeKind, str] = {
    "text": "a text",
    "integer": "a whole number",
    "decimal": "a decimal number",
    "yes_no": "a yes or no",
    "date": "a date",
    "nothing": "nothing",
    "list": "a list",
    "group": "a group",
    "unknown": "unknown",
}

TEXT, INTEGER, DECIMAL, YES_NO, DATE = (
    Type("text"),
    Type("integer"),
    Type("decimal"),
    Type("yes_no"),
    Type("date"),
)
NOTHING, UNKNOWN = Type("nothing"), Type("unknown")
NUMBERS = frozenset(("integer", "decimal"))


def list_of(item: Type) -> Type:
    """A list whose members have one type."""
    return Type("list", item=item)


def group_of(
    members: Mapping[str, Type], rest: Type | None = None, absent: Absent = Absent(), noun: str = ""
) -> Type:
    """A group of named members: closed, or with others of the type `rest`."""
    return Type("group", members=dict(members), rest=rest, absent=absent, noun=noun)


def join(types_: Iterable[Type]) -> Type:
    """The type that holds the values of all of them; nothing adds nothing to another."""
    return reduce(_join, types_) if (types_ := tuple(types_)) else NOTHING


def _join(one: Type, other: Type) -> Type:
    return replace(
        _joined(one, other),
        never_null=one.never_null and other.never_null,
        no_number=one.no_number or other.no_number,
        written=one.written if one.written == other.written else None,
        one_of=(*one.one_of, *other.one_of) if one.one_of and other.one_of else (),
    )


def _joined(one: Type, other: Type) -> Type:
    if NOTHING in (one, other):
        return or_nothing(other if one == NOTHING else one)
    if {one.kind, other.kind} <= NUMBERS:
        return one if one.kind == other.kind else DECIMAL
    if one.kind != other.kind:
        return UNKNOWN
    if one.item is not None and other.item is not None:
        return list_of(_join(one.item, other.item))
    if one.kind == "group":
        return _join_groups(one, other)
    return one


def or_nothing(found: Type) -> Type:
    """The type of what may not be there at all: a dot on nothing is nothing, whatever the member was."""
    members = found.members and {name: or_nothing(one) for name, one in found.members.items()}
    return replace(found, members=members, rest=found.rest and or_nothing(found.rest), never_null=False)


def ordered_by(member: Type, names: Iterable[str]) -> Type:
    """A member of what was put in order by the texts of these members of it, or by itself if it is a text."""
    if member.kind == "text":
        return replace(member, no_number=BY_LETTERS)
    members = dict(member.members or {})
    for name in names:
        if name in members and members[name].kind == "text":
            members[name] = replace(members[name], no_number=BY_LETTERS)
    return replace(member, members=members) if member.kind == "group" else member


def _join_groups(one: Type, other: Type) -> Type:
    """A member that only one of them has may be there or not: the joined group is open, and it is unknown."""
    mine, others = one.members or {}, other.members or {}
    members = {name: _join(mine[name], others[name]) for name in mine if name in others}
    closed = len(members) == len(mine) == len(others) and one.rest is other.rest is None
    return replace(one, members=members, rest=None if closed else UNKNOWN)


def never_equal(one: Type, other: Type) -> bool:
    """No value of the one equals any of the other, but where both are empty."""
    kinds = {one.kind, other.kind}
    return len(kinds) > 1 and not kinds <= NUMBERS and not kinds & {"unknown", "nothing"}


def holds(found: Type, value: object) -> bool:
    """Is the value one of this type, or nothing where that may be?"""
    if value is None:
        return not found.never_null
    if found.kind == "unknown":
        return True
    if found.kind == "list":
        item = found.item or UNKNOWN
        return isinstance(value, list | tuple) and all(holds(item, one) for one in value)
    if found.kind == "group":
        if not isinstance(value, Mapping):
            return False
        return all(holds(found.member(name) or NOTHING, one) for name, one in value.items())
    return isinstance(value, _PYTHON[found.kind]) and (isinstance(value, bool) == (found.kind == "yes_no"))


_PYTHON: Mapping[TypeKind, tuple[type, ...]] = {
    "text": (str,),
    "integer": (int,),
    "decimal": (Decimal, int),
    "yes_no": (bool,),
    "date": (date,),
    "nothing": (),
}
