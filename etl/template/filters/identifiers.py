"""Standard numbers other than ISBN, as written → as verified."""

from __future__ import annotations

from etl.template.filters.incoming import text_of
from etl.values.standard_numbers import EAN, ISMN, ISSN, Standard, standard_number, thirteen_of_music


def issn(value: str | None) -> str | None:
    """The ISSN with its hyphen, check digit verified.

    >>> issn("ISSN 0028-0836 (print)")
    '0028-0836'
    >>> issn("00280836")
    '0028-0836'
    >>> issn("0028-0837")
    Traceback (most recent call last):
    etl.plugin.BadValue: ISSN "0028-0837" has the wrong check digit
    """
    number = _verified(value, "issn", ISSN)
    return None if number is None else f"{number[:4]}-{number[4:]}"


def ean(value: str | None) -> str | None:
    """The article number under a bar code (EAN/GTIN of 8, 12, 13 or 14 digits), check digit verified.

    >>> ean("7 310865 004703")
    '7310865004703'
    >>> ean("7310865004704")
    Traceback (most recent call last):
    etl.plugin.BadValue: EAN "7310865004704" has the wrong check digit
    """
    return _verified(value, "ean", EAN)


def ismn(value: str | None) -> str | None:
    """The number of printed music (ISMN) as 13 digits, also from its old form with M.

    >>> ismn("M-2306-7118-7")
    '9790230671187'
    >>> ismn("979-0-2306-7118-8")
    Traceback (most recent call last):
    etl.plugin.BadValue: ISMN "979-0-2306-7118-8" has the wrong check digit
    """
    number = _verified(value, "ismn", ISMN)
    return None if number is None else thirteen_of_music(number)


def _verified(value: object, filter_name: str, standard: Standard) -> str | None:
    text = text_of(value, filter_name)
    return None if text is None else standard_number(text, standard)
