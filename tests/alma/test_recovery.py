"""Every row of the recovery table, and every form in which an error comes."""

from __future__ import annotations

import json
import re
from xml.sax.saxutils import escape

import pytest

from etl.alma.client import AlmaClient
from etl.alma.recovery import CHANGES, READS, Kind, Language, Operation, Row, Verdict, table
from etl.alma.wire import Lost, NotSent, Received, Sent

LINE = b'{"number":"POL-1","status":{"value":""}}'
REQUEST = b'{"request_id":"17"}'


def call(operation: Operation, answer: Received | Exception) -> Kind:
    """How to go on after an answer."""
    return verdict(operation, answer).kind


def verdict(operation: Operation, answer: Received | Exception) -> Verdict:
    """What the client makes of an answer."""

    def transport(request: Sent) -> Received:
        if isinstance(answer, Exception):
            raise answer
        return answer

    client = AlmaClient(transport)
    calls = {
        "post_line": lambda: client.post_line(b"{}"),
        "post_request": lambda: client.post_request("u", b"{}"),
        "get_line": lambda: client.line("POL-1"),
        "list_lines": lambda: client.lines("all~x"),
        "get_request": lambda: client.request("1"),
        "list_requests": lambda: client.requests(),
        "get_reference": lambda: client.reference("/acq/funds"),
        "approve": lambda: client.decide("1", "approve", b"{}"),
        "reject": lambda: client.decide("1", "reject", b"{}"),
        "cancel": lambda: client.cancel("u", "1"),
        "change_line": lambda: client.change_line("POL-1", b"{}", redistribute=False),
        "change_request": lambda: client.change_request("1", b"{}"),
        "cancel_line": lambda: client.cancel_line("POL-1", {"reason": "X"}),
    }
    return calls[operation]().verdict


def enveloped(code: str, message: str, *, status: int = 400) -> Received:
    error = {"errorCode": code, "errorMessage": message, "trackingId": "E01-2807130310-LFIHK-AWAE210516550"}
    return Received(status, {}, json.dumps({"errorsExist": True, "errorList": {"error": [error]}}).encode())


def sample_message(row: Row) -> str:
    return "Cannot update or deserialize value" if row.message else "Alma's words"


def row_id(row: Row) -> str:
    return f"{row.operation}-{row.code}{'-by-message' if row.message else ''}"


ALL: tuple[Operation, ...] = (
    "post_line", "post_request", "get_line", "list_lines", "get_request", "list_requests", "get_reference",
    "approve", "reject", "cancel", "change_line", "change_request", "cancel_line",
)  # fmt: skip


@pytest.mark.parametrize("row", table(), ids=row_id)
def test_each_row_is_reached_and_means_what_it_says(row: Row) -> None:
    for operation in ALL if row.operation == "*" else row.operation.split():
        exact = [
            r
            for r in table()
            if operation in r.operation.split() and r.code == row.code and r.message is None
        ]
        if row.operation == "*" and exact:
            continue  # an exact row comes first
        if row.code.startswith("HTTP_"):
            answer = Received(
                int(row.code[5:].replace("xx", "02")), {"location": "https://x"}, b"<html>no</html>"
            )
        elif row.code == "INVALID_KEY":
            answer = Received(400, {}, b"Invalid API Key")
        else:
            answer = enveloped(row.code, sample_message(row))
        expected = Kind.UNAVAILABLE if row.kind is Kind.UNKNOWN and operation in READS else row.kind
        assert call(operation, answer) is expected, operation  # type: ignore[arg-type]


@pytest.mark.parametrize("row", table(), ids=row_id)
def test_each_row_speaks_both_languages(row: Row) -> None:
    for language in ("en", "sv"):
        said, fix = row.words(language)  # type: ignore[arg-type]
        assert said
        assert fix or row.kind is Kind.UNKNOWN  # where what was asked of Alma tells what to do
        assert not said.endswith(".")
        assert not re.search(r"\s{2}", said + fix)
    assert row.en != row.sv


@pytest.mark.parametrize("language", ["en", "sv"])
@pytest.mark.parametrize("operation", ALL)
@pytest.mark.parametrize(
    "answer",
    [
        Lost("time-out"),
        Received(502, {}, b"<html>Bad Gateway</html>"),
        Received(200, {}, b"{"),
        enveloped("402119", "General Error"),
        enveloped("INTERNAL_SERVER_ERROR", "x", status=500),
        enveloped("60319", "x"),
    ],
    ids=["lost", "html", "unreadable", "general", "500", "60319"],
)
def test_without_an_answer_each_is_told_what_helps(
    answer: Received | Exception, operation: Operation, language: Language
) -> None:
    """Only orders are asked for by a next run; a decision is looked at, a reading is tried again."""
    fix = verdict(operation, answer).fix(language)
    next_run, look, again, same = {
        "en": ("next run", "etl requests show", "try again", "same command"),
        "sv": ("nästa körning", "etl requests show", "försök igen", "samma kommando"),
    }[language]
    assert (next_run in fix) == operation.startswith("post_")
    assert (look in fix) == (operation in ("approve", "reject", "cancel"))
    assert (again in fix) == (operation in READS)
    assert (same in fix) == (operation in CHANGES)


def test_rows_are_not_repeated() -> None:
    keys = [(one, row.code, row.message is None) for row in table() for one in row.operation.split()]
    assert len(keys) == len(set(keys))


DOCUMENTED = {
    "post_line": "402119 401870 401664 60320 401872",
    "post_request": "402119 401890 60221 60270 402469 60271 402880 60272 60279 60273 60274 60278 60280 60281 60282 60283 60329",
    "get_line": "402119 401871",
    "list_lines": "402119 40188600 40188602 40188603 40188604 40188605",
    "get_request": "402119 60276",
    "list_requests": "402119 401890 401652 60275 40166410 60269",
    "approve": "402119 60276 60309 60313 60314 60317 60316 60312 60319",
    "reject": "402119 60276 60308 60309 60315 60316 60312 60319",
    "cancel": "401652 60276 60277 401873",
    "change_line": "401676 401871 60320 401876",
    "cancel_line": "402119 401884 401881 401874 401871",
    "change_request": "402119 60276 60270 401890 402469 402880 60272 60279 60273 60221 60274 60308 60309 60186 60271 60329",
}  # fmt: skip


@pytest.mark.parametrize("operation", DOCUMENTED)
def test_every_documented_code_has_a_row(operation: str) -> None:
    missing = [
        code
        for code in DOCUMENTED[operation].split()
        if not any(row.fits(operation, code, "") for row in table())
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("answer", "post", "get"),
    [
        (NotSent("no connection"), Kind.UNAVAILABLE, Kind.UNAVAILABLE),
        (Lost("time-out"), Kind.UNKNOWN, Kind.UNAVAILABLE),
        (Received(500, {}, b""), Kind.UNKNOWN, Kind.UNAVAILABLE),
        (Received(502, {}, b"<html>Bad Gateway</html>"), Kind.UNKNOWN, Kind.UNAVAILABLE),
        (Received(200, {}, b""), Kind.UNKNOWN, Kind.UNAVAILABLE),
        (Received(200, {}, b"{"), Kind.UNKNOWN, Kind.UNAVAILABLE),
        (Received(200, {}, b"{}"), Kind.UNKNOWN, Kind.UNAVAILABLE),
        (Received(200, {}, b"[" * 100_000), Kind.UNKNOWN, Kind.UNAVAILABLE),
        (Received(200, {}, b'<!DOCTYPE a [<!ENTITY b "c">]><po_line><number>&b;</number></po_line>'), Kind.UNKNOWN, Kind.UNAVAILABLE),
        (Received(204, {}, b""), Kind.UNKNOWN, Kind.UNAVAILABLE),
        (Received(200, {}, b'{"title": "The Unauthorized Biography", "numb'), Kind.UNKNOWN, Kind.UNAVAILABLE),
        (Received(200, {}, b"<po_line><title>DAILY_THRESHOLD</ti"), Kind.UNKNOWN, Kind.UNAVAILABLE),
        (Received(502, {}, b"unauthorized"), Kind.UNKNOWN, Kind.UNAVAILABLE),
        (Received(400, {}, b"Line of Unauthorized Ltd saved"), Kind.UNKNOWN, Kind.UNAVAILABLE),
        (Received(400, {}, b" Invalid API Key.\r\n"), Kind.KEY, Kind.KEY),
        (Received(400, {}, b"Unauthorized"), Kind.KEY, Kind.KEY),
        (Received(400, {}, b"PER_SECOND_THRESHOLD: too many calls"), Kind.THROTTLED, Kind.THROTTLED),
        (Received(400, {}, b"???"), Kind.UNKNOWN, Kind.UNAVAILABLE),
        (enveloped("999999", "something new"), Kind.UNKNOWN, Kind.REFUSED),
        (enveloped("402119", "Failed to parse the answer of the repository"), Kind.UNKNOWN, Kind.UNAVAILABLE),
        (enveloped("999999", "something new", status=500), Kind.UNKNOWN, Kind.UNAVAILABLE),
        (enveloped("", ""), Kind.UNKNOWN, Kind.UNAVAILABLE),
        (Received(400, {}, b'{"errorsExist":true}'), Kind.UNKNOWN, Kind.UNAVAILABLE),
        (enveloped("999999", "over", status=429), Kind.THROTTLED, Kind.THROTTLED),
        (Received(200, {}, LINE), Kind.DONE, Kind.DONE),
        (Received(200, {}, b"<po_line><number>POL-1</number></po_line>"), Kind.DONE, Kind.DONE),
    ],
)  # fmt: skip
def test_what_is_certain_and_what_is_not(answer: Received | Exception, post: Kind, get: Kind) -> None:
    assert (call("post_line", answer), call("get_line", answer)) == (post, get)


ERROR = {
    "errorCode": "401664",
    "errorMessage": " Mandatory field\n is missing:  library ",
    "trackingId": "E01-1",
}
BARE = {"errorCode": "401664", "errorMessage": "Mandatory field is missing: library"}
XML = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<web_service_result xmlns="http://com/exlibris/urm/general/xmlbeans"><errorsExist>true</errorsExist><errorList>'
    + "".join(f"<{name}>{escape(value)}</{name}>" for name, value in ERROR.items()).join(
        ["<error>", "</error>"]
    )
    + "</errorList></web_service_result>"
)
FORMS = {
    "list": json.dumps({"errorsExist": True, "errorList": {"error": [ERROR]}, "result": None}),
    "single": json.dumps({"errorsExist": True, "errorList": {"error": ERROR}}),
    "wrapped": json.dumps({"web_service_result": {"errorsExist": True, "errorList": {"error": ERROR}}}),
    "no tracking": json.dumps({"errorsExist": True, "errorList": {"error": [BARE]}}),
    "several": json.dumps({"errorsExist": True, "errorList": {"error": [ERROR, BARE]}}),
    "list of lists": json.dumps({"errorList": [ERROR]}),
    "bare": json.dumps(ERROR),
    "xml": XML,
    "blanks around": "\n\n  " + XML.partition("?>")[2] + "\n",
    "byte order mark": "\ufeff" + json.dumps({"errorsExist": True, "errorList": {"error": [ERROR]}}),
}


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("form", FORMS)
def test_envelopes_as_odd_as_they_come(form: str, status: int) -> None:
    client = AlmaClient(lambda _: Received(status, {"content-type": "text/plain"}, FORMS[form].encode()))
    verdict = client.post_line(b"{}").verdict
    assert verdict.kind is Kind.REFUSED
    assert "401664 Mandatory field is missing: library" in verdict.said()
    assert "saknas" in verdict.said("sv")


def test_of_several_errors_the_least_certain_decides() -> None:
    both = {"errorList": {"error": [ERROR, {"errorCode": "INTERNAL_SERVER_ERROR", "errorMessage": "x"}]}}
    assert call("post_line", Received(400, {}, json.dumps(both).encode())) is Kind.UNKNOWN


def test_a_message_cannot_steer_the_terminal() -> None:
    evil = enveloped("401664", "\x1b]0;owned\x07 missing\x9b31m\r\n" + "x" * 5000)
    said = AlmaClient(lambda _: evil).post_line(b"{}").verdict.said()
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", said)
    assert len(said) < 1000
