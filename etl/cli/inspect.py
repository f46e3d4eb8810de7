"""etl inspect FILE → which connectors read it, and what is in it: for somebody who has no mapping yet."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click
from pydantic import ValidationError

from etl.cli.inspected import Inspected, as_dict, lines
from etl.cli.options import common, option, pairs
from etl.cli.output import Format, Output
from etl.plugin import Connector, Source
from etl.problems import MappingPlace, Problem, Refusal
from etl.registry import Registry
from etl.run.inputs import resolve
from etl.run.recognition import UNREAD, Fit, recognise, unrecognised
from etl.run.survey import survey
from etl.spec.load import load, plain
from etl.yaml_tree import Mapping as Group


@click.command("inspect")
@click.argument("file")
@option("--connector", help="Which connector reads it. Default: told by the file's content.")
@click.option(
    "--mapping", type=click.Path(dir_okay=False), help="Take connector and options from this mapping."
)
@click.option("--option", "given", multiple=True, metavar="NAME=VALUE", help="An option of the connector.")
@click.option("--rows", default=3, show_default=True, help="How many first rows to show.")
@common
def command(
    file: str, connector: str | None, mapping: str | None, given: tuple[str, ...], rows: int, form: Format
) -> int:
    """Which connectors read a file, whatever it is called; columns, values, fields of MARC; and a draft of
    `source:` for a mapping.
    """
    sources, _ = resolve([file], sys.stdin.buffer)
    registry, output = Registry.installed(), Output(form)
    name, options = _named(mapping, connector)
    options |= pairs(given, "--option")
    unread: list[Problem] = []
    for source in sources:
        if name is not None:
            fits = [Fit(name, "", 0, 0, general=False)]
        else:
            recognition = recognise(source, registry)
            fits = list(recognition.fits)
            if not fits:
                unread.append(unrecognised(source, recognition.others))
                if unread[-1].code == UNREAD:
                    output.say(f"{source.name}  read by none of the connectors")
                    output.say(*(f"  {one}: {why.message}" for one, why in recognition.others.items()))
                continue
        for reading in fits[0].readings:
            _tell(_inspected(source, fits, {**reading, **options}, rows, registry, mapping is None), output)
    if unread:
        raise Refusal(unread)
    return 0


def _named(mapping: str | None, connector: str | None) -> tuple[str | None, dict[str, Any]]:
    if mapping is None:
        return connector, {}
    spec = load(mapping)
    node = spec.node("source", "options")
    own = plain(node) if isinstance(node, Group) and node.path == "source.options" else {}
    return connector or spec.model.source.connector, own


def _inspected(
    source: Source, fits: list[Fit], given: Mapping[str, Any], rows: int, registry: Registry, drafted: bool
) -> Inspected:
    name = fits[0].connector
    reader: Connector = registry.get("connectors", name, MappingPlace("--connector"))()
    try:
        options = reader.Options.model_validate(given)
    except ValidationError as error:
        words = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise click.UsageError(f"connector {name}: {words}") from None
    columns = reader.columns(options, source)
    found = reader.inspect(source, options)
    surveyed = survey(reader.read(source, options, None), rows)
    parts, draft = ([], {}) if surveyed.columns else reader.parts(source, options)
    return Inspected(source.name, fits, {**draft, **given}, found, columns, surveyed, parts, drafted)


def _tell(one: Inspected, output: Output) -> None:
    if output.form == "json":
        output.json(as_dict(one))
    else:
        output.data(*lines(one))
        output.groups(one.survey.problems.groups())
