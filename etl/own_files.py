"""Everything that replaces, renames or removes a file: what this program made, and nothing else.

A file takes its place whole or not at all (`whole_file`), and takes only the place of a file that is like
it. A folder whose files are made anew by each run (`OwnFolder`) bears a mark that lists them; what is not on
the list belongs to somebody else and is neither replaced nor removed. Links are followed to be read, never
to remove what they lead to.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from etl.problems import MappingPlace, Problem, Refusal

if sys.platform != "win32":
    import fcntl

Ours = Callable[[bytes], bool]
"""Are these first bytes (at most `HEAD`) of a file such as this program makes in this place?"""

HEAD = 1 << 21
"""Enough for the largest document, which is judged as a whole."""


@contextmanager
def whole_file(path: Path, *, mode: int, ours: Ours) -> Iterator[BinaryIO]:
    """A file that takes its place complete and on disk, or not at all. `mode` is its permissions.

    Raises Refusal (E612) when what stands there is not a file that is `ours`, also if it was made meanwhile,
    and OSError when the disk does not take it. A link stays a link: what it leads to is replaced.
    """
    with whole_files((path, ours), mode=mode) as (stream,):
        yield stream


@contextmanager
def whole_files(*files: tuple[Path, Ours], mode: int) -> Iterator[tuple[BinaryIO, ...]]:
    """Files that belong together: all of them take their place as in `whole_file`, or none does.

    The others are about the first: old ones never stand beside a new first one. One of them that stays empty
    is not made, and the old one goes.
    """
    for path, ours in files:
        refuse_others(path, ours)
    with ExitStack() as ending:
        made: dict[Path, Path] = {}
        streams: list[BinaryIO] = []
        for path, _ in files:
            place = Path(os.path.realpath(path))
            place.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=f".{place.name[:40]}-", dir=place.parent)
            made[place] = Path(name)
            ending.callback(made[place].unlink, missing_ok=True)
            streams.append(ending.enter_context(os.fdopen(handle, "wb")))
        yield tuple(streams)
        for stream, new in zip(streams, made.values(), strict=True):
            stream.flush()
            os.fsync(stream.fileno())
            stream.close()
            new.chmod(mode)
        for path, ours in files:
            refuse_others(path, ours)
        _take_places(made)


def _take_places(made: Mapping[Path, Path]) -> None:
    """Place → the new file for it. While the first changes, old others stand aside; an OSError undoes all.

    Whoever is killed in between leaves a first one without others, never with those of another.
    """
    first, *others = made
    fresh = not os.path.lexists(first)
    old = {place: new.with_name(f"{new.name}.old") for place, new in made.items()}
    taken: list[Path] = []
    try:
        if others and not fresh:
            with suppress(OSError):  # a disk without hard links: then the first cannot be undone
                os.link(first, old[first])
        for place in others:
            with suppress(FileNotFoundError):
                place.rename(old[place])
        for place in (*others, first) if fresh else (first, *others):
            if place == first or made[place].stat().st_size:
                made[place].replace(place)
                taken.append(place)
    except OSError:
        for place in made:
            if old[place].exists():
                old[place].replace(place)
                old[place].unlink(missing_ok=True)  # two links to one file: replacing does nothing
            elif place in taken and (fresh or place != first):
                place.unlink()
        raise
    for left in old.values():
        left.unlink(missing_ok=True)


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


def link_between(root: Path, path: Path) -> Path | None:
    """A link on the way from `root` to `path`, which may be one itself: what is behind it is somebody else's.
    """
    way = (part for part in (path, *path.parents) if part != root and part.is_relative_to(root))
    return next((part for part in way if part.is_symlink()), None)


def refuse_links(path: Path, root: Path) -> None:
    """Raises Refusal (E612) when a link stands between `root` and `path`."""
    if (link := link_between(root, path)) is not None:
        raise _not_ours(link, "is a link")


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
            self.work, self._alive = _begun(place)
        except OSError:
            self._leave()
            raise

    def look(self) -> None:
        """Raises FileExistsError when one of the new files cannot take its place: somebody else's is there.
        """
        old = self._noted()
        for name in self._new():
            path = self.place / name
            if (link := link_between(self.place, path.parent)) is not None:
                raise FileExistsError(f'"{link}" is a link, so nothing is written through it')
            if os.path.lexists(path) and name not in old:
                raise FileExistsError(f'"{path}" was not made by etl, so it is not replaced')

    def put_in_place(self) -> None:
        """The new files instead of the old. Raises OSError with the new ones still in `work`, or partly so.
        Of two runs that end at once, one waits for the other.
        """
        with _alone_in(self.place):
            self._put_in_place()

    def _put_in_place(self) -> None:
        new = self._new()
        old = self._noted()
        self.look()
        if self._last in old:
            (self.place / self._last).unlink(missing_ok=True)  # from here on the folder is not whole
        self._note({*old, *new})
        for name in old.difference(new):
            path = self.place / name
            if link_between(self.place, path) is None and path.is_file():
                remove_own(path, self.place)
        for name in new:
            (self.place / name).parent.mkdir(mode=0o700, exist_ok=True)
            (self.work / name).replace(self.place / name)
        self._note(new)
        self._clear_work()

    def discard(self) -> None:
        """Nothing of this run is wanted: the folder is as it was before."""
        self._clear_work()
        self._leave()

    def close(self) -> None:
        """To be called at the end: what is left of `work` may be taken up by the next run."""
        os.close(self._alive)

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
        if self._made_here and not self._noted() and set(self.place.iterdir()) <= {self._mark}:
            with suppress(OSError):  # somebody else has put something into it meanwhile: it stays
                self._mark.unlink(missing_ok=True)
                self.place.rmdir()

    def _new(self) -> list[str]:
        """Names of the new files, in the order in which they take their places."""
        files = (path for path in self.work.rglob("*") if path.is_file())
        names = {path.relative_to(self.work).as_posix() for path in files} - {_ALIVE}
        return sorted(names, key=lambda name: (name == self._last, name))

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

    def _clear_work(self) -> None:
        shutil.rmtree(self.work, ignore_errors=True)  # made by us with a name nobody else has


_UNFINISHED, _ALIVE = ".unfinished-", ".alive"
"""How a hidden folder's name begins, and the file in it that the run which fills it keeps locked. The system
gives the lock back when a process ends, however it ends; a process's number would say nothing in containers,
where each is number 1. Where there are no such locks (Windows, some network drives) nobody can tell the dead
from the living, and all are left alone.
"""


def _begun(place: Path) -> tuple[Path, int]:
    """A hidden folder and the handle that keeps it locked. Raises OSError."""
    while True:
        work = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=place))
        try:
            with suppress(FileNotFoundError):  # another run, which came before the lock, has cleared it
                handle = os.open(work / _ALIVE, os.O_RDWR | os.O_CREAT, 0o600)
                if _lock(handle) is not False and (work / _ALIVE).exists():
                    return work, handle
                os.close(handle)
        except OSError:
            shutil.rmtree(work, ignore_errors=True)
            raise


def _lock(handle: int) -> bool | None:
    """True: it is ours until it is closed. False: it is another's. None: there are no locks here."""
    if sys.platform == "win32":
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Nobody else changes what stands there. Where there are no locks, everybody thinks so."""
    if sys.platform == "win32":
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def _ended(left: Path) -> Iterator[bool]:
    """Is the run that filled this folder over? Within, no other run is told so."""
    try:
        handle = os.open(left / _ALIVE, os.O_RDWR)
    except FileNotFoundError:  # it has only just begun, or was killed then
        with suppress(OSError):  # it is not empty: then it is nobody's that we know
            left.rmdir()
        yield False
        return
    except OSError:
        yield False
        return
    try:
        yield _lock(handle) is True
    finally:
        os.close(handle)


def _take_up(place: Path, last: str) -> Iterator[Path]:
    """What killed runs left: complete folders get a name that is seen, others are cleared."""
    for left in sorted(place.glob(f"{_UNFINISHED}*")):
        if left.is_symlink() or (left / _ALIVE).is_symlink() or not left.is_dir():
            continue
        with _ended(left) as ended:
            if ended and (left / last).is_file():
                yield keep_aside(left, place)
            elif ended:
                shutil.rmtree(left, ignore_errors=True)


def put_by(path: Path, name: str) -> None:
    """Another name in the same folder. Raises OSError, FileExistsError when something has that name."""
    if os.path.lexists(place := path.with_name(name)):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(place))
    path.rename(place)


def keep_aside(work: Path, place: Path) -> Path:
    """Give a hidden folder a name that is seen and that nobody will clear: `unfinished-1`, -2 …"""
    number = 1
    while os.path.lexists(kept := place / f"unfinished-{number}"):
        number += 1
    try:
        work.rename(kept)
    except OSError:  # the folder takes no changes any more: it stays under the name it has
        return work
    with suppress(OSError):
        (kept / _ALIVE).unlink(missing_ok=True)
    return kept
