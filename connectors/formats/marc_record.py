"""One MARC record, whatever it was serialised in, and how a reader hands it on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from connectors.formats.trouble import Trouble


class Field(NamedTuple):
    """A control field has a `value`; a data field has two `indicators` and `subfields` (code, text)."""

    tag: str
    value: str = ""
    indicators: str = ""
    subfields: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class MarcRecord:
    """`fields` in record order; a reader may leave out those that nobody asked for."""

    leader: str
    fields: list[Field] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Characters, its marks reckoned in."""
        return sum(
            8 + len(value) + sum(2 + len(text) for _, text in subfields)
            for _, value, _, subfields in self.fields
        )

    def as_json(self) -> str:
        """MARC-in-JSON, the form that pymarc, Catmandu and Koha exchange."""
        fields: list[dict[str, object]] = []
        for tag, value, indicators, subfields in self.fields:
            if not indicators:
                fields.append({tag: value})
                continue
            parts = [{code: text} for code, text in subfields]
            fields.append({tag: {"ind1": indicators[0], "ind2": indicators[1], "subfields": parts}})
        return json.dumps({"leader": self.leader, "fields": fields}, ensure_ascii=False)


def indicators_of(tag: str, text: str) -> tuple[str, Trouble | None]:
    """What stands before a field's first subfield → two indicators, and what is wrong with it.

    >>> indicators_of("245", "1")[0]
    '1 '
    """
    if len(text) == 2:
        return text, None
    if len(text) > 2:
        told = f'field {tag} has text before its first subfield, which no path can reach: "{text[2:]}"'
        return text[:2], Trouble("E364", told, field=tag)
    told = f'field {tag} has the indicators "{text}", not two characters: blanks are taken for the rest'
    return text.ljust(2), Trouble("E363", told, field=tag)


class Unreadable(Exception):  # noqa: N818 - carries a Trouble up to the record's Entry
    """Raised inside a format to give one record up."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.message)
        self.trouble = trouble


class Entry(NamedTuple):
    """One record of a file: either `record` or `trouble`, with reservations in `notes`.

    `raw` gives its bytes; it is called before the next entry is asked for, or never.
    """

    line: int | None
    offset: int | None
    raw: Callable[[], bytes]
    record: MarcRecord | None
    trouble: Trouble | None = None
    notes: tuple[Trouble, ...] = ()
