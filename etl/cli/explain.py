"""etl explain CODE → what it means and what to do."""

from __future__ import annotations

import click

from etl.cli.article import Article
from etl.cli.options import common, option
from etl.cli.output import Format, Output
from etl.cli.reference_pages import page_of
from etl.codes import explanations


@click.command("explain")
@click.argument("code", required=False)
@option("--markdown", is_flag=True, help="All of them, as the page of the documentation.")
@common
def command(code: str | None, markdown: bool, form: Format) -> int:
    """What a problem code means. Without CODE: all of them."""
    known, output = explanations(), Output(form)
    if markdown:
        articles = [Article(one.code, [f"**{one.title}**", one.text]) for one in known.values()]
        output.data(*page_of("problems", articles).splitlines())
        return 0
    if code is None:
        if form == "json":
            output.json({name: one.title for name, one in known.items()})
        else:
            output.data(*(f"{name}  {one.title}" for name, one in known.items()))
        return 0
    named = f"E{code.upper().removeprefix('E')}"
    if named not in known:  # one digit further is another thing: nothing to suggest
        raise click.UsageError(f"no code {code}; etl explain lists them")
    one = known[named]
    if form == "json":
        output.json({"code": one.code, "title": one.title, "text": one.text})
    else:
        output.data(f"{one.code} {one.title}", "", *one.text.split("\n"))
    return 0
