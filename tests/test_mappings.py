"""The shipped mappings: as reviewed, valid, clean in Alma, and their sums right."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from etl.plugin import Target
from etl.registry import Registry
from etl.spec.load import load
from etl.testing.snapshot_files import compare
from etl.testing.snapshots import expected_files, snapshot_folder
from etl.yaml_tree import Scalar, walk

ROOT = Path(__file__).parents[1]
MAPPINGS = sorted(ROOT.glob("mappings/[!_]*/*.yaml"))  # _shared is what others extend
GENERIC = [
    mapping for mapping in MAPPINGS if mapping.parent.name in ("generic-csv", "generic-marc", "suggestions")
]
GENERIC_NAMES = [mapping.parent.name for mapping in GENERIC]
NAMES = [str(mapping.relative_to(ROOT / "mappings")) for mapping in MAPPINGS]


def target_of(mapping: Path) -> Target:
    target: Target = Registry.installed().get("targets", load(str(mapping)).model.target)()
    return target


def documents(mapping: Path, held: bool = False) -> Iterator[tuple[str, dict[str, Any], bytes]]:
    """The reviewed payloads of a mapping."""
    for path in sorted(snapshot_folder(mapping).rglob("*.json")):
        if path.is_file() and (path.parent.name == "held") == held:
            data = path.read_bytes()
            yield str(path.relative_to(ROOT)), json.loads(data), data


def shots(name: str) -> Path:
    return snapshot_folder(ROOT / "mappings" / name / "po_line.yaml")


WRITTEN = sorted(ROOT.glob("mappings/*/*.yaml")) + sorted(ROOT.glob("examples/*/*.yaml"))
WRITTEN_NAMES = [str(path.relative_to(ROOT)) for path in WRITTEN]


@pytest.mark.parametrize("path", WRITTEN, ids=WRITTEN_NAMES)
def test_a_mapping_can_be_read(path: Path) -> None:
    """No statement, no long expression, no line that leaves the screen."""
    text = path.read_text(encoding="utf-8")
    assert "{%" not in text
    assert [one for one in re.findall(r"\{\{.*?\}\}", text, re.DOTALL) if len(one) > 100] == []
    assert [line for line in text.split("\n") if len(line) > 130] == []


@pytest.mark.parametrize("mapping", MAPPINGS, ids=NAMES)
def test_nothing_is_looked_up_twice(mapping: Path) -> None:
    """In the resolved mapping, shared parts included."""
    lookups = Counter(
        template
        for node in walk(load(str(mapping)).tree)
        if isinstance(node, Scalar)
        for template in re.findall(r"\{\{(?=.*\|\s*lookup\().*?\}\}", node.text)
    )
    assert [template for template, times in lookups.items() if times > 1] == []


def test_the_shared_mapping_fits_on_a_screen_and_a_half() -> None:
    assert len((ROOT / "mappings/_shared/po_line.yaml").read_text(encoding="utf-8").splitlines()) <= 100


def test_the_generic_ones_are_there() -> None:
    generic = {"generic-csv/po_line.yaml", "generic-marc/po_line.yaml", "suggestions/purchase_request.yaml"}
    assert generic <= set(NAMES)


@pytest.mark.parametrize("mapping", MAPPINGS, ids=NAMES)
def test_snapshots_are_as_reviewed(mapping: Path) -> None:
    differences = compare(expected_files(mapping), snapshot_folder(mapping))
    assert not differences, "\n\n".join(one.diff for one in differences)


@pytest.mark.parametrize("mapping", MAPPINGS, ids=NAMES)
def test_payloads_are_valid_and_their_funds_add_up(mapping: Path) -> None:
    target = target_of(mapping)
    schema = jsonschema.Draft202012Validator(target.json_schema())
    found = 0
    for name, document, data in documents(mapping):
        found += 1
        assert [error.message for error in schema.iter_errors(document)] == [], name
        parsed = target.parse(data)
        assert not isinstance(parsed, list), (name, parsed)
        assert target.payload(parsed, "json") == data, f"{name}: reloaded, it is written the same"
        findings = target.predict(parsed)
        assert [one.message for one in findings if one.outcome == "refused"] == [], name
        assert not {"E534", "E535"} & {one.code for one in findings}, f"{name}: the funds do not add up"
    assert found >= 1, "a mapping is shown by samples"


@pytest.mark.parametrize("mapping", GENERIC, ids=GENERIC_NAMES)
def test_the_generic_ones_are_clean_in_alma(mapping: Path) -> None:
    target = target_of(mapping)
    for name, _, data in documents(mapping):
        parsed = target.parse(data)
        assert not isinstance(parsed, list), name
        # E558, no ISBN: the samples have such titles on purpose
        assert {finding.code for finding in target.predict(parsed)} <= {"E558"}, name


@pytest.mark.parametrize("mapping", GENERIC[:2], ids=GENERIC_NAMES[:2])
def test_funds_pay_all_copies_less_the_discount(mapping: Path) -> None:
    for name, line, _ in documents(mapping):
        copies = sum(place["quantity"] for place in line.get("location", [])) or 1
        price, discount = (
            Decimal(line["price"]["sum"]),
            Decimal(line.get("discount", "0")),
        )
        total = (price * copies * (100 - discount) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
        paid = [fund["amount"] for fund in line["fund_distribution"]]
        assert sum(Decimal(amount["sum"]) for amount in paid) == total, name
        assert {amount["currency"]["value"] for amount in paid} == {line["price"]["currency"]["value"]}, name
        codes = [fund["fund_code"]["value"] for fund in line["fund_distribution"]]
        assert len(set(codes)) == len(codes), f"{name}: one entry per fund"


def test_hand_checked_values() -> None:
    """Read off the samples by a person, not by the engine."""
    csv = shots("generic-csv")
    line = json.loads((csv / "2024-03-11.csv/000217_A-1041_3.json").read_text(encoding="utf-8"))
    assert line["price"] == {"sum": "1249.50", "currency": {"value": "SEK"}}, (
        "written  1 249,50 kr  with NBSP"
    )
    assert line["fund_distribution"][0]["amount"]["sum"] == "1093.31", "1249.50 less 12.5 %, rounded"
    assert line["resource_metadata"]["system_control_number"] == ["(SE-LIBR)8452921"]
    latin = json.loads((csv / "2024-03-18-latin.csv/000218_B-77_10.json").read_text(encoding="utf-8"))
    assert latin["resource_metadata"]["author"] == "Ström, Kåre"
    assert latin["price"] == {"sum": "24.95", "currency": {"value": "EUR"}}, (
        "the currency stands in the price"
    )
    marc = shots("generic-marc")
    law = json.loads((marc / "oasis-2024-03-11.mrc/20417735.json").read_text(encoding="utf-8"))
    assert [place["quantity"] for place in law["location"]] == [1, 3, 1], "one per order block"
    paid = {fund["fund_code"]["value"]: fund["amount"]["sum"] for fund in law["fund_distribution"]}
    assert paid == {"HIST-2024": "1049.00", "LAW-2024": "4196.00"}, "two blocks of one fund are one entry"
    ebook = json.loads((marc / "oasis-2024-03-11.mrc/20417736.json").read_text(encoding="utf-8"))
    assert ebook["type"]["value"] == "E_BOOK_OT"
    assert "location" not in ebook


@pytest.mark.parametrize("mapping", GENERIC, ids=GENERIC_NAMES)
def test_a_page_for_the_library(mapping: Path) -> None:
    page = (mapping.parent / "README.md").read_text(encoding="utf-8")
    assert "svenska" in page.casefold(), "in Swedish too"
    for table in mapping.parent.glob("lookups/*"):
        assert table.name in page, "every table a library edits is explained"
