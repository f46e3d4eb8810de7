"""mappings/oasis over its samples → what Alma would get, in the points that cost money when they are wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from etl.cli.main import run_cli

MAPPINGS = Path(__file__).parents[3] / "mappings" / "oasis"


class Ran:
    """Documents by vendor reference number, and all that the run wrote down."""

    def __init__(self, name: str, folder: Path) -> None:
        out = folder / "out"
        words = [
            "run",
            str(MAPPINGS / f"{name}.yaml"),
            "--run-date",
            "2024-03-11",
            "--report",
            str(folder / "report"),
        ]
        self.code = run_cli([*words, "--sink", "files", "--sink-option", f"directory={out}"])
        written = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(out.glob("*.json"))]
        self.documents: dict[str, dict[str, Any]] = {one["vendor_reference_number"]: one for one in written}
        files = [path for path in (folder / "report").rglob("*") if path.is_file()]
        self.report = "".join(path.read_bytes().decode("utf-8", "replace") for path in files)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return Ran("po_line", tmp_path_factory.mktemp("orders"))


def test_a_fund_in_words_is_mapped_and_pays_all_copies(ran: Ran) -> None:
    (share,) = ran.documents["20417801"]["fund_distribution"]
    assert (share["fund_code"]["value"], share["amount"]["sum"]) == ("SPEC-2024", "17.98")
    assert "discount" not in ran.documents["20417801"], "Coutts accounts have none, and the line neither"


def test_order_blocks_are_locations_of_one_line(ran: Ran) -> None:
    line = ran.documents["20417802"]
    assert [(one["library"]["value"], one["quantity"]) for one in line["location"]] == [
        ("MAIN", 1),
        ("LAW", 3),
    ]
    assert [one["note_text"] for one in line["note"]] == ["Desk copy", "For the law library"]


@pytest.mark.parametrize("number", ["20417803", "OAS-10482302"])
def test_e_books_have_no_location(ran: Ran, number: str) -> None:
    line = ran.documents[number]
    assert line["type"]["value"] == "E_BOOK_OT"
    assert "location" not in line
    assert line["url"].startswith("https://ebookcentral.example.org/")


def test_an_e_book_of_the_order_file_has_its_title_number_and_licence(ran: Ran) -> None:
    line = ran.documents["OAS-10482302"]
    assert (line["resource_metadata"]["title_id"], line["access_model"]) == ("4963417", "1-User")


def test_the_order_mode_is_the_lines_or_the_accounts(ran: Ran) -> None:
    assert ran.documents["OAS-10482303"]["acquisition_method"]["value"] == "APPROVAL"
    assert ran.documents["20417801"]["acquisition_method"]["value"] == "VENDOR_SYSTEM"
    assert "OAS-10482304" not in ran.documents, "a standing order is held"
    assert "OAS-10482305" not in ran.documents, "demand-driven is no order yet"


def test_edi_and_real_time_together_are_warned_of(ran: Ran) -> None:
    assert "both on for KTHB03" in ran.report
    assert "both on for KTHB01" not in ran.report
    assert "OASIS-LAW must have 0 % discount" in ran.report


def test_bare_orders_and_answers_are_filled_over_night(tmp_path: Path) -> None:
    ran = Ran("po_line_overlay", tmp_path)
    filled, bare = ran.documents["20417901"], ran.documents["20417902"]
    assert filled["resource_metadata"]["author"] == "Havn, Ida"
    assert filled["resource_metadata"]["title"] == "HERRING ATLAS", "what the order says stays"
    assert "author" not in bare["resource_metadata"]
    assert ran.documents["20417904"]["resource_metadata"]["title"] == "The pilot's daughter"
    assert set(ran.documents) == {"20417901", "20417902", "20417903", "20417904"}
    assert "not-a-real-key" not in ran.report
