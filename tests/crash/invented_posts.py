"""A number → that many order lines as the sink gets them, and a simulator process to send them to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from invented_orders import isbn, reference

from etl.plugin import Item

# Vendors and accounts of the simulated institution. Posts of one account follow each other.
ACCOUNTS = (
    ("ADLIBRIS", "ADLIBRIS"), ("BOKUS", "BOKUS"), ("BTJ", "BTJ"), ("FORLAGETT", "FORLAGETT"), ("OASIS", "OASIS-MAIN"),
    ("CASALINI", "CASALINI"), ("MVEN", "MVEN"), ("GOBI", "GOBI-PRINT"), ("UKBOOKS", "UKBOOKS-HB"), ("BTJ-PR", "BTJ-PR"),
    ("ADLIBRIS", "ADLIBRIS-HB"), ("BOKUS", "BOKUS-HB"), ("BTJ", "BTJ-HB"), ("FORLAGETT", "FORLAGETT-HB"),
    ("OASIS", "OASIS-LAW"), ("GOBI", "GOBI-EBOOKS"),
)  # fmt: skip


def posts(count: int) -> Iterator[Item]:
    """Order lines without one alike, for sixteen vendor accounts in turn."""
    for number in range(1, count + 1):
        vendor, account = ACCOUNTS[number % len(ACCOUNTS)]
        line = {
            "owner": {"value": "HBG"},
            "type": {"value": "PRINTED_BOOK_OT"},
            "vendor": {"value": vendor},
            "vendor_account": account,
            "vendor_reference_number": reference(number),
            "price": {"sum": "249.00", "currency": {"value": "SEK"}},
            "resource_metadata": {"title": f"Påhittad bok {number}", "isbn": isbn(number % 10_000)},
            "fund_distribution": [{"fund_code": {"value": "BOCKER"}, "amount": {"sum": "249.00", "currency": {"value": "SEK"}}}],
            "location": [{"quantity": "1", "library": {"value": "HBG"}, "shelving_location": "VUXEN"}],
        }  # fmt: skip
        payload = json.dumps(line, ensure_ascii=False).encode()
        yield Item((vendor, reference(number)), reference(number), payload, "po_line")


@contextmanager
def simulator(*more: str) -> Iterator[str]:
    """`etl simulator` in a process of its own, without limits unless `more` sets some; its URL."""
    limits = [word for span in ("second", "minute", "day") for word in (f"--limit-per-{span}", "none")]
    command = [sys.executable, "-m", "etl", "simulator", "--port", "0", "--speed", "1000", *limits, *more]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url:
            raise RuntimeError("the simulator did not start")
        try:
            yield url
        finally:
            process.terminate()


def state(url: str) -> dict[str, Any]:
    """The simulator's own account of itself."""
    with urllib.request.urlopen(f"{url}/state.json") as answer:  # noqa: S310 - loopback
        found: dict[str, Any] = json.load(answer)
    return found


def stored(url: str) -> int:
    """How many order lines it holds."""
    return int(state(url)["orders"])
