"""A row that a table does not have → the record is held for it, whatever the mapping goes on to do with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.run.outcomes import Held, Refused
from tests.plan.test_shapes import FIELDS, built, plan_of

TABLE = """lookups:
  shops: {key: name, on_missing: ON, columns: {vat: percent, code: text, per: integer},
          rows: [{name: A, vat: "6", code: a, per: "2"}]}
let:
  shop: "{{ x | lookup('shops') }}"
"""
USES = {
    "vat": "{{ '10' | minus_vat(shop.vat) | string }}",
    "vat by name": "{{ '10' | plus_vat(rate=shop.vat) | string }}",
    "discount": "{{ '10' | net(shop.vat) | string }}",
    "product": "{{ (3 * shop.per) | string }}",
    "sign": "{{ (-shop.per) | string }}",
    "order": "{{ 'many' if shop.per > 3 else 'few' }}",
    "maximum": "{{ [3, shop.per] | sort | first | string }}",
    "method": "{{ shop.code.strip() }}",
    "text": "{{ shop.code }}-1",
    "width": "{{ '1' | pad_left(shop.per) }}",
    "weights": "{{ (10 | share_out([1, shop.per], ['a', 'b']))[0].name }}",
    "at once": "{{ (3 * (x | lookup('shops', 'per')) + shop.per) | string }}",
}
NAMED = {
    "straight": ("", "{}"),
    "by a let": ('  said: "{}"\n', "{{{{ said }}}}"),
    "in a loop": ('  all: [{{$for: "one in [shop]", $value: "{}"}}]\n', "{{{{ all | join }}}}"),
}


def outcome_of(folder: Path, on: str, use: str, named: str) -> Held | Refused:
    let, value = (one.format(USES[use]) for one in NAMED[named])
    fields = FIELDS + f'  vendor_note: "{value}"\n'
    outcome = built(plan_of(folder, TABLE.replace("ON", on) + let, fields), x="B")
    assert isinstance(outcome, Held | Refused)
    return outcome


@pytest.mark.parametrize("named", NAMED)
@pytest.mark.parametrize("use", USES)
def test_the_row_is_the_reason(tmp_path: Path, use: str, named: str) -> None:
    outcome = outcome_of(tmp_path, "hold", use, named)
    assert isinstance(outcome, Held)
    assert {one.code for one in outcome.problems} == {"E460"}


@pytest.mark.parametrize("use", [one for one in USES if one != "text"])
def test_what_was_declared_null_is_told_with_its_lookup(tmp_path: Path, use: str) -> None:
    outcome = outcome_of(tmp_path, "null", use, "straight")
    assert isinstance(outcome, Refused)
    assert [one.code for one in outcome.problems] == ["E490"]
    assert 'lookup "shops" missed' in outcome.problems[0].message
    assert "None" not in outcome.problems[0].message


def test_what_is_wrong_besides_is_told(tmp_path: Path) -> None:
    fields = FIELDS + "  vendor_note: \"{{ x | integer | minus_vat(shop.vat) | string }}\"\n"
    outcome = built(plan_of(tmp_path, TABLE.replace("ON", "hold"), fields), x="B")
    assert isinstance(outcome, Refused)
    assert [one.code for one in outcome.problems] == ["E418"]
