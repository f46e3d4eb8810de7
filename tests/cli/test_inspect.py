"""`etl inspect FILE` → which connectors read it, by its content; what is counted is what is there."""

from __future__ import annotations

import gzip
import io
import json
from collections import Counter
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pymarc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.cli.main import run_cli
from etl.plugin import Batch
from etl.registry import Registry
from etl.run.survey import MANY, survey
from etl.run.value_shapes import LONGEST, shape_of
from etl.spec.load import load
from etl.testing.work import memory_of

ROOT = Path(__file__).parents[2]
TEXT = "order;titel;antal\n1;Sju nätter på Åland;2\n2;Mörkt vatten;1\n"


def _samples() -> Iterator[tuple[Path, str]]:
    """(sample, connector of its mapping), each once."""
    seen = set()
    for mapping in sorted([*ROOT.glob("mappings/*/*.yaml"), *ROOT.glob("examples/*/*.yaml")]):
        if mapping.name.startswith("_") or mapping.parent.name == "_shared":
            continue
        source = load(str(mapping)).model.source
        if source is None or not source.path:
            continue
        for pattern in [source.path] if isinstance(source.path, str) else source.path:
            for sample in sorted(mapping.parent.glob(pattern)):
                if (sample, source.connector) not in seen:
                    seen.add((sample, source.connector))
                    yield sample, source.connector


SAMPLES = list(_samples())


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def told(data: bytes, capfd: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    """What is said of a file whose name says nothing, a document for each reading."""
    Path("x.dat").write_bytes(data)
    assert run_cli(["inspect", "x.dat", "--format", "json", *words]) == 0
    out, documents, decoder = capfd.readouterr().out, [], json.JSONDecoder()
    while out.strip():
        document, end = decoder.raw_decode(out.lstrip())
        documents.append(document)
        out = out.lstrip()[end:]
    return documents


@pytest.mark.parametrize(
    ("sample", "connector"), SAMPLES, ids=[f"{s.parent.parent.name}-{s.name}" for s, _ in SAMPLES]
)
def test_every_sample_is_recognised_under_any_name(
    sample: Path, connector: str, capfd: pytest.CaptureFixture[str]
) -> None:
    one, *_sheets = told(sample.read_bytes(), capfd)
    assert connector in [fit["connector"] for fit in one["fits"]]
    assert all(fit["why"] and 0 <= fit["read"] <= fit["of"] for fit in one["fits"])
    assert one["connector"] == one["fits"][0]["connector"]
    options = one["source"]["options"]
    made = Registry.installed().get("connectors", one["connector"])
    assert made.Options.model_validate(options) is not None, "the draft is taken as it is"


def test_the_samples_are_found() -> None:
    assert {connector for _, connector in SAMPLES} == set(Registry.installed().names("connectors"))


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
def test_delimited_text(delimiter: str, encoding: str, capfd: pytest.CaptureFixture[str]) -> None:
    [one] = told(TEXT.replace(";", delimiter).encode(encoding), capfd)
    assert one["connector"] == "csv"
    assert one["columns"]["titel"]["examples"] == ["Sju nätter på Åland", "Mörkt vatten"]


def workbook() -> bytes:
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.title = "Beställning"
    for row in (["order", "titel"], ["1", "Vindens öar"], ["2", "Dold"], ["3", "Fjällens flora"]):
        first.append(row)
    first.row_dimensions[3].hidden = True
    book.create_sheet("Tom")
    second = book.create_sheet("Bilaga #2")
    second.append(["konto", "bibliotek"])
    second.append(["17", "Huvud"])
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def test_every_sheet_of_a_workbook_and_its_hidden_rows(capfd: pytest.CaptureFixture[str]) -> None:
    first, second = told(workbook(), capfd)
    assert [one["source"]["options"] for one in (first, second)] == [
        {"sheet": "Beställning"},
        {"sheet": "Bilaga #2"},
    ]
    assert first["found"]["hidden rows"] == "1, a run holds them: 3"
    assert second["found"]["hidden rows"] == "none"
    assert list(second["columns"]) == ["konto", "bibliotek"]


@pytest.mark.parametrize("case", ["csv-old-excel-workbook/input.xls", "csv-open-document/input.ods"])
def test_other_workbooks(case: str, capfd: pytest.CaptureFixture[str]) -> None:
    for one in told((ROOT / "tests/cases" / case).read_bytes(), capfd):
        assert one["connector"] == "csv"
        assert one["columns"]


def records() -> list[pymarc.Record]:
    data = (ROOT / "mappings/generic-marc/samples/oasis-2024-03-11.mrc").read_bytes()
    return [record for record in pymarc.MARCReader(data) if record is not None]


def aleph(record: pymarc.Record, number: int) -> str:
    lines = [f"{number:09} LDR   L {str(record.leader).replace(' ', '^')}\n"]
    for field in record.fields:
        indicators = "  " if field.control_field else "".join(field.indicators)
        text = (
            (field.data or "")
            if field.control_field
            else "".join(f"$${code}{value}" for code, value in field.subfields)
        )
        lines.append(f"{number:09} {field.tag}{indicators} L {text}\n")
    return "".join(lines)


def written(form: str) -> bytes:
    match form:
        case "marcxml":
            inner = b"".join(pymarc.record_to_xml(record) for record in records())
            return b'<collection xmlns="http://www.loc.gov/MARC21/slim">' + inner + b"</collection>"
        case "json":
            return ("[" + ",".join(record.as_json() for record in records()) + "]").encode()
        case "mrk":
            return "\n".join(map(str, records())).encode()
        case "aleph":
            return "".join(aleph(record, number) for number, record in enumerate(records(), 1)).encode()
    return b"".join(record.as_marc() for record in records())


@pytest.mark.parametrize("form", ["iso2709", "marcxml", "json", "mrk", "aleph"])
def test_fields_of_marc_are_counted_without_a_mapping(form: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Held against another reader of MARC."""
    [one] = told(written(form), capfd, *(() if form != "json" else ("--connector", "marc")))
    assert one["connector"] == "marc"
    having: Counter[str] = Counter()
    total: Counter[str] = Counter()
    most: Counter[str] = Counter()
    for record in records():
        here: Counter[str] = Counter()
        for field in record.fields:
            here[field.tag] += 1
            here.update(f"{field.tag}${part.code}" for part in field.subfields)
        having.update(here.keys())
        total.update(here)
        most |= here
    counted = {part["name"]: part for part in one["parts"]}
    assert {name: part["records"] for name, part in counted.items()} == having
    assert {name: part["total"] for name, part in counted.items()} == total
    assert {name: part["most"] for name, part in counted.items()} == most
    assert one["source"]["options"]["columns"]["f245a"] == "245$a"


def test_the_draft_is_a_source_that_reads(capfd: pytest.CaptureFixture[str]) -> None:
    for data in (written("iso2709"), TEXT.encode(), workbook()):
        Path("x.dat").write_bytes(data)
        assert run_cli(["inspect", "x.dat"]) == 0
        first = capfd.readouterr().out.split("  a draft for the mapping:\n")[1].splitlines()
        block = "\n".join(line[4:] for line in takewhile(lambda line: line.startswith("    "), first))
        Path("m.yaml").write_text(
            f"version: 1\nname: x\ntarget: po_line\n{block}\nkey: [a]\nfields: {{}}\n", encoding="utf-8"
        )
        assert run_cli(["inspect", "x.dat", "--mapping", "m.yaml"]) == 0
        again = capfd.readouterr().out
        assert "columns (filled" in again
        assert "a draft" not in again


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "E301", "empty"),
        (gzip.compress(TEXT.encode()), "E302", "gzip"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "E302", "PNG"),
        (b"<ONIXMessage/>", "E119", '"<ONIXMessage/>" (3C 4F 4E'),
        (b'{"anything": [1, 2]}', "E119", '"{"anything'),
        (bytes(range(29)) * 99, "E119", "00 01 02"),
    ],
    ids=["empty", "gzip", "png", "onix", "json", "bytes"],
)
def test_what_nobody_reads_is_described(
    data: bytes, code: str, words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    Path("orders.csv").write_bytes(data)
    assert run_cli(["inspect", "orders.csv"]) == 2
    err = capfd.readouterr().err
    assert f"error[{code}]" in err
    assert words in err
    if code == "E119":
        assert all(f"  {name}: " in err for name in Registry.installed().names("connectors"))


def test_damage_and_text_of_others(capfd: pytest.CaptureFixture[str]) -> None:
    Path("x.dat").write_bytes(b"a;b\n\x1b[31m##[error]x;2\n3\n" + "\u202ey;1\n".encode())
    assert run_cli(["inspect", "x.dat"]) == 0
    said = capfd.readouterr()
    assert "records: 3 (1 rejected)" in said.out
    assert "error[E31" in said.err
    assert not {"\x1b", "\u202e"} & set(said.out + said.err)
    assert "##[" not in said.out + said.err


def batches(count: int) -> Iterator[Batch]:
    for number in range(count):
        rows = range(number * 1000, number * 1000 + 1000)
        reserved = {"_record": list(rows), "_line": list(rows), "_offset": list(rows)}
        yield Batch(pl.DataFrame({**reserved, "a": [f"value {row} " + "x" * 300 for row in rows]}))


def test_memory_does_not_grow_with_the_file() -> None:
    """Past the number of different values that are told apart."""
    least = MANY // 1000 + 5
    few, many = (memory_of(lambda count=count: survey(batches(count), 3)) for count in (least, 4 * least))  # type: ignore[misc]
    assert many < few * 1.2
    assert survey(batches(least), 3).columns["a"].different == f"{MANY}+"


@given(
    st.decimals(0, 10**6, places=2),
    st.sampled_from([("", "", ","), (" ", "", ","), (".", "", ","), (",", " kr", ".")]),
)
def test_shapes_of_amounts(amount: Any, way: tuple[str, str, str]) -> None:
    thousands, after, mark = way
    text = f"{amount:,.2f}".replace(",", "T").replace(".", mark).replace("T", thousands) + after
    name = "comma" if mark == "," else "point"
    assert shape_of(text) == f"number with a {name} before the decimals"


@given(st.text(max_size=2 * LONGEST))
def test_every_text_has_a_shape_or_none(text: str) -> None:
    shape = shape_of(text)
    assert shape is None or (len(text) <= LONGEST and any(sign.isdigit() for sign in text))


@pytest.mark.parametrize("above", [1, 2, 5])
@pytest.mark.parametrize("delimiters", ["", ";;;"])
def test_a_title_above_the_header_is_drafted(
    above: int, delimiters: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    title = ["Lunds Bokhandel" + delimiters, *[delimiters] * (above - 1)]
    rows = ["Ordernr;Titel;ISBN;Pris", "A1;Ett;9789113084923;100,00", "A2;Två;9789113084923;120,00"]
    (tmp_path / "a.csv").write_text("\n".join([*title, *rows, ""]), encoding="utf-8")
    assert run_cli(["inspect", str(tmp_path / "a.csv"), "--format", "json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert found["source"]["options"] == {"skip_lines": above}
    assert list(found["columns"]) == ["Ordernr", "Titel", "ISBN", "Pris"]


def test_repeated_order_fields_are_drafted_as_rows(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    order = "=960  \\\\$oA1$s100.00\n"
    (tmp_path / "a.mrk").write_text(f"=LDR  00000nam a2200000 a 4500\n=001  1\n{order}{order}\n", encoding="utf-8")
    assert run_cli(["inspect", str(tmp_path / "a.mrk"), "--format", "json"]) == 0
    options = json.loads(capfd.readouterr().out)["source"]["options"]
    assert options["rows"] == "960"
    assert (options["columns"]["f960o"], options["columns"]["f960s"]) == ("960$o", "960$s")
