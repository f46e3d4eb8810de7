"""`etl preview --find` → the record that a person means, however it is written, and nothing mapped twice."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.cli.main import run_cli
from etl.run import build, known_as, rows
from etl.run.known_as import plain
from etl.template.filters.isbn import isbn10, isbn13
from etl.testing.snapshots import snapshot_folder
from etl.values.isbn import written_isbns

ROOT = Path(__file__).parents[2]
MAPPINGS = sorted(ROOT.glob("mappings/[!_]*/*.yaml"))
NAMES = [path.relative_to(ROOT / "mappings").as_posix() for path in MAPPINGS]

MAPPING = """\
version: 1
name: t
target: po_line
source: {connector: csv, path: [in.csv, more.csv]}
key: [order, line]
fields:
  owner: MAIN
  type: PRINTED_BOOK_OT
  vendor: V
  vendor_account: V1
  price: {sum: "10", currency: SEK}
  vendor_reference_number: "SE {{ order }}"
  resource_metadata: {title: "{{ title }}", isbn: "{{ isbn | isbn13 }}"}
  fund_distribution: [{fund_code: B, amount: {sum: "10", currency: SEK}}]
  location: [{library: MAIN, quantity: 1}]
"""
ROWS = (
    "order;line;title;isbn\nB-71;1;Ett;91-999990-1-3 (inb.)\nB-71;2;Två;978-91-999990-2-9\nÅ 9;1;Tre;9789199999013\n"
)
MORE = "order;line;title;isbn\nC-5;1;Fyra;9789199999012\n"


@pytest.fixture
def orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in (("m.yaml", MAPPING), ("in.csv", ROWS), ("more.csv", MORE)):
        Path(name).write_text(text, encoding="utf-8")
    return tmp_path


def found(capfd: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    capfd.readouterr()
    assert run_cli(["preview", *words, "--format", "json"]) == 0, capfd.readouterr()
    said: dict[str, Any] = json.loads(capfd.readouterr().out)
    return said


@pytest.mark.parametrize(
    ("text", "kind", "place", "count"),
    [
        ("B-71_2", "key", ("in.csv", 2), 1),
        ("B-71_2.json", "key", ("in.csv", 2), 1),
        ("b-71 / 2", "key", ("in.csv", 2), 1),
        ("å 9, 1", "key", ("in.csv", 3), 1),
        ("A\u030a 9 1", "key", ("in.csv", 3), 1),
        ("SE B-71", "order number", ("in.csv", 1), 2),
        ("B 71", "part of the key", ("in.csv", 1), 2),
        ("9789199999012", "ISBN", ("in.csv", 1), 2),
        ("978-91-999990-1-2", "ISBN", ("in.csv", 1), 2),
        ("9199999013", "ISBN", ("in.csv", 1), 2),
        ("91-999990-2-1", "ISBN", ("in.csv", 2), 1),
        ("ISBN 978\u201191\u2011999990\u20112\u20119", "ISBN", ("in.csv", 2), 1),
        ("9789199999013", "ISBN", ("in.csv", 3), 1),
        ("C-5", "part of the key", ("more.csv", 1), 1),
    ],
)
@pytest.mark.usefixtures("orders")
def test_a_record_is_found_as_it_is_called(
    text: str, kind: str, place: tuple[str, int], count: int, capfd: pytest.CaptureFixture[str]
) -> None:
    said = found(capfd, "m.yaml", "--find", text)
    assert (said["file"], said["record"]) == place
    assert (said["found"]["by"], said["found"]["count"]) == (kind, count)


@pytest.mark.usefixtures("orders")
def test_several_are_named_and_the_first_is_shown(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["preview", "m.yaml", "--find", "9199999013"]) == 0
    out, err = capfd.readouterr()
    assert out.startswith("in.csv:2  (record 1)")
    assert '2 records have the ISBN "9199999013"; this is the first' in err
    assert "also  more.csv:2  (record 1)  key C-5_1" in err
    assert run_cli(["preview", "m.yaml", "--find", "C-5_1"]) == 0
    assert capfd.readouterr().out.startswith("more.csv:2  (record 1)")


@pytest.mark.parametrize(
    ("text", "near"),
    [("B-7l_2", "B-71_2"), ("978919999902", "9789199999029"), ("C-6", "C-5"), ("—", "nothing is like it"), ("zzz", "nothing is like it")],
)  # fmt: skip
@pytest.mark.usefixtures("orders")
def test_what_is_not_there_is_told_with_the_nearest(
    text: str, near: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run_cli(["preview", "m.yaml", "--find", text]) == 2
    err = capfd.readouterr().err
    assert "error[E606]" in err
    assert "looked through 4 records in 2 files" in err
    assert near in err


@pytest.mark.usefixtures("orders")
def test_a_record_that_cannot_be_read_says_why(capfd: pytest.CaptureFixture[str]) -> None:
    Path("in.csv").write_text(ROWS.replace("\nÅ", "\nD-8;1;Fem;9789199999050;too;many\nÅ"), encoding="utf-8")
    assert run_cli(["preview", "m.yaml", "--find", "D-8"]) == 2
    err = capfd.readouterr().err
    assert "in.csv:4" in err
    assert "E606" not in err


IDENTITY = """\
identity: {order: "{{ order | replace('-', '') }}", line: line, title: "{{ title }}!", barcode: code, vendor: shop}
"""


@pytest.mark.parametrize(
    ("text", "kind", "record"),
    [
        ("B71", "order number", 1),
        ("SE B-71", "order number", 1),
        ("31 000 2", "barcode", 2),
        ("två!", "title", 2),
        ("B71-2", "order line", 2),
        ("nordbok", "vendor", 1),
    ],
)
@pytest.mark.usefixtures("orders")
def test_what_the_mapping_calls_an_order_line_by_finds_it(
    text: str, kind: str, record: int, capfd: pytest.CaptureFixture[str]
) -> None:
    Path("m.yaml").write_text(MAPPING.replace("in.csv, more.csv", "in.csv") + IDENTITY, encoding="utf-8")
    head, *rest = ROWS.splitlines()
    lines = [f"{head};code;shop", *(f"{one};31-000-{at};Nordbok" for at, one in enumerate(rest, 1))]
    Path("in.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    said = found(capfd, "m.yaml", "--find", text)
    assert (said["found"]["by"], said["record"]) == (kind, record)


@pytest.mark.parametrize("words", [["--find", "x", "--record", "1"], ["--find", " "], ["--find", ""]])
@pytest.mark.usefixtures("orders")
def test_a_record_is_named_in_one_way(words: list[str]) -> None:
    assert run_cli(["preview", "m.yaml", *words]) == 2


@pytest.mark.usefixtures("orders")
def test_a_group_is_one_record(capfd: pytest.CaptureFixture[str]) -> None:
    mapping = MAPPING.replace("key: [order, line]", "key: [order]\ngroup_by: [order]")
    mapping = mapping.replace("{{ title }}", "{{ rows[0].title }}")
    Path("m.yaml").write_text(mapping.replace("{{ isbn | isbn13 }}", ""), encoding="utf-8")
    said = found(capfd, "m.yaml", "--find", "se b-71")
    assert len(said["source"]) == 2
    assert said["found"]["count"] == 1


@pytest.mark.usefixtures("orders")
def test_each_file_is_read_once_and_one_record_mapped(monkeypatch: pytest.MonkeyPatch) -> None:
    done = Counter[str]()
    read, make = rows.read_to_the_end, build.Builder.build

    def reading(*words: Any) -> Any:
        done["read"] += 1
        return read(*words)

    def building(*words: Any) -> Any:
        done["built"] += 1
        return make(*words)

    monkeypatch.setattr(rows, "read_to_the_end", reading)
    monkeypatch.setattr(build.Builder, "build", building)
    assert run_cli(["preview", "m.yaml", "--find", "C-5"]) == 0
    assert done == {"read": 2, "built": 1}


@pytest.mark.parametrize("mapping", MAPPINGS, ids=NAMES)
def test_every_reviewed_payload_is_found_by_its_name_and_its_isbn(
    mapping: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """CSV, MARC, JSON, EDIFACT, XML: whatever the file is."""
    payloads = sorted(path for path in snapshot_folder(mapping).glob("*/*.json"))
    assert payloads
    for path in payloads[:1]:
        said = found(capfd, str(mapping), "--find", path.stem)
        assert said["found"]["by"] == "key"
        isbn = said["payload"]["resource_metadata"].get("isbn")
        if isbn and written_isbns(isbn):
            again = found(capfd, str(mapping), "--find", isbn)
            assert again["payload"]["resource_metadata"]["isbn"] == isbn or again["found"]["count"] > 1


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_how_texts_are_compared_is_settled_at_once(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    assert plain(text.upper()) == plain(plain(text).upper())


@given(st.integers(0, 999_999_999))
def test_ten_and_thirteen_are_one_number(body: int) -> None:
    ten = isbn10("978" + f"{body:09d}" + str(-sum((1, 3)[at % 2] * int(d) for at, d in enumerate(f"978{body:09d}")) % 10))
    assert ten is not None
    assert written_isbns(f"{ten[:2]}-{ten[2:9]}-{ten[9]}") == {isbn13(ten)}


def test_a_record_that_is_no_document_is_evaluated_once_for_its_names(
    orders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Skipped records are most of some files."""
    met: Counter[str] = Counter()
    evaluated = known_as.Evaluation.let

    def let(self: Any, name: str, value: Any) -> None:
        met[name] += 1
        evaluated(self, name, value)

    monkeypatch.setattr(known_as.Evaluation, "let", let)
    aside = known_as.KnownAs.aside
    asked: list[int] = []

    def counted(self: Any, row: Any) -> Any:
        before = met["ours"]
        found = aside(self, row)
        asked.append(met["ours"] - before)
        return found

    monkeypatch.setattr(known_as.KnownAs, "aside", counted)
    text = MAPPING.replace("vendor: V\n", 'vendor: "{{ ours }}"\n')
    text = text.replace("fields:\n", "let: {ours: \"{{ 'V' }}\"}\nwhen: \"{{ line == '0' }}\"\nfields:\n")
    Path("m.yaml").write_text(text, encoding="utf-8")
    run_cli(["run", "m.yaml", "--sink", "files", "--sink-option", "directory=out"])
    assert asked
    assert set(asked) == {1}
