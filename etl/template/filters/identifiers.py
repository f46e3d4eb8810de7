"""Standard numbers other than ISBN, as written → as verified."""

from __future__ import annotations

from types import ModuleType

import regex
from stdnum import ean as ean_standard
from stdnum import ismn as ismn_standard
from stdnum import issn as issn_standard
from stdnum.exceptions import InvalidChecksum, ValidationError

from etl.plugin import BadValue
from etl.template.filters.incoming import quoted, text_of
from etl.template.filters.spelling import plain_dashes
from etl.template.filters.spreadsheet import refuse_decimal, refuse_scientific

_QUALIFIER = regex.compile(r"[(\[:;=].*", regex.DOTALL)


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
    number = _verified(value, "issn", "ISSN", issn_standard, r"[0-9]{7}[0-9X]")
    return None if number is None else f"{number[:4]}-{number[4:]}"


def ean(value: str | None) -> str | None:
    """The article number under a bar code (EAN/GTIN of 8, 12, 13 or 14 digits), check digit verified.

    >>> ean("7 310865 004703")
    '7310865004703'
    >>> ean("7310865004704")
    Traceback (most recent call last):
    etl.plugin.BadValue: EAN "7310865004704" has the wrong check digit
    """
    return _verified(value, "ean", "EAN", ean_standard, r"[0-9]{8}|[0-9]{12,14}")


def ismn(value: str | None) -> str | None:
    """The number of printed music (ISMN) as 13 digits, also from its old form with M.

    >>> ismn("M-2306-7118-7")
    '9790230671187'
    >>> ismn("979-0-2306-7118-8")
    Traceback (most recent call last):
    etl.plugin.BadValue: ISMN "979-0-2306-7118-8" has the wrong check digit
    """
    number = _verified(value, "ismn", "ISMN", ismn_standard, r"M[0-9]{9}|9790[0-9]{9}")
    return None if number is None else str(ismn_standard.to_ismn13(number))


def _verified(value: object, filter_name: str, title: str, standard: ModuleType, form: str) -> str | None:
    """The number without separators. Raises E408 for what has not the form, E409 for a wrong check digit."""
    text = text_of(value, filter_name)
    if text is None:
        return None
    plain = plain_dashes(text).strip()
    refuse_scientific(plain)
    refuse_decimal(plain)
    bare = regex.sub(rf"^{title}[\s:]*", "", _QUALIFIER.sub("", plain).rstrip(), flags=regex.IGNORECASE)
    number = regex.sub(r"[ -]", "", bare).upper()
    if not regex.fullmatch(form, number):
        raise BadValue("E408", f"not an {title}: {quoted(text)}")
    try:
        return str(standard.validate(number))
    except InvalidChecksum:
        raise BadValue(
            "E409", f"{title} {quoted(text)} has the wrong check digit", "a digit is mistyped or missing"
        ) from None
    except ValidationError:
        raise BadValue("E408", f"not an {title}: {quoted(text)}") from None
