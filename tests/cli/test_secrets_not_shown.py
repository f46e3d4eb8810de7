"""Passwords and signatures in URLs, wherever they are given → not on the screen, not in a file that is written."""

from __future__ import annotations

import io
from itertools import product
from pathlib import Path

import fsspec
import pytest

from etl.cli.main import run_cli
from etl.cli.plan_sink import delivery_of_plan
from etl.problems import DataPlace, MappingPlace, Problem
from etl.run.sealed_plan import open_plan
from etl.shown import masked_url, without_secrets
from etl.spec.load import load

SECRET = "hemligt"  # noqa: S105
SINK = f"""\
sink:
  type: alma
  base_url: http://127.0.0.1:1
  key: env:X
  ledger: ledger.sqlite
  proxy: "http://u:{SECRET}@127.0.0.1:1"
"""
HARD = [
    "hemligt",
    "hem:hemligt",
    "h/hemligt",
    "h@hemligt/",
    "h?hemligt",
    "h#hemligt",
    "'hemligt'",
    "hemligt!$&()*+,;=",
    "%68hemligt",
]
MAPPING = """\
version: 1
name: t
target: po_line
source: {connector: csv, path: "%s"}
key: [id]
fields:
  owner: MAIN
  type: PRINTED_BOOK_OT
  vendor: V
  vendor_account: V1
  price: {sum: "{{ pris }}", currency: SEK}
  resource_metadata: {title: "{{ titel }}"}
  fund_distribution: [{fund_code: B, amount: {sum: "{{ pris }}", currency: SEK}}]
  location: [{library: MAIN, quantity: 1}]
"""
URLS = [
    f"sftp://user:{SECRET}@127.0.0.1:1/x.csv",
    f"ftp://user:{SECRET}@127.0.0.1:1/x.csv",
    f"https://user:{SECRET}@127.0.0.1:1/x.csv",
    f"https://{SECRET}@127.0.0.1:1/x.csv",
    f"https://127.0.0.1:1/x.csv?X-Amz-Signature={SECRET}&X-Amz-Date=1",
    f"https://127.0.0.1:1/x.csv?sv=1&sig={SECRET}",
    f"https://127.0.0.1:1/x.csv?access_token={SECRET}#key={SECRET}",
    f"nonsense://user:{SECRET}@h/x.csv",
    f"file://user:{SECRET}@h/x.csv",
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "in.csv").write_text("id;titel;pris\n1;Ett;10.00\n2;Två;x\n", encoding="utf-8")
    (tmp_path / "m.yaml").write_text(MAPPING % "in.csv", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))
    return tmp_path


def nowhere(folder: Path, said: str, *but: str) -> None:
    assert SECRET not in said
    for file in folder.rglob("*"):
        if file.is_file() and file.name not in but:
            assert SECRET not in file.name
            assert SECRET.encode() not in file.read_bytes(), file


@pytest.mark.parametrize("form", ["text", "json", "github"])
@pytest.mark.parametrize("url", URLS)
def test_an_input_that_cannot_be_opened(
    folder: Path, url: str, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "remote.yaml").write_text(MAPPING % url, encoding="utf-8")
    for words in (["run", "m.yaml", url], ["inspect", url], ["run", "remote.yaml"], ["show", "remote.yaml"], ["check", "remote.yaml"],
                  ["plan", "m.yaml", url, "--out", "p"], ["run", "m.yaml", "--param", f"x={url}"], ["run", "m.yaml", f"--{url}"]):  # fmt: skip
        run_cli([*words, "--format", form])
        nowhere(folder, "".join(capsys.readouterr()), "remote.yaml")


def test_an_input_that_is_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Report, rejected records and the ledger's words all have the name that is shown."""
    memory = fsspec.filesystem("memory")
    for mine in (f"{SECRET}1", f"{SECRET}2"):
        memory.pipe(
            f"/user:{mine}@h/x.csv", f"id;titel;pris\n1{mine[-1]};Ett;10.00\n2{mine[-1]};Två;x\n".encode()
        )
    urls = [f"memory://user:{mine}@h/x.csv" for mine in (f"{SECRET}1", f"{SECRET}2")]
    assert (
        run_cli(
            [
                "run",
                "m.yaml",
                *urls,
                "--report",
                "report",
                "--sink",
                "files",
                "--sink-option",
                "directory=out",
            ]
        )
        == 1
    )
    said = "".join(capsys.readouterr())
    nowhere(folder, said)
    assert (
        "4 records read: 2 written, 2 rejected" in said
    )  # two inputs that are shown alike are two all the same
    assert "x.csv (2)" in (folder / "report" / "report.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("form", ["text", "json", "github"])
@pytest.mark.parametrize(
    "words",
    [
        ["ledger", "list", "--ledger", f"postgresql://u:{SECRET}@127.0.0.1:1/db"],
        ["ledger", "list", "--ledger", f"mysql://u:{SECRET}@127.0.0.1:1/db"],
        ["ledger", "list", "--ledger", f"postgresql://u:{SECRET}@127.0.0.1:x/db"],
        ["ledger", "show", "1", "--ledger", f"postgresql://u:{SECRET}@127.0.0.1:1/db?sslpassword={SECRET}"],
        ["requests", "list", "--key", "env:X", "--base-url", f"https://u:{SECRET}@127.0.0.1:1"],
        ["requests", "list", "--key", "env:X", "--base-url", "http://127.0.0.1:1", "--proxy", f"http://u:{SECRET}@127.0.0.1:1"],
        ["requests", "list", "--key", "env:X", "--base-url", "http://127.0.0.1:1", "--proxy", f"http://u:{SECRET}@127.0.0.1:x"],
        ["run", "m.yaml", "--sink", "alma", "--sink-option", "key=env:X", "--sink-option", f"base_url=https://u:{SECRET}@h"],
        ["run", "m.yaml", "--sink", f"https://u:{SECRET}@h"],
        ["plan", "m.yaml", "--out", "p", "--sink", "alma", "--sink-option", "key=env:X", "--sink-option", "region=eu",
         "--sink-option", f"ledger=postgresql://u:{SECRET}@127.0.0.1:1/db"],
        ["simulator", "--host", f"http://u:{SECRET}@h", "--port", "0"],
    ],
)  # fmt: skip
def test_ledgers_proxies_and_addresses(
    folder: Path,
    words: list[str],
    form: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("X", "simulator-key")
    run_cli(words if words[0] == "simulator" else [*words, "--format", form])
    said = "".join(capsys.readouterr())
    assert said
    nowhere(folder, said)


def test_a_plan_keeps_none_and_is_applied_with_the_mappings(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("X", "simulator-key")
    monkeypatch.setattr("etl.cli.plan.calls_left", lambda _delivery: None)  # nobody is there to be asked
    (folder / "sink.yaml").write_text(MAPPING % "in.csv" + SINK, encoding="utf-8")
    assert run_cli(["plan", "sink.yaml", "--out", "p", "--format", "json"]) == 1  # one record is rejected
    nowhere(folder, "".join(capsys.readouterr()), "sink.yaml")
    sealed = open_plan(folder / "p")
    assert sealed.header["sink"]["options"]["proxy"] == "http://u:***@127.0.0.1:1"
    assert SECRET in str(getattr(delivery_of_plan(sealed, load("sink.yaml")).options, "proxy", ""))


@pytest.mark.parametrize(("password", "scheme"), list(product(HARD, ["sftp", "https", "postgresql+psycopg"])))
def test_a_password_of_any_signs(password: str, scheme: str) -> None:
    url = f"{scheme}://user:{password}@host/x.csv"
    for text in (
        masked_url(url),
        without_secrets(f'cannot open "{url}": no', same_length=True),
        without_secrets(f"({url})"),
    ):
        assert SECRET not in text
        assert "user:" in text
        assert "host/x.csv" in text
    problem = Problem(
        "E601", f'cannot open "{url}"', mapping=MappingPlace(url), data=DataPlace(url), help=f"see {url}"
    )
    assert SECRET not in str(problem.as_dict())


@pytest.mark.parametrize(
    "text",
    ["https://h:8080/a@b.csv", "s3://bucket/key.csv", "https://h/x?isbn=9789199900013&keyword=hund", "a@b.se", "12:30@h", "://",
     "sftp://user@h/x", "abfs://container@account/x", "mapping.yaml:3:4", "sftp://[::1]:22/a@b", "Bok ; pris: 10 @ 20"],
)  # fmt: skip
def test_what_is_no_secret_stays(text: str) -> None:
    assert without_secrets(text) == text


@pytest.mark.parametrize(
    "unit", ["://", '"a://', "a://b:", "a://b:c@", "?key=", "a", "&", "l8xx", "://a?b=://", "@:", "password="]
)
def test_what_stands_before_hides_no_secret(unit: str) -> None:
    """Nor does a long text take steps that grow faster than it is long: each search ends where the next begins."""
    for same_length in (False, True):
        assert SECRET not in without_secrets(unit * 20_000 + f' "x://u:{SECRET}@h"', same_length=same_length)
