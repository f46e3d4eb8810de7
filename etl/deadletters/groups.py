"""Cells of one group (funds, places) ↔ the list they stand for, of any number of members.

Values of several members stand in one cell with `; ` between; a member that has none leaves its place empty.
What a member carries that no column shows (barcodes) stays with it. Where nobody can tell which member that
is after an edit, the row is refused: it must not be lost, nor land at another place.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import shorten
from typing import Any

from etl.deadletters.said import BadCell

MANY = "; "
REMOVED = "-"

Member = dict[str, Any]
Paths = Mapping[str, tuple[str, ...]]
"""Column → where its value stands in a member."""

_COUNTED = frozenset({"quantity", "fund_amount"})
"""How much of the order a member gets: all other columns say which member it is."""


def split(text: str) -> list[str]:
    return [part.strip() for part in text.split(";")]


def cell(members: Sequence[Member], path: tuple[str, ...]) -> str:
    """One value for each member, "" where it has none; "" for all when none has one."""
    texts = ["" if value is None else str(value) for value in (_get(member, path) for member in members)]
    return MANY.join(texts) if any(texts) else ""


def regrouped(
    members: Sequence[Member],
    paths: Paths,
    changes: Mapping[str, str],
    currency: tuple[str | None, str | None],
) -> list[Member]:
    """The members as the cells say; one without any value is none. `currency`: of the order, before and now.

    Raises BadCell when the cells of the group disagree about the number, when some funds lose their amounts,
    and when it cannot be told where something belongs that no column shows.
    """
    columns = {name: _column(name, path, members, changes) for name, path in paths.items()}
    rows = _rows(columns)
    if _mixed("amount" in one for one in members) < _mixed("fund_amount" in row for row in rows if row):
        raise BadCell("some without", "fund_amount", new=changes.get("fund_amount", ""))
    spent = _currency(members, *currency)
    carried = [_carried(member, paths, spent[0]) for member in members]
    origins = _origins(members, rows, paths, carried)
    found = []
    for row, origin in zip(rows, origins, strict=True):
        if not row:
            continue
        member = {} if origin is None else copy.deepcopy(carried[origin])
        for name, value in row.items():
            _set(member, paths[name], value)
        if "fund_amount" in row:
            member["amount"].setdefault("currency", spent[1])
        if origin is not None and "quantity" in changes:
            _room(member, members[origin], paths)
        found.append(member)
    return found


def _column(
    name: str, path: tuple[str, ...], members: Sequence[Member], changes: Mapping[str, str]
) -> list[Any]:
    """A value for each member, None for one that has none; nothing at all where none has one."""
    values = [_get(member, path) for member in members]
    if name in changes:
        parts = [] if changes[name] == REMOVED else split(changes[name])
        kept = values if len(parts) == len(values) else [""] * len(parts)
        for was, part in zip(kept, parts, strict=True):
            if not part and was is not None:
                raise BadCell("emptied", name, old=cell(members, path))
        values = [None if part in ("", REMOVED) else part for part in parts]
    return values if any(value is not None for value in values) else []


def _rows(columns: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    """Member by member: column → value. Raises BadCell when the columns have different numbers of values."""
    counts = {name: len(values) for name, values in columns.items() if values}
    for name, count in counts.items():
        for other, due in counts.items():
            if count > due:
                raise BadCell("other number of values", name, found=count, other=other, due=due)
    return [
        {name: values[at] for name, values in columns.items() if values and values[at] is not None}
        for at in range(max(counts.values(), default=0))
    ]


def _mixed(having: Iterable[bool]) -> bool:
    return len(set(having)) > 1


def _origins(
    members: Sequence[Member], rows: Sequence[Mapping[str, Any]], paths: Paths, carried: Sequence[Member]
) -> list[int | None]:
    """For each row, the member whose hidden values it keeps; None where there are none to keep.

    As many rows as members: each is its member, edited, unless members seem to have changed places. Another
    number: what a member is called says which row it is, if only one of each is called so.
    """
    names = [name for name in paths if name not in _COUNTED]
    before = [tuple(str(_get(member, paths[name]) or "") for name in names) for member in members]
    after = [tuple(str(row.get(name) or "") for name in names) for row in rows]
    origins: list[int | None] = [None] * len(rows)
    for at, hidden in enumerate(carried):
        if not hidden:
            continue
        same = [place for place, called in enumerate(after) if called == before[at]]
        if len(rows) != len(members):
            known = len(same) == 1 and before.count(before[at]) == 1
            place = same[0] if known else None
        elif rows[at] and (at in same or (not same and after[at] not in before)):
            place = at
        else:
            place = None
        if place is None:
            raise _homeless(names[0], before[at], hidden)
        origins[place] = at
    return origins


def _room(member: Member, was: Member, paths: Paths) -> None:
    """Raises BadCell when fewer copies are left than are described one by one."""
    described, count = member.get("copy", ()), str(member.get("quantity", ""))
    if count != str(was.get("quantity")) and count.isdecimal() and len(described) > int(count):
        called = tuple(str(_get(was, paths[name]) or "") for name in paths if name not in _COUNTED)
        raise _homeless("quantity", called, {"copy": described})


def _homeless(column: str, called: tuple[str, ...], hidden: Mapping[str, Any]) -> BadCell:
    told = shorten(", ".join(_told(hidden)), 120, placeholder=" …")
    return BadCell("carried", column, place=" ".join(filter(None, called)), hidden=told)


def _told(hidden: Any, name: str = "") -> Iterator[str]:
    """Every value with its name: `barcode 3001`."""
    if isinstance(hidden, Mapping):
        for inner, value in hidden.items():
            yield from _told(value, inner)
    elif isinstance(hidden, list | tuple):
        for value in hidden:
            yield from _told(value, name)
    else:
        yield f"{name} {hidden}"


def _currency(members: Sequence[Member], was: str | None, now: str | None) -> tuple[str | None, str | None]:
    """What the amounts of the members are in, before and now: what the order was in is what it is in now."""
    found = {member["amount"].get("currency") for member in members if "amount" in member}
    before = found.pop() if len(found) == 1 else was
    return before, now if before == was else before


def _carried(member: Member, paths: Paths, currency: str | None) -> Member:
    """What of a member no column shows."""
    hidden = copy.deepcopy(member)
    for path in paths.values():
        holder = _get(hidden, path[:-1]) if path[:-1] else hidden
        if holder is not None:
            holder.pop(path[-1], None)
    if hidden.get("amount") in ({}, {"currency": currency}):
        del hidden["amount"]
    return hidden


def _get(member: Member, path: tuple[str, ...]) -> Any:
    value: Any = member
    for name in path:
        value = None if value is None else value.get(name)
    return value


def _set(member: Member, path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        member = member.setdefault(name, {})
    member[path[-1]] = value
