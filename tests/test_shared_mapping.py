"""mappings/_shared: which level gives a value, where copies go, what funds pay, whatever the vendor."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from etl.cli.main import run_cli

ROOT = Path(__file__).parents[1]
SHARED = ROOT / "mappings" / "_shared"
TABLES = {
    "suppliers": "code,supplier,name,alma_vendor,vendor_account,currency,price_basis,price_includes_vat,vat_percent,"
    "record_supplier,library,shelving_location,fund,item_policy\n"
    "Bokus,BOKUS,Bokus,BOKUS,DEFAULT-ACC,SEK,{basis},,6,LIBRIS,,,{supplier_fund},\n",
    "internet_accounts": "supplier,account,vendor_account,library,department,shelving_location,item_policy,fund,"
    "account_discount,valid_from,valid_to\n"
    "BOKUS,1,ACC,LIB,,LOC,,{account_fund},{account_discount},,2024-06-30\nBOKUS,1,ACC-NEW,LIB,,LOC,,NEW,,2024-07-01,\n"
    "BOKUS,2,ACC,LIB,,LOC,,{account_fund},,,\n",
    "departments": "department,library,shelving_location,item_policy,fund\nBarn,LIB,KIDS,,{department_fund}\n",
    "placements": "said_library,said_department,said_location,library,shelving_location,item_policy,fund\n"
    ",,,,,,\n,Barn,,LIB,KIDS,,{line_fund}\n,Vuxen,,LIB,ADULT,,VUX\n,Arkiv,,LIB,STORE,,VUX\n",
}
LINE = {
    "Kundnr": "1",
    "Ordernr": "B-1",
    "Orderdatum": "2024-03-11",
    "Rad": "1",
    "Artikelnr": "9789199999036",
    "Titel": "Blåbär",
    "Antal": "3",
    "Pris exkl moms": "100,00",
    "Avdelning": "Barn",
}


class Bench:
    """A mapping that extends the shared one over tables and a file of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.report = folder, folder / "report"

    def run(
        self, *lines: dict[str, str], options: str = "{}", columns: str = "{}", param: str = "", **cells: str
    ) -> list[dict[str, Any]]:
        """The documents written; `cells` fill the tables."""
        given = dict.fromkeys(
            ("basis", "account_fund", "account_discount", "department_fund", "line_fund", "supplier_fund"), ""
        )
        given["basis"] = "list"
        for name, text in TABLES.items():
            (self.folder / f"{name}.csv").write_text(text.format_map({**given, **cells}), encoding="utf-8")
        files = ", ".join(f"{name}: {{file: {name}.csv}}" for name in TABLES)
        (self.folder / "m.yaml").write_text(
            f"extends: {SHARED / 'po_line.yaml'}\nversion: 1\nname: bench\ntarget: po_line\n"
            f"source: {{connector: bokus, path: in.csv, options: {options}}}\nlookups: {{{files}}}\n",
            encoding="utf-8",
        )
        rows = [{**LINE, **line} for line in lines or ({},)]
        names = list(dict.fromkeys(name for row in rows for name in row))
        text = "\n".join([";".join(names), *(";".join(row.get(name, "") for name in names) for row in rows)])
        (self.folder / "in.csv").write_text(text, encoding="utf-8")
        out = self.folder / "out"
        words = ["run", str(self.folder / "m.yaml"), "--report", str(self.report), "--run-date", "2024-03-11"]
        self.code = run_cli([*words, *(["--param", param] if param else [])])
        return [json.loads(path.read_bytes()) for path in sorted(out.glob("*.json"))]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


LEVELS = ["line_fund", "account_fund", "department_fund", "supplier_fund"]


@pytest.mark.parametrize("silent", range(5))
def test_line_before_account_before_department_before_supplier_before_global(
    bench: Bench, silent: int, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = {level: level.removesuffix("_fund").upper() for level in LEVELS[silent:]}
    (document,) = bench.run(param="fund=GLOBAL", **cells)
    level = [*LEVELS, "global_fund"][silent].removesuffix("_fund")
    assert document["fund_distribution"][0]["fund_code"]["value"] == level.upper()
    told = capsys.readouterr().err
    assert (f'"fund" said by level "{level}"' in told) is (level != "line"), "the report says which level gave it"


def test_the_account_is_the_one_valid_on_the_day_of_the_order(bench: Bench) -> None:
    old, new = bench.run({"Rad": "1"}, {"Rad": "2", "Orderdatum": "2024-07-01"})
    assert (old["vendor_account"], new["vendor_account"]) == ("ACC", "ACC-NEW")


def test_two_customer_numbers_may_share_an_account(bench: Bench) -> None:
    one, two = bench.run({"Kundnr": "1"}, {"Kundnr": "2", "Ordernr": "B-2"})
    assert one["vendor_account"] == two["vendor_account"] == "ACC"


@pytest.mark.parametrize(("spelling", "key"), [("bokus", "BOKUS"), ("BOKUS", "BOKUS"), ("Bokus ", "BOKUS")])
def test_a_supplier_has_one_name_whatever_the_spelling(bench: Bench, spelling: str, key: str) -> None:
    bench.run({"Lev": spelling}, options="{columns: {supplier: Lev}}", account_fund="F")
    assert [path.name for path in (bench.folder / "out").glob("*.json")] == [f"{key}_1_B-1_1.json"]


def test_every_spelling_of_the_swedish_suppliers_is_in_the_table() -> None:
    rows = [
        line.split(",")
        for line in (SHARED / "lookups/suppliers.csv").read_text(encoding="utf-8").splitlines()
    ]
    known = {row[0].casefold(): row[1] for row in rows[1:]}
    expected = {
        "AdLibris": "ADLIBRIS",
        "adlibris": "ADLIBRIS",
        "Forlagett": "FORLAGETT",
        "ForlagEtt": "FORLAGETT",
    }
    expected |= {"bokus": "BOKUS", "BTJ": "BTJ", "BTJ-MD": "BTJ", "BTJ-PR": "BTJ-PR"}
    assert {name: known.get(name.casefold()) for name in expected} == expected


@pytest.mark.parametrize(
    "word", ["inbunden", "kartonnage", "häftad", "pocket", "spiral", "mp3-fil", "e-bok", "BB", "DG"]
)
def test_the_bindings_of_the_swedish_trade_are_in_the_table(word: str) -> None:
    rows = (SHARED / "lookups/media_types.csv").read_text(encoding="utf-8").splitlines()[1:]
    types = {row.split(",")[0].casefold(): row.split(",")[1] for row in rows}
    electronic = word in ("mp3-fil", "e-bok", "DG")
    assert types[word.casefold()] == ("E_BOOK_OT" if electronic else "PRINTED_BOOK_OT")


# ------------------------------------------------------------------------------------------- money


def paid(document: dict[str, Any]) -> dict[str, Decimal]:
    return {one["fund_code"]["value"]: Decimal(one["amount"]["sum"]) for one in document["fund_distribution"]}


@pytest.mark.parametrize(
    ("copies", "price", "discount", "total"),
    [
        ("3", "100,00", "", "300.00"),
        ("2", "249,00", "10", "448.20"),
        ("1", "1 249,50", "12,5", "1093.31"),
        ("3", "33,33", "33,33", "66.66"),
        ("1", "0,05", "50", "0.03"),
        ("3", "100,00", "0", "300.00"),
    ],
)
def test_funds_pay_all_copies_less_the_discount_rounded_half_up(
    bench: Bench, copies: str, price: str, discount: str, total: str
) -> None:
    line = {"Antal": copies, "Pris exkl moms": price, "Rabatt": discount}
    (document,) = bench.run(
        line, options="{columns: {discount_percent: Rabatt}}", account_fund="F", basis="list"
    )
    assert paid(document) == {"F": Decimal(total)}
    assert document.get("discount", "") == ("" if discount == "0" else discount.replace(",", "."))


def test_a_net_price_sends_no_discount_and_warns_unless_the_account_has_none(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    options = "{columns: {discount_percent: Rabatt}}"
    (document,) = bench.run({"Rabatt": "10"}, options=options, account_fund="F", basis="net")
    assert "discount" not in document
    assert paid(document) == {"F": Decimal("300.00")}
    assert "0 % discount" in capsys.readouterr().err
    bench.run({"Rabatt": "10"}, options=options, account_fund="F", basis="net", account_discount="0")
    assert "0 % discount" not in capsys.readouterr().err


def test_a_price_with_vat_is_divided_by_one_point_zero_six(bench: Bench) -> None:
    options = "{columns: {price_includes_vat: Inkl}}"
    (document,) = bench.run(
        {"Inkl": "J", "Moms %": "6", "Pris exkl moms": "199,00", "Antal": "1"}, options=options
    )
    assert document["price"]["sum"] == "187.74"


def test_a_price_with_vat_takes_the_rate_of_the_supplier_if_the_line_has_none(bench: Bench) -> None:
    (document,) = bench.run(
        {"Inkl": "J", "Pris exkl moms": "106,00"}, options="{columns: {price_includes_vat: Inkl}}"
    )
    assert document["price"]["sum"] == "100.00"


def test_a_line_without_price_or_fund_goes_out_without(bench: Bench) -> None:
    (document,) = bench.run({"Pris exkl moms": ""})
    assert "price" not in document
    assert "fund_distribution" not in document


# -------------------------------------------------------------------------------------- identity


def test_a_repeated_line_is_refused_and_a_cancelled_one_is_skipped(bench: Bench) -> None:
    assert len(bench.run({}, {}, {"Rad": "2", "Antal": "0"}, account_fund="F")) == 1
    assert bench.code == 1


def test_an_account_without_a_row_holds_the_line(bench: Bench) -> None:
    assert bench.run({"Kundnr": "99"}) == []
    assert bench.code == 1


# ------------------------------------------------------------------------------------- several places

ORDER = {
    "leverantor": "Bokus",
    "kundnummer": "1",
    "ordernummer": "A-1",
    "orderdatum": "2024-03-11",
    "rader": [
        {
            "radnummer": 1,
            "artikelnummer": "9789199999036",
            "titel": "Blåbär",
            "antal": 3,
            "pris": "33.335",
            "valuta": "SEK",
            "pris_inkl_moms": False,
            "fordelning": [
                {"avdelning": "Barn", "placering": None, "antal": 1},
                {"avdelning": "Vuxen", "placering": None, "antal": 1},
                {"avdelning": "Arkiv", "placering": None, "antal": 1},
            ],
        }
    ],
}


def places(bench: Bench, order: dict[str, Any], option: str) -> list[dict[str, Any]]:
    """The same over an order of Adlibris, which lists placements."""
    bench.run(line_fund="KIDS24")
    mapping = bench.folder / "m.yaml"
    text = mapping.read_text(encoding="utf-8")
    source = f"source: {{connector: adlibris, path: in.json, options: {{placements: {option}}}}}"
    mapping.write_text(text.replace(text.splitlines()[4], source), encoding="utf-8")
    (bench.folder / "in.json").write_text(json.dumps(order), encoding="utf-8")
    for old in (bench.folder / "out").glob("*.json"):
        old.unlink()
    words = ["run", str(mapping), "--report", str(bench.report), "--run-date", "2024-03-11"]
    bench.code = run_cli([*words, "--param", "round_prices=yes"])
    return [json.loads(path.read_bytes()) for path in sorted((bench.folder / "out").glob("*.json"))]


def test_several_placements_become_locations_and_one_entry_for_each_fund(bench: Bench) -> None:
    (document,) = places(bench, ORDER, "locations")
    spots = [
        (one["quantity"], one["library"]["value"], one["shelving_location"]) for one in document["location"]
    ]
    assert spots == [(1, "LIB", "KIDS"), (1, "LIB", "ADULT"), (1, "LIB", "STORE")]
    assert document["price"]["sum"] == "33.34"
    assert paid(document) == {"KIDS24": Decimal("33.34"), "VUX": Decimal("66.68")}


def test_several_placements_become_lines_if_wanted(bench: Bench) -> None:
    documents = places(bench, ORDER, "lines")
    assert [one["vendor_reference_number"] for one in documents] == ["A-1-1-1", "A-1-1-2", "A-1-1-3"]
    assert [len(one["location"]) for one in documents] == [1, 1, 1]
    assert [paid(one) for one in documents] == [{"KIDS24": Decimal("33.34")}] + [
        {"VUX": Decimal("33.34")}
    ] * 2


def test_placements_that_do_not_add_up_order_nothing(bench: Bench) -> None:
    wrong = {**ORDER, "rader": [{**ORDER["rader"][0], "antal": 4}]}  # type: ignore[dict-item, index]
    assert places(bench, wrong, "locations") == []
    assert bench.code == 1


def ordered(copies: int | None, *placed: int | None) -> dict[str, Any]:
    """The order, of so many copies, with so many in each placement."""
    spots = [
        {**spot, "antal": count} for spot, count in zip(ORDER["rader"][0]["fordelning"], placed, strict=False)
    ]  # type: ignore[index]
    return {**ORDER, "rader": [{**ORDER["rader"][0], "antal": copies, "fordelning": spots}]}  # type: ignore[dict-item, index]


@pytest.mark.parametrize(
    ("copies", "placed", "sent"),
    [(3, (3, 0), [3]), (3, (0, 3), [3]), (3, (1, 0, 2), [1, 2]), (3, (3,), [3]), (1, (1, 0, 0), [1])],
)
def test_a_placement_of_no_copies_is_no_place(
    bench: Bench, copies: int, placed: tuple[int, ...], sent: list[int]
) -> None:
    """It took the copies of the whole line, so 3 and 0 became 6 (clean, and paid twice)."""
    (document,) = places(bench, ordered(copies, *placed), "locations")
    assert [one["quantity"] for one in document["location"]] == sent
    assert sum(paid(document).values()) == Decimal("33.34") * copies


@pytest.mark.parametrize(("copies", "placed"), [(3, (1, None)), (3, (None, None)), (None, (None, None))])
def test_no_copies_are_guessed_for_one_of_several_places(
    bench: Bench, copies: int | None, placed: tuple[int | None, ...]
) -> None:
    assert places(bench, ordered(copies, *placed), "locations") == []
    assert bench.code == 1


def test_a_fund_that_no_table_knows_is_not_replaced_in_what_is_held(bench: Bench) -> None:
    order = ordered(3, 3)
    order["rader"][0]["fordelning"][0]["konto"] = "UNKNOWN"
    bench.run(line_fund="KIDS24", account_fund="ACCOUNT")
    assert places(bench, order, "locations") == []
    (held,) = (bench.report / "held").glob("*.json")
    assert "fund_distribution" not in json.loads(held.read_bytes())
