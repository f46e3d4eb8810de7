"""MARC records that come with an order → what an order line wants to know of them (oasis, gobi)."""
