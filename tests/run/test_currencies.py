"""A currency that a cell names → sent, refused or held; never another one in its place."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest

from etl.problems import Refusal
from etl.run.outcomes import Built, Held, Outcome, Refused
from tests.plan.test_shapes import built, plan_of

FIELDS = """fields:
  owner: MAIN
  type: PRINTED_BOOK_OT
  vendor: ADLIBRIS
  vendor_account: ADLIBRIS-1
  resource_metadata: {title: Vindens öar}
"""
CELLS = {
    "249": set(),
    "249:-": set(),
    "249 kr": {"SEK", "NOK", "DKK", "ISK"},
    "kr 249,00": {"SEK", "NOK", "DKK", "ISK"},
    "SEK 249": {"SEK"},
    "249 sek": {"SEK"},
    "249 skr": {"SEK"},
    "€ 249": {"EUR"},
    "249 euro": {"EUR"},
    "249 NOK": {"NOK"},
    "$249": {"USD", "CAD", "AUD"},
    "US$ 249": {"USD"},
    "£249": {"GBP"},
    "249 zł": {"PLN"},
}
SENT = ("SEK", "EUR", "NOK", "USD", "GBP")
ROUTES = {
    "in the field": "  price: {{sum: \"{{{{ price | {amount} }}}}\", currency: {sent}}}\n",
    "by a let": "  price: {{sum: \"{{{{ one }}}}\", currency: {sent}}}\nlet:\n  one: \"{{{{ price | {amount} }}}}\"\n",
    "by two lets and arithmetic": (
        "  price: {{sum: \"{{{{ two }}}}\", currency: {sent}}}\n"
        "let:\n  one: \"{{{{ price | {amount} }}}}\"\n  two: \"{{{{ (one * 2) | net(discount=10) }}}}\"\n"
    ),
    "by a group": (
        "  price: \"{{{{ money }}}}\"\n"
        "let:\n  money: {{sum: \"{{{{ price | {amount} }}}}\", currency: {sent}}}\n"
    ),
    "by a choice": (
        "  price: {{sum: {{$first: [\"{{{{ none }}}}\", \"{{{{ price | {amount} }}}}\"]}}, currency: {sent}}}\n"
    ),
    "in a loop": (
        "  fund_distribution:\n    - $for: fund in ['A', 'B']\n      fund_code: \"{{{{ fund }}}}\"\n"
        "      amount: {{sum: \"{{{{ price | {amount} }}}}\", currency: {sent}}}\n"
    ),
}  # fmt: skip


def outcome(tmp_path: Path, text: str, **columns: str) -> Outcome:
    return built(plan_of(tmp_path, text, FIELDS), **columns)


def codes(found: Outcome) -> set[str]:
    if isinstance(found, Built):
        return set()
    return {problem.code for problem in found.problems}


@pytest.mark.parametrize(("route", "sent"), list(product(ROUTES, SENT)))
def test_what_is_sent_is_what_the_cell_says(tmp_path: Path, route: str, sent: str) -> None:
    plan = plan_of(tmp_path, ROUTES[route].format(amount="amount('sv')", sent=sent), FIELDS)
    for cell, means in CELLS.items():
        found = built(plan, price=cell)
        agrees = not means or sent in means
        assert isinstance(found, Built if agrees else Refused), (cell, found)
        assert codes(found) == (set() if agrees else {"E419"}), cell


@pytest.mark.parametrize("sent", SENT)
def test_what_the_mapping_means_is_what_the_cell_says(tmp_path: Path, sent: str) -> None:
    """Said to `amount`: also in a check, which has nothing sent beside it."""
    text = f"checks:\n  - {{if: \"{{{{ price | amount('sv', currency='{sent}') > 5000 }}}}\", hold: dear}}\n"
    plan = plan_of(tmp_path, text, FIELDS)
    for cell, means in CELLS.items():
        found = built(plan, price=cell)
        assert codes(found) == (set() if not means or sent in means else {"E419"}), cell


def test_a_check_does_not_compare_in_another_currency(tmp_path: Path) -> None:
    text = "checks:\n  - {if: \"{{ price | amount('sv') > 5000 }}\", hold: dear}\n"
    assert codes(outcome(tmp_path, text, price="EUR 300")) == {"E419"}
    assert codes(outcome(tmp_path, text, price="300 kr")) == set()
    priced = '  price: {sum: "{{ net }}", currency: EUR}\n' + text
    assert codes(outcome(tmp_path, priced, price="EUR 300", net="200")) == set()


@pytest.mark.parametrize(("valuta", "want"), [("EUR", Built), ("SEK", Held), ("", Built)])
def test_the_cell_and_the_column(tmp_path: Path, valuta: str, want: type) -> None:
    text = (
        '  price: {sum: "{{ price | amount(\'sv\') }}", currency: "{{ valuta or named }}"}\n'
        "let:\n  named: \"{{ price | currency(kr='SEK') }}\"\n"
    )
    found = outcome(tmp_path, text, price="EUR 19,90", valuta=valuta)
    assert isinstance(found, want)
    assert codes(found) == ({"E481"} if want is Held else set())
    if isinstance(found, Built):
        assert json.loads(found.payload)["price"]["currency"] == {"value": "EUR"}


def test_what_is_said_to_be_another_is_held(tmp_path: Path) -> None:
    text = "  price: {sum: \"{{ price | amount('sv', currency='NOK') }}\", currency: SEK}\n"
    assert codes(outcome(tmp_path, text, price="249 kr")) == {"E481"}
    assert codes(outcome(tmp_path, text, price="249")) == {"E481"}


def test_an_amount_that_is_not_sent_may_be_in_another(tmp_path: Path) -> None:
    text = (
        "  price: {sum: \"{{ price | amount('sv') }}\", currency: SEK}\n"
        "let:\n  list_price: \"{{ listed | amount('sv', currency='USD') }}\"\n"
        'checks:\n  - {if: "{{ list_price > 1000 }}", hold: dear}\n'
    )
    assert codes(outcome(tmp_path, text, price="249 kr", listed="22 USD")) == set()


def test_the_place_is_the_cell_and_the_filter(tmp_path: Path) -> None:
    found = outcome(tmp_path, ROUTES["by a let"].format(amount="amount", sent="SEK"), price="19,90 EUR")
    assert isinstance(found, Refused)
    [problem] = found.problems
    assert problem.data is not None
    assert problem.data.field == "price"
    assert problem.mapping is not None
    assert problem.mapping.path == "let.one"


def test_a_code_that_is_none_is_refused_when_the_mapping_loads(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="currency must be a code"):
        plan_of(tmp_path, "  price: {sum: \"{{ price | amount(currency='SKR') }}\", currency: SEK}\n", FIELDS)


CUTS = (
    "price | match('[0-9]+')",
    "price | replace(' EUR', '')",
    "price | replace_re('[^0-9]', '')",
    "price.split(' ')[0]",
    "price.removeprefix('ca ')[:3]",
    "price.split() | select('in', ['100']) | first",
    "(price | match('[0-9]+')) ~ '.00'",
    "row['price'] | match('[0-9]+')",
    "[row] | map(attribute='price') | map('match', '[0-9]+') | first",
)
READERS = ("", " | amount('sv')", " | amount", " | decimal", " | integer", " | round_amount", " | net(5)")
READERS += (" | amount(currency='SEK')",)


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("way", ["in the field", "by a let"])
def test_a_currency_cut_away_is_not_dropped(tmp_path: Path, cut: str, way: str) -> None:
    """Whatever takes the number out of the cell, and whatever reads it."""
    for reader, sent in product(READERS, ("SEK", "EUR")):
        if ".00" in cut and reader in (" | integer", " | amount('sv')"):
            continue  # no whole number, not Swedish
        text = f"({cut}){reader}"
        route = ROUTES[way].replace("price | {amount}", "{amount}").format(amount=text, sent=sent)
        found = outcome(tmp_path, route, price="100 EUR")
        agrees = sent == "EUR" and "SEK" not in reader
        assert codes(found) == (set() if agrees else {"E481" if sent == "EUR" else "E419"}), text
        assert codes(outcome(tmp_path, route, price="100")) <= {"E481"}, text


def test_what_other_cells_name_is_theirs(tmp_path: Path) -> None:
    text = (
        "  price: {sum: \"{{ price | match('[0-9]+') | amount }}\", currency: SEK}\n"
        "  vendor_note: \"{{ note }}\"\n"
    )
    assert codes(outcome(tmp_path, text, price="ca 100", note="100 EUR")) == set()
    named = "  price: {sum: \"{{ price | match('[0-9]+') }}\", currency: \"{{ price | match('[A-Z]{3}') }}\"}\n"
    assert codes(outcome(tmp_path, named, price="ca 100 EUR")) == set()
    beside = text.replace("price |", "(price ~ ' ' ~ note) |")
    assert codes(outcome(tmp_path, beside, price="ca 100 SEK", note="1000 EUR, 10 USD")) == set()
