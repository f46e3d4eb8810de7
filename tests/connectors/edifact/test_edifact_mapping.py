"""mappings/edifact over its samples → what Alma would get, in the points that cost money when they are wrong."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from etl.cli.main import run_cli

MAPPING = Path(__file__).parents[3] / "mappings" / "edifact" / "po_line.yaml"


def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *more: str) -> tuple[int, dict[str, dict[str, Any]], str]:
    """Exit code, documents by vendor reference number, and what was said."""
    code, documents, said = run_of(MAPPING, tmp_path, monkeypatch, *more)
    return code, {one["vendor_reference_number"]: one for one in documents}, said


def run_of(mapping: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *more: str) -> tuple[int, list[dict[str, Any]], str]:
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with monkeypatch.context() as streams:
        streams.setattr(sys, "stdout", out)
        streams.setattr(sys, "stderr", err)
        code = run_cli(["run", str(mapping), "--run-date", "2024-03-11", "--sink", "stdout", "--report", str(tmp_path / "report"), *more])
    out.seek(0)
    err.seek(0)
    return code, [json.loads(one) for one in out.read().splitlines()], err.read()


def test_firm_orders_are_ordered_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, documents, said = run(tmp_path, monkeypatch)
    assert code == 1
    assert set(documents) == {"Q240311/00001", "Q240311/00002", "Q240311/00006", "P-77-1"}
    for reason in ("QUOTES 31C", 'BGM function "7"', "a test interchange", "is an invoice", "UNT counts"):
        assert reason in said
    assert "skipped" in said


def test_money(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, documents, _ = run(tmp_path, monkeypatch)
    net, less, taxed, british = (documents[name] for name in ("Q240311/00001", "Q240311/00002", "Q240311/00006", "P-77-1"))
    assert (net["price"]["sum"], "discount" in net) == ("142.45", False)
    assert [fund["amount"]["sum"] for fund in net["fund_distribution"]] == ["142.45"] * 3
    assert (less["price"]["sum"], less["discount"]) == ("200.00", "12.5")
    assert [fund["amount"]["sum"] for fund in less["fund_distribution"]] == ["350.00"]
    assert taxed["price"]["sum"] == "200.00", "212 with 6 % VAT"
    assert british["price"] == {"sum": "14.99", "currency": {"value": "GBP"}}, "with VAT, of which there is none"


def test_copies_go_where_they_are_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, documents, _ = run(tmp_path, monkeypatch)
    places = [(one["quantity"], one["library"]["value"], one["shelving_location"]) for one in documents["Q240311/00001"]["location"]]
    assert places == [(1, "HBIB", "VUX"), (1, "HBIB", "BARN"), (1, "FBIB", "VUX")]
    assert [one["quantity"] for one in documents["Q240311/00002"]["location"]] == [2]


def test_what_a_mapping_declares_does_not_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = Path(__file__).parents[2] / "cases" / "E426-charge-beside-the-price"
    (tmp_path / "input.edi").write_bytes((cases / "input.edi").read_bytes())
    text = (cases / "mapping.yaml").read_text(encoding="utf-8")
    codes = []
    for declared in ("{}", "{ALC+C*: freight is on the invoice}", "{'ALC+?/*': on the invoice}"):
        (tmp_path / "mapping.yaml").write_text(text.replace("source:", f"source:\n  ignore: {declared}"), encoding="utf-8")
        code, _, said = run_of(tmp_path / "mapping.yaml", tmp_path, monkeypatch)
        codes.append((code, said.count("hold[E426]")))
    assert codes == [(1, 2), (1, 1), (0, 0)]


def test_a_library_can_say_that_quotations_are_orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, before, _ = run(tmp_path, monkeypatch)
    _, documents, _ = run(tmp_path, monkeypatch, "--param", "also_ordered=QUOTES 31C")
    assert set(documents) - set(before) == {"Q240313/00001"}
