"""The working folder of these tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from six_orders import MAPPING, ORDERS, Desk


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.yaml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "in.csv").write_text(ORDERS, encoding="utf-8")
    return Desk(tmp_path, capsys)
