"""Many rounds → a tally; several rounds at a time, since a round mostly waits."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path

from invented_orders import KEY_NAME
from killing_ground import ground
from ledger_locations import ledger_location
from ordeal import KEY, Tally, Terms, ordeal


def campaign(seeds: Iterable[int], terms: Terms, kind: str, folder: Path, *, keep: bool = False) -> Tally:
    """Rounds one after another on one kind of ledger (`sqlite`, `postgresql`). `keep`: also the folders of good rounds."""
    tally = Tally()
    database = ledger_location(kind) if kind == "postgresql" else nullcontext("ledger.sqlite")
    with database as location, ground({KEY_NAME: KEY}) as killing:
        for seed in seeds:
            place = Path(tempfile.mkdtemp(prefix=f"round-{seed}-", dir=folder))
            before = len(tally.wrong)
            ordeal(seed, terms, location, place, killing, tally)
            if not keep and len(tally.wrong) == before:
                shutil.rmtree(place)
    return tally
