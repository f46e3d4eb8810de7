"""`etl run` killed again and again while Alma fails → the figures of docs/proofs.md.

    python benchmarks/crash.py --runs 500                         one process at a time, ledger in SQLite
    python benchmarks/crash.py --runs 200 --processes 2           two on one ledger
    ETL_TEST_POSTGRES_URL=… python benchmarks/crash.py --runs 200 --processes 2 --ledger postgresql

A round is: the same orders, a new ledger, a new simulator with faults of the round's seed; up to three storms
in which processes are killed; then the plain command until it ends with 0. At the end every order is in the
simulator exactly once, with the number the ledger has; every report adds up; the key is in no file.
`--first` repeats a round by its seed. Exit code 1 when anything was wrong, such folders are kept; or when
fewer of the unknown orders are settled without a person than is promised (`PROMISED`).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "crash")]

from campaign import campaign  # noqa: E402
from ordeal import AS_SENT, NOT_THERE, Tally, Terms  # noqa: E402

PROMISED = {AS_SENT: 0.95, NOT_THERE: 0.90}
"""Of the unknown orders whose line Alma shows as it was sent, and of those it never got: at least so many."""


def broken_promises(tally: Tally) -> list[str]:
    """Which shares are below what is promised."""
    shares = tally.without_a_person()
    return [
        f"unknown, settled without a person: {what}: {_share(*shares[what])}, promised are {least:.0%}"
        for what, least in PROMISED.items()
        if shares[what][0] < least * shares[what][1]
    ]


def figures(tally: Tally, seconds: float) -> str:
    """Lines of Markdown."""
    rows: list[tuple[str, int | str]] = [
        ("rounds", tally.rounds),
        ("orders (each ends up in Alma exactly once)", tally.orders),
        ("runs of `etl run`", tally.runs),
        ("… with a clock that was wrong by seconds, days or years", tally.wrong_clocks),
        ("… alive, and without a sign of life for days by the ledger", tally.declared_dead),
        ("rounds with more than a page of lines of others in every list", tally.crowded),
        ("… killed by SIGKILL", tally.codes[-9]),
        ("… ended by themselves, by exit code", _counted(tally.codes, skip=-9)),
        ("calls the simulator answered or broke", tally.calls),
        ("faults injected", sum(tally.faults.values())),
        *((f"… {what}", count) for what, count in sorted(tally.faults.items())),
        *((f"orders {what}", count) for what, count in sorted(tally.settled.items())),
        ("reported *unknown* by a run, settled by a later one", tally.left_open),
        *(
            (f"held, looked up by the librarian of the test: {what}", count)
            for what, count in sorted(tally.decided.items())
        ),
        *(
            (f"unknown, settled without a person: {what}", _share(*counts))
            for what, counts in tally.without_a_person().items()
        ),
        ("days used up (`daily-limit`)", tally.days),
        ("files searched for the key", f"{tally.files}, {tally.bytes / 1e6:.1f} MB"),
        ("reports of killed runs, kept or not yet cleared", tally.leftovers),
        ("**wrong** (double, lost, ledger and Alma differ, sums, key, modes)", len(tally.wrong)),
        ("seconds", round(seconds)),
    ]
    return "\n".join(["| | |", "|---|---:|", *(f"| {name} | {_written(value)} |" for name, value in rows)])


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%} ({part:,} of {whole:,})" if whole else "none"


def _written(value: int | str) -> str:
    return value if isinstance(value, str) else f"{value:,}"


def _counted(codes: dict[int, int], skip: int) -> str:
    return ", ".join(f"{code}: {count:,}" for code, count in sorted(codes.items()) if code != skip)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=500, help="rounds")
    parser.add_argument("--processes", type=int, default=1, choices=(1, 2))
    parser.add_argument("--ledger", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--first", type=int, default=1, help="seed of the first round")
    parser.add_argument("--orders", type=int, default=12)
    parser.add_argument("--jobs", type=int, default=4, help="rounds at a time; they mostly wait")
    given = parser.parse_args()
    if given.ledger == "postgresql" and not os.environ.get("ETL_TEST_POSTGRES_URL"):
        parser.error("ETL_TEST_POSTGRES_URL names no server where databases may be created")
    folder, began = Path(tempfile.mkdtemp(prefix="crash-")), time.monotonic()
    terms = Terms(given.orders, given.processes)
    seeds = range(given.first, given.first + given.runs)
    tally = campaign(seeds, terms, given.ledger, folder, given.jobs)
    print(figures(tally, time.monotonic() - began))
    for what in tally.wrong:
        print(f"WRONG {what}", file=sys.stderr)
    if tally.wrong:
        print(f"kept: {folder}", file=sys.stderr)
        return 1
    folder.rmdir()
    broken = broken_promises(tally)
    for what in broken:
        print(f"BROKEN {what}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
