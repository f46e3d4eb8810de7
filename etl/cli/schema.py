"""etl schema NAME → a JSON Schema on standard output."""

from __future__ import annotations

from typing import Any

import click

from etl.cli.options import common
from etl.cli.output import Format, Output
from etl.problems import MappingPlace
from etl.registry import Registry
from etl.spec.schema import mapping_schema


@click.command("schema")
@click.argument("name")
@common
def command(name: str, form: Format) -> int:
    """JSON Schema of a target's payload (po_line, purchase_request; 2020-12) or of `mapping` files (draft 7).

    That of mappings knows the targets, connectors and sinks that are installed. For an editor:
    etl schema mapping > mapping.schema.json  and, as the first line of a mapping,
    # yaml-language-server: $schema=mapping.schema.json
    """
    schema: dict[str, Any]
    if name == "mapping":
        schema = mapping_schema(Registry.installed())
    else:
        schema = Registry.installed().get("targets", name, MappingPlace("NAME"))().json_schema()
    Output(form).json(schema)
    return 0
