"""A request → the bytes of an answer, or how far it got.

The one door to the network: no redirects (the key would follow), no cookies, no proxies from the environment,
no decompression (a small body stays small), TLS verified against the system's certificates. Nothing is
retried here.

What decides an order's fate is whether the request can have reached Alma: `NotSent` is certain that it has
not, `Lost` is not certain of anything. The line between them is the first byte that is handed to the
connection, whatever goes wrong and whatever the library calls it.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from etl.alma.address import Address
from etl.alma.key import Secret

LARGEST_ANSWER = 16 * 1024 * 1024
"""Bytes. A page of 100 order lines with locations is below 2 MB."""
_CHUNK = 64 * 1024
_CONNECT_SECONDS = 20.0
_IDLE_SECONDS = 5.0
"""Gateways close idle connections; a request on one that is just being closed would be lost."""


class NotSent(Exception):  # noqa: N818 - an outcome
    """No connection, so no request: whatever was to be done has not been done."""


class Lost(Exception):  # noqa: N818 - an outcome
    """The request may have arrived, but no (whole, readable) answer came back."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One request. `path` begins with `/almaws/v1` and is already encoded."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Received:
    """One answer: header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport(Protocol):
    """The seam where tests stand in for the network."""

    def __call__(self, request: Sent) -> Received:
        """Raises NotSent or Lost."""


class Wire:
    """Connections to one address. Safe to use from several threads; `timeout` is seconds for a whole call."""

    def __init__(
        self,
        address: Address,
        key: Secret,
        *,
        timeout: float = 60.0,
        connections: int = 1,
        ca_file: str | None = None,
        proxy: str | None = None,
    ) -> None:
        self._address, self._key, self._timeout = address, key, timeout
        usual: dict[str, Any] = {"maxsize": connections, "block": True, "retries": False}
        if address.scheme == "http":  # this machine itself: no proxy
            self._pool = urllib3.HTTPConnectionPool(address.host, address.port, **usual)
            self._pool.ConnectionCls = _Connection
            return
        context = ssl.create_default_context(cafile=ca_file)
        context.sslsocket_class = _TlsSocket
        manager = urllib3.ProxyManager(proxy) if proxy else urllib3.PoolManager()
        self._pool = manager.connection_from_host(
            address.host, address.port, "https", {**usual, "ssl_context": context}
        )
        self._pool.ConnectionCls = _TlsConnection

    def __call__(self, request: Sent) -> Received:
        key = self._key
        _call.begin(self._timeout)
        headers = {
            **request.headers,
            "Authorization": f"apikey {key.reveal()}",
            "Accept-Encoding": "identity",
        }
        timeout = urllib3.Timeout(connect=min(self._timeout, _CONNECT_SECONDS), read=self._timeout)
        try:
            response = self._pool.urlopen(
                request.method,
                self._address.prefix + request.path,
                body=None if request.method == "GET" else request.body,
                headers=headers,
                redirect=False,
                timeout=timeout,
                pool_timeout=int(self._timeout) + 1,
                preload_content=False,
                decode_content=False,
            )
            return _received(response, key)
        except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError) as error:
            words = key.redact(_words(error))
            raise (Lost(words) if _call.sent else NotSent(words)) from None

    def close(self) -> None:
        """Give the connections back."""
        self._pool.close()


def _received(response: urllib3.BaseHTTPResponse, key: Secret) -> Received:
    """The answer, read to its end: then, and only then, its connection may carry another request."""
    body = bytearray()
    whole = False
    try:
        for chunk in response.stream(_CHUNK, decode_content=False):
            body += chunk
            if len(body) > LARGEST_ANSWER:
                raise Lost(f"the answer is larger than {LARGEST_ANSWER // 1024 // 1024} MB")
        whole = True
    finally:
        if not whole:
            response.close()
        response.release_conn()
    headers = {name.lower(): key.redact(value) for name, value in response.headers.items()}
    return Received(response.status, headers, key.redact_bytes(bytes(body)))


def _words(error: Exception) -> str:
    """What happened, for a person: the words of the first cause, which the library wraps."""
    refused = isinstance(
        error, urllib3.exceptions.NewConnectionError
    )  # a kind of time-out, in urllib3's family
    if not refused and isinstance(error, urllib3.exceptions.TimeoutError | TimeoutError):
        return "no answer in time" if _call.sent else "no connection in time"
    cause: BaseException = error
    while inner := _inner(cause):
        cause = inner
    said = re.sub(r"^\[Errno -?\d+\] ", "", str(cause).strip())
    return said if isinstance(cause, OSError) and said else f"{type(cause).__name__}: {said}".rstrip(": ")


def _inner(error: BaseException) -> BaseException | None:
    within = [one for one in (error.__cause__, *error.args) if isinstance(one, BaseException)]
    return within[0] if within else None


class _Call(threading.local):
    """The call of this thread: when it has had all its time, and whether any of it can have arrived."""

    deadline: float = float("inf")
    sent: bool = False

    def begin(self, seconds: float) -> None:
        self.deadline, self.sent = time.monotonic() + seconds, False

    def left(self) -> float:
        """Seconds. Raises TimeoutError when there are none."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the whole call took too long")
        return left


_call = _Call()


class _Socket(socket.socket):
    """A socket whose every wait is cut at the call's deadline: an answer that drips is not waited for."""

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        self.settimeout(_call.left())
        return super().recv_into(buffer, nbytes, flags)


class _TlsSocket(ssl.SSLSocket):
    """The same under TLS."""

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        self.settimeout(_call.left())
        return super().recv_into(buffer, nbytes, flags)


class _Noted:
    """A connection that notes when bytes of a request leave, and is not used again after a long rest."""

    _used = 0.0

    @property
    def is_connected(self) -> bool:
        rested = time.monotonic() - self._used > _IDLE_SECONDS
        return bool(super().is_connected) and not rested  # type: ignore[misc]

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        self._used = time.monotonic()
        _call.sent = False  # what a proxy was told is not the request

    def send(self, data: Any) -> None:
        if self.sock is None:  # type: ignore[attr-defined]
            self.connect()
        self._used = time.monotonic()
        _call.sent = True
        super().send(data)  # type: ignore[misc]


class _Connection(_Noted, HTTPConnection):
    """Without TLS, on this machine."""

    def _new_conn(self) -> socket.socket:
        made = super()._new_conn()
        return _Socket(made.family, made.type, made.proto, fileno=made.detach())


class _TlsConnection(_Noted, HTTPSConnection):
    """With TLS."""
