"""A key with an API restriction profile reaches its own vendor and no other, on any call (reference §1.2)."""

from __future__ import annotations

from typing import Any

import pytest
from alma_client import Alma, code, order, wish

ADLIBRIS: dict[str, str | None] = {"authorization": "apikey simulator-adlibris-only"}
BTJ: dict[str, Any] = {"vendor": code("BTJ"), "vendor_account": "BTJ"}
LINE = "/acq/po-lines/POL-1"
REQUEST = "/acq/purchase-requests/1"
USER = "/users/bo.ek/purchase-requests"


@pytest.fixture
def others(alma: Alma) -> Alma:
    """One line and one request of a vendor that is not the key's, then one of each that is."""
    alma.post(**BTJ)
    alma.call("POST", USER, wish(**BTJ))
    alma.call("POST", "/acq/po-lines", order(), ADLIBRIS)
    alma.call("POST", USER, wish(vendor=code("ADLIBRIS"), vendor_account="ADLIBRIS"), ADLIBRIS)
    return alma


@pytest.mark.parametrize(
    ("method", "path", "body", "query"),
    [
        ("POST", "/acq/po-lines", order(**BTJ), {}),
        ("GET", LINE, None, {}),
        ("PUT", LINE, {"receiving_note": "x"}, {}),
        ("PUT", "/acq/po-lines/POL-2", BTJ, {}),
        ("DELETE", LINE, None, {"reason": "LIBRARY_CANCELLED"}),
        ("GET", LINE + "/items", None, {}),
        ("POST", LINE + "/items", None, {}),
        ("POST", LINE + "/items/1", None, {"op": "receive"}),
        ("GET", "/acq/vendors/BTJ", None, {}),
        ("GET", "/acq/vendors/BTJ/po-lines", None, {}),
        ("POST", USER, wish(**BTJ), {}),
        ("GET", REQUEST, None, {}),
        ("GET", USER + "/1", None, {}),
        ("POST", USER + "/1", None, {"op": "cancel"}),
        ("PUT", REQUEST, wish(vendor=code("ADLIBRIS"), vendor_account="ADLIBRIS"), {}),
        ("PUT", "/acq/purchase-requests/2", wish(**BTJ), {}),
        ("POST", REQUEST, {"approved_by": "bo.ek"}, {"op": "approve"}),
        ("DELETE", REQUEST, None, {}),
    ],
)
def test_another_vendor_is_out_of_reach(
    others: Alma, method: str, path: str, body: Any, query: dict[str, str]
) -> None:
    assert others.refused(method, path, body, ADLIBRIS, **query)[0] == "UNAUTHORIZED"


def test_lists_hold_the_keys_own_only(others: Alma) -> None:
    def seen(path: str, name: str, **query: str) -> list[dict[str, Any]]:
        tree = others.call("GET", path, None, ADLIBRIS, **query)
        rows: list[dict[str, Any]] = tree.get(name, [])
        assert tree["total_record_count"] == len(rows)
        return rows

    assert [row["number"] for row in seen("/acq/po-lines", "po_line")] == ["POL-2"]
    assert seen("/acq/po-lines", "po_line", q="vendor_code~BTJ") == []
    assert [row["code"] for row in seen("/acq/vendors", "vendor", limit="100")] == ["ADLIBRIS"]
    for path in ("/acq/purchase-requests", USER):
        assert [row["request_id"] for row in seen(path, "purchase_request")] == ["2"]
    transactions = seen("/acq/funds/HBG-BOK/transactions", "fund_transaction")
    assert [row["po_line"] for row in transactions] == ["POL-2"]


def test_what_names_no_vendor_is_open(others: Alma) -> None:
    made = others.call("POST", USER, wish(vendor=None, vendor_account=None), ADLIBRIS)
    assert others.call("GET", USER + "/" + made["request_id"], None, ADLIBRIS) == made
