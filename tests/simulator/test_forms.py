"""XML says the same as JSON; institution files are checked; nonsense breaks nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from alma_client import JSON, Alma, build, order, sek, wish
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from etl.cli.simulator import command
from etl.simulator import BadInstitution, Timing, load_institution
from etl.simulator.call import Request, wants_json
from etl.simulator.institution import shipped_text
from etl.simulator.page import side_page

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
     ("application/json;q=0.9, application/xml;q=0.1", True), ("application/xml;q=0.1, application/json", True),
     ("application/json; q=0.2,application/xml;q=0.3", False), ("application/json;q=0", False), ("text/html,application/json;charset=UTF-8", True)],
)  # fmt: skip
def test_accept(accept: str, expected: bool) -> None:
    assert wants_json({"accept": accept}, {}) is expected


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
        (["--all-refusals", "--faults", "kinds=flood"], '"flood" is no kind of fault'),
        (["--limit-per-second", "0"], 'above 0 or "none"'),
        (["--institution", str(tmp_path / "none.yaml")], "cannot be read"),
        (["--state", str(tmp_path / "notes.txt")], "not a state file"),
    ):
        result = runner.invoke(command, arguments)
        assert result.exit_code != 0
        assert words in result.output


# ---------------------------------------------------------------------------------------- nonsense


@pytest.mark.parametrize("title", [b"a\\ud800b", b"a\\uDfffb", b"\\ud83d", b"\xed\xa0\x80", b"\xff"])
def test_half_a_character_is_refused_and_shown(alma: Alma, title: bytes) -> None:
    """What cannot be written in UTF-8 could be neither stored nor answered."""
    body = json.dumps(order()).encode().replace(b"Fyren", title)
    answer = alma.raw("POST", "/acq/po-lines", body)
    assert (answer.status, answer.code) == (400, "402119")
    assert alma.app.log.entries[-1].status == 400
    for path in ("/log/1", "/log.json"):
        assert side_page(alma.app, Request("GET", path, {}, {}, b"")).status == 200


def test_both_halves_are_a_character(alma: Alma) -> None:
    body = json.dumps(order()).encode().replace(b"Fyren", b"\\ud83d\\ude00")
    answer = alma.raw("POST", "/acq/po-lines", body)
    assert json.loads(answer.body)["resource_metadata"]["title"].startswith("\N{GRINNING FACE}")


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


@settings(max_examples=150)
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


@settings(max_examples=100)
@given(st.sampled_from(sorted(wish(email=""))), TREES, st.sampled_from(["POST", "PUT"]))
def test_any_request_is_answered(name: str, value: Any, method: str) -> None:
    path = "/users/bo.ek/purchase-requests" if method == "POST" else "/acq/purchase-requests/1"
    assert SHARED.raw(method, path, json.dumps({**wish(), name: value}).encode()).status in (200, 400)


@settings(max_examples=100)
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
