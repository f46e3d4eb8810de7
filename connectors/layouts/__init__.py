"""Layouts: how each vendor writes its order lines, as data; and what reads lines by them.

`connectors.order_line` shows the use. The layouts themselves are the .toml files of this folder.
"""

from connectors.layouts.layout import ColumnLayout, Layout, load_layouts
from connectors.layouts.options import LayoutOptions
from connectors.layouts.placements import per_placement
from connectors.layouts.reading import fields_taken, parse_line
from connectors.layouts.recognition import check_fields, chosen_note, named_layout, recognise
from connectors.layouts.said_twice import ORDER, said_twice, with_order
from connectors.layouts.unreadable import Unreadable

__all__ = [
    "ORDER",
    "ColumnLayout",
    "Layout",
    "LayoutOptions",
    "Unreadable",
    "check_fields",
    "chosen_note",
    "fields_taken",
    "load_layouts",
    "named_layout",
    "parse_line",
    "per_placement",
    "recognise",
    "said_twice",
    "with_order",
]
