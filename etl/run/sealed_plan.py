"""What would be sent → a file, and the file → what is sent.

One JSON object a line: first what the plan was made of and what it amounts to, then each document with its
payload, its hash, its prediction and what a person has put in its place, and last the seal, a SHA-256 of
every line above. The payloads are in the file so that exactly what was looked at is sent, whatever a newer
version of this program would make of the input. The seal finds edits and cut-off copies; it is no signature.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, Literal

from etl.identity import RecordOrigin, identity_of, origin_of
from etl.institution.check import CodeCheck
from etl.ledger.intake import Arrived
from etl.ledger.lines import Line
from etl.own_files import whole_file
from etl.plugin import Item, Receipt, Sink, SinkOptions, Target
from etl.problems import DataPlace, MappingPlace, Problem, Refusal, unwritable
from etl.regular_files import open_file
from etl.run.arriving import digest_of
from etl.run.plan_totals import PlanTotals
from etl.run.prediction import predicted
from etl.run.spool import Spooled
from etl.shown import shown_json

_FAMILY = "etl-plan/"
FORMAT = f"{_FAMILY}3"


@dataclass(slots=True)
class Collected:
    """What a run would have sent. `lines` are the item lines of the file."""

    lines: list[bytes] = field(default_factory=list)
    totals: PlanTotals = field(default_factory=PlanTotals)
    predictions: Counter[str] = field(default_factory=Counter)
    files: list[Arrived] = field(default_factory=list)
    aside: list[bytes] = field(default_factory=list)

    def keep(self, files: Iterable[Arrived], lines: Iterable[Line]) -> None:
        """What came, and what is not delivered: the ledger is told when the plan is applied."""
        self.files, self.aside = list(files), [line.written() for line in lines]


class PlanSink(Sink):
    """Keeps documents instead of sending them, in the form that the sink of the plan wants."""

    name: ClassVar[str] = "plan"
    summary: ClassVar[str] = "documents kept for a plan file"
    keeps: ClassVar[bool] = False
    sends: ClassVar[bool] = False

    def __init__(
        self, target: Target, codes: CodeCheck | None, form: Literal["json", "json-line", "xml"]
    ) -> None:
        self._target, self._codes, self._form = target, codes, form
        self.collected = Collected()
        self.asks: Callable[[Item], bytes | None] = _nothing_asked
        """Whoever wants to see each document, a ledger above all; answers what is sent in its place."""

    def form(self, options: Any) -> Literal["json", "json-line", "xml"]:
        del options
        return self._form

    def all_or_nothing(self, options: Any) -> bool:
        del options
        return True  # they are one file, in the end

    def deliver(self, items: Iterator[Item], options: SinkOptions, base: Path) -> Iterator[Receipt]:
        del options, base
        for item in items:
            self._keep(item)
            yield Receipt(item.key, "written")

    def _keep(self, item: Item) -> None:
        corrected = self.asks(item)
        if corrected is not None and isinstance(self._target.parse(corrected), list):
            corrected = None  # another version of this program wrote it
        sent = item.payload if corrected is None else corrected
        document = self._target.parse(sent)
        if isinstance(document, list):
            raise RuntimeError(f"{item.name}: our own payload is not read back: {document[0].message}")  # noqa: TRY004 - a bug
        outcome = predicted(self._target, self._codes, sent)
        kept, digest = self.collected, hashlib.sha256(item.payload).hexdigest()
        kept.totals.add(document, self._target.totals(document))
        kept.predictions[str(outcome)] += 1
        entry = {
            "key": item.key,
            "name": item.name,
            "target": item.target,
            "user": item.user,
            "predicted": outcome,
            "sha256": digest,
            "identity": asdict(item.identity),
            "origin": asdict(item.origin) if item.origin else None,
            "payload": item.payload.decode("utf-8"),
        }
        if corrected is not None:
            entry["sent"] = corrected.decode("utf-8")
        kept.lines.append(_line(entry))


def _nothing_asked(_item: Item) -> bytes | None:
    """Where no ledger knows anything."""
    return None


def write_plan(out: Path, header: dict[str, Any], collected: Collected) -> str:
    """Write the file, whole or not at all, private to its owner; answers its seal.

    Raises Refusal: E849 it cannot be written, E612 another file stands there.
    """
    try:
        digest = hashlib.sha256()
        with whole_file(out, mode=0o600, ours=_is_plan) as stream:
            header = {"format": FORMAT, **header, "aside": len(collected.aside)}
            header["came"] = [asdict(file) for file in collected.files]
            for line in (_line(header), *collected.lines, *collected.aside):
                digest.update(line)
                stream.write(line)
            stream.write(_line({"seal": digest.hexdigest()}))
    except OSError as error:
        raise unwritable("E849", out, error) from None
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class SealedPlan:
    """A plan file whose seal holds. Its documents are read again each time they are asked for. `mapped_as`:
    what the ledger of today calls the mapping, which may be another than when the plan was made.
    """

    path: Path
    header: dict[str, Any]
    documents: int
    aside: int = 0
    places: Mapping[bytes, int] = field(default_factory=dict)
    mapped_as: str | None = None

    def entries(self, target: Target) -> Iterator[Spooled]:
        """Every document, in order, with its totals."""
        with open_file(self.path) as stream:
            next(stream)
            for number in range(1, self.documents + 1):
                line = next(stream)
                item, sent = self._item(line), json.loads(line).get("sent")
                document = target.parse(item.payload if sent is None else sent.encode("utf-8"))
                if isinstance(document, list):
                    raise _broken(self.path, f"holds a document that cannot be read: {document[0].message}")
                place = DataPlace(str(self.path), number, number + 1)  # the header is line 1
                yield Spooled(replace(item, totals=target.totals(document)), 1, place)

    def coming(self, target: Target) -> _Coming:
        """Its documents and lines, as often as they are asked for."""
        return _Coming(self, target)

    @property
    def files(self) -> list[Arrived]:
        """What it was made of."""
        return [Arrived(**file) for file in self.header["came"]]

    def lines(self) -> Iterator[Line]:
        """What came and is not delivered, in order."""
        with open_file(self.path) as stream:
            for line in islice(stream, 1 + self.documents, 1 + self.documents + self.aside):
                try:
                    read = Line.read(line)
                except (ValueError, KeyError, TypeError):
                    raise _broken(self.path, "holds a line that cannot be read") from None
                yield replace(read, origin=self._told(read.origin))

    def item(self, key: tuple[str, ...]) -> Item | None:
        """The document with this key, in whatever spelling."""
        place = self.places.get(digest_of(key))
        if place is None:
            return None
        with open_file(self.path) as stream:
            stream.seek(place)
            return self._item(stream.readline())

    def _item(self, line: bytes) -> Item:
        entry = json.loads(line)
        payload = entry["payload"].encode("utf-8")
        if hashlib.sha256(payload).hexdigest() != entry["sha256"]:
            raise _broken(self.path, "was changed while it was being read")
        return Item(
            tuple(entry["key"]),
            entry["name"],
            payload,
            entry["target"],
            entry["user"],
            identity=identity_of(entry["identity"]),
            origin=None if (origin := origin_of(entry["origin"])) is None else self._told(origin),
            arriving=self.item,
        )

    def _told(self, origin: RecordOrigin) -> RecordOrigin:
        return origin if self.mapped_as is None else replace(origin, mapped_as=self.mapped_as)


@dataclass(slots=True)
class _Coming:
    """What a plan holds, for whoever tells the ledger of it."""

    sealed: SealedPlan
    target: Target

    def __iter__(self) -> Iterator[Spooled]:
        return self.sealed.entries(self.target)

    def lines(self) -> Iterator[Line]:
        return self.sealed.lines()

    def came(self, key: tuple[str, ...]) -> bool:
        """Not what was set aside: that was told when the plan was made, and waits when it is applied."""
        return digest_of(key) in self.sealed.places


def open_plan(path: Path) -> SealedPlan:
    """Check seal and form. Raises Refusal (E850)."""
    digest, header, documents, last = hashlib.sha256(), b"", -1, b""
    places: dict[bytes, int] = {}
    at = 0
    try:
        with open_file(path) as stream:
            for line in stream:
                digest.update(last)
                places |= _place_of(last, at)
                at += len(last)
                header, documents, last = header or line, documents + 1, line
    except OSError as error:
        raise _broken(path, f"cannot be read: {error.strerror}") from None
    try:
        seal, values = json.loads(last or b"null"), json.loads(header or b"null")
    except ValueError:
        raise _broken(path, "is cut off or is no plan") from None
    if not isinstance(values, dict) or not str(values.get("format", "")).startswith(_FAMILY):
        raise _broken(path, "is no plan of etl plan")
    if values["format"] != FORMAT:
        raise _broken(path, "was made by another version of this program")
    if not isinstance(seal, dict) or seal.get("seal") != digest.hexdigest():
        raise _broken(path, "was edited or cut off: its seal does not hold")
    aside = values["aside"] if isinstance(values.get("aside"), int) else 0
    return SealedPlan(path, values, documents - 1 - aside, aside, places)


def _place_of(line: bytes, at: int) -> dict[bytes, int]:
    """Where the item of a line begins, by its key; the seal has not been looked at yet."""
    with suppress(ValueError, TypeError, AttributeError):
        item = json.loads(line or b"null")
        key = item.get("key") if "sha256" in item else None
        return {digest_of(key): at} if key else {}
    return {}


def _is_plan(head: bytes) -> bool:
    return head.startswith(_line({"format": _FAMILY})[:-3])


def _line(values: dict[str, Any]) -> bytes:
    return shown_json(json.dumps(values, ensure_ascii=False)).encode("utf-8") + b"\n"


def _broken(path: Path, why: str) -> Refusal:
    return Refusal(
        Problem(
            "E850",
            f'the plan "{path}" {why}',
            mapping=MappingPlace(str(path)),
            help="nothing is sent from it; make a new one: etl plan MAPPING --out PLAN",
        )
    )
