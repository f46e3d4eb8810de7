"""A slip in a template → the help, which is taken when it is written in the place of what it speaks of."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from etl.plan.lookup_filter import lookup_filter
from etl.problems import MappingPlace, Refusal
from etl.registry import Registry
from etl.run.currencies import _dropped
from etl.slips.quoted import yaml_quoted
from etl.template.named_currencies import NamedCurrency
from tests.helps import ways
from tests.plan.test_compile import FIELDS, compiled, problems

TABLES = (
    "lookups:\n  forms: {key: form, rows: [{form: x, library: A, fund: C}]}\n"
    "  pairs: {key: [form, id], columns: [fund], rows: [{form: x, id: '1', fund: C}]}\n"
)
EXPRESSIONS = [
    ("'forms' | lookup(form)", "E215", "form | lookup('forms')"),
    ("form | lookup('for' ~ 'ms')", "E215", "form | lookup('forms')"),
    ("form | lookup(forms)", "E215", "form | lookup('forms')"),
    ("form | lookup(title)", "E215", None),
    ("form | lookup(table=forms)", "E215", "form | lookup(table='forms')"),
    ("form | lookup('forms' if id == '1' else 'forms')", "E215", None),
    ("form | trim | lookup(forms)", "E215", "form | trim | lookup('forms')"),
    ("(form or title) | lookup(forms, 'fund')", "E215", "(form or title) | lookup('forms', 'fund')"),
    ("form | lookup('forms', 'fu' ~ 'nd')", "E215", "form | lookup('forms', 'fund')"),
    ("form | lookup('forms', library)", "E215", "form | lookup('forms', 'library')"),
    ("form | lookup('forms', column=title)", "E215", None),
    ("[form, id] | lookup('pairs', form)", "E215", "[form, id] | lookup('pairs', 'form')"),
    ("[form] | map('lookup', forms) | first", "E215", "[form] | map('lookup', 'forms')"),
    ("lookup('forms', form)", "E213", "form | lookup('forms')"),
    ("lookup(form, 'forms')", "E213", "form | lookup('forms')"),
    ("lookup('forms', form, 'fund')", "E213", "form | lookup('forms', 'fund')"),
    ("lookup('pairs', [form, id], 'fund')", "E213", "[form, id] | lookup('pairs', 'fund')"),
    ("round(price | amount('sv'), 2)", "E213", None),
    ("ROUND(price, 2)", "E213", "price | round_amount(2)"),
    ("replace_re(title, 'a', 'b')", "E213", "title | replace_re('a', 'b')"),
    ("max(title, form)", "E213", "[title, form] | max"),
    ("len(title)", "E213", "title | length"),
    ("amount(price, locale='sv')", "E213", "price | amount(locale='sv')"),
    ("price | amount(sv)", "E221", "price | amount('sv')"),
    ("title | trim | replace_re(x, 'b')", "E221", "title | trim | replace_re('x', 'b')"),
    ("price | amount('SEK')", "E215", None),
    ("title | UPPER", "E213", None),
    ("title if title else", "E211", None),
    ("(title if title else)", "E211", None),
    ("title if price | amount('sv') > 1 000 else ''", "E211", None),
    ("title if price | amount('sv') > 12 345 678 else ''", "E211", None),
]


def note(expression: str) -> str:
    """A check that asks something of it: any type will do."""
    return FIELDS + f"checks:\n  - {{if: {yaml_quoted(f'{{{{ ({expression}) is not none }}}}')}, warn: seen}}\n"


@pytest.mark.parametrize(("slip", "code", "meant"), EXPRESSIONS)
def test_what_is_shown_is_taken(tmp_path: Path, slip: str, code: str, meant: str | None) -> None:
    text = note(slip) if slip[0] != "(" or slip.count("(") != 1 else note(slip[1:-1])
    said = problems(tmp_path, TABLES + text)
    assert [one.code for one in said] == [code], said
    [way, *_] = ways(said[0].help) if "write" in (said[0].help or "") else [""]
    if meant is not None:
        assert way == meant
    if "|" in way and "…" not in way and not way.startswith("|"):
        compiled(tmp_path, TABLES + note(way))


@pytest.mark.parametrize(
    ("slip", "way", "mended"),
    [("title if title else", "else ''", "title if title else ''"), ("price != 1 000", "1000", "price != '1000'"),
     ("price | amount('SEK')", "amount('sv', currency='SEK')", "price | amount('sv', currency='SEK')"),
     ("title | UPPER", 'did you mean "upper"?', "title | upper"), ("title | ISBN13", 'did you mean "isbn13"?', "title | isbn13")],
)  # fmt: skip
def test_a_part_is_told(tmp_path: Path, slip: str, way: str, mended: str) -> None:
    [problem] = problems(tmp_path, note(slip))
    assert way in (problem.help or "")
    compiled(tmp_path, note(mended))


def test_a_name_that_no_filter_takes_as_a_text_gets_no_quotes(tmp_path: Path) -> None:
    [problem] = problems(tmp_path, note("price | amount(zz)"))
    assert "quotes" not in (problem.help or "")


def test_the_lookup_filter_names_its_tables() -> None:
    assert lookup_filter({}, date(2024, 3, 11), ["broken"]).tables == {"broken": ()}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("written", "meant"),
    [("CSV", "csv"), ("Csv", "csv"), ("excel", "csv"), ("XLSX", "csv"), ("xls", "csv"), ("tsv", "csv"), ("txt", "csv"), ("MARC", "marc"),
     ("marc21", "marc"), ("marcxml", "marc"), ("mrc", "marc"), ("EDI", "edifact"), ("EANCOM", "edifact"), ("Adlibris", "adlibris")],
)  # fmt: skip
def test_a_format_leads_to_its_connector(written: str, meant: str) -> None:
    with pytest.raises(Refusal) as refusal:
        Registry.installed().get("connectors", written)
    [problem] = refusal.value.problems
    assert (problem.help or "").startswith(f'did you mean "{meant}"?')


@pytest.mark.parametrize("mark", ["//", "// ", "/* ", "<!-- ", "-- ", "; ", "REM "])
@pytest.mark.parametrize("before", ["fields:", "  owner: MAIN", "  resource_metadata:"])
def test_a_remark_of_another_language_is_shown_ours(tmp_path: Path, mark: str, before: str) -> None:
    remark = f"{mark}what follows"
    indent = before[: len(before) - len(before.lstrip())]
    [problem] = problems(tmp_path, FIELDS.replace(before, f"{indent}{remark}\n{before}", 1))
    assert problem.code == "E101"
    [way] = ways(problem.help)
    assert way == "# what follows"
    compiled(tmp_path, FIELDS.replace(before, f"{indent}{way}\n{before}", 1))


@pytest.mark.parametrize("given", [r"'\s+', ' '", r"'\d', 'x'", r"'it\S', ''"])
def test_a_backslash_is_shown_in_the_quotes_that_take_it(tmp_path: Path, given: str) -> None:
    [problem] = problems(tmp_path, FIELDS + f'  vendor_note: "{{{{ title | replace_re({given}) }}}}"\n')
    assert problem.code == "E101"
    way = (problem.help or "").removeprefix("write single quotes:  ")
    compiled(tmp_path, FIELDS + f"  vendor_note: {way}\n")


def test_the_pound_is_no_dollar(tmp_path: Path) -> None:
    """A help that is pasted names one currency."""
    place = MappingPlace("m.yaml", 1)
    for text, codes in (("£", {"GBP", "EGP", "LBP", "SYP", "SDG", "FKP"}), ("kr", {"SEK", "NOK", "DKK", "ISK"})):
        named = NamedCurrency(place, (), text, frozenset(codes), False)
        told = _dropped(named, set())
        assert "dollar" not in told.message
        assert re.search(r"currency='[A-Z]{3}'", told.help or "")
