"""What no column read → the fields that say that the line is no new order, or that its copies are none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from connectors.layouts.unreadable import shown
from etl.plugin import DataPlace, Problem, Severity
from etl.values.counting_words import words_beside

_STATUS = re.compile(r"(?:order|line|item|rad|orderrad|orderline)?(?:status|state|action|function|åtgärd)")
_CANCELLED = re.compile(r"cancel|annul|makul|avbest|delete|withdraw|void|struken|rejected|returned")
_UNIT = re.compile(r".*(?:unit|uom|unitofmeasure|enhet|packning)")
_NO = re.compile(r"(?:0|n|no|nej|false|none|null|-)?")
_PARTS = re.compile(r"[/.@]")
_BETWEEN = re.compile(r"[\s_-]")


def other_orders(unread: Mapping[str, str], place: DataPlace) -> Iterator[Problem]:
    """Of fields by the vendor's names, an attribute as Order/@status. All hold: E304 a line that is
    cancelled, E427 one whose unit is no single copy.
    """
    for name, text in unread.items():
        last = _BETWEEN.sub("", _PARTS.split(name)[-1].casefold())
        said = text.strip().casefold()
        exact = DataPlace(place.file, place.record, place.line, place.offset, name)
        help_ = f'ask the vendor, or say under source why it goes unused:  ignore: {{"{name}": …}}'
        by_name = _CANCELLED.match(last) and not _NO.fullmatch(said)
        if by_name or (_STATUS.fullmatch(last) and _CANCELLED.search(said)):
            told = f"{name} is {shown(text)}: the line is cancelled, no new order"
            yield Problem("E304", told, Severity.HOLD, data=exact, help=help_)
        elif _UNIT.fullmatch(last) and words_beside("1", f"1 {said}"):
            told = f"it is not known that the copies are single ones: {name} is {shown(text)}"
            yield Problem("E427", told, Severity.HOLD, data=exact, help=help_)
