"""Many rounds → a tally; several rounds at a time, since a round mostly waits."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import fields
from pathlib import Path

from invented_orders import KEY_NAME
from killing_ground import Ground, ground
from ledger_locations import ledger_location
from ordeal import KEY, Tally, Terms, ordeal


def campaign(seeds: Iterable[int], terms: Terms, kind: str, folder: Path, jobs: int = 4) -> Tally:
    """Rounds on one kind of ledger (`sqlite`, `postgresql`), `jobs` at a time. Folders of rounds that went wrong are kept."""
    every = list(seeds)
    database = ledger_location(kind) if kind == "postgresql" else nullcontext("ledger.sqlite")
    with database as location, ground({KEY_NAME: KEY}) as killing, ThreadPoolExecutor(jobs) as pool:
        shares = [every[job::jobs] for job in range(jobs)]
        return added(pool.map(lambda share: _rounds(share, terms, location, folder, killing), shares))


def _rounds(seeds: list[int], terms: Terms, location: str, folder: Path, killing: Ground) -> Tally:
    tally = Tally()
    for seed in seeds:
        place = Path(tempfile.mkdtemp(prefix=f"round-{seed}-", dir=folder))
        before = len(tally.wrong)
        ordeal(seed, terms, location, place, killing, tally)
        if len(tally.wrong) == before:
            shutil.rmtree(place)
    return tally


def added(tallies: Iterable[Tally]) -> Tally:
    """One tally of several."""
    total = Tally()
    for one in tallies:
        for each in fields(Tally):
            setattr(total, each.name, getattr(total, each.name) + getattr(one, each.name))
    return total
