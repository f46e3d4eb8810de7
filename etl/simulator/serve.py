"""Settings and a port → a server on the loopback interface."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from etl.simulator.app import Simulator
from etl.simulator.settings import Settings


def bound(host: str, port: int) -> tuple[socket.socket, str]:
    """A listening socket and its address as a URL; port 0 takes a free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1024)
    except (TypeError, UnicodeError):  # what Python says of a host that is none
        listener.close()
        raise OSError("no such address") from None
    except OSError:
        listener.close()
        raise
    shown = f"[{host}]" if family == socket.AF_INET6 else host
    return listener, f"http://{shown}:{listener.getsockname()[1]}"


def server_of(app: Simulator) -> uvicorn.Server:
    """uvicorn, quiet and lean: our own headers, no access log."""
    config = uvicorn.Config(
        app,
        http=_protocol(),
        log_level="error",
        access_log=False,
        lifespan="off",
        server_header=False,
        date_header=False,  # the simulator's clock may be another
        proxy_headers=False,
        timeout_graceful_shutdown=2,
    )
    return uvicorn.Server(config)


def _protocol() -> type[asyncio.Protocol]:
    """What reads HTTP: httptools if it is there, else h11. The target of a request stays as it was sent."""
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
    except ImportError:
        from uvicorn.protocols.http.h11_impl import H11Protocol

        return H11Protocol  # it leaves it alone

    class Protocol(HttpToolsProtocol):
        def on_headers_complete(self) -> None:
            super().on_headers_complete()
            if not self.url.startswith(b"/"):  # a whole URL, whose host would be lost
                self.scope["raw_path"] = self.url.partition(b"?")[0]

    return Protocol


def serve(app: Simulator, listener: socket.socket) -> None:
    """Serve until interrupted (Ctrl-C or SIGTERM)."""
    gc.freeze()  # what is loaded by now stays; looking at it again and again costs a tenth of each POST
    try:
        server_of(app).run(sockets=[listener])
    finally:
        app.close()


@contextmanager
def running(
    settings: Settings | None = None, started: Callable[[Simulator], None] | None = None
) -> Iterator[str]:
    """A server in a thread of this process, for tests; yields its URL. `started` is given the application."""
    app = Simulator(settings or Settings())
    listener, url = bound("127.0.0.1", 0)
    server = server_of(app)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, daemon=True, name="alma-simulator"
    )
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the simulator did not start")
        time.sleep(0.005)
    if started is not None:
        started(app)
    try:
        yield url
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
        app.close()
