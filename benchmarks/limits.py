"""The Alma sink against a simulator with limits → how close it stays to them, and how many 429s it gets.

    python benchmarks/limits.py                        10,000 posts at Alma's documented 50 a second
    python benchmarks/limits.py --processes 2          the same by two processes that share the ledger
    python benchmarks/limits.py --ledger postgresql    on the server of ETL_TEST_POSTGRES_URL

The simulator counts every call in a window that slides: not more than the limit in *any* second. The limit of
the minute is left out: it would hide that of the second. Exit code 1 when any was refused, lost or doubled.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "crash")]

from invented_posts import posts, simulator, state  # noqa: E402
from ledger_locations import ledger_location  # noqa: E402

from etl.ledger.database import open_database  # noqa: E402
from etl.plugin import Item, Receipt  # noqa: E402
from etl.sinks.alma import AlmaOptions, AlmaSink  # noqa: E402


def send(
    url: str, location: str, folder: str, limit: int, count: int, share: int, of: int, concurrency: int
) -> bool:
    """Every `of`-th of the posts, from `share` on; True when all were posted."""
    usual = {"base_url": url, "key": "env:ETL_BENCH_KEY", "ledger": location, "per_minute": 0, "reserve": 0}
    options = AlmaOptions.model_validate({**usual, "per_second": limit, "concurrency": concurrency})
    items: Iterator[Item] = islice(posts(count), share, None, of)
    answers = AlmaSink().deliver(items, options, Path(folder))
    return all(one.outcome == "posted" for one in answers if isinstance(one, Receipt))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--limit", type=int, default=50)
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--ledger", choices=("sqlite", "postgresql"), default="sqlite")
    given = parser.parse_args()
    os.environ["ETL_BENCH_KEY"] = "simulator-key"
    limits = ("--limit-per-second", str(given.limit))
    with tempfile.TemporaryDirectory() as folder, simulator(*limits) as url:
        database = (
            ledger_location("postgresql")
            if given.ledger == "postgresql"
            else nullcontext(f"{folder}/l.sqlite")
        )
        with database as location, get_context("spawn").Pool(given.processes) as pool:
            open_database(location, Path(folder)).dispose()
            began = time.perf_counter()
            arguments = [
                (url, location, folder, given.limit, given.posts, share, given.processes, given.concurrency)
                for share in range(given.processes)
            ]
            right = all(pool.starmap(send, arguments))
            seconds = time.perf_counter() - began
        seen = state(url)
    refused = seen["statuses"].get("429", 0)
    print(f"limit {given.limit}/s, {given.posts:,} posts, {given.processes} process(es), {given.ledger}:")
    print(
        f"  {given.posts / seconds:.1f} posts/s, busiest second {seen['busiest_second']}, HTTP 429: {refused}"
    )
    return 0 if right and not refused and seen["orders"] == given.posts else 1


if __name__ == "__main__":
    sys.exit(main())
