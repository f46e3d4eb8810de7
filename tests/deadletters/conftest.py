"""A shop whose run left one order refused and one held."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alma_shop import Shop, open_shop, order


@pytest.fixture
def shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Shop]:
    """O-1 posted, O-2 refused (a type of the institution's own that is not there any more), O-3 held as dear."""
    with open_shop(tmp_path, monkeypatch, capsys) as found:
        text = (tmp_path / "m.yaml").read_text(encoding="utf-8").replace("institution: inst.json\n", "")
        (tmp_path / "m.yaml").write_text(
            text.replace("vendor: ADLIBRIS", "vendor: \"{{ 'ADLIBRI' if note == 'fel' else 'ADLIBRIS' }}\""),
            encoding="utf-8",
        )
        found.orders(order(1), order(2, note="fel"), order(3, price="2000.00"))
        assert found.etl("run", "m.yaml")[0] == 1
        assert found.references() == ["O-1"]
        yield found
