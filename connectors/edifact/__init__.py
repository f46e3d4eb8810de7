"""EDIFACT of the book trade, library profile: quotations, orders and order responses → order lines."""

from connectors.edifact.connector import EdifactConnector

__all__ = ["EdifactConnector"]
