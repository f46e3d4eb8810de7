"""etl explain CODE → what it means and what to do."""

from __future__ import annotations

import difflib
import json

import click

from etl.cli.options import common
from etl.cli.output import Format
from etl.codes import explanations


@click.command("explain")
@click.argument("code", required=False)
@common
def command(code: str | None, form: Format) -> int:
    """What a problem code means. Without CODE: all of them."""
    known = explanations()
    if code is None:
        if form == "json":
            click.echo(
                json.dumps({name: one.title for name, one in known.items()}, indent=2, ensure_ascii=False)
            )
        else:
            for name, one in known.items():
                click.echo(f"{name}  {one.title}")
        return 0
    if code.upper() not in known:
        near = difflib.get_close_matches(code.upper(), known, 1)
        raise click.UsageError(
            f"no code {code}" + (f", did you mean {near[0]}?" if near else "; etl explain lists them")
        )
    one = known[code.upper()]
    if form == "json":
        click.echo(
            json.dumps({"code": one.code, "title": one.title, "text": one.text}, indent=2, ensure_ascii=False)
        )
    else:
        click.echo(f"{one.code} {one.title}\n\n{one.text}")
    return 0
