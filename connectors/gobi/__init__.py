"""GOBI Library Solutions: order XML with an embedded MARC record → order lines."""

from connectors.gobi.connector import GobiConnector

__all__ = ["GobiConnector"]
