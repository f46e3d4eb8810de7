"""Answers meant to hurt → the order is unknown, memory and time stay bounded, and the key is in nothing that was written.

A server of our own, since the simulator does not know the worst: it says the key back, promises more than it sends, drips,
redirects to itself, and speaks no HTTP at all.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from invented_orders import KEY_NAME, write_orders
from killing_ground import Ground, ground
from ordeal import KEY, Tally
from verdict import private, spoken

from etl.ledger.database import open_database

pytestmark = pytest.mark.slow

MEMORY = 2_500_000_000
"""Bytes of address space; the libraries alone map about one gigabyte."""
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaaaaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + step, b"&%c;" % (97 + step) * 20) for step in range(9))
    + b"]><po_line><number>&j;</number></po_line>"
)
_OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]><po_line><number>&x;</number></po_line>'


def _whole(
    body: bytes, kind: bytes = b"application/json", status: bytes = b"200 OK", more: bytes = b""
) -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n%s" % (
        status,
        kind,
        len(body),
        more,
        body,
    )


def _pour(connection: socket.socket, chunk: bytes, most: int) -> None:
    """As much as the other side takes, up to `most` bytes."""
    for _ in range(most // len(chunk)):
        connection.sendall(chunk)


def _huge(connection: socket.socket, _: str) -> None:
    connection.sendall(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    _pour(connection, b"10000\r\n" + b" " * 65536 + b"\r\n", 400_000_000)


def _headers(connection: socket.socket, _: str) -> None:
    connection.sendall(_HEAD)
    _pour(connection, b"X-Again: " + b"y" * 1000 + b"\r\n", 400_000_000)


def _one_header(connection: socket.socket, _: str) -> None:
    connection.sendall(_HEAD + b"X-Long: ")
    _pour(connection, b"y" * 65536, 400_000_000)


def _zipped(connection: socket.socket, _: str) -> None:
    connection.sendall(_whole(b"\x1f\x8b" + b"\0" * 5000, more=b"Content-Encoding: gzip\r\n"))


def _drip(connection: socket.socket, _: str) -> None:
    connection.sendall(_HEAD + b"Content-Length: 100000\r\n\r\n")
    for _second in range(200):
        connection.sendall(b" ")
        time.sleep(0.1)


def _continues(connection: socket.socket, _: str) -> None:
    _pour(connection, b"HTTP/1.1 103 Early Hints\r\n\r\n", 50_000_000)


def _says(answer: Callable[[bytes], bytes]) -> Callable[[socket.socket, str], None]:
    return lambda connection, heard: connection.sendall(answer(heard.encode("latin-1")))


_ERROR = b'{"errorsExist":true,"errorList":{"error":[{"errorCode":"401664","errorMessage":"%s","trackingId":"%s"}]}}'
HOSTILE: dict[str, Callable[[socket.socket, str], None]] = {
    "huge body": _huge,
    "endless headers": _headers,
    "endless header": _one_header,
    "endless early hints": _continues,
    "drip": _drip,
    "compressed": _zipped,
    "entity bomb": _says(lambda _: _whole(_BOMB, b"application/xml")),
    "entity from a file": _says(lambda _: _whole(_OUTSIDE, b"application/xml")),
    "deep JSON": _says(lambda _: _whole(b"[" * 200_000 + b"]" * 200_000)),
    "deep XML": _says(lambda _: _whole(b"<a>" * 200_000, b"application/xml")),
    "endless digits": _says(lambda _: _whole(b'{"number": ' + b"9" * 100_000 + b"}")),
    "not a number": _says(lambda _: _whole(b'{"number": NaN}')),
    "a list": _says(lambda _: _whole(b"[1, 2]")),
    "wrong type": _says(lambda _: _whole(b"\x89PNG\r\n\x1a\n", b"image/png")),
    "wrong charset": _says(lambda _: _whole(b'{"number": "\xff\xfe"}', b"application/json;charset=klingon")),
    "no HTTP": _says(lambda _: b"SSH-2.0-OpenSSH_9.2\r\n"),
    "bad status": _says(lambda _: b"HTTP/1.1 999999 \xff\r\n\r\n"),
    "redirect to itself": _says(lambda _: b"HTTP/1.1 307 Go\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"),
    "key in an error": _says(lambda heard: _whole(_ERROR % (heard, heard), status=b"400 Bad Request")),
    "key in a header": _says(lambda heard: _whole(b"{}", more=b"X-Exl-Api-Remaining: %s\r\n" % heard, status=b"500 Oops")),
    "key in a page": _says(lambda heard: _whole(b"<h1>%s</h1>" % heard, b"text/html", b"502 Bad Gateway")),
    "key as status": _says(lambda heard: b"HTTP/1.1 %s\r\n\r\n" % heard),
    "key as number": _says(lambda heard: _whole(b'{"number": "%s"}' % heard)),
}  # fmt: skip


@contextmanager
def listening(answer: Callable[[socket.socket, str], None]) -> Iterator[tuple[str, list[str]]]:
    """A server that answers every request so; its URL and the targets it was asked for."""
    targets: list[str] = []

    def serve(connection: socket.socket) -> None:
        with connection:
            connection.settimeout(20)
            try:
                asked = connection.recv(65536).decode("latin-1")
                targets.append(asked.partition("\r\n")[0])
                given = [
                    row.partition(": ")[2]
                    for row in asked.split("\r\n")
                    if row.lower().startswith("authorization")
                ]
                answer(connection, given[0].removeprefix("apikey ") if given else "")
            except OSError:
                return  # hung up on: that is what is hoped for

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", targets
        listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="module")
def killing() -> Iterator[Ground]:
    with ground({KEY_NAME: KEY}) as found:
        yield found


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_answer(tmp_path: Path, killing: Ground, what: str) -> None:
    """A whole `etl run` in a process with little memory: no traceback, no key, no loss of the order, and an end."""
    with listening(HOSTILE[what]) as (url, targets):
        sink = {
            "base_url": url, "key": f"env:{KEY_NAME}", "ledger": "ledger.sqlite", "timeout": 1, "settle_wait": 0,
            "per_second": 0, "per_minute": 0,
        }  # fmt: skip
        write_orders(tmp_path, 1, sink)
        open_database("ledger.sqlite", tmp_path).dispose()
        argv = ["run", "mapping.yaml", "--report", "report"]
        code = killing.start(argv, tmp_path, tmp_path / "said-0.txt", memory=MEMORY).wait()
    said = (tmp_path / "said-0.txt").read_text(encoding="utf-8")
    assert code in (1, 2, 5, 6), said
    report = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert report["adds_up"]
    assert spoken(tmp_path, "ledger.sqlite", KEY, Tally()) == []
    assert private(tmp_path) == []
    assert sum(target.startswith("POST") for target in targets) == 1, "sent again though its fate was unknown"
    assert not any("elsewhere" in target for target in targets), "a redirect was followed with the key"
