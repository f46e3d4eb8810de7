"""Which names a request may call this server by → let in, or told that it has come to the wrong place.

A page of any website can make a browser look up its own name and find this machine there (DNS rebinding):
then it reads what is served here. The name it asked for is still its own, and stands in `Host`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

_HERE = frozenset({"localhost", "127.0.0.1", "[::1]"})
_ANYWHERE = frozenset({"0.0.0.0", "[::]", ""})  # noqa: S104 - to listen on, not a name to be called by


class Elsewhere(Exception):  # noqa: N818 - an answer
    """Not for this server: why, as the body of HTTP 400, 403 or 421."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def names_of(listening: str, others: Sequence[str]) -> frozenset[str]:
    """Names that count whatever the port: the address that was asked for, unless it is every one, and others.

    Raises ValueError for what is no name: a URL, a port, a pattern.
    """
    own = f"[{listening}]" if ":" in listening else listening
    for name in others:
        if _split(name) is None or _split(name) != (name.lower(), None):
            raise ValueError(f'a name or address only, without port or pattern, not "{name}"')
    return frozenset(name.lower() for name in (own, *others)) - _ANYWHERE - _HERE


def check_host(
    headers: Sequence[tuple[bytes, bytes]], port: int | None, names: frozenset[str], target: bytes = b"/"
) -> None:
    """Raises Elsewhere unless `Host` stands there once and is this server's, and so is the target's.

    `port`: the one it listens on; None where there is no network, and any will do. `target`: as it was sent;
    a whole URL in it says once more which server is meant.
    """
    given = [value.decode("latin-1") for name, value in headers if name.lower() == b"host"]
    if len(given) != 1:
        raise Elsewhere(400, "one Host header is due")
    _mine(given[0], port, names)
    if not target.startswith(b"/"):
        _mine(_absolute(target)[0].decode("latin-1"), port, names)


def path_of(target: bytes) -> bytes:
    """The path of a request's target, which may be a whole URL, with its query."""
    return target if target.startswith(b"/") else _absolute(target)[1]


def check_origin(headers: Mapping[str, str], port: int | None, names: frozenset[str]) -> None:
    """Raises Elsewhere for what a browser sends on behalf of another site's page."""
    origin = headers.get("origin")
    if origin is not None:
        _mine(origin.removeprefix("http://") if origin.startswith("http://") else "", port, names, 403)


def _absolute(target: bytes) -> tuple[bytes, bytes]:
    """(host, rest); a target like `*` has neither."""
    host, slash, rest = target.partition(b"://")[2].partition(b"/")
    return host, slash + rest


def _mine(host: str, port: int | None, names: frozenset[str], status: int = 421) -> None:
    found = _split(host)
    name, asked = found or ("", None)
    if name in names or (name in _HERE and port in (None, asked or 80)):
        return
    raise Elsewhere(
        status, "this simulator answers to its own address only; other names: etl simulator --allow-host NAME"
    )


def _split(host: str) -> tuple[str, int | None] | None:
    """(name in lower case, port), or None for what is neither a name nor an address."""
    try:
        parts = urlsplit(f"//{host}")
        port = parts.port
    except ValueError:
        return None
    if parts.netloc != host or "@" in host or not parts.hostname or not host.isascii():
        return None
    name = f"[{parts.hostname}]" if host.startswith("[") else parts.hostname
    if any(sign.isspace() or sign in "*,\\%" for sign in name) or host.endswith(":"):
        return None
    return name, port
