"""MARC records that come with an order, or are one (btj, gobi, libris, oasis) → what its line asks."""
