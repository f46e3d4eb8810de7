"""What a cell says beside a number that a mapping cuts out of it: units, VAT and bases wait, unless the author wrote them."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.plan.plan import Plan
from etl.run.outcomes import Built, Held
from etl.values.counting_words import words_beside
from tests.plan.test_shapes import built, plan_of

FIELDS = """fields:
  owner: MAIN
  type: PRINTED_BOOK_OT
  vendor: ADLIBRIS
  vendor_account: ADLIBRIS-1
  resource_metadata: {title: Vindens öar}
"""
CUTS = ("| match('[0-9]+')", "| replace_re('[^0-9]', '')", ".split(' ')[0]", "[:1]")
COPIES = '  location: [{{library: MAIN, shelving_location: A, quantity: "{{{{ {cut} }}}}"}}]\n'
PRICE = "  price: {{sum: \"{{{{ {cut} | match('[0-9]+(?:[.,][0-9]+)?') | amount('sv') }}}}\", currency: SEK}}\n"
SEVERAL = ("2 dussin", "2 dozen", "2 DZN", "2 set", "2 sets", "2 förp.", "2 klassuppsättningar", "2 gross", "2 tjog")
ONE = ("2", "2 ex", "2 st", "2 st.", "2 exemplar", "2 pcs", "2 copies", "2 till Barn")
NOT_PLAIN = {
    "19,90/st exkl moms": "exkl",
    "19,90 kr inkl. moms": "inkl",
    "19,90 excl. VAT": "excl",
    "19,90 + moms": "+ moms",
    "19,90 ex moms": "ex moms",
    "19,90 netto": "netto",
    "19,90 kr per 10": "per 10",
    "19,90 kr/10 st": "/10",
    "19,90/100 st": "/100",
    "19,90 kr/dussin": "dussin",
    "inkl moms: 19,90": "inkl",
}
PLAIN = ("19,90", "19,90 kr/st", "ca 19,90 kr", "19,90 kr per 1 st", "19,90 SEK", "pris 19,90")


def codes(plan: Plan, **columns: str) -> set[str]:
    found = built(plan, **columns)
    assert isinstance(found, Built | Held), found
    return set() if isinstance(found, Built) else {problem.code for problem in found.problems}


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("reader", ["", " | integer"])
def test_copies_that_the_cell_does_not_count_wait(tmp_path: Path, cut: str, reader: str) -> None:
    """Whatever cuts the number out, and whether or not anything reads it before it is sent."""
    plan = plan_of(tmp_path, COPIES.format(cut=f"(copies {cut}){reader}" if reader else f"copies {cut}"), FIELDS)
    for cell in SEVERAL:
        assert codes(plan, copies=cell) == {"E427"}, cell
    for cell in ONE:
        assert codes(plan, copies=cell) == set(), cell


def test_prices_that_are_of_something_else_wait(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, PRICE.format(cut="price"), FIELDS)
    for cell, word in NOT_PLAIN.items():
        found = built(plan, price=cell)
        assert isinstance(found, Held), cell
        [problem] = found.problems
        assert problem.code == "E427", cell
        assert f'"{word}"' in problem.message, cell
        assert problem.data is not None
        assert problem.data.field == "price"
    for cell in PLAIN:
        assert codes(plan, price=cell) == set(), cell


@pytest.mark.parametrize(
    ("text", "cell", "told"),
    [
        (PRICE.format(cut="price | replace_re('exkl moms', '')"), {"price": "19,90 exkl moms"}, False),
        (PRICE.format(cut="price | replace_re('exkl moms', '')"), {"price": "19,90 inkl moms"}, True),
        (PRICE.format(cut="price") + "checks: [{if: \"{{ 'inkl' in price }}\", warn: x}]\n", {"price": "1 inkl"}, False),
        (COPIES.format(cut="copies | replace(' set', '')"), {"copies": "2 set"}, False),
        (COPIES.format(cut="copies | replace(' dussin', '')"), {"copies": "2 dussin"}, True),
        (
            COPIES.format(cut="(copies | match('[0-9]+') | integer) * (12 if 'dussin' in copies else 1)"),
            {"copies": "2 dussin"},
            False,
        ),
    ],
)
def test_what_the_author_wrote_is_known(tmp_path: Path, text: str, cell: dict[str, str], told: bool) -> None:
    found = built(plan_of(tmp_path, text, FIELDS), **cell)
    assert (isinstance(found, Held) and found.problems[0].code == "E427") == told
    assert told or isinstance(found, Built)


def test_a_column_may_be_declared(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, PRICE.format(cut="price"), FIELDS)
    plan.spec.model.source.ignore["price"] = "always without VAT, by agreement"
    assert codes(plan, price="19,90 exkl moms") == set()


def test_one_cell_is_told_once(tmp_path: Path) -> None:
    text = PRICE.format(cut="price") + "  vendor_note: \"{{ price | match('[0-9]+') | integer }}\"\n"
    found = built(plan_of(tmp_path, text, FIELDS), price="19,90 exkl moms")
    assert isinstance(found, Held)
    assert [problem.code for problem in found.problems] == ["E427"]


@pytest.mark.parametrize(
    ("number", "text"), [("25", "Moms 25 %"), ("25", "inkl 25 % moms"), ("4711", "4711/2024"), ("3", "3 (7 par)")]
)
def test_a_rate_and_a_reference_are_no_prices(number: str, text: str) -> None:
    assert words_beside(number, text) == []
