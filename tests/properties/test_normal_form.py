"""Two keys, codes or references that look the same are the same, in the run and in what is sent."""

from __future__ import annotations

import unicodedata
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.documents.leaves import Reference
from etl.documents.outline import Node, outline
from etl.documents.po_line import PoLine
from etl.documents.purchase_request import PurchaseRequest
from etl.documents.targets import PoLineTarget
from etl.lookups.index import normal_key
from etl.normal_form import normal_form
from etl.plan.compile import compile_plan
from etl.registry import Registry
from etl.run.build import Builder
from etl.run.outcomes import SourceRow
from etl.spec.load import load

INK = st.text(st.sampled_from("Aa1ÅåßéÉ07.:/_"), min_size=1, max_size=5)
DASHES = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Pd"] + ["\u2212"]
BLANKS = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Zs"] + ["\t", "\n"]
UNSEEN = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Cf" and code in
          {0xAD, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF}]  # fmt: skip


@st.composite
def spelt(draw: st.DrawFn) -> tuple[str, str]:
    """A code, and another spelling of it that looks the same."""
    plain, other = draw(INK), ""
    for _ in range(draw(st.integers(0, 3))):
        plain += draw(st.sampled_from("- ")) + draw(INK)
    for sign in plain:
        many = st.lists(st.sampled_from(BLANKS), min_size=1, max_size=3).map("".join)
        sign = draw({"-": st.sampled_from(DASHES), " ": many}.get(sign, st.just(sign)))
        other += sign + draw(st.sampled_from(["", "", *UNSEEN]))
    around = st.lists(st.sampled_from(BLANKS + UNSEEN), max_size=2).map("".join)
    form = draw(st.sampled_from(["NFC", "NFD"]))
    return plain, draw(around) + unicodedata.normalize(form, other) + draw(around)  # type: ignore[arg-type]


@given(spelt())
def test_what_looks_the_same_is_the_same(pair: tuple[str, str]) -> None:
    plain, other = pair
    assert normal_form(plain) == plain
    assert normal_form(other) == plain
    assert normal_key((other,), False) == normal_key((plain,), False)


@given(st.text(), st.text())
def test_a_normal_form_is_its_own(one: str, other: str) -> None:
    assert normal_form(normal_form(one)) == normal_form(one)
    if normal_form(one) != normal_form(other):
        assert one != other


@given(st.text(st.characters(categories=["L", "N", "Pc", "Po", "Ps", "Pe", "S"]), max_size=20))
def test_what_has_ink_stays(text: str) -> None:
    """But for letters that Unicode itself calls the same, the fillers, and dashes."""
    kept = "".join(sign for sign in text if sign not in "\u2212\u2043\u115f\u1160\u3164\uffa0")
    assert normal_form(text) == unicodedata.normalize("NFC", kept)


@pytest.mark.parametrize(
    ("one", "other"), [("a", "A"), ("01", "1"), ("A-1", "A1"), ("A 1", "A1"), ("O", "0")]
)
def test_what_counts_counts(one: str, other: str) -> None:
    assert normal_form(one) != normal_form(other)


def _named(nodes: tuple[Node, ...], path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Paths of all codes and references that take a value."""
    found = []
    for node in nodes:
        here = (*path, node.name)
        if node.model:
            found += _named(outline(node.model), here)
        elif node.leaf and not node.leaf.output_only and not node.leaf.choices:
            reference = node.leaf.kind == "text" and get_args(Reference)[1:] == get_args(node.type)[1:]
            found += [here] if node.leaf.kind == "code" or reference else []
    return found


def test_codes_of_both_documents_are_known() -> None:
    lines, requests = (_named(outline(model)) for model in (PoLine, PurchaseRequest))
    assert ("location", "library") in lines
    assert ("vendor_account",) in requests
    assert len(lines) > 20


def test_what_is_sent_is_counted() -> None:
    values: dict[str, Any] = {
        "owner": " MAIN\u200b",
        "type": {"value": "PRINTED_BOOK_OT "},
        "vendor_reference_number": "A\u20111",
        "price": {"sum": "1.00", "currency": "SEK\u00a0"},
        "resource_metadata": {"title": "En \u2013 titel", "system_control_number": ["(SE-LIBR) 1", "x  y"]},
        "location": [{"quantity": 1, "library": "A  B"}, {"quantity": 1, "library": "A B"}],
    }
    respelt: Counter[str] = Counter()
    document = PoLineTarget().build(values, respelt)
    assert not isinstance(document, list), document
    sent = PoLineTarget().payload(document, "json-line").decode()
    for code in ('"MAIN"', '"PRINTED_BOOK_OT"', '"A-1"', '"SEK"', '"x y"', '"A B"', '"En \u2013 titel"'):
        assert code in sent, sent
    assert respelt == Counter(
        owner=1, type=1, vendor_reference_number=1, currency=1, system_control_number=1, library=1
    )
    assert PoLineTarget().build(values) == document


def test_a_file_in_another_spelling_makes_the_same_groups(tmp_path: Path) -> None:
    """Grouped by order number: two spellings of one are one order."""
    (tmp_path / "m.yaml").write_text(
        "version: 1\nname: m\ntarget: po_line\nsource: {connector: csv, path: x.csv}\nkey: order\n"
        "group_by: order\nfields:\n  owner: MAIN\n  type: PRINTED_BOOK_OT\n"
        "  resource_metadata: {title: T}\n",
        encoding="utf-8",
    )
    builder = Builder(
        compile_plan(load(str(tmp_path / "m.yaml")), Registry.installed(), run_date=date(2024, 3, 11))
    )
    rows = [SourceRow({"order": order}, "x.csv", 1, 2) for order in ("A-1", " A\u20101", "A\u200b-1", "A-2")]
    first, second, third, other = (builder.group(row) for row in rows)
    assert first == second == third != other
