"""A text → the templates of other programs in it: `${title}`, `[[ title ]]`, `%title%`, `=title`.

To us they are text, and every order would be sent it. Which of the names are names is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NAME = r"[^\W\d]\w*+(?:\.[^\W\d]\w*+)*+"
_INSIDE = r"[^{}<>\[\]()%$\n\0\1]++"
_SURE = rf"\$\{{({_INSIDE})\}}|<%[=-]?({_INSIDE})%>"
_ANYWHERE = re.compile(
    rf"(?:{_SURE})|#\{{({_INSIDE})\}}|\$\(({_INSIDE})\)|\[\[({_INSIDE})\]\]|%\(({_INSIDE})\)s?"
    rf"|<<({_INSIDE})>>|<({_INSIDE})>|%%?({_INSIDE})%%?|\{{\$?({_INSIDE})\}}|(?<![\w$])\$({_NAME})"
)
_WHOLE = re.compile(
    rf"\s*+(?:[=@:#&%*]\s*+({_NAME})|\[({_INSIDE})\]|'([^'\0\1]++)'|\"([^\"\0\1]++)\"|`([^`\0\1]++)`)\s*+"
)
_ALWAYS = re.compile(_SURE)


@dataclass(frozen=True, slots=True)
class OtherTemplate:
    """Where it stands, and what it names. `sure`: whatever it names, nobody means it as a text."""

    start: int
    end: int
    name: str
    sure: bool


def other_templates(text: str) -> Iterator[OtherTemplate]:
    """Those that look like one; \\0 and \\1 stand for code of ours.

    >>> [one.name for one in other_templates("${title} by %author%, $12")]
    ['title', 'author']
    """
    whole = _WHOLE.fullmatch(text)
    for hit in [whole] if whole else _ANYWHERE.finditer(text):
        name = next(one for one in hit.groups() if one is not None).strip()
        yield OtherTemplate(*hit.span(), name, _ALWAYS.fullmatch(hit[0]) is not None)


def without_marks(text: str) -> str:
    """A text that is one such template, without the marks round its name; any other as it is.

    >>> without_marks("${copies} "), without_marks("copies > 1")
    ('copies', 'copies > 1')
    """
    found = list(other_templates(text.strip()))
    whole = len(found) == 1 and found[0].end - found[0].start == len(text.strip())
    return found[0].name if whole else text
