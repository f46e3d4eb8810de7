"""An independent client of Alma against the simulator, and what it gets beside the reference.

It lives in an environment of its own, for it is no dependency of ours:

    python -m venv .witness && .witness/bin/pip install almapiwrapper==1.9.7 requests pandas lxml
    ETL_WITNESS_PYTHON=.witness/bin/python pytest tests/witness
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from witnesses import ALMAPIWRAPPER

from etl.simulator import Limits, Settings, Timing, running


@pytest.fixture(scope="module")
def seen() -> dict[str, Any]:
    if not ALMAPIWRAPPER:
        pytest.skip("no witness: set ETL_WITNESS_PYTHON to a Python that has almapiwrapper")
    script = Path(__file__).with_name("use_almapiwrapper.py")
    with running(Settings(limits=Limits.none(), timing=Timing.instant())) as url:
        ran = subprocess.run(
            [ALMAPIWRAPPER, str(script), url], capture_output=True, text=True, check=False
        )
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def test_it_creates_and_reads_an_order(seen: dict[str, Any]) -> None:
    """Reference §3, §4 and §8: codes with descriptions, sums shortened, one copy per quantity, dates with a bare Z."""
    created, fetched = seen["created"], seen["fetched"]
    assert seen["number"] == created["number"] == fetched["number"] == "POL-1"
    assert created["status"] == {"value": ""}, "the status comes later, not in the answer to POST"
    assert fetched["status"] == {"value": "SENT", "desc": "Sent"}
    assert fetched["price"]["sum"] == "54.1"
    assert fetched["vendor"] == {"value": "ADLIBRIS", "desc": "Adlibris AB"}
    assert fetched["source_type"]["value"] == "API"
    assert fetched["created_date"].endswith("Z")
    assert len(fetched["created_date"]) == len("2026-03-02Z")
    [place] = fetched["location"]
    assert [place["quantity"], len(place["copy"])] == [2, 2]


def test_it_changes_the_order(seen: dict[str, Any]) -> None:
    assert seen["change_error"] is None
    assert seen["changed_note"] == "rättad av ett vittne"


def test_it_reads_errors_where_it_expects_them(seen: dict[str, Any]) -> None:
    """Its reader takes errorList.error[0].errorMessage, so the envelope has Alma's shape."""
    assert seen["missing"] == [None, True, "Po-Line POL-999999 not found."]
    assert seen["refused"] == [True, "Given owner is illegal."]


def test_it_reads_vendors_and_their_lines(seen: dict[str, Any]) -> None:
    assert seen["vendor_name"] == "Adlibris AB"
    assert seen["vendor_lines"] == ["POL-1"]
