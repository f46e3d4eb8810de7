"""etl run --sink alma, etl ledger, etl requests: a person's way through it all."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alma_orders import KEY, Desk, at_simulator, codes, line, request

from etl.alma.client import Outcome
from etl.alma.recovery import lost
from etl.alma.settle import Inquiry
from etl.cli.main import run_cli

MAPPING = """\
version: 1
name: rehearsal
target: po_line
source: {connector: csv, path: orders.csv}
key: [order]
fields:
  owner: HBG
  type: PRINTED_BOOK_OT
  vendor: ADLIBRIS
  vendor_account: ADLIBRIS
  vendor_reference_number: "{{ order }}"
  price: {sum: "{{ price }}", currency: SEK}
  resource_metadata: {title: "{{ title }}", isbn: "{{ isbn }}"}
  fund_distribution: [{fund_code: BOCKER, amount: {sum: "{{ price }}", currency: SEK}}]
  location: [{quantity: 1, library: HBG, shelving_location: VUXEN}]
"""
ORDERS = "order,title,isbn,price\nA-1,Påhittad bok,9789199990002,249.00\nA-2,Annan bok,9789199990019,99.00\n"
Etl = Callable[..., tuple[int, str, str]]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with at_simulator(tmp_path) as one:
        yield one


@pytest.fixture
def etl(desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Etl:
    monkeypatch.chdir(desk.folder)
    monkeypatch.setenv("ETL_BASE_URL", desk.url)
    monkeypatch.setenv("ETL_KEY", "env:TEST_ALMA_KEY")

    def call(*words: str) -> tuple[int, str, str]:
        code = run_cli(list(words))
        said = capsys.readouterr()
        assert KEY not in said.out + said.err
        return code, said.out, said.err

    return call


def test_from_a_vendors_file_to_alma_once(desk: Desk, etl: Etl) -> None:
    (desk.folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    (desk.folder / "orders.csv").write_text(ORDERS, encoding="utf-8")
    options = (f"base_url={desk.url}", "key=env:TEST_ALMA_KEY", "per_second=0", "per_minute=0")
    words = (
        "run",
        "mapping.yaml",
        "--sink",
        "alma",
        *(word for one in options for word in ("--sink-option", one)),
    )
    assert etl("ledger", "create")[0] == 0
    assert etl(*words)[0] == 0
    assert desk.references() == ["A-1", "A-2"]
    code, _, said = etl(*words)
    assert code == 0
    assert "2 already posted" in said
    assert desk.references() == ["A-1", "A-2"]
    report = json.loads((desk.folder / "etl-report/rehearsal/report.json").read_text())
    assert report["records"] == {"already posted": 2}
    code, out, _ = etl("ledger", "list", "A-2")
    assert code == 0
    assert "POL-2" in out


def test_alma_away_is_exit_5(desk: Desk, etl: Etl) -> None:
    (desk.folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    (desk.folder / "orders.csv").write_text(ORDERS, encoding="utf-8")
    options = ("--sink-option", "base_url=http://127.0.0.1:9", "--sink-option", "key=env:TEST_ALMA_KEY")
    assert etl("ledger", "create")[0] == 0
    code, _, said = etl("run", "mapping.yaml", "--sink", "alma", *options)
    assert code == 5
    assert "E832" in said
    report = json.loads((desk.folder / "etl-report/rehearsal/report.json").read_text())
    assert report["records"] == {"not delivered": 2}


def test_show_has_the_whole_story(desk: Desk, etl: Etl) -> None:
    desk.post(line(1), line(2, mark=" SIM-FAULT-error-500"))
    code, out, _ = etl("ledger", "show", "O-2")
    assert code == 0
    assert "unknown" in out
    assert "INTERNAL_SERVER_ERROR" in out
    assert '"vendor_reference_number"' in out
    code, out, _ = etl("ledger", "show", "POL-1", "--format", "json")
    assert json.loads(out)["number"] == "POL-1"
    code, _, said = etl("ledger", "show", "ADLIBRIS")
    assert code == 2
    assert "E819" in said


def test_a_person_decides(desk: Desk, etl: Etl) -> None:
    doubtful = line(1, mark=" SIM-FAULT-error-500")
    desk.post(doubtful)
    code, _, said = etl("ledger", "release", "O-1", "--by", "anna")
    assert (code, "error[E826] Alma has not listed it yet" in said) == (2, True), said
    code, _, said = etl("ledger", "release", "O-1", "--by", "anna", "--force")
    assert code == 0
    assert "released" in said
    desk.post(doubtful)
    code, _, said = etl("ledger", "resolve", "O-1", "--posted", "POL-77")
    assert code == 2
    assert 'error[E826] Alma has no "POL-77"' in said
    assert etl("ledger", "resolve", "O-1", "--posted", "POL-77", "--force")[0] == 0
    assert [receipt.where for receipt in desk.post(doubtful)[0]] == ["POL-77"]
    code, _, said = etl("ledger", "release", "O-1")
    assert code == 2
    assert "E815" in said
    assert etl("ledger", "resolve", "O-1")[0] == 2
    assert etl("ledger", "resolve", "--posted", "POL-1")[0] == 2


def test_all_in_doubt_are_asked_for(desk: Desk, etl: Etl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "etl.sinks.alma.Inquiry",
        lambda client, patience, owners_of, _wait, *more: Inquiry(client, patience, owners_of, 0, *more),
    )
    desk.post(
        line(1, mark=" SIM-FAULT-once-cut-before"), line(2, mark=" SIM-FAULT-once-hang-after"), timeout=0.5
    )
    code, out, said = etl("ledger", "resolve")
    assert code == 0
    assert "released" in out
    assert 'in doubt at "alma"' in said
    assert etl("ledger", "list", "--state", "unknown") == (0, "", 'no order fits in "etl-ledger.sqlite"\n')
    receipts, _ = desk.post(line(1, mark=" SIM-FAULT-once-cut-before"))
    assert codes(receipts) == [""]
    assert len(desk.held()) == 2


def test_an_export_is_a_table(desk: Desk, etl: Etl) -> None:
    desk.post(line(1, resource_metadata={"title": "=cmd|calc", "isbn": "9789199990002"}), line(2))
    _, out, _ = etl("ledger", "export")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["number"] for row in rows] == ["POL-1", "POL-2"]
    assert rows[0]["title"] == "'=cmd|calc"
    _, out, _ = etl("ledger", "export", "--json", "--vendor", "ADLIBRIS")
    assert [json.loads(row)["state"] for row in out.splitlines()] == ["posted", "posted"]


def test_no_ledger_is_not_made_by_looking(desk: Desk, etl: Etl) -> None:
    code, _, said = etl("ledger", "list", "--ledger", "none.sqlite")
    assert code == 4
    assert "E802" in said
    assert not (desk.folder / "none.sqlite").exists()


def test_a_ledger_on_a_disk_that_cannot_be_written_is_read(
    desk: Desk, etl: Etl, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.post(line(1))
    usual = os.open

    def refuse(path: object, flags: int, *more: int, **options: int) -> int:
        if str(path).endswith("etl-ledger.sqlite") and flags & os.O_RDWR:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return usual(path, flags, *more, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("etl.ledger.database.os.open", refuse)
    for words in (("list",), ("show", "O-1"), ("export",), ("dead-letters", "--out", "d.csv")):
        assert etl("ledger", *words)[0] == 0, words
    code, _, said = etl("ledger", "release", "O-1")
    assert code == 2
    assert "E810" in said


def test_purchase_requests_by_hand(desk: Desk, etl: Etl) -> None:
    desk.post(request(1), request(2), request(3))
    code, out, _ = etl("requests", "list", "--status", "INREVIEW")
    assert code == 0
    assert [row.split()[0] for row in out.splitlines()] == ["1", "2", "3"]
    assert len(json.loads(etl("requests", "list", "--user", "anna.lind", "--format", "json")[1])) == 3
    assert json.loads(etl("requests", "show", "1")[1])["request_id"] == "1"
    code, _, said = etl("requests", "approve", "1", "--by", "bo.ek", "--yes")
    assert code == 0, said
    assert "APPROVED" in said
    code, _, said = etl("requests", "approve", "1", "--by", "bo.ek", "--yes")
    assert code == 2
    assert "E835" in said
    code, _, said = etl("requests", "reject", "2", "--reason", "TOO_EXPENSIVE", "--yes")
    assert code in (0, 2), said
    assert etl("requests", "cancel", "3", "--user", "anna.lind", "--yes")[0] == 0


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        (("approve",), "ID"),
        (("approve", "1"), "--by"),
        (("reject", "1"), "--reason"),
        (("cancel", "1"), "--user"),
        (("show",), "ID"),
    ],
)
def test_nothing_without_number_and_reason(etl: Etl, words: tuple[str, ...], missing: str) -> None:
    code, _, said = etl("requests", *words)
    assert code == 2
    assert missing in said


def test_nothing_without_a_yes(desk: Desk, etl: Etl) -> None:
    desk.post(request(1))
    code, _, said = etl("requests", "approve", "1", "--by", "bo.ek")  # there is no terminal to ask
    assert code == 2
    assert "--yes" in said
    assert "INREVIEW" in etl("requests", "list")[1]


@pytest.mark.parametrize("key", ["l7xxTHEKEYITSELF", ""])
def test_a_key_on_the_command_line_is_refused(etl: Etl, key: str) -> None:
    code, out, said = etl("requests", "list", "--key", key)
    assert code == 2
    assert "reference" in said or "where the API key is" in said
    assert "THEKEYITSELF" not in out + said


def test_a_key_in_the_mapping_is_not_repeated(desk: Desk, etl: Etl) -> None:
    sink = f"sink: {{type: alma, base_url: '{desk.url}', key: l7xxTHEKEYITSELF}}\n"
    (desk.folder / "mapping.yaml").write_text(MAPPING + sink, encoding="utf-8")
    (desk.folder / "orders.csv").write_text(ORDERS, encoding="utf-8")
    for form in ("json", "text", "github"):
        code, out, said = etl("run", "mapping.yaml", "--format", form)
        assert code == 2
        assert "by reference" in out + said
        assert "THEKEYITSELF" not in out + said


def test_a_decision_without_answer(desk: Desk, etl: Etl, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.post(request(1))
    answer = Outcome(lost("approve", "no answer in time"))
    monkeypatch.setattr("etl.alma.client.AlmaClient.decide", lambda *_: answer)
    code, _, said = etl("requests", "approve", "1", "--by", "bo.ek", "--yes")
    assert code == 2
    assert "E836" in said
