"""A person's identifier → a mark in its place, wherever the ledger holds it.

Every column of text and of bytes is gone through, also those that are added one day, but for those by which
order lines are told from each other: keys that hold an identifier are told, for without them what was
ordered would be ordered again.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from sqlalchemy import Column, Connection, LargeBinary, String, Table, select, update

from etl.ledger.compaction import compact
from etl.ledger.database import Database, place_of, transaction
from etl.ledger.orders import ERASED, State
from etl.ledger.same_record import value_hash
from etl.ledger.tables import StorableText, changes, lifetime, metadata, orders, pace, places, runs
from etl.problems import LedgerRefusal, MappingPlace, Problem, Refusal

SHORTEST = 3
"""Characters: a shorter one cannot be told from other words and numbers."""
_KEYS = {"key", "normal_key", "known_by", "value"}
"""Columns by which order lines are told from each other."""
_OTHERS = {"id", "hash", "payload_hash", "offered_hash", "replaced_hash", "state", "kind", "run", "at",
           "institution", "target", "delivery", "mapping", "run_date", "totals", "price", "currency",
           "version", "attempted_at", "created_at", "updated_at"}  # fmt: skip
"""Columns that hold what this program made, or sums: no word of a vendor or a person."""
_JSON_TEXT = re.compile(r'"(?:[^"\\]|\\.)*+"?+(\s*+:)?+')
_DECIDERS = {"who", "another", "passed"}
_NO_PERSONS = (lifetime, pace, places, runs)
_ENCODINGS = {
    "utf-8": rb"[0-9A-Za-z]",
    "latin-1": rb"[0-9A-Za-z]",
    "utf-16-le": rb"[0-9A-Za-z]\x00",
    "utf-16-be": rb"\x00[0-9A-Za-z]",
}
"""Of raw records, for nobody can say here which it was; and a letter or digit in each."""


@dataclass(frozen=True, slots=True)
class Erased:
    """`changed`: how many rows of which table; `keys`: ids of orders whose key still holds it; `deciders`:
    rows that say that this person decided, and were left; `compacted`: it is gone from the file too.
    """

    changed: dict[str, int]
    keys: tuple[int, ...]
    deciders: int
    compacted: bool


def erase_person(engine: Database, person: str, *, also_decisions: bool = False) -> Erased:
    """Take the identifier out, in one transaction. A second time changes nothing.

    Raises Refusal: E629 it is too short, LedgerRefusal (E629): an order of this person may be in Alma and is
    not settled, for it could not be looked for any more.
    """
    if len(person.strip()) < SHORTEST:
        raise Refusal(
            Problem(
                "E629",
                f'"{person}" is too short to be told from other words and numbers',
                mapping=MappingPlace("USER"),
                help=f"give the whole identifier, as Alma has it: {SHORTEST} characters at least",
            )
        )
    text = _Eraser(person.strip())
    changed: Counter[str] = Counter()
    with transaction(engine, alone=True) as connection:
        _refuse_unsettled(connection, text, place_of(engine))
        keys = tuple(_orders_with_key(connection, text))
        deciders = 0
        for table in metadata.sorted_tables:
            if table in _NO_PERSONS:
                continue
            for row in _rows(connection, table):
                values, left = _cleaned(table, row, text, also_decisions=also_decisions)
                deciders += left
                if values:
                    here = [column == row[column.name] for column in _identity(table)]
                    if table is orders:  # who has seen it before, and would write it back, looks again
                        values["version"] = orders.c.version + 1
                    connection.execute(update(table).where(*here).values(values))
                    changed[table.name] += 1
    return Erased(dict(changed), keys, deciders, compact(engine))


class _Eraser:
    """One identifier, as texts and bytes may hold it: whole, whatever its case, escaped or not."""

    def __init__(self, person: str) -> None:
        in_json = {json.dumps(person, ensure_ascii=ascii_)[1:-1] for ascii_ in (True, False)}
        in_xml = {escape(person), escape(person, {'"': "&quot;", "'": "&apos;"})}
        spellings = {person, *in_json, *in_xml}
        some = "|".join(re.escape(one) for one in sorted(spellings, key=len, reverse=True))
        self._text = re.compile(rf"(?<![^\W_])(?<![0-9][.,])(?:{some})(?![^\W_]|[.,][0-9])", re.IGNORECASE)
        self._decides = re.compile(rf"{re.escape(person)}(?=:)", re.IGNORECASE)
        self._bytes = []
        for encoding, other in _ENCODINGS.items():
            spelt = {one.encode(encoding, "ignore") for one in spellings | {person.lower(), person.upper()}}
            either = b"|".join(re.escape(one) for one in sorted(filter(None, spelt), reverse=True))
            pattern = b"(?<!" + other + b")(?:" + either + b")(?!" + other + b")"
            self._bytes.append((re.compile(pattern, re.IGNORECASE), ERASED.encode(encoding)))
        self.hash = value_hash(person)

    def holds(self, value: str) -> bool:
        return self.of_text(value) != value

    def of_text(self, value: str) -> str:
        """Of JSON the texts only, each as it reads: its numbers and names are no person's."""
        try:
            is_json = isinstance(json.loads(value), dict | list)
        except (ValueError, RecursionError):
            is_json = False
        if not is_json:
            return self._text.sub(ERASED, value)
        return _JSON_TEXT.sub(self._of_json_text, value)

    def _of_json_text(self, found: re.Match[str]) -> str:
        if found[1]:  # a name, not what it stands for
            return found[0]
        try:
            read = json.loads(found[0])
        except ValueError:
            return self._text.sub(ERASED, found[0])
        clean = self._text.sub(ERASED, read)
        return found[0] if clean == read else json.dumps(clean, ensure_ascii=False)

    def of_bytes(self, value: bytes) -> bytes:
        for pattern, mark in self._bytes:
            value = pattern.sub(mark, value)
        return value

    def of_words(self, value: str, *, decider: bool) -> str:
        """Of what stands in a history: who decided stands in front."""
        begins = None if decider else self._decides.match(value)
        return self.of_text(value) if begins is None else begins[0] + self.of_text(value[begins.end() :])


def _cleaned(
    table: Table, row: dict[str, Any], text: _Eraser, *, also_decisions: bool
) -> tuple[dict[str, Any], int]:
    """(the columns that change, 1 if a decision of this person is left)."""
    values: dict[str, Any] = {}
    left = False
    for column in _told(table):
        value = row[column.name]
        if value is None:
            continue
        if column.name in _DECIDERS and not also_decisions:
            left = left or text.holds(value)
            continue
        new = _new(column, value, text, also_decisions=also_decisions)
        if new != value:
            values[column.name] = new
        left = left or (column.name == "words" and text.holds(new))
    return values, int(left)


def _new(column: Column[Any], value: Any, text: _Eraser, *, also_decisions: bool) -> Any:
    if isinstance(column.type, LargeBinary):
        return text.of_bytes(bytes(value))
    if column.name == "words":
        return text.of_words(value, decider=also_decisions)
    if column.name in ("record", "offered_record"):
        return _of_record(value, text)
    return text.of_text(value)


def _of_record(record: str, text: _Eraser) -> str:
    """Without the columns that hold it: a mark in them would be a record that has changed."""
    found = json.loads(record)
    rows = found["hashes"] if isinstance(found, dict) else found

    def clean(value: Any) -> bool:
        return value != text.hash and not text.holds(json.dumps(value, ensure_ascii=False))

    kept = [{name: value for name, value in row.items() if clean(value)} for row in rows]
    if kept == rows:
        return record
    whole = {"hashes": kept} if isinstance(found, dict) else kept
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def _told(table: Table) -> list[Column[Any]]:
    """Columns that a person may be named in."""
    return [
        column
        for column in table.columns
        if isinstance(column.type, String | StorableText | LargeBinary) and column.name not in _KEYS | _OTHERS
    ]


def _identity(table: Table) -> list[Column[Any]]:
    return [table.c[name] for name in ("id", "hash") if name in table.c][:1]


def _rows(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    identity = _identity(table)
    if not identity or not _told(table):
        return
    last: Any = None
    while True:
        query = select(*identity, *_told(table)).order_by(*identity).limit(500)
        query = query if last is None else query.where(identity[0] > last)
        found = connection.execute(query).mappings().all()
        if not found:
            return
        yield from map(dict, found)
        last = found[-1][identity[0].name]


def _orders_with_key(connection: Connection, text: _Eraser) -> Iterator[int]:
    for row in connection.execute(select(orders.c.id, orders.c.key, orders.c.known_by).order_by(orders.c.id)):
        if text.holds(row.key) or text.holds(row.known_by or ""):
            yield row.id


def _refuse_unsettled(connection: Connection, text: _Eraser, place: str) -> None:
    """What may be in Alma is looked for by what was sent, and sent again as it was."""
    columns = _told(orders)
    doubt = orders.c.state.in_((State.INTENDED, State.UNKNOWN))
    asked = select(changes.c.order_id).where(changes.c.state.in_(("intended", "unknown")))
    under_way = orders.c.id.in_(asked)
    for row in connection.execute(select(orders.c.id, *columns).where(doubt | under_way)).mappings():
        if any(isinstance(row[one.name], str) and text.holds(row[one.name]) for one in columns):
            raise LedgerRefusal(
                Problem(
                    "E629",
                    f"order {row['id']} of this person may be in Alma, and nobody knows yet",
                    mapping=MappingPlace(place),
                    help="nothing was changed. Settle it first: etl ledger resolve; then do it again",
                )
            )
