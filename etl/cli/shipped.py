"""The mappings that come along → what each is for, and its files with those of the bases it extends."""

from __future__ import annotations

import difflib
import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from etl.problems import MappingPlace, Problem, Refusal
from etl.run.places import lookup_files
from etl.spec.load import Spec, load

_NOT_SHIPPED = ("out", "etl-report")


@dataclass(frozen=True, slots=True)
class Shipped:
    """One mapping. `name` is FOLDER/MAPPING, as in `adlibris/po_line`."""

    name: str
    spec: Spec

    @property
    def folder(self) -> str:
        return self.name.split("/")[0]

    @property
    def file(self) -> str:
        """Its name in the folder."""
        return self.name.split("/")[1] + ".yaml"

    @property
    def summary(self) -> str:
        """What it reads, what it makes, what for."""
        model = self.spec.model
        return f"{model.source.connector} → {model.target}: {model.description}"


def shelf() -> Path:
    """The folder they stand in: inside the package of an installation, beside it in a clone."""
    package = Path(str(files("etl")))
    inside = package / "mappings"
    return inside if inside.is_dir() else package.parent / "mappings"


@cache
def shipped() -> tuple[Shipped, ...]:
    """All of them, in the order of their names."""
    paths = (path for path in sorted(shelf().glob("*/*.yaml")) if not path.parent.name.startswith("_"))
    return tuple(Shipped(f"{path.parent.name}/{path.stem}", load(path.as_posix())) for path in paths)


def named(name: str, place: MappingPlace) -> list[Shipped]:
    """The mappings of one folder, by its name or that of a mapping in it. Raises Refusal (E116)."""
    known = [one.name for one in shipped()]
    folders = list(dict.fromkeys(one.folder for one in shipped()))
    folder = name.split("/")[0] if name in known else name
    if folder not in folders:
        near = difflib.get_close_matches(name.casefold(), [*folders, *known], 1)
        help_ = f'did you mean "{near[0]}"?' if near else f"there are {', '.join(folders)}: etl list mappings"
        raise Refusal(Problem("E116", f'no mapping "{name}" comes with etl', mapping=place, help=help_))
    return [one for one in shipped() if one.folder == folder]


def files_of(mappings: Sequence[Shipped]) -> dict[str, bytes]:
    """Place on the shelf → content: everything in their folder, and what they extend and look up elsewhere.

    The README of such a folder comes along, and so does what keeps git from changing samples.
    """
    root = shelf()
    own = Path(mappings[0].spec.path).parent
    wanted = {path for path in own.rglob("*") if _is_shipped(path, own)}
    for name in (name for one in mappings for name in _read_by(one.spec)):
        path = Path(name)
        wanted |= {path, *path.parents[0 if path.suffix == ".yaml" else 1].glob("README.md")}
    wanted.add(root / ".gitattributes")
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(wanted)}


def _is_shipped(path: Path, own: Path) -> bool:
    parts = path.relative_to(own).parts
    return path.is_file() and parts[0] not in _NOT_SHIPPED and not parts[-1].startswith(".")


def _read_by(spec: Spec) -> Iterator[str]:
    """Mapping files and tables, each as `posixpath` writes it."""
    yield from map(posixpath.normpath, spec.files)
    yield from lookup_files(spec)
