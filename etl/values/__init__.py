"""Texts as vendors write them → values, or why they cannot be read. One reader of each kind, for filters,
connectors, tables and sheets alike: what a mapping reads and what a vendor's layout reads is the same.

Yes and no stand one floor lower, in `etl.plain_answer`, since conditions ask for them too.
"""
