"""A simulated Alma → its institution file: whole, deterministic, without the key."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest

from etl.alma.client import AlmaClient
from etl.alma.patience import Patience
from etl.alma.pull import Puller
from etl.alma.wire import Lost, Received, Sent, Wire
from etl.cli.main import run_cli
from etl.institution.check import CodeCheck
from etl.institution.file import load_institution, text_of
from etl.institution.model import Institution
from etl.problems import Refusal

DAY = date(2026, 3, 11)


def test_what_is_pulled(institution: Institution) -> None:
    assert institution.pulled.institution == "46SIM_INST"
    places = institution.libraries["MAIN"].locations
    assert {code: places[code] for code in ("MAG", "STACK")} == {"MAG": "Magasin", "STACK": "Öppna samlingar"}
    assert institution.vendors["BTJ"].accounts["01234001"] == "BTJ barn"
    assert not institution.vendors["GONE"].active
    assert institution.funds["BOCKER"].libraries is None
    assert institution.funds["HIST-M"].libraries == ["MAIN"]
    assert "BOCKER-25" not in institution.funds, "last year's fund cannot be used now"
    assert "PRINTED_BOOK_OT" in institution.tables["PurchaseType"]
    assert "SEK" in institution.currencies
    assert institution.unavailable == []


def test_the_file_says_the_same_when_read_back(institution: Institution, tmp_path: Path) -> None:
    file = tmp_path / "inst.json"
    file.write_text(text_of(institution), encoding="utf-8")
    again = load_institution(file, "inst.json")
    assert again == institution
    assert text_of(again) == text_of(institution)


def test_one_line_for_each_fund_vendor_and_code(institution: Institution) -> None:
    lines = text_of(institution).splitlines()
    assert sum(line.startswith('  "BOCKER": ') for line in lines) == 1
    assert sum('"PRINTED_BOOK_OT": ' in line for line in lines) == 1
    assert max(map(len, lines)) < 400


def test_what_the_key_may_not_read_is_said(wire: Wire) -> None:
    def transport(request: Sent) -> Received:
        if "ItemPolicy" in request.path or "currencies" in request.path:
            error = {"errorCode": "40166411", "errorMessage": "Parameter value is invalid"}
            return Received(
                400, {}, json.dumps({"errorsExist": True, "errorList": {"error": [error]}}).encode()
            )
        return wire(request)

    puller = Puller(AlmaClient(transport))
    found = puller.pull("https://alma.example", DAY)
    assert found.unavailable == ["ItemPolicy"]
    assert "ItemPolicy" not in found.tables
    assert [one.code for one in puller.warnings] == ["E848", "E848"]
    assert 'code table "ItemPolicy"' in puller.warnings[0].message


def test_vendors_without_accounts_in_the_list_are_read_one_by_one(wire: Wire) -> None:
    """Alma's list of vendors is brief in some versions."""
    asked: list[str] = []

    def transport(request: Sent) -> Received:
        answer = wire(request)
        asked.append(request.path)
        if "/acq/vendors?" in request.path:
            tree = json.loads(answer.body)
            for row in tree["vendor"]:
                del row["account"]
            return Received(answer.status, answer.headers, json.dumps(tree).encode())
        return answer

    found = Puller(AlmaClient(transport)).pull("https://alma.example", DAY)
    assert found.vendors["ADLIBRIS"].accounts["10234"] == "Adlibris 10234"
    assert any(path.startswith("/almaws/v1/acq/vendors/ADLIBRIS") for path in asked)


@pytest.mark.parametrize("lost_at", ["/acq/test", "/acq/funds", "/conf/code-tables/ItemPolicy"])
def test_half_an_institution_is_none(wire: Wire, lost_at: str) -> None:
    def transport(request: Sent) -> Received:
        if lost_at in request.path:
            raise Lost("broken")
        return wire(request)

    with pytest.raises(Refusal) as caught:
        Puller(AlmaClient(transport), Patience(read_tries=1)).pull("https://alma.example", DAY)
    assert caught.value.problems[0].code == "E832"


def test_the_verb(
    alma: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PULL_KEY", "simulator-key")
    words = ["pull", "--institution-file", "codes/inst.json", "--base-url", alma, "--key", "env:PULL_KEY"]
    assert run_cli(words) == 0
    first = Path("codes/inst.json").read_text(encoding="utf-8")
    assert re.search(r"\d+ funds, 19 code tables \(\d+ calls", capsys.readouterr().err)
    assert "simulator-key" not in first
    assert run_cli(words) == 0
    assert Path("codes/inst.json").read_text(encoding="utf-8") == first
    assert [path.name for path in Path("codes").iterdir()] == ["inst.json"]


def test_a_file_that_cannot_be_written(
    alma: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PULL_KEY", "simulator-key")
    (tmp_path / "codes").write_text("a file", encoding="utf-8")
    words = [
        "pull",
        "--institution-file",
        str(tmp_path / "codes" / "i.json"),
        "--base-url",
        alma,
        "--key",
        "env:PULL_KEY",
    ]
    assert run_cli(words) == 2
    assert "E849" in capsys.readouterr().err


def test_a_key_without_configuration_pulls_the_rest(
    alma: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """E848 for each part; what is not known is no fault of an order."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PULL_KEY", "simulator-acq-only")
    assert run_cli(["pull", "--institution-file", "i.json", "--base-url", alma, "--key", "env:PULL_KEY"]) == 0
    said = capsys.readouterr().err
    assert "warning[E848] libraries could not be read" in said
    found = load_institution(Path("i.json"), "i.json")
    assert found.vendors["BTJ"].accounts["01234001"] == "BTJ barn"
    assert found.funds
    assert found.libraries == {}
    assert {"libraries", "ItemPolicy", "PurchaseType"} <= set(found.unavailable)
    place = {"library": "NEW", "shelving_location": "HERE", "quantity": 1}
    for target, owner in (("po_line", "owner"), ("purchase_request", "owning_library")):
        assert CodeCheck(found, target, "i.json").of_values({owner: "NEW", "location": [place]}) == []


def test_locations_that_may_not_be_read_are_not_checked(wire: Wire) -> None:
    def transport(request: Sent) -> Received:
        if "/libraries/MAIN/locations" in request.path:
            return Received(401, {}, b"")
        return wire(request)

    found = Puller(AlmaClient(transport)).pull("https://alma.example", DAY)
    assert found.unavailable == ["locations of MAIN"]
    check = CodeCheck(found, "po_line", "i.json")
    shelf = {"shelving_location": "NOWHERE", "quantity": 1}
    assert check.of_values({"location": [{"library": "MAIN", **shelf}]}) == []
    assert [one.code for one in check.of_values({"location": [{"library": "HBG", **shelf}]})] == ["E843"]
