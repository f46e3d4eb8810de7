"""mappings/generic-csv and generic-marc over inputs of the tests: nothing guessed, every default counted."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pymarc
import pytest

from etl.cli.main import run_cli

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests/cases"
LINE = {
    "Kundnr": "000217",
    "Ordernr": "A-1",
    "Rad": "1",
    "ISBN": "9789199999319",
    "Titel": "Sju nätter på Åland",
    "Författare": "Öberg, Åsa",
    "Förlag": "Fyrskeppet",
    "Utgivningsår": "2024",
    "Bandtyp": "Inbunden",
    "Antal": "2",
    "À-pris": "249,00",
    "Rabatt": "",
    "Valuta": "SEK",
    "Avdelning": "Vuxen",
    "Externnummer": "",
    "Postleverantör": "",
    "Anmärkning": "",
    "Leveransdatum": "",
}


@dataclass
class Outcome:
    """What a run made of one file."""

    code: int
    documents: list[dict[str, Any]]
    report: dict[str, Any]
    problems: list[dict[str, Any]] = field(default_factory=list)

    @property
    def codes(self) -> set[str]:
        return {one["code"] for one in self.problems}


def run(folder: Path, mapping: str, name: str, data: bytes, *more: str) -> Outcome:
    """The shipped mapping over one file; nothing but the input is the test's."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    report, out = folder / "report", folder / "out"
    of = ROOT / "mappings" / mapping
    words = ["run", str(of if of.is_file() else of / "po_line.yaml"), str(folder / name), "--sink", "files"]
    words += ["--sink-option", f"directory={out}", "--report", str(report), "--run-date", "2024-03-11", *more]
    code = run_cli(words)
    documents = [json.loads(path.read_bytes()) for path in sorted(out.glob("*.json"))]
    told = report / "problems.ndjson"
    problems = [json.loads(one) for one in told.read_text().splitlines()] if told.exists() else []
    return Outcome(code, documents, json.loads((report / "report.json").read_text()), problems)


def delimited(*lines: dict[str, str]) -> bytes:
    rows = [{**LINE, **line} for line in lines]
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = [";".join(names), *(";".join(row.get(name, "") for name in names) for row in rows), ""]
    return "\n".join(text).encode()


def booked(numbers: dict[str, tuple[float, str]], **cells: str) -> bytes:
    """A workbook of one line; `numbers`: column → number and the format its cell shows it in."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    row = {**LINE, **cells}
    sheet.append(list(row))
    sheet.append([numbers[name][0] if name in numbers else text for name, text in row.items()])
    for name, (_, shown) in numbers.items():
        sheet.cell(2, [*row].index(name) + 1).number_format = shown
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# ------------------------------------------------------------------------------------------ discounts


@pytest.mark.parametrize("said", ["10", "10%", "10 %", "10,0 %", "10.00", " 10 % "])
def test_a_discount_in_percent_is_taken_off_once(tmp_path: Path, said: str) -> None:
    outcome = run(tmp_path, "generic-csv", "a.csv", delimited({"Rabatt": said}))
    (line,) = outcome.documents
    assert line["discount"] in ("10", "10.0", "10.00")
    assert line["fund_distribution"][0]["amount"]["sum"] == "448.20"


@pytest.mark.parametrize(
    "said", ["20 kr", "20 SEK", "SEK 20", "20:-", "€ 20", "0,2", "0.2", "-10", "120", "10%+5%"]
)
def test_a_discount_that_is_no_percentage_is_refused(tmp_path: Path, said: str) -> None:
    outcome = run(tmp_path, "generic-csv", "a.csv", delimited({"Rabatt": said}))
    assert (outcome.documents, "E493" in outcome.codes) == ([], True)


@pytest.mark.parametrize("shown", ["0.0%", "0%", "0.00%"])
def test_a_discount_of_a_workbook_is_the_percentage_that_is_shown(tmp_path: Path, shown: str) -> None:
    (line,) = run(tmp_path, "generic-csv", "a.xlsx", booked({"Rabatt": (0.25, shown)})).documents
    assert line["discount"] == "25"
    assert line["fund_distribution"][0]["amount"]["sum"] == "373.50"


@pytest.mark.parametrize("cell", [(0.25, "General"), (20, '0 "kr"'), (20, "[$€-2] 0"), (20, "[$SEK] 0")])
def test_a_number_cell_that_is_no_percentage_is_none(tmp_path: Path, cell: tuple[float, str]) -> None:
    outcome = run(tmp_path, "generic-csv", "a.xlsx", booked({"Rabatt": cell}))
    assert (outcome.documents, "E493" in outcome.codes) == ([], True)


# ------------------------------------------------------------------- two headers of one column, other papers

TWINS = [
    ("À-pris", "Pris", "249,00", "199,00"),
    ("Antal", "Copies", "1", "10"),
    ("ISBN", "EAN", "9789199999319", "9789199999326"),
    ("Avdelning", "Placering", "Vuxen", "Barn"),
    ("Valuta", "Currency", "SEK", "EUR"),
    ("Ordernr", "Order", "A-1", "B-1"),
]


@pytest.mark.parametrize(("best", "other", "mine", "theirs"), TWINS)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_two_headers_of_one_column_that_disagree_hold_the_row(
    tmp_path: Path, form: str, best: str, other: str, mine: str, theirs: str
) -> None:
    cells = {best: mine, other: theirs}
    data = booked({}, **cells) if form == "xlsx" else delimited(cells)
    outcome = run(tmp_path, "generic-csv", f"a.{form}", data)
    assert (outcome.report["records"]["held"], outcome.documents) == (1, [])
    assert "E440" in outcome.codes
    assert "E329" not in outcome.codes, "it was read"


@pytest.mark.parametrize(("best", "other", "mine", "theirs"), TWINS)
def test_two_headers_of_one_column_that_agree_are_one(
    tmp_path: Path, best: str, other: str, mine: str, theirs: str
) -> None:
    same = run(tmp_path, "generic-csv", "a.csv", delimited({best: mine, other: mine}))
    alone = run(tmp_path / "b", "generic-csv", "a.csv", delimited({best: mine}))
    second = run(tmp_path / "c", "generic-csv", "a.csv", delimited({best: "", other: mine}))
    assert len(same.documents) == 1
    assert same.documents == alone.documents == second.documents, "the first that is filled is the value"
    assert {"E440", "E329"}.isdisjoint(same.codes | second.codes)


@pytest.mark.parametrize(
    "name", ["Fakturanr", "Faktura nr.", "FAKTURADATUM", "Invoice no", "Följesedelsnr", "OCR"]
)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_invoice_with_the_columns_of_an_order_is_no_order(tmp_path: Path, form: str, name: str) -> None:
    cells = {name: "F-1"}
    data = booked({}, **cells) if form == "xlsx" else delimited(cells)
    more = tmp_path / "b.csv", tmp_path / f"c.{form}"
    more[0].write_bytes(delimited({}))
    more[1].write_bytes(data)
    outcome = run(tmp_path, "generic-csv", f"a.{form}", data, *map(str, more))
    assert (len(outcome.documents), outcome.codes) == (1, {"E443"})
    assert outcome.code == 1, "no guard counts it"


@pytest.mark.parametrize(
    "cells", [{"Fakturaadress": "Box 1"}, {"Fakturanr": ""}, {"Orderstatus": "Ny"}, {"Inv.nr": "7"}]
)
def test_an_order_may_speak_of_its_invoice(tmp_path: Path, cells: dict[str, str]) -> None:
    assert len(run(tmp_path, "generic-csv", "a.csv", delimited(cells)).documents) == 1


def test_an_invoice_number_that_the_mapping_names_is_the_orders(tmp_path: Path) -> None:
    mapping = tmp_path / "m.yaml"
    mapping.write_text(
        f"extends: {ROOT / 'mappings/generic-csv/po_line.yaml'}\nversion: 1\nname: own\n"
        "source: {options: {columns: {fakturanr: Fakturanr}}}\n",
        encoding="utf-8",
    )
    assert len(run(tmp_path, str(mapping), "a.csv", delimited({"Fakturanr": "F-1"})).documents) == 1


# ------------------------------------------------------------------------------------------- defaults


def defaults(outcome: Outcome) -> dict[str, int]:
    """What was a default → how often."""
    used: dict[str, int] = outcome.report["defaults_used"]
    return {where.partition(" ")[2]: times for where, times in used.items()}


VAT = {'"with_vat" said by level "account"', '"basis" said by level "account"'}


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({}, set()),
        ({"Antal": ""}, {'"copies" said by level "global"'}),
        ({"Valuta": ""}, {'"currency_code" said by level "account"'}),
        ({"Valuta": "", "À-pris": "249 kr"}, set()),
        ({"Bandtyp": "Spiral"}, {'lookup "materials" missed, used the given row'}),
    ],
)
def test_every_default_of_generic_csv_is_counted(
    tmp_path: Path, cells: dict[str, str], told: set[str]
) -> None:
    outcome = run(tmp_path, "generic-csv", "a.csv", delimited(cells))
    assert len(outcome.documents) == 1
    assert set(defaults(outcome)) == VAT | told
    assert set(defaults(outcome).values()) == {1}


def test_what_the_account_says_of_vat_and_basis_counts(tmp_path: Path) -> None:
    """A price of 249 with 6 % VAT is one of 234.91; a net price has no discount to come off."""
    shop = tmp_path / "generic-csv"
    shop.mkdir()
    shared = ROOT / "mappings/_shared/money.yaml"
    mapping = (ROOT / "mappings/generic-csv/po_line.yaml").read_text(encoding="utf-8")
    (shop / "po_line.yaml").write_text(mapping.replace("../_shared/money.yaml", str(shared)), encoding="utf-8")
    (shop / "lookups").mkdir()
    for table in (ROOT / "mappings/generic-csv/lookups").glob("*.csv"):
        text = table.read_text(encoding="utf-8").replace("SEK;list;no;6", "SEK;net;yes;6")
        (shop / "lookups" / table.name).write_text(text, encoding="utf-8")
    outcome = run(tmp_path, str(shop), "a.csv", delimited({"Rabatt": "10"}))
    (line,) = outcome.documents
    assert (line["price"]["sum"], line.get("discount")) == ("234.91", None)
    assert line["fund_distribution"][0]["amount"]["sum"] == "469.82"
    emptied = (shop / "lookups/accounts.csv").read_text(encoding="utf-8").replace("net;yes;6", ";;")
    (shop / "lookups/accounts.csv").write_text(emptied, encoding="utf-8")
    held = run(tmp_path, str(shop), "b.csv", delimited({"Ordernr": "A-2"}))
    assert held.report["records"]["held"] == 1, "nobody says it: a person does"


def marc(*blocks: dict[str, str], leader: str = "00000nam a2200000 a 4500", title: str = "A lantern") -> bytes:
    """One record with order blocks, code → value."""
    made: Any = pymarc  # its fields are not typed
    record = made.Record(leader=leader)
    sub = made.Subfield
    record.add_field(
        made.Field("001", data="20417733"),
        made.Field("020", [" ", " "], [sub("a", "9789199999456")]),
        made.Field("245", ["1", "0"], [sub("a", title)]),
    )
    for block in blocks:
        said = {"k": "MAIN", "o": "2", "s": "14.99", "t": "MAIN-STACKS", "u": "ENGLIT", "z": "GBP", **block}
        record.add_field(made.Field("960", [" ", " "], [sub(c, v) for c, v in said.items() if v]))
    data: bytes = record.as_marc()
    return data


@pytest.mark.parametrize(
    ("block", "told"),
    [({}, set()), ({"z": ""}, {'"currency" said by level "global"'})],
)
def test_every_default_of_generic_marc_is_counted(
    tmp_path: Path, block: dict[str, str], told: set[str]
) -> None:
    outcome = run(tmp_path, "generic-marc", "a.mrc", marc(block))
    assert len(outcome.documents) == 1
    assert set(defaults(outcome)) == {'"with_vat" said by level "global"'} | told


def test_a_price_with_vat_in_marc_loses_it_where_the_parameter_says_so(tmp_path: Path) -> None:
    more = ("--param", "price_includes_vat=yes", "--param", "vat_percent=25")
    (line,) = run(tmp_path, "generic-marc", "a.mrc", marc({"s": "125.00"}), *more).documents
    assert (line["price"]["sum"], line["fund_distribution"][0]["amount"]["sum"]) == ("100.00", "200.00")
    unsaid = run(tmp_path / "b", "generic-marc", "a.mrc", marc({}), *more[:2])
    assert unsaid.documents == [], "no rate is no rate of 0"


@pytest.mark.parametrize(
    ("blocks", "copies", "told"),
    [
        (({}, {}), 4, True),
        (({}, {}, {"t": "MAIN-REF"}), 6, True),
        (({}, {"o": "1"}), 3, False),
        (({}, {"h": "Cover it"}), 4, False),
        (({},), 2, False),
    ],
)
def test_identical_order_fields_are_told(
    tmp_path: Path, blocks: tuple[dict[str, str], ...], copies: int, told: bool
) -> None:
    outcome = run(tmp_path, "generic-marc", "a.mrc", marc(*blocks))
    assert ("E446" in outcome.codes) is told
    assert sum(place["quantity"] for line in outcome.documents for place in line["location"]) == copies


@pytest.mark.parametrize("same", [True, False])
def test_an_order_field_twice_without_rows_is_told(tmp_path: Path, same: bool) -> None:
    """Once it counts; that it stands twice is not lost."""
    mapping = tmp_path / "m.yaml"
    text = (CASES / "E327-two-order-fields-without-rows/mapping.yaml").read_text(encoding="utf-8")
    mapping.write_text(text.replace("when:", "#"), encoding="utf-8")
    outcome = run(tmp_path, str(mapping), "input.mrk", marc({}, {} if same else {"o": "3"}))
    assert ("E446" in outcome.codes, "E327" in outcome.codes) == (same, not same)


@pytest.mark.parametrize(("status", "held"), [("d", 1), ("n", 0), ("c", 0), ("a", 0), (" ", 0)])
def test_a_record_marked_as_deleted_is_held(tmp_path: Path, status: str, held: int) -> None:
    outcome = run(tmp_path, "generic-marc", "a.mrc", marc({}, leader=f"00000{status}am a2200000 a 4500"))
    assert (outcome.report["records"].get("held", 0), "E447" in outcome.codes) == (held, bool(held))
