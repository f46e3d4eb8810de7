"""check, show and snapshot over files, folders and patterns: each is answered, one summary, the worst exit code."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import pytest

from etl.cli.main import run_cli
from etl.spec.load import load
from etl.spec.mapping_files import find_mappings, is_base

ROOT = Path(__file__).parents[2]
BASES = sorted([*ROOT.glob("mappings/_*/*.yaml"), *ROOT.glob("examples/*/_*.yaml")])
MAPPING = """\
version: 1
name: {name}
extends: ../_shared/base.yaml
target: po_line
source: {{connector: csv, path: in.csv}}
key: [id]
"""
BASE = """\
version: 1
fields:
  owner: MAIN
  type: PRINTED_BOOK_OT
  vendor: V
  vendor_account: V1
  price: {sum: "{{ pris | amount('sv') }}", currency: SEK}
  resource_metadata: {title: "{{ titel }}"}
  fund_distribution: [{fund_code: B}]
  location: [{library: MAIN, quantity: 1}]
"""
VERBS = ("check", "show", "snapshot")


@pytest.fixture(autouse=True)
def vendors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two mappings that are as reviewed, one base, and what lies about beside them."""
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "m/_shared/base.yaml": BASE,
        "m/a/po_line.yaml": MAPPING.format(name="a"),
        "m/b/deep/po_line.yml": MAPPING.format(name="b").replace("../_shared", "../../_shared"),
        "m/a/words.yaml": "fund: B\nshelf: S\n",
        "m/.hidden/po_line.yaml": "version: 1\n",
        "m/a/in.csv": "id;titel;pris\n1;Ett;10,00\n",
        "m/b/deep/in.csv": "id;titel;pris\n2;Två;20,00\n",
    }.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert run_cli(["snapshot", "m", "--update"]) == 0
    return tmp_path


A, B = "m/a/po_line.yaml", "m/b/deep/po_line.yml"


def break_mapping(name: str) -> None:
    Path(name).write_text(Path(name).read_text(encoding="utf-8").replace("key:", "kye:"), encoding="utf-8")


def change_sample(name: str) -> None:
    sample = Path(name).parent / "in.csv"
    sample.write_text(sample.read_text(encoding="utf-8").replace("0,00", "1,00"), encoding="utf-8")


@pytest.mark.parametrize(
    "names", [["m"], ["m/"], ["."], ["m/**/*.y*ml"], ["m/*"], ["m/a", "m/b"], [A, B], [A, "m"], ["m/*/*.yaml", "m/b"], ["m/_shared", "m/a", "m/b"]],
)  # fmt: skip
@pytest.mark.parametrize("verb", VERBS)
def test_each_is_answered_once(verb: str, names: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    capfd.readouterr()
    assert run_cli([verb, *names]) == 0
    assert "2 mappings: 2 " in capfd.readouterr().err


@pytest.mark.parametrize("verb", VERBS)
def test_what_is_passed_over_is_named(verb: str, capfd: pytest.CaptureFixture[str]) -> None:
    Path("m/_shared/alone.yaml").write_text(BASE, encoding="utf-8")
    assert run_cli([verb, "m"]) == 0
    err = capfd.readouterr().err
    assert "extended by none of these, so not looked at: m/_shared/alone.yaml" in err
    assert "passed over, because it is no mapping: m/a/words.yaml" in err
    assert ".hidden" not in err


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("name", ["m/none", "*.yaml", "m/a/deep*/*.yaml", "m/a/words*"])
def test_nothing_to_look_at_is_an_error(verb: str, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    Path("m/none").mkdir()
    Path("m/none/readme.txt").write_text("x")
    assert run_cli([verb, name]) == 2
    assert run_cli([verb, "m", name]) == 2, "not even beside others"
    assert capfd.readouterr().err.count("error[E115]") == 2


@pytest.mark.parametrize("order", list(permutations(("good", "differs", "broken"))))
def test_the_exit_code_is_the_worst(order: tuple[str, ...], capfd: pytest.CaptureFixture[str]) -> None:
    for name in order:
        text = MAPPING.format(name=name)
        Path(f"m/{name}").mkdir()
        Path(f"m/{name}/po_line.yaml").write_text(text, encoding="utf-8")
        Path(f"m/{name}/in.csv").write_text("id;titel;pris\n1;Ett;10,00\n", encoding="utf-8")
        assert run_cli(["snapshot", f"m/{name}", "--update"]) == 0
    change_sample("m/differs/po_line.yaml")
    break_mapping("m/broken/po_line.yaml")
    capfd.readouterr()
    names = [f"m/{name}" for name in order]
    assert run_cli(["snapshot", *names]) == 2
    assert "3 mappings: 1 as reviewed, 1 that differ, 1 with errors" in capfd.readouterr().err
    assert run_cli(["snapshot", *(name for name in names if "broken" not in name)]) == 3
    assert run_cli(["check", *names]) == 2
    assert run_cli(["show", *names]) == 2
    assert run_cli(["check", *(name for name in names if "broken" not in name)]) == 0


def test_what_they_have_in_common_is_said_once(capfd: pytest.CaptureFixture[str]) -> None:
    base = Path("m/_shared/base.yaml")
    base.write_text(BASE.replace("amount(", "amuont("), encoding="utf-8")
    assert run_cli(["check", "m"]) == 2
    err = capfd.readouterr().err
    assert err.count("error[") == 1
    assert "times" not in err
    assert f"{A}: 1 error" in err
    assert f"{B}: 1 error" in err


@pytest.mark.parametrize("verb", VERBS)
def test_json_is_one_document(verb: str, capfd: pytest.CaptureFixture[str]) -> None:
    break_mapping(B)
    capfd.readouterr()
    assert run_cli([verb, "m", "--format", "json"]) == 2
    said = json.loads(capfd.readouterr().out)
    assert [(one["mapping"], one["exit_code"]) for one in said["mappings"]] == [(A, 0), (B, 2)]
    assert said["mappings"][1]["problems"][0]["examples"][0]["code"] == "E107"
    assert said["no_mappings"] == ["m/a/words.yaml"]
    assert run_cli([verb, A, "--format", "json"]) == 0
    alone = json.loads(capfd.readouterr().out)
    assert "mappings" not in alone, "one file that is named is answered as itself"


def test_several_shown_are_a_stream_of_yaml(capfd: pytest.CaptureFixture[str]) -> None:
    capfd.readouterr()
    assert run_cli(["show", "m"]) == 0
    parts = capfd.readouterr().out.split("---\n")[1:]
    assert [part.splitlines()[0] for part in parts] == [f"# {A}", f"# {B}"]
    assert run_cli(["show", A]) == 0
    assert capfd.readouterr().out == parts[0].split("\n", 1)[1]


@pytest.mark.parametrize("path", BASES, ids=lambda path: path.name)
@pytest.mark.parametrize("verb", ["check", "show"])
def test_a_base_by_its_name_is_looked_at_alone(verb: str, path: Path) -> None:
    assert run_cli([verb, str(path)]) == 0


@pytest.mark.parametrize(
    ("good", "bad", "code"),
    [("amount(", "amuont(", "E21"), ("fields:", "feilds:", "E107"), ('}}", currency', '}", currency', "E2"),
     ("quantity: 1", "quantity: 1, qantity: 2", "E2"), ("{{ titel }}", "{{ (titel | integer).name }}", "E244"), ("owner: MAIN", "owner: MAIN\n  owner: X", "E102")],
)  # fmt: skip
def test_what_is_wrong_in_a_base_is_found_without_those_that_extend_it(
    good: str, bad: str, code: str, capfd: pytest.CaptureFixture[str]
) -> None:
    base = Path("m/_shared/base.yaml")
    base.write_text(BASE.replace(good, bad), encoding="utf-8")
    assert run_cli(["check", str(base)]) == 2
    assert f"error[{code}" in capfd.readouterr().err


def test_a_whole_mapping_is_one_whatever_its_name(capfd: pytest.CaptureFixture[str]) -> None:
    Path("m/a/_mine.yaml").write_text(MAPPING.format(name="mine"), encoding="utf-8")
    assert run_cli(["check", "m/a/_mine.yaml"]) == 0
    assert "columns checked against m/a/in.csv" in capfd.readouterr().err


def test_the_folder_a_person_stands_in_makes_no_bases(
    vendors: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (vendors / "m").rename(vendors / "_work")
    monkeypatch.chdir(vendors / "_work")
    assert find_mappings(["."]).mappings == ["a/po_line.yaml", "b/deep/po_line.yml"]
    assert find_mappings(["*"]).mappings == ["a/po_line.yaml", "b/deep/po_line.yml"]
    assert not is_base("a/po_line.yaml", ".")


@pytest.mark.parametrize("kind", ["dangling", "loop"])
def test_what_cannot_be_looked_at_is_no_silence(kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    Path("m/c.yaml").symlink_to("c.yaml" if kind == "loop" else "gone.yaml")
    assert run_cli(["check", "m"]) == 2
    assert 'error[E105] "m/c.yaml" is a link' in capfd.readouterr().err


def test_links_to_one_file_are_one_mapping() -> None:
    Path("m/link").symlink_to("a")
    assert len(find_mappings(["m"]).mappings) == 2


def test_a_broken_mapping_is_never_passed_over() -> None:
    for number, text in enumerate(["version: 1\nname: [", "name: x\n\tkey: y", "fields:\n  owner: \xe5"]):
        Path(f"m/a/broken{number}.yaml").write_bytes(text.encode("latin-1"))
    assert len(find_mappings(["m"]).mappings) == 5
    with_stand_in = load("m/_shared/base.yaml", alone=True)
    assert not with_stand_in.is_whole
