"""Every kind of fault: what the client sees, and whether the write was saved."""

from __future__ import annotations

import json
from typing import Any

import pytest
from alma_client import Alma, order
from lxml import etree

from etl.simulator.answer import Answer
from etl.simulator.faults import AFTER, BEFORE, KINDS, parse_faults

BODY = json.dumps(order()).encode()


def meet(alma: Alma, kind: str, accept: str = "application/json") -> Answer:
    return alma.raw("POST", "/acq/po-lines", BODY, {"x-sim-fault": kind, "accept": accept})


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "daily-limit"])
def test_whether_it_was_saved(alma: Alma, kind: str) -> None:
    meet(alma, kind)
    assert alma.app.world.store.has_line("POL-1") is (kind in AFTER)
    assert alma.app.faults.counts == {kind: 1}
    assert alma.app.log.entries[-1].fault == kind
    assert alma.app.log.entries[-1].saved == ("POL-1" if kind in AFTER else "")


@pytest.mark.parametrize(
    ("kind", "status", "media", "start"),
    [
        ("429", 429, "application/json;charset=UTF-8", '{"errorsExist": true'),
        ("429-as-400", 400, "application/json;charset=UTF-8", '{"errorsExist": true'),
        ("daily-limit", 429, "application/json;charset=UTF-8", '{"errorsExist": true'),
        ("invalid-key", 400, "text/plain", "Invalid API Key"),
        ("unauthorized", 400, "application/json;charset=UTF-8", '{"errorsExist": true'),
        ("error-500", 500, "application/json;charset=UTF-8", '{"errorsExist": true'),
        ("error-500-after", 500, "application/json;charset=UTF-8", '{"errorsExist": true'),
        ("html-502", 502, "text/html", "<html>"),
        ("html-502-after", 502, "text/html", "<html>"),
        ("error-with-200", 200, "application/json;charset=UTF-8", '{"errorsExist": true'),
        ("wrong-content-type", 200, "text/html;charset=UTF-8", '{"number": "POL-1"'),
        ("empty", 200, "application/json;charset=UTF-8", ""),
        ("unreadable", 200, "application/json;charset=UTF-8", '{"number": "POL-1"'),
        ("entity-bomb", 200, "application/xml;charset=UTF-8", '<?xml version="1.0"?><!DOCTYPE'),
    ],
)
def test_what_is_seen(alma: Alma, kind: str, status: int, media: str, start: str) -> None:
    answer = meet(alma, kind)
    assert (answer.status, answer.kind) == (status, media)
    assert answer.body.decode().startswith(start)


@pytest.mark.parametrize(
    ("kind", "wire", "delay"),
    [("cut-before", "cut", 0), ("cut-after", "cut", 0), ("cut-within", "cut-within", 0), ("hang-before", "hang", 0), ("hang-after", "hang", 0),
     ("huge-body", "huge", 0), ("endless-headers", "endless-headers", 0), ("slow", "", 7)],
)  # fmt: skip
def test_what_happens_to_the_connection(slow_alma: Alma, kind: str, wire: str, delay: int) -> None:
    answer = meet(slow_alma, kind)
    assert (answer.wire, answer.delay) == (wire, delay)


def errors(answer: Answer) -> Any:
    return json.loads(answer.body)["errorList"]["error"]


def test_odd_envelopes(alma: Alma) -> None:
    assert errors(meet(alma, "single-error"))["errorCode"] == "402119"
    assert json.loads(meet(alma, "wrapped-error").body)["web_service_result"]["errorsExist"] is True
    assert errors(meet(alma, "no-tracking-id")) == [{"errorCode": "402119", "errorMessage": "General error."}]
    assert [row["errorCode"] for row in errors(meet(alma, "two-errors"))] == [
        "402119",
        "INTERNAL_SERVER_ERROR",
    ]
    assert errors(meet(alma, "429"))[0].keys() == {"errorCode", "errorMessage"}
    assert errors(meet(alma, "error-500"))[0]["errorMessage"].startswith("\nThe web server encountered")
    with pytest.raises(json.JSONDecodeError):
        json.loads(meet(alma, "unreadable").body)


@pytest.mark.parametrize(
    "kind", sorted(set(BEFORE) - {"cut-before", "hang-before", "invalid-key", "html-502", "entity-bomb"})
)
def test_envelopes_in_xml(alma: Alma, kind: str) -> None:
    root = etree.fromstring(meet(alma, kind, "application/xml").body)
    assert root.tag == "{http://com/exlibris/urm/general/xmlbeans}web_service_result"
    assert root.findtext(".//{*}errorCode")


@pytest.mark.parametrize("kind", ["single-error", "wrapped-error"])
def test_odd_envelopes_of_json_are_the_ordinary_one_in_xml(alma: Alma, kind: str) -> None:
    """Reference §7.1 knows one form in XML: the list with the error inside."""
    root = etree.fromstring(meet(alma, kind, "application/xml").body)
    assert [child.tag.partition("}")[2] for child in root] == ["errorsExist", "errorList"]
    assert root.findtext("{*}errorList/{*}error/{*}errorCode") == "402119"


def test_the_bomb_is_one(alma: Alma) -> None:
    text = meet(alma, "entity-bomb").body.decode()
    assert text.count("<!ENTITY") == 9
    assert "&a8;" in text


# ------------------------------------------------------------------------------- ways to ask for one


def test_in_the_order(alma: Alma) -> None:
    assert (
        alma.raw(
            "POST",
            "/acq/po-lines",
            json.dumps(order(vendor_reference_number="SIM-FAULT-html-502-7")).encode(),
        ).status
        == 502
    )
    assert (
        alma.raw(
            "POST",
            "/acq/po-lines",
            json.dumps(order(vendor_reference_number="SIM-FAULT-429-as-400-7")).encode(),
        ).status
        == 400
    )


def test_in_the_order_once(alma: Alma) -> None:
    body = json.dumps(order(vendor_reference_number="SIM-FAULT-once-429-7")).encode()
    assert [alma.raw("POST", "/acq/po-lines", body).status for _ in range(3)] == [429, 200, 200]


def test_a_header_wins(alma: Alma) -> None:
    body = json.dumps(order(vendor_reference_number="SIM-FAULT-html-502")).encode()
    assert alma.raw("POST", "/acq/po-lines", body, {"x-sim-fault": "429"}).status == 429


@pytest.mark.parametrize(
    ("kind", "mark"),
    [("cut_after", ""), ("unheard-of", ""), ("", "SIM-FAULT-cut_after"), ("", "SIM-FAULT-once-")],
)
def test_a_mistyped_fault_is_no_success(alma: Alma, kind: str, mark: str) -> None:
    """Not in Alma's envelope: it is the simulator that does not understand."""
    body = json.dumps(order(vendor_reference_number=mark or "A-1")).encode()
    answer = alma.raw("POST", "/acq/po-lines", body, {"x-sim-fault": kind})
    assert (answer.status, answer.kind) == (400, "text/plain")
    assert b"is no kind of fault; there are 429, " in answer.body
    assert not alma.app.world.store.has_line("POL-1")
    assert "no kind of fault" in alma.app.log.entries[-1].text


def test_a_plan_is_written_in_words() -> None:
    plan = parse_faults("seed=7,rate=0.2,kinds=429+cut-after+alma-401664,methods=post+PUT")
    assert (plan.seed, plan.rate, plan.kinds, plan.methods) == (
        7,
        0.2,
        ("429", "cut-after", "alma-401664"),
        ("POST", "PUT"),
    )
    # one daily-limit would end the rehearsal: it is drawn only when it is named
    assert set(parse_faults("seed=1").kinds) == set(KINDS) - {"daily-limit"}
    assert parse_faults("kinds=daily-limit").kinds == ("daily-limit",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("seed", '"seed" is not'),
        ("colour=red", '"colour=red"'),
        ("rate=2", "from 0 to 1"),
        ("seed=x", "whole number"),
        ("kinds=flood", '"flood" is no kind'),
    ],
)
def test_a_bad_plan_says_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_faults(text)


@pytest.mark.parametrize(
    ("kind", "status"),
    [("slow", 204), ("empty", 204), ("unreadable", 200), ("huge-body", 200), ("html-502-after", 502)],
)
def test_faults_of_an_answer_without_a_body(alma: Alma, kind: str, status: int) -> None:
    alma.post()
    answer = alma.raw("DELETE", "/acq/po-lines/POL-1", b"", {"x-sim-fault": kind}, reason="LIBRARY_CANCELLED")
    assert answer.status == status
    assert alma.call("GET", "/acq/po-lines/POL-1")["status"]["value"] == "CANCELLED"
