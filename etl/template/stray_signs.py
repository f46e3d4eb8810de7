"""A template that reads → signs beside it that nobody means: half a brace, quotes kept round it.

To Jinja they are text: `{{ title }}}` would give every title a brace.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from jinja2 import nodes

from etl.problems import MappingPlace, Problem
from etl.slips.quoted import repeatable, template_text, yaml_quoted
from etl.template.lexer import offset_of

Locate = Callable[[int, int], MappingPlace]
CODE = "\0"
"""What stands for code where only the text around it is looked at."""
_STATEMENT = "\1"
_ALONE = r"\A\s*+\{[^{}:\0\1]*+\}\s*+\Z"
_APART = r"\{\s++\{[^{}\0\1]*+\}\s*+\}"
HALF = re.compile(rf"\}}\}}|%\}}|{_ALONE}|{_APART}")
"""Braces without a template: one of two is missing, or stands apart."""
_STRAY = re.compile(rf"\}}\}}|%\}}|{_ALONE}|{_APART}|(?<=\0)\s*+\}}|\{{\s*+(?=\0)")
_KEPT = re.compile(r"\s*+(?P<quote>[\"'`])(?P<inside>[^\"'`\0\1]*+[\0\1][^\"'`]*+)(?P=quote)\s*+")
_OF_ANOTHER_TONGUE = re.compile(r"\s*+([$=])\0++\s*+")


def text_around(tree: nodes.Template, text: str) -> str:
    """The template with all that is code blanked out: the same length, `CODE` for what gives a value."""
    kept, at = "", 0
    for data in sorted(tree.find_all(nodes.TemplateData), key=lambda one: offset_of(one.lineno)):
        found = text.find(data.data, max(offset_of(data.lineno), at))
        if found >= 0:
            kept += _blanked(text[at:found]) + data.data
            at = found + len(data.data)
    return kept + _blanked(text[at:])


def _blanked(code: str) -> str:
    """Code of one or more templates: what is said of it is whether a value stands first, and last."""
    if not code:
        return ""
    first = CODE if code.lstrip().startswith("{{") else _STATEMENT
    last = CODE if code.rstrip().endswith("}}") else _STATEMENT
    return first * (len(code) - 1) + last


def stray_signs(tree: nodes.Template, text: str, locate: Locate) -> list[Problem]:
    """E211 of the first of them, with what to write when it is a slip and when it is meant."""
    around = text_around(tree, text)
    if strays := list(_STRAY.finditer(around)):
        return [_braces(text, strays, locate)]
    kept = _KEPT.fullmatch(around)
    other = _OF_ANOTHER_TONGUE.fullmatch(around) if text.count("{{") == 1 else None
    if kept is not None:
        said = f"the {kept[1]} round the template would be sent too: the quotes of the mapping are enough"
        spans = [kept.span("quote"), (kept.end("inside"), kept.end("inside") + 1)]
    elif other is not None:
        said = f'"{other[1]}" before the template would be sent too: here a template begins with {{{{'
        spans = [other.span(1)]
    else:
        return []
    return [Problem("E211", said, mapping=locate(spans[0][0], 1), help=_either(text, *spans))]


def _braces(text: str, strays: list[re.Match[str]], locate: Locate) -> Problem:
    signs = [one[0].strip() for one in strays]
    starts = [one.start() + one[0].index(sign) for one, sign in zip(strays, signs, strict=True)]
    said = f'"{signs[0]}" would be text: a template stands between two braces and two braces'
    inside = text.strip().strip("{}% $#")
    if inside and not set("{}%") & set(inside) and "{{" not in text:  # all of it, but for the braces
        value = yaml_quoted(f"{{{{ {inside} }}}}") if repeatable(inside) else "{{ … }}"
        help_ = f"write  {value}"
        if "{" in signs[0]:
            help_ += f" ;  if the text is meant,  {yaml_quoted(f'{{{{ {template_text(signs[0])} }}}}')}"
    else:
        help_ = _either(text, *((at, at + len(sign)) for at, sign in zip(starts, signs, strict=True)))
    return Problem("E211", said, mapping=locate(starts[0], len(signs[0])), help=help_)


def _either(text: str, *spans: tuple[int, int]) -> str:
    """The template without these signs, and with each of them said as a text."""
    without, said = text, text
    for begin, end in reversed(spans):
        without = without[:begin] + without[end:]
        said = f"{said[:begin]}{{{{ {template_text(said[begin:end])} }}}}{said[end:]}"
    if not repeatable(said):
        sign = template_text(text[slice(*spans[0])])
        return f"take it away ;  if it is meant, write  {{{{ {sign} }}}}  for it"
    return f"write  {yaml_quoted(without.strip())} ;  if it is meant,  {yaml_quoted(said)}"
