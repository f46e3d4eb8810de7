"""A hostile or broken other end: bounded in bytes, headers and time; the key goes where it was sent, and comes back masked."""

from __future__ import annotations

import http.client
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from etl.alma.address import address_of
from etl.alma.client import AlmaClient
from etl.alma.key import Secret
from etl.alma.recovery import Kind
from etl.alma.wire import LARGEST_ANSWER, Lost, NotSent, Sent, Wire

KEY = Secret("l7xx0123456789abcdefHEMLIG")
GET = Sent("GET", "/almaws/v1/acq/po-lines/POL-1", {"Accept": "application/json"})
Talk = Callable[[socket.socket, bytes], None]


@contextmanager
def other_end(talk: Talk, context: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """A server that reads a request's head and then does as `talk` says."""
    heard: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve() -> None:
        while not done.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    if context:
                        connection = context.wrap_socket(connection, server_side=True)
                    connection.settimeout(60)
                    heard.append(connection.recv(65536))
                    talk(connection, heard[-1])
                except OSError:
                    heard.append(b"")  # the client went away, as it should
                finally:
                    connection.close()  # the one under TLS too

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], heard
    finally:
        done.set()
        listener.close()
        thread.join(0.1)


def answer(head: str, body: bytes = b"") -> Talk:
    return lambda connection, _: connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)


def wire(port: int, timeout: float = 60.0, scheme: str = "http", **more: str) -> Wire:
    return Wire(address_of(None, f"{scheme}://127.0.0.1:{port}"), KEY, timeout=timeout, **more)  # type: ignore[arg-type]


def test_the_key_goes_into_the_header_and_nowhere_else() -> None:
    with other_end(answer("HTTP/1.1 200 OK\nContent-Length: 2", b"{}")) as (port, heard):
        client = wire(port)
        client(GET)
        client.close()
    assert heard[0].count(KEY.reveal().encode()) == 1
    assert f"Authorization: apikey {KEY.reveal()}".encode() in heard[0]
    assert KEY.reveal() not in repr(vars(client))


def test_an_echoed_key_comes_back_masked() -> None:
    echo = KEY.reveal().encode()
    head = f"HTTP/1.1 400 Bad Request\nX-Echo: {KEY.reveal()}\nContent-Length: {len(echo) + 4}"
    with other_end(answer(head, b"key " + echo)) as (port, _):
        received = wire(port)(GET)
    assert KEY.reveal() not in repr(received)
    assert received.body == b"key ***"


def test_redirects_are_not_followed() -> None:
    with (
        other_end(answer("HTTP/1.1 200 OK\nContent-Length: 2", b"{}")) as (elsewhere, heard),
        other_end(
            answer(
                f"HTTP/1.1 307 Temporary Redirect\nLocation: http://127.0.0.1:{elsewhere}/\nContent-Length: 0"
            )
        ) as (port, _),
    ):
        outcome = AlmaClient(wire(port)).post_line(b"{}")
    assert outcome.verdict.kind is Kind.KEY
    assert heard == []


def test_a_body_without_end_is_cut() -> None:
    def talk(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(LARGEST_ANSWER // 65536 + 64):
            connection.sendall(b"x" * 65536)

    with other_end(talk) as (port, _), pytest.raises(Lost, match="larger"):
        wire(port, 300)(GET)


def test_headers_without_end_are_cut() -> None:
    def talk(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for number in range(1_000_000):
            connection.sendall(f"X-{number}: y\r\n".encode() * 100)

    with other_end(talk) as (port, _), pytest.raises(Lost):
        wire(port, 300)(GET)


@pytest.mark.parametrize(
    "first", [b"HTTP/1.1 200 OK\r\nX-A: ", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n{"]
)
def test_an_answer_that_drips_is_not_waited_for(first: bytes) -> None:
    """It would go on for minutes; the client goes away long before."""
    whole = threading.Event()

    def talk(connection: socket.socket, _: bytes) -> None:
        connection.sendall(first)
        for _ in range(3000):
            connection.sendall(b"a")
            time.sleep(0.1)
        whole.set()

    with other_end(talk) as (port, _):
        with pytest.raises(Lost):
            wire(port, 0.6)(GET)
        assert not whole.is_set()


def test_a_small_body_stays_small() -> None:
    """No decompression: what calls itself gzip is only bytes."""
    head = "HTTP/1.1 200 OK\nContent-Encoding: gzip\nContent-Length: 3"
    with other_end(answer(head, b"\x1f\x8b\x08")) as (port, heard):
        assert wire(port)(GET).body == b"\x1f\x8b\x08"
    assert b"Accept-Encoding: identity" in heard[0]


@pytest.mark.parametrize(
    "garbage",
    [b"", b"\x00\x01\x02\x03\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", b"SSH-2.0-x\r\n"],
)
def test_what_is_no_answer_is_lost(garbage: bytes) -> None:
    with other_end(lambda connection, _: connection.sendall(garbage)) as (port, _):
        assert AlmaClient(wire(port)).post_line(b"{}").verdict.kind is Kind.UNKNOWN


def test_no_server_means_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NotSent):
        wire(port)(GET)


BREAKS = [
    ConnectionResetError("reset"),
    TimeoutError("slow"),
    http.client.CannotSendRequest(),
    ValueError("odd"),
]


@pytest.mark.parametrize("trouble", BREAKS, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("piece", [1, 2], ids=["head", "body"])
@pytest.mark.parametrize("before", [0, 1], ids=["new connection", "used connection"])
def test_a_request_that_breaks_on_its_way_may_have_arrived(
    monkeypatch: pytest.MonkeyPatch, trouble: Exception, piece: int, before: int
) -> None:
    """Some of it is with the system when that says no: nobody knows what the other end has of it."""
    send, pieces = http.client.HTTPConnection.send, 0

    def breaking(connection: http.client.HTTPConnection, data: bytes) -> None:
        nonlocal pieces
        pieces += 1
        if pieces == piece:
            raise trouble
        send(connection, data)

    ok = "HTTP/1.1 200 OK\nContent-Length: 2"
    with other_end(answer(ok, b"{}")) as (port, _):
        client = wire(port)
        for _ in range(before):
            client(GET)
        monkeypatch.setattr(http.client.HTTPConnection, "send", breaking)
        with pytest.raises(Lost):
            client(replace(GET, method="POST", body=b"{}"))


def test_what_became_of_one_request_says_nothing_of_the_next() -> None:
    with other_end(answer("HTTP/1.1 200 OK\nContent-Length: 2", b"{}")) as (port, _):
        assert wire(port)(GET).status == 200
        test_no_server_means_not_sent()


def test_the_environment_cannot_redirect(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with other_end(answer("HTTP/1.1 200 OK\nContent-Length: 2", b"{}")) as (port, _):
        assert wire(port)(GET).status == 200


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[str, ssl.SSLContext]:
    """One that nobody vouches for, and the other end that shows it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make a certificate with")
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    return str(tmp_path / "cert.pem"), context


def test_a_certificate_nobody_vouches_for(certificate: tuple[str, ssl.SSLContext]) -> None:
    path, context = certificate
    with other_end(answer("HTTP/1.1 200 OK\nContent-Length: 2", b"{}"), context) as (port, heard):
        with pytest.raises(NotSent, match="certificate"):
            wire(port, scheme="https")(GET)
        assert b"".join(heard) == b""  # the key did not leave
        assert wire(port, scheme="https", ca_file=path)(GET).status == 200


def test_under_tls_an_answer_that_drips_is_not_waited_for_either(
    certificate: tuple[str, ssl.SSLContext],
) -> None:
    path, context = certificate
    whole = threading.Event()

    def talk(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n{")
        for _ in range(3000):
            connection.sendall(b"a")
            time.sleep(0.1)
        whole.set()

    with other_end(talk, context) as (port, _):
        with pytest.raises(Lost):
            wire(port, 0.6, "https", ca_file=path)(GET)
        assert not whole.is_set()


def test_what_fails_between_connection_and_request_was_not_sent(
    certificate: tuple[str, ssl.SSLContext],
) -> None:
    """Under TLS the connection stands before the head is put together."""
    path, context = certificate
    odd = replace(GET, headers={"X-Odd": "two\nlines"})
    ok = answer("HTTP/1.1 200 OK\nContent-Length: 2", b"{}")
    with other_end(ok, context) as (port, heard), pytest.raises(NotSent):
        wire(port, scheme="https", ca_file=path)(odd)
    assert b"".join(heard) == b""
