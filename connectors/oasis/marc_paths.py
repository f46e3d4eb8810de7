"""A layout whose aliases are MARC paths → its paths, compiled."""

from __future__ import annotations

from connectors.formats.marc_path import MarcPath
from connectors.layouts import Layout
from connectors.oasis.options import path_of


def paths_of(layout: Layout) -> list[MarcPath]:
    """The MARC paths among the layout's aliases, each once."""
    aliases = dict.fromkeys(alias for column in layout.columns.values() for alias in column.aliases)
    return [path for alias in aliases if (path := path_of(alias)) is not None]
