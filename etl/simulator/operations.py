"""A method and a path → the documented operation, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

from etl.simulator import configuration_calls as conf
from etl.simulator import fund_calls as funds
from etl.simulator import reference_calls as acq
from etl.simulator.call import Operation, operation
from etl.simulator.code_table_calls import change_code_table, get_code_table, list_code_tables
from etl.simulator.line_operations import LINE_OPERATIONS
from etl.simulator.request_operations import REQUEST_OPERATIONS

PREFIX = "/almaws/v1"
_GENERAL = {"402119": "General error."}
_PARAMETER = {**_GENERAL, "40166411": "Param value is invalid."}
_LIBRARY = "/conf/libraries/{libraryCode}"

REFERENCE_OPERATIONS: tuple[Operation, ...] = (
    operation("GET", "/acq/test", acq.acq_test),
    operation("POST", "/acq/test", acq.acq_test),
    operation("GET", "/acq/vendors", acq.list_vendors, "status type q limit offset", errors=_GENERAL),
    operation(
        "GET",
        "/acq/vendors/{vendorCode}",
        acq.get_vendor,
        errors={**_GENERAL, "401871": "Vendor {} not found."},
    ),
    operation(
        "GET",
        "/acq/funds",
        funds.list_funds,
        "limit offset q library view mode status entity_type fiscal_period parent_id owner",
        errors={
            **_GENERAL,
            "40166410": "Parameter invalid with valid options.",
            "40166419": "Parameter has no valid options.",
            "401873": "Filter not supported when mode=POL.",
        },
    ),
    operation("GET", "/acq/funds/{fund_id}", funds.get_fund, "view"),
    operation(
        "GET",
        "/acq/funds/{fund_id}/transactions",
        funds.fund_transactions,
        "limit offset q filter",
        errors={
            **_GENERAL,
            "40166410": "Parameter invalid with valid options.",
            "401873": "The fund identifier is not valid.",
            "40166404": "The filter parameter is not valid.",
            "60106": "The query parameter is not valid.",
        },
    ),
    operation(
        "GET",
        "/acq/currencies",
        acq.list_currencies,
        "limit offset mode source_currency target_currency exchange_date",
        general="401666",
        errors={
            "40166410": "A currency parameter is not valid.",
            "401666": "A parameter is not valid.",
            "60348": "The exchange rate cannot be determined.",
        },
    ),
    operation(
        "GET",
        "/acq/fiscal-periods",
        acq.fiscal_periods,
        "mode",
        general="401666",
        errors={
            "401873": "There is no current fiscal period.",
            "401666": "The mode parameter is not valid.",
        },
    ),
    operation(
        "GET",
        "/acq/licenses",
        acq.no_invoices,
        """q status type review_status limit offset expand create_date_from
              create_date_to modify_date_from modify_date_to""",
        errors={
            **_PARAMETER,
            "40166404": "Given field {} has invalid value {}, please use one of the valid values "
            "listed under the {} code table.",
            "401873": "Request failed: {}",
        },
    ),
    operation(
        "GET",
        "/acq/invoices",
        acq.no_invoices,
        "q limit offset view expand base_status invoice_workflow_status owner creation_form",
        errors=_GENERAL,
    ),
    operation("GET", "/conf/test", acq.acq_test, area="conf"),
    operation("POST", "/conf/test", acq.acq_test, area="conf"),
    operation("GET", "/conf/libraries", conf.list_libraries, area="conf", errors=_GENERAL),
    operation("GET", _LIBRARY, conf.get_library, area="conf", errors=_GENERAL),
    operation("GET", _LIBRARY + "/locations", conf.list_locations, area="conf", errors=_GENERAL),
    operation("GET", _LIBRARY + "/locations/{locationCode}", conf.get_location, area="conf", errors=_GENERAL),
    operation(
        "GET", "/conf/departments", conf.list_departments, "type view library", area="conf", errors=_GENERAL
    ),
    operation(
        "GET",
        "/conf/code-tables",
        list_code_tables,
        "scope",
        area="conf",
        errors={
            **_GENERAL,
            "40166411": "Failed to find scope.",
        },
    ),
    operation(
        "GET",
        "/conf/code-tables/{codeTableName}",
        get_code_table,
        "lang scope",
        area="conf",
        errors=_PARAMETER,
    ),
    operation(
        "PUT",
        "/conf/code-tables/{codeTableName}",
        change_code_table,
        "lang",
        area="conf",
        errors={
            **_GENERAL,
            "90100": "Code table name is empty.",
            "90101": "Table does not exist.",
            # documented; no table here is hidden, so it comes on request only
            "90102": "Requested table is hidden.",
            "90121": "Requested table scope is not legal.",
            "90122": "Multiple default codes.",
            "90123": "Requested table is not customizable",
        },
    ),
    operation(
        "GET",
        "/conf/integration-profiles",
        conf.list_profiles,
        "type q limit offset",
        area="conf",
        general="40166410",
        errors={
            "40166410": "Parameter value invalid.",
            "40166404": "Invalid type.",
        },
    ),
    operation(
        "GET",
        "/conf/integration-profiles/{id}",
        conf.get_profile,
        area="conf",
        errors={"60304": "Invalid profile ID."},
    ),
)

OPERATIONS: tuple[Operation, ...] = (*LINE_OPERATIONS, *REQUEST_OPERATIONS, *REFERENCE_OPERATIONS)
_Pattern = tuple[tuple[str, ...], Operation]


def _table() -> dict[int, list[_Pattern]]:
    table: dict[int, list[_Pattern]] = {}
    for one in OPERATIONS:
        steps = tuple(one.path.strip("/").split("/"))
        table.setdefault(len(steps), []).append((steps, one))
    return table


_BY_LENGTH = _table()


def find_operation(method: str, path: str) -> tuple[Operation, Mapping[str, str]] | int:
    """The operation and its path arguments, or 404 or 405.

    `path` is still percent-encoded: a user id may hold a slash. A slash at the end is accepted everywhere, as
    Alma does.
    """
    if not path.startswith(PREFIX + "/"):
        return 404
    steps = path[len(PREFIX) :].strip("/").split("/")
    seen = False
    for pattern, one in _BY_LENGTH.get(len(steps), ()):
        arguments = _arguments(pattern, steps)
        if arguments is not None:
            seen = True
            if one.method == method:
                return one, arguments
    return 405 if seen else 404


def _arguments(pattern: tuple[str, ...], steps: list[str]) -> dict[str, str] | None:
    found: dict[str, str] = {}
    for wanted, given in zip(pattern, steps, strict=True):
        if wanted.startswith("{"):
            if not given:
                return None
            found[wanted[1:-1]] = unquote(given)
        elif wanted != given:
            return None
    return found
