"""A server of its own process or thread, met over the wire: curl as an independent client, broken connections, kill -9."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from alma_client import order
from waiting import until

from etl.simulator import Limits, Settings, Timing, running

SCRIPTS = Path(__file__).parent / "curl"
KEY = {
    "Authorization": "apikey simulator-key",
    "Accept": "application/json",
    "Content-Type": "application/json",
}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(Settings(timing=Timing.instant(), limits=Limits.none())) as address:
        yield address


def send(url: str, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    try:
        connection.request(
            method, "/almaws/v1" + path, json.dumps(body) if body is not None else None, {**KEY, **headers}
        )
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


# -------------------------------------------------------------------------------------------- curl


def script(name: str, url: str, **given: str) -> str:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    environment = {"PATH": os.environ["PATH"], "ALMA": url, "KEY": "simulator-key", "NO_PROXY": "*", **given}
    done = subprocess.run(
        ["sh", str(SCRIPTS / name)], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_curl_orders_in_json(url: str) -> None:
    made = json.loads(script("order_in_json.sh", url))
    assert re.fullmatch(r"POL-\d+", made["number"])
    assert made["price"] == {"sum": "150.0", "currency": {"value": "USD", "desc": "US Dollar"}}
    assert made["location"][0]["quantity"] == 1
    assert made["location"][0]["copy"][0]["barcode"] == "2379499752"
    assert made["resource_metadata"]["publication_place"] == "Malmö :"
    seen = script("look_and_cancel.sh", url, NUMBER=made["number"])
    assert '"total_record_count": 1' in seen
    assert '"status": {"value": "SENT", "desc": "Sent"}' in seen
    assert "cancelled with 204" in seen
    assert "401884" in seen
    assert seen.endswith(" and then 400")


def test_curl_orders_in_xml(url: str) -> None:
    said = script("order_in_xml.sh", url)
    assert said.startswith('<?xml version="1.0" encoding="UTF-8" standalone="yes"?><po_line><number>POL-')
    assert "<title>Hav &amp; himmel</title>" in said
    assert said.count("<note_text>") == 2
    assert '<owner desc="Huvudbiblioteket">MAIN</owner>' in said


def test_curl_asks_for_a_purchase(url: str) -> None:
    said = script("purchase_request.sh", url)
    assert '"requester": {"value": "reader@example.org", "desc": "Cilla Ask"}' in said
    assert '"status": {"value": "APPROVED", "desc": "Approved"}' in said
    assert '"total_record_count": 1' in said


# --------------------------------------------------------------------------------- broken lines


def lines(url: str, reference: str) -> int:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    connection.request("GET", "/orders.json")
    rows = json.loads(connection.getresponse().read())
    connection.close()
    return sum(row["vendor_reference_number"] == reference for row in rows)


@pytest.mark.parametrize(
    ("kind", "saved"), [("cut-before", 0), ("cut-after", 1), ("cut-within", 1), ("endless-headers", 1)]
)
def test_the_line_breaks(url: str, kind: str, saved: int) -> None:
    reference = f"broken-{kind}"
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        send(url, "POST", "/acq/po-lines", order(vendor_reference_number=reference), **{"X-Sim-Fault": kind})
    assert lines(url, reference) == saved
    assert send(url, "GET", "/acq/test")[0] == 200


@pytest.mark.parametrize(("kind", "saved"), [("hang-before", 0), ("hang-after", 1)])
def test_no_answer(url: str, kind: str, saved: int) -> None:
    body = json.dumps(order(vendor_reference_number=f"silent-{kind}")).encode()
    host, port = urlsplit(url).netloc.split(":")
    with socket.create_connection((host, int(port))) as connection:
        head = f"POST /almaws/v1/acq/po-lines HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: apikey simulator-key\r\nX-Sim-Fault: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)
        until(lambda: lines(url, f"silent-{kind}") == saved)
        connection.settimeout(0.5)
        with pytest.raises(TimeoutError):
            connection.recv(1)
    assert lines(url, f"silent-{kind}") == saved


def test_a_huge_answer(url: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    connection.request(
        "POST", "/almaws/v1/acq/po-lines", json.dumps(order()), {**KEY, "X-Sim-Fault": "huge-body"}
    )
    answer = connection.getresponse()
    assert answer.getheader("content-length") is None
    assert len(answer.read(20_000_000)) == 20_000_000
    connection.close()


# ------------------------------------------------------------------------------------ the verb


def started(tmp_path: Path, *arguments: str) -> tuple[subprocess.Popen[str], str]:
    code = "import sys; from etl.cli.simulator import command; command.main(sys.argv[1:])"
    process = subprocess.Popen([sys.executable, "-c", code, "--port", "0", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, cwd=Path(__file__).parents[2])  # fmt: skip
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def test_the_verb_keeps_every_order_through_kills(tmp_path: Path) -> None:
    """kill -9 in the middle of posts: what was answered is there, and what is there has one number each."""
    state = str(tmp_path / "alma.sqlite")
    answered: set[str] = set()
    for round_ in range(3):
        process, url = started(tmp_path, "--state", state, "--speed", "1000", "--limit-per-second", "none")
        try:
            for n in range(5):
                status, body = send(
                    url, "POST", "/acq/po-lines", order(vendor_reference_number=f"{round_}-{n}")
                )
                assert status == 200
                answered.add(json.loads(body)["number"])
        finally:
            process.send_signal(signal.SIGKILL)
            process.communicate()
    assert answered == {f"POL-{n}" for n in range(1, 16)}


def test_the_verb_ends_well_when_asked(tmp_path: Path) -> None:
    process, url = started(tmp_path)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
    until(lambda: send(url, "GET", "/acq/test")[0] == 200, process)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate()
    assert "Traceback" not in said
    assert "key: simulator-key" in said
