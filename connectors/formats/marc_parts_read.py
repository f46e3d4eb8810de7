"""Which parts of MARC records the paths of a mapping read."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from connectors.formats.marc_path import MarcPath, tags_of


@dataclass(frozen=True, slots=True)
class PathsRead:
    """What paths read, asked by a control field (`001`), a subfield (`245$a`) or, for its indicators, a field
    (`245`). `tags` are theirs, None: any.

    >>> from connectors.formats.marc_path import parse_path
    >>> read = PathsRead.by([parse_path("245$a"), parse_path("084{$2=kssb}$b")], None)
    >>> [read(where) for where in ("245$a", "245$c", "084$2", "001")]
    [True, False, True, False]
    """

    tags: frozenset[str] | None
    whole: bool
    parts: frozenset[tuple[str, str]]

    @classmethod
    def by(cls, paths: Collection[MarcPath], rows: str | None) -> PathsRead:
        """`rows` is the tag that rows are made of."""
        tags = tags_of(paths)
        parts = {
            (cut.tag[:3], code)
            for path in paths
            for cut in path.cuts
            for code in (*(cut.codes or ("",)), *(condition.code for condition in cut.conditions))
        }
        if tags is not None and rows:
            tags |= {rows}
        return cls(tags, any(path.whole for path in paths), frozenset(parts))

    def __call__(self, where: str) -> bool:
        code = where[4:5]
        return self.whole or any(
            code == one and re.fullmatch(tag, where[:3]) is not None for tag, one in self.parts
        )
