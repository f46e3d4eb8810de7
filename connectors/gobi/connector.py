"""Order XML of GOBI Library Solutions (formerly YBP) → batches of neutral order lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Literal

from pydantic import Field

from connectors.formats.opening import read_head
from connectors.formats.repeated import too_long_head
from connectors.formats.xml_budget import LIMIT
from connectors.formats.xml_elements import XmlBroken, bytes_of, read_from
from connectors.gobi.documents import GobiOrder, find_orders, read_orders
from connectors.gobi.order import by_price, line_of
from connectors.layouts import Layout, LayoutOptions, load_layouts, named_layout
from connectors.order_batches import OrderBatches
from connectors.order_line import IDENTITY, order_columns
from etl.plugin import Batch, Columns, Connector, DataPlace, Problem, Refusal, Source

_LAYOUTS = load_layouts("gobi")


class GobiOptions(LayoutOptions):
    """`columns` takes element paths (OrderDetail/FundCode), LocalData[…] and MARC paths (245$a)."""

    encoding: Literal["auto"] = Field("auto", description="XML says its own; only auto is possible.")
    prices: tuple[Literal["ListPrice", "NetPrice"], ...] = Field(
        ("ListPrice", "NetPrice"),
        min_length=1,
        description="Which price is unit_price, in the order in which they are wanted.",
    )


class GobiConnector(Connector):
    """PurchaseOrder XML: listed and unlisted, print and electronic, monographs and serials."""

    name = "gobi"
    summary = "GOBI orders (PurchaseOrder XML with embedded MARC) as neutral order lines"
    Options = GobiOptions
    identity = IDENTITY

    def columns(self, options: GobiOptions, source: Source | None) -> Columns:
        """The neutral order line. Raises Refusal when the source is no order XML (E349, E356, E367)."""
        if source is not None:
            _layout(source, options)
            _find(source)
        return order_columns()

    def read(self, source: Source, options: GobiOptions, wanted: frozenset[str] | None) -> Iterator[Batch]:
        """One record for each order. Where the XML breaks, the rest of the file is one Rejected.

        Raises Refusal: E300–E303 unusable file, E349 no XML, E356 no orders in it, E367 a document type.
        """
        layout = _layout(source, options)
        layouts = by_price(layout, options.prices)
        _find(source)
        batches = OrderBatches(source.name, layout, wanted, options.placements)
        number = 0
        try:
            for number, order in enumerate(read_orders(source), 1):
                _add(batches, source, order, number, layouts)
                if batches.full:
                    yield batches.flush()
        except XmlBroken as broken:
            place = DataPlace(source.name, number + 1, broken.line, broken.offset)
            help_ = "the orders before this place were read; nothing after it was"
            batches.add(place, read_from(source, broken.offset), [], [broken.trouble(help_).at(place)])
            number += 1
        if not number:
            told = "there is no Order in the file: nothing says what is ordered"
            raise Refusal(Problem("E356", told, data=DataPlace(source.name)))
        yield batches.flush(last=True)

    def inspect(self, source: Source, options: GobiOptions) -> dict[str, str]:
        """The layout, and how the file is built."""
        layout = _layout(source, options)
        return {"layout": f"{layout.name}: {layout.title} ({_find(source)})"}


def _layout(source: Source, options: GobiOptions) -> Layout:
    asked = next(iter(_LAYOUTS)) if options.layout == "auto" else options.layout
    return options.adapted(named_layout(source.name, _LAYOUTS, asked))


def _find(source: Source) -> str:
    read_head(source)
    return find_orders(source)


def _add(
    batches: OrderBatches,
    source: Source,
    order: GobiOrder,
    number: int,
    layouts: Mapping[str, Layout],
) -> None:
    element = order.element
    lines: list[dict[str, object]] = []
    place = DataPlace(source.name, number, element.line, element.offset)
    if element.oversize:
        told = f"the order is longer than {LIMIT} bytes, or has too many elements or too deep ones"
        problems = [Problem("E315", told, data=place, help="the file is damaged, or it is no order")]
    elif order.missing:
        problems = [Problem("E355", order.missing, data=place, help="ask GOBI for the whole order")]
    elif order.customer and (trouble := too_long_head(order.customer.end - order.customer.offset)):
        problems = [trouble.at(place)]
    else:
        line, problems = line_of(order, layouts, place)
        lines = [line]
    batches.add(place, partial(bytes_of, source, element), lines, problems)
