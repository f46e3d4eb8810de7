"""Vendor records, and the same with one value changed: the document changes, or something is told, or a list says why
not. The lists are `source.ignore` of the shipped mapping and `unconcerned` of the layout."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from functools import cache

import pytest
from order_values import page
from vendor_records import KINDS, ROOT, Said, changed, listed, outcome, plan_of

from connectors.layouts import load_layouts


@cache
def whole(name: str, mapping: str) -> Said:
    return said(name, mapping, {})


def said(name: str, mapping: str, changes: Mapping[str, object]) -> Said:
    kind = KINDS[name]
    return outcome(plan_of(mapping), kind.write({**kind.record, **changes}), kind.file)


def mapping_of(name: str, target: str = "po_line") -> str:
    mapping = KINDS[name].mapping_of(target)
    assert mapping is not None
    return mapping


TARGETS = {name: [one for one in ("po_line", "purchase_request") if KINDS[name].mapping_of(one)] for name in KINDS}
CASES = [(name, field, target) for name, kind in KINDS.items() for target in TARGETS[name] for field in kind.record]


@pytest.mark.parametrize(("name", "field", "target"), CASES)
def test_a_changed_value_changes_something(name: str, field: str, target: str) -> None:
    kind, mapping = KINDS[name], mapping_of(name, target)
    if listed(plan_of(mapping), kind, field) is not None:
        return
    before = whole(name, mapping)
    for other in changed(kind.record[field], random.Random(f"{name}{field}")):  # noqa: S311
        assert said(name, mapping, {field: other}) != before, f"{field}: {other} is not seen"


@pytest.mark.parametrize("name", KINDS)
def test_a_changed_value_changes_something_in_records_that_say_less(name: str) -> None:
    """What stands in for what is missing may be read in its place; it is not read in silence either."""
    kind, chance = KINDS[name], random.Random(name)  # noqa: S311
    plan = plan_of(mapping_of(name))
    for _ in range(8):
        dropped = set(chance.sample(sorted(kind.record), 3)) - {"QuantityShipping", "020$a", "245$a"}
        kept = {field: value for field, value in kind.record.items() if field not in dropped}
        before = outcome(plan, kind.write(kept), kind.file)
        if not any('"owner": {' in one for one in before.texts()):
            continue
        for field in chance.sample(sorted(set(kept)), min(6, len(kept))):
            if listed(plan, kind, field) is None:
                (other,) = changed(kept[field], chance)
                after = outcome(plan, kind.write({**kept, field: other}), kind.file)
                assert after != before, (field, other, kept)


@pytest.mark.parametrize(("name", "field"), [(name, kind.unknown) for name, kind in KINDS.items()])
def test_a_field_that_nobody_knows_is_told(name: str, field: str) -> None:
    before = whole(name, mapping_of(name)).texts()
    after = said(name, mapping_of(name), {field: "något"}).texts()
    last = field.rpartition("/")[2].casefold()
    assert any(last in one.casefold() for one in after if one not in before), after


def test_a_whole_record_is_delivered_and_leaves_nothing_unread() -> None:
    for name in KINDS:
        texts = whole(name, mapping_of(name)).texts()
        assert [one for one in texts if "does not read" in one] == [], name
        assert any('"owner": {' in one for one in texts), (name, texts)


_ORDER = re.compile(
    r"copies|quantity|antal|place|plac|library|location|fund|konto|price|pris|currency|valuta|basis|allowance"
    r"|discount|rabatt|isbn|ean|number|nummer|identifier|barcode",
    re.IGNORECASE,
)


@pytest.mark.parametrize("vendor", ["adlibris", "bokus", "btj", "edifact", "forlagett", "gobi", "libris", "oasis"])
def test_no_list_names_what_an_order_is_about(vendor: str) -> None:
    for layout in load_layouts(vendor).values():
        for field in layout.unconcerned:
            last = field.rpartition("/")[2].replace("PriceQualifierCode", "").replace("ItemCallnumber", "")
            assert not _ORDER.search(last), f"{layout.name}: {field}"


def test_every_layout_is_on_the_page() -> None:
    vendors = ("adlibris", "bokus", "btj", "edifact", "forlagett", "gobi", "libris", "oasis")
    assert {layout for vendor in vendors for layout in load_layouts(vendor)} == {kind.layout for kind in KINDS.values()} - {""}


def test_the_page_has_not_drifted() -> None:
    said = (ROOT / "docs" / "order-values.md").read_text(encoding="utf-8")
    assert said == page(), "run  make pages  and read the diff"
