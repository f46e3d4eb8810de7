"""What was found out about a file → lines for a person, or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from etl.cli.output import listed_groups
from etl.plugin import Columns, Counted
from etl.run.recognition import Fit
from etl.run.survey import ColumnSurvey, Survey

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file as its first fitting connector reads it with these options."""

    file: str
    fits: Sequence[Fit]
    options: Mapping[str, Any]
    found: Mapping[str, str]
    columns: Columns
    survey: Survey
    parts: Sequence[Counted]
    drafted: bool
    """No mapping says yet how it is read."""

    @property
    def rejected(self) -> int:
        """Records that a run would reject: all of a file that is not whole."""
        return self.survey.rejected if self.survey.whole else self.survey.records + self.survey.rejected

    @property
    def names(self) -> list[str]:
        return list(self.columns.names) or sorted(self.survey.columns)


def lines(one: Inspected) -> Iterator[str]:
    """What a person reads. Counts and shapes are facts; what they mean is for the mapping to say."""
    best, *others = one.fits
    yield f"{one.file}  read by {best.connector}" + (f": {best.why}" if best.why else "")
    for fit in others:
        yield f"  also read by {fit.connector}: {fit.why} ({fit.read} of the first {fit.of} records)"
    for what, words in one.found.items():
        yield f"  {what}: {words}"
    total = one.survey.records + one.survey.rejected
    yield f"  records: {total:,} ({one.rejected:,} rejected)"
    if one.names:
        yield from _columns(one)
    if one.parts:
        yield from _parts(one.parts, total)
    for position, row in enumerate(one.survey.first, 1):
        cells = [f"{name}={_cut(str(value))}" for name, value in row.items() if value not in (None, "", [])]
        if cells:
            yield f"  row {position}: {', '.join(cells)}"
    if one.drafted:
        yield "  a draft for the mapping:"
        yield from (f"    {line}" for line in draft(one))


def _columns(one: Inspected) -> Iterator[str]:
    seen = one.survey.columns
    width = max(map(len, one.names))
    many = max([len(column.different) for column in seen.values()], default=1)
    yield "  columns (filled, different, first values):"
    for name in one.names:
        column = seen.get(name, ColumnSurvey())
        share = f"{100 * column.filled // one.survey.records:>3} %" if one.survey.records else "  – "
        examples = " · ".join(_cut(text) for text in column.examples)
        yield f"    {name.ljust(width)}  {share}  {column.different.rjust(many)}  {examples}".rstrip()
        if facts := column.facts():
            yield f"    {' ' * width}         {' ' * many}  {'; '.join(facts)}"


def _parts(parts: Sequence[Counted], records: int) -> Iterator[str]:
    yield f"  fields (in how many of {records:,} records, how often in all, at most in one, first values):"
    width = max(len(part.name) for part in parts) + 2
    room = len(f"{max(part.total for part in parts):,}")
    for part in parts:
        name = f"  {part.name}" if "$" in part.name else part.name
        said = " · ".join(filter(None, [part.detail, *map(_cut, part.examples)]))
        counts = "  ".join(f"{count:>{room},}" for count in (part.records, part.total, part.most))
        yield f"    {name.ljust(width)}  {counts}  {said}".rstrip()


def draft(one: Inspected) -> Iterator[str]:
    """The `source:` of a mapping, as YAML. Texts are quoted as JSON has them, which is YAML."""
    yield "source:"
    yield f"  connector: {one.fits[0].connector}"
    nested = "/" in one.file and ":" not in one.file and not one.file.startswith("/")
    where = "  # in a mapping: from the folder that the mapping is in" if nested else ""
    yield f"  path: {_quoted(one.file)}{where}"
    said = {name: value for name, value in one.options.items() if value != {}}
    if said:
        yield "  options:"
    for name, value in said.items():
        if not isinstance(value, Mapping):
            yield f"    {_key(name)}: {_quoted(value)}"
            continue
        yield f"    {_key(name)}:"
        yield from (f"      {_key(key)}: {_quoted(inner)}" for key, inner in value.items())


def _key(name: str) -> str:
    return name if name.isidentifier() and name not in ("null", "true", "false") else _quoted(name)


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def as_dict(one: Inspected) -> dict[str, Any]:
    """The same for programs."""
    columns = {name: one.survey.columns.get(name, ColumnSurvey()) for name in one.names}
    return {
        "file": one.file,
        "connector": one.fits[0].connector,
        "fits": [
            {"connector": fit.connector, "why": fit.why, "read": fit.read, "of": fit.of}
            for fit in one.fits
            if fit.why
        ],
        "found": one.found,
        "records": one.survey.records,
        "rejected": one.survey.rejected,
        "whole": one.survey.whole,
        "columns": {
            name: {
                "meaning": one.columns.names.get(name, ""),
                "filled": column.filled,
                "different": column.different,
                "longest": column.longest,
                "examples": column.examples,
                "shapes": dict(column.shapes),
            }
            for name, column in columns.items()
        },
        "parts": [asdict(part) for part in one.parts],
        "rows": json.loads(json.dumps(one.survey.first, default=str)),
        "problems": listed_groups(one.survey.problems.groups()),
        "source": {"connector": one.fits[0].connector, "path": one.file, "options": dict(one.options)},
    }
