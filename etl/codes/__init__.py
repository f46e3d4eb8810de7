"""Problem codes → what they mean, from the Markdown files beside this one.

One file per hundred: E1 mapping file, E2 before the first record, E3 reading, E4 values and templates,
E5 documents, E6 inputs, outputs and snapshots, E7 guards, E8 delivery, E9 our own bugs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files

_HEADING = re.compile(r"^## (E\d{3}) (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Explanation:
    """One code: its title and its paragraph."""

    code: str
    title: str
    text: str


def explanations() -> dict[str, Explanation]:
    """All codes, sorted."""
    found: dict[str, Explanation] = {}
    for file in sorted(files(__name__).iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".md"):
            page = file.read_text(encoding="utf-8")
            headings = list(_HEADING.finditer(page))
            ends = [heading.start() for heading in headings[1:]] + [len(page)]
            for heading, end in zip(headings, ends, strict=True):
                if heading[1] in found:
                    raise ValueError(f"{heading[1]} is explained twice")
                found[heading[1]] = Explanation(heading[1], heading[2], page[heading.end() : end].strip())
    return dict(sorted(found.items()))
