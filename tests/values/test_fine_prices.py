"""A vendor's price that is finer than money is not rounded in silence: the shared mappings have its line wait."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("price", "more", "waits"),
    [("142,4549", [], True), ("142,4549", ["--param", "round_prices=yes"], False), ("142,4500", [], False)],
)
def test_a_price_of_more_than_two_decimals_waits(
    price: str, more: list[str], waits: bool, tmp_path: Path
) -> None:
    order = tmp_path / "order.csv"
    order.write_bytes((ROOT / "mappings/bokus/samples/2024-03-11.csv").read_bytes().replace(b"142,45", price.encode()))
    command = [sys.executable, "-m", "etl", "run", "mappings/bokus/po_line.yaml", str(order), "--sink", "stdout", *more]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ("has more than two decimals" in ran.stderr) is waits, ran.stderr
