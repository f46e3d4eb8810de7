"""A mapping and its inputs → the hash of every file that has a say in what is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from etl.lookups import MAX_TABLE
from etl.plugin import Source
from etl.problems import MappingPlace, Problem, Refusal
from etl.regular_files import read_file
from etl.run.places import lookup_files
from etl.spec.load import Spec, load, sibling
from etl.yaml_tree import MAX_BYTES

_CHUNK = 1 << 20


def fingerprints(mapping: str, sources: Sequence[Source], institution_file: str | None) -> dict[str, str]:
    """File name → SHA-256: the mapping and what it extends, its lookups, the institution file, the inputs.

    Raises Refusal when the mapping cannot be loaded or one of the files cannot be read any more (E851).
    """
    found: dict[str, str] = {}

    def read(name: str, most: int = MAX_BYTES) -> bytes:
        raw = read_file(name, most)
        found[name] = hashlib.sha256(raw).hexdigest()
        return raw

    spec = load(mapping, read)
    for name in tables_of(spec, institution_file):
        try:
            read(name, MAX_TABLE)
        except OSError as error:
            raise _gone(name, error) from None
    for source in sources:
        try:
            found[source.name] = _hash_of(source)
        except OSError as error:
            raise _gone(source.name, error) from None
    return dict(sorted(found.items()))


def changes(planned: Mapping[str, str], now: Mapping[str, str]) -> list[Problem]:
    """Why a plan no longer stands (E851), one problem for each file."""
    words = {
        "has changed": [name for name in planned if name in now and now[name] != planned[name]],
        "is not used any more": [name for name in planned if name not in now],
        "is new": [name for name in now if name not in planned],
    }
    return [_stale(name, what) for what, names in words.items() for name in names]


def tables_of(spec: Spec, institution_file: str | None) -> Iterable[str]:
    """The files beside the mapping and those it extends: its lookup tables, the institution file."""
    yield from lookup_files(spec)
    if institution_file is not None:
        yield institution_file
    elif spec.model.institution is not None:
        yield sibling(spec.node("institution").file, spec.model.institution)


def _hash_of(source: Source) -> str:
    digest = hashlib.sha256()
    with source.open() as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _gone(name: str, error: OSError) -> Refusal:
    return Refusal(_stale(name, f"cannot be read: {error.strerror or error}"))


def _stale(name: str, what: str) -> Problem:
    return Problem(
        "E851",
        f'"{name}" {what} since the plan was made',
        mapping=MappingPlace(str(Path(name)) if "://" not in name else name),
        help="nothing was sent; look at what changed and plan again: etl plan",
    )
