"""mappings/btj over its samples → what Alma would get, in the points that cost money when they are wrong."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from etl.cli.main import run_cli

MAPPINGS = Path(__file__).parents[3] / "mappings" / "btj"


@pytest.fixture
def documents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> dict[str, dict[str, Any]]:
    """Of the mapping named by the test's parameter, by vendor reference number."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with monkeypatch.context() as streams:
        streams.setattr(sys, "stdout", out)
        streams.setattr(sys, "stderr", err)
        name = getattr(request, "param", "po_line")
        code = run_cli(["run", str(MAPPINGS / f"{name}.yaml"), "--run-date", "2024-03-11", "--sink", "stdout", "--report", str(tmp_path / "report")])  # fmt: skip
    out.seek(0)
    err.seek(0)
    assert code == 1, err.read()
    lines = [json.loads(line) for line in out.read().splitlines()]
    return {line["vendor_reference_number"]: line for line in lines}


def test_an_account_of_seven_digits_gets_its_zero_back(documents: dict[str, dict[str, Any]]) -> None:
    assert documents["77120441-1"]["vendor_account"] == "BTJ-HB"


def test_profile_services_and_book_packages_are_a_supplier_of_their_own(
    documents: dict[str, dict[str, Any]],
) -> None:
    assert documents["77120442-1"]["vendor"] == {"value": "BTJ-PR"}
    assert documents["77120441-1"]["vendor"] == {"value": "BTJ"}
    assert "77120447-3" not in documents  # an unknown service


def test_vat_of_six_percent_is_a_factor_of_1_06(documents: dict[str, dict[str, Any]]) -> None:
    assert documents["SN240311-77-3"]["price"]["sum"] == "125.00"  # 132.50 with VAT


def test_a_net_price_is_sent_without_its_discount(documents: dict[str, dict[str, Any]]) -> None:
    assert documents["SN240311-77-1"]["price"]["sum"] == "189.00"
    assert "discount" not in documents["SN240311-77-1"]
    assert documents["77120441-1"]["discount"] == "27.5"
    assert documents["77120441-1"]["fund_distribution"][0]["amount"]["sum"] == "274.05"


def test_placements_become_locations_and_share_the_money(documents: dict[str, dict[str, Any]]) -> None:
    line = documents["SN240311-77-1"]
    assert [
        (one["quantity"], one["library"]["value"], one["shelving_location"]) for one in line["location"]
    ] == [
        (2, "HBIB", "BARN"),
        (1, "FBIB", "VUX"),
    ]
    assert [one["amount"]["sum"] for one in line["fund_distribution"]] == ["378.00", "189.00"]
    assert documents["SN240311-77-2"]["location"][0]["shelving_location"] == "FAKTA"  # the longest code first


def test_record_numbers_carry_their_owner(documents: dict[str, dict[str, Any]]) -> None:
    numbers = {
        name: line["resource_metadata"].get("system_control_number") for name, line in documents.items()
    }
    assert numbers["77120441-1"] == ["SwLnBT23456789"]
    assert numbers["77120443-1"] == ["(SE-LIBR)8452921"]
    assert numbers["SN240311-77-2"] == ["(FI-BTJ)1234567"]


@pytest.mark.parametrize("documents", ["po_line_marc"], indirect=True)
def test_marc_records_with_placements(documents: dict[str, dict[str, Any]]) -> None:
    line = documents["77120450-1"]
    assert line["resource_metadata"]["system_control_number"] == ["SwLnBT23456801"]
    assert sum(one["quantity"] for one in line["location"]) == 3
    assert sum(float(one["amount"]["sum"]) for one in line["fund_distribution"]) == 747
