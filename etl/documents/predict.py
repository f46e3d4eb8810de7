"""A document → what Alma would do with it: refuse it, park it in review, or take it with an oddity.

Each rule is one small function in `po_line_rules` or `purchase_request_rules`; the tables at their ends
are the whole list. Rules that need several documents are not here.
"""

from __future__ import annotations

from etl.documents.po_line import PoLine
from etl.documents.po_line_rules import RULES as PO_LINE_RULES
from etl.documents.purchase_request import PurchaseRequest
from etl.documents.purchase_request_rules import RULES as PURCHASE_REQUEST_RULES
from etl.plugin import Finding


def po_line(line: PoLine) -> list[Finding]:
    """Every finding on an order line, refusals first."""
    return _sorted([finding for rule in PO_LINE_RULES for finding in rule(line)])


def purchase_request(request: PurchaseRequest) -> list[Finding]:
    """Every finding on a purchase request, refusals first."""
    return _sorted([finding for rule in PURCHASE_REQUEST_RULES for finding in rule(request)])


def _sorted(findings: list[Finding]) -> list[Finding]:
    order = ("refused", "held", "review", "note", "remark")
    return sorted(findings, key=lambda finding: order.index(finding.outcome))
