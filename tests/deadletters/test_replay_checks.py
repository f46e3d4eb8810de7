"""What a spreadsheet program or a slip makes of a cell → refused or said, before anything is sent."""

from __future__ import annotations

import csv
import io
import json

import pytest
from alma_shop import Shop, order
from edited_sheets import edit_csv, letters, replay, right

from etl.simulator import FaultPlan


def with_cell(shop: Shop, **cells: str) -> tuple[int, str]:
    """O-3 alone (one copy for 2000.00), with these cells, by heading."""

    def change(row: dict[str, str]) -> None:
        row["Send? (yes)"] = "yes" if row["Order"] == "O-3" else "no"
        if row["Order"] == "O-3":
            row.update({name.replace("_", " "): value for name, value in cells.items()})

    letters(shop, "d.csv")
    edit_csv(shop.folder / "d.csv", change)
    return replay(shop, "d.csv")


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"Price": "1,249", "Fund_amount": "1,249"}, 'Price "1.249" has more decimals than its currency'),
        ({"Price": "2,000"}, 'if the mark stands before thousands, write "2000"'),
        ({"Price": "1.249", "Fund_amount": "1.249"}, "more decimals than its currency"),
        ({"Price": "-5", "Fund_amount": "-5"}, 'Price "-5" is less than nothing'),
        ({"Price": "-5,50"}, "less than nothing"),
        ({"Copies": "-1"}, "less than nothing"),
        ({"Copies": "2"}, "but 2 are ordered"),
        ({"Price": "100"}, "the funds pay 2000.00 SEK, but the line costs 100.00 SEK"),
        ({"Owning_library": "hbg"}, 'did you mean "HBG"? Capitals count'),
    ],
)  # fmt: skip
def test_what_nobody_means_is_refused(shop: Shop, cells: dict[str, str], words: str) -> None:
    code, said = with_cell(shop, **cells)
    assert code == 2
    assert "error[E856]" in said
    assert words in said
    assert shop.references() == ["O-1"]


def test_an_account_that_lost_its_zeros(shop: Shop) -> None:
    text = (shop.folder / "m.yaml").read_text(encoding="utf-8")
    text = text.replace("vendor_account: ADLIBRIS", 'vendor_account: "01234000"')
    (shop.folder / "m.yaml").write_text(text, encoding="utf-8")
    shop.etl("run", "m.yaml")
    code, said = with_cell(shop, Vendor_account="1234000")
    assert code == 2
    assert 'Vendor account has lost its zeros, "01234000" is now "1234000"' in said
    assert with_cell(shop, Vendor_account="01234001")[0] == 0


def test_an_order_that_alma_would_park_is_said_before_it_is_sent(shop: Shop) -> None:
    code, said = with_cell(shop, Fund="bocker")
    assert code == 0, said
    before = said.split("1 posted")[0]
    assert 'warning[E846] O-3: "bocker" is not a fund that can be used now' in before
    assert 'did you mean "BOCKER"? Capitals count' in before
    assert "d.csv" in before


def test_what_did_not_add_up_before_is_no_fault_of_the_edit(shop: Shop) -> None:
    text = (shop.folder / "m.yaml").read_text(encoding="utf-8")
    text = text.replace('amount: {sum: "{{ price }}"', "amount: {sum: '1.00'")
    (shop.folder / "m.yaml").write_text(text, encoding="utf-8")
    shop.orders(order(1), order(2, note="fel"), order(3, price="2000.00"))
    shop.etl("run", "m.yaml")
    code, said = with_cell(shop, Title="Rättad")
    assert code == 0, said
    assert "warning[E534] O-3: " in said


def test_a_price_of_many_decimals_may_stay(shop: Shop) -> None:
    shop.orders(order(1), order(2, note="fel"), order(3, price="2000.1250"))
    shop.etl("run", "m.yaml")
    code, said = with_cell(shop, Price="2000,125", Fund_amount="2000,125")
    assert code == 0, said
    assert "sent again from the sheet, unchanged" in said


def test_a_sheet_outlives_the_same_refusal(shop: Shop) -> None:
    """Each run of the file posts a refused order again, and is refused again."""
    letters(shop, "d.csv")
    edit_csv(shop.folder / "d.csv", right)
    assert shop.etl("run", "m.yaml")[0] == 1
    code, said = replay(shop, "d.csv")
    assert code == 0, said
    assert shop.references() == ["O-1", "O-2", "O-3"]


def test_a_sheet_does_not_outlive_another_payload(shop: Shop) -> None:
    """E857."""
    letters(shop, "d.csv")
    edit_csv(shop.folder / "d.csv", right)
    shop.orders(order(1), order(2, note="fel", price="99.00"), order(3, price="2000.00"))
    shop.etl("run", "m.yaml")
    code, said = replay(shop, "d.csv")
    assert (code, shop.references()) == (2, ["O-1"])
    assert "error[E857]" in said


def test_what_was_sent_from_the_report_does_not_come_back(shop: Shop) -> None:
    letters(shop, "d.csv")
    edit_csv(shop.folder / "d.csv", right)
    assert replay(shop, "d.csv")[0] == 0
    assert "d.csv: 0 orders" in letters(shop, "d.csv")


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"Price": "tolv"}, 'Pris: "tolv"'),
        ({"Price": "1,249", "Fund_amount": "1,249"}, 'Pris "1.249" har fler decimaler än valutan'),
        ({"Vendor": ""}, 'Leverantör är tom, där stod "ADLIBRIS"'),
        ({"ISBN": "9.78919E+12"}, "är inget ISBN: formatera kolumnen som text"),
    ],
)
def test_a_swedish_desk_is_told_in_swedish(shop: Shop, cells: dict[str, str], words: str) -> None:
    text = (shop.folder / "m.yaml").read_text(encoding="utf-8")
    (shop.folder / "m.yaml").write_text(
        text.replace("timeout: 5,", "timeout: 5, language: sv,"), encoding="utf-8"
    )
    code, said = with_cell(shop, **cells)
    assert code == 2
    assert words in said
    assert "rätta raden; inget ur listan skickades" in said


def rows_of(shop: Shop, *words: str) -> list[dict[str, str]]:
    letters(shop, "r.csv", *words)
    text = (shop.folder / "r.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_every_bad_row_is_shown_once(shop: Shop) -> None:
    shop.orders(*(order(number, price="2000.00") for number in range(3, 9)))
    shop.etl("run", "m.yaml")
    letters(shop, "d.csv")
    edit_csv(shop.folder / "d.csv", lambda row: row.update({"ISBN": f"{row['Order']}?"}))
    code, said = replay(shop, "d.csv")
    assert code == 2
    for number in range(2, 9):
        assert said.count(f'"O{number}?" is no ISBN') == 1, said
    assert "more like it" not in said
    code, out, _ = shop.etl("ledger", "replay", "d.csv", "--mapping", "m.yaml", "--format", "json")
    assert (code, len(json.loads(out)["problems"][0]["examples"])) == (2, 7)


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("en", ("ID in the ledger", "Place in the file", "Order", "ISBN", "Title", "Vendor", "Cause", "Send? (yes)")),
        ("sv", ("ID i liggaren", "Plats i filen", "Beställning", "ISBN", "Titel", "Leverantör", "Orsak", "Skicka? (ja)")),
    ],
)
def test_each_row_says_its_id_its_place_and_what_it_is_about(
    shop: Shop, language: str, names: tuple[str, ...]
) -> None:
    """Also one that made no order; what stands there is only to be read, and the row cannot be sent."""
    number, place, key, isbn, title, vendor, cause, send = names
    shop.orders(order(3, price="2000.00"), order(5, shelf="X"), order(6, shelf="X"))
    shop.etl("run", "m.yaml")
    found = {row[key]: row for row in rows_of(shop, "--language", language)}
    assert set(found) == {"O-2", "O-3", "O-5", "O-6"}
    listed = {row["key"]: row for row in json.loads(shop.etl("ledger", "list", "--format", "json")[1])}
    for name, row in found.items():
        about = order(int(name[2:])).split(",")
        assert (row[number], row[place]) == (str(listed[name]["id"]), listed[name]["place"])
        assert (row[isbn], row[title]) == (about[2], about[1])
    assert found["O-5"][place].startswith("orders.csv:3")
    assert found["O-5"][vendor] == "ADLIBRIS"
    assert found["O-5"][cause] == found["O-6"][cause]
    edit_csv(
        shop.folder / "r.csv", lambda row: row.update({send: "ja" if row[key] == "O-5" else "", title: "x"}), send
    )
    code, said = replay(shop, "r.csv", "--language", language)
    assert (code, said.count("error[E856]")) == (2, 1)
    assert ("Suggested fix" if language == "en" else "Förslag till åtgärd") in said


def test_unknown_orders_are_said_beside_the_sheet(shop: Shop) -> None:
    assert "unknown" not in letters(shop, "a.csv")
    shop.orders(order(7))
    shop.simulator.faults.plan = FaultPlan(1, 1.0, ("cut-before",), ("POST",))
    shop.etl("run", "m.yaml")
    waits = json.loads(shop.etl("ledger", "list", "--state", "unknown", "--format", "json")[1])
    said = letters(shop, "b.csv")
    assert len(waits) == 1
    assert "1 order is unknown and not in the sheet: etl ledger resolve" in said
