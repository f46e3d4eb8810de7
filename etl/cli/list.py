"""etl list [KIND] → what is installed, with its origin."""

from __future__ import annotations

import inspect

import click

from etl.cli.options import common
from etl.cli.output import Format, Output
from etl.problems import Refusal
from etl.registry import KINDS, Registry


@click.command("list")
@click.argument("kind", type=click.Choice(KINDS), required=False)
@common
def command(kind: str | None, form: Format) -> int:
    """Connectors, targets, sinks and filters that mappings can use."""
    registry = Registry.installed()
    rows = [
        {
            "kind": one,
            "name": name,
            "summary": _summary(registry, one, name),
            "from": registry.origin(one, name),
        }
        for one in ((kind,) if kind else KINDS)
        for name in registry.names(one)
    ]
    if form == "json":
        Output(form).json(rows)
        return 0
    output = Output(form)
    width = max((len(row["name"]) for row in rows), default=0)
    for position, row in enumerate(rows):
        if position == 0 or rows[position - 1]["kind"] != row["kind"]:
            output.data(*[""][:position], row["kind"])
        output.data(f"  {row['name'].ljust(width)}  {row['summary']}  [{row['from']}]")
    return 0


def _summary(registry: Registry, kind: str, name: str) -> str:
    """One line about it; a broken package is named, and does not hide the others."""
    try:
        thing = registry.get(kind, name)
    except Refusal as refusal:
        return refusal.problems[0].message
    summary = getattr(thing, "summary", None)
    if isinstance(summary, str):
        return summary
    return (inspect.getdoc(thing) or "").split("\n")[0]
