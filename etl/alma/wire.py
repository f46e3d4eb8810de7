"""A request → the bytes of an answer, or how far it got.

The one door to the network, straight on httpcore2, the transport beneath httpx2: no redirects (the key
would follow), no cookies, no proxies from the environment, no decompression (a small body stays small), TLS
verified against the system's certificates. Nothing is retried here.

What decides an order's fate is whether the request can have reached Alma: `NotSent` is certain that it has
not, `Lost` is not certain of anything.
"""

from __future__ import annotations

import re
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpcore2

from etl.alma.address import Address
from etl.alma.key import Secret

LARGEST_ANSWER = 16 * 1024 * 1024
"""Bytes. A page of 100 order lines with locations is below 2 MB."""

_NOT_SENT = (
    httpcore2.ConnectError,
    httpcore2.ConnectTimeout,
    httpcore2.PoolTimeout,
    httpcore2.ProxyError,
    httpcore2.LocalProtocolError,
    httpcore2.UnsupportedProtocol,
)
_LOST = (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError)


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
        context = ssl.create_default_context(cafile=ca_file) if ca_file else None
        self._backend = _Bounded()
        self._pool = httpcore2.ConnectionPool(
            ssl_context=context,
            proxy=httpcore2.Proxy(proxy) if proxy else None,
            max_connections=connections,
            keepalive_expiry=5.0,  # gateways close idle connections; a request on a dead one would be lost
            network_backend=self._backend,
        )

    def __call__(self, request: Sent) -> Received:
        key = self._key
        self._backend.deadline.at = time.monotonic() + self._timeout
        limits = dict.fromkeys(("pool", "read", "write"), self._timeout) | {"connect": min(self._timeout, 20)}
        headers = {
            **request.headers,
            "Authorization": f"apikey {key.reveal()}",
            "Accept-Encoding": "identity",
        }
        try:
            with self._pool.stream(
                request.method,
                httpcore2.URL(
                    scheme=self._address.scheme.encode(),
                    host=self._address.host.encode("idna"),
                    port=self._address.port,
                    target=(self._address.prefix + request.path).encode("ascii"),
                ),
                headers=list(headers.items()),
                content=None if request.method == "GET" else request.body,
                extensions={"timeout": limits},
            ) as response:
                return _received(response, key)
        except _NOT_SENT as error:
            raise NotSent(key.redact(_words(error))) from None
        except _LOST as error:
            raise Lost(key.redact(_words(error))) from None

    def close(self) -> None:
        """Give the connections back."""
        self._pool.close()


def _received(response: httpcore2.Response, key: Secret) -> Received:
    headers = {
        name.decode("latin-1").lower(): key.redact(value.decode("latin-1"))
        for name, value in response.headers
    }
    body = bytearray()
    for chunk in response.iter_stream():
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise Lost(f"the answer is larger than {LARGEST_ANSWER // 1024 // 1024} MB")
    return Received(response.status, headers, key.redact_bytes(bytes(body)))


def _words(error: Exception) -> str:
    """What happened, for a person; the library's own words where they add something."""
    if isinstance(error, httpcore2.ConnectTimeout | httpcore2.PoolTimeout):
        return "no connection in time"
    if isinstance(error, httpcore2.TimeoutException):
        return "no answer in time"
    said = re.sub(r"^\[Errno -?\d+\] ", "", str(error).strip())
    if isinstance(error, httpcore2.ConnectError) and said:
        return said
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


class _Deadline(threading.local):
    """When the call of this thread has had all its time (monotonic seconds)."""

    at: float = float("inf")

    def cap(self, timeout: float | None, exceeded: type[Exception]) -> float:
        left = self.at - time.monotonic()
        if left <= 0:
            raise exceeded("the whole call took too long")
        return left if timeout is None else min(timeout, left)


class _Bounded(httpcore2.NetworkBackend):
    """Network streams that keep the deadline of the whole call: an answer that drips is not waited for."""

    def __init__(self) -> None:
        self.deadline = _Deadline()
        self._real = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        timeout = self.deadline.cap(timeout, httpcore2.ConnectTimeout)
        return _Stream(
            self._real.connect_tcp(host, port, timeout, local_address, socket_options), self.deadline
        )


class _Stream(httpcore2.NetworkStream):
    """A stream whose every wait is cut at the deadline."""

    def __init__(self, real: httpcore2.NetworkStream, deadline: _Deadline) -> None:
        self._real, self._deadline = real, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._real.read(max_bytes, self._deadline.cap(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._real.write(buffer, self._deadline.cap(timeout, httpcore2.WriteTimeout))

    def close(self) -> None:
        self._real.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        timeout = self._deadline.cap(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._real.start_tls(ssl_context, server_hostname, timeout), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._real.get_extra_info(info)
