"""Orders we composed, and a sink at a simulator, for the tests beside this file."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from etl.documents.targets import PoLineTarget, PurchaseRequestTarget
from etl.ledger.database import open_database
from etl.plugin import Item, Receipt, Refusal
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
from etl.sinks.alma import AlmaOptions, AlmaSink

KEY = "simulator-key"


def isbn(number: int) -> str:
    """A valid ISBN of a registrant nobody has."""
    body = f"97891999{number:04d}"
    check = (10 - sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body)) % 10) % 10
    return f"{body}{check}"


def line(number: int, *, mark: str = "", form: str = "json", vendor: str = "ADLIBRIS", **more: Any) -> Item:
    """An order line; `mark` goes into its reference, where the simulator looks for faults."""
    values: dict[str, Any] = {
        "owner": "HBG",
        "type": "PRINTED_BOOK_OT",
        "vendor": vendor,
        "vendor_account": vendor,
        "vendor_reference_number": f"O-{number}{mark}",
        "price": {"sum": "249.00", "currency": "SEK"},
        "resource_metadata": {"title": f"Påhittad bok {number}", "isbn": isbn(number)},
        "fund_distribution": [{"fund_code": "BOCKER", "amount": {"sum": "249.00", "currency": "SEK"}}],
        "location": [{"quantity": 1, "library": "HBG", "shelving_location": "VUXEN"}],
    }
    values |= more
    target = PoLineTarget()
    document = target.build({name: value for name, value in values.items() if value is not None})
    assert not isinstance(document, list), document
    key = (vendor, f"O-{number}")
    return Item(key, "_".join(key), target.payload(document, form), "po_line")  # type: ignore[arg-type]


def request(number: int, *, user: str = "anna.lind", mark: str = "", form: str = "json", **more: Any) -> Item:
    """A purchase request."""
    values: dict[str, Any] = {
        "format": "P",
        "owning_library": "HBG",
        "resource_metadata": {"citation_type": "BOOK", "title": f"Önskad bok {number}", "isbn": isbn(number)},
        "note": [{"content": f"önskemål {number}{mark}"}],
        **more,
    }
    target = PurchaseRequestTarget()
    document = target.build(values)
    assert not isinstance(document, list), document
    key = (user, str(number))
    return Item(key, "_".join(key), target.payload(document, form), "purchase_request", user)  # type: ignore[arg-type]


class Desk:
    """A library's end: a folder with a ledger, made when it is first named, and a sink."""

    def __init__(self, url: str, folder: Path, simulator: Simulator | None = None) -> None:
        self.url, self.folder, self.simulator = url, folder, simulator
        self._made: set[str] = set()

    def options(self, **more: Any) -> AlmaOptions:
        usual = {
            "base_url": self.url,
            "key": "env:TEST_ALMA_KEY",
            "settle_wait": 0.05,
            "timeout": 5,
            "per_second": 0,
            "per_minute": 0,
        }
        options = AlmaOptions.model_validate(usual | more)
        if options.ledger not in self._made:
            self._made.add(options.ledger)
            open_database(options.ledger, self.folder).dispose()
        return options

    def post(self, *items: Item, **more: Any) -> tuple[list[Receipt], Refusal | None]:
        """Receipts, and why it stopped, if it did."""
        receipts: list[Receipt] = []
        try:
            for receipt in AlmaSink().deliver(iter(items), self.options(**more), self.folder):
                receipts.append(receipt)
        except Refusal as refusal:
            return receipts, refusal
        return receipts, None

    def held(self) -> list[dict[str, Any]]:
        """Order lines the simulator holds."""
        assert self.simulator is not None
        return [found.doc for found in self.simulator.world.store.lines()]

    def references(self) -> list[str]:
        return sorted(document["vendor_reference_number"] for document in self.held())


@contextmanager
def at_simulator(
    folder: Path,
    *,
    faults: FaultPlan | None = None,
    limits: Limits | None = None,
    timing: Timing | None = None,
    state: Path | None = None,
    institution: Institution | None = None,
    clock: Callable[[], float] = time.time,
) -> Iterator[Desk]:
    """A desk at a simulator of its own."""
    apps: list[Simulator] = []
    settings = Settings(
        institution=institution or load_institution(),
        faults=faults,
        limits=limits or Limits.none(),
        timing=timing or Timing.instant(),
        state=state,
        clock=clock,
    )
    with running(settings, apps.append) as url:
        yield Desk(url, folder, apps[0])


def codes(receipts: list[Receipt]) -> list[str]:
    return [receipt.problem.code if receipt.problem else "" for receipt in receipts]


def as_json(item: Item) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(item.payload)
    return found
