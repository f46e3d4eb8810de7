"""Account, record and other running numbers, as delivered → as Alma or the register has them."""

from __future__ import annotations

import regex

from etl.plugin import BadArgument, BadValue
from etl.template.filters.arguments import one_of, whole_number, words
from etl.template.filters.incoming import bounded, kind_of, text_of
from etl.values.quoting import quoted
from etl.values.spreadsheet import refuse_decimal, refuse_scientific

_SCHEMES = ("btj", "plain")
_PREFIXED = regex.compile(r"\(?(?P<source>SwLnBT|SE-LIBR|LIBRIS)\)?[\s:]*(?P<number>.*)", regex.IGNORECASE)


def account(value: str | int | None, scheme: str) -> str | None:
    """The customer number at a vendor.

    `scheme`: `btj` (digits only, exactly eight; a seven-digit number has lost its leading zero in a
    spreadsheet and gets it back) or `plain` (as it stands, without blanks around it).

    >>> account("1234-000", "btj")
    '01234000'
    >>> account(" hbg-217 ", "plain")
    'hbg-217'
    >>> account("123456", "btj")
    Traceback (most recent call last):
    etl.plugin.BadValue: BTJ account "123456" has 6 digits, not 8
    """
    known = one_of(scheme, "account scheme", _SCHEMES)
    text = text_of(value, "account")
    if text is None:
        return None
    refuse_scientific(text)
    if known == "plain":
        return text.strip()
    refuse_decimal(text)  # "1234000.0" has eight digits, and the last is not the customer's
    digits = regex.sub(r"[^0-9]", "", text)
    if len(digits) not in (7, 8):
        raise BadValue("E432", f"BTJ account {quoted(text)} has {len(digits)} digits, not 8")
    return digits.rjust(8, "0")


def pad_left(value: str | int | None, width: int, fill: str = "0") -> str | None:
    """The text filled up on the left to `width` characters; a longer text stays as it is.

    `width`: 1 to 1000. `fill`: one character.

    >>> pad_left("217", 6)
    '000217'
    >>> pad_left(12345678, 8)
    '12345678'
    >>> pad_left("2,17E+05", 8)
    Traceback (most recent call last):
    etl.plugin.BadValue: "2,17E+05" is a number that a spreadsheet has rounded
    """
    whole_number(width, "width", 1, 1000)
    if len(words(fill, "fill")) != 1:
        raise BadArgument(f"fill must be one character, not {quoted(fill)}")
    text = text_of(value, "pad_left")
    if text is None:
        return None
    refuse_scientific(text)
    return bounded(text.strip().rjust(width, fill), "pad_left")


def system_number(value: str | int | None, record_supplier: object) -> str | None:
    """The external number of a catalogue record as `system_control_number` wants it, for matching.

    `record_supplier`: whose number it is, `BURK` or `LIBRIS` (any case), usually a column. For any
    other, or none, the number is left out: it would match records of somebody else. A prefix that is
    there already is not doubled.

    >>> system_number("23456789", "BURK")
    'SwLnBT23456789'
    >>> system_number("8452921", "Libris")
    '(SE-LIBR)8452921'
    >>> system_number("8452921", "") is None
    True
    >>> system_number("(SE-LIBR)8452921", "BURK")
    Traceback (most recent call last):
    etl.plugin.BadValue: record number "(SE-LIBR)8452921" is not one of BURK
    """
    if record_supplier is not None and not isinstance(record_supplier, str):
        raise BadArgument(f"record_supplier must be text, not {kind_of(record_supplier)}")
    supplier = (record_supplier or "").strip().upper()
    text = text_of(value, "system_number")
    if text is None or supplier not in ("BURK", "LIBRIS"):
        return None
    refuse_scientific(text)
    number = text.strip()
    if prefixed := _PREFIXED.fullmatch(number):
        number = prefixed["number"]
        if (prefixed["source"].upper() == "SWLNBT") != (supplier == "BURK"):
            raise BadValue("E433", f"record number {quoted(text)} is not one of {supplier}")
    if not number:
        raise BadValue("E433", f"record number {quoted(text)} is a prefix without a number")
    return bounded(("SwLnBT" if supplier == "BURK" else "(SE-LIBR)") + number, "system_number")
