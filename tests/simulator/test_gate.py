"""Keys, permissions, thresholds, headers: what happens before the operation."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from alma_client import Alma, build, order, wish

from etl.simulator import FaultPlan, Limits, Timing
from etl.simulator.answer import Answer


@pytest.mark.parametrize(
    "header", [None, "", "apikey", "apikey wrong", "Bearer simulator-key", "simulator-key"]
)
def test_without_a_good_key_the_answer_is_plain_text(alma: Alma, header: str | None) -> None:
    answer = alma.raw("GET", "/acq/po-lines", headers={"authorization": header})
    assert (answer.status, answer.kind, answer.body) == (400, "text/plain", b"Invalid API Key")


def test_the_key_may_stand_in_the_query_and_is_not_kept(alma: Alma) -> None:
    assert (
        alma.raw(
            "GET", "/acq/po-lines", headers={"authorization": None}, apikey="simulator-key", limit="5"
        ).status
        == 200
    )
    entry = alma.app.log.entries[-1]
    assert entry.target == "/almaws/v1/acq/po-lines?limit=5"
    assert "simulator-key" not in json.dumps([one.as_dict() for one in alma.app.log.entries])


@pytest.mark.parametrize(
    ("key", "method", "path", "allowed"),
    [
        ("simulator-read-only", "GET", "/acq/po-lines", True),
        ("simulator-read-only", "GET", "/acq/test", True),
        ("simulator-read-only", "POST", "/acq/test", False),
        ("simulator-acq-only", "POST", "/acq/test", True),
        ("simulator-acq-only", "GET", "/conf/libraries", False),
        ("simulator-acq-only", "POST", "/users/bo.ek/purchase-requests", False),
    ],
)
def test_permissions(alma: Alma, key: str, method: str, path: str, allowed: bool) -> None:
    answer = alma.raw(method, path, headers={"authorization": f"apikey {key}"})
    assert (answer.status, answer.code) == ((200, "") if allowed else (400, "UNAUTHORIZED"))


def test_the_key_can_be_tried(alma: Alma) -> None:
    declaration = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    assert (
        alma.raw("GET", "/acq/test").body
        == declaration + b"<test>GET - OK - institutionCode: 46SIM_INST</test>"
    )
    assert alma.raw("POST", "/acq/test").body == declaration + b"<test>POST - OK</test>"


# ------------------------------------------------------------------------------------------ limits


def statuses(alma: Alma, count: int) -> list[int]:
    return [alma.raw("GET", "/acq/po-lines").status for _ in range(count)]


def test_calls_per_second_in_any_second() -> None:
    alma = build(limits=Limits(3, None, None))
    assert statuses(alma, 4) == [200, 200, 200, 429]
    alma.clock.now += 0.9
    assert statuses(alma, 1) == [429]
    alma.clock.now += 0.2
    assert statuses(alma, 4) == [200, 200, 200, 429]
    (error,) = json.loads(alma.raw("GET", "/acq/po-lines").body)["errorList"]["error"]
    assert error == {"errorCode": "PER_SECOND_THRESHOLD",
                     "errorMessage": "HTTP requests are more than allowed per second. See https://goo.gl/2x1c1M "}  # fmt: skip


def test_a_refused_call_has_done_nothing() -> None:
    alma = build(limits=Limits(1, None, None), timing=Timing.instant())
    assert [alma.raw("POST", "/acq/po-lines", json.dumps(order()).encode()).status for _ in range(5)] == [
        200,
        429,
        429,
        429,
        429,
    ]
    assert alma.app.world.store.next_id("po_line") == 2


def test_calls_per_minute() -> None:
    alma = build(limits=Limits(None, 3, None))
    assert statuses(alma, 4) == [200, 200, 200, 429]
    alma.clock.now += 59
    assert statuses(alma, 1) == [429]
    alma.clock.now += 1
    assert statuses(alma, 1) == [200]


def test_calls_per_day_until_midnight() -> None:
    alma = build(limits=Limits(None, None, 2))
    assert statuses(alma, 3) == [200, 200, 429]
    assert alma.raw("GET", "/acq/po-lines").code == "DAILY_THRESHOLD"
    alma.clock.now += 43200
    assert statuses(alma, 1) == [200]


def test_the_daily_limit_on_request_lasts(alma: Alma) -> None:
    assert alma.raw("GET", "/acq/po-lines", headers={"x-sim-fault": "daily-limit"}).status == 429
    assert alma.raw("GET", "/acq/po-lines").code == "DAILY_THRESHOLD"


def test_a_day_used_up_stays_so_after_a_restart_and_without_a_limit(tmp_path: Path) -> None:
    state = tmp_path / "alma.sqlite"
    first = build(state=state, limits=Limits(None, None, None))
    assert statuses(first, 1) == [200]
    first.raw("GET", "/acq/po-lines", headers={"x-sim-fault": "daily-limit"})
    for alma in (first, build(state=state, limits=Limits(None, None, None))):
        assert statuses(alma, 1) == [429]
        assert alma.app.gate.remaining() == 0
    alma.clock.now += 43200
    assert statuses(alma, 1) == [200]


def test_every_answer_says_how_many_calls_are_left() -> None:
    start, _ = asgi(build(limits=Limits(None, None, None)), "GET", "/almaws/v1/acq/po-lines")
    assert int(dict(start["headers"])[b"x-exl-api-remaining"]) > 900_000_000


# ---------------------------------------------------------------------------------------- as ASGI


def asgi(
    alma: Alma, method: str, path: str, query: bytes = b"", body: bytes = b"", **headers: str
) -> list[dict[str, Any]]:
    """Every message an ASGI server would get."""
    sent: list[dict[str, Any]] = []
    parts = [
        {"type": "http.request", "body": body[:5], "more_body": True},
        {"type": "http.request", "body": body[5:]},
    ]

    async def receive() -> Any:
        return parts.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    given = {**alma.headers, **headers}
    scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": query,
             "headers": [(name.encode(), value.encode()) for name, value in given.items()]}  # fmt: skip
    asyncio.run(alma.app(scope, receive, send))
    return sent


def test_headers(alma: Alma) -> None:
    start, body = asgi(alma, "POST", "/almaws/v1/acq/po-lines/", body=json.dumps(order()).encode())
    headers = dict(start["headers"])
    assert start["status"] == 200
    assert headers[b"content-type"] == b"application/json;charset=UTF-8"
    assert headers[b"server"] == b"Layer7-API-Gateway"
    assert headers[b"x-exl-api-remaining"] == b"499999"
    assert len(headers[b"x-request-id"]) == 10
    assert int(headers[b"content-length"]) == len(body["body"])
    start, body = asgi(alma, "DELETE", "/almaws/v1/acq/po-lines/POL-1", b"reason=LIBRARY_CANCELLED&reason=X")
    assert (start["status"], body["body"]) == (204, b"")
    assert b"content-length" not in dict(start["headers"])


def test_a_body_too_large_is_not_read(alma: Alma) -> None:
    start, _ = asgi(alma, "POST", "/almaws/v1/acq/po-lines", body=b" " * 5_000_010)
    assert start["status"] == 413


def test_a_cut_in_process_is_a_connection_error(alma: Alma) -> None:
    with pytest.raises(ConnectionError):
        asgi(
            alma,
            "POST",
            "/almaws/v1/acq/po-lines",
            body=json.dumps(order()).encode(),
            **{"x-sim-fault": "cut-after"},
        )
    assert alma.app.world.store.has_line("POL-1")


# ------------------------------------------------------------------------------------- the state


def test_the_state_survives(tmp_path: Path) -> None:
    """No closing, no farewell: the second simulator reads what the first one left when it was killed."""
    state = tmp_path / "alma.sqlite"
    first = build(state=state, timing=Timing.instant())
    first.post()
    first.call("POST", "/users/bo.ek/purchase-requests", wish())
    items = first.call("GET", "/acq/po-lines/POL-1/items")
    second = build(state=state, timing=Timing.instant())
    assert second.call("GET", "/acq/po-lines/POL-1/items") == items
    assert second.call("GET", "/acq/purchase-requests/1")["requester"]["value"] == "bo.ek"
    assert second.call("GET", "/acq/funds/HBG-BOK")["encumbered_balance"]["sum"] == "258.0"
    made = second.post()
    assert made["number"] == "POL-2"
    before = {row["link"] for row in items["item"]}
    assert before.isdisjoint(row["link"] for row in second.call("GET", "/acq/po-lines/POL-2/items")["item"])
    assert second.app.gate.remaining() == 500_000 - 7  # the count is kept with each write: one read was lost


def test_a_bug_leaves_no_half_of_a_line_and_is_told(
    alma: Alma, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr(alma.app.world.store, "encumber", broken)
    answer = alma.raw("POST", "/acq/po-lines", json.dumps(order()).encode())
    monkeypatch.undo()
    assert (answer.status, answer.code) == (500, "INTERNAL_SERVER_ERROR")
    entry = alma.app.log.entries[-1]
    assert (entry.status, entry.saved) == (500, "")
    assert entry.notes == ("a bug in the simulator: RuntimeError: disk full",)
    assert "RuntimeError: disk full" in capsys.readouterr().err
    assert alma.post()["number"] == "POL-1"


def test_seeds_are_repeatable_and_independent_of_the_order() -> None:
    plan = FaultPlan(7, 0.5, ("429", "html-502", "error-500-after"))
    bodies = [json.dumps(order(vendor_reference_number=f"A-{n}")).encode() for n in range(40)]

    def met(sequence: list[bytes]) -> dict[bytes, str]:
        alma = build(faults=plan)
        answers: dict[bytes, Answer] = {body: alma.raw("POST", "/acq/po-lines", body) for body in sequence}
        return {body: f"{answer.status} {answer.code}" for body, answer in answers.items()}

    one = met(bodies)
    assert one == met(bodies[::-1])
    assert set(one.values()) == {
        "200 ",
        "429 PER_SECOND_THRESHOLD",
        "502 HTML 502",
        "500 INTERNAL_SERVER_ERROR",
    }


def test_a_repetition_draws_anew() -> None:
    alma = build(faults=FaultPlan(3, 0.5, ("429",)))
    body = json.dumps(order()).encode()
    assert {alma.raw("POST", "/acq/po-lines", body).status for _ in range(30)} == {200, 429}
    assert {alma.raw("GET", "/acq/po-lines").status for _ in range(30)} == {200}
