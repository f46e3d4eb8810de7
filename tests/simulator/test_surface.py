"""The simulator's calls against Ex Libris' OpenAPI files: paths, methods, parameters and documented refusals."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from alma_client import Alma, order, wish, with_institution

from etl.simulator.operations import OPERATIONS, PREFIX

OFFICIAL = Path(__file__).parents[3] / "shared" / "alma" / "openapi"
# the two families that must be served whole
WHOLE = re.compile(
    r"^/almaws/v1/(acq/po-lines|acq/vendors/\{vendorCode\}/po-lines|acq/purchase-requests|users/\{user_id\}/purchase-requests)"
)

REFERENCE = """\
GET /almaws/v1/acq/test
POST /almaws/v1/acq/test
GET /almaws/v1/acq/vendors
GET /almaws/v1/acq/vendors/{vendorCode}
GET /almaws/v1/acq/funds
GET /almaws/v1/acq/funds/{fund_id}
GET /almaws/v1/acq/funds/{fund_id}/transactions
GET /almaws/v1/acq/currencies
GET /almaws/v1/acq/fiscal-periods
GET /almaws/v1/acq/licenses
GET /almaws/v1/acq/invoices
GET /almaws/v1/conf/libraries
GET /almaws/v1/conf/libraries/{libraryCode}
GET /almaws/v1/conf/libraries/{libraryCode}/locations
GET /almaws/v1/conf/code-tables
GET /almaws/v1/conf/code-tables/{codeTableName}
PUT /almaws/v1/conf/code-tables/{codeTableName}
GET /almaws/v1/conf/integration-profiles"""


def official() -> dict[tuple[str, str], dict[str, Any]]:
    """(method, path without a slash at the end) → operation, of the three files."""
    if not OFFICIAL.is_dir():
        pytest.skip(f"the official OpenAPI files are not at {OFFICIAL}")
    found = {}
    for name in ("acq", "users", "conf"):
        for path, operations in json.loads((OFFICIAL / f"{name}.json").read_text(encoding="utf-8"))[
            "paths"
        ].items():
            for method, operation in operations.items():
                if method in ("get", "post", "put", "delete"):
                    found[method.upper(), path.rstrip("/")] = operation
    return found


def documented(operation: dict[str, Any]) -> dict[str, str]:
    """The codes of HTTP 400 with their texts."""
    return dict(
        re.findall(
            r"^(\d+) - '(.*)'$", operation["responses"].get("400", {}).get("description", ""), re.MULTILINE
        )
    )


def served() -> dict[tuple[str, str], Any]:
    return {(one.method, PREFIX + one.path): one for one in OPERATIONS}


def test_every_documented_call_on_lines_and_requests_is_served() -> None:
    wanted = {key for key in official() if WHOLE.match(key[1])}
    assert len(wanted) == 18
    assert wanted - served().keys() == set()


def test_the_reference_data_of_orders_is_served() -> None:
    """Reference §2.3, and §12's keys to try."""
    wanted = set(REFERENCE.split("\n"))
    assert wanted - {f"{method} {path}" for method, path in served()} == set()
    assert wanted - {f"{method} {path}" for method, path in official()} == set()


def test_nothing_is_served_that_is_not_documented() -> None:
    assert served().keys() - official().keys() == set()


def test_query_parameters_are_the_documented_ones() -> None:
    there = official()
    for key, one in served().items():
        names = {
            parameter["name"] for parameter in there[key].get("parameters", []) if parameter["in"] == "query"
        }
        if key[1].endswith("/conf/code-tables"):
            names.add("scope")  # its refusal is documented, the parameter is not
        assert one.query == names, key


def test_documented_codes_are_known_with_their_texts() -> None:
    there = official()
    for key, one in served().items():
        codes = documented(there[key])
        if WHOLE.match(key[1]):
            assert one.errors.keys() == codes.keys(), key
        else:
            assert one.errors.keys() <= codes.keys(), key


def words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]{4,}", text.lower().replace("identifier", "id")))


def test_texts_share_their_words_with_the_documented_ones() -> None:
    there = official()
    for key, one in served().items():
        for code, text in documented(there[key]).items():
            if code in one.errors and code != "401876":
                plain = words(one.errors[code])
                common = plain & words(text)
                assert len(common) * 2 >= len(plain), (key, code, one.errors[code], text)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.method} {one.path}")
def test_every_documented_code_can_be_had_on_request(alma: Alma, operation: Any) -> None:
    path = re.sub(r"\{.*?\}", "1", operation.path)
    for code, text in operation.errors.items():
        got, message = alma.refused(operation.method, path, headers={"x-sim-fault": f"alma-{code}"})
        assert (got, message) == (code, text.replace("{}", "X"))


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_slash_at_the_end_is_accepted(alma: Alma, slash: str) -> None:
    alma.call("POST", "/acq/po-lines" + slash, order())
    alma.call("POST", "/users/bo.ek/purchase-requests" + slash, wish())
    for path in (
        "/acq/po-lines",
        "/acq/po-lines/POL-1",
        "/acq/purchase-requests",
        "/conf/libraries",
        "/acq/vendors/BTJ/po-lines",
    ):
        assert alma.raw("GET", path + slash).status == 200


def test_unknown_paths_and_methods_are_said_to_be_unknown(alma: Alma) -> None:
    assert alma.raw("GET", "/acq/nonsense").status == 404
    assert alma.raw("DELETE", "/acq/po-lines").status == 405
    assert b"no such method" in alma.raw("POST", "/acq/vendors").body


def test_a_user_id_may_hold_a_slash_and_a_blank(alma: Alma) -> None:
    made = alma.call("POST", "/users/avd%2Fbarn%201/purchase-requests", wish())
    assert made["requester"] == {"value": "avd/barn 1", "desc": "Dan Alm"}


def test_the_members_are_those_of_the_published_schemas() -> None:
    from etl.simulator.form_shapes import PO_LINE, PURCHASE_REQUEST

    schemas = Path(__file__).parents[2] / "etl" / "documents" / "schemas"
    for name, members in (("po_line", PO_LINE), ("purchase_request", PURCHASE_REQUEST)):
        schema = json.loads((schemas / f"{name}.json").read_text(encoding="utf-8"))
        assert schema["properties"].keys() <= members.keys()
        metadata = schema["properties"]["resource_metadata"]["properties"]
        assert metadata.keys() <= members["resource_metadata"].members.keys()


def test_the_official_sample_is_taken_whole() -> None:
    """Nothing of it is unknown, nothing misshapen; its library and record are not ours."""
    sample = OFFICIAL.parent / "official-samples" / "po_line_post_sample.json"
    if not sample.is_file():
        pytest.skip(f"the official sample is not at {sample}")
    body = json.loads(sample.read_text(encoding="utf-8"))
    alma = with_institution(libraries=[{"code": "ACQEN"}, {"code": "LAW", "locations": [{"code": "LAWPER"}]}])
    made = alma.call("POST", "/acq/po-lines", body)
    assert alma.app.log.entries[-1].notes == ()
    assert made["resource_metadata"]["mms_id"]["value"] == "990000912760108061"
    assert made["location"][0]["copy"][0]["receive_date"] == "2012-12-12Z"
    later = alma.call("GET", "/acq/po-lines/POL-1")
    ignored = {"link", "source_type", "license", "access_model"}
    assert {
        name
        for name in body
        if body[name] not in ("", later.get(name))
        and name not in ignored
        and not isinstance(body[name], dict | list)
    } == {
        "no_charge",
        "rush",
        "cancellation_restriction",
        "manual_renewal",
        "renewal_period",
    }  # text in, real types out
