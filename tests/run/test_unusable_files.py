"""Files of which nothing can be used, among others and alone → their own records only, or exit code 2."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from etl.cli.main import run_cli

MAPPING = """\
version: 1
name: t
target: po_line
source: {connector: csv, path: "in/*"}
key: [id]
fields:
  owner: MAIN
  type: PRINTED_BOOK_OT
  vendor: V
  vendor_account: V1
  resource_metadata: {title: "{{ titel }}"}
"""
UNUSABLE = {
    "empty": (b"", "E301"),
    "a web page": (b"<!doctype html><p>log in", "E302"),
    "a picture": (b"\x89PNG\r\n\x1a\n", "E302"),
    "no text": (bytes(range(32)) * 20, "E302"),
}
GOOD = b"id;titel\n1;En bok\n2;En bok till\n"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("m.yaml").write_text(MAPPING, encoding="utf-8")
    Path("in").mkdir()


def ran() -> int:
    return run_cli(["run", "m.yaml", "--sink", "files", "--sink-option", "directory=out"])


@pytest.mark.parametrize("where", [0, 1, 2])
@pytest.mark.parametrize("how", UNUSABLE)
def test_the_others_go_on(how: str, where: int, capsys: pytest.CaptureFixture[str]) -> None:
    data, code = UNUSABLE[how]
    good = iter((GOOD, GOOD.replace(b"\n1;", b"\n3;").replace(b"\n2;", b"\n4;")))
    for number in range(3):
        Path(f"in/{number}.csv").write_bytes(data if number == where else next(good))
    assert run_cli(["check", "m.yaml"]) == 1
    assert f"error[{code}]" in capsys.readouterr().err
    assert ran() == 1
    said = capsys.readouterr().err
    assert said.count("error[") == 1
    assert f"error[{code}]" in said
    assert f"in/{where}.csv" in said
    assert sorted(path.name for path in Path("out").iterdir()) == ["1.json", "2.json", "3.json", "4.json"]
    rejected = Path("etl-report/t/rejected.ndjson").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["codes"] for line in rejected] == [[code]]


@pytest.mark.parametrize("pair", list(itertools.product(UNUSABLE, repeat=2)), ids=" and ".join)
def test_without_any_other_the_input_is_wrong(
    pair: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    for number, how in enumerate(pair):
        Path(f"in/{number}.csv").write_bytes(UNUSABLE[how][0])
    assert ran() == 2
    said = capsys.readouterr().err
    assert all(f"error[{UNUSABLE[how][1]}]" in said for how in pair)
    assert not Path("out").exists()
