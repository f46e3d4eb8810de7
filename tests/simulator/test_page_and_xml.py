"""The page escapes what it shows; XML says the same as JSON; institution files are checked; nonsense breaks nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from alma_client import JSON, Alma, build, code, order, sek, wish
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from etl.cli.simulator import command
from etl.simulator import BadInstitution, Timing, load_institution
from etl.simulator.call import Request, wants_json
from etl.simulator.institution import shipped_text
from etl.simulator.page import side_page

ATTACK = "<script>alert('x')</script>\"&"


def page(alma: Alma, path: str, **query: str) -> tuple[int, str]:
    answer = side_page(alma.app, Request("GET", path, query, {}, b""))
    return answer.status, answer.body.decode()


def test_everything_on_the_page_is_escaped(alma: Alma) -> None:
    body = order(
        vendor_reference_number=ATTACK,
        resource_metadata={"title": ATTACK, "isbn": ATTACK},
        number=f"N/{ATTACK}",
    )
    alma.call("POST", "/acq/po-lines", {**body, ATTACK: 1})
    alma.call(
        "POST",
        "/users/bo.ek/purchase-requests",
        wish(resource_metadata={"citation_type": code("BOOK"), "title": ATTACK}),
    )
    alma.raw("GET", f"/acq/{ATTACK}", q=ATTACK)
    for path in (
        "/",
        "/orders",
        "/requests",
        "/log",
        "/orders/" + quote(f"N/{ATTACK}", safe=""),
        "/requests/1",
        "/log/1",
        "/log/3",
        f"/{ATTACK}",
    ):
        status, text = page(alma, path)
        assert status == (404 if path == f"/{ATTACK}" else 200)
        assert "<script" not in text
        assert "script" in text or path in ("/requests",) or "&lt;script" in text
        assert "http" not in text.replace("http-equiv", "").replace(
            "http://sim/", ""
        )  # nothing from elsewhere


def test_the_page_shows_orders_faults_and_refusals(alma: Alma) -> None:
    alma.post(vendor=None)
    alma.raw("POST", "/acq/po-lines", b"{}")
    alma.raw("GET", "/acq/po-lines", headers={"x-sim-fault": "html-502"})
    text = page(alma, "/")[1]
    for words in (
        "POL-1",
        "Fyren vid havet",
        "INREVIEW",
        "vendor missing",
        "html-502",
        "401664",
        "Simulatorbiblioteken",
    ):
        assert words in text
    assert 'http-equiv="refresh" content="5"' in page(alma, "/", refresh="5")[1]
    assert "refresh" not in page(alma, "/", refresh="5;url=x")[1]
    assert "As it was sent" in page(alma, "/orders/POL-1")[1]
    assert page(alma, "/orders/POL-9")[0] == 404
    assert page(alma, "/requests/%C2%B2")[0] == 404


def test_the_json_beside_the_page(alma: Alma) -> None:
    alma.post(vendor=None)
    (row,) = json.loads(page(alma, "/orders.json")[1])
    assert (row["number"], row["review"], row["vendor_reference_number"]) == (
        "POL-1",
        ["vendor missing"],
        "A-1001",
    )
    assert json.loads(page(alma, "/state.json")[1])["orders"] == 1
    assert json.loads(page(alma, "/log.json")[1])[0]["saved"] == "POL-1"
    assert json.loads(page(alma, "/requests.json")[1]) == []
    assert page(alma, "/secrets.json")[0] == 404


# --------------------------------------------------------------------------------------------- XML


def as_json_form(element: Any) -> Any:
    """An XML answer read back into the JSON form, by rules of its own."""
    lists = {
        "notes",
        "alerts",
        "locations",
        "copies",
        "holdings",
        "fund_distributions",
        "interested_users",
        "system_control_numbers",
    }
    coded = {"desc", "link"} & set(element.attrib)
    if len(element) == 0:
        text = element.text or ""
        return {"value": text, **element.attrib} if coded else text
    found: dict[str, Any] = dict(element.attrib)
    for child in element:
        if child.tag in lists:
            rows = [as_json_form(row) for row in child]
            if rows:
                found[child[0].tag] = rows
        else:
            found[child.tag] = as_json_form(child)
    return found


def plain(tree: Any) -> Any:
    """JSON with every scalar as text, codes without description as text, empty lists left out."""
    if isinstance(tree, dict):
        if tree.keys() == {"value"}:
            return tree["value"]
        return {
            name: plain(value)
            for name, value in tree.items()
            if value not in ([], {}) and name != "portfolios"
        }
    if isinstance(tree, list):
        return [plain(one) for one in tree]
    return str(tree).lower() if isinstance(tree, bool) else str(tree)


def test_xml_says_what_json_says(alma: Alma) -> None:
    alma.post(note=[{"note_text": "a"}, {"note_text": "b"}], interested_user=[{"primary_id": "bo.ek"}])
    root = alma.xml("GET", "/acq/po-lines/POL-1")
    read = {
        name: value
        for name, value in as_json_form(root).items()
        if name not in ("portfolios", "renewal_cycle")
    }
    assert read == plain(alma.call("GET", "/acq/po-lines/POL-1"))
    assert root.find("portfolios").attrib == {"total_record_count": "0"}


def test_an_xml_answer_can_be_sent_back(alma: Alma) -> None:
    alma.post(note=[{"note_text": "a"}])
    body = alma.raw("GET", "/acq/po-lines/POL-1", headers={"accept": "application/xml"}).body
    before = alma.call("GET", "/acq/po-lines/POL-1")
    after = alma.xml("PUT", "/acq/po-lines/POL-1", body)
    assert after.findtext("notes/note/created_by") == "API, Ex Libris"
    now = alma.call("GET", "/acq/po-lines/POL-1")
    assert {name for name in before if before[name] != now[name]} == {"note"}


XML = {"content-type": "application/xml", "accept": "application/xml"}
LINE = (
    b"<owner>HBG</owner><type>PRINTED_BOOK_OT</type><resource_metadata><title>T</title></resource_metadata>"
)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<po_line>", "XML parse error"),
        (b"<order/>", "unexpected element"),
        (b"<po_line>" + LINE + b"<owner>MAIN</owner></po_line>", "owner occurs more than once"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><po_line><owner>&b;</owner></po_line>', "DOCTYPE is disallowed"),
        (b'<!DOCTYPE po_line SYSTEM "http://127.0.0.1:1/x.dtd"><po_line/>', "DOCTYPE is disallowed"),
        (b"<po_line><rush>maybe</rush></po_line>", "java.lang.Boolean"),
        (b"<po_line></po_line>", "Mandatory field is missing: owner"),
    ],
)
def test_xml_that_is_refused(alma: Alma, body: bytes, words: str) -> None:
    answer = alma.raw("POST", "/acq/po-lines", body, XML)
    assert answer.status == 400
    root = etree.fromstring(answer.body)
    assert words in (root.findtext(".//{*}errorMessage") or "")


def test_unknown_elements_are_dropped_and_logged(alma: Alma) -> None:
    alma.raw("POST", "/acq/po-lines", b"<po_line>" + LINE + b"<colour>red</colour></po_line>", XML)
    assert alma.app.log.entries[-1].notes == ("unknown member colour",)


def test_control_characters_do_not_spoil_xml(alma: Alma) -> None:
    alma.post(vendor_note="a\x01b\x0b<&\u2028")
    assert alma.xml("GET", "/acq/po-lines/POL-1").findtext("vendor_note") == "ab<&\u2028"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [("application/json", True), ("application/xml", False), ("*/*", False), ("", False), ("application/xml, application/json", False),
     ("application/json;q=0.9, application/xml;q=0.1", True)],
)  # fmt: skip
def test_accept(accept: str, expected: bool) -> None:
    assert wants_json({"accept": accept}, {}) is expected


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


# ------------------------------------------------------------------------------------ institutions


def test_an_institution_file_is_checked(tmp_path: Path) -> None:
    file = tmp_path / "lib.yaml"
    file.write_text(
        "code: X\napi_keys: [{key: k}]\nlibraries: [{code: NO}, {code: 0123, nmae: x}]\n", encoding="utf-8"
    )
    with pytest.raises(BadInstitution, match=r"lib\.yaml: libraries\.1\.nmae: Extra inputs"):
        load_institution(file)
    file.write_text(
        "code: X\napi_keys: [{key: k}]\nlibraries: [{code: NO}, {code: 0123}]\n", encoding="utf-8"
    )
    assert list(load_institution(file).library) == ["NO", "0123"]
    file.write_text("code: X\napi_keys: [{key: k}]\nlibraries: [{code: A}, {code: A}]\n", encoding="utf-8")
    with pytest.raises(BadInstitution, match='"A" stands twice'):
        load_institution(file)
    for bad in (b"a: [", b"\xff", b"- x"):
        file.write_bytes(bad)
        with pytest.raises(BadInstitution):
            load_institution(file)
    with pytest.raises(BadInstitution, match="cannot be read"):
        load_institution(tmp_path / "none.yaml")


def test_the_verb_explains_itself(tmp_path: Path) -> None:
    runner = CliRunner()
    (tmp_path / "notes.txt").write_text("this is no database", encoding="utf-8")
    assert runner.invoke(command, ["--print-institution"]).output == shipped_text()
    assert "cut-after" in runner.invoke(command, ["--list-faults"]).output
    for arguments, words in (
        (["--faults", "kinds=flood"], '"flood" is no kind of fault'),
        (["--limit-per-second", "0"], 'above 0 or "none"'),
        (["--institution", str(tmp_path / "none.yaml")], "cannot be read"),
        (["--state", str(tmp_path / "notes.txt")], "not a state file"),
    ):
        result = runner.invoke(command, arguments)
        assert result.exit_code != 0
        assert words in result.output


# ---------------------------------------------------------------------------------------- nonsense

SHARED = build(timing=Timing.instant())
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["HBG", "12.5", "2026-01-01Z"])
)
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
    ["value", "sum", "currency", "title", "quantity", "copy", "library", "amount", "fund_code", "note_text"]), inner, max_size=3), max_leaves=8)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(order(note=[], discount="", alert=[], rush=False, renewal_date=""))),
    TREES,
    st.sampled_from(["POST", "PUT"]),
)
def test_any_json_is_answered(name: str, value: Any, method: str) -> None:
    path = "/acq/po-lines" if method == "POST" else "/acq/po-lines/POL-1"
    answer = SHARED.raw(method, path, json.dumps({**order(), name: value}).encode())
    assert answer.status in (200, 400)
    assert (
        etree.fromstring(SHARED.raw("GET", "/acq/po-lines", headers={"accept": "application/xml"}).body).tag
        == "po_lines"
    )


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(wish(email=""))), TREES, st.sampled_from(["POST", "PUT"]))
def test_any_request_is_answered(name: str, value: Any, method: str) -> None:
    path = "/users/bo.ek/purchase-requests" if method == "POST" else "/acq/purchase-requests/1"
    assert SHARED.raw(method, path, json.dumps({**wish(), name: value}).encode()).status in (200, 400)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60), st.booleans())
def test_any_bytes_are_answered(body: bytes, as_xml: bool) -> None:
    assert SHARED.raw("POST", "/acq/po-lines", body, XML if as_xml else JSON).status == 400


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_query_is_answered(name: str, words: str) -> None:
    assert SHARED.raw("GET", "/acq/po-lines", q=f"{name}~{words}", limit=words, order_by=name).status in (
        200,
        400,
    )
    assert SHARED.raw("GET", "/acq/po-lines", q=f"title~{words}").status == 200 or " AND " in words


@pytest.mark.parametrize("text", ["12e5", "NaN", "١٢", "1" * 20, "1,5", "-", "1e999999"])
def test_sums_are_sums(text: str) -> None:
    for changes in ({"price": sek(text)}, {"discount": text}):
        assert SHARED.refused("POST", "/acq/po-lines", order(**changes))[0] == "402119"
