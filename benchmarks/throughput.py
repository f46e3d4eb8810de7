"""The Alma sink against a simulator without limits → posts a second with the ledger on, and memory over time.

    python benchmarks/throughput.py                        5,000 posts for each concurrency, ledger in SQLite
    python benchmarks/throughput.py --ledger postgresql    the same on the server of ETL_TEST_POSTGRES_URL
    python benchmarks/throughput.py --memory 100000        resident memory every 5,000 posts; 600 s at most

The simulator is a process of its own on the loopback interface, and so on the same cores: what is measured is
both. What is measured is the sink (claim, POST, read the answer, settle), not the mapping before it; see
mapping.py for that. Posts go to sixteen vendor accounts, for those of one account follow each other.
Then every order is in the simulator once, or the exit code is 1. First comes what this disk allows: how often
a second a commit of one row is on disk. The sink's own processor time tells a busy machine from a slow sink,
and so does the share of the cores that a virtual machine's host gave to others meanwhile (Linux: steal).
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "crash")]

from invented_posts import posts, simulator, stored  # noqa: E402
from ledger_locations import ledger_location  # noqa: E402

from etl.ledger.database import open_database  # noqa: E402
from etl.sinks.alma import AlmaOptions, AlmaSink  # noqa: E402

CONCURRENCY = (1, 4, 8, 16, 16, 16)
"""The last three times: how much one run differs from the next."""
SAMPLE = 5_000


def commits_a_second(folder: Path) -> float:
    """One row a commit, synchronous, write-ahead: the ceiling of one post after another on SQLite here."""
    place = folder / "disk.sqlite"
    database = sqlite3.connect(place, isolation_level=None)
    database.execute("pragma journal_mode = wal")
    database.execute("pragma synchronous = full")
    database.execute("create table t (a)")
    began = time.perf_counter()
    for number in range(300):
        database.execute("insert into t values (?)", (number,))
    database.close()
    return 300 / (time.perf_counter() - began)


def resident() -> float:
    """Memory of this process, MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def stolen() -> float:
    """Seconds of all cores since boot that the host gave to other machines; 0 where that is not told."""
    try:
        fields = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()
    except OSError:
        return 0.0
    return int(fields[8]) / os.sysconf("SC_CLK_TCK")


@contextmanager
def place_for(kind: str, folder: Path) -> Iterator[str]:
    with (
        ledger_location(kind)
        if kind == "postgresql"
        else nullcontext(str(folder / "ledger.sqlite")) as location
    ):
        open_database(location, folder).dispose()
        yield location


def options(url: str, location: str, **more: Any) -> AlmaOptions:
    usual = {
        "base_url": url,
        "key": "env:ETL_BENCH_KEY",
        "ledger": location,
        "per_second": 0,
        "per_minute": 0,
    }
    return AlmaOptions.model_validate({**usual, "reserve": 0, **more})


def rate(kind: str, concurrency: int, count: int) -> tuple[float, float, float, bool]:
    """(posts a second, milliseconds of our processor time for each, share of the cores that the host took,
    whether all is as it should be).
    """
    with tempfile.TemporaryDirectory() as name, place_for(kind, Path(name)) as location, simulator() as url:
        chosen, items = options(url, location, concurrency=concurrency), list(posts(count))
        began, worked, taken = time.perf_counter(), time.process_time(), stolen()
        outcomes = [one.outcome for one in AlmaSink().deliver(iter(items), chosen, Path(name))]
        seconds = time.perf_counter() - began
        worked, taken = time.process_time() - worked, stolen() - taken
        right = outcomes == ["posted"] * count and stored(url) == count
    return count / seconds, 1000 * worked / count, taken / seconds / (os.cpu_count() or 1), right


def memory(kind: str, concurrency: int, most: int, limit: float) -> bool:
    """Print resident memory as posts go by; True when all were posted."""
    with tempfile.TemporaryDirectory() as name, place_for(kind, Path(name)) as location, simulator() as url:
        began = time.perf_counter()
        done = 0
        receipts = AlmaSink().deliver(
            _until(posts(most), began + limit), options(url, location, concurrency=concurrency), Path(name)
        )
        for done, receipt in enumerate(receipts, 1):
            if receipt.outcome != "posted":
                return False
            if done % SAMPLE == 0:
                print(
                    f"| {done:,} | {resident():.1f} | {done / (time.perf_counter() - began):.0f} |",
                    flush=True,
                )
        return done == stored(url)


def _until(items: Iterator[Any], deadline: float) -> Iterator[Any]:
    for item in items:
        if time.perf_counter() > deadline:
            return
        yield item


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ledger", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--posts", type=int, default=5_000)
    parser.add_argument(
        "--memory", type=int, metavar="POSTS", help="measure memory over so many posts instead"
    )
    parser.add_argument("--seconds", type=float, default=600, help="at most, with --memory")
    parser.add_argument("--concurrency", type=int, default=16, help="with --memory")
    given = parser.parse_args()
    os.environ["ETL_BENCH_KEY"] = "simulator-key"
    if given.memory:
        print("| posts | resident MB | posts/s so far |\n|---:|---:|---:|")
        return 0 if memory(given.ledger, given.concurrency, given.memory, given.seconds) else 1
    with tempfile.TemporaryDirectory() as name:
        print(f"one commit after another on this disk: {commits_a_second(Path(name)):.0f} a second\n")
    print(
        f"| posts at a time | posts/s, ledger in {given.ledger} | ms of processor time | taken by the host |"
    )
    print("|---:|---:|---:|---:|")
    well = True
    for concurrency in CONCURRENCY:
        found, worked, taken, right = rate(given.ledger, concurrency, given.posts)
        well = well and right
        wrong = "" if right else " WRONG"
        print(f"| {concurrency} | {found:.0f}{wrong} | {worked:.2f} | {taken:.0%} |", flush=True)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
