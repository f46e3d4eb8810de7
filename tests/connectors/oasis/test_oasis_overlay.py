"""The nightly brief MARC beside an order file → what the order lines lack."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oasis_files import BRIEF, Fields, Reading, answer, marc, order, read, refusal, without

from etl.plugin import Severity
from etl.values.isbn import isbn_key

BARE = [
    ("001", "20417733"),
    ("020", "  $a91-9999901-3"),
    ("245", "00$aLANTERN FOR THE ARCHIPELAGO"),
    ("960", "  $o1"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "brief").mkdir()
    return tmp_path


def read_with(folder: Path, orders: bytes, overlay: bytes | None, **options: object) -> Reading:
    (folder / "orders").write_bytes(orders)
    if overlay is not None:
        (folder / "brief" / "2024-03-11.mrc").write_bytes(overlay)
    return read(folder / "orders", overlay={"path": "brief/*.mrc", **options})


def test_it_fills_what_is_empty_and_leaves_what_is_said(folder: Path) -> None:
    found = read_with(folder, marc(BARE), marc(BRIEF))
    row = found.row
    assert row["title"] == "LANTERN FOR THE ARCHIPELAGO"
    assert (row["author"], row["publisher"], row["year"]) == ("Öberg, Åsa", "Northern Light Press", "2008")
    assert row["quantity"] == 1, "of the order, never of the overlay"
    assert row["system_numbers"] == ["(OCoLC)183148220"]
    assert "2024-03-11.mrc" in row["raw"]["overlay"]
    assert "author" in row["raw"]["overlay"]
    assert found.codes() == []


def test_matched_by_isbn_of_ten_or_thirteen_digits_or_by_control_number(folder: Path) -> None:
    other_number = [("001", "999"), *without(BRIEF, "001")]
    assert read_with(folder, marc(BARE), marc(other_number)).row["author"] == "Öberg, Åsa"
    other_isbn = [*without(BRIEF, "020"), ("020", "  $a9789199999029")]
    assert read_with(folder, marc(BARE), marc(other_isbn)).row["author"] == "Öberg, Åsa"
    strict = read_with(folder, marc(BARE), marc(other_isbn), match=["isbn"])
    assert strict.row["author"] is None
    assert strict.codes() == ["E391", "E392"]


def test_isbn_goes_first(folder: Path) -> None:
    by_isbn = [("001", "1"), *[(t, x.replace("Öberg", "Isbn")) for t, x in without(BRIEF, "001")]]
    by_number = [*without(BRIEF, "020"), ("020", "  $a9789199999029")]
    assert read_with(folder, marc(BARE), marc(by_number, by_isbn)).row["author"] == "Isbn, Åsa"
    turned = read_with(folder, marc(BARE), marc(by_number, by_isbn), match=["control_number", "isbn"])
    assert turned.row["author"] == "Öberg, Åsa"


def test_an_answer_becomes_an_order_line_with_it(folder: Path) -> None:
    found = read_with(folder, answer(request={"Quantity": "2"}), marc(BRIEF))
    assert (found.row["title"], found.row["isbn"]) == ("A lantern for the archipelago", "9789199999012")
    assert found.row["quantity"] == 2


def test_csv_and_json_are_filled_too(folder: Path) -> None:
    bare = order(author=None, publisher=None)
    assert read_with(folder, bare, marc(BRIEF)).row["author"] == "Öberg, Åsa"
    csv = (
        b"order_number,customer_account,checkout_type,order_date,isbn,title,format,quantity\n"
        b"O1,K,firm,2024-03-11,9199999013,,P,1\n"
    )
    assert read_with(folder, csv, marc(BRIEF)).row["title"] == "A lantern for the archipelago"


def test_what_matches_nothing_is_counted_on_both_sides(folder: Path) -> None:
    orders = b"\n".join([order(), order(isbn="9789199999036"), order(isbn="9789199999043")])
    overlay = marc(BRIEF, [("001", "8"), ("020", "  $a9789199999098"), ("245", "00$aElse")])
    found = read_with(folder, orders, overlay)
    messages = {note.code: note.message for note in found.notes}
    assert messages["E391"].startswith("2 of 3 order lines have no record in the overlay")
    assert "record 2, record 3" in messages["E391"]
    assert messages["E392"].startswith("1 of 2 overlay records")


def test_a_record_sent_again_counts_as_it_came_last(folder: Path) -> None:
    mended = [(tag, text.replace("Öberg", "Ödberg")) for tag, text in BRIEF]
    assert read_with(folder, marc(BARE), marc(BRIEF, mended)).row["author"] == "Ödberg, Åsa"


def test_damage_to_the_overlay_is_told_and_costs_no_order(folder: Path) -> None:
    found = read_with(folder, marc(BARE), marc(BRIEF)[:-30] + b"\x1d" + marc(BRIEF))
    assert found.row["author"] == "Öberg, Åsa"
    assert "E393" in found.codes()


@pytest.mark.parametrize(
    "overlay", [None, b"", b"<html>log in</html>", b"a;b\n1;2\n"], ids=["none", "empty", "login", "csv"]
)
def test_no_overlay_is_a_warning_or_a_refusal(folder: Path, overlay: bytes | None) -> None:
    found = read_with(folder, marc(BARE), overlay)
    assert found.row["author"] is None
    assert found.codes() == ["E390", "E391"]
    problem = refusal(folder / "orders", overlay={"path": "brief/*.mrc", "missing": "refuse"})
    assert problem.code == "E390"


def test_a_line_whose_title_nobody_knows_is_rejected(folder: Path) -> None:
    found = read_with(folder, marc(without(BARE, "245")), marc(BRIEF))
    assert found.row["title"] == "A lantern for the archipelago"
    lost = read_with(folder, marc([("001", "5"), ("960", "  $o1")]), marc(BRIEF))
    assert [problem.code for problem in lost.why] == ["E355"]


OTHER_ISBN = ("020", "  $a9789199999029")
OTHER_TITLE = ("245", "00$aBLUE HERON")


def _brief(*fields: tuple[str, str], number: str = "20417733") -> Fields:
    """Its own fields in place of the same of BRIEF."""
    own = {tag for tag, _ in fields}
    return [("001", number), *fields, *(one for one in BRIEF if one[0] not in {"001", *own})]


def _asked(**changes: object) -> bytes:
    return answer(request={"ISBN": "9789199999012", "Quantity": "2", **changes})


@pytest.mark.parametrize(
    ("orders", "overlay", "codes"),
    [
        (_asked(), [_brief()], []),
        (_asked(), [_brief(OTHER_ISBN)], ["E422"]),
        (_asked(), [_brief(OTHER_ISBN, ("020", "  $z9789199999012"))], []),
        (_asked(), [_brief(("020", "  $aOASIS 1"))], []),
        (_asked(ISBN=None), [_brief(OTHER_ISBN, OTHER_TITLE)], []),
        (_asked(ISBN=None), [_brief(), _brief()], []),
        (_asked(ISBN=None), [_brief(OTHER_ISBN), _brief()], ["E441"]),
        (_asked(ISBN=None), [_brief(), _brief(OTHER_ISBN)], ["E441"]),
        (_asked(), [_brief(), _brief(OTHER_ISBN)], []),
        (order(order_number="20417733"), [_brief(OTHER_ISBN)], ["E422"]),
        (order(order_number="20417733"), [_brief(OTHER_TITLE)], ["E422"]),
        (order(format="E"), [_brief(("007", "ta"))], ["E422"]),
        (order(format="P"), [_brief(("007", "cr |||||"))], ["E422"]),
        (order(format="P"), [_brief(("007", "ta"))], []),
        (marc(BARE), [_brief(OTHER_ISBN, OTHER_TITLE)], ["E422", "E422"]),
        (marc(BARE), [_brief(OTHER_TITLE, number="1"), _brief(number="1")], []),
    ],
)
def test_a_record_of_another_title_under_the_lines_number(
    folder: Path, orders: bytes, overlay: list[Fields], codes: list[str]
) -> None:
    found = read_with(folder, orders, marc(*overlay))
    holds = [note for note in found.notes if note.severity is Severity.HOLD]
    assert [note.code for note in holds] == codes
    assert {(note.data.record, note.data.field) for note in holds if note.data} <= {(1, "overlay")}
    assert found.row["title"], "what is held shows what the overlay says"


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_records_under_one_number_the_one_of_the_line_counts(folder: Path, turned: bool) -> None:
    other = _brief(OTHER_ISBN, ("100", "1 $aAnnan, Ann"))
    records = [_brief(), other] if turned else [other, _brief()]
    found = read_with(folder, _asked(), marc(*records), match=["control_number"])
    assert found.row["author"] == "Öberg, Åsa"


def test_the_work_for_many_records_of_one_number_is_bounded(folder: Path) -> None:
    many = [_brief(("245", f"00$aTITLE{number:05}"), ("020", "  $aX")) for number in range(400)]
    begun = time.process_time()
    found = read_with(folder, b"\n".join([_asked(ISBN=None)] * 400), marc(*many))
    assert time.process_time() - begun < 20
    assert [note.code for note in found.notes].count("E441") == 400


@given(st.integers(0, 999_999_999))
def test_isbn_10_and_13_of_one_book_have_one_key(number: int) -> None:
    nine = f"{number:09}"
    ten = sum((10 - index) * int(digit) for index, digit in enumerate(nine))
    check = "0123456789X"[-ten % 11]
    key = isbn_key(f"{nine[:2]}-{nine[2:]}-{check} (pbk.)")
    assert key is not None
    assert key.startswith("978" + nine)
    assert sum(int(digit) * (1, 3)[index % 2] for index, digit in enumerate(key)) % 10 == 0
    assert isbn_key(key + " :") == key


@pytest.mark.parametrize("text", [None, "", "BTJ 2405117", "12345", "91999990134444", "£8.99"])
def test_what_is_no_isbn_has_no_key(text: str | None) -> None:
    assert isbn_key(text) is None
