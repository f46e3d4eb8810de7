"""BTJ: ship notices (EDItX), order confirmations (semicolons) and catalogue records (MARC) → order lines."""

from connectors.btj.connector import BtjConnector

__all__ = ["BtjConnector"]
