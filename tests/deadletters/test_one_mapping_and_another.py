"""Two mappings of one name, and one mapping that is run in other ways: what waits goes on to be its own."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alma_shop import MAPPING, SHELVES, Shop, open_shop, order

from etl.run.mapping_place import mapping_place

DEAR, KEYLESS = order(1, price="2000.00"), order(2).replace("O-2", "")
BROKEN = ("key: [order]", "price | decimal > 1000")
MENDED = ("key: [\"{{ order or title }}\"]", "price | decimal > 9000")
WAITING = ["held", "rejected"]


@pytest.fixture
def shop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Shop]:
    """maps/m.yaml has held a dear order and rejected one without a number, which is its key."""
    with open_shop(tmp_path, monkeypatch, capsys) as found:
        (tmp_path / "orders.csv").unlink()
        written(found, "maps", BROKEN)
        assert found.etl("run", "maps/m.yaml", "--report", "out")[0] == 1
        assert states(tmp_path) == WAITING
        yield found


def written(shop: Shop, folder: str, words: tuple[str, str], *more: tuple[str, str]) -> None:
    """The mapping in a folder, with its orders and its table."""
    text = MAPPING.format(url=shop.url).replace("institution: inst.json\n", "")
    changes = zip(BROKEN, words, strict=True)
    for before, after in (*changes, ("settle_wait", "ledger: ../etl-ledger.sqlite, settle_wait"), *more):
        assert before in text
        text = text.replace(before, after)
    place = shop.folder / folder
    place.mkdir(exist_ok=True)
    (place / "m.yaml").write_text(text, encoding="utf-8")
    (place / "shelves.csv").write_text(SHELVES, encoding="utf-8")
    (place / "orders.csv").write_text(
        "\n".join(("order,title,isbn,price,fund,note,shelf", DEAR, KEYLESS)) + "\n", encoding="utf-8"
    )


def states(folder: Path) -> list[str]:
    """Of the two lines that the mapping left."""
    with closing(sqlite3.connect(folder / "etl-ledger.sqlite")) as ledger:
        return [state for (state,) in ledger.execute("SELECT state FROM orders ORDER BY id LIMIT 2")]


def plainly(shop: Shop) -> str:
    written(shop, "maps", MENDED)
    return "maps/m.yaml"


def with_a_table_from_another_folder(shop: Shop) -> str:
    (shop.folder / "tables").mkdir()
    (shop.folder / "tables" / "t.csv").write_text("a,b\nx,y\n", encoding="utf-8")
    written(shop, "maps", MENDED, ("lookups:\n", "lookups:\n  t: {file: ../tables/t.csv, key: a}\n"))
    return "maps/m.yaml"


def with_a_base_from_another_folder(shop: Shop) -> str:
    (shop.folder / "bases").mkdir()
    (shop.folder / "bases" / "b.yaml").write_text("version: 1\nfields: {owner: HBG}\n", encoding="utf-8")
    written(shop, "maps", MENDED, ("target:", "extends: ../bases/b.yaml\ntarget:"), ("  owner: HBG\n", ""))
    return "maps/m.yaml"


def from_another_working_directory(shop: Shop) -> str:
    written(shop, "maps", MENDED)
    os.chdir(shop.folder / "maps")
    return "m.yaml"


def by_its_absolute_path(shop: Shop) -> str:
    written(shop, "maps", MENDED)
    return str(shop.folder / "maps" / "m.yaml")


def by_a_way_about(shop: Shop) -> str:
    written(shop, "maps", MENDED)
    return "maps/../maps/m.yaml"


def by_a_link_to_its_folder(shop: Shop) -> str:
    written(shop, "maps", MENDED)
    (shop.folder / "far" / "away").mkdir(parents=True)
    (shop.folder / "far" / "away" / "link").symlink_to(shop.folder / "maps", target_is_directory=True)
    ledger = str(shop.folder / "etl-ledger.sqlite")
    written(shop, "maps", MENDED, ("../etl-ledger.sqlite", ledger))
    return "far/away/link/m.yaml"


def to_the_ledger_by_its_absolute_path(shop: Shop) -> str:
    ledger = str(shop.folder / "etl-ledger.sqlite")
    written(shop, "maps", MENDED, ("../etl-ledger.sqlite", ledger))
    return "maps/m.yaml"


def to_the_ledger_by_a_link_to_its_folder(shop: Shop) -> str:
    (shop.folder / "maps" / "here").symlink_to(shop.folder, target_is_directory=True)
    written(shop, "maps", MENDED, ("../etl-ledger.sqlite", "here/etl-ledger.sqlite"))
    return "maps/m.yaml"


def moved_with_the_ledger(shop: Shop) -> str:
    written(shop, "maps", MENDED)
    (shop.folder / "new").mkdir()
    for name in ("maps", "etl-ledger.sqlite"):
        (shop.folder / name).rename(shop.folder / "new" / name)
    return "new/maps/m.yaml"


WAYS = (
    plainly,
    with_a_table_from_another_folder,
    with_a_base_from_another_folder,
    from_another_working_directory,
    by_its_absolute_path,
    by_a_way_about,
    by_a_link_to_its_folder,
    to_the_ledger_by_its_absolute_path,
    to_the_ledger_by_a_link_to_its_folder,
    moved_with_the_ledger,
)


@pytest.mark.parametrize("verb", [("run",), ("ledger", "reprocess")])
@pytest.mark.parametrize("way", WAYS)
def test_a_mapping_ends_its_own_lines_however_it_is_run(
    shop: Shop, way: Callable[[Shop], str], verb: tuple[str, ...]
) -> None:
    code, _, said = shop.etl(*verb, way(shop), "--report", "out2")
    assert code == 0, said
    folder = shop.folder / "new" if way is moved_with_the_ledger else shop.folder
    assert states(folder) == ["posted", "dismissed"], "sent, and sent under the key that it has by now"
    assert len(shop.references()) == 2


def test_a_plan_ends_the_lines_of_its_mapping_in_the_ledger_that_it_is_told_to(shop: Shop) -> None:
    """That of a sink that writes files lies beside the report, here and there."""
    to_files = ("--sink", "files", "--sink-option", "directory=../out")
    assert shop.etl("run", "maps/m.yaml", *to_files, "--report", "a/b/run")[0] == 1
    written(shop, "maps", MENDED)
    assert shop.etl("plan", "maps/m.yaml", *to_files, "--out", "p.plan", "--report", "plan")[0] == 0
    assert shop.etl("apply", "p.plan", "--report", "a/b/apply")[0] == 0
    assert states(shop.folder / "a" / "b") == ["written", "dismissed"]


@pytest.mark.parametrize("folder", ["lund", "maps/lund", "maps2"])
@pytest.mark.parametrize("verb", [("run",), ("ledger", "reprocess")])
def test_another_mapping_of_the_name_ends_none_of_them(
    shop: Shop, folder: str, verb: tuple[str, ...]
) -> None:
    """Nor does it when it is given the same file, byte for byte, and makes orders of every record."""
    key = "key: [\"{{ 'lund ' ~ (order or title) }}\"]"
    up = "../" * (folder.count("/") + 1)
    written(shop, folder, (key, MENDED[1]), ("owner: HBG", "owner: LUND"), ("../etl-", f"{up}etl-"))
    code, _, said = shop.etl(*verb, f"{folder}/m.yaml", "--report", "out2")
    assert states(shop.folder) == WAITING
    if verb != ("run",):
        assert (code, shop.references()) == (0, [])
        assert '2 lines of a mapping of this name left: made by the mapping "maps/m.yaml"' in said


def test_lines_of_which_nobody_knows_the_mapping_are_told(shop: Shop) -> None:
    """Of ledgers from before the mapping was kept."""
    with closing(sqlite3.connect("etl-ledger.sqlite")) as ledger, ledger:
        ledger.execute("UPDATE orders SET mapped_as = NULL")
    written(shop, "maps", MENDED)
    code, _, said = shop.etl("ledger", "reprocess", "maps/m.yaml", "--report", "out2")
    assert (code, states(shop.folder)) == (0, WAITING)
    assert "2 lines left: the ledger does not know which mapping made them" in said
    assert shop.etl("run", "maps/m.yaml", "--report", "out3")[0] == 0
    assert states(shop.folder)[0] == "posted"


@pytest.mark.parametrize("mark", [".git", "pyproject.toml"])
def test_a_checkout_beside_a_ledger_that_is_no_file_may_lie_anywhere(tmp_path: Path, mark: str) -> None:
    seen = set()
    for build in ("build-1", "build-2/deeper"):
        project = tmp_path / build
        (project / "maps" / "hbg").mkdir(parents=True)
        (project / mark).mkdir()
        seen.add(mapping_place(str(project / "maps" / "hbg" / "m.yaml"), None))
    assert seen == {"maps/hbg/m.yaml"}


def test_without_a_project_a_mapping_is_known_by_its_whole_path(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
    place = mapping_place(str(tmp_path / "link" / "m.yaml"), None)
    assert place == (tmp_path.resolve() / "m.yaml").as_posix()


def test_what_a_mapping_is_called_is_in_the_ledger(shop: Shop) -> None:
    with closing(sqlite3.connect("etl-ledger.sqlite")) as ledger:
        found = {json.loads(said)[1] for (said,) in ledger.execute("SELECT mapped_as FROM orders")}
    assert found == {"maps/m.yaml"}
