"""MARC records → which fields and subfields they have, counted: what there is to write paths for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from connectors.formats.marc_record import Entry, MarcRecord
from etl.plugin import Counted

_PARTS = 5_000
"""Different fields and subfields that are counted: damaged records may have any."""
_INDICATORS, _EXAMPLES, _EXAMPLE = 4, 2, 60
_PATH = re.compile(r"00[0-9A-Za-z]|[0-9A-Za-z]{3}\$[0-9a-z]")
_MOST_COLUMNS = 20


@dataclass(slots=True)
class _Part:
    records: int = 0
    total: int = 0
    most: int = 0
    examples: list[str] = field(default_factory=list)
    indicators: Counter[str] = field(default_factory=Counter)

    def example(self, text: str) -> None:
        if len(self.examples) < _EXAMPLES and text[:_EXAMPLE] not in self.examples:
            self.examples.append(text[:_EXAMPLE])


def anatomy(entries: Iterable[Entry]) -> tuple[list[Counted], dict[str, Any]]:
    """Fields by tag, each followed by its subfields; and a draft of options: columns for what most records
    have, and `rows` where a field of several subfields from 900 on, as order data are in, is repeated.
    """
    parts: dict[str, _Part] = {}
    records = left = 0
    for entry in entries:
        if entry.record is not None:
            records += 1
            left += _count(parts, entry.record)
    told = [_told(name, part) for name, part in sorted(parts.items())]
    if left:
        told.append(Counted("others", 0, left, 0, detail=f"more than {_PARTS} different ones"))
    usual = [
        name for name, part in sorted(parts.items()) if part.records * 2 > records and _PATH.fullmatch(name)
    ]
    several = Counter(name[:3] for name in usual)
    blocks = [tag for tag in several if tag[0] == "9" and several[tag] > 1 and parts[tag].most > 1]
    rows = max(blocks, key=lambda tag: parts[tag].total, default=None)
    columns = {}
    for name in usual[:_MOST_COLUMNS]:
        once = parts[name[:3]].most if name[:3] == rows else 1
        many = "$" in name and parts[name].most > once
        columns[f"f{name.replace('$', '')}"] = f"{name}[]" if many else name
    return told, {"columns": columns, **({"rows": rows} if rows else {})}


def _count(parts: dict[str, _Part], record: MarcRecord) -> int:
    """How many there was no room for."""
    here: Counter[str] = Counter()
    left = 0
    for tag, value, indicators, subfields in record.fields:
        for name, text in ((tag, value), *((f"{tag}${code}", text) for code, text in subfields)):
            if name not in parts and len(parts) >= _PARTS:
                left += 1
                continue
            part = parts.setdefault(name, _Part())
            here[name] += 1
            if text:
                part.example(text)
        if indicators and tag in parts:
            found = parts[tag].indicators
            shown = indicators.replace(" ", "#")
            found[shown if shown in found or len(found) < _INDICATORS else "…"] += 1
    for name, count in here.items():
        part = parts[name]
        part.records += 1
        part.total += count
        part.most = max(part.most, count)
    return left


def _told(name: str, part: _Part) -> Counted:
    indicators = ", ".join(f"{shown} ({count})" for shown, count in part.indicators.most_common())
    detail = f"indicators {indicators}" if indicators else ""
    return Counted(name, part.records, part.total, part.most, tuple(part.examples), detail)
