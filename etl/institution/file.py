"""Institution → text of its file, and back.

JSON with one line for each library, vendor, fund and code, sorted: the file is committed, and what changed
in Alma since the last pull is read off its diff.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from etl.institution.model import Institution
from etl.own_files import write_whole
from etl.problems import MappingPlace, Problem, Refusal, unwritable
from etl.regular_files import read_file

_LARGEST = 64 << 20
"""Bytes. A consortium's, with 100,000 vendors, has some ten million."""
_DEEP = {"libraries": 1, "vendors": 1, "funds": 1, "currencies": 1, "tables": 2, "disabled": 2}
"""How many levels of a member are spread over lines."""
_KINDS = {"missing": "this is missing", "extra_forbidden": "there is no such key"}


def text_of(institution: Institution) -> str:
    """The file, sorted by code: the same Alma gives the same bytes, but for the date."""
    values = {"format": institution.format, **institution.model_dump(mode="json", exclude_defaults=True)}
    parts = [f"{_json(name)}: {_spread(value, _DEEP.get(name, 0), 1)}" for name, value in values.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def is_institution(head: bytes) -> bool:
    """Does a file begin as `text_of` writes it?"""
    return re.match(rb'\s*\{\s*"format"\s*:\s*"etl-institution/', head) is not None


def write_institution(file: Path, institution: Institution) -> None:
    """Whole or not at all. Raises Refusal: E849 it cannot be written, E612 another file stands there."""
    try:  # readable as any file of a repository: it is meant to be committed, and holds no person and no key
        write_whole(file, text_of(institution).encode(), mode=0o644, ours=is_institution)
    except OSError as error:
        raise unwritable("E849", file, error) from None


def load_institution(path: Path, shown: str, place: MappingPlace | None = None) -> Institution:
    """Read an institution file. `place` is where it was named. Raises Refusal (E840)."""
    try:
        text = read_file(path, _LARGEST).decode("utf-8")
    except OSError as error:
        raise Refusal(_problem(shown, f"cannot be read: {error.strerror or error}", place)) from None
    except UnicodeDecodeError:
        raise Refusal(_problem(shown, "is not text in UTF-8")) from None
    try:
        values = json.loads(text, object_pairs_hook=_once)
        return Institution.model_validate(values)
    except json.JSONDecodeError as error:
        where = MappingPlace(shown, error.lineno, error.colno)
        why = error.msg.lower().removesuffix(" starting at")
        raise Refusal(_problem(shown, f"is not JSON: {why}", where)) from None
    except RecursionError:
        raise Refusal(_problem(shown, "is nested too deep")) from None
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise Refusal([_wrong(shown, one["loc"], one["type"]) for one in found[:20]]) from None
    except ValueError as error:
        raise Refusal(_problem(shown, str(error))) from None


def _spread(value: Any, levels: int, depth: int) -> str:
    if not levels or not isinstance(value, dict) or not value:
        return _json(value)
    indent = "  " * depth
    lines = [
        f"{indent}{_json(name)}: {_spread(value[name], levels - 1, depth + 1)}" for name in sorted(value)
    ]
    return "{\n" + ",\n".join(lines) + "\n" + "  " * (depth - 1) + "}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; the same code twice (a merge gone wrong) would silently keep the last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f'names "{twice}" twice in one group')
    return found


def _problem(shown: str, why: str, place: MappingPlace | None = None) -> Problem:
    return Problem(
        "E840",
        f'the institution file "{shown}" {why}',
        mapping=place or MappingPlace(shown),
        help="write it anew: etl pull --institution-file FILE",
    )


def _wrong(shown: str, loc: tuple[int | str, ...], kind: str) -> Problem:
    why = _KINDS.get(kind, "this is something else than belongs here")
    place = MappingPlace(shown, path=".".join(map(str, loc)))
    return _problem(shown, f"is not as etl pull writes it: {why}", place)
