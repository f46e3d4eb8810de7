"""`etl new` → a copy of every shipped mapping that is well at once, and nothing written over."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

from etl.cli.main import run_cli
from etl.cli.shipped import shipped
from etl.spec.load import load

ROOT = Path(__file__).parents[2]
FOLDERS = sorted({one.name.split("/")[0] for one in shipped()})


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_mapping_of_the_source_tree_is_shipped() -> None:
    there = {path.parent.name for path in ROOT.glob("mappings/[!_]*/*.yaml")}
    assert set(FOLDERS) == there


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_copy_is_well_at_once(folder: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["new", "north", "--from", folder]) == 0
    assert run_cli(["check", "mappings"]) == 0, capfd.readouterr().err
    assert run_cli(["snapshot", "mappings"]) == 0, capfd.readouterr().out
    original, copy = ROOT / "mappings" / folder, Path("mappings/north")
    schema = jsonschema.Draft7Validator(json.loads(Path("mappings/mapping.schema.json").read_bytes()))
    for mapping in Path("mappings").glob("*/*.yaml"):  # bases too: an editor opens them as well
        first, *rest = mapping.read_text(encoding="utf-8").splitlines()
        named = first.removeprefix("# yaml-language-server: $schema=")
        assert (mapping.parent / named).resolve() == Path("mappings/mapping.schema.json").resolve()
        assert not [line for line in rest if line.startswith("# yaml-language-server")]
        assert list(schema.iter_errors(yaml.load("\n".join(rest), yaml.BaseLoader))) == []  # noqa: S506 - texts
    snapshots = {name: data for name, data in everything(original).items() if name.startswith("snapshots")}
    assert snapshots
    assert {name: data for name, data in everything(copy).items() if name.startswith("snapshots")} == snapshots
    for mapping in copy.glob("*.yaml"):
        spec = load(str(mapping))
        assert re.fullmatch(r"north(-[a-z]+)?", spec.model.name), "reports are called by the new name"
        assert all(Path(file).resolve().is_relative_to(Path.cwd()) for file in spec.files)
        page = (copy / "README.md").read_text(encoding="utf-8")
        for section in spec.model.lookups.values():
            assert section.file is None or section.file.split("/")[-1] in page, "every table is named"


def test_copies_side_by_side_share_their_bases(capfd: pytest.CaptureFixture[str]) -> None:
    for folder in FOLDERS:
        assert run_cli(["new", folder, "--from", folder]) == 0
    assert "E117" not in capfd.readouterr().err
    assert run_cli(["check", "mappings"]) == 0


def test_what_stands_there_is_named_and_stays(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["new", "north", "--from", "bokus"]) == 0
    before = everything(Path("mappings"))
    capfd.readouterr()
    assert run_cli(["new", "north", "--from", "adlibris"]) == 2
    err = capfd.readouterr().err
    assert "error[E114]" in err
    assert "README.md, po_line.yaml" in err
    assert everything(Path("mappings")) == before


@pytest.mark.parametrize("kind", ["file", "link", "folder of others"])
def test_nothing_of_others_is_written_over(kind: str, tmp_path: Path) -> None:
    place = tmp_path / "mappings" / "north"
    place.parent.mkdir()
    if kind == "file":
        place.write_text("mine")
    elif kind == "link":
        (tmp_path / "elsewhere").mkdir()
        place.symlink_to(tmp_path / "elsewhere")
    else:
        place.mkdir()
        (place / ".hidden").write_text("mine")
    before = everything(tmp_path)
    assert run_cli(["new", "north", "--from", "adlibris"]) == 2
    assert everything(tmp_path) == before


def test_shared_tables_of_the_library_stay_and_are_named(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["new", "one", "--from", "bokus"]) == 0
    table = Path("mappings/_shared/lookups/suppliers.csv")
    table.write_bytes(table.read_bytes() + b"Mine,MINE,Mine,MINE,,,,,,,,,,\n")
    edited = table.read_bytes()
    capfd.readouterr()
    assert run_cli(["new", "two", "--from", "adlibris"]) == 0
    assert f'warning[E117] "{table}"' in capfd.readouterr().err
    assert table.read_bytes() == edited


def test_bases_are_never_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "_shared").symlink_to(tmp_path / "elsewhere")
    assert run_cli(["new", "north", "--from", "adlibris"]) == 2
    assert everything(tmp_path) == {}


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "_shared", "-x", "å", "a b", "CON", "x" * 80, "a\nb", "a.b"])
def test_a_name_that_is_no_name_is_refused(name: str, tmp_path: Path) -> None:
    assert run_cli(["new", "--from", "adlibris", "--", name]) == 2
    assert everything(tmp_path) == {}


@pytest.mark.parametrize(
    ("asked", "help_"),
    [("alibris", 'did you mean "adlibris"?'), ("Adlibris", 'did you mean "adlibris"?'),
     ("adlibris-requests", 'did you mean "adlibris/purchase_request"?'), ("xyz", "etl list mappings"), ("_shared", "etl list mappings")],
)  # fmt: skip
def test_an_unknown_one_is_corrected(asked: str, help_: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["new", "north", "--from", asked]) == 2
    assert help_ in capfd.readouterr().err
    assert not Path("mappings").exists()


def test_the_list_names_what_new_takes(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["list", "mappings", "--format", "json"]) == 0
    rows = json.loads(capfd.readouterr().out)
    assert {row["name"].split("/")[0] for row in rows} == set(FOLDERS)
    assert all(row["connector"] and row["target"] and row["summary"] for row in rows)
    assert run_cli(["new", "north", "--from", rows[0]["name"]]) == 0
    assert run_cli(["list", "mappings", "oasis", "--format", "json"]) == 0
    assert len(json.loads(capfd.readouterr().out)) == 3
    assert run_cli(["list", "mappings", "oasiss"]) == 2
    assert 'did you mean "oasis"?' in capfd.readouterr().err


def test_the_pytest_recipe_works_as_written(tmp_path: Path) -> None:
    page = (ROOT / "docs/first-mapping.md").read_text(encoding="utf-8")
    [recipe] = re.findall(r"^```toml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (tmp_path / "pyproject.toml").write_text(recipe, encoding="utf-8")
    (tmp_path / "tests").mkdir()
    assert run_cli(["new", "north", "--from", "adlibris"]) == 0
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert re.search(r"^8 passed", done.stdout, re.MULTILINE), done.stdout  # 3 samples and orphans, twice
    (next(tmp_path.glob("mappings/north/snapshots/po_line/*/*.json"))).write_text("{}")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout


def test_what_is_no_file_where_a_base_would_go_refuses_before_anything_is_written() -> None:
    Path("mappings/_shared/po_line.yaml").mkdir(parents=True)
    assert run_cli(["new", "north", "--from", "adlibris"]) == 2
    assert everything(Path()) == {}
