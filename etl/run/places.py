"""Where a run reads and where it writes → a refusal when two of these places are one, or one is in the other.

A report written over payloads, a payload over the mapping, a ledger in a folder that others fetch from: each
loses something, and none of it shows before it is gone. So it is looked at before anything is read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from etl.institution.check import CodeCheck
from etl.plugin import Source
from etl.problems import MappingPlace, Problem, Refusal
from etl.spec.load import Spec, sibling

if TYPE_CHECKING:
    from etl.run.pipeline import Delivery


@dataclass(frozen=True, slots=True)
class RunPlace:
    """A file (or `folder`) and what it is to the run. `written`: the run writes to it; else it only reads
    it.
    """

    what: str
    path: str
    folder: bool = False
    written: bool = False

    @property
    def real(self) -> Path:
        """Where it is, links followed, whether it is there yet or not."""
        return Path(os.path.realpath(self.path))


def refuse_overlaps(
    spec: Spec,
    codes: CodeCheck | None,
    sources: Sequence[Source],
    delivery: Delivery,
    report: Path,
    also: Sequence[RunPlace] = (),
) -> None:
    """Raises Refusal (E615) with every pair of places that get in each other's way."""
    refuse_shared(
        [
            RunPlace("report folder", str(report), folder=True, written=True),
            *of_sink(delivery),
            *also,
            *(RunPlace("mapping", name) for name in spec.files),
            *(RunPlace("lookup table", name) for name in lookup_files(spec)),
            *([RunPlace("institution file", codes.file)] if codes is not None else ()),
            *(RunPlace("input", path) for source in sources if (path := local_path(source.name))),
        ]
    )


def refuse_shared(places: Sequence[RunPlace]) -> None:
    """Raises Refusal (E615) when something is written where something else is written or read."""
    problems = []
    for one, other in _near(places):
        words = _clash(one, other)
        if words is not None:
            problems.append(
                Problem(
                    "E615",
                    words,
                    mapping=MappingPlace(one.path if one.written else other.path),
                    help="nothing was done; give each of them a place of its own",
                )
            )
    if problems:
        raise Refusal(problems)


def _near(places: Sequence[RunPlace]) -> Iterator[tuple[RunPlace, RunPlace]]:
    """Pairs that have a path or a file in common, or of which one is a folder above the other.

    Each place is looked up among those that are written, and among the folders: an inbox has thousands.
    """
    found: dict[object, list[int]] = {}
    for number, place in enumerate(places):
        if place.written:
            for name in _names(place):
                found.setdefault(name, []).append(number)
        if place.folder:
            found.setdefault(("in", place.real), []).append(number)
    pairs = {
        (min(number, other), max(number, other))
        for number, place in enumerate(places)
        for name in (*_names(place), *(("in", parent) for parent in place.real.parents))
        for other in found.get(name, ())
        if other != number
    }
    for one, other in sorted(pairs):
        yield places[one], places[other]


def _names(place: RunPlace) -> Iterator[object]:
    """Its path, and what the file there is: a hard link, or a file system that does not tell a from A."""
    yield place.real
    with suppress(OSError):  # it is not there yet
        there = place.real.stat()
        yield there.st_dev, there.st_ino


def lookup_files(spec: Spec) -> Iterator[str]:
    """The tables a mapping looks things up in, by the names messages give them."""
    for name, section in spec.model.lookups.items():
        if section.file is not None:
            yield sibling(spec.node("lookups", name, "file").file, section.file)


def of_sink(delivery: Delivery) -> Iterator[RunPlace]:
    """What a delivery writes to, on this machine."""
    for name, is_folder in delivery.sink.writes(delivery.options):
        if (path := local_path(name)) is not None:
            yield RunPlace(
                f"output of sink {delivery.sink.name}", str(delivery.base / path), is_folder, written=True
            )


def local_path(name: str) -> str | None:
    """The path of a file on this machine; None for standard input and other machines' URLs."""
    if name == "-":
        return None
    scheme, separator, path = name.rpartition("::")[2].partition("://")  # a cache of it: simplecache::file://
    if not separator:
        return name
    return path if scheme in ("file", "local") else None


def _clash(one: RunPlace, other: RunPlace) -> str | None:
    if not (one.written or other.written):
        return None
    if {*_names(one)} & {*_names(other)}:
        return f'the {one.what} and the {other.what} are the same: "{one.path}", "{other.path}"'
    if other.folder and one.real.is_relative_to(other.real):
        one, other = other, one
    elif not (one.folder and other.real.is_relative_to(one.real)):
        return None
    return f'the {other.what} "{other.path}" is inside the {one.what} "{one.path}"'
