"""Both targets, one full document of each, and the official files beside the repository."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from etl.documents.targets import PoLineTarget, PurchaseRequestTarget

SHARED = Path(__file__).parents[2].parent / "shared"


@pytest.fixture
def po_line() -> PoLineTarget:
    return PoLineTarget()


@pytest.fixture
def purchase_request() -> PurchaseRequestTarget:
    return PurchaseRequestTarget()


@pytest.fixture
def shared() -> Path:
    """The reference material beside the repository; tests that need it are skipped without it."""
    if not (SHARED / "alma").is_dir():
        pytest.skip("the official Alma files are not beside this repository")
    return SHARED


@pytest.fixture
def line_values() -> dict[str, Any]:
    """A clean order line: nothing about it is refused, reviewed or noted."""
    return {
        "owner": "MAIN",
        "type": "PRINTED_BOOK_OT",
        "vendor": "ADLIBRIS",
        "vendor_account": "ADLIBRIS-1",
        "price": {"sum": "129.50", "currency": "SEK"},
        "resource_metadata": {"title": "Fåglar över Öresund", "isbn": "9789199999012"},
        "fund_distribution": [{"fund_code": "BOOKS", "amount": {"sum": "259.00", "currency": "SEK"}}],
        "location": [{"quantity": 2, "library": "MAIN", "shelving_location": "STACK"}],
        "material_type": "BOOK",
    }


@pytest.fixture
def request_values() -> dict[str, Any]:
    """A clean purchase request."""
    return {
        "format": "P",
        "requested_type": "BOOK",
        "owning_library": "MAIN",
        "estimated_cost": {"sum": "34.50", "currency": "USD"},
        "vendor": "CASALINI",
        "vendor_account": "CASALINI",
        "resource_metadata": {"citation_type": "BOOK", "title": "Fåglar", "isbn": "9789199999012"},
        "location": [{"quantity": 3, "library": "MAIN", "shelving_location": "STACK"}],
    }
