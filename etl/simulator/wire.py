"""An answer → the connection: sent well, late, in part, without end, or not at all.

ASGI has no word for breaking a connection. Under uvicorn the object that sends knows its transport, which
is what a broken line looks like from the other side; without one (in-process use) a ConnectionError is
raised instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from etl.simulator.answer import Answer

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]
Headers = list[tuple[bytes, bytes]]

HUGE = 64 * 1024 * 1024
_CHUNK = b" " * 65536
_HANG = 600.0  # seconds: longer than any client waits


class Cut(ConnectionError):  # noqa: N818 - an event asked for
    """The simulator broke the connection on purpose."""


async def deliver(answer: Answer, headers: Headers, send: Send, receive: Receive) -> None:
    """Send the answer the way its `wire` says."""
    if answer.delay:
        await asyncio.sleep(answer.delay)
    if answer.wire == "cut":
        await _abort(send, receive)
    elif answer.wire == "hang":
        await _until_gone(receive)
        await _abort(send, receive)
    elif answer.wire == "cut-within":
        await _start(answer, headers, send, len(answer.body))
        await send(
            {"type": "http.response.body", "body": answer.body[: len(answer.body) // 2], "more_body": True}
        )
        await asyncio.sleep(0.05)  # let the first half leave
        await _abort(send, receive)
    elif answer.wire == "huge":
        await _huge(answer, headers, send)
    elif answer.wire == "endless-headers":
        await _endless_headers(send, receive)
    else:
        await _start(answer, headers, send, len(answer.body))
        await send({"type": "http.response.body", "body": answer.body})


async def _start(answer: Answer, headers: Headers, send: Send, length: int) -> None:
    sized = headers if answer.status == 204 else [*headers, (b"content-length", b"%d" % length)]
    await send({"type": "http.response.start", "status": answer.status, "headers": sized})


def _transport(send: Send) -> asyncio.Transport | None:
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    return transport if hasattr(transport, "abort") else None


async def _abort(send: Send, receive: Receive) -> None:
    transport = _transport(send)
    if transport is None:
        raise Cut("the simulator broke the connection on purpose")
    transport.abort()
    await _until_gone(receive)  # until the server has noticed, or it would complain of an answer left out


async def _until_gone(receive: Receive) -> None:
    """Say nothing until the caller has given up."""

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            continue

    try:
        await asyncio.wait_for(gone(), _HANG)
    except TimeoutError:
        return


async def _huge(answer: Answer, headers: Headers, send: Send) -> None:
    """The true answer, then blanks (both forms allow them) up to HUGE bytes, chunked: no length announced."""
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": True})
    for _ in range(HUGE // len(_CHUNK)):
        await send({"type": "http.response.body", "body": _CHUNK, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _endless_headers(send: Send, receive: Receive) -> None:
    """Header lines until the caller hangs up, at most HUGE bytes."""
    transport = _transport(send)
    if transport is None:
        raise Cut("the simulator would send headers without end")
    transport.write(b"HTTP/1.1 200 OK\r\n")
    line = b"X-Sim-Filler: " + b"x" * 1000 + b"\r\n"
    for _ in range(HUGE // (len(line) * 64)):
        if transport.is_closing():
            break
        transport.write(line * 64)
        await asyncio.sleep(0.001)
    await _abort(send, receive)
