"""What readers look out for, each with the input that only that guard notices."""

from __future__ import annotations

import io
import zipfile

import pytest
from reading import read, refusal

from connectors.csv_file import CsvConnector
from connectors.formats.opening import looks_binary
from connectors.formats.workbook import _asked
from connectors.marc_file import MarcConnector
from etl.plugin import Refusal
from etl.testing.sources import bytes_source

CSV, MARC = CsvConnector(), MarcConnector()


def test_a_nul_in_a_quoted_cell_of_several_lines_is_damage() -> None:
    reading = read(CSV, b'order,title\n1,"a\nb\0c"\n2,d\n')
    assert reading.codes == [(1, "E314")]
    assert [row["title"] for row in reading.rows] == ["d"]


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"\x1f\x8b\x08\0rest", "gzip"), (b"\x89PNG\r\n", "PNG"), (b"SQLite format 3\0", "SQLite")],
)
def test_a_file_of_another_kind_is_called_by_its_name(data: bytes, said: str) -> None:
    with pytest.raises(Refusal) as caught:
        list(MARC.read(bytes_source(data), MARC.Options(), None))
    assert said in caught.value.problems[0].message


@pytest.mark.parametrize(("controls", "binary"), [(0, False), (10, False), (11, True), (200, True)])
def test_one_control_character_in_twenty_is_no_text_any_more(controls: int, binary: bool) -> None:
    assert looks_binary(b"\x01" * controls + b"x" * (200 - controls)) is binary


@pytest.mark.parametrize(("controls", "binary"), [(7, False), (8, True)])
def test_a_short_text_may_have_a_few(controls: int, binary: bool) -> None:
    assert looks_binary(b"\x01" * controls + b"xx") is binary


def test_an_archive_is_not_called_a_binary_workbook_nor_the_other_way_round() -> None:
    for name, said in (("xl/workbook.bin", "xlsb"), ("letter.txt", "without a workbook")):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(name, b"x")
        with pytest.raises(Refusal) as caught:
            read(CSV, packed.getvalue())
        assert said in caught.value.problems[0].message


def test_a_workbook_with_an_empty_sheet_is_read() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    packed = io.BytesIO()
    openpyxl.Workbook().save(packed)
    assert refusal(CSV, packed.getvalue()) in ([], ["E301"])


def test_a_sheet_that_says_it_is_enormous_is_not_unfolded(monkeypatch: pytest.MonkeyPatch) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    packed, book = io.BytesIO(), openpyxl.Workbook()
    book.active["B3"] = "x"
    book.save(packed)
    assert refusal(CSV, packed.getvalue()) == []
    monkeypatch.setattr("connectors.formats.workbook.CELLS", 5)
    assert refusal(CSV, packed.getvalue()) == ["E386"]


def test_only_a_panic_of_the_library_is_the_files_fault() -> None:
    panic = type("PanicException", (BaseException,), {})

    def fails(kind: type[BaseException]) -> None:
        raise kind

    with pytest.raises(Refusal):
        _asked("orders.xlsx", lambda: fails(panic))
    with pytest.raises(KeyboardInterrupt):
        _asked("orders.xlsx", lambda: fails(KeyboardInterrupt))


@pytest.mark.parametrize("cut", range(3, 12))
def test_a_json_list_that_is_cut_in_its_last_record_is_told(cut: int) -> None:
    whole = b'[{"leader": "00000nam a2200000 a 4500", "fields": [{"001": "1"}]}]'
    reading = read(MARC, whole[:-cut])
    assert reading.codes == [(1, "E382"), (2, "E325")]
    assert reading.rows == []
