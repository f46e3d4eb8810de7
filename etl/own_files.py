"""Everything that replaces, renames or removes a file: what this program made, and nothing else.

A file takes its place whole or not at all (`whole_file`), and takes only the place of a file that is like
it. A folder whose files are made anew by each run (`OwnFolder`) bears a mark that lists them; what is not on
the list belongs to somebody else and is neither replaced nor removed. Links are followed to be read, never
to remove what they lead to.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from etl.problems import MappingPlace, Problem, Refusal

Ours = Callable[[bytes], bool]
"""Are these first bytes (at most `HEAD`) of a file such as this program makes in this place?"""

HEAD = 1 << 16


@contextmanager
def whole_file(path: Path, *, mode: int, ours: Ours) -> Iterator[BinaryIO]:
    """A file that takes its place complete and on disk, or not at all. `mode` is its permissions.

    Raises Refusal (E612) when what stands there is not a file that is `ours`, and OSError when the disk does
    not take it. A link stays a link: what it leads to is replaced.
    """
    place = Path(os.path.realpath(path))
    refuse_others(path, ours)
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{place.name[:40]}-", dir=place.parent)
    made = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        made.chmod(mode)
        made.replace(place)
    finally:
        made.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes, *, mode: int, ours: Ours) -> None:
    """`whole_file` for content at hand. Raises Refusal (E612) and OSError."""
    with whole_file(path, mode=mode, ours=ours) as stream:
        stream.write(content)


def refuse_others(path: Path, ours: Ours) -> None:
    """Raises Refusal (E612) when something stands at `path` that is not ours to replace. An empty file is."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise _not_ours(path, "is not a file")
        with path.open("rb") as stream:
            head = stream.read(HEAD)
    except (FileNotFoundError, NotADirectoryError):
        return  # nothing stands there; whether something can, is found out by writing
    if head and not ours(head):
        raise _not_ours(path, "was not made by etl")


def remove_own(path: Path, root: Path) -> None:
    """Take away a file of ours below `root`, and the folders that are empty without it, up to `root`."""
    path.unlink()
    while path.parent != root and not any(path.parent.iterdir()):
        path = path.parent
        path.rmdir()


def _not_ours(path: Path, why: str) -> Refusal:
    return Refusal(
        Problem(
            "E612",
            f'"{path}" {why}, so it is not replaced',
            mapping=MappingPlace(str(path)),
            help="name another file, or take it away yourself if nobody needs it",
        )
    )


# ------------------------------------------------------------------------------------------- folders


class OwnFolder:
    """A folder that each run fills anew, and in which files of others are left alone.

    New files are made in a hidden folder inside it and take the place of the old ones at the end, `last` as
    the last: whoever finds `last` there sees one run's files, whole. Raises Refusal (E603) for a folder with
    content and without our mark, OSError when the disk does not take it.
    """

    def __init__(self, place: Path, mark: str, words: str, last: str) -> None:
        self.place, self._mark, self._words, self._last = place, place / mark, words, last
        self._made_here = not place.exists()
        self._refuse_others()
        place.parent.mkdir(parents=True, exist_ok=True)
        place.mkdir(mode=0o700, exist_ok=True)  # order data names people and accounts
        try:
            if not self._mark.exists():
                self._note(())
            self.left = list(_take_up(place, last))
            """Complete folders of runs that were killed before they could put them in place."""
            self.work = Path(tempfile.mkdtemp(prefix=f"{_unfinished()}{os.getpid()}-", dir=place))
        except OSError:
            self._leave()
            raise

    def put_in_place(self) -> None:
        """The new files instead of the old. Raises OSError with the new ones still in `work`, or partly so.
        """
        new = sorted(
            (path.relative_to(self.work).as_posix() for path in self.work.rglob("*") if path.is_file()),
            key=lambda name: (name == self._last, name),
        )
        old = self._noted()
        for name in new:
            path = self.place / name
            if os.path.lexists(path) and (name not in old or not self._within(name)):
                raise FileExistsError(f'"{path}" was not made by etl, so it is not replaced')
        if self._last in old:
            (self.place / self._last).unlink(missing_ok=True)  # from here on the folder is not whole
        self._note({*old, *new})
        for name in old.difference(new):
            if self._within(name) and (self.place / name).is_file():
                remove_own(self.place / name, self.place)
        for name in new:
            (self.place / name).parent.mkdir(mode=0o700, exist_ok=True)
            (self.work / name).replace(self.place / name)
        self._note(new)
        self._clear_work()

    def discard(self) -> None:
        """Nothing of this run is wanted: the folder is as it was before."""
        self._clear_work()
        self._leave()

    # ------------------------------------------------------------------------------------ inside

    def _refuse_others(self) -> None:
        if self._made_here or (self.place.is_dir() and not any(self.place.iterdir())):
            return
        if self.place.is_dir() and self._mark.is_file() and not self._mark.is_symlink():
            head = self._mark.read_text(encoding="utf-8", errors="replace")
            if head.startswith(self._words):
                return
        raise Refusal(
            Problem(
                "E603",
                f'"{self.place}" is not a report folder, so nothing is written to it',
                mapping=MappingPlace(str(self.place)),
                help="name another folder with --report",
            )
        )

    def _leave(self) -> None:
        """Take the folder away again if this run made it and put nothing into it."""
        if self._made_here and not self._noted():
            with suppress(OSError):  # somebody else has put something into it meanwhile: it stays
                self._mark.unlink(missing_ok=True)
                self.place.rmdir()

    def _noted(self) -> set[str]:
        """Names of our files in the folder. What leads out of it is nobody's name."""
        with suppress(FileNotFoundError):
            lines = self._mark.read_text(encoding="utf-8", errors="surrogateescape").split("\n")[1:]
            return {
                name for name in lines if name and ".." not in PurePosixPath(name).parts and name[0] != "/"
            }
        return set()

    def _note(self, names: Iterable[str]) -> None:
        text = "\n".join((self._words, *sorted(names), ""))
        write_whole(
            self._mark,
            text.encode("utf-8", "surrogateescape"),
            mode=0o600,
            ours=lambda head: head.startswith(self._words.encode()),
        )

    def _within(self, name: str) -> bool:
        """Is every folder on the way to it a real one? A link may lead to somebody else's."""
        return not any((self.place / parent).is_symlink() for parent in PurePosixPath(name).parents)

    def _clear_work(self) -> None:
        shutil.rmtree(self.work, ignore_errors=True)  # made by us with a name nobody else has


def _unfinished() -> str:
    """Beginning of the hidden folder's name. Process numbers mean something on one machine only."""
    return f".unfinished-{re.sub(r'[^A-Za-z0-9]', '', platform.node())[:40]}-"


def _take_up(place: Path, last: str) -> Iterator[Path]:
    """What killed runs left: complete folders get a name that is seen, others are cleared."""
    for left in sorted(place.glob(f"{_unfinished()}*-*")):
        pid = left.name.removeprefix(_unfinished()).split("-")[0]
        if left.is_symlink() or not left.is_dir() or not pid.isdigit() or _alive(int(pid)):
            continue
        if (left / last).is_file():
            yield keep_aside(left, place)
        else:
            shutil.rmtree(left, ignore_errors=True)  # another run may be clearing it too


def keep_aside(work: Path, place: Path) -> Path:
    """Give a hidden folder a name that is seen and that nobody will clear: `unfinished-1`, -2 …"""
    number = 1
    while os.path.lexists(kept := place / f"unfinished-{number}"):
        number += 1
    try:
        work.rename(kept)
    except OSError:  # the folder takes no changes any more: it stays under the name it has
        return work
    return kept


def _alive(pid: int) -> bool:
    """Is there a process of this number on this machine?"""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
