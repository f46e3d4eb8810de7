"""What a notice says it holds and what was read of it → a problem if they differ."""

from __future__ import annotations

from dataclasses import dataclass

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

    def problems(self) -> list[Problem]:
        """Warnings: what was read stands, but the vendor meant to send something else."""
        if self.summary is None:
            told = "the notice has no Summary: whether all its lines came cannot be checked"
            return [Problem("E369", told, Severity.WARNING, data=DataPlace(self.file))]
        return [
            *self._compare("NumberOfLines", self.lines, "line"),
            *(self._compare("UnitsShipped", self.units, "copy") if self.units is not None else ()),
        ]

    def _compare(self, name: str, counted: int, thing: str) -> list[Problem]:
        if self.summary is None:
            return []
        element = self.summary.find(name)
        said = element.text if element is not None else ""
        if said.isdecimal() and int(said[:18]) == counted:
            return []
        place = DataPlace(self.file, line=(element or self.summary).line, field=f"Summary/{name}")
        told = f"{name} is {shown(said)}, and the notice has {_count(counted, thing)}"
        told = told if said else f"the Summary has no {name}"
        help_ = "what is there was read; ask the vendor whether the notice is complete"
        return [Problem("E369", told, Severity.WARNING, data=place, help=help_)]


def _count(number: int, thing: str) -> str:
    many = {"copy": "copies"}.get(thing, f"{thing}s")
    return f"{number} {thing if number == 1 else many}"
