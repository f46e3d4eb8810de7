"""Two places of a run that are one, or one inside the other → refused before anything is read, nothing touched."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest

from etl.cli.main import run_cli
from etl.problems import Refusal
from etl.run.places import RunPlace, refuse_shared

MAPPING = """\
version: 1
name: t
extends: shared/base.yaml
target: po_line
source: {connector: csv, path: in/a.csv}
institution: codes/inst.json
lookups: {shelves: {file: tables/shelves.csv, key: code}}
key: [id]
fields:
  resource_metadata: {title: "{{ titel | lookup('shelves', 'name') }}"}
"""
BASE = "fields: {owner: MAIN, type: PRINTED_BOOK_OT, vendor: V, vendor_account: V1}\n"
INSTITUTION = '{"format": "etl-institution/1", "pulled": {"date": "2024-03-11", "from": "x"}}\n'
READ = ["m.yaml", "shared/base.yaml", "in/a.csv", "codes/inst.json", "tables/shelves.csv"]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in (
        ("m.yaml", MAPPING),
        ("shared/base.yaml", BASE),
        ("in/a.csv", "id;titel\n1;a\n"),
        ("codes/inst.json", INSTITUTION),
        ("tables/shelves.csv", "code,name\na,En bok\n"),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "m.yaml").write_text(MAPPING.replace("institution: codes/inst.json\n", ""), encoding="utf-8")
    return tmp_path


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(shop: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """E615, exit code 2, and the folder as it was."""
    before = everything(shop)
    code = run_cli(["run", "m.yaml", *words])
    said = capsys.readouterr().err
    assert code == 2, said
    assert "error[E615]" in said
    assert everything(shop) == before
    return said


def options(**given: str) -> list[str]:
    words = ["--sink", "files"] if "directory" in given or "file" in given else []
    for name, value in given.items():
        words += ["--report", value] if name == "report" else ["--sink-option", f"{name}={value}"]
    return words


@pytest.mark.parametrize(
    "given",
    [
        {"report": "out", "directory": "out"},
        {"report": "rep", "directory": "rep/payloads"},
        {"report": "out/rep", "directory": "out"},
        {"report": "rep", "file": "rep/all.ndjson"},
        {"report": "rep", "directory": "./x/../rep"},
    ],
)
def test_report_and_output(shop: Path, capsys: pytest.CaptureFixture[str], given: dict[str, str]) -> None:
    assert "report folder" in refused(shop, capsys, *options(**given))


@pytest.mark.parametrize("name", [*READ[:3], READ[4]])
def test_outputs_and_what_is_read(shop: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    where = os.path.dirname(name) or "."  # noqa: PTH120
    refused(shop, capsys, *options(directory=where, report="rep"))
    refused(shop, capsys, *options(file=name, report="rep"))
    refused(shop, capsys, *options(directory="out", report=where))


def test_through_links(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "rep").mkdir()
    (shop / "linked").symlink_to(shop / "rep")
    refused(shop, capsys, *options(directory="linked/payloads", report="rep"))
    (shop / "input.csv").symlink_to(shop / "in/a.csv")
    refused(shop, capsys, "input.csv", *options(directory="in", report="rep"))
    os.link(shop / "m.yaml", shop / "same.ndjson")
    refused(shop, capsys, *options(file="same.ndjson", report="rep"))


def test_a_ledger_inside_the_report(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--sink", "alma", *options(base_url="http://127.0.0.1:9", key="env:INVENTED_ALMA_KEY")]
    said = refused(shop, capsys, *words, "--report", "rep", "--sink-option", "ledger=rep/ledger.sqlite")
    assert "ledger.sqlite" in said
    refused(shop, capsys, *words, "--report", "rep", "--sink-option", "ledger=in/a.csv")


def test_a_plan_and_what_it_is_made_of(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = everything(shop)
    for out, name in itertools.product(READ[:3], ("rep",)):
        assert run_cli(["plan", "m.yaml", "--out", out, "--report", name]) == 2
        assert "error[E615]" in capsys.readouterr().err
    assert run_cli(["plan", "m.yaml", "--out", "rep/plan.ndjson", "--report", "rep"]) == 2
    assert "error[E615]" in capsys.readouterr().err
    assert everything(shop) == before


def test_places_beside_each_other_are_fine(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "rep").mkdir()
    assert run_cli(["run", "m.yaml", *options(directory="out", report="rep")]) == 0, capsys.readouterr().err
    assert run_cli(["run", "m.yaml", *options(directory="out", report="rep")]) == 0
    assert (shop / "out/1.json").is_file()


@pytest.mark.parametrize("scheme", ["file://", "local://", "simplecache::file://"])
def test_an_input_by_url(shop: Path, capsys: pytest.CaptureFixture[str], scheme: str) -> None:
    refused(shop, capsys, f"{scheme}{shop}/in/a.csv", *options(directory="in", report="rep"))
    refused(shop, capsys, f"{scheme}{shop}/in/a.csv", *options(directory="out", report="in"))


@pytest.mark.parametrize("written", [True, False])
def test_the_work_grows_as_the_places_do(monkeypatch: pytest.MonkeyPatch, written: bool) -> None:
    counted = [0]
    real = RunPlace.real.fget

    def counting(place: RunPlace) -> Path:
        counted[0] += 1
        return real(place)  # type: ignore[misc]

    monkeypatch.setattr(RunPlace, "real", property(counting))
    work = []
    for number in (200, 400):
        counted[0] = 0
        report = RunPlace("report folder", "rep", folder=True, written=True)
        refuse_shared([report, *(RunPlace("input", f"in/{n}.csv", written=written) for n in range(number))])
        work.append(counted[0])
    assert work[1] <= 2.1 * work[0]


def test_every_pair_is_told(tmp_path: Path) -> None:
    """As if each were held against each."""
    names = ["a", "a/b", "a/b/c", "d"]
    kinds = itertools.product(names, (True, False), (True, False))
    places = [RunPlace(f"place {n}", str(tmp_path / name), *how) for n, (name, *how) in enumerate(kinds)]

    def clash(one: RunPlace, other: RunPlace) -> bool:
        above = any(
            upper.folder and lower.real != upper.real and lower.real.is_relative_to(upper.real)
            for upper, lower in ((one, other), (other, one))
        )
        return (one.written or other.written) and (above or one.real == other.real)

    with pytest.raises(Refusal) as wrong:
        refuse_shared(places)
    assert len(wrong.value.problems) == sum(clash(*pair) for pair in itertools.combinations(places, 2))


@pytest.mark.parametrize(
    ("folder", "what"), [("tables", "lookup table"), ("in", "input"), ("shared", "mapping"), (".", "report folder")]
)
def test_what_is_in_the_way_is_named(
    shop: Path, capsys: pytest.CaptureFixture[str], folder: str, what: str
) -> None:
    assert f'the {what} "' in refused(shop, capsys, *options(directory=folder, report="rep"))
