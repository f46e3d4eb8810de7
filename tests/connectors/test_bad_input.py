"""What people attach by mistake or by malice → one clear sentence, bounded memory, exit code 2."""

from __future__ import annotations

import io
import os
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from marc_samples import records_of, transmission_of

from connectors.csv_file import CsvConnector
from connectors.marc_file import MarcConnector
from etl.cli.main import run_cli
from etl.plugin import Connector, Refusal, Source
from etl.testing.sources import path_source

GIGABYTE = 1 << 30
LONG = 1 << 27
"""Long enough to show that memory does not grow with the line; a gigabyte behaves alike and takes eight times as long."""
MARC: dict[str, object] = {"columns": {"id": "001"}}
READERS: dict[str, tuple[Connector, dict[str, object]]] = {
    "csv": (CsvConnector(), {}),
    **{
        form: (MarcConnector(), {**MARC, "format": form})
        for form in ("iso2709", "marcxml", "json", "mrk", "aleph")
    },
    "marc": (MarcConnector(), MARC),
}


class Endless(io.RawIOBase):
    """A head, and then very much of one text that takes no room on any disk."""

    def __init__(self, head: bytes, filler: bytes = b"x", size: int = LONG) -> None:
        self._head, self._block, self._left = head, filler * (1 << 20), size

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self._head:
            taken, self._head = self._head[:size], self._head[size:]
            return taken
        taken = self._block[: min(size, self._left)]
        self._left -= len(taken)
        return taken


def endless(head: bytes, filler: bytes = b"x", size: int = LONG) -> Source:
    return Source("endless", lambda: cast(BinaryIO, Endless(head, filler, size)), size)


def refused(reader: str, source: Source) -> str:
    connector, options = READERS[reader]
    with pytest.raises(Refusal) as refusal:
        list(connector.read(source, connector.Options.model_validate(options), None))
    [problem] = refusal.value.problems
    assert problem.data is not None
    assert problem.data.file == source.name
    assert problem.message
    return problem.code


def forbidden(folder: Path) -> Path:
    path = folder / "forbidden.csv"
    path.write_text("a;b\n1;2\n")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    return path


def picture(folder: Path) -> Path:
    (folder / "cover.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    return folder / "cover.png"


def empty(folder: Path) -> Path:
    (folder / "empty").write_bytes(b"")
    return folder / "empty"


BAD: dict[str, tuple[Callable[[Path], Path], str]] = {
    "empty": (empty, "E301"),
    "picture": (picture, "E302"),
    "folder": (lambda folder: folder, "E300"),
    "missing": (lambda folder: folder / "missing.csv", "E300"),
    "forbidden": (forbidden, "E300"),
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("reader", READERS)
def test_refused_by_every_reader(reader: str, kind: str, tmp_path: Path) -> None:
    make, code = BAD[kind]
    assert refused(reader, path_source(make(tmp_path))) == code


class Forbidden:
    """The system says no, whoever runs the tests."""

    def __call__(self) -> BinaryIO:
        raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize("reader", READERS)
def test_permission_denied(reader: str) -> None:
    assert refused(reader, Source("forbidden", Forbidden())) == "E300"


ONE_LINE = {
    "csv": b"a;b\n1;2\n",
    "iso2709": transmission_of(records_of(1)),
    "mrk": b"=LDR  00000nam a2200000 a 4500\n=001  b1\n\n=LDR  ",
    "aleph": b"000000001 LDR   L 00000nam^a2200000^a^4500\n000000002 245   L $$a",
    "json": b'{"leader": "00000nam a2200000 a 4500", "fields": [{"001": "b1"}]}\n{"leader": "',
    "marcxml": b'<collection><record><controlfield tag="001">b1</controlfield></record><record><leader>',
}


@pytest.mark.parametrize("reader", ONE_LINE)
def test_a_line_that_does_not_end(reader: str) -> None:
    connector, options = READERS[reader]
    tracemalloc.start()
    try:
        batches = list(
            connector.read(endless(ONE_LINE[reader]), connector.Options.model_validate(options), None)
        )
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 64 << 20
    rejected = [item for batch in batches for item in batch.rejected]
    assert sum(batch.frame.height for batch in batches) == 1
    assert len(rejected) == 1
    assert len(rejected[0].raw) <= 2 << 20
    assert rejected[0].problems[0].code in ("E315", "E348", "E349")


def test_xml_without_a_record() -> None:
    connector, options = READERS["marcxml"]
    tracemalloc.start()
    try:
        source = endless(b"<ONIXMessage>", b"<p/>")
        batches = list(connector.read(source, connector.Options.model_validate(options), None))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 64 << 20
    assert [item.problems[0].code for batch in batches for item in batch.rejected] == ["E348"]


@pytest.mark.parametrize("reader", ["marc", "csv"])
def test_a_sparse_file_of_a_gigabyte(reader: str, tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(GIGABYTE)
    assert refused(reader, path_source(path)) in ("E302", "E340")


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(200):
                part.write(bytes(1 << 20))
    return packed.getvalue()


def test_a_zip_bomb() -> None:
    data = bomb()
    assert len(data) < 2 << 20
    source = Source("bomb.xlsx", lambda: io.BytesIO(data))
    tracemalloc.start()
    try:
        assert refused("csv", source) == "E386"
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()
    assert refused("marc", source) == "E302"


def nested() -> bytes:
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        text = f'<!DOCTYPE w [<!ENTITY l0 "ha">{lol}]><workbook>&l11;</workbook>'
        archive.writestr("xl/workbook.xml", text)
        archive.writestr("xl/_rels/workbook.xml.rels", text)
    return packed.getvalue()


def test_entities_in_a_workbook() -> None:
    assert refused("csv", Source("lol.xlsx", lambda: io.BytesIO(nested()))) == "E385"


MAPPING = """\
version: 1
name: case
target: po_line
source: {{connector: {connector}, path: {path}{options}}}
key: id
fields:
  owner: MAIN
  type: PRINTED_BOOK_OT
  resource_metadata: {{title: "{{{{ id }}}}"}}
"""


@pytest.mark.parametrize("connector", ["csv", "marc"])
@pytest.mark.parametrize("kind", ["empty", "picture", "missing", "forbidden", "bomb"])
def test_exit_code_2(
    connector: str,
    kind: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    if kind == "bomb":
        path, code = folder / "bomb.xlsx", "E386" if connector == "csv" else "E302"
        path.write_bytes(bomb())
    else:
        make, code = BAD[kind]
        path = make(folder)
    monkeypatch.chdir(tmp_path)
    options = ", options: {columns: {id: 001}}" if connector == "marc" else ""
    (tmp_path / "m.yaml").write_text(MAPPING.format(connector=connector, path=path, options=options))
    assert run_cli(["run", "m.yaml", "--report", str(tmp_path / "report")]) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    if kind != "missing":  # which is found out before any connector is asked: E601
        assert f"[{code}]" in said
    assert said.startswith("error[E") or "error[E" in said
