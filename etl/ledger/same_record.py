"""A vendor's record, as it was and as it is → is it the same? Also where only hashes of one are left."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from etl.identity import HOLDS
from etl.normal_form import normal_form


def same_record(ours: str | None, theirs: str | None) -> bool:
    """Has the vendor's record stayed as it was? Judged by the columns that were read both times, and by what
    its connector told of what no column took: a second fund that came since is a change.
    """
    if ours is None or theirs is None:
        return False
    mine, others = _hashed(ours), _hashed(theirs)
    return len(mine) == len(others) and all(map(_agree, mine, others))


def hashed_record(record: str | None) -> str | None:
    """What is left of a record that is not kept: by it, another is told to be the same."""
    return None if record is None else json.dumps({"hashes": _hashed(record)}, separators=(",", ":"))


def value_hash(value: Any) -> str:
    """Of a value as it is compared."""
    seen = json.dumps(_seen(value), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(seen.encode("utf-8", "surrogatepass")).hexdigest()


def _hashed(record: str) -> list[dict[str, str]]:
    rows = json.loads(record)
    if isinstance(rows, dict):
        hashes: list[dict[str, str]] = rows["hashes"]
        return hashes
    return [{name: value_hash(value) for name, value in row.items()} for row in rows]


def _agree(ours: Mapping[str, str], theirs: Mapping[str, str]) -> bool:
    common = ours.keys() & theirs.keys() - {HOLDS}
    told = ours.get(HOLDS, _NOTHING_TOLD) == theirs.get(HOLDS, _NOTHING_TOLD)
    return bool(common) and told and all(ours[name] == theirs[name] for name in common)


def _seen(value: Any) -> Any:
    """Without what nobody sees: a blank behind a number is no change."""
    if isinstance(value, str):
        return normal_form(value)
    if isinstance(value, list):
        return [_seen(one) for one in value]
    if isinstance(value, dict) and value.keys() == {"$number"}:  # ledgers of old have its digits alone
        return _seen(value["$number"][0])
    return {name: _seen(one) for name, one in value.items()} if isinstance(value, dict) else value


_NOTHING_TOLD = value_hash([])
