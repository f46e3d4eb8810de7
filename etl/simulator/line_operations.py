"""The documented calls on order lines → their handlers, parameters and refusals (OpenAPI of 2026-05-29)."""

from __future__ import annotations

from etl.simulator.call import Operation, operation
from etl.simulator.line_change import cancel_line, change_line, get_line
from etl.simulator.line_create import create_line
from etl.simulator.line_items import list_items, receive_item, receive_new_item
from etl.simulator.line_search import list_lines, vendor_lines

_GENERAL = {"402119": "General error."}
_LINE = "/acq/po-lines/{po_line_id}"
_RECEIVE = {
    "40166411": "Param value is invalid.",
    "401875": "Failed to find the department.",
    "401871": "Failed to find the PO Line.",
    "401877": "Failed to receive PO Line: {}",
}

LINE_OPERATIONS: tuple[Operation, ...] = (
    operation(
        "GET",
        "/acq/po-lines",
        list_lines,
        """q status limit offset order_by direction acquisition_method expand library
              min_expected_arrival_date max_expected_arrival_date""",
        errors={
            **_GENERAL,
            "40188600": "Search query parameter {} is not supported.",
            "40188602": "Results cannot be sorted by item attribute without providing "
            "at least one condition for item search.",
            "40188603": "Results can be sorted by one or more item attributes OR one Poline attribute.",
            "40188604": "order_by value {} is invalid. Valid sort values are: [{}].",
            "40188605": "The provided search query returns more than {} items. Please narrow your search.",
        },
    ),
    operation(
        "POST",
        "/acq/po-lines",
        create_line,
        "profile_code requires_manual_review",
        errors={
            **_GENERAL,
            "401870": "PoLine {} already exists.",
            "401664": "Mandatory field is missing: {}",
            "60320": "No charge is not allowed for this PO line configuration.",
            "401872": "Given {} is illegal.",
        },
    ),
    operation("GET", _LINE, get_line, errors={**_GENERAL, "401871": "Po-Line {} not found."}),
    operation(
        "PUT",
        _LINE,
        change_line,
        "update_inventory redistribute_funds",
        general="401876",
        errors={
            "401676": "Request body not found.",
            "401871": "PO Line not found.",
            "60320": "No charge is not allowed for this PO line configuration.",
            "401876": "Failed to update the PO Line. Errors: {}",
        },
    ),
    operation(
        "DELETE",
        _LINE,
        cancel_line,
        "reason comment inform_vendor override bib",
        errors={
            **_GENERAL,
            "401884": "PO Line already cancelled.",
            "401881": "Failed to cancel the PO Line. {}",
            "401874": "Failed to cancel the PO Line.",
            "401871": "Po-Line {} not found.",
        },
    ),
    operation(
        "GET",
        _LINE + "/items",
        list_items,
        "limit offset",
        errors={**_GENERAL, "401871": "Po-Line {} not found."},
    ),
    operation(
        "POST",
        _LINE + "/items",
        receive_new_item,
        "receive_date department department_library",
        general="401877",
        errors={
            **_RECEIVE,
            "401878": "Failed to update the item after the receive.",
        },
    ),
    operation(
        "POST",
        _LINE + "/items/{item_id}",
        receive_item,
        "op receive_date department department_library",
        general="401877",
        errors=_RECEIVE,
    ),
    operation(
        "GET",
        "/acq/vendors/{vendorCode}/po-lines",
        vendor_lines,
        "limit offset",
        errors={
            **_GENERAL,
            "401871": "Vendor {} not found.",
        },
    ),
)
