"""What is read before ordering: vendors, funds, libraries, code tables; and code tables that are changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from alma_client import Alma, build, code, order, with_institution

from etl.simulator import Timing

TABLE = "/conf/code-tables/PR_RejectReasons"


def test_reference_data(alma: Alma) -> None:
    vendor = alma.call("GET", "/acq/vendors/ADLIBRIS")
    assert {"ADLIBRIS", "ADLIBRIS-HBG", "10234"} <= {account["code"] for account in vendor["account"]}
    assert alma.refused("GET", "/acq/vendors/NOPE") == ("401871", "Vendor NOPE not found.")
    assert alma.call("GET", "/acq/vendors", q="code~adlib", status="active")["total_record_count"] == 1
    usable = {fund["code"] for fund in alma.call("GET", "/acq/funds", limit="100", library="HBG")["fund"]}
    assert "HBG-BOK" in usable
    assert usable.isdisjoint({"BOCKER-25", "HIST-M"})
    assert (
        alma.call("GET", "/acq/funds", q="fund_code~BOCKER-25", mode="ALL", view="brief")[
            "total_record_count"
        ]
        == 1
    )
    assert alma.refused("GET", "/acq/funds", q="name~x")[0] == "401873"
    assert alma.refused("GET", "/acq/funds", mode="SOME")[0] == "40166410"
    assert alma.refused("GET", "/acq/funds/NOPE/transactions")[0] == "401873"
    assert [row["code"] for row in alma.call("GET", "/conf/libraries/LAW/locations")["location"]] == [
        "STACKS",
        "STACK",
        "LAWPER",
    ]
    assert alma.refused("GET", "/conf/libraries/NOPE")[0] == "402119"
    rows = {row["code"]: row for row in alma.call("GET", "/conf/code-tables/PurchaseType")["row"]}
    assert len(rows) == 47
    assert rows["PRINTED_BOOK_OT"]["default"] is True
    assert rows["DB_CO"]["enabled"] is False
    assert alma.refused("GET", "/conf/code-tables/Nope")[0] == "40166411"
    assert alma.call("GET", "/conf/integration-profiles", type="NEW_ORDER_API")["total_record_count"] == 2
    assert alma.refused("GET", "/conf/integration-profiles/1")[0] == "60304"
    assert alma.call("GET", "/acq/fiscal-periods", mode="CURRENT")["fiscal_period"][0]["id"] == "2026"
    assert alma.xml("GET", "/conf/code-tables/PR_RequestedFormat").findtext("rows/row/code") == "P"
    assert alma.xml("GET", "/acq/vendors").find("vendor/accounts/account") is not None
    for path in (
        "/acq/currencies",
        "/conf/departments",
        "/conf/code-tables",
        "/acq/invoices/",
        "/acq/licenses/",
        "/conf/libraries/LAW/locations/LAWPER",
    ):
        assert alma.raw("GET", path).status == 200


def codes(alma: Alma, path: str, name: str, **query: str) -> set[str]:
    return {row["code"] for row in alma.call("GET", path, limit="100", **query).get(name, [])}


@pytest.fixture
def tree() -> Alma:
    """Funds under a ledger, one in another library, and vendors of two kinds."""
    common = {"currency": "SEK", "balance": "100"}
    return with_institution(
        funds=[
            {"code": "ALLT", "type": "LEDGER", **common},
            {"code": "ROMAN", "parent": "ALLT", **common},
            {"code": "LAG", "library": "LAW", **common},
            {"code": "GAMMAL", "status": "INACTIVE", "fiscal_period": "2025", **common},
        ],
        vendors=[
            {"code": "A"},
            {"code": "B", "status": "INACTIVE", "types": ["licensor", "access_provider"]},
        ],
    )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"ALLT", "ROMAN", "LAG", "GAMMAL"}),
        ({"owner": "LAW"}, {"LAG"}),
        ({"owner": "46SIM_INST"}, {"ALLT", "ROMAN", "GAMMAL"}),
        ({"parent_id": "980000000000011501"}, {"ROMAN"}),
        ({"entity_type": "ledger"}, {"ALLT"}),
        ({"status": "INACTIVE"}, {"GAMMAL"}),
        ({"fiscal_period": "2025"}, {"GAMMAL"}),
        ({"library": "MAIN"}, {"ALLT", "ROMAN", "GAMMAL"}),
    ],
)
def test_filters_of_funds(tree: Alma, query: dict[str, str], found: set[str]) -> None:
    assert codes(tree, "/acq/funds", "fund", mode="ALL", **query) == found


@pytest.mark.parametrize(
    "name", ["status", "entity_type", "fiscal_period", "owner", "parent_id", "library", "view"]
)
def test_a_filter_of_funds_that_fits_nothing_is_refused(tree: Alma, name: str) -> None:
    asked = {name: "BOGUS"}
    assert tree.refused("GET", "/acq/funds", mode="ALL", **asked)[0] == "40166410"


def test_without_ledgers_there_is_no_parent_to_ask_for(alma: Alma) -> None:
    assert alma.refused("GET", "/acq/funds", mode="ALL", parent_id="1")[0] == "40166419"
    assert alma.refused("GET", "/acq/funds", owner="MAIN")[0] == "401873"  # not with mode=POL


def test_filters_of_vendors(tree: Alma) -> None:
    assert codes(tree, "/acq/vendors", "vendor", type="licensor") == {"B"}
    assert codes(tree, "/acq/vendors", "vendor", type="material_supplier", status="active") == {"A"}
    assert codes(tree, "/acq/vendors", "vendor", type="governmental") == set()
    assert tree.refused("GET", "/acq/vendors", type="BOGUS")[0] == "402119"
    assert tree.refused("GET", "/acq/vendors", status="BOGUS")[0] == "402119"
    assert tree.call("GET", "/acq/vendors/B")["licensor"] is True


def test_an_unknown_type_of_profiles_is_refused(alma: Alma) -> None:
    assert alma.refused("GET", "/conf/integration-profiles", type="BOGUS") == ("40166404", "Invalid type.")


# --------------------------------------------------------------------------------- code tables


def table(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"row": list(rows), **more}


def test_a_table_has_the_documented_members(alma: Alma) -> None:
    found = alma.call("GET", TABLE)
    assert list(found) == ["name", "description", "sub_system", "patron_facing", "updated_by", "update_date",
                           "language", "scope", "row"]  # fmt: skip
    assert list(found["row"][0]) == ["code", "description", "default", "enabled", "updated_by", "update_date"]
    assert (found["updated_by"], found["update_date"]) == ("", "")


def test_a_table_is_changed_and_counts_from_then_on(tmp_path: Path) -> None:
    alma = build(state=tmp_path / "alma.sqlite", timing=Timing.instant())
    before = alma.call("GET", "/conf/code-tables/PhysicalMaterialType")["row"]
    wrong = order(material_type=code("SPEL"))
    assert alma.refused("POST", "/acq/po-lines", wrong)[0] == "401872"
    changed = alma.call(
        "PUT",
        "/conf/code-tables/PhysicalMaterialType",
        table(*before, {"code": "SPEL", "description": "Spel"}),
    )
    assert changed["row"][-1] == {"code": "SPEL", "description": "Spel", "default": False, "enabled": True,
                                  "updated_by": "exl_api", "update_date": "2026-03-02Z"}  # fmt: skip
    assert changed["row"][0] == before[0]
    assert (changed["updated_by"], changed["update_date"]) == ("exl_api", "2026-03-02Z")
    assert alma.call("POST", "/acq/po-lines", wrong)["material_type"] == {"value": "SPEL", "desc": "Spel"}
    again = build(state=tmp_path / "alma.sqlite")  # it is kept, and only there
    assert again.call("GET", "/conf/code-tables/PhysicalMaterialType")["row"] == changed["row"]
    assert build().call("GET", "/conf/code-tables/PhysicalMaterialType")["row"] == before


def test_a_table_in_xml_can_be_sent_back(alma: Alma) -> None:
    xml: dict[str, str | None] = {"accept": "application/xml", "content-type": "application/xml"}
    body = alma.raw("GET", TABLE, headers=xml).body.replace(b"No budget", b"Inga pengar")
    assert alma.raw("PUT", TABLE, body, xml).status == 200
    assert {row["code"]: row["description"] for row in alma.call("GET", TABLE)["row"]}[
        "BUDGET"
    ] == "Inga pengar"


ROW = {"code": "A", "description": "a"}


@pytest.mark.parametrize(
    ("path", "body", "number"),
    [
        ("/conf/code-tables/%20", table(ROW), "90100"),
        ("/conf/code-tables/Nope", table(ROW), "90101"),
        (TABLE, table(ROW, scope={"institution_id": code("OTHER")}), "90121"),
        (TABLE, table(ROW, scope={"library_id": code("MAIN")}), "90121"),
        (TABLE, table({**ROW, "default": True}, {"code": "B", "default": "true"}), "90122"),
        ("/conf/code-tables/POLineStatus", table(ROW), "90123"),
        (TABLE, table(), "402119"),
        (TABLE, table({"description": "a"}), "402119"),
        (TABLE, table(ROW, ROW), "402119"),
        (TABLE, [], "402119"),
    ],
)
def test_a_table_that_cannot_be_changed_so(alma: Alma, path: str, body: Any, number: str) -> None:
    assert alma.refused("PUT", path, body)[0] == number
    assert json.dumps(alma.call("GET", TABLE)["row"]).count("code") == 4


def test_a_hidden_table_comes_on_request(alma: Alma) -> None:
    fault: dict[str, str | None] = {"x-sim-fault": "alma-90102"}
    assert alma.refused("PUT", TABLE, table(ROW), fault) == ("90102", "Requested table is hidden.")
