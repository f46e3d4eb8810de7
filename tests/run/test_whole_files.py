"""A file that is not whole: none of its records is used, all are kept, and the other files go on, in every verb."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from etl.cli.main import run_cli
from etl.run import rows

MAPPING = """\
version: 1
name: case
target: po_line
source: {connector: csv, path: "inbox/*"}
sink: {type: files, directory: out}
key: id
fields:
  owner: MAIN
  type: PRINTED_BOOK_OT
  price: {sum: "{{ price }}", currency: SEK}
  resource_metadata: {title: "{{ title }}"}
  location: [{library: MAIN, quantity: "{{ copies }}"}]
"""
HEAD = "id,title,price,copies\n"
WHOLE = HEAD + "A1,Vindens öar,249.00,2\nA2,Sju nätter,199.00,1\n"
CUT = HEAD + "B1,Snö på Åland,99.00,1\nB2,Mörkt vatten,89.00,3\nB3,Kart"


@pytest.fixture(autouse=True)
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (tmp_path / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return folder


def ran(code: int) -> dict[str, Any]:
    assert run_cli(["run", "mapping.yaml", "--report", "report"]) == code
    report: dict[str, Any] = json.loads(Path("report/report.json").read_text(encoding="utf-8"))
    assert report["adds_up"]
    return report


def rejected() -> list[dict[str, Any]]:
    return [
        json.loads(line) for line in Path("report/rejected.ndjson").read_text(encoding="utf-8").splitlines()
    ]


def test_the_other_files_go_on(inbox: Path) -> None:
    (inbox / "1.csv").write_text(CUT, encoding="utf-8")
    (inbox / "2.csv").write_text(WHOLE, encoding="utf-8")
    report = ran(1)
    assert report["records"] == {"written": 2, "rejected": 3}
    assert report["sums"] == {"written": {"copies": 3, "money": {"SEK": "697.00"}}}
    assert [(one["record"], one["codes"]) for one in rejected()] == [
        (number, ["E325"]) for number in (1, 2, 3)
    ]
    assert [one["values"]["title"] for one in rejected()[:2]] == ["Snö på Åland", "Mörkt vatten"]
    assert Path("report", rejected()[2]["raw"]["file"]).read_bytes() == b"B3,Kart"


def test_what_the_cut_file_held_comes_through_when_it_is_whole(inbox: Path) -> None:
    """A key of a file that is not whole is not taken, in the run itself neither."""
    (inbox / "1.csv").write_text(CUT, encoding="utf-8")
    (inbox / "2.csv").write_text(CUT + "an,79.00,1\n", encoding="utf-8")
    report = ran(1)
    assert report["records"] == {"written": 3, "rejected": 3}


def test_reasons_of_a_record_of_its_own_stay(inbox: Path) -> None:
    (inbox / "1.csv").write_text(HEAD + "B1,too,many,1,cells\n" + CUT.removeprefix(HEAD), encoding="utf-8")
    ran(1)
    assert rejected()[0]["codes"] == ["E311", "E325"]


def test_what_would_be_skipped_is_rejected_too(inbox: Path, tmp_path: Path) -> None:
    (tmp_path / "mapping.yaml").write_text(MAPPING + "when: \"{{ id != 'B1' }}\"\n", encoding="utf-8")
    (inbox / "1.csv").write_text(CUT, encoding="utf-8")
    assert ran(1)["records"] == {"rejected": 3}


@pytest.mark.parametrize("order", [("1.csv", "2.csv"), ("2.csv", "1.csv")])
def test_a_document_of_several_files_is_not_made_of_a_part(
    order: tuple[str, str], inbox: Path, tmp_path: Path
) -> None:
    text = MAPPING.replace("key: id\n", "key: id\ngroup_by: [id]\n").replace(
        "{{ copies }}", "{{ rows | length }}"
    )
    (tmp_path / "mapping.yaml").write_text(text, encoding="utf-8")
    (inbox / order[0]).write_text(CUT, encoding="utf-8")
    (inbox / order[1]).write_text(WHOLE + "B2,Mörkt vatten,89.00,3\n", encoding="utf-8")
    report = ran(1)
    assert report["records"] == {"written": 2, "rejected": 4}
    assert {one["file"][-5:] for one in rejected()} == {"1.csv", "2.csv"}
    assert all(one["codes"] == ["E325"] for one in rejected())


def test_every_verb_says_the_same(inbox: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (inbox / "1.csv").write_text(CUT, encoding="utf-8")
    assert run_cli(["preview", "mapping.yaml", "--record", "2"]) == 0
    previewed = capfd.readouterr()
    assert "rejected" in previewed.out
    assert "[E325]" in previewed.err
    assert run_cli(["inspect", "inbox/1.csv"]) == 0
    inspected = capfd.readouterr()
    assert "records: 3 (3 rejected)" in inspected.out
    assert "[E325]" in inspected.err
    assert run_cli(["inspect", "inbox/1.csv", "--format", "json"]) == 0
    assert json.loads(capfd.readouterr().out)["whole"] is False
    assert run_cli(["plan", "mapping.yaml", "--out", "p.ndjson", "--report", "report"]) in (0, 1)
    assert "[E325]" in capfd.readouterr().err
    assert "Vindens" not in (tmp_path / "p.ndjson").read_text(encoding="utf-8")
    assert run_cli(["snapshot", "mapping.yaml", "--update"]) == 0
    kept = tmp_path / "snapshots" / "mapping" / "1.csv"
    assert [path.name for path in kept.iterdir()] == ["problems.txt"]


def test_more_than_waits_in_memory(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits on the disk is what was read: the same payloads and problems, byte for byte."""
    monkeypatch.setattr("connectors.formats.row_batches.BATCH_RECORDS", 2)
    lines = "".join(f"A{number},Titel {number},10.00,1\n" for number in range(1, 12)) + "short\n"
    (inbox / "1.csv").write_text(HEAD + lines, encoding="utf-8")
    (inbox / "2.csv").write_text(CUT, encoding="utf-8")
    ran(1)
    names = ("rejected.ndjson", "problems.ndjson")
    in_memory = [Path("report", name).read_bytes() for name in names]
    payloads = {path.name: path.read_bytes() for path in Path("out").iterdir()}
    monkeypatch.setattr(rows, "_HELD", 1)
    ran(1)
    assert [Path("report", name).read_bytes() for name in names] == in_memory
    assert {path.name: path.read_bytes() for path in Path("out").iterdir()} == payloads
    assert len(payloads) == 11


def test_a_disk_without_room_for_what_waits(
    inbox: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def full(*_given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("connectors.formats.row_batches.BATCH_RECORDS", 1)
    monkeypatch.setattr(rows, "_HELD", 1)
    monkeypatch.setattr("etl.run.rows.pickle.dump", full)
    (inbox / "1.csv").write_text(WHOLE, encoding="utf-8")
    assert run_cli(["run", "mapping.yaml", "--report", "report", "--sink", "stdout"]) == 2
    told = capfd.readouterr()
    assert "[E604]" in told.err
    assert told.out == ""


BARE = "A1,Vindens öar,249.00,2\nA2,Sju nätter,199.00,1"
WARNED = {
    "all but the last line have one": (HEAD + BARE, ["E326"]),
    "one row": (HEAD + BARE.split("\n")[0], ["E326"]),
    "a header alone": (HEAD.strip(), ["E326"]),
    "CR LF": ((HEAD + BARE).replace("\n", "\r\n"), ["E326"]),
    "old Mac": ((HEAD + BARE).replace("\n", "\r"), ["E326"]),
    "in quotes": (HEAD + BARE.replace("Sju nätter", '"Sju\nnätter"'), ["E326"]),
    "all have one": (HEAD + BARE + "\n", []),
    "blank lines behind": (HEAD + BARE + "\r\n\r\n", []),
    "the end mark of DOS": (HEAD + BARE + "\r\n\x1a", []),
}


@pytest.mark.parametrize("kind", WARNED)
def test_a_last_line_without_its_end_is_a_warning(kind: str, inbox: Path) -> None:
    text, codes = WARNED[kind]
    (inbox / "1.csv").write_bytes(text.encode())
    ran(0)
    told = [
        json.loads(line)["code"]
        for line in Path("report/problems.ndjson").read_text(encoding="utf-8").splitlines()
    ]
    assert [code for code in told if code in ("E325", "E326")] == codes


def test_a_workbook_that_is_cut_off_costs_itself_alone(inbox: Path) -> None:
    (inbox / "1.xlsx").write_bytes(b"PK\x03\x04 and the rest was lost")
    (inbox / "2.csv").write_text(WHOLE, encoding="utf-8")
    assert ran(1)["records"] == {"written": 2, "rejected": 1}
    [one] = rejected()
    assert (one["codes"], one["raw"]["length"]) == (["E325"], 26)


def test_utf_16_that_ends_in_half_a_character(inbox: Path) -> None:
    (inbox / "1.csv").write_bytes(WHOLE.encode("utf-16")[:-1])
    (inbox / "2.csv").write_text(WHOLE, encoding="utf-8")
    assert ran(1)["records"] == {"written": 2, "rejected": 1}
