"""What a help says is to be written, taken out of it: a test pastes it and looks whether it is taken."""

from __future__ import annotations

import re

_WAYS = re.compile(r"(?:(?:write a list:|write|meant,|template:)\s++)(.+?)(?=  ?;  |  alone|\Z)")


def ways(help_: str | None) -> list[str]:
    """`write  "{{ title }}" ;  if the text is meant,  "{{ 'title' }}"` → both."""
    assert help_ is not None
    return [one.strip() for one in _WAYS.findall(help_)]
