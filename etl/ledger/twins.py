"""Two orders whose keys have one normal form: ledgers of old have them."""

from __future__ import annotations

import json

from etl.problems import Problem, Severity


def twins(first: int, second: int, key: str) -> Problem:
    """E829."""
    return Problem(
        "E829",
        f"orders {first} and {second} of the ledger have keys that differ only in what nobody sees: "
        f"{' + '.join(json.loads(key))}",
        Severity.WARNING,
        help=f"they may be one order, posted twice: etl ledger show {first}, and {second}. Cancel one in "
        "Alma if so",
    )
