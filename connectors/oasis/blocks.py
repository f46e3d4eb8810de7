"""A record → its order blocks (960 and their 961); the lines of the blocks → one line with placements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connectors.formats.deleted_record import deleted
from connectors.formats.identical_fields import identical_fields
from connectors.formats.marc_pairs import pair
from connectors.formats.marc_path import MarcPath
from connectors.formats.marc_record import Field, MarcRecord, Unreadable
from connectors.formats.trouble import Trouble
from connectors.layouts.placements import settle_placements
from connectors.layouts.reading import DEFAULTED
from connectors.order_line import KINDS
from connectors.order_marc.paths import Fields, by_tag
from etl.plugin import DataPlace, Problem

_BY_PLACE = ("library", "department", "location", "loan_period", "fund", "fund_amount")
_NOT_COMPARED = frozenset({"placements", "raw", "quantity", "system_numbers", "sub_line", *_BY_PLACE})


def views_of(
    record: MarcRecord, tag: str | None, paths: Iterable[MarcPath], *, strictly: bool
) -> tuple[list[Fields], list[Trouble]]:
    """The record's fields as each block sees them: one field `tag`, and of paired tags what belongs to it.

    A record without such a field is seen as a whole. When it cannot be told which fields belong together,
    each block gets all of them, with a reservation (E381); raises Unreadable instead if `strictly`.
    """
    fields = by_tag(record)
    partners = frozenset[str]().union(*(path.paired for path in paths))
    blocks = fields.get(tag, []) if tag else []
    if not blocks:
        return [{**fields, **{f"{other}@": fields.get(other, []) for other in partners}}], deleted(record)
    views: list[Fields] = [{**fields, block.tag: [block]} for block in blocks]
    troubles = deleted(record)
    beside: list[tuple[Field, ...]] = [()] * len(blocks)
    for other in sorted(partners):
        try:
            belonging = pair(record.fields, blocks[0].tag, other)
        except Unreadable as given_up:
            if strictly:
                raise
            troubles.append(given_up.trouble)
            belonging = [fields[other]] * len(blocks)
        for view, theirs in zip(views, belonging, strict=True):
            view[f"{other}@"] = theirs
        beside = [(*one, *theirs) for one, theirs in zip(beside, belonging, strict=True)]
    if (told := identical_fields(blocks, beside)) is not None:
        troubles.append(told)
    return views, troubles


def merge_blocks(
    lines: Sequence[Mapping[str, Any]], tag: str, place: DataPlace
) -> tuple[dict[str, Any], list[Problem]]:
    """One line of all blocks: each is a placement. What one leaves out it has from the others.

    Answers E357 when they contradict each other in what a line has once: price, currency, date.
    """
    merged = dict(lines[0])
    problems = []
    for name in KINDS:
        if name in _NOT_COMPARED or name in ("note_vendor", "note_internal"):
            continue
        values = list(dict.fromkeys(line[name] for line in lines if line.get(name) is not None))
        merged[name] = values[0] if values else None
        if len(values) > 1:
            problems.append(_contradiction(name, values, tag, place))
    notes = list(dict.fromkeys(line["note_vendor"] for line in lines if line.get("note_vendor")))
    merged["note_vendor"] = "; ".join(notes) or None
    merged["placements"] = _placements(lines)
    internal = {line.get("note_internal") for line in lines}
    merged["note_internal"] = internal.pop() if len(internal) == 1 else None
    for name in ("quantity", *_BY_PLACE):
        merged[name] = None
    merged[DEFAULTED] = tuple(dict.fromkeys(name for line in lines for name in line[DEFAULTED]))
    merged["raw"] = _raw(lines)
    return merged, [*problems, *settle_placements(merged, place)]


def number_field(field: str | None, tag: str, number: int) -> str | None:
    """960$o of the second block → 960[2]$o, for a message.

    >>> number_field("960$o", "960", 2)
    '960[2]$o'
    """
    return f"{tag}[{number}]{field[len(tag) :]}" if field and field.startswith(tag) else field


def _placements(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Notes that differ from block to block stay with their block."""
    several = len({line.get("note_internal") for line in lines}) > 1
    placements = []
    for number, line in enumerate(lines, 1):
        (one,) = line["placements"]
        note = line.get("note_internal") if several else one["note"]
        placements.append({**one, "sub_line": str(number), "note": note})
    return placements


def _contradiction(name: str, values: Sequence[object], tag: str, place: DataPlace) -> Problem:
    said = " and ".join(f'"{value}"' for value in values[:3])
    told = f'the order blocks ({tag}) of one title say {said} for "{name}"'
    help_ = "if each block is an order line of its own, set  blocks: lines  under source.options"
    return Problem("E357", told, data=place, help=help_)


def _raw(lines: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    """The first block's fields under their names; what another says differently under its number."""
    raw: dict[str, object] = dict(lines[0]["raw"])
    for number, line in enumerate(lines[1:], 2):
        for name, text in line["raw"].items():
            if raw.get(name) != text:
                raw[f"{name[:3]}[{number}]{name[3:]}"] = text
    return raw
