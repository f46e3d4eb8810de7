"""Order confirmations of Bokus (CSV) → neutral order lines.

What the file holds, and which of it is assumed: layouts/bokus_order.toml and mappings/bokus/README.md.
"""

from __future__ import annotations

from collections.abc import Iterator

from connectors.delimited_orders import DelimitedOptions, find_delimited, read_delimited
from connectors.layouts import load_layouts
from connectors.order_line import IDENTITY, order_columns
from etl.plugin import Batch, Columns, Connector, Source

_LAYOUTS = load_layouts("bokus")


class BokusConnector(Connector):
    """CSV, UTF-8 with byte order mark, semicolons, decimal comma."""

    name = "bokus"
    summary = "Bokus order confirmations (CSV) as neutral order lines"
    Options = DelimitedOptions
    identity = IDENTITY

    def columns(self, options: DelimitedOptions, source: Source | None) -> Columns:
        """The neutral order line. Raises Refusal when the source is in no layout of Bokus (E356)."""
        if source is not None:
            find_delimited(source, options, _LAYOUTS)
        return order_columns()

    def read(
        self, source: Source, options: DelimitedOptions, wanted: frozenset[str] | None
    ) -> Iterator[Batch]:
        """One record for each row."""
        return read_delimited(source, options, _LAYOUTS, wanted)

    def inspect(self, source: Source, options: DelimitedOptions) -> dict[str, str]:
        """Layout, encoding, delimiter, fields."""
        return find_delimited(source, options, _LAYOUTS).inspected()
