"""The nightly brief MARC → what it knows of each title, by ISBN and control number, for lines that lack it.

ProQuest sends a bare order at once and a fuller record over night. An order line keeps what it says itself;
only bibliographic columns it leaves empty are filled. What was filled is told in raw["overlay"].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.formats.book_numbers import isbn_key
from connectors.oasis.options import OverlayOptions
from etl.plugin import DataPlace, Problem, Severity


@dataclass(slots=True)
class Known:
    """One record. `used` is set when a line matched it, even if there was nothing to fill."""

    place: DataPlace
    values: Mapping[str, Any]
    used: bool = False


@dataclass(slots=True)
class Overlay:
    """Filled by `read_overlay`. Of two records with one number the last counts: it was sent again, mended."""

    options: OverlayOptions
    records: list[Known] = field(default_factory=list)
    keys: dict[tuple[str, str], Known] = field(default_factory=dict)
    notes: list[Problem] = field(default_factory=list)
    _lines: int = 0
    _unmatched: list[DataPlace] = field(default_factory=list)
    _lonely: int = 0

    def add(self, place: DataPlace, values: Mapping[str, Any], control_number: object) -> None:
        """A record of the overlay: its bibliographic columns and the control number of its order."""
        known = Known(place, values)
        self.records.append(known)
        numbers = {"isbn": isbn_key(values.get("isbn")), "control_number": control_number}
        self.keys.update({(name, str(number)): known for name, number in numbers.items() if number})

    def fill(self, line: dict[str, Any], place: DataPlace) -> None:
        """Fills empty bibliographic columns from the record found by the first match point that finds one."""
        self._lines += 1
        known = self._match(line)
        if known is None:
            self._lonely += 1
            if len(self._unmatched) < 3:
                self._unmatched.append(place)
            return
        known.used = True
        filled = [name for name in known.values if line.get(name) in (None, "", [])]
        line.update({name: known.values[name] for name in filled})
        if filled:
            line["raw"] = {**line["raw"], "overlay": f"{known.place}: {', '.join(filled)}"}

    def _match(self, line: Mapping[str, Any]) -> Known | None:
        numbers = {"isbn": isbn_key(line.get("isbn")), "control_number": line.get("order_id")}
        keys = ((name, str(numbers[name])) for name in self.options.match if numbers[name])
        return next((self.keys[key] for key in keys if key in self.keys), None)

    def problems(self) -> list[Problem]:
        """Warnings: unreadable records, lines without a record, records without a line."""
        found = list(self.notes)
        if self._lonely:
            shown = ", ".join(f"record {place.record}" for place in self._unmatched)
            told = (
                f"{self._lonely} of {self._lines} order lines have no record in the overlay "
                f'"{self.options.path}": {shown}{", …" * (self._lonely > len(self._unmatched))}'
            )
            help_ = f"matched by {', then '.join(self.options.match)}; a later night's file may have them"
            at = DataPlace(self._unmatched[0].file)
            found.append(Problem("E391", told, Severity.WARNING, data=at, help=help_))
        unused = [known.place.record for known in self.records if not known.used]
        if unused:
            shown = ", ".join(f"record {number}" for number in unused[:3]) + ", …" * (len(unused) > 3)
            whole = f"{len(unused)} of {len(self.records)} overlay records"
            told = f"{whole} belong to no order line here: {shown}"
            help_ = "they may belong to orders of another file, or an order has not arrived"
            at = DataPlace(self.records[0].place.file)
            found.append(Problem("E392", told, Severity.WARNING, data=at, help=help_))
        return found
