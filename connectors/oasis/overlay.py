"""The nightly brief MARC → what it knows of each title, by ISBN and control number, for lines that lack it.

ProQuest sends a bare order at once and a fuller record over night. An order line keeps what it says itself;
only bibliographic columns it leaves empty are filled. What was filled is told in raw["overlay"]. A record of
another title under the line's number fills it too, and has it wait: a person is to see both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from connectors.oasis.options import OverlayOptions
from connectors.order_marc.carriers import carrier_of_form
from connectors.order_marc.own_record import differences, held, two_records
from connectors.order_marc.title_said import TitleSaid, said_by_line
from etl.plugin import DataPlace, Problem, Severity
from etl.values.isbn import isbn_key

FIELD = "overlay"
"""Where a line's `raw` tells of its overlay, and under which `source.ignore` speaks of it."""
_RIVALS = 8
"""Records of different titles that are kept under one number."""


@dataclass(slots=True)
class Known:
    """One record. `said` is of which title it is; `used` is set when a line matched it, even if there was
    nothing to fill.
    """

    place: DataPlace
    values: Mapping[str, Any]
    said: TitleSaid = field(default_factory=TitleSaid)
    used: bool = False

    def __str__(self) -> str:
        return f"record {self.place.record} of {PurePath(self.place.file).name}"


@dataclass(slots=True)
class Overlay:
    """Filled by `read_overlay`. Of two records with one number the last counts: it was sent again, mended. Of
    two that are of different titles the one counts that is of the line's.
    """

    options: OverlayOptions
    records: list[Known] = field(default_factory=list)
    keys: dict[tuple[str, str], list[Known]] = field(default_factory=dict)
    notes: list[Problem] = field(default_factory=list)
    _lines: int = 0
    _unmatched: list[DataPlace] = field(default_factory=list)
    _lonely: int = 0

    def add(
        self, place: DataPlace, values: Mapping[str, Any], control_number: object, said: TitleSaid
    ) -> None:
        """A record of the overlay: its bibliographic columns and the control number of its order."""
        known = Known(place, values, said)
        self.records.append(known)
        numbers = {"isbn": isbn_key(values.get("isbn")), "control_number": control_number}
        for name, number in numbers.items():
            if number:
                before = self.keys.get((name, str(number)), [])
                rivals = [one for one in before if any(differences(one.said, said, ""))]
                self.keys[name, str(number)] = [*rivals[-_RIVALS + 1 :], known]

    def fill(self, line: dict[str, Any], place: DataPlace) -> list[Problem]:
        """Fills empty bibliographic columns from the record found by the first match point that finds one.

        Answers E422 when that is of another title than the line says, E441 when there are two to choose from.
        """
        self._lines += 1
        found = self._match(line)
        if not found:
            self._lonely += 1
            if len(self._unmatched) < 3:
                self._unmatched.append(place)
            return []
        own = _said_by(line)
        fitting = [one for one in found if not any(differences(own, one.said, ""))]
        known = (fitting or found)[-1]
        known.used = True
        filled = [name for name in known.values if line.get(name) in (None, "", [])]
        line.update({name: known.values[name] for name in filled})
        if filled:
            line["raw"] = {**line["raw"], FIELD: f"{known.place}: {', '.join(filled)}"}
        exact = replace(place, field=FIELD)
        if len(fitting) > 1:
            return [two_records([str(one) for one in fitting], exact)]
        return [held(told, exact) for told in differences(own, known.said, str(known))]

    def _match(self, line: Mapping[str, Any]) -> list[Known]:
        numbers = {"isbn": isbn_key(line.get("isbn")), "control_number": line.get("order_id")}
        keys = ((name, str(numbers[name])) for name in self.options.match if numbers[name])
        return next((self.keys[key] for key in keys if key in self.keys), [])

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


def _said_by(line: Mapping[str, Any]) -> TitleSaid:
    form, electronic = line.get("form"), line.get("is_electronic")
    carrier = carrier_of_form(form) if isinstance(form, str) else None
    carrier = carrier if electronic is None else "online" if electronic else "print"
    return said_by_line((line.get("isbn"), line.get("ean")), carrier, line.get("title"))
