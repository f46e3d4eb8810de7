"""etl inspect FILE → what a connector makes of it."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import click
from pydantic import ValidationError

from etl.cli.options import common, option, pairs
from etl.cli.output import Format, Output
from etl.interruption import interruption
from etl.plugin import Connector, Source
from etl.problems import MappingPlace, Problem
from etl.records import RESERVED
from etl.registry import Registry
from etl.run.inputs import resolve
from etl.run.rows import read_to_the_end
from etl.spec.load import load, plain
from etl.yaml_tree import Mapping

_BY_SUFFIX = {".mrc": "marc", ".marc": "marc", ".xml": "marc", ".dat": "marc", ".usmarc": "marc"}
_SHOWN = 60


@dataclass(slots=True)
class _Seen:
    """What was counted over the whole file."""

    records: int = 0
    rejected: int = 0
    filled: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    first: list[dict[str, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    spoilt: bool = False
    """The file is not whole: a run rejects all of its records."""


@click.command("inspect")
@click.argument("file")
@option("--connector", help="Which connector reads it. Default: by the file's ending, csv otherwise.")
@click.option(
    "--mapping", type=click.Path(dir_okay=False), help="Take connector and options from this mapping."
)
@click.option("--option", "given", multiple=True, metavar="NAME=VALUE", help="An option of the connector.")
@click.option("--rows", default=3, show_default=True, help="How many first rows to show.")
@common
def command(
    file: str, connector: str | None, mapping: str | None, given: tuple[str, ...], rows: int, form: Format
) -> int:
    """Encoding, delimiter, columns with fill rates, first rows, and what could not be read."""
    sources, _ = resolve([file], sys.stdin.buffer)
    name, options = _named(mapping, connector, file)
    reader: Connector = Registry.installed().get("connectors", name, MappingPlace("--connector"))()
    try:
        checked = reader.Options.model_validate({**options, **pairs(given, "--option")})
    except ValidationError as error:
        words = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise click.UsageError(f"connector {name}: {words}") from None
    output = Output(form)
    for source in sources:
        columns = reader.columns(checked, source)
        found = reader.inspect(source, checked)
        seen = _count(reader, source, checked, rows)
        if form == "json":
            output.json(_as_dict(source, name, found, dict(columns.names), seen))
        else:
            output.data(*_lines(source, name, found, list(columns.names), seen))
            output.problems(seen.problems)
    return 0


def _named(mapping: str | None, connector: str | None, file: str) -> tuple[str, dict[str, Any]]:
    if mapping is not None:
        spec = load(mapping)
        node = spec.node("source", "options")
        own = plain(node) if isinstance(node, Mapping) and node.path == "source.options" else {}
        return connector or spec.model.source.connector, own
    return connector or _BY_SUFFIX.get(PurePath(file).suffix.lower(), "csv"), {}


def _count(reader: Connector, source: Source, options: Any, rows: int) -> _Seen:
    seen = _Seen()
    reading = read_to_the_end(reader.read(source, options, None))
    seen.spoilt = reading.spoilt is not None
    for batch in reading.batches:
        interruption.look()
        frame = batch.frame.drop(list(RESERVED))
        seen.records += frame.height
        seen.rejected += len(batch.rejected)
        seen.problems += [problem for rejected in batch.rejected for problem in rejected.problems]
        seen.problems += batch.notes
        for column in frame.columns:
            values = [value for value in frame[column].to_list() if value not in (None, "", [])]
            seen.filled[column] += len(values)
            if values:
                seen.examples.setdefault(column, str(values[0]))
        if len(seen.first) < rows:
            seen.first += frame.head(rows - len(seen.first)).to_dicts()
    return seen


def _lines(
    source: Source, name: str, found: dict[str, str], columns: list[str], seen: _Seen
) -> Iterator[str]:
    yield f"{source.name}  read by {name}"
    for what, words in found.items():
        yield f"  {what}: {words}"
    total = seen.records + seen.rejected
    rejected = total if seen.spoilt else seen.rejected
    yield f"  records: {total:,} ({rejected:,} rejected)"
    names = columns or sorted(seen.filled)
    width = max((len(column) for column in names), default=0)
    yield "  columns (filled, first value):"
    for column in names:
        share = f"{100 * seen.filled[column] // seen.records:>3} %" if seen.records else "  – "
        yield f"    {column.ljust(width)}  {share}  {_cut(seen.examples.get(column, ''))}"
    for position, row in enumerate(seen.first, 1):
        shown = ", ".join(
            f"{column}={_cut(str(value))}" for column, value in row.items() if value not in (None, "", [])
        )
        yield f"  row {position}: {shown}"


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _as_dict(
    source: Source, name: str, found: dict[str, str], columns: dict[str, str], seen: _Seen
) -> dict[str, Any]:
    return {
        "file": source.name,
        "connector": name,
        "found": found,
        "records": seen.records,
        "rejected": seen.rejected,
        "whole": not seen.spoilt,
        "columns": {
            column: {"meaning": meaning, "filled": seen.filled[column], "example": seen.examples.get(column)}
            for column, meaning in columns.items()
        },
        "rows": json.loads(json.dumps(seen.first, default=str)),
        "problems": [problem.as_dict() for problem in seen.problems],
    }
