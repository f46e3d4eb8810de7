"""What a notice says it holds and what was read of it → a problem if they differ."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.formats.trouble import Trouble, not_whole
from connectors.formats.xml_elements import Element
from connectors.layouts.unreadable import shown
from etl.plugin import DataPlace, Problem, Severity


@dataclass(slots=True)
class Tally:
    """Counts lines and copies; `units` is None once the copies of a line are not known."""

    file: str
    lines: int = 0
    units: int | None = 0
    summary: Element | None = None

    def add_units(self, quantity: object) -> None:
        """The copies of one more line."""
        self.units = self.units + quantity if isinstance(quantity, int) and self.units is not None else None

    def unsaid(self) -> Problem:
        """A warning: there is no Summary."""
        told = "the notice has no Summary: whether all its lines came cannot be checked"
        return Problem("E369", told, Severity.WARNING, data=DataPlace(self.file))

    def difference(self) -> Trouble | None:
        """What the Summary counts and is not there: the notice is not whole."""
        lines = self._compare("NumberOfLines", self.lines, "line")
        units = self._compare("UnitsShipped", self.units, "copy") if self.units is not None else ""
        told = "; ".join(filter(None, (lines, units)))
        return not_whole(told) if told else None

    def _compare(self, name: str, counted: int, thing: str) -> str:
        element = self.summary.find(name) if self.summary is not None else None
        said = element.text if element is not None else ""
        if said.isdecimal() and int(said[:18]) == counted:
            return ""
        told = f"{name} is {shown(said)}, and the notice has {_count(counted, thing)}"
        return told if said else f"the Summary has no {name}"


def _count(number: int, thing: str) -> str:
    many = {"copy": "copies"}.get(thing, f"{thing}s")
    return f"{number} {thing if number == 1 else many}"
