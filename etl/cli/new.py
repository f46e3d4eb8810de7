"""etl new NAME --from MAPPING → a working copy of a mapping that comes along, in a folder of the user's."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

import click

from etl.cli.options import PATH, common, option
from etl.cli.output import Format, Output
from etl.cli.shipped import named
from etl.cli.summary import counted
from etl.cli.working_copy import working_copy
from etl.own_files import refuse_links, refuse_others, write_whole
from etl.problems import MappingPlace, Problem, Refusal, Severity
from etl.registry import Registry
from etl.run.naming import DEVICE
from etl.spec.schema import mapping_schema

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}")
_SHOWN = 5


@click.command("new", epilog="Exit codes: 0 the copy is made, 2 nothing was written.")
@click.argument("name")
@option("--from", "model", required=True, metavar="MAPPING",
        help="The mapping to begin with: etl list mappings shows them.")  # fmt: skip
@option(
    "--into",
    type=PATH,
    default="mappings",
    show_default=True,
    metavar="DIR",
    help="The folder of your mappings. The copy is DIR/NAME; what mappings share is DIR/_shared.",
)
@common
def command(name: str, model: str, into: Path, form: Format) -> int:
    """Lay a working copy of a mapping that comes along: its tables, samples, reviewed payloads, and bases.

    It passes `etl check` and `etl snapshot` as it is; an editor with yaml-language-server finds its schema,
    DIR/mapping.schema.json. Nothing that stands there is written over.
    """
    _refuse_name(name)
    mappings = named(model, MappingPlace("--from"))
    files = working_copy(name, mappings, into, _schema())
    _refuse_taken(into / name)
    kept = _lay(files, into)
    output = Output(form)
    output.problems(
        Problem(
            "E117",
            f'"{into / path}" stands there and is not the one that comes with etl: it stays as it is',
            Severity.WARNING,
            mapping=MappingPlace(str(into / path)),
            help=f"the payloads in {into / name} were made with the other: see what  etl snapshot  says",
        )
        for path in kept
    )
    output.say(
        f"{into / name}: {counted(len(mappings), 'mapping')} of {mappings[0].folder} to begin with",
        f"  what to change first:  {into / name / 'README.md'}",
        f"  is it well:            etl check {into / name}",
        f"  what comes of it:      etl snapshot {into / name}",
    )
    return 0


def _schema() -> bytes:
    """The editor's schema of what is installed here, without blanks: nobody reads it."""
    schema = mapping_schema(Registry.installed())
    return json.dumps(schema, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _refuse_name(name: str) -> None:
    if _NAME.fullmatch(name) and not DEVICE.match(name):
        return
    raise Refusal(
        Problem(
            "E118",
            f'"{name}" cannot be the name of a mapping and its folder',
            mapping=MappingPlace("NAME"),
            help="use letters a to z, digits, - and _ only, begin with a letter or digit; --into says where",
        )
    )


def _refuse_taken(place: Path) -> None:
    """Raises Refusal (E114) when something stands at the place of the copy, if only a file in a folder."""
    found = sorted(path.name for path in place.iterdir()) if place.is_dir() else []
    if not os.path.lexists(place) or (place.is_dir() and not place.is_symlink() and not found):
        return
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    holds = f": {', '.join(found[:_SHOWN])}{more}" if found else ""
    raise Refusal(
        Problem(
            "E114",
            f'"{place}" is there already{holds}',
            mapping=MappingPlace(str(place)),
            help="nothing was written; choose another name, or take it away yourself if nobody needs it",
        )
    )


def _lay(files: Mapping[str, bytes], into: Path) -> list[str]:
    """Write what is not there. Shared files of another content, which stay as they are.

    Raises Refusal (E612) with nothing written for a link, or what is no file, and OSError as the disk does.
    """
    for path in files:
        refuse_links(into / path, into)
        refuse_others(into / path, lambda _head: True)
    there = {path for path in files if os.path.lexists(into / path)}
    for path in sorted(files.keys() - there):
        write_whole(into / path, files[path], mode=0o644, ours=lambda _head: False)
    return sorted(path for path in there if "/" in path and (into / path).read_bytes() != files[path])
