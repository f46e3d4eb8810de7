"""Requests under other names, in frames, from other sites' pages: none of them is answered with what is held here."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import nullcontext
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.cli.main import run_cli
from etl.simulator import Limits, Settings, Timing, running
from etl.simulator.hosts import Elsewhere, check_host, names_of

PATHS = [
    "/",
    "/orders",
    "/orders.json",
    "/log.json",
    "/nowhere",
    "/almaws/v1/acq/po-lines?apikey=simulator-key",
]
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE"]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    settings = Settings(
        timing=Timing.instant(),
        limits=Limits.none(),
        hosts=names_of("0.0.0.0", ["orders.example"]),  # noqa: S104
    )
    with running(settings) as url:
        found = urlsplit(url).port
        assert found is not None
        yield found


def send(port: int, method: str, target: str, *headers: str, version: str = "1.1") -> tuple[int, str, bytes]:
    """Status, head and body of the answer to a request written by hand."""
    lines = [f"{method} {target} HTTP/{version}", *headers, "Connection: close", "", ""]
    with socket.create_connection(("127.0.0.1", port), timeout=10) as wire:
        wire.sendall("\r\n".join(lines).encode("latin-1"))
        answer = b""
        while chunk := wire.recv(65536):
            answer += chunk
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), head.decode().lower(), body


def refused(status: int) -> bool:
    return status in (400, 403, 421)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", PATHS)
def test_another_name_is_refused_whatever_is_asked(port: int, method: str, path: str) -> None:
    for host in (
        f"evil.example:{port}", "evil.example", f"127.0.0.1.evil.example:{port}", f"localhost.evil.example:{port}",
        "127.0.0.1", "localhost", f"127.0.0.1:{port + 1}", f"127.0.0.2:{port}", f"0.0.0.0:{port}", f"localhost.:{port}",
        f"user@127.0.0.1:{port}", f"127.0.0.1:{port}@evil.example", f"127.0.0.1:{port}/", f"evil.example#127.0.0.1:{port}",
        "", f":{port}", f"127.0.0.1:{port},evil.example", f"[::1]{port}", f"2130706433:{port}", f"127.1:{port}", "[::1",
    ):  # fmt: skip
        status, _, body = send(port, method, path, f"Host: {host}")
        assert refused(status), host
        assert b"simulator-key" not in body
        assert b"{" not in body


@pytest.mark.parametrize("path", PATHS)
def test_its_own_names_are_answered(port: int, path: str) -> None:
    for host in ("127.0.0.1", "localhost", "LocalHost", "[::1]"):
        assert not refused(send(port, "GET", path, f"Host: {host}:{port}")[0]), host
    for named in ("orders.example", "Orders.Example:9000"):  # a door in front of it has a port of its own
        assert not refused(send(port, "GET", path, f"Host: {named}")[0])


def test_no_host_and_several_are_refused(port: int) -> None:
    own = f"Host: 127.0.0.1:{port}"
    assert send(port, "GET", "/orders.json", version="1.0")[0] == 400
    for headers in ([own, own], [own, "Host: evil.example"], ["Host: evil.example", own]):
        assert send(port, "GET", "/orders.json", *headers)[0] == 400


@pytest.mark.parametrize("path", PATHS)
def test_a_whole_url_says_the_name_once_more(port: int, path: str) -> None:
    own = f"Host: 127.0.0.1:{port}"
    for host in (
        "evil.example",
        f"evil.example:{port}",
        f"127.0.0.1:{port}@evil.example",
        f"127.0.0.1:{port + 1}",
    ):
        assert refused(send(port, "GET", f"http://{host}{path}", own)[0]), host
    assert refused(send(port, "GET", f"http://127.0.0.1:{port}{path}", "Host: evil.example")[0])
    whole, plain = (send(port, "GET", f"{start}{path}", own) for start in (f"http://127.0.0.1:{port}", ""))
    assert whole[0] == plain[0] < 405


def test_another_sites_page_changes_nothing(port: int) -> None:
    own = f"Host: localhost:{port}"
    path = "/almaws/v1/acq/po-lines?apikey=simulator-key"
    for origin in (
        "http://evil.example",
        "null",
        "https://localhost",
        f"http://localhost:{port}.evil.example",
    ):
        assert send(port, "POST", path, own, f"Origin: {origin}", "Content-Length: 0")[0] == 403
    assert (
        send(port, "POST", path, own, f"Origin: http://localhost:{port}", "Content-Length: 0")[0] == 400
    )  # Alma's


@pytest.mark.parametrize("path", ["/", "/orders", "/orders.json", "/nowhere", "/nowhere.json"])
def test_a_page_is_in_no_frame(port: int, path: str) -> None:
    for host in (f"localhost:{port}", "evil.example"):
        _, head, _ = send(port, "GET", path, f"Host: {host}")
        assert "x-frame-options: deny" in head
        assert "frame-ancestors 'none'" in head
        assert "x-content-type-options: nosniff" in head
        assert "server: layer7" not in head


def test_what_alma_answers_has_none_of_these_headers(port: int) -> None:
    _, head, _ = send(port, "GET", PATHS[-1], f"Host: localhost:{port}")
    assert "server: layer7-api-gateway" in head
    assert "x-frame-options" not in head


@given(st.text(alphabet="localhost127.0[]:@/\\ %#?*é,", max_size=24))
def test_no_spelling_gets_in_but_the_three(host: str) -> None:
    own = {f"{name}:8808" for name in ("localhost", "127.0.0.1", "[::1]")}
    with nullcontext() if host in own else pytest.raises(Elsewhere):
        check_host([(b"Host", host.encode("latin-1", "replace"))], 8808, frozenset())


@pytest.mark.parametrize("name", ["http://x", "x:80", "*.example", "", "x y", "x/y"])
def test_an_allowed_name_is_a_name(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["simulator", "--port", "0", "--allow-host", name]) == 2
    assert "not" in capsys.readouterr().err
