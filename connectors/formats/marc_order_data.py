"""Which parts of a MARC record are its order, and what of them would go unused: told, never dropped.

Order data stand in 001, 020$c, 024, 037, 365, 9XX and whatever field `rows` names. A path that asks for one
value and meets several, and a subfield that no path reads, may be a second copy, fund or price. Where a copy
stands and what was paid for it (852, 541) is told too if no path reads it, though a record may say it often.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from connectors.formats.marc_path import Fields, MarcPath
from connectors.formats.marc_record import Field
from connectors.formats.trouble import Trouble, several_said
from etl.plugin import Unread, normal_form
from etl.values.isbn import book_of

_WHOLE = frozenset({"001", "024", "037", "365"})
_PRICE = ("020", "c")
_COPIES = frozenset({"541", "852"})
TAGS = frozenset({*_WHOLE, *_COPIES, _PRICE[0], *(f"9{number:02}" for number in range(100))})
"""Of fields that may hold order data, whatever a mapping calls them."""
_PUNCTUATION = re.compile(r"(?<![\s/:;,=.])[\s/:;,=.]+\Z")
_LONGEST = 40


def is_order_data(tag: str, code: str, rows: frozenset[str]) -> bool:
    """`rows` are the tags whose fields are rows, and of those that belong to them.

    >>> [is_order_data(*part, frozenset({"852"})) for part in (("949", "x"), ("020", "a"), ("852", "t"))]
    [True, False, True]
    """
    return tag in _WHOLE or tag[0] == "9" or tag in rows or (tag, code) == _PRICE


def several_values(
    path: MarcPath,
    fields: Fields,
    found: list[str],
    column: str,
    where: str,
    rows: frozenset[str],
    lists: bool = True,
) -> Trouble | None:
    """What to tell of the values that a path `found`, if it asks for one of them: E327 (which holds) for
    order data, E328 for others; None if they are one. `where` is the record, or the row's field; `lists`: the
    column may be a list.
    """
    if len(found) < 2 or path.take:
        return None
    cut = next(cut for cut in path.cuts if cut.values(fields))
    isbns = cut.tag == "020" and cut.codes == "a"
    different = {(book_of(text) if isbns else None) or _compared(text): text for text in reversed(found)}
    if len(different) < 2:
        return None
    tags = {one.tag for one in cut.fields(fields)}
    holds = any(is_order_data(tag, code, rows) for tag in tags for code in cut.codes or ("",))
    said = several_said(f'"{path.text}" asks for one value', where, list(reversed(different.values())))
    told = "" if holds else "; the first is taken"
    parts = path.text.split("|")
    every, first = ("|".join(f"{part.strip()}{take}" for part in parts) for take in ("[]", "[0]"))
    ways = [f"{column}: {every}  for all of them"] if lists else []
    ways.append(f"{column}: {first}  for the first on purpose")
    if lists and holds and not rows and cut.codes and len(cut.fields(fields)) > 1:
        ways.append(f'rows: "{min(tags)}"  for a row of each')
    help_ = f"write  {'  or  '.join(ways)}"
    return Trouble("E327" if holds else "E328", f"{said}{told}", help_, column, holds)


def _compared(text: str) -> str:
    """Without what does not make another value of it: blanks, and the marks that lead on to the next."""
    return _PUNCTUATION.sub("", normal_form(text))


@dataclass(slots=True)
class UnreadOrderData:
    """Counts the order data that none of these paths reads."""

    paths: Iterable[MarcPath]
    rows: frozenset[str]
    _whole: bool = False
    _read: set[tuple[str, str]] = field(default_factory=set)
    _picky: list[tuple[MarcPath, int]] = field(default_factory=list)
    _found: dict[str, Unread] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path in self.paths:
            self._whole = self._whole or path.whole
            for number, cut in enumerate(path.cuts):
                if cut.nth or cut.conditions or cut.pattern:
                    self._picky.append((path, number))
                else:
                    self._read |= {(cut.tag[:3], code) for code in cut.codes or ("",)}

    def see(self, number: int, fields: Mapping[str, list[Field]]) -> None:
        """The fields of record `number`, by tag, as its paths see them."""
        for name, text in self.left(fields).items():
            one_more = Unread(1, number, text[:_LONGEST])
            self._found[name] = self._found[name] + one_more if name in self._found else one_more

    def left(self, fields: Fields) -> dict[str, str]:
        """Tag and subfield → the first text, of the order data of one record that no path reads."""
        left: dict[str, str] = {}
        if self._whole:
            return left
        for tag, group in fields.items():
            if not tag or (tag[0] not in "0239" and tag not in self.rows | _COPIES) or tag.endswith("@"):
                continue
            for one in group:
                for code, text in one.subfields or (("", one.value),):
                    if (tag, code) in self._read or not is_order_data(tag, code, self.rows | _COPIES):
                        continue
                    if text and not text.isspace() and not self._is_picked(one, code, fields):
                        left.setdefault(f"{tag}${code}" if code else tag, text)
        return left

    def _is_picked(self, one: Field, code: str, fields: Fields) -> bool:
        """Does a path with a condition, a number or a dot read it?"""
        for path, number in self._picky:
            cut = path.cuts[number]
            codes = (*(cut.codes or ("",)), *(condition.code for condition in cut.conditions))
            if code in codes and any(one is read for read in cut.fields(fields)):
                return True
        return False

    def taken(self) -> dict[str, Unread]:
        """What was found since the last time."""
        found, self._found = self._found, {}
        return found
