"""What vendors' records say and a mapping does not read, less what `source.ignore` speaks of → one note.

A value that goes unused on purpose is declared, with its reason; of every other a run tells, once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache

from etl.normal_form import normal_form
from etl.plugin import Unread
from etl.problems import DataPlace, Problem, Severity
from etl.spec.load import Spec

_SHOWN = 60
"""Names in one note. There may be a file of a thousand columns; of a vendor's own there are fewer."""
_EXAMPLE = 30
_MARC_TAG = re.compile(r"[0-9A-Za-z.]{3}(?=\$|\Z)")


@dataclass(slots=True)
class UnreadValues:
    """Of all files of a run: names, each with the file it was met in first."""

    _found: dict[str, tuple[str, Unread]] = field(default_factory=dict)

    def add(self, file: str, unread: Mapping[str, Unread]) -> None:
        """`unread` is what `Batch.unread` says of records of that file."""
        for name, one in unread.items():
            first, known = self._found.get(name, (file, None))
            self._found[name] = first, one if known is None else known + one

    def tell(
        self, spec: Spec, note: Callable[[Problem], None], members: Collection[str] = frozenset()
    ) -> None:
        """E329, with what each says and the place of the first, if anything is left. `members`: what
        templates ask of groups; so they read placements.note, and a vendor's field by raw['Moms %'].
        """
        unread = ((name, one) for name, one in self._found.items() if _member(name) not in members)
        left = {name: one for name, one in unread if not is_ignored(name, spec)}
        if not left:
            return
        name, (file, one) = next(iter(left.items()))
        place = DataPlace(file, one.first, field=name)
        said = [_told(unread, *of, place) for unread, of in list(left.items())[:_SHOWN]]
        more = f" and {len(left) - _SHOWN:,} more" if len(left) > _SHOWN else ""
        told = f"records say what the mapping does not read: {', '.join(said)}{more}"
        reason = f"ignore: {{{json.dumps(name, ensure_ascii=False)}: …}}"
        help_ = f"use it in a field, or say under source why it goes unused:  {reason}"
        note(Problem("E329", told, Severity.NOTE, spec.place("source"), place, help_))


def _told(name: str, file: str, one: Unread, place: DataPlace) -> str:
    """How many records say it, what the first of them says, and where, if not at `place`."""
    example = json.dumps(one.example[:_EXAMPLE], ensure_ascii=False)
    where = f", record {one.first}" if (file, one.first) != (place.file, place.record) else ""
    where += f" of {file}" if file != place.file else ""
    return f"{name} ({one.records:,}: {example}{where})"


def _member(name: str) -> str:
    """What a template asks of a group to read it: of a list of groups the name has the list's before it."""
    group, dot, member = name.partition(".")
    return member if dot and group.isidentifier() and member.isidentifier() else name


def is_ignored(name: str, spec: Spec) -> bool:
    """Does an entry of `source.ignore` speak of it?"""
    return ignored_by(name, spec) is not None


def ignored_by(name: str, spec: Spec) -> str | None:
    """The entry of `source.ignore` that speaks of it."""
    plain = normal_form(name).casefold()
    ignore = spec.model.source.ignore
    return next((entry for entry in ignore if any(fnmatchcase(plain, one) for one in _patterns(entry))), None)


@lru_cache(maxsize=1024)
def _patterns(entry: str) -> tuple[str, ...]:
    """With or without capitals; `*` stands for any text and `?` for any character. A MARC tag is all of that
    field, and a dot in it any character, as in a path.
    """
    text = normal_form(entry).casefold()
    tag = match[0] if (match := _MARC_TAG.match(text)) else ""
    signs = tag.replace(".", "?") + text[len(tag) :].replace("[", "[[]")
    return (signs, f"{signs}$*") if text == tag else (signs,)
