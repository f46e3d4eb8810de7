"""The guards of a mapping → limits that no run could keep to, or that would hold every order."""

from __future__ import annotations

import re

from etl.documents.code_tables import table
from etl.documents.likely_codes import likely
from etl.problems import MappingPlace, Problem
from etl.spec.model import GuardsSection
from etl.values.currency_marks import FAMILIES, SPELLINGS
from etl.yaml_tree import Mapping, Node, Scalar, find

_SHARE = re.compile(r"(?P<number>\d++(?:[.,]\d++)?)\s*+(?P<percent>%|per\s?cent|procent|pct)?", re.IGNORECASE)
_USUAL = {"kr": "SEK", "dollar": "USD", "pound": "GBP", "yen": "JPY"}


def guard_problems(guards: GuardsSection, tree: Mapping) -> list[Problem]:
    """E109: a currency that is none (every order would be held), money below 0, a share above 100%."""
    totals = find(tree, ("guards", "max_total"))
    problems = []
    for code, most in guards.max_total.items():
        place = totals.key_place(code) if isinstance(totals, Mapping) else totals.place()
        if code not in table("currency"):
            problems.append(_no_currency(code, place, totals))
        elif most < 0:
            said = f'"{code}" is {most}: no run keeps below 0'
            problems.append(Problem("E109", said, mapping=place, help=f"write  {code}: {-most}"))
    limit = guards.max_rejected or ""
    if limit.endswith("%") and float(limit[:-1]) > 100:
        place = find(tree, ("guards", "max_rejected")).place(len(limit))
        said = f'"max_rejected" is "{limit}": more than all records cannot be rejected'
        number = limit[:-1].partition(".")[0]
        help_ = f"a share is at most 100%; of records a number: write  max_rejected: {number}"
        problems.append(Problem("E109", said, mapping=place, help=help_))
    return problems


def _no_currency(code: str, place: MappingPlace, totals: Node) -> Problem:
    shared = FAMILIES.get(code.casefold())
    spelt = SPELLINGS.get(code.casefold())
    near = (spelt,) if spelt else likely(code, "currency")
    value = find(totals, (code,))
    most = value.text if isinstance(value, Scalar) else "…"
    help_ = f'did you mean "{near[0]}"?  write  {near[0]}: {most}' if near else f"write  SEK: {most}"
    if shared:
        usual = _USUAL[shared]
        help_ = f"several currencies are called so: say which by its three letters, or write  {usual}: {most}"
    said = f'"{code}" is no currency of ISO 4217: every order would be held, for none is in it'
    return Problem("E109", said, mapping=place, help=help_)


def share_as_meant(written: str) -> str | None:
    """How a share or number of rejected records is written, if it is one otherwise written.

    >>> share_as_meant("2 %"), share_as_meant("2,5 procent"), share_as_meant("few")
    ('2%', '2.5%', None)
    """
    found = _SHARE.fullmatch(written.strip())
    if found is None:
        return None
    return found["number"].replace(",", ".") + ("%" if found["percent"] else "")
