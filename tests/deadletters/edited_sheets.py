"""Sheets of dead letters: made, edited as a librarian would, and given back."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

from alma_shop import Shop


def letters(shop: Shop, out: str, *words: str) -> str:
    (shop.folder / out).unlink(missing_ok=True)  # a sheet takes nobody's place
    code, _, said = shop.etl("ledger", "dead-letters", "--out", out, *words)
    assert code == 0, said
    return said


def edit_csv(file: Path, change: Callable[[dict[str, str]], None], send: str = "Send? (yes)") -> None:
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig")), delimiter=";"))
    for row in rows:
        row[send] = "yes"
        change(row)
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    file.write_text(text.getvalue(), encoding="utf-8-sig")


def replay(shop: Shop, file: str, *words: str) -> tuple[int, str]:
    code, _, said = shop.etl(
        "ledger", "replay", file, "--mapping", "m.yaml", "--by", "Bibliotekarien", "--yes",
        "--institution-file", "inst.json", *words,
    )  # fmt: skip
    return code, said


def right(row: dict[str, str]) -> None:
    if row["Vendor"] == "ADLIBRI":
        row["Vendor"] = "ADLIBRIS"
