"""What a mapping names as a file → read if it is one, and never repeated where it is none of ours."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from etl.cli.main import run_cli
from etl.lookups.sheet import MAX_COLUMNS, MAX_PROBLEMS, MAX_ROWS
from etl.problems import Refusal
from etl.regular_files import UnfitFile, read_file
from etl.spec.load import MAX_FILES, load
from etl.yaml_tree import MAX_BYTES

MAPPING = """\
version: 1
name: m
target: po_line
source: {{connector: csv}}
key: order
{named}
fields:
  owner: "{{{{ order {lookup} }}}}"
  type: PRINTED_BOOK_OT
  vendor: V
  vendor_account: V-1
  price: {{sum: "1.00", currency: SEK}}
  resource_metadata: {{title: T}}
  fund_distribution: [{{fund_code: F, amount: {{sum: "1.00", currency: SEK}}}}]
  location: [{{library: MAIN, shelving_location: S, quantity: 1}}]
  material_type: BOOK
"""
Checked = Callable[[str, str], tuple[int, str]]


@pytest.fixture
def checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Checked:
    """How the mapping names the file, and the file → exit code and everything `etl check` says."""
    monkeypatch.chdir(tmp_path)

    def check(how: str, name: str) -> tuple[int, str]:
        named = f"extends: '{name}'" if how == "extends" else f"lookups: {{t: {{file: '{name}', key: code}}}}"
        lookup = "" if how == "extends" else "| lookup('t', 'x')"
        mapping = name if how == "named" else "m.yaml"
        if how != "named":
            (tmp_path / "m.yaml").write_text(MAPPING.format(named=named, lookup=lookup), encoding="utf-8")
        code = run_cli(["check", mapping])
        said = capsys.readouterr()
        return code, said.out + said.err

    return check


def make(kind: str, path: Path) -> None:
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(str(path))
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "link to a pipe":
        os.mkfifo(path.with_suffix(".fifo"))
        path.symlink_to(path.with_suffix(".fifo"))
    elif kind == "large":
        with path.open("wb") as stream:
            stream.truncate(200 << 20)


NOT_FILES = ["folder", "pipe", "socket", "device", "link to a pipe", "large"]


@pytest.mark.skipif(os.name != "posix", reason="kinds of files as POSIX has them")
@pytest.mark.parametrize("how", ["named", "extends", "lookup"])
@pytest.mark.parametrize("kind", NOT_FILES)
def test_what_is_no_file_is_refused_and_not_waited_for(
    kind: str, how: str, checked: Checked, tmp_path: Path
) -> None:
    name = "x.csv" if how == "lookup" else "x.yaml"
    make(kind, tmp_path / name)
    code, said = checked(how, name)
    assert code == 2
    usage = "E115" if (kind, how) == ("folder", "named") else "E110"  # a folder is gone through
    assert ("E463" if how == "lookup" else usage) in said, said
    assert "  mapping  m.yaml:" in said or how == "named"


@pytest.mark.parametrize("name", ["\\0", "\\uD800", "x" * 5_000, "..", "/", "absent.csv/x.csv"])
@pytest.mark.parametrize("how", ["extends", "lookup"])
def test_what_is_no_name_is_refused(name: str, how: str, checked: Checked, tmp_path: Path) -> None:
    suffix = ".csv" if how == "lookup" else ""
    text = MAPPING.format(named="", lookup="| lookup('t', 'x')" if how == "lookup" else "")
    given = (
        f'extends: "{name}"' if how == "extends" else f'lookups: {{t: {{file: "{name}{suffix}", key: code}}}}'
    )
    (tmp_path / "m.yaml").write_text(f"{given}\n{text}", encoding="utf-8")
    code, said = checked("named", "m.yaml")
    assert code == 2
    assert "E900" not in said


def test_a_link_to_a_file_is_fine(checked: Checked, tmp_path: Path) -> None:
    (tmp_path / "true.csv").write_text("code,x\nA,1\n", encoding="utf-8")
    (tmp_path / "x.csv").symlink_to("true.csv")
    assert checked("lookup", "x.csv")[0] == 0
    (tmp_path / "true.yaml").write_text("description: shared\n", encoding="utf-8")
    (tmp_path / "x.yaml").symlink_to("true.yaml")
    assert checked("extends", "x.yaml")[0] == 0


FOREIGN = {
    "accounts": "root:x:0:0:SECRET:/root:/bin/bash\nsource:x:1:1:SECRET:/:/bin/sh\n",
    "hashes": "user:$6$SECRET:19000:0:99999:7:::\ncode:$6$SECRET:::\n",
    "environment": "SECRET=SECRET\nexport NAME=SECRET\n",
    "netrc": "machine alma.example login SECRET password SECRET\n",
    "key": "-----BEGIN CERTIFICATE-----\nSECRETSECRET==\n-----END CERTIFICATE-----\n",
    "ini": "[SECRET]\npassword = SECRET; SECRET, SECRET\n",
    "log": "2024-03-11 10:00:00,123 SECRET: login; password SECRET\n" * 50,
    "program": "import os\nSECRET = {'a': 'SECRET'}\n",
    "prose": "Dear SECRET, the word is SECRET; keep it.\n\tSECRET\n",
    "quotes": "\"SECRET\n'SECRET\n{SECRET\n",
    "anchors": "*SECRET\n&SECRET x\n!SECRET y\n%SECRET\n",
    "tabs": "\tSECRET\tSECRET\n",
    "one word": "SECRET",
    "zero bytes": "SECRET\0SECRET\n",
    "settings": "password: SECRET\ntoken: SECRET\nSECRET: SECRET\n",
    "services": "version: '3'\nservices:\n  db: {password: SECRET}\nSECRET: SECRET\n",
    "json": '{"password": "SECRET", "SECRET": ["SECRET"]}\n',
}


@pytest.mark.parametrize("content", FOREIGN)
@pytest.mark.parametrize(
    ("how", "name"),
    [("extends", "x"), ("extends", "x.yaml"), ("lookup", "x.csv"), ("lookup", "x.txt"), ("lookup", "x.yaml")],
)
def test_not_a_word_of_a_file_of_another_kind_is_repeated(
    content: str, how: str, name: str, checked: Checked, tmp_path: Path
) -> None:
    (tmp_path / "somebody").write_text(FOREIGN[content], encoding="utf-8")
    (tmp_path / name).symlink_to("somebody")
    code, said = checked(how, name)
    assert code == 2
    assert "SECRET" not in said, said
    assert name in said
    assert any(wanted in said for wanted in ("E111", "E464", "E451")), said


@pytest.mark.parametrize(
    ("how", "name", "text"),
    [
        ("extends", "x.yaml", "version: 1\nname: |\n  SECRET 1\n  SECRET 2\nfoo: SECRET\nlet: [SECRET\n"),
        ("extends", "x.yaml", "version: 1\nguards:\n  max_rejected: |\n    SECRET !\n    SECRET 2\n"),
        ("extends", "x.yaml", "version: 1\nsink: SECRET\n'SECRET\n  SECRET': SECRET\n"),
        ("lookup", "x.csv", 'code,x\nA,1\nSECRET,SECRET,SECRET\nB,2\n"SECRET"SECRET,3\n'),
        ("lookup", "x.csv", "code,x\nSECRET,1\nSECRET,2\n"),
        ("lookup", "x.yaml", "- {code: A, x: 1}\n- {code: B, SECRET: 1}\n- SECRET\n- {SECRET: 1}\n"),
    ],
)
def test_of_ours_only_lines_at_fault(
    how: str, name: str, text: str, checked: Checked, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    code, said = checked(how, name)
    assert code == 2
    for number, line in enumerate(text.splitlines(), 1):
        repeated = line.strip() and f"{line}\n" in said
        assert not repeated or f"{name}:{number}:" in said, (line, said)
    assert "SECRET 2" not in said


TOO_MUCH = {
    "a list": "let: {a: [" + "a," * 200_000 + "]}",
    "brackets": "let: " + "[" * 200_000,
    "dashes": "let: " + "\n" + "- " * 200_000,
    "keys": "".join(f"k{i}:\n" for i in range(100_000)) + "version: 1\n",
    "a long key": "version: 1\n? '" + "k" * 300_000 + "'\n: [" + "a," * 50_000 + "]",
    "keys in keys": "version: 1\n" + "".join("  " * i + "k" * 900 + ":\n" for i in range(50)),
    "anchors": "let: &a [x]\n" + "".join(f"l{i}: [{'*a,' * 9}]\n" for i in range(20_000)),
}


@pytest.mark.parametrize("what", TOO_MUCH)
def test_a_mapping_that_expands_without_end_is_refused(what: str, tmp_path: Path) -> None:
    file = tmp_path / "m.yaml"
    file.write_text(TOO_MUCH[what], encoding="utf-8")
    with pytest.raises(Refusal) as refused:
        load(str(file))
    assert [problem.code for problem in refused.value.problems] == ["E104"]


def test_a_chain_and_a_net_of_extends_have_an_end(tmp_path: Path) -> None:
    for shape, parents in (("chain", 1), ("net", 2)):
        for number in range(MAX_FILES + 1):
            named = ", ".join([f"{shape}{number + 1}.yaml"] * parents)
            (tmp_path / f"{shape}{number}.yaml").write_text(f"extends: [{named}]\n", encoding="utf-8")
        with pytest.raises(Refusal) as refused:
            load(str(tmp_path / f"{shape}0.yaml"))
        assert [problem.code for problem in refused.value.problems] == ["E112"]


FRAGMENTS = {
    "a chain": "".join(f"  f{i}: {{$include: f{i + 1}}}\n" for i in range(3_000))
    + "  f3000: {library: MAIN}\n",
    "a tree": "".join(
        f"  f{i}: {{copy: [{', '.join([f'{{$include: f{i + 1}}}'] * 400)}]}}\n" for i in range(3)
    )
    + "  f3: {barcode: x}\n",
}


@pytest.mark.parametrize(("what", "code"), [("a chain", "E210"), ("a tree", "E104")])
def test_fragments_that_include_one_another_have_an_end(
    what: str, code: str, checked: Checked, tmp_path: Path
) -> None:
    item = "{$include: f0}"
    listed = ", ".join([item] * (1 if what == "a chain" else 400))
    text = MAPPING.format(named=f"fragments:\n{FRAGMENTS[what]}", lookup="")
    text = text.replace("[{library: MAIN, shelving_location: S, quantity: 1}]", f"[{listed}]")
    (tmp_path / "m.yaml").write_text(text, encoding="utf-8")
    ended, said = checked("named", "m.yaml")
    assert ended == 2
    assert code in said


@pytest.mark.parametrize(
    "template",
    [
        *("(" * 5_000, "[" * 5_000, "a" + "+a" * 30_000, "a" + "|upper" * 9_000, "a" * 200_000, "9" * 9_000),
        *(
            "0x" + "f" * 9_000,
            "a." * 9_000 + "b",
            "not " * 20_000 + "a",
            "-" * 20_000 + "1",
            "a if b else " * 9_000,
        ),
    ],
    ids=range(11),
)
def test_a_template_without_end_is_refused(template: str, checked: Checked, tmp_path: Path) -> None:
    text = MAPPING.format(named=f'let: {{a: "{{{{ {template} }}}}"}}', lookup="")
    (tmp_path / "m.yaml").write_text(text, encoding="utf-8")
    code, said = checked("named", "m.yaml")
    assert code == 2
    assert "E211" in said or "E212" in said, said[:500]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.csv", "code,x\n" + "A,1\n" * (MAX_ROWS + 1)),
        ("x.csv", ",".join(f"c{i}" for i in range(MAX_COLUMNS + 1)) + "\n"),
        ("x.yaml", "code: [" + "[" * 100_000),
        ("x.yaml", "- {code: [" + "a," * 400_000 + "]}\n"),
        ("x.yaml", "- " * 100_000),
    ],
    ids=["rows", "columns", "brackets", "cells", "dashes"],
)
def test_a_table_that_is_too_large_is_refused(name: str, text: str, checked: Checked, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    code, said = checked("lookup", name)
    assert code == 2
    assert "E463" in said


def test_a_file_that_is_wrong_in_every_line_is_not_repeated(checked: Checked, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("code,x\n" + "A,1,2\n" * 100_000, encoding="utf-8")
    code, said = checked("lookup", "x.csv")
    assert code == 2
    assert said.count("A,1,2") == MAX_PROBLEMS


def test_no_more_is_read_than_may_be(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"a" * MAX_BYTES)
    assert len(read_file(file, MAX_BYTES)) == MAX_BYTES
    file.write_bytes(b"a" * (MAX_BYTES + 1))
    with pytest.raises(UnfitFile, match=f"{MAX_BYTES:,} bytes"):
        read_file(file, MAX_BYTES)
