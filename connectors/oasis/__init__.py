"""ProQuest OASIS: order-level MARC, order lines in JSON or CSV, answers of its order API → order lines."""

from connectors.oasis.connector import OasisConnector

__all__ = ["OasisConnector"]
