"""Whatever makes `etl run` refuse before its first record, `etl check` refuses too: the same code at the same place."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from etl.cli.main import run_cli

MAPPING = """\
version: 1
name: t
target: po_line
source: {connector: csv, path: in.csv}
key: order
lookups:
  funds: {file: funds.csv, key: code, columns: [fund]}
fields:
  owner: MAIN
  type: PRINTED_BOOK_OT
  vendor: ADLIBRIS
  vendor_account: ADLIBRIS-1
  price: {sum: "{{ price }}", currency: SEK}
  resource_metadata: {title: "{{ title }}"}
  fund_distribution: [{fund_code: "{{ 'A' | lookup('funds', 'fund') }}", amount: {sum: "{{ price }}", currency: SEK}}]
  location: [{library: MAIN, shelving_location: STACK, quantity: 1}]
  material_type: BOOK
"""
DATA = "order,title,price\nA-1,Vindens öar,249.00\n"


@dataclass(frozen=True)
class Broken:
    """What is added to a good mapping, taken from it, typed beside it, or written over its files."""

    code: str
    more: str = ""
    instead: tuple[str, str] = ("", "")
    typed: tuple[str, ...] = ()
    files: dict[str, str | None] = field(default_factory=dict)


BREAKAGES = {
    "sink unknown": Broken("E216", "sink: {type: filez}\n"),
    "sink typed unknown": Broken("E216", typed=("--sink", "filez")),
    "sink without a type": Broken("E108", "sink: {directory: out}\n"),
    "option misspelt": Broken("E107", "sink: {type: files, directry: out}\n"),
    "option misspelt, typed": Broken("E626", typed=("--sink", "files", "--sink-option", "directry=out")),
    "option missing": Broken("E108", "sink: {type: alma, region: eu}\n"),
    "option missing, typed": Broken("E627", typed=("--sink", "alma", "--sink-option", "region=eu")),
    "option impossible": Broken("E109", "sink: {type: files, directory: out, format: csv}\n"),
    "options that contradict": Broken("E109", "sink: {type: files, directory: out, file: out.ndjson}\n"),
    "option typed over one": Broken(
        "E628", "sink: {type: files, directory: out}\n", typed=("--sink-option", "format=csv")
    ),
    "key written into it": Broken("E109", "sink: {type: alma, region: eu, key: l7xxSECRET}\n"),
    "key typed": Broken(
        "E628", typed=("--sink", "alma", "--sink-option", "region=eu", "--sink-option", "key=l7xxSECRET")
    ),
    "address in clear": Broken("E109", "sink: {type: alma, base_url: 'http://alma.example', key: 'env:K'}\n"),
    "connector unknown": Broken("E216", instead=("connector: csv", "connector: cvs")),
    "connector's option": Broken("E107", instead=("path: in.csv", "path: in.csv, options: {delimter: ','}")),
    "table missing": Broken("E450", files={"funds.csv": None}),
    "table in no encoding": Broken("E451", files={"funds.csv": "code,fund\nA,\udce5\n"}),
    "table a folder": Broken("E450", instead=("file: funds.csv", "file: .")),
    "institution missing": Broken("E840", "institution: nosuch.json\n"),
    "institution typed, missing": Broken("E840", typed=("--institution-file", "nosuch.json")),
    "institution of another kind": Broken("E840", "institution: in.csv\n"),
    "report over payloads": Broken(
        "E615", "sink: {type: files, directory: out}\n", typed=("--report", "out")
    ),
    "payloads over the mapping": Broken("E615", "sink: {type: files, file: m.yaml}\n"),
    "no such input": Broken("E601", typed=("nosuch.csv",)),
    "input empty": Broken("E301", files={"in.csv": ""}),
    "column missing": Broken("E221", files={"in.csv": "order,title\nA-1,T\n"}),
    "column missing in the second": Broken(
        "E221", files={"in2.csv": "order,title\nA-1,T\n"}, instead=("path: in.csv", "path: [in.csv, in2.csv]")
    ),
    "parameter unknown": Broken("E231", typed=("--param", "libary=X")),
}


@pytest.mark.parametrize("broken", BREAKAGES.values(), ids=BREAKAGES)
def test_check_finds_what_a_run_refuses(
    broken: Broken, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = MAPPING.replace(*broken.instead) if broken.instead[0] else MAPPING
    files = {
        "in.csv": DATA,
        "funds.csv": "code,fund\nA,BOOKS\n",
        "m.yaml": text + broken.more,
        **broken.files,
    }
    for name, content in files.items():
        if content is not None:
            Path(name).write_text(content, encoding="utf-8", errors="surrogateescape")
    said = []
    for verb in ("check", "run"):
        words = [word for word in broken.typed if not word.endswith(".csv")]
        inputs = [word for word in broken.typed if word.endswith(".csv")]
        given = [word for one in inputs for word in (("--input", one) if verb == "check" else (one,))]
        assert run_cli([verb, "m.yaml", *given, *words, "--format", "json"]) == 2, verb
        shown = capsys.readouterr()
        assert "l7xxSECRET" not in shown.out + shown.err
        where = shown.out or shown.err  # payloads may take standard output
        found, _ = json.JSONDecoder().raw_decode(where)
        said.append(
            [
                (one["code"], one.get("mapping"), one.get("data"), one["message"], one.get("help"))
                for group in found["problems"]
                for one in group["examples"]
                if one["severity"] == "error"
            ]
        )
    assert said[0] == said[1]
    assert broken.code in [code for code, *_ in said[0]]
    assert not Path("out").exists()


def test_all_that_is_wrong_is_said_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("m.yaml").write_text(MAPPING + "sink: {type: files, directry: out}\n", encoding="utf-8")
    assert run_cli(["check", "m.yaml", "--input", "nosuch.csv"]) == 2
    said = capsys.readouterr().err
    assert all(f"error[{code}]" in said for code in ("E450", "E107", "E601"))
