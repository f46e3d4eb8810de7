"""Values → the key of an order line, and a file name that no other key has, on every system."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

from etl.normal_form import normal_form, normalized
from etl.problems import MappingPlace, Problem
from etl.template.bounds import canonical
from etl.template.emptiness import is_empty
from etl.template.environment import Failure
from etl.template.plain_words import kind_in_words

_UNSAFE = re.compile(r"[^A-Za-z0-9.\-]+")
_LONGEST = 120
# devices of Windows, whatever their case and whatever follows the first dot
DEVICE = re.compile(r"(?:CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9])(?:\.|\Z)", re.IGNORECASE)
_EMPTY_PART = {
    "key": "the key must identify the order line; choose columns that are always filled",
    "group_by": "all rows without it would be one document: say what stands in its place,  {{ … or … }}",
}


def as_key(value: Any, name: str, place: MappingPlace, of: str = "key") -> str:
    """One part of a key, or of a group, as text. Raises Failure when there is nothing to identify it by."""
    if is_empty(value) or (isinstance(value, str) and not normal_form(value)):
        raise Failure(
            Problem(
                "E478",
                f'{of} part "{name}" is empty',
                mapping=place,
                help=_EMPTY_PART[of],
            )
        )
    if of == "group_by" and isinstance(value, bool):
        return canonical(value)
    return as_word(value, f'{of} part "{name}"', "E478", place)


def as_word(value: Any, what: str, code: str, place: MappingPlace) -> str:
    """A text, number or date as text. Raises Failure (`code`) for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal | date):
        raise Failure(Problem(code, f"{what} is {kind_in_words(value)}, not a text", mapping=place))
    return canonical(value)


def name_of(key: tuple[str, ...]) -> str:
    """Parts joined by `_`; where a part had to be changed or cut, a digest of the key keeps it unique.

    `_` itself counts as unsafe inside a part, so ("a", "b_c") and ("a_b", "c") cannot meet. ASCII, at most
    132 signs, no device of Windows with any ending behind it. Names that differ only in case are possible:
    who writes them looks for that (E611).
    """
    cleaned = [_UNSAFE.sub("-", normalized("NFC", part)).strip(".-") for part in key]
    name = "_".join(cleaned)
    device = DEVICE.match(name) is not None
    if tuple(cleaned) == key and len(name) <= _LONGEST and name and not device:
        return name
    return f"{'_' if device else ''}{name[:_LONGEST]}~{hashlib.sha256(_written(key)).hexdigest()[:10]}"


def _written(key: tuple[str, ...]) -> bytes:
    """The key as bytes that no other key has; the sign that parts the parts may itself stand in one."""
    if any("\x1f" in part for part in key):
        return b"\xff" + json.dumps(key).encode()
    return "\x1f".join(key).encode(errors="surrogatepass")
