"""Settings and a port → a server on the loopback interface."""

from __future__ import annotations

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
    except OSError:
        listener.close()
        raise
    shown = f"[{host}]" if family == socket.AF_INET6 else host
    return listener, f"http://{shown}:{listener.getsockname()[1]}"


def server_of(app: Simulator) -> uvicorn.Server:
    """uvicorn, quiet and lean: our own headers, no access log."""
    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        lifespan="off",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2,
    )
    return uvicorn.Server(config)


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
