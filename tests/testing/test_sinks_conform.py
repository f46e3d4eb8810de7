"""The built-in sinks keep the promises of every sink."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest

from etl.sinks.files import FilesSink
from etl.sinks.stdout import StdoutSink
from etl.testing.sink_suite import SinkSuite


class TestFilesInAFolder(SinkSuite):
    sink = FilesSink()
    options: ClassVar = {"directory": "out"}
    unusable: ClassVar = {"directory": "blocked/out"}


class TestOneFileOfLines(SinkSuite):
    sink = FilesSink()
    options: ClassVar = {"file": "out/orders.ndjson"}
    unusable: ClassVar = {"file": "blocked/orders.ndjson"}


class TestStdout(SinkSuite):
    sink = StdoutSink()

    @pytest.fixture(autouse=True)
    def _captured(self, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        self._capture, self._said = capsysbinary, b""

    def delivered(self, base: Path) -> dict[str, bytes]:
        """Lines already said cannot be taken back, so the same line said again counts once."""
        assert list(base.iterdir()) == [base / "blocked"], "stdout writes no files"
        self._said += self._capture.readouterr().out
        lines = dict.fromkeys(self._said.splitlines(keepends=True))
        return {"stdout": b"".join(lines)} if lines else {}

    def test_a_changed_document_replaces_the_old_one_whole(self, base: Path) -> None:
        """What has been said stays said: nothing to test."""
        assert self.delivered(base) == {}
