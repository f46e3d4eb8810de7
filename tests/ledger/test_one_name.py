"""A ledger's file has one name: its log lies beside it, under that name."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from filled_ledger import fill

from etl.ledger import keeping, one_name
from etl.ledger.database import is_there, open_database
from etl.ledger.find import Wanted, find
from etl.problems import Refusal

posix = pytest.mark.skipif(os.name == "nt", reason="links and mounts are those of POSIX")


def refused(name: str, folder: Path, **how: bool) -> str:
    with pytest.raises(Refusal, match="E810") as refusal:
        open_database(name, folder, **how)
    assert refusal.value.problems[0].help
    return refusal.value.problems[0].message


@posix
@pytest.mark.parametrize("how", [{}, {"to_read": True}, {"make": False}, {"to_keep": True}])
def test_one_with_two_hard_links_is_opened_by_neither(tmp_path: Path, how: dict[str, bool]) -> None:
    keeping.create("l.sqlite", tmp_path).dispose()
    content = (tmp_path / "l.sqlite").read_bytes()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "m.sqlite").hardlink_to(tmp_path / "l.sqlite")
    for name in ("l.sqlite", "other/m.sqlite"):
        assert is_there(name, tmp_path), "it is one, and opening it says what is wrong"
        assert "2 names" in refused(name, tmp_path, **how)
    assert (tmp_path / "l.sqlite").read_bytes() == content
    (tmp_path / "other" / "m.sqlite").unlink()
    open_database("l.sqlite", tmp_path, **how).dispose()


@posix
def test_a_backup_with_two_names_is_restored(tmp_path: Path) -> None:
    """Programs that keep many days of backups link what has not changed."""
    engine = keeping.create("l.sqlite", tmp_path)
    fill(engine)
    keeping.backup(engine, tmp_path / "b.sqlite")
    engine.dispose()
    (tmp_path / "monday.sqlite").hardlink_to(tmp_path / "b.sqlite")
    assert keeping.restore(tmp_path / "monday.sqlite", "again.sqlite", tmp_path).orders == 6


@posix
def test_a_symbolic_link_leads_to_the_file_and_its_log(tmp_path: Path) -> None:
    """Also while all that makes it a ledger is in the log yet."""
    real, far = tmp_path / "real", tmp_path / "far"
    real.mkdir()
    far.mkdir()
    (far / "l.sqlite").symlink_to(real / "r.sqlite")
    (tmp_path / "whole").symlink_to(real)
    engine = open_database("r.sqlite", real)
    fill(engine)
    assert (real / "r.sqlite-wal").stat().st_size
    for name in ("far/l.sqlite", "whole/r.sqlite"):
        assert is_there(name, tmp_path)
        through = open_database(name, tmp_path, make=False)
        assert len(list(find(through, Wanted()))) == 6
        through.dispose()
    engine.dispose()
    assert [path.name for path in far.iterdir()] == ["l.sqlite"]


@posix
def test_a_damaged_file_behind_a_link_is_put_by_with_its_log(tmp_path: Path) -> None:
    engine = keeping.create("l.sqlite", tmp_path)
    fill(engine)
    keeping.backup(engine, tmp_path / "b.sqlite")
    engine.dispose()
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "r.sqlite").write_bytes(b"no database at all")
    (tmp_path / "link.sqlite").symlink_to(tmp_path / "real" / "r.sqlite")
    assert keeping.restore(tmp_path / "b.sqlite", "link.sqlite", tmp_path, force=True).orders == 6
    assert (tmp_path / "link.sqlite").is_symlink()
    (kept,) = (tmp_path / "real").glob("r.sqlite.damaged-*")
    assert kept.read_bytes() == b"no database at all"


@posix
def test_a_file_that_is_mounted_by_itself_is_found_among_the_mounts() -> None:
    told = (
        rb"""36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
594 590 254:1 /host/l.sqlite /data/a\040b\134c\011d.sqlite rw - ext4 /dev/vda1 rw
595 590 254:1 /host/l.sqlite /data/"""
        + "å".encode()
        + b""".sqlite rw - ext4 /dev/vda1 rw
short line
"""
    )
    places = one_name.mounted(told)
    assert {str(place) for place in places} == {"/mnt2", "/data/a b\\c\td.sqlite", "/data/å.sqlite"}
    assert one_name.mounted(b"") == set()


_MOUNTED = """
mount --bind "$1/host.sqlite" "$1/box/l 1.sqlite" && "$2" -c '
import sys
from pathlib import Path
from etl.ledger.database import is_there, open_database
from etl.problems import Refusal
box = Path(sys.argv[1])
assert is_there("l 1.sqlite", box)
try:
    open_database("l 1.sqlite", box, make=False)
except Refusal as refusal:
    print(refusal.problems[0].code, refusal.problems[0].message)
' "$1/box"
"""


def test_a_file_that_is_mounted_by_itself_is_refused(tmp_path: Path) -> None:
    unshare = shutil.which("unshare")
    alone = [unshare or "", "--mount", "--map-root-user"]
    if unshare is None or subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no mounts of its own for a process here: needs unshare, and a system that lets it")
    keeping.create("host.sqlite", tmp_path).dispose()
    (tmp_path / "box").mkdir()
    (tmp_path / "box" / "l 1.sqlite").touch()
    done = subprocess.run(
        [*alone, "sh", "-c", _MOUNTED, "sh", str(tmp_path), sys.executable],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "mount:" in done.stderr:
        pytest.skip("this system lets nobody mount")
    assert "E810" in done.stdout, done.stderr
    assert "mounted by itself" in done.stdout
    assert sqlite3.connect(tmp_path / "host.sqlite").execute("SELECT count(*) FROM runs").fetchone() == (0,)


@posix
def test_where_nobody_tells_what_is_mounted_nothing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(path: Path) -> bytes:
        raise FileNotFoundError(2, "No such file or directory", str(path))

    keeping.create("l.sqlite", tmp_path).dispose()
    monkeypatch.setattr(Path, "read_bytes", missing)
    assert one_name.second_name(tmp_path / "l.sqlite") is None
