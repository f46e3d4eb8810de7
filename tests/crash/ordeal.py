"""A seed → the same orders sent while processes are killed and Alma fails, then re-run until done; and what was found after.

A round has a simulator, a ledger and a folder of its own. In the storm, one or two `etl run` at a time are killed with
SIGKILL: after a drawn number of further calls has reached the simulator, and a drawn few milliseconds later. Then the
plain command is run again and again, Alma still failing, until it ends with 0. Orders that Alma may have under a changed
reference are held: between runs somebody looks them up in Alma and says what is there.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from crowded_alma import crowd
from invented_orders import KEY_NAME, write_orders
from killing_ground import Ground, Victim
from verdict import Books, Round, declare_dead, held_orders, lines_in_alma, private, shown_otherwise, spoken

from etl.ledger.database import open_database
from etl.simulator import (
    FaultPlan,
    Institution,
    Limits,
    Settings,
    Simulator,
    Timing,
    load_institution,
    running,
)
from etl.simulator.faults import KINDS

KEY = "l8xxWITNESS0f1e2d3c4b5a69788a7b6c5d4e3f2a1b"
"""Of this test alone: where it turns up, it was not meant to be."""
MOST_RUNS = 80
TIMEOUT = 0.6
FOUND, SENT_AGAIN = "found in Alma, not sent again", "found surely absent, and sent again"
AS_SENT = "in Alma, shown with the reference that was sent"
OTHERWISE = "in Alma, with another reference, or listed and not readable"
NOT_THERE = "not in Alma"
_CLOCKS = (0.0, 0.0, 0.0, 0.0, 5.0, -5.0, 3 * 86_400.0, -3 * 86_400.0, 1e8, -1e8)
"""Seconds by which the clock of a run is ahead: seconds, days, three years."""
_SLOW_KINDS = (
    "huge-body",
)  # a gigabyte of answers in a campaign shows no more than a few: one round in eight


@dataclass(frozen=True, slots=True)
class Terms:
    """How hard a round is. `processes` run at once; `kills` the most storms; every `fresh`-th run is a new interpreter."""

    orders: int = 12
    processes: int = 1
    kills: int = 3
    fresh: int = 25


@dataclass(slots=True)
class Tally:
    """What a campaign saw. `wrong` is empty, or each entry names its seed."""

    rounds: int = 0
    runs: int = 0
    orders: int = 0
    calls: int = 0
    left_open: int = 0
    leftovers: int = 0
    days: int = 0
    wrong_clocks: int = 0
    declared_dead: int = 0
    crowded: int = 0
    files: int = 0
    bytes: int = 0
    codes: Counter[int] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    settled: Counter[str] = field(default_factory=Counter)
    decided: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def without_a_person(self) -> dict[str, tuple[int, int]]:
        """What became of orders whose fate was unknown: how many a run settled by itself, of how many."""
        found, sent = self.settled[FOUND], self.settled[SENT_AGAIN]
        shown = found + self.decided[AS_SENT]
        return {
            AS_SENT: (found, shown),
            "in Alma, however it shows them": (found, shown + self.decided[OTHERWISE]),
            NOT_THERE: (sent, sent + self.decided[NOT_THERE]),
        }


class Clock:
    """The simulator's; moved past midnight when a fault has used up the day's calls."""

    def __init__(self) -> None:
        self.offset = 0.0

    def __call__(self) -> float:
        return time.time() + self.offset


def ordeal(seed: int, terms: Terms, location: str, folder: Path, ground: Ground, tally: Tally) -> None:
    """One round. `location`: a PostgreSQL URL, or the name of a SQLite file in the folder."""
    chance = random.Random(f"ordeal {seed}")  # noqa: S311 - the same round for the same seed
    clock, apps = Clock(), list[Simulator]()
    settings = Settings(
        institution=_institution(seed),
        state=folder / "simulator.sqlite",
        limits=Limits(None, None, 500_000),
        timing=Timing(0.02, 0.02, 0.05, chance.choice((0.05, 1.0))),
        faults=_faults(seed, chance),
        clock=clock,
    )
    if seed % 4 == 3:
        crowd(settings, KEY, chance.randint(101, 250), "BOKUS")
        tally.crowded += 1
    with running(settings, apps.append) as url:
        sink = {
            "base_url": url, "key": f"env:{KEY_NAME}", "ledger": location, "institution": f"round-{seed}",
            "settle_wait": 0.15, "timeout": TIMEOUT, "per_second": 0, "per_minute": 0, "max_attempts": 99,
            "concurrency": chance.choice((1, 1, 3)), "format": chance.choice(("json", "json", "xml")),
        }  # fmt: skip
        write_orders(folder, terms.orders, sink)
        open_database(location, folder).dispose()
        this = _Round(terms, folder, ground, tally, chance, clock, apps[0], location, f"round-{seed}")
        this.storm()
        this.calm()
        faults, calls = apps[0].faults.counts, apps[0].log.total
    tally.rounds, tally.orders, tally.calls = (
        tally.rounds + 1,
        tally.orders + terms.orders,
        tally.calls + calls,
    )
    tally.faults += faults
    books = Books.read(location, folder, f"round-{seed}")
    wrong = (
        Round(folder, terms.orders, books).wrong() + spoken(folder, location, KEY, tally) + private(folder)
    )
    tally.leftovers += sum(1 for _ in folder.glob("report*/*unfinished-*"))
    tally.settled += books.kinds()
    tally.wrong += [f"seed {seed}: {what}" for what in wrong + this.wrong]


def _institution(seed: int) -> Institution:
    """One of its own for each round: rounds share a server, and one Alma has one name in a ledger."""
    usual = load_institution()
    keys = [usual.api_keys[0].model_copy(update={"key": KEY})]
    return usual.changed(code=f"01ROUND_{seed}", api_keys=keys)


def _faults(seed: int, chance: random.Random) -> FaultPlan:
    heavy = seed % 8 == 0
    kinds = tuple(sorted(kind for kind in KINDS if heavy or kind not in _SLOW_KINDS))
    methods = ("POST",) if chance.random() < 0.5 else ("POST", "GET")
    return FaultPlan(seed, chance.choice((0.0, 0.1, 0.2, 0.35)), kinds, methods)


class _Round:
    """The processes of one round."""

    def __init__(
        self,
        terms: Terms,
        folder: Path,
        ground: Ground,
        tally: Tally,
        chance: random.Random,
        clock: Clock,
        app: Simulator,
        location: str,
        institution: str,
    ) -> None:
        self.terms, self.folder, self.ground, self.tally = terms, folder, ground, tally
        self.chance, self.clock, self.app = chance, clock, app
        self.location, self.institution = location, institution
        self.wrong: list[str] = []

    def storm(self) -> None:
        """Start, let some calls pass, kill."""
        for _ in range(self.chance.randint(1, self.terms.kills)):
            victims = [self._start(0)]
            for place in range(1, self.terms.processes):
                if self.chance.random() < 0.5:
                    self._declare_dead(victims)
                victims.append(self._start(place))
            doomed = [one for one in victims if len(victims) == 1 or self.chance.random() < 0.7]
            calls = self.app.log.total + self.chance.randint(0, self.terms.orders)
            self._until(lambda calls=calls: self.app.log.total >= calls, victims)  # type: ignore[misc]
            for one in doomed:
                time.sleep(self.chance.uniform(0, 0.02))
                one.kill()
            for one in victims:
                self._ended(one)

    def _declare_dead(self, victims: list[Victim]) -> None:
        """While they send, and before another starts, which looks for what the dead have left."""
        calls = self.app.log.total + self.chance.randint(1, 4)
        self._until(lambda: self.app.log.total >= calls, victims)
        declare_dead(self.location, self.folder)
        self.tally.declared_dead += sum(one.running for one in victims)

    def calm(self) -> None:
        """The plain command until every process ends with 0."""
        for _ in range(MOST_RUNS):
            victims = [self._start(place) for place in range(self.terms.processes)]
            codes = [self._ended(one) for one in victims]
            for place, code in enumerate(codes):
                self._read(place, code)
            if not any(codes):
                return
            self._decide()
            if self.app.gate.remaining() == 0:
                self.clock.offset += 86_400
                self.tally.days += 1
        self.wrong.append(f"not done after {MOST_RUNS} runs")

    def _decide(self) -> None:
        """A librarian looks held orders up in Alma and says what is there, as the program asks."""
        in_alma, otherwise = lines_in_alma(self.folder), shown_otherwise(self.folder)
        for order, name in held_orders(self.location, self.folder, self.institution):
            number = in_alma.get(name)
            verb = ["resolve", str(order), "--posted", number] if number else ["release", str(order)]
            argv = ["ledger", *verb, "--ledger", self.location, "--by", "the librarian"]
            code = self.ground.start(
                argv, self.folder, self.folder / "said-librarian.txt", loaded=True
            ).wait()
            self.wrong += [f"ledger {' '.join(verb)} ended with {code}"] if code else []
            hidden = number in otherwise or number in self.app.world.listed_only
            self.tally.decided[(OTHERWISE if hidden else AS_SENT) if number else NOT_THERE] += 1

    def _start(self, place: int) -> Victim:
        self.tally.runs += 1
        argv = ["run", "mapping.yaml", "--report", f"report-{place}", "--run-date", "2026-03-02"]
        loaded = self.tally.runs % self.terms.fresh != 0
        ahead = self.chance.choice(_CLOCKS)
        self.tally.wrong_clocks += bool(ahead and loaded)
        said = self.folder / f"said-{place}.txt"
        return self.ground.start(argv, self.folder, said, loaded=loaded, ahead=ahead)

    def _until(self, done: Callable[[], bool], victims: list[Victim]) -> None:
        deadline = time.monotonic() + 30
        while not done() and any(one.running for one in victims) and time.monotonic() < deadline:
            time.sleep(0.001)

    def _ended(self, victim: Victim) -> int:
        code = victim.wait()
        self.tally.codes[code] += 1
        return code

    def _read(self, place: int, code: int) -> None:
        """A run that ended by itself says how, and its report adds up."""
        report = json.loads((self.folder / f"report-{place}" / "report.json").read_text(encoding="utf-8"))
        ended = sum(report["records"].values())
        if not report["adds_up"] or ended != report["read"] or report["read"] != self.terms.orders:
            self.wrong.append(f"a report does not add up: {report}")
        if code != report["exit_code"] or code not in (0, 1, 2, 5, 6):
            self.wrong.append(f"exit code {code}, report {report['exit_code']}")
        if code == 0 and set(report["records"]) - {"posted", "already posted"}:
            self.wrong.append(f"exit code 0 with {report['records']}")
        self.tally.left_open += report["records"].get("unknown", 0)
