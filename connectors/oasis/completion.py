"""An order line as its file has it → the line with what the overlay knows, or what it still lacks."""

from __future__ import annotations

from typing import Any

from connectors.oasis.overlay import Overlay
from etl.plugin import DataPlace, Problem


class Completion:
    """The last step for every line of a file, whatever layout it came in."""

    def __init__(self, overlay: Overlay | None) -> None:
        self._overlay = overlay

    def complete(self, line: dict[str, Any], place: DataPlace) -> list[Problem]:
        """Fills the line. Answers E355 when it has no title then: Alma takes no order without one; and E422,
        E441 when it is not certain that the overlay's record is of the line's title.
        """
        doubts = self._overlay.fill(line, place) if self._overlay is not None else []
        if line.get("title"):
            return doubts
        help_ = "the overlay has no record for it either" if self._overlay else "an overlay can bring it"
        at = DataPlace(place.file, place.record, place.line, place.offset, "title")
        return [Problem("E355", "the order line has no title", data=at, help=help_)]

    def problems(self) -> list[Problem]:
        """What to say when all lines have been read."""
        return self._overlay.problems() if self._overlay is not None else []
