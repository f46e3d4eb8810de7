"""File names and arguments that are no text where a terminal is set to nothing → words and a true code, no bug of ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

MAPPING = """\
version: 1
name: t
target: po_line
source: {connector: csv, path: in.csv}
key: [id]
fields:
  owner: MAIN
  type: PRINTED_BOOK_OT
  vendor: V
  vendor_account: V1
  resource_metadata: {title: "{{ titel }}"}
"""
RUN = """
import io, json, os, sys
from etl.cli.main import run_cli
told = []
for words in json.loads(sys.stdin.buffer.read()):
    sys.stdout, sys.stderr = (io.TextIOWrapper(io.BytesIO(), "ascii", "backslashreplace") for _ in range(2))
    code = run_cli([os.fsdecode(bytes.fromhex(word)) for word in words])
    told.append((code, sys.stderr.buffer.getvalue().decode("ascii", "replace")))
sys.__stdout__.buffer.write(json.dumps(told).encode())
"""
ODD = b"\xff"
ALMA = ("--region", "eu", "--key", "env:NOSUCH")


def lines() -> list[tuple[str | bytes, ...]]:
    named: list[tuple[str | bytes, ...]] = []
    for mapping in ("må.yaml".encode(), b"m" + ODD + b".yaml"):
        plan = mapping + b".plan"
        named += [(verb, mapping) for verb in ("run", "check", "show", "preview", "snapshot", "verify")]
        named += [("run", mapping, "--format", form) for form in ("json", "github")]
        named += [("plan", mapping, "--out", plan), ("apply", plan)]
    files = ("run", "m.yaml", "--sink", "files", "--sink-option")
    return [
        *named,
        (*files, b"directory=d" + ODD),
        (*files, b"file=f" + ODD, "--report", b"r" + ODD),
        (*files, ODD + b"=x"),
        ("run", "m.yaml", b"x" + ODD + b".csv"),
        ("run", "m.yaml", b"*" + ODD),
        ("run", "m.yaml", "--institution-file", ODD),
        ("run", "m.yaml", "--param", ODD + b"=x"),
        ("run", "m.yaml", "--sink", ODD),
        ("run", "m.yaml", "--run-date", ODD),
        ("inspect", b"x" + ODD + b".csv"),
        ("inspect", "in.csv", "--option", b"delimiter=" + ODD),
        ("check", "--payload", b"x" + ODD + b".csv"),
        ("ledger", "list", "--ledger", ODD),
        ("ledger", "list", ODD),
        ("ledger", "dead-letters", "--out", b"s" + ODD + b".xlsx"),
        ("ledger", "replay", b"s" + ODD + b".csv", *ALMA),
        ("pull", "--institution-file", ODD, *ALMA),
        ("requests", "list", "--ca-file", ODD, *ALMA),
        *((verb, ODD) for verb in ("list", "explain", "schema")),
        (ODD,),
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux only")
@pytest.mark.parametrize("setting", [("C", "0"), ("C", "1")], ids=["ascii", "utf-8"])
def test_no_name_is_a_bug_of_ours(setting: tuple[str, str], tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    contents = {b"m.yaml": MAPPING, "må.yaml".encode(): MAPPING, b"m" + ODD + b".yaml": MAPPING}
    for name, text in {
        **contents,
        b"in.csv": "id,titel\n1,Öar\n",
        b"x" + ODD + b".csv": "id,titel\n2,B\n",
    }.items():
        with open(folder + b"/" + name, "wb") as stream:  # noqa: PTH123 - Path takes no bytes
            stream.write(text.encode())
    asked = [[(w.encode() if isinstance(w, str) else w).hex() for w in words] for words in lines()]
    locale, utf8 = setting
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        input=json.dumps(asked).encode(),
        cwd=tmp_path,
        env={**os.environ, "LC_ALL": locale, "PYTHONUTF8": utf8, "PYTHONCOERCECLOCALE": "0"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    told = json.loads(done.stdout)
    for words, (code, said) in zip(lines(), told, strict=True):
        assert code in {0, 1, 2, 3, 4, 5}, (words, said)
        assert "E900" not in said
        assert "Traceback" not in said
    codes = {words: code for words, (code, _) in zip(lines(), told, strict=True)}
    assert codes["run", "må.yaml".encode()] == codes["run", b"m\xff.yaml"] == 0
