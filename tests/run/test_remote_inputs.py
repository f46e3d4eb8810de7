"""A protocol's library that fails in its own way, at whatever stage → a refusal with the input's name, and no password."""

from __future__ import annotations

import io
import socket
import ssl
import threading
from collections.abc import Iterator
from ftplib import error_perm, error_proto
from http.client import IncompleteRead
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from etl.cli.main import run_cli

SECRET = "s3cr3t-w0rd"  # noqa: S105 - nobody's
MAPPING = """\
version: 1
name: case
target: po_line
source: {connector: %s, path: orders}
key: "{{ record.number }}"
fields:
  owner: MAIN
  type: PRINTED_BOOK_OT
  resource_metadata: {title: "x"}
"""
ERRORS = [
    error_perm(f"530 Login incorrect: user:{SECRET}"),  # noqa: S321 - nothing is called
    error_proto(f"{SECRET}\r\n::error::x"),  # noqa: S321
    EOFError(),
    IncompleteRead(b"", 7),
    ssl.SSLError(1, f"handshake with user:{SECRET}"),
    socket.gaierror(-2, "Name or service not known"),
    TimeoutError(),
    FileNotFoundError(f"odd://user:{SECRET}@h/x.csv"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"),
    KeyError(SECRET),
    RuntimeError(f"Unclosed connection {SECRET}"),
]
STAGES = [
    *(("csv", stage) for stage in ("info", "_open", "read")),
    *(("edifact", stage) for stage in ("_open", "read", "seek")),
]


class _Stream(io.BytesIO):
    def __init__(self, data: bytes) -> None:
        super().__init__(data)

    def read(self, size: int | None = -1, /) -> bytes:
        Odd.at("read")
        return super().read(size)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        Odd.at("seek")
        return super().seek(offset, whence)


class Odd(MemoryFileSystem):
    """Raises `error` at `stage`."""

    protocol: ClassVar[Any] = "odd"
    cachable = False
    stage: ClassVar[str] = ""
    error: ClassVar[Exception] = OSError()

    @classmethod
    def at(cls, stage: str) -> None:
        if stage == cls.stage:
            raise cls.error

    def info(self, path: str, **how: Any) -> dict[str, Any]:
        self.at("info")
        return {"name": path, "size": 3, "type": "file"}

    def _open(self, path: str, mode: str = "rb", **how: Any) -> Any:
        self.at("_open")
        return _Stream(b"UNA")


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    fsspec.register_implementation("odd", Odd, clobber=True)
    yield
    Odd.stage = ""
    assert not Path("out").exists()


def run(url: str, connector: str, capsys: pytest.CaptureFixture[str], verb: str = "run") -> tuple[int, str]:
    Path("m.yaml").write_text(MAPPING % connector, encoding="utf-8")
    more = ("--sink", "files", "--sink-option", "directory=out") if verb == "run" else ()
    code = run_cli([verb, "m.yaml", url, *more])
    return code, "".join(capsys.readouterr())


@pytest.mark.parametrize(("connector", "stage"), STAGES)
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_that_is_none_of_the_system(
    error: Exception, stage: str, connector: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Odd.stage, Odd.error = stage, error
    for verb in ("run", "preview"):
        code, said = run(f"odd://user:{SECRET}@h/x.csv", connector, capsys, verb)
        assert code == 2, said
        assert "bug" not in said
        assert "x.csv" in said
        assert SECRET not in said
        assert "\n::error" not in said
        assert ("E601" if stage == "info" else "E300") in said, said


@pytest.mark.parametrize(
    ("answer", "told"), [(b"530 Login incorrect.\r\n", "530 Login incorrect"), (b"", "EOFError")]
)
def test_a_server_that_lets_nobody_in(answer: bytes, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            peer, _ = server.accept()
            with peer, peer.makefile("rb") as lines:
                peer.sendall(b"220 at your service\r\n")
                for line in lines:
                    if line.startswith(b"PASS"):
                        peer.sendall(answer)
                        return
                    peer.sendall(b"331 and the password?\r\n")

        threading.Thread(target=serve, daemon=True).start()
        url = f"ftp://user:{SECRET}@127.0.0.1:{server.getsockname()[1]}/x.csv"
        code, said = run(url, "csv", capsys)
    assert code == 2, said
    assert "E601" in said
    assert told in said
    assert SECRET not in said


def test_a_password_in_its_encoded_and_its_plain_form(capsys: pytest.CaptureFixture[str]) -> None:
    Odd.stage, Odd.error = "info", RuntimeError("no entry for p@s/")
    code, said = run("odd://user:p%40s%2F@h/x.csv", "csv", capsys)
    assert (code, "p@s/" in said, "p%40s" in said) == (2, False, False), said
