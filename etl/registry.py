"""(kind, name) → what an installed package offers under that name.

Entry points are the only registry: nothing is registered by being imported, and no class path ever
stands in a mapping.
"""

from __future__ import annotations

import difflib
import inspect
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from etl.problems import MappingPlace, Problem, Refusal

_CALLED = {
    **dict.fromkeys(("excel", "xlsx", "xls", "xlsm", "ods", "tsv", "tab", "txt", "text", "delimited"), "csv"),
    **dict.fromkeys(("marc21", "marcxml", "mrc", "mrk", "mrx", "iso2709", "aleph", "unimarc"), "marc"),
    **dict.fromkeys(("edi", "edifact-orders", "eancom", "unedifact"), "edifact"),
}
"""What people call a format → the connector that reads it."""
KINDS = ("connectors", "targets", "sinks", "filters")


@dataclass(frozen=True, slots=True)
class Registry:
    """What exists, by kind and name. Tests build small ones; `installed()` is the real one."""

    points: dict[str, dict[str, EntryPoint]]

    @classmethod
    def installed(cls) -> Registry:
        return cls(
            {kind: {point.name: point for point in entry_points(group=f"etl.{kind}")} for kind in KINDS}
        )

    def names(self, kind: str) -> list[str]:
        return sorted(self.points[kind])

    def get(self, kind: str, name: str, place: MappingPlace | None = None) -> Any:
        """The object behind a name. Raises Refusal for an unknown name or one that cannot be loaded."""
        known = self.points[kind]
        if name not in known:
            folded = name.casefold()
            called = _CALLED.get(folded, folded) if kind == "connectors" else folded
            near = [called] if called in known else difflib.get_close_matches(called, known, 1)
            singular = kind.removesuffix("s")
            help_ = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(sorted(known))}"
            help_ += " It reads such files" if near and called != folded else ""
            raise Refusal(Problem("E216", f'no {singular} named "{name}"', mapping=place, help=help_))
        try:
            return known[name].load()
        except (ImportError, AttributeError) as error:
            dist = known[name].dist
            package = dist.name if dist else known[name].value
            raise Refusal(
                Problem(
                    "E217",
                    f'{kind.removesuffix("s")} "{name}" cannot be loaded: {error}',
                    mapping=place,
                    help=f"is {package} installed completely?",
                )
            ) from error

    def origin(self, kind: str, name: str) -> str:
        """Package and version a name comes from, for `etl list`."""
        dist = self.points[kind][name].dist
        return f"{dist.name} {dist.version}" if dist else ""

    def summary(self, kind: str, name: str) -> str:
        """One line about it; of a broken package, what is wrong with it."""
        try:
            thing = self.get(kind, name)
        except Refusal as refusal:
            return refusal.problems[0].message
        summary = getattr(thing, "summary", None)
        return summary if isinstance(summary, str) else (inspect.getdoc(thing) or "").split("\n")[0]
