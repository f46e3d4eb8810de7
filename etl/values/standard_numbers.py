"""ISSN, EAN and ISMN as written → the number without separators, verified."""

from __future__ import annotations

from types import ModuleType
from typing import NamedTuple

import regex
from stdnum import ean, ismn, issn
from stdnum.exceptions import InvalidChecksum, ValidationError

from etl.plugin import BadValue
from etl.values.quoting import quoted
from etl.values.spelling import plain_dashes
from etl.values.spreadsheet import refuse_decimal, refuse_scientific

_QUALIFIER = regex.compile(r"[(\[:;=].*", regex.DOTALL)


class Standard(NamedTuple):
    """One kind of number: its name, who knows its check digit, what may stand before it, its form."""

    title: str
    module: ModuleType
    prefix: regex.Pattern[str]
    form: regex.Pattern[str]


ISSN = Standard("ISSN", issn, regex.compile(r"(?i)ISSN[\s:]*"), regex.compile(r"[0-9]{7}[0-9X]"))
EAN = Standard("EAN", ean, regex.compile(r"(?i)EAN[\s:]*"), regex.compile(r"[0-9]{8}|[0-9]{12,14}"))
ISMN = Standard("ISMN", ismn, regex.compile(r"(?i)ISMN[\s:]*"), regex.compile(r"M[0-9]{9}|9790[0-9]{9}"))


def standard_number(text: str, standard: Standard) -> str:
    """The number without separators. Raises BadValue E408 for what has not the form, E409 for a wrong check
    digit, E404 for what a spreadsheet has spoilt.

    >>> standard_number("EAN 7 310865 004703", EAN)
    '7310865004703'
    """
    plain = plain_dashes(text).strip()
    refuse_scientific(plain)
    refuse_decimal(plain)
    bare = _QUALIFIER.sub("", plain).rstrip()
    said = standard.prefix.match(bare)
    number = regex.sub(r"[ -]", "", bare[said.end() if said else 0 :]).upper()
    if not standard.form.fullmatch(number):
        raise BadValue("E408", f"not an {standard.title}: {quoted(text)}")
    try:
        return str(standard.module.validate(number))
    except InvalidChecksum:
        told = f"{standard.title} {quoted(text)} has the wrong check digit"
        raise BadValue("E409", told, "a digit is mistyped or missing") from None
    except ValidationError:
        raise BadValue("E408", f"not an {standard.title}: {quoted(text)}") from None


def thirteen_of_music(number: str) -> str:
    """An ISMN in its form of 13 digits, also from the old one with M."""
    return str(ismn.to_ismn13(number))
