"""The documented calls on purchase requests → their handlers, parameters and refusals (OpenAPI of
2026-05-29).

The same number means different things on different calls (60308, 60309), so each call has its own texts.
"""

from __future__ import annotations

from etl.simulator.call import Operation, operation
from etl.simulator.request_calls import (
    delete_request,
    get_request,
    get_user_request,
    list_requests,
    list_user_requests,
    request_operation,
    user_operation,
)
from etl.simulator.request_create import change_request, create_request

_GENERAL = {"402119": "General error."}
_USER = "/users/{user_id}/purchase-requests"
_ONE = "/acq/purchase-requests/{id}"
_NO_USER = {"401890": "User with identifier {} of type {} was not found."}
_FAILED = {"401652": "General Error: An error has occurred while processing the request."}
_NO_REQUEST = {"60276": "The purchase request identifier is not valid."}
_NO_ID = {"60276": "Purchase request id is not valid."}
_FIELDS = {
    "60221": "Mms ID is not valid.",
    "60270": "Requested format is not valid.",
    "60271": "Currency is not valid.",
    "402880": "Vendor is not valid.",
    "60272": "Vendor account is not valid.",
    "60279": "Fund is not valid.",
    "60273": "Title is missing.",
    "60274": "Resource metadata is required.",
    "60329": "Purchase requested material type is not valid.",
}

REQUEST_OPERATIONS: tuple[Operation, ...] = (
    operation(
        "POST",
        _USER,
        create_request,
        "user_id_type",
        area="users",
        errors={
            **_GENERAL,
            **_NO_USER,
            **_FIELDS,
            "402469": "Library is not valid.",
            "60278": "Purchase request creation failed.",
            "60280": "Purchase request citation not valid.",
            "60281": "Purchase request location's library not valid.",
            "60282": "Purchase request location's shelving location not valid.",
            "60283": "Purchase request location's quantity not valid.",
        },
    ),
    operation(
        "GET",
        _USER,
        list_user_requests,
        "user_id_type limit offset status",
        area="users",
        general="401652",
        errors={
            **_NO_USER,
            **_FAILED,
            "60275": "Purchase request status is not valid.",
        },
    ),
    operation(
        "GET",
        _USER + "/{purchase_request_id}",
        get_user_request,
        "user_id_type",
        area="users",
        general="401652",
        errors={**_NO_USER, **_FAILED, **_NO_REQUEST},
    ),
    operation(
        "POST",
        _USER + "/{purchase_request_id}",
        user_operation,
        "op",
        area="users",
        general="401652",
        errors={
            **_FAILED,
            **_NO_REQUEST,
            "60277": "The purchase request deletion failed.",
            "401873": "The operation is not supported.",
        },
    ),
    operation(
        "GET",
        "/acq/purchase-requests",
        list_requests,
        "format owning_library status citation_type limit offset",
        errors={
            **_GENERAL,
            "40166410": "Parameter value is invalid, please choose one of the valid options.",
            "60269": "Search for purchase requests failed.",
        },
    ),
    operation("GET", _ONE, get_request, errors={**_GENERAL, **_NO_REQUEST}),
    operation(
        "POST",
        _ONE,
        request_operation,
        "op",
        errors={
            **_GENERAL,
            **_NO_ID,
            "60308": "A reject reason is required.",
            "60309": "An active purchase order exists for this request.",
            "60313": "Purchase request approved_by not found.",
            "60314": "Purchase request owning library not found.",
            "60317": "Purchase request no PO line type.",
            "60315": "Delete bib failure during reject.",
            "60316": "Purchase request MMS record not found.",
            "60312": "Purchase request invalid status.",
            "60319": "Purchase request operation failed",
        },
    ),
    operation(
        "PUT",
        _ONE,
        change_request,
        errors={
            **_GENERAL,
            **_NO_ID,
            **_FIELDS,
            "401890": "Requester was not found.",
            "402469": "Owning library is not valid.",
            "60308": "Purchase request update failed.",
            "60309": "Purchase request status not valid for update.",
            # documented; what a licence has to do with it is not known, so nothing here raises it by itself
            "60186": "License name is required.",
        },
    ),
    operation("DELETE", _ONE, delete_request, errors={**_GENERAL, **_NO_ID}),
)
