"""Where a run reads and where it writes → a refusal when two of these places are one, or one is in the other.

A report written over payloads, a payload over the mapping, a ledger in a folder that others fetch from: each
loses something, and none of it shows before it is gone. So it is looked at before anything is read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
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
            *(RunPlace("input", source.name) for source in sources if is_local(source.name)),
        ]
    )


def refuse_shared(places: Sequence[RunPlace]) -> None:
    """Raises Refusal (E615) when something is written where something else is written or read."""
    real = [(place, place.real) for place in places]
    problems = []
    for at, (one, first) in enumerate(real):
        for other, second in real[at + 1 :]:
            words = _clash(one, first, other, second)
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


def lookup_files(spec: Spec) -> Iterator[str]:
    """The tables a mapping looks things up in, by the names messages give them."""
    for name, section in spec.model.lookups.items():
        if section.file is not None:
            yield sibling(spec.node("lookups", name, "file").file, section.file)


def of_sink(delivery: Delivery) -> Iterator[RunPlace]:
    """What a delivery writes to, on this machine."""
    for name, is_folder in delivery.sink.writes(delivery.options):
        if is_local(name):
            yield RunPlace(
                f"output of sink {delivery.sink.name}", str(delivery.base / name), is_folder, written=True
            )


def is_local(name: str) -> bool:
    """Is it the name of a file here, neither a URL nor standard input?"""
    return name != "-" and "://" not in name


def _clash(one: RunPlace, first: Path, other: RunPlace, second: Path) -> str | None:
    if not (one.written or other.written):
        return None
    if first == second or _same(first, second):
        return f'the {one.what} and the {other.what} are the same: "{one.path}", "{other.path}"'
    if other.folder and first.is_relative_to(second):
        one, other = other, one
    elif not (one.folder and second.is_relative_to(first)):
        return None
    return f'the {other.what} "{other.path}" is inside the {one.what} "{one.path}"'


def _same(first: Path, second: Path) -> bool:
    """One file under two names: a hard link, or a file system that does not tell a from A."""
    try:
        return first.samefile(second)
    except OSError:
        return False  # one of them is not there yet
