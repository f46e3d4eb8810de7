"""etl inspect FILE → which connectors read it, and what is in it: for somebody who has no mapping yet."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click

from etl.cli.inspected import Inspected, as_dict, lines
from etl.cli.options import FILE, common, named_option, named_values, option
from etl.cli.output import Format, Output
from etl.plugin import Connector, Source
from etl.problems import MappingPlace, Problem, Refusal
from etl.registry import Registry
from etl.run.inputs import resolve
from etl.run.recognition import UNREAD, Fit, recognise, unrecognised
from etl.run.survey import survey
from etl.spec.load import Spec, load
from etl.spec.misfits import Typed, fitted


@click.command("inspect")
@click.argument("file")
@option("--connector", help="Which connector reads it. Default: told by the file's content.")
@option("--mapping", type=FILE, help="Take connector and options from this mapping.")
@named_option("--option", "given", "An option of the connector.")
@option("--rows", default=3, show_default=True, help="How many first rows to show.")
@common
def command(
    file: str, connector: str | None, mapping: str | None, given: tuple[str, ...], rows: int, form: Format
) -> int:
    """Which connectors read a file, whatever it is called; columns, values, fields of MARC; and a draft of
    `source:` for a mapping.
    """
    sources, _ = resolve([file], sys.stdin.buffer)
    registry, output = Registry.installed(), Output(form)
    spec = load(mapping) if mapping is not None else None
    name = connector or (spec.model.source.connector if spec else None)
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
            _tell(_inspected(source, fits, reading, given, spec, rows, registry), output)
    if unread:
        raise Refusal(unread)
    return 0


def _inspected(
    source: Source,
    fits: list[Fit],
    reading: Mapping[str, Any],
    given: tuple[str, ...],
    spec: Spec | None,
    rows: int,
    registry: Registry,
) -> Inspected:
    name = fits[0].connector
    reader: Connector = registry.get("connectors", name, MappingPlace("--connector"))()
    typed = Typed(
        named_values(given, "--option", reader.Options.model_fields),
        whole=f"--connector {name}",
        flag=lambda option: f"--option {option}",
    )
    own = {**reading, **(spec.model.source.options if spec else {})}
    options = fitted(reader.Options, own, spec.tree if spec else None, ("source", "options"), typed)
    columns = reader.columns(options, source)
    found = reader.inspect(source, options)
    surveyed = survey(reader.read(source, options, None), rows)
    parts, draft = ([], {}) if surveyed.columns else reader.parts(source, options)
    values = {**draft, **own, **typed.values}
    return Inspected(source.name, fits, values, found, columns, surveyed, parts, spec is None)


def _tell(one: Inspected, output: Output) -> None:
    if output.form == "json":
        output.json(as_dict(one))
    else:
        output.data(*lines(one))
        output.groups(one.survey.problems.groups())
