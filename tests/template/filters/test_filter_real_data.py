"""ISBNs and prices as they stand in real records and shops, against the expected values kept beside them."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from etl.plugin import BadValue
from etl.template.filters import FILTERS

DATA = Path(__file__).parents[4] / "shared" / "data"


def rows(name: str) -> list[dict[str, Any]]:
    file = DATA / name
    if not file.exists():
        pytest.skip(f"shared sample data not here: {name}")
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def asked(name: str, *arguments: object) -> Any:
    """The filter's answer, or the code of its refusal."""
    try:
        return FILTERS[name](*arguments)
    except BadValue as refused:
        return refused.code


def test_isbn13_of_real_020_fields() -> None:
    found = rows("isbn/real_020_isbn.jsonl")
    wrong = []
    for row in found:
        got = asked("isbn13", row["raw"])
        # The one row on which isbnlib and stdnum differ has eleven digits: nobody's ISBN.
        if got != row.get("isbn13") and not (row.get("isbn13") is None and got in ("E402", "E403")):
            wrong.append((row["raw"], got))
    assert len(found) == 1211
    assert wrong == []


def test_isbn10_and_isbns_of_real_020_fields() -> None:
    valid = [row for row in rows("isbn/real_020_isbn.jsonl") if row.get("isbn13")]
    assert len(valid) == 1194
    wrong10 = [row["raw"] for row in valid if asked("isbn10", row["raw"]) not in (row["isbn10"], "E406")]
    assert wrong10 == []
    assert [row["raw"] for row in valid if asked("isbns", row["raw"]) != [row["isbn13"]]] == []


def test_stdnum_examples() -> None:
    """Whatever the standard library of numbers accepts or refuses, `isbn13` does too."""
    examples = rows("isbn/stdnum_isbn_doctest.jsonl")
    bulk = next(row["expr"] for row in examples if row["expr"].startswith("numbers = "))
    numbers = [line.strip() for line in bulk.split("'''")[1].splitlines() if line.strip()]
    assert len(numbers) > 100
    assert [number for number in numbers if asked("valid_isbn", number) is not True] == []
    for number in ("08515x-629-2", "85152-629-1", "978-902453827X", "978-902453827", "7501031311309"):
        assert asked("isbn13", number) in ("E402", "E403")
    assert asked("isbn13", "978-90245\u1b538270") == "E402"
    assert asked("isbn13", "978-9024538\u00b270") == "E402"
    assert asked("isbn13", "12-345678-9") == "9780123456786"


def test_prices_of_real_shops() -> None:
    """What is read is read right; what is not read is refused. A wrong amount would be worse than none."""
    outcome: Counter[str] = Counter()
    wrong = []
    for row in rows("prices/prices.jsonl"):
        want = None if row["amount"] is None else Decimal(row["amount"])
        got = asked("amount", row["raw"])
        if isinstance(got, str):
            outcome["no amount, refused" if want is None else "refused"] += 1
        elif got == want:
            outcome["right"] += 1
        else:
            wrong.append((row["raw"], want, got))
    assert wrong == []
    assert outcome == {"right": 148, "no amount, refused": 3, "refused": 27}
