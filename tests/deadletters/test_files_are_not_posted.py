"""What waits in the ledger of a sink that writes files → never sent to Alma, and said how it goes on."""

from __future__ import annotations

import csv
import io

import pytest
from alma_shop import Shop, order
from edited_sheets import edit_csv

LEDGER = "etl-report/etl-ledger.sqlite"
ALMA = ("--key", "env:SHOP_KEY", "--yes")


@pytest.fixture
def files(shop: Shop) -> Shop:
    """O-1 written, O-3 held as dear, O-5 not to be mapped: all of it by a mapping to files."""
    text = (shop.folder / "m.yaml").read_text(encoding="utf-8")
    sink = text.index("sink:")
    (shop.folder / "f.yaml").write_text(text[:sink] + "sink: {type: files, directory: out}\n", encoding="utf-8")
    shop.orders(order(11), order(13, price="2000.00"), order(15, shelf="X"))
    assert shop.etl("run", "f.yaml")[0] == 1
    return shop


def sheet(shop: Shop, language: str = "en") -> list[dict[str, str]]:
    (shop.folder / "f.csv").unlink(missing_ok=True)
    words = ("--ledger", LEDGER, "--language", language)
    assert shop.etl("ledger", "dead-letters", "--out", "f.csv", *words)[0] == 0
    text = (shop.folder / "f.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


@pytest.mark.parametrize(
    ("language", "fix", "reference", "words"),
    [
        ("en", "Suggested fix", "Reference (do not change)", "it is not for Alma"),
        ("sv", "Förslag till åtgärd", "Referens (ändra inte)", "den är inte för Alma"),
    ],
)
def test_its_sheet_gives_nothing_to_send_by(
    files: Shop, language: str, fix: str, reference: str, words: str
) -> None:
    rows = sheet(files, language)
    assert [row[reference] for row in rows] == ["", ""]
    (held,) = [row for row in rows if words in row[fix]]
    assert f"etl ledger release --ledger {LEDGER} ID" in held[fix]
    assert files.etl("ledger", "release", "O-13", "--ledger", LEDGER)[0] == 0
    assert not any("release" in row[fix] for row in sheet(files, language))


def test_every_way_to_alma_is_closed_to_it(files: Shop) -> None:
    """E814: by its ledger, with an Alma named beside it; nothing is bound, posted or noted as posted."""
    sheet(files)
    edit_csv(files.folder / "f.csv", lambda _row: None)
    there = ("--base-url", files.url, "--ledger", LEDGER)
    for words in (
        ("replay", "f.csv", *ALMA),
        ("resolve", "O-13", "--posted", "POL-1"),
        ("resolve", "O-13", "--posted", "POL-1", *ALMA[:2]),
        ("resolve", *ALMA[:2]),
        ("change", "O-11", *ALMA),
        ("cancel", "O-11", "--reason", "LIBRARY_CANCELLED", *ALMA),
    ):
        code, _, said = files.etl("ledger", *words, *there)
        assert (code, "error[E814]" in said) == (4, True), (words, said)
        assert "etl ledger release" in said
    code, _, said = files.etl("verify", *ALMA[:2], *there)
    assert (code, "error[E814]" in said) == (4, True), said
    assert files.references() == ["O-1"]
    _, out, _ = files.etl("ledger", "list", "--ledger", LEDGER)
    assert " posted " not in out


@pytest.mark.parametrize("verb", [("replay", "f.csv"), ("resolve", "O-13", "--posted", "POL-1"), ("change", "O-11")])
def test_a_mapping_to_files_names_no_alma_and_says_what_to_do(files: Shop, verb: tuple[str, ...]) -> None:
    sheet(files)
    code, _, said = files.etl("ledger", *verb, "--mapping", "f.yaml")
    assert code == 2
    assert "f.yaml delivers by the sink files, and posts nothing to Alma" in said
    assert "etl ledger reprocess f.yaml" in said


def test_the_way_that_is_told_leads_into_the_file(files: Shop) -> None:
    """Nor is the Alma of the same folder in the way."""
    assert files.etl("ledger", "release", "O-13", "--ledger", LEDGER)[0] == 0
    files.etl("ledger", "reprocess", "f.yaml")
    assert sorted(path.name for path in (files.folder / "out").glob("*")) == ["O-11.json", "O-13.json"]
    assert files.etl("ledger", "resolve", "--mapping", "m.yaml")[0] == 0
