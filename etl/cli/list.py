"""etl list [KIND [NAME]] → what mappings can name, or all about one of them; mappings to begin with."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

import click

from etl.cli.article import Article, Grid, plain
from etl.cli.options import OneOf, common, option
from etl.cli.output import Format, Output
from etl.cli.reference import about
from etl.cli.reference_pages import HEADS, page_of
from etl.cli.shipped import Shipped, named, shipped
from etl.documents.code_tables import TABLES
from etl.problems import MappingPlace, Problem, Refusal
from etl.registry import KINDS, Registry
from etl.template.filters import FILTERS

_CODES, _MAPPINGS = "codes", "mappings"


@click.command("list")
@click.argument("kind", type=OneOf([*KINDS, _CODES, _MAPPINGS]), required=False)
@click.argument("name", required=False)
@option("--markdown", is_flag=True, help="All of that kind, as the page of the documentation.")
@common
def command(kind: str | None, name: str | None, markdown: bool, form: Format) -> int:
    """Connectors, targets, sinks, filters and tables of codes that mappings can use; mappings to begin with.

    With NAME all about it: options with types and defaults, columns, examples, codes with their meaning.
    """
    registry, output = Registry.installed(), Output(form)
    if markdown:
        if kind not in HEADS or name:
            raise click.UsageError(f"--markdown goes with one of {', '.join(HEADS)}, and with no name")
        names = _names(registry, kind)
        if kind == "filters":  # by what they are for
            names = [*(one for one in FILTERS if one in names), *(one for one in names if one not in FILTERS)]
        output.data(*page_of(kind, [_about(registry, kind, one) for one in names]).splitlines())
    elif kind == _MAPPINGS:
        _tell(_mappings(registry, named(name, MappingPlace("NAME")) if name else shipped()), output)
    elif kind and name:
        article = _about(registry, kind, name)
        output.json(_as_dict(article)) if form == "json" else output.data(*plain(article))
    else:
        kinds = (kind,) if kind else (*KINDS, _CODES)
        _tell([*_things(registry, kinds), *([] if kind else _mappings(registry, shipped()))], output)
    return 0


def _things(registry: Registry, kinds: Sequence[str]) -> list[dict[str, str]]:
    return [
        {
            "kind": kind,
            "name": name,
            "summary": TABLES[name].partition(".")[0] if kind == _CODES else registry.summary(kind, name),
            "from": _origin(registry, kind, name),
        }
        for kind in kinds
        for name in _names(registry, kind)
    ]


def _mappings(registry: Registry, mappings: Sequence[Shipped]) -> list[dict[str, str]]:
    return [
        {
            "kind": _MAPPINGS,
            "name": one.name,
            "summary": one.summary,
            "connector": one.spec.model.source.connector,
            "target": one.spec.model.target,
            "from": registry.origin("targets", "po_line"),
        }
        for one in mappings
    ]


def _tell(rows: Sequence[dict[str, str]], output: Output) -> None:
    if output.form == "json":
        output.json(rows)
        return
    width = max((len(row["name"]) for row in rows), default=0)
    for position, row in enumerate(rows):
        if position == 0 or rows[position - 1]["kind"] != row["kind"]:
            output.data(*[""][:position], row["kind"])
        output.data(f"  {row['name'].ljust(width)}  {row['summary']}  [{row['from']}]")


def _names(registry: Registry, kind: str) -> list[str]:
    return list(TABLES) if kind == _CODES else registry.names(kind)


def _origin(registry: Registry, kind: str, name: str) -> str:
    return "Alma" if kind == _CODES else registry.origin(kind, name)


def _about(registry: Registry, kind: str, name: str) -> Article:
    if kind != _CODES:
        return about(kind, name, registry.get(kind, name, MappingPlace("NAME")))
    if name not in TABLES:
        near = get_close_matches(name, TABLES, 1)
        tip = f'did you mean "{near[0]}"?' if near else f"there are {', '.join(TABLES)}"
        raise Refusal(Problem("E216", f'no table of codes "{name}"', mapping=MappingPlace("NAME"), help=tip))
    return about(kind, name, None)


def _as_dict(article: Article) -> dict[str, object]:
    """Grids as lists of objects under what their first column is."""
    found: dict[str, object] = {
        "name": article.name,
        "text": [one for one in article.blocks if isinstance(one, str)],
    }
    for block in article.blocks:
        if isinstance(block, Grid):
            found[block.title.lower()] = [dict(zip(block.head, row, strict=True)) for row in block.rows]
        elif not isinstance(block, str):
            found["examples"] = list(block.lines)
    return found
