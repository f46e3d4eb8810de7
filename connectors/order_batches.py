"""Neutral order lines, read well or badly → batches.

See `connectors.order_line` for its use. Memory is bounded by the batch; a record with an error gives one
Rejected with its raw bytes and no row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Any, Literal

from connectors.formats.repeated import size_of, too_much_repeated
from connectors.layouts.layout import Layout
from connectors.layouts.leftovers import UNREAD
from connectors.layouts.placements import FROM_THE_LINE, per_placement
from connectors.layouts.reading import DEFAULTED
from connectors.order_line import KINDS, order_line_frame
from etl.plugin import Batch, DataPlace, Problem, Refusal, Rejected, Severity, Unread

BATCH_ROWS = 5_000
_SHOWN = 60
# What a line says of its place and its fund is in its placements; the layout's name is ours.
_TOLD_OF = KINDS.keys() - {"source", "raw", "placements", *FROM_THE_LINE}
_RESERVED = frozenset({"_record", "_line", "_offset"})


class OrderBatches:
    """Collects what was read of one file.

    Raises Refusal E308 when `wanted` names a column that the order line does not have.
    """

    def __init__(
        self,
        file: str,
        layout: Layout | None,
        wanted: frozenset[str] | None,
        placements: Literal["locations", "lines"] = "locations",
        notes: Sequence[Problem] = (),
    ) -> None:
        strange = sorted((wanted or frozenset()) - KINDS.keys() - _RESERVED)
        if strange:
            help_ = f"the vendor's own fields are under raw: raw['{strange[0]}']; see docs/order-line.md"
            raise Refusal(
                Problem("E308", f'the order line has no column "{name}"', data=DataPlace(file), help=help_)
                for name in strange
            )
        self._file, self._layout, self._wanted, self._spread = file, layout, wanted, placements == "lines"
        self._rows: list[Mapping[str, Any]] = []
        self._rejected: list[Rejected] = []
        self._notes = list(notes)
        self._defaults: Counter[str] = Counter()
        self._unread: dict[str, Unread] = {}

    def add(
        self,
        place: DataPlace,
        raw: bytes | Callable[[], bytes],
        lines: Sequence[Mapping[str, Any]],
        problems: Sequence[Problem] = (),
        unread: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """One record: its order lines or, with an error among `problems`, why it has none.

        `unread`: name → text of what it says and no column holds, beside what stands in the lines. `raw`: its
        bytes, or how to read them again, which is asked for a rejected record only.
        """
        record = place.record
        if record is None:
            raise ValueError("an order line needs the number of its record")
        problems = tuple(problems)
        unreadable = any(problem.severity is Severity.ERROR for problem in problems) or not lines
        for line in lines if self._spread and not unreadable else ():
            if trouble := too_much_repeated(size_of(line.get("raw", {})), len(line["placements"])):
                unreadable, problems = True, (*problems, trouble.at(place))
                break
        if unreadable:
            self._rejected.append(Rejected(record, problems, raw() if callable(raw) else raw))
            return
        self._notes += problems
        at = {"_record": record, "_line": place.line, "_offset": place.offset}
        for name, example in {**unread, **dict(chain(*map(self._left, lines)))}.items():
            one, known = Unread(1, record, example[:_SHOWN]), self._unread.get(name)
            self._unread[name] = one if known is None else known + one
        for line in lines:
            self._defaults.update(line.get(DEFAULTED, ()))
            self._rows += [{**one, **at} for one in (per_placement(line) if self._spread else [line])]

    def _left(self, line: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """What of the line no wanted column has: columns, members of placements, fields of the vendor's."""
        yield from line.get(UNREAD, {}).items()
        if self._wanted is None:
            return
        for name, value in line.items():
            if name in _TOLD_OF and name not in self._wanted and value not in (None, "", []):
                yield name, str(value)
        seen = set()
        for one in line["placements"]:
            for member, value in one.items():
                told = member in self._wanted and value == line.get(member)  # the line's own, and read there
                if value is not None and value != "" and member not in seen and not told:
                    seen.add(member)
                    yield f"placements.{member}", str(value)

    def note(self, problem: Problem) -> None:
        """A warning about what was read."""
        self._notes.append(problem)

    @property
    def full(self) -> bool:
        """Time to flush."""
        return len(self._rows) + len(self._rejected) >= BATCH_ROWS

    def flush(self, last: bool = False) -> Batch:
        """What was collected since the last time. The last batch also says which defaults were used."""
        if last:
            self._notes += [self._default_note(name, count) for name, count in self._defaults.items()]
        frame = order_line_frame(self._rows, self._wanted)
        batch = Batch(frame, tuple(self._rejected), tuple(self._notes), self._unread)
        self._rows, self._rejected, self._notes, self._unread = [], [], [], {}
        return batch

    def _default_note(self, name: str, count: int) -> Problem:
        value = self._layout.columns[name].default if self._layout else ""
        told = f'{count} order line{"s" * (count != 1)} without "{name}" got the default "{value}"'
        return Problem("E359", told, Severity.WARNING, data=DataPlace(self._file, field=name))
