"""Domain filters → one table, name to function. The names are the ones that mappings use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from etl.template.filters.accounts import account, pad_left, system_number
from etl.template.filters.amounts import amount, currency, decimal, integer
from etl.template.filters.codes import map_value, split_codes, yes_no
from etl.template.filters.dates import alma_date, date
from etl.template.filters.identifiers import ean, ismn, issn
from etl.template.filters.isbn import isbn10, isbn13, isbns, valid_isbn
from etl.template.filters.lists import side_by_side
from etl.template.filters.marc_text import fixed, leader_type, strip_isbd
from etl.template.filters.patterns import match, replace_re
from etl.template.filters.percentages import minus_vat, net, percent, plus_vat, round_amount, share_out
from etl.template.filters.text import fold, join_nonempty, nfc, squeeze, truncate_bytes, unescape_html

__all__ = ["FILTERS"]

_ALL: tuple[Callable[..., Any], ...] = (
    *(isbn13, isbn10, isbns, valid_isbn, issn, ismn, ean),
    *(amount, currency, decimal, integer, percent, round_amount),
    *(minus_vat, plus_vat, net, share_out, side_by_side),
    *(date, alma_date),
    *(account, pad_left, system_number),
    *(yes_no, map_value, split_codes),
    *(nfc, squeeze, fold, unescape_html, truncate_bytes, join_nonempty, match, replace_re),
    *(strip_isbd, fixed, leader_type),
)

FILTERS: Mapping[str, Callable[..., Any]] = MappingProxyType({one.__name__: one for one in _ALL})
