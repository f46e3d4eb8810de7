"""Vendor records, and the same with one value changed: the document changes, or something is told, or a list says why
not. The lists are `source.ignore` of the shipped mapping and `unconcerned` of the layout."""

from __future__ import annotations

import random
import re
from functools import cache

import pytest
from order_values import page
from vendor_records import KINDS, ROOT, Said, changed, listed, outcome, plan_of

from connectors.layouts import load_layouts


@cache
def whole(name: str, mapping: str) -> Said:
    return outcome(plan_of(mapping), KINDS[name].write(KINDS[name].record))


CASES = [(name, field) for name, kind in KINDS.items() for field in kind.record]


@pytest.mark.parametrize(("name", "field"), CASES, ids=[f"{name}-{field}" for name, field in CASES])
@pytest.mark.parametrize("target", ["po_line", "purchase_request"])
def test_a_changed_value_changes_something(name: str, field: str, target: str) -> None:
    kind = KINDS[name]
    mapping = f"{kind.mapping}/{target}.yaml"
    if not (ROOT / "mappings" / mapping).exists():
        pytest.skip("the vendor has no such mapping")
    plan = plan_of(mapping)
    if listed(plan, kind, field) is not None:
        return
    before = whole(name, mapping)
    for other in changed(kind.record[field], random.Random(f"{name}{field}")):  # noqa: S311
        assert outcome(plan, kind.write({**kind.record, field: other})) != before, f"{field}: {other} is not seen"


@pytest.mark.parametrize("name", KINDS)
def test_a_changed_value_changes_something_in_records_that_say_less(name: str) -> None:
    """What stands in for what is missing may be read in its place; it is not read in silence either."""
    kind, chance = KINDS[name], random.Random(name)  # noqa: S311
    plan = plan_of(f"{kind.mapping}/po_line.yaml")
    for _ in range(8):
        dropped = set(chance.sample(sorted(kind.record), 3)) - {"QuantityShipping", "020$a", "245$a"}
        kept = {field: value for field, value in kind.record.items() if field not in dropped}
        before = outcome(plan, kind.write(kept))
        if not any('"owner": {' in one for one in before.texts()):
            continue
        for field in chance.sample(sorted(kept), min(6, len(kept))):
            if listed(plan, kind, field) is None:
                (other,) = changed(kept[field], chance)
                assert outcome(plan, kind.write({**kept, field: other})) != before, (field, other, kept)


@pytest.mark.parametrize("name", KINDS)
def test_a_field_that_nobody_knows_is_told(name: str) -> None:
    kind = KINDS[name]
    if name == "libris_forvarv":
        pytest.skip("the fields of a catalogue record are nobody's to list")
    plan = plan_of(f"{kind.mapping}/po_line.yaml")
    field = "ItemDescription/Nytt" if name == "btj_editx" else "nytt"
    said = outcome(plan, kind.write({**kind.record, field: "något"})).texts()
    assert any("does not read" in one and "nytt" in one.casefold() for one in said), said


def test_a_whole_record_is_delivered_and_leaves_nothing_unread() -> None:
    for name, kind in KINDS.items():
        said = outcome(plan_of(f"{kind.mapping}/po_line.yaml"), kind.write(kind.record)).texts()
        assert [one for one in said if "does not read" in one] == [], name
        assert any('"owner": {' in one for one in said), (name, said)


_ORDER = re.compile(
    r"copies|quantity|antal|place|plac|library|location|fund|konto|price|pris|currency|valuta|basis|allowance"
    r"|discount|rabatt|isbn|ean|number|nummer|identifier|barcode",
    re.IGNORECASE,
)


@pytest.mark.parametrize("vendor", ["adlibris", "bokus", "forlagett", "btj", "libris", "oasis"])
def test_no_list_names_what_an_order_is_about(vendor: str) -> None:
    for layout in load_layouts(vendor).values():
        for field in layout.unconcerned:
            last = field.rpartition("/")[2].replace("PriceQualifierCode", "").replace("ItemCallnumber", "")
            assert not _ORDER.search(last), f"{layout.name}: {field}"


def test_the_page_has_not_drifted() -> None:
    said = (ROOT / "docs" / "order-values.md").read_text(encoding="utf-8")
    assert said == page(), "run  make pages  and read the diff"
