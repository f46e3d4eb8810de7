"""Files, folders and patterns as people write them → the mappings they mean, and the bases among them.

A base cannot stand alone: its name, or that of a folder on the way to it, begins with `_`.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from etl.problems import MappingPlace, Problem, Refusal
from etl.regular_files import look_for
from etl.spec.load import is_mapping

_ENDINGS = (".yaml", ".yml")
_SHOWN = 5


@dataclass(slots=True)
class FoundMappings:
    """Names as typed, each file once. `bases` and `others` (YAML that is no mapping) were not asked for."""

    mappings: list[str] = field(default_factory=list)
    bases: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def find_mappings(names: Sequence[str]) -> FoundMappings:
    """What the names stand for: a file is itself, folders are gone through to their ends.

    Raises Refusal (E115 for a folder or pattern without any mapping, E105 for what cannot be looked at).
    """
    found, seen, problems, lone = FoundMappings(), set[str](), list[Problem](), list[Problem]()
    for name in names:
        if not (Path(name).is_dir() or (glob.has_magic(name) and not os.path.lexists(name))):
            _add(found.mappings, [name], seen)
            continue
        unseen = len(problems)
        files = list(_below(name, problems))
        bases = [file for file in files if is_base(file, _root(name))]
        rest = [file for file in files if file not in bases]
        mappings = [file for file in rest if is_mapping(file)]
        if not mappings and len(problems) == unseen:
            (lone if bases else problems).append(_none(name, bases, rest))
        _add(found.mappings, mappings, seen)
        _add(found.bases, bases, seen)
        _add(found.others, [file for file in rest if file not in mappings], seen)
    if not found.mappings:  # a folder of bases is fine beside those that extend them
        problems += lone
    if problems:
        raise Refusal(problems)
    return found


def is_base(file: str | Path, root: str | Path) -> bool:
    """Does its name begin with `_`, or that of a folder on the way to it from `root`?"""
    return any(part.startswith("_") for part in Path(os.path.relpath(file, root)).parts)


def is_named_base(file: str) -> bool:
    """Is a file a base that a person names by itself? Its own name tells, or its folder's."""
    whole = Path(os.path.abspath(file))  # noqa: PTH100 - links stay
    return is_base(whole, whole.parent.parent)


def _add(to: list[str], files: Iterable[str], seen: set[str]) -> None:
    for file in files:
        whole = os.path.realpath(file)
        if whole not in seen:
            seen.add(whole)
            to.append(file)


def _below(name: str, problems: list[Problem]) -> Iterator[str]:
    """The YAML files of a folder, at any depth, or what fits a pattern, folders gone through as well."""
    folder = glob.escape(os.path.normpath(name)) if Path(name).is_dir() else name
    patterns = [f"{folder}/**/*{end}".removeprefix("./") for end in _ENDINGS]
    looked = [look_for(pattern) for pattern in (patterns if Path(name).is_dir() else [name, *patterns])]
    for one in dict.fromkeys(one for found in looked for one in found.unseen):
        problems.append(Problem("E105", f'"{one.path}" {one.why}', mapping=MappingPlace(one.path)))
    yield from sorted({file for found in looked for file in found.files if file.endswith(_ENDINGS)})


def _root(name: str) -> str:
    """Outside what a person typed: a folder, or what stands before the first sign of a pattern."""
    while glob.has_magic(name) and not Path(name).is_dir():
        name = os.path.dirname(name)  # noqa: PTH120 - "" is the folder we are in
    typed = os.path.normpath(name or ".")
    return typed if os.path.basename(typed) in (".", "..") else os.path.dirname(typed) or "."  # noqa: PTH119, PTH120


def _none(name: str, bases: Sequence[str], others: Sequence[str]) -> Problem:
    told = f'no mapping in "{name}"' if Path(name).is_dir() else f'no mapping fits "{name}"'
    if bases:
        told += f", only bases that others extend: {_some(bases)}"
        help_ = "name the mappings that extend them as well, or one base by its own name"
    elif others:
        told += f": {_some(others)} {'is' if len(others) == 1 else 'are'} none"
        help_ = "a mapping has version, name, target, source, key and fields"
    else:
        help_ = "a mapping is a file that ends in .yaml or .yml; a folder is gone through to its end"
    return Problem("E115", told, mapping=MappingPlace(name), help=help_)


def _some(files: Sequence[str]) -> str:
    return ", ".join(files[:_SHOWN]) + (f" and {len(files) - _SHOWN:,} more" if len(files) > _SHOWN else "")
