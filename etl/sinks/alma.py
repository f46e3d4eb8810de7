"""Items → orders in Ex Libris Alma: the options of the sink, and what it needs put together."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from etl.alma.address import Address, address_of
from etl.alma.client import AlmaClient, institution_code
from etl.alma.deliver import Delivery
from etl.alma.judgement import Judge
from etl.alma.key import check_reference, read_key
from etl.alma.ledger_witness import LedgerWitness
from etl.alma.patience import Budget, Patience
from etl.alma.recovery import Kind, Language
from etl.alma.said import stopped
from etl.alma.settle import Inquiry
from etl.alma.wire import Wire
from etl.interruption import interruption
from etl.ledger.database import demand, open_database
from etl.ledger.ledger import Ledger
from etl.ledger.pacing import Pace, Rates
from etl.ledger.process import Run
from etl.plugin import Item, Options, Problem, Receipt, Refusal, Sink, SinkOptions, open_file
from etl.problems import at_the_end
from etl.spec.misfits import INSTITUTION_FILE


class AlmaOptions(SinkOptions):
    """Where Alma is, with which key, and how carefully to go about it."""

    paths: ClassVar[tuple[str, ...]] = ("ca_file", "witness")

    region: Literal["eu", "na", "ap", "aps", "ca", "cn"] | None = Field(
        None, description="Alma's gateway by region"
    )
    base_url: str | None = Field(
        None, description="Another gateway, or the simulator; http only to this machine"
    )
    key: str = Field(
        description="Where the API key is: env:NAME, file:PATH or keyring:SERVICE/USER. Never the key itself"
    )
    ledger: str = Field(
        "etl-ledger.sqlite", description="SQLite file, or postgresql:// URL for several machines"
    )
    witness: str | None = Field(
        None,
        description="File that notes the ledger's age, best on another disk; else beside a SQLite ledger",
    )
    institution: str = Field(
        "alma",
        min_length=1,
        description="Name of this Alma in the ledger: one for each institution and sandbox",
    )
    profile_code: str | None = Field(
        None, description="New Order API integration profile; Alma's default if left out"
    )
    manual_review: bool = Field(
        False, description="Alma keeps every order line in review (requires_manual_review)"
    )
    user_id_type: str | None = Field(
        None, description="Type of the users' identifiers; any unique one if left out"
    )
    concurrency: int = Field(1, ge=1, le=32, description="Posts at a time, one for each vendor account")
    per_second: int = Field(
        50, ge=0, description="Calls a second of all processes on the ledger; 0: no limit"
    )
    per_minute: int = Field(
        1500, ge=0, description="Calls a minute of all processes on the ledger; 0: no limit"
    )
    reserve: int = Field(1000, ge=0, description="Calls of the day left to the institution's other programs")
    timeout: float = Field(
        60, gt=0, le=240, description="Seconds for a whole call; Alma's writes take up to ten"
    )
    settle_wait: float = Field(
        300,
        ge=0,
        le=86400,
        description="Seconds, by Alma's clock, after which what was looked for in vain counts as absent; "
        "longer than its lists lag behind",
    )
    max_unknown: int = Field(
        3,
        ge=1,
        description="Posts without usable answer, one after another, before the run stops; each of those "
        "under way then, at most concurrency - 1, may be one more",
    )
    max_attempts: int = Field(
        3, ge=1, description="Posts of one order without usable answer before a person must look"
    )
    look_first: bool = Field(
        False, description="Look in Alma for every new order before it is posted: after a ledger was lost"
    )
    language: Literal["en", "sv"] = Field("en", description="Language of explanations")
    ca_file: str | None = Field(None, description="Certificates to trust instead of the system's")
    proxy: str | None = Field(None, description="Proxy on the way to Alma; the environment's is not used")

    @field_validator("key")
    @classmethod
    def _by_reference(cls, value: str) -> str:
        return check_reference(value)

    @field_validator("institution")
    @classmethod
    def _a_name(cls, value: str) -> str:
        """Raises ValueError for a file: that is what codes are checked against, and stands elsewhere."""
        if value.lower().endswith((".json", ".yaml", ".yml")):  # a ledger of files names folders: a/b is one
            raise ValueError(f"a name, not a file: {INSTITUTION_FILE}")
        return value

    @model_validator(mode="after")
    def _one_address(self) -> AlmaOptions:
        address_of(self.region, self.base_url)
        return self

    @property
    def address(self) -> Address:
        return address_of(self.region, self.base_url)

    @classmethod
    def given_in(cls, folder: Path, given: Mapping[str, str]) -> dict[str, str]:
        found = super().given_in(folder, given)
        scheme, _, rest = found.get("key", "").partition(":")
        if scheme == "file" and rest:
            found["key"] = f"file:{folder / rest}"
        if "://" not in found.get("ledger", "://"):
            found["ledger"] = str(folder / found["ledger"])
        return found


class AlmaSink(Sink):
    """Posts order lines and purchase requests, each at most once."""

    name: ClassVar[str] = "alma"
    summary: ClassVar[str] = "orders in Ex Libris Alma, each at most once, remembered in a ledger"
    Options: ClassVar[type[Options]] = AlmaOptions  # type: ignore[assignment]

    def own_ledger(self, options: Any) -> tuple[str, str] | None:
        return options.ledger, options.institution

    def writes(self, options: Any) -> list[tuple[str, bool]]:
        return [(options.ledger, False), *([(options.witness, False)] if options.witness else [])]

    def beforehand(self, options: Any, base: Path) -> list[Problem]:
        """A ledger that is not there any more would be worse than one that is damaged: it would be silent.
        Raises LedgerRefusal (E802).
        """
        demand(options.ledger, base)
        return []

    def deliver(self, items: Iterator[Item], options: Any, base: Path) -> Iterator[Receipt | Problem]:
        notices: deque[Problem] = deque()
        try:
            with delivery_for(options, base, notices) as delivery:
                for receipt in delivery.deliver(_with_keys(items)):
                    yield from _taken(notices)
                    yield receipt
        except (Exception, KeyboardInterrupt):
            yield from _taken(notices)
            raise
        yield from _taken(notices)


def _taken(notices: deque[Problem]) -> Iterator[Problem]:
    """Each is given once."""
    while notices:
        yield notices.popleft()


@contextmanager
def delivery_for(options: AlmaOptions, base: Path, notices: deque[Problem]) -> Iterator[Delivery]:
    """Ledger, client and rules for these options. Raises Refusal when key or ledger cannot be had. `notices`
    takes what is to be said of no single order, also while it ends.

    Within, Ctrl-C, SIGTERM and SIGHUP finish what is in flight, at most one call's time. kill -9 is safe too.
    """
    with interruption.deferred():
        yield from _delivery_for(options, base, interruption.told, notices)


def _delivery_for(
    options: AlmaOptions, base: Path, stop: threading.Event, notices: deque[Problem]
) -> Iterator[Delivery]:
    wire = wire_for(options, base)  # before anything is written down: without a key nothing can be sent
    engine = open_database(options.ledger, base, make=False)
    try:
        witness = LedgerWitness.of(engine, options.ledger, options.witness, base)
        run = Run(engine, notices)
        with at_the_end(run.close, notices):
            run.beat()  # what a wrong clock left behind is put right before anything is asked of it
            witness = witness.compare(look_first=options.look_first)
            ledger = Ledger(engine, options.institution, run)
            strange = ledger.strange(options.address.name)
            rates = Rates(options.per_second or None, options.per_minute or None)
            patience = Patience(
                stop=stop,
                pace=Pace(engine, options.institution, rates, run.id, stop, notices),
                budget=Budget(options.reserve),
            )
            client = AlmaClient(
                wire,
                profile_code=options.profile_code,
                manual_review=options.manual_review,
                user_id_type=options.user_id_type,
            )
            inquiry = Inquiry(client, patience, ledger.owners_of, options.settle_wait, stop, options.language)
            ledger.bind(options.address.name, _whose(client, patience, strange, options.language))
            judge = Judge(options.language, options.max_unknown, options.max_attempts, options.look_first)
            witness.note()
            with at_the_end(witness.note, notices):
                yield Delivery(client, ledger, inquiry, patience, judge, stop, options.concurrency)
    finally:
        wire.close()
        engine.dispose()


def _whose(client: AlmaClient, patience: Patience, strange: bool, language: Language) -> str:
    """Alma's own name of the institution that the key belongs to; "" where it does not tell.

    Raises Unavailable (E831, E832) where Alma cannot be asked, and has to be: it may be one that the ledger
    knows under another name. A key that may not ask is judged by what the ledger knows.
    """
    if not strange:
        return institution_code(patience.once(client.institution).tree)
    answer = patience.read(client.institution)
    if answer.verdict.kind in (Kind.DONE, Kind.KEY):
        return institution_code(answer.tree)
    raise KeyboardInterrupt if patience.stop.is_set() else stopped(answer.verdict, language)


def wire_for(options: AlmaOptions, base: Path) -> Wire:
    """Connections to Alma with its key. Raises Refusal: E800 no key to be had, E803 no certificates."""
    key = read_key(options.key, base, options.language)
    ca_file = str(base / options.ca_file) if options.ca_file else None
    try:
        if ca_file:
            open_file(ca_file).close()  # what is no file might be waited for
        return Wire(
            options.address,
            key,
            timeout=options.timeout,
            connections=options.concurrency,
            ca_file=ca_file,
            proxy=options.proxy,
        )
    except OSError as error:  # ssl's own among them
        raise Refusal(
            Problem(
                "E803",
                f'the certificates of ca_file "{ca_file}" cannot be read: {error.strerror or error}',
                help="ca_file names a file of certificates in PEM form; without it the system's are used",
            )
        ) from None


def _with_keys(items: Iterator[Item]) -> Iterator[Item]:
    for item in items:
        if not item.key or not all(isinstance(part, str) for part in item.key):
            raise Refusal(
                Problem(
                    "E801",
                    f'"{item.name}" has no key, so it cannot be told from an order sent before',
                    help="give the mapping a key: the columns that identify an order line at this vendor",
                )
            )
        yield item
